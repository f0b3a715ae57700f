"""One file as tables: what stands in it, by symbolic names only, without knowledge of libraries or of other files."""
