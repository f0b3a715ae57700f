"""Databases: locks, durability, and work that is half done."""
