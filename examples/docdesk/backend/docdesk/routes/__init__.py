"""What the browser can ask for."""
