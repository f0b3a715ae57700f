"""One module per command of the terminal: its arguments, and what it does."""
