"""Databases: connections, transactions, locks, and rows that say how far work has come."""
