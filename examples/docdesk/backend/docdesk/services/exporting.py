"""Between the store and Label Studio."""

from __future__ import annotations

import json
import logging

from docdesk.context import Desk
from docdesk.labeling import LabelStudioExporter
from docdesk.models import Document, ExportResult, Status
from docdesk.store import utc_now

log = logging.getLogger(__name__)


def export_document(desk: Desk, document: Document) -> ExportResult:
    """Send a document to Label Studio and mark it, both or neither."""
    exporter = LabelStudioExporter(desk.settings)
    pages = desk.store.list_pages(document.id)
    with desk.store.transaction() as connection:
        connection.execute(
            "UPDATE documents SET status = ?, updated_at = ? WHERE id = ?",
            (Status.EXPORTED.value, utc_now(), document.id),
        )
        project_id = exporter.project_id()
        tasks = exporter.push(project_id, document, pages)
        connection.execute("UPDATE documents SET label_project_id = ? WHERE id = ?", (project_id, document.id))
    desk.journal.record("exported", document.id, project_id=project_id, tasks=tasks)
    desk.notifier.document_exported(document, project_id)
    return ExportResult(document_id=document.id, project_id=project_id, tasks=tasks)


def fetch_annotations(desk: Desk) -> int:
    """Copy the annotations of all our tasks into the store; returns how many there are."""
    exporter = LabelStudioExporter(desk.settings)
    tasks = exporter.annotated_tasks(exporter.project_id())
    count = 0
    with desk.store.transaction() as connection:
        for task in tasks:
            if desk.store.get_document(task.data.get("document_id", "")) is None:
                log.info("task %s belongs to no document of ours", task.id)
                continue
            results = [annotation["result"] for annotation in task.annotations]
            connection.execute(
                "INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?)",
                (task.data["document_id"], task.data["page"], task.id, json.dumps(results)),
            )
            count += len(results)
    return count
