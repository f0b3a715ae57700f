"""What the annotators made of the pages."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter

from docdesk.context import DeskDep
from docdesk.routes.documents import find_document
from docdesk.services import exporting

router = APIRouter(tags=["annotations"])


@router.post("/annotations/sync")
def sync_annotations(desk: DeskDep) -> dict[str, int]:
    """Fetch all annotations from Label Studio."""
    return {"annotations": exporting.fetch_annotations(desk)}


@router.get("/documents/{document_id}/annotations")
def list_annotations(desk: DeskDep, document_id: str) -> list[dict[str, Any]]:
    find_document(desk, document_id)
    rows = desk.store.list_annotations(document_id)
    return [{"page": row["page_number"], "results": json.loads(row["payload"])} for row in rows]


@router.get("/journal")
def journal(desk: DeskDep, count: int = 50) -> list[dict[str, Any]]:
    """The last things that happened at the desk."""
    return desk.journal.tail(min(count, 500))
