"""Live progress: the pipeline publishes from its thread, every open browser hears about it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import WebSocket

from docdesk.models import Progress

log = logging.getLogger(__name__)


class ConnectionRegistry:
    """The browsers that are listening right now."""

    def __init__(self) -> None:
        self.connections: list[WebSocket] = []

    async def connect(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self.connections.append(websocket)
        log.info("%d browsers connected", len(self.connections))

    def disconnect(self, websocket: WebSocket) -> None:
        if websocket in self.connections:
            self.connections.remove(websocket)

    async def broadcast(self, message: dict[str, Any]) -> None:
        """Send a message to everybody."""
        for websocket in self.connections:
            await websocket.send_json(message)


class ProgressHub:
    """Carries progress from the worker thread to the event loop, and remembers the latest state."""

    def __init__(self) -> None:
        self.registry = ConnectionRegistry()
        self.latest: dict[str, Progress] = {}
        self.queue: asyncio.Queue[Progress] = asyncio.Queue()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the broadcast loop; called on the event loop when the application starts."""
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(self.broadcast_loop())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def publish(self, document_id: str, stage: str, percent: int, message: str = "") -> None:
        """Report a step; safe to call from any thread."""
        progress = Progress(document_id=document_id, stage=stage, percent=percent, message=message)
        self.latest[document_id] = progress
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.queue.put_nowait, progress)

    async def broadcast_loop(self) -> None:
        while True:
            progress = await self.queue.get()
            await self.registry.broadcast(progress.model_dump())
