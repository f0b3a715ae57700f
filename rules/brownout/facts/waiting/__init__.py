"""How long code may wait, and who says so."""
