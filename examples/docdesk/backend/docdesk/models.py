"""The shapes that travel between the store, the pipeline and the browser."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field


class Status(StrEnum):
    """Where a document is on its way through the desk."""

    UPLOADED = "uploaded"
    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    EXPORTED = "exported"
    FAILED = "failed"


class Document(BaseModel):
    """One uploaded file."""

    id: str
    filename: str
    path: str
    sha256: str
    size: int
    status: Status
    page_count: int = 0
    label_project_id: int | None = None
    created_at: str
    updated_at: str


class Page(BaseModel):
    """One page of a document: its text and the picture of it."""

    document_id: str
    number: int
    text: str
    image_path: str


class PageText(BaseModel):
    """What the editor sends back after somebody corrected a page."""

    text: str = Field(max_length=200_000)


class Progress(BaseModel):
    """One step forward, as the browser is told about it."""

    document_id: str
    stage: str
    percent: int
    message: str = ""


class ExportResult(BaseModel):
    """What became of a document that was sent to Label Studio."""

    document_id: str
    project_id: int
    tasks: int


class BatchExport(BaseModel):
    """Several documents to send in one go."""

    document_ids: list[str] = Field(max_length=100)
