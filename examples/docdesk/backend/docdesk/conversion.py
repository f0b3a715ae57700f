"""Reading a PDF with Docling: layout, tables and text, page by page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docdesk.settings import Settings

if TYPE_CHECKING:
    from docling.document_converter import DocumentConverter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Converted:
    """What Docling made of a file."""

    markdown: str
    pages: list[str]


def build_converter(settings: Settings) -> DocumentConverter:
    """A converter set up for our scans: tables on, Docling's own OCR off, we have a better one."""
    from docling.datamodel.accelerator_options import AcceleratorOptions
    from docling.datamodel.base_models import InputFormat
    from docling.datamodel.pipeline_options import PdfPipelineOptions
    from docling.document_converter import DocumentConverter, PdfFormatOption

    options = PdfPipelineOptions(artifacts_path=settings.models_path)
    options.do_ocr = False
    options.do_table_structure = True
    options.accelerator_options = AcceleratorOptions(num_threads=4, device=settings.device)
    log.info("loading docling models on %s", settings.device)
    return DocumentConverter(format_options={InputFormat.PDF: PdfFormatOption(pipeline_options=options)})


def convert_file(path: Path, settings: Settings) -> Converted:
    """Convert one PDF and split the markdown by page."""
    converter = build_converter(settings)
    document = converter.convert(path).document
    pages = [document.export_to_markdown(page_no=number) for number in range(1, document.num_pages() + 1)]
    return Converted(markdown=document.export_to_markdown(), pages=pages)
