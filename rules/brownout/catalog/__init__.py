"""What libraries do, told once: a page per library in `libraries/`, named after the package's first import word."""

from brownout.catalog.entries import ClassPage, Effect, Entry, Offload, Timeout
from brownout.catalog.load import Catalog

__all__ = ["Catalog", "ClassPage", "Effect", "Entry", "Offload", "Timeout"]
