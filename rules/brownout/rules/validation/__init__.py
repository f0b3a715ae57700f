"""Input validation: what clients send."""
