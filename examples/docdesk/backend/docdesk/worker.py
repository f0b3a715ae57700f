"""The background worker: one thread, one document at a time."""

from __future__ import annotations

import logging
import queue
import threading

from docdesk.models import Status
from docdesk.pipeline import Pipeline
from docdesk.store import Store

log = logging.getLogger(__name__)


class Worker:
    """Works through a queue of document ids in a thread of its own."""

    def __init__(self, pipeline: Pipeline, store: Store) -> None:
        self.pipeline = pipeline
        self.store = store
        self.queue: queue.Queue[str | None] = queue.Queue()
        self.thread = threading.Thread(target=self.run, name="docdesk-worker", daemon=True)

    def start(self) -> None:
        """Start the thread and pick up what was still queued when we went down."""
        for document in reversed(self.store.list_documents(Status.QUEUED, limit=1000)):
            self.queue.put(document.id)
        self.thread.start()

    def stop(self) -> None:
        """Let the current document finish, for a while at least."""
        self.queue.put(None)
        self.thread.join(timeout=10)

    def submit(self, document_id: str) -> None:
        self.store.set_status(document_id, Status.QUEUED)
        self.queue.put(document_id)

    @property
    def waiting(self) -> int:
        return self.queue.qsize()

    def run(self) -> None:
        while True:
            document_id = self.queue.get()
            if document_id is None:
                return
            try:
                self.pipeline.process(document_id)
            except Exception:
                log.exception("processing %s went wrong", document_id)
