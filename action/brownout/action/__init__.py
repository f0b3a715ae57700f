"""GitHub's door: the Action. Everything that it is told comes through the environment; it never runs checked code."""
