"""The editor's door: a language server."""
