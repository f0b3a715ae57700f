"""Cleaning up: pictures and reports of old documents are removed, they can be made again."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time

from docdesk.models import Status
from docdesk.settings import Settings
from docdesk.store import Store

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 3600


def sweep(settings: Settings, store: Store) -> int:
    """Remove pictures nobody has needed for a while; returns how many documents were cleaned."""
    busy = {document.id for document in store.list_documents(Status.PROCESSING, limit=1000)}
    oldest = time.time() - settings.keep_days * 86400
    removed = 0
    for directory in settings.image_dir.iterdir():
        try:
            if directory.name in busy or directory.stat().st_mtime > oldest:
                continue
            shutil.rmtree(directory)
            removed += 1
        except OSError as exc:
            log.warning("could not clean up %s: %s", directory.name, exc)
    for report in settings.report_dir.glob("*.csv"):
        if report.stat().st_mtime < oldest:
            report.unlink(missing_ok=True)
    return removed


async def retention_loop(settings: Settings, store: Store) -> None:
    """Sweep once an hour for as long as the application runs."""
    while True:
        removed = await asyncio.to_thread(sweep, settings, store)
        if removed:
            log.info("cleaned up the pictures of %d documents", removed)
        await asyncio.sleep(INTERVAL_SECONDS)
