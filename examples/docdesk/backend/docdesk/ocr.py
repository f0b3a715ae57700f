"""The OCR fallback, for pages on which Docling found next to no text."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

log = logging.getLogger(__name__)


def read_image(path: Path, language: str) -> str:
    """The text on a picture."""
    import pytesseract

    return pytesseract.image_to_string(str(path), lang=language, config="--psm 1").strip()


def read_orientation(path: Path) -> int:
    """By how many degrees a page is turned; 0 when Tesseract cannot tell."""
    import pytesseract

    try:
        found = pytesseract.image_to_osd(str(path), output_type=pytesseract.Output.DICT, timeout=15)
    except (pytesseract.TesseractError, RuntimeError) as exc:
        log.info("no orientation for %s: %s", path.name, exc)
        return 0
    return int(found["rotate"])


def tesseract_version() -> str | None:
    """The first line of ``tesseract --version``, or nothing when it is not installed."""
    try:
        result = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.splitlines()[0] if result.stdout else None
