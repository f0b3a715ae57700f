"""Stand-ins for the heavy libraries: the same names, and just enough behaviour for the tests.

A "PDF" is ``%PDF-`` followed by its pages, separated by form feeds.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


def split_pages(path: Any) -> list[str]:
    """The pages of one of our pretended PDFs."""
    return Path(path).read_text(encoding="utf-8").removeprefix("%PDF-").split("\f")


def module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(contents)
    sys.modules[name] = made
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, made)
    return made


# Docling


class ConversionError(RuntimeError):
    pass


class Options(SimpleNamespace):
    """Takes whatever options it is given."""


class DoclingDocument:
    def __init__(self, pages: list[str]) -> None:
        self.pages = dict(enumerate(pages, start=1))

    def num_pages(self, **kwargs: Any) -> int:
        return len(self.pages)

    def export_to_markdown(self, page_no: int | None = None, **kwargs: Any) -> str:
        return self.pages[page_no] if page_no else "\n\n".join(self.pages.values())


class DocumentConverter:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.options = kwargs

    def convert(self, source: Any, **kwargs: Any) -> SimpleNamespace:
        return SimpleNamespace(document=DoclingDocument(split_pages(source)), status="success")


def install_docling() -> None:
    module("docling")
    module("docling.exceptions", ConversionError=ConversionError)
    module("docling.datamodel")
    module("docling.datamodel.accelerator_options", AcceleratorOptions=Options)
    module("docling.datamodel.base_models", InputFormat=SimpleNamespace(PDF="pdf"))
    module("docling.datamodel.pipeline_options", PdfPipelineOptions=Options)
    module("docling.document_converter", DocumentConverter=DocumentConverter, PdfFormatOption=Options)


# pdf2image


class PageImage:
    def __init__(self, text: str) -> None:
        self.text = text

    def save(self, target: Any, format: str = "PNG", **kwargs: Any) -> None:
        data = b"PNG:" + self.text.encode()
        if hasattr(target, "write"):
            target.write(data)
        else:
            Path(target).write_bytes(data)

    def close(self) -> None:
        pass


def convert_from_path(
    path: Any, dpi: int = 200, first_page: int | None = None, last_page: int | None = None, **kwargs: Any
) -> list[PageImage]:
    return [PageImage(text) for text in split_pages(path)[(first_page or 1) - 1 : last_page]]


def pdfinfo_from_path(path: Any, **kwargs: Any) -> dict[str, Any]:
    return {"Pages": len(split_pages(path))}


def install_pdf2image() -> None:
    module("pdf2image", convert_from_path=convert_from_path, pdfinfo_from_path=pdfinfo_from_path)
    names = ("PDFInfoNotInstalledError", "PDFPageCountError", "PDFSyntaxError", "PDFPopplerTimeoutError")
    module("pdf2image.exceptions", **{name: type(name, (Exception,), {}) for name in names})


# OpenCV


class Mat:
    shape = (200, 100, 1)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def tobytes(self) -> bytes:
        return self.data


def imread(path: str, *args: Any, **kwargs: Any) -> Mat | None:
    return Mat(Path(path).read_bytes()) if Path(path).exists() else None


def imwrite(path: str, image: Mat, *args: Any, **kwargs: Any) -> bool:
    Path(path).write_bytes(image.data)
    return True


def install_cv2() -> None:
    module(
        "cv2",
        IMREAD_GRAYSCALE=0,
        THRESH_BINARY=0,
        THRESH_OTSU=8,
        error=type("error", (Exception,), {}),
        imread=imread,
        imwrite=imwrite,
        fastNlMeansDenoising=lambda image, *args, **kwargs: image,
        threshold=lambda image, *args, **kwargs: (127.0, image),
        resize=lambda image, *args, **kwargs: image,
        imencode=lambda suffix, image, *args, **kwargs: (True, image),
    )


# pytesseract


class TesseractError(RuntimeError):
    pass


class TesseractNotFoundError(EnvironmentError):
    pass


def install_pytesseract() -> None:
    module(
        "pytesseract",
        Output=SimpleNamespace(DICT="dict"),
        TesseractError=TesseractError,
        TesseractNotFoundError=TesseractNotFoundError,
        image_to_string=lambda image, **kwargs: f"read by OCR: {Path(image).name}\n",
        image_to_osd=lambda image, **kwargs: {"rotate": 0},
    )


# Label Studio


class LabelServer:
    """What a Label Studio server would remember."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.projects: list[SimpleNamespace] = []
        self.tasks: list[SimpleNamespace] = []


label_server = LabelServer()


class Projects:
    def list(self, **kwargs: Any) -> list[SimpleNamespace]:
        return label_server.projects

    def create(self, *, title: str, **kwargs: Any) -> SimpleNamespace:
        label_server.projects.append(SimpleNamespace(id=len(label_server.projects) + 7, title=title))
        return label_server.projects[-1]

    def import_tasks(self, id: int, *, request: Any, **kwargs: Any) -> SimpleNamespace:
        for task in request:
            number = len(label_server.tasks) + 1
            label_server.tasks.append(SimpleNamespace(id=number, project=id, data=task["data"], annotations=[]))
        return SimpleNamespace(task_count=len(request))


class Tasks:
    def list(self, *, project: int, **kwargs: Any) -> list[SimpleNamespace]:
        return [task for task in label_server.tasks if task.project == project]


class LabelStudio:
    def __init__(self, **kwargs: Any) -> None:
        self.projects = Projects()
        self.tasks = Tasks()


class ApiError(Exception):
    pass


def install_label_studio() -> None:
    module("label_studio_sdk", LabelStudio=LabelStudio)
    module("label_studio_sdk.core")
    module("label_studio_sdk.core.api_error", ApiError=ApiError)


def install() -> None:
    """Put all stand-ins where the imports will find them."""
    install_docling()
    install_pdf2image()
    install_cv2()
    install_pytesseract()
    install_label_studio()
