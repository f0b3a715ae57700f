"""Facts about a project: what calls do, where code runs, how long it may wait, what guards stand around it."""
