"""Start-up, health and settings of a service."""
