"""Uploading, listing and removing documents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, HTTPException, UploadFile

from docdesk.context import Desk, DeskDep
from docdesk.models import Document, Status
from docdesk.services import intake, preview

router = APIRouter(prefix="/documents", tags=["documents"])


def find_document(desk: Desk, document_id: str) -> Document:
    """The document, or a 404."""
    document = desk.store.get_document(document_id)
    if document is None:
        raise HTTPException(404, "There is no such document")
    return document


@router.post("", status_code=201)
async def upload_document(desk: DeskDep, file: Annotated[UploadFile, File()]) -> Document:
    """Take a PDF in and queue it; the same file twice is the same document."""
    if not intake.is_pdf_name(file.filename or ""):
        raise HTTPException(415, "Only PDF files, please")
    document = await intake.receive(desk, file)
    if document.status == Status.UPLOADED:
        desk.worker.submit(document.id)
    return document


@router.get("")
def list_documents(desk: DeskDep, status: Status | None = None, limit: int = 100) -> list[Document]:
    return desk.store.list_documents(status, min(limit, 500))


@router.post("/preview")
async def preview_document(desk: DeskDep, file: Annotated[UploadFile, File()]) -> preview.Preview:
    """Show what the desk would make of a file, without keeping it."""
    content = await file.read()
    return preview.preview_upload(content, desk.settings)


@router.get("/{document_id}")
def get_document(desk: DeskDep, document_id: str) -> Document:
    return find_document(desk, document_id)


@router.post("/{document_id}/reprocess")
async def reprocess_document(desk: DeskDep, document_id: str) -> Document:
    """Run the whole pipeline again, right now, and answer when it is done."""
    find_document(desk, document_id)
    desk.checkpoints.clear(document_id)
    intake.reprocess(desk, document_id)
    return find_document(desk, document_id)


@router.delete("/{document_id}", status_code=204)
def delete_document(desk: DeskDep, document_id: str) -> None:
    intake.discard(desk, find_document(desk, document_id))
