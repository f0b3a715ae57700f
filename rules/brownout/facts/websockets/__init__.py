"""WebSockets: who is connected, what is sent to them, and how they end."""
