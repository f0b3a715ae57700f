"""The network: waits without end, and connections that go away."""
