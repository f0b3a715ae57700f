"""Taking documents in, running them again, throwing them away."""

from __future__ import annotations

import hashlib
import logging
import shutil
import uuid
from pathlib import Path

from fastapi import UploadFile

from docdesk.context import Desk
from docdesk.models import Document, Status
from docdesk.store import utc_now

log = logging.getLogger(__name__)


def is_pdf_name(filename: str) -> bool:
    return Path(filename).suffix.lower() == ".pdf"


async def receive(desk: Desk, file: UploadFile) -> Document:
    """Keep an upload and register it; a file we already have is not stored again."""
    content = await file.read()
    sha256 = hashlib.sha256(content).hexdigest()
    known = desk.store.find_by_hash(sha256)
    if known is not None:
        return known

    document_id = uuid.uuid4().hex
    filename = file.filename or "document.pdf"
    path = store_upload(desk.settings.upload_dir / document_id, filename, content)
    now = utc_now()
    document = Document(
        id=document_id,
        filename=filename,
        path=str(path),
        sha256=sha256,
        size=len(content),
        status=Status.UPLOADED,
        created_at=now,
        updated_at=now,
    )
    desk.store.add_document(document)
    desk.journal.record("uploaded", document_id, filename=filename, size=len(content))
    return document


def store_upload(directory: Path, filename: str, content: bytes) -> Path:
    """Write the upload under the name it came with, in a directory of its own."""
    directory.mkdir(parents=True)
    path = directory / filename
    path.write_bytes(content)
    return path


def reprocess(desk: Desk, document_id: str) -> None:
    """Run the pipeline from the start."""
    desk.journal.record("reprocessed", document_id)
    desk.pipeline.process(document_id)


def discard(desk: Desk, document: Document) -> None:
    """Remove a document with all its files. What cannot be removed now, the retention will."""
    desk.store.delete_document(document.id)
    desk.checkpoints.clear(document.id)
    for directory in (desk.settings.upload_dir, desk.settings.image_dir):
        try:
            shutil.rmtree(directory / document.id)
        except FileNotFoundError:
            continue
        except OSError as exc:
            log.warning("could not remove the files of %s: %s", document.id, exc)
    desk.journal.record("deleted", document.id, filename=document.filename)
