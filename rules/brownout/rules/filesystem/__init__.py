"""The file system: full disks, torn writes, files left behind."""
