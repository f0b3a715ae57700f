"""A document desk: upload, read, render, label."""

__version__ = "0.4.0"
