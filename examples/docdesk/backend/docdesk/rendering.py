"""Pictures of the pages: Poppler draws them, OpenCV cleans them up."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import tempfile
from pathlib import Path

log = logging.getLogger(__name__)

THUMBNAIL_WIDTH = 240


def count_pages(path: Path) -> int:
    """Ask Poppler how many pages a PDF has."""
    result = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True)
    match = re.search(r"^Pages:\s+(\d+)", result.stdout, re.MULTILINE)
    return int(match.group(1)) if match else 0


def render_pages(path: Path, target: Path, dpi: int = 200) -> list[Path]:
    """Render every page of a PDF to a cleaned-up PNG in the target directory."""
    from pdf2image import convert_from_path

    target.mkdir(parents=True, exist_ok=True)
    images = convert_from_path(path, dpi=dpi)
    rendered: list[Path] = []
    for number, image in enumerate(images, start=1):
        scratch = tempfile.NamedTemporaryFile(suffix=".png", delete=False)
        image.save(scratch, format="PNG")
        scratch.close()
        output = target / f"page-{number:04d}.png"
        clean_up(Path(scratch.name), output)
        os.unlink(scratch.name)
        rendered.append(output)
    log.info("rendered %d pages of %s", len(rendered), path.name)
    return rendered


def render_first_page(path: Path, output: Path) -> Path:
    """A quick look at the first page, small enough for a list."""
    from pdf2image import convert_from_path

    images = convert_from_path(path, dpi=72, first_page=1, last_page=1, timeout=20)
    images[0].save(output, format="PNG")
    return output


def clean_up(source: Path, output: Path) -> None:
    """Grey, denoise and binarise a scan, which makes the OCR a good deal better."""
    import cv2

    image = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
    image = cv2.fastNlMeansDenoising(image, h=10)
    _, image = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    cv2.imwrite(str(output), image)


def make_thumbnail(source: Path) -> bytes:
    """A page, scaled down to a thumbnail and encoded as PNG."""
    import cv2

    image = cv2.imread(str(source))
    if image is None:
        raise ValueError(f"{source.name} is not a readable image")
    height, width = image.shape[:2]
    scaled = cv2.resize(image, (THUMBNAIL_WIDTH, max(1, height * THUMBNAIL_WIDTH // width)))
    ok, encoded = cv2.imencode(".png", scaled)
    if not ok:
        raise ValueError(f"{source.name} could not be encoded")
    return encoded.tobytes()
