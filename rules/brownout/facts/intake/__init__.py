"""What clients send: bodies, names, documents, pictures."""
