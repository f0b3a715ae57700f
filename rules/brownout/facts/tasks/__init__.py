"""Work beside the caller: tasks, threads, queues, batches, and what they pile up."""
