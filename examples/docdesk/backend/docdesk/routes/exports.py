"""Sending documents to Label Studio."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter, HTTPException

from docdesk.context import DeskDep
from docdesk.models import BatchExport, ExportResult, Status
from docdesk.routes.documents import find_document
from docdesk.services import exporting

log = logging.getLogger(__name__)
router = APIRouter(tags=["exports"])


@router.post("/documents/{document_id}/export")
async def export_document(desk: DeskDep, document_id: str) -> ExportResult:
    """Send one document to Label Studio."""
    document = find_document(desk, document_id)
    if document.status not in (Status.READY, Status.EXPORTED):
        raise HTTPException(409, f"The document is {document.status.value}, not ready")
    return exporting.export_document(desk, document)


@router.post("/exports")
def export_batch(desk: DeskDep, batch: BatchExport) -> dict[str, Any]:
    """Send several documents, in the order they were picked."""
    exported: list[ExportResult] = []
    for document_id in batch.document_ids:
        document = desk.store.get_document(document_id)
        if document is None:
            continue
        try:
            exported.append(exporting.export_document(desk, document))
        except Exception as exc:
            log.exception("export of %s failed", document_id)
            return {"error": str(exc), "exported": exported}
    return {"exported": exported}
