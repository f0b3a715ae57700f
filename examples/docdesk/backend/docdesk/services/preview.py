"""A look at a file that is not kept."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path

from pydantic import BaseModel

from docdesk.conversion import convert_file
from docdesk.rendering import count_pages, render_first_page
from docdesk.settings import Settings


class Preview(BaseModel):
    """What the desk would make of a file."""

    pages: int
    markdown: str
    first_page: str


def preview_upload(content: bytes, settings: Settings) -> Preview:
    """Convert an upload in a temporary file and describe the result."""
    scratch = tempfile.NamedTemporaryFile(suffix=".pdf", delete=False)
    scratch.write(content)
    scratch.close()
    preview = preview_file(Path(scratch.name), settings)
    os.remove(scratch.name)
    return preview


def preview_file(path: Path, settings: Settings) -> Preview:
    pages = count_pages(path)
    converted = convert_file(path, settings)
    with tempfile.TemporaryDirectory() as directory:
        picture = render_first_page(path, Path(directory) / "first.png")
        first_page = base64.b64encode(picture.read_bytes()).decode("ascii")
    return Preview(pages=pages, markdown=converted.markdown, first_page=first_page)
