"""The version, in a module that imports nothing: who asks only for it waits for nothing else."""

__version__ = "0.1.0"
