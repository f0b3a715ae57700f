"""The pipeline: convert, render, read, store. Each stage leaves a checkpoint behind."""

from __future__ import annotations

import logging
from pathlib import Path

from docdesk.checkpoints import Checkpoint, CheckpointStore
from docdesk.conversion import convert_file
from docdesk.models import Document, Page, Status
from docdesk.notifications import WebhookNotifier
from docdesk.ocr import read_image, read_orientation
from docdesk.progress import ProgressHub
from docdesk.rendering import render_pages
from docdesk.settings import Settings
from docdesk.store import Store

log = logging.getLogger(__name__)


class Pipeline:
    """Takes a document from 'queued' to 'ready'."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        checkpoints: CheckpointStore,
        hub: ProgressHub,
        notifier: WebhookNotifier,
    ) -> None:
        self.settings = settings
        self.store = store
        self.checkpoints = checkpoints
        self.hub = hub
        self.notifier = notifier

    def process(self, document_id: str) -> None:
        """Run every stage that has not been run yet."""
        document = self.store.get_document(document_id)
        if document is None:
            log.warning("document %s is gone, nothing to process", document_id)
            return
        self.store.set_status(document_id, Status.PROCESSING)
        checkpoint = self.checkpoints.load(document_id)

        if not checkpoint.reached("converted"):
            self.convert(document, checkpoint)
        if not checkpoint.reached("rendered"):
            self.render(document, checkpoint)
        if not checkpoint.reached("read"):
            self.read(document, checkpoint)

        self.finish(document, checkpoint)

    def convert(self, document: Document, checkpoint: Checkpoint) -> None:
        self.hub.publish(document.id, "convert", 5, "Reading the layout")
        converted = convert_file(Path(document.path), self.settings)
        checkpoint.markdown = converted.pages
        self.advance(checkpoint, "converted")

    def render(self, document: Document, checkpoint: Checkpoint) -> None:
        self.hub.publish(document.id, "render", 40, "Drawing the pages")
        target = self.settings.image_dir / document.id
        images = render_pages(Path(document.path), target, dpi=self.settings.render_dpi)
        checkpoint.images = [str(path) for path in images]
        self.advance(checkpoint, "rendered")

    def read(self, document: Document, checkpoint: Checkpoint) -> None:
        """Take the text Docling found; where there is next to none, run the OCR."""
        texts: list[str] = []
        for index, image in enumerate(checkpoint.images):
            text = checkpoint.markdown[index]
            if len(text.strip()) < self.settings.ocr_min_chars:
                text = self.read_scan(Path(image))
            texts.append(text)
            percent = 60 + 35 * (index + 1) // len(checkpoint.images)
            self.hub.publish(document.id, "read", percent, f"Page {index + 1} of {len(checkpoint.images)}")
        checkpoint.texts = texts
        self.advance(checkpoint, "read")

    def read_scan(self, image: Path) -> str:
        turned = read_orientation(image)
        if turned:
            log.info("%s is turned by %d degrees", image.name, turned)
        return read_image(image, self.settings.ocr_language)

    def finish(self, document: Document, checkpoint: Checkpoint) -> None:
        """Store the pages, tell everybody, forget the checkpoint."""
        pages = [
            Page(document_id=document.id, number=number, text=text, image_path=image)
            for number, (text, image) in enumerate(zip(checkpoint.texts, checkpoint.images, strict=True), start=1)
        ]
        self.store.replace_pages(document.id, pages)
        self.notifier.document_ready(document.model_copy(update={"page_count": len(pages)}))
        self.store.set_status(document.id, Status.READY)
        self.hub.publish(document.id, "done", 100, f"{len(pages)} pages")
        self.checkpoints.clear(document.id)

    def advance(self, checkpoint: Checkpoint, stage: str) -> None:
        checkpoint.stage = stage
        self.checkpoints.save(checkpoint)
