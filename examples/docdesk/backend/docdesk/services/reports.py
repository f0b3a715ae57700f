"""CSV reports of a document, for people who would rather have a spreadsheet."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path

from docdesk.models import Document, Page


def write_report(directory: Path, document: Document, pages: list[Page]) -> Path:
    """Write the report next to its final place and move it there when it is complete."""
    target = directory / f"{document.id}.csv"
    handle, scratch = tempfile.mkstemp(dir=directory, suffix=".csv.part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as output:
            writer = csv.writer(output)
            writer.writerow(["document", "page", "characters", "text"])
            for page in pages:
                writer.writerow([document.filename, page.number, len(page.text), page.text])
        os.replace(scratch, target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    return target
