"""What is tried again when it fails, how often, and after which pause."""
