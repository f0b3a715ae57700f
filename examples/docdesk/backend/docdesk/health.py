"""Health for the load balancer, diagnostics for people."""

from __future__ import annotations

import shutil
from typing import Any

from fastapi import APIRouter

from docdesk import __version__
from docdesk.context import DeskDep
from docdesk.ocr import tesseract_version

router = APIRouter(tags=["health"])


@router.get("/health")
async def health() -> dict[str, str]:
    """Answers the load balancer."""
    return {"status": "ok", "version": __version__}


@router.get("/diagnostics")
def diagnostics(desk: DeskDep) -> dict[str, Any]:
    """The state of the tools and disks around the desk, for the admin page."""
    usage = shutil.disk_usage(desk.settings.data_dir)
    return {
        "database": desk.store.ping(),
        "disk_free_mb": usage.free // 2**20,
        "tesseract": tesseract_version(),
        "webhook": desk.notifier.reachable(),
        "worker_alive": desk.worker.thread.is_alive(),
        "waiting": desk.worker.waiting,
    }
