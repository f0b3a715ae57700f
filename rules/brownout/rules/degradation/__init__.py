"""Degradation: what the service tells, and what it keeps to itself, when something fails."""
