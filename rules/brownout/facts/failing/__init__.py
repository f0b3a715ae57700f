"""Failures: where they come from, who stops them, and what becomes of them."""
