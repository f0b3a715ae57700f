"""A tree on disk, or an editor's buffers, as sources for the engine: the only package that reads files and settings."""
