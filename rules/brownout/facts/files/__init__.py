"""Files: who owns them, how they are written, and what is left of them."""
