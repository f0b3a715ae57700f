"""What happens between a route and the parts of the desk."""
