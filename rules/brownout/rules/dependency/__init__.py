"""External dependencies: what happens when something that the service calls is slow, gone or wrong."""
