"""The two WebSockets: everything for the dashboard, one document for its own page."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from docdesk.context import DeskDep

router = APIRouter(tags=["progress"])


@router.websocket("/ws/progress")
async def all_progress(websocket: WebSocket, desk: DeskDep) -> None:
    """The dashboard: first where everything stands, then every step as it happens."""
    await desk.hub.registry.connect(websocket)
    for progress in list(desk.hub.latest.values()):
        await websocket.send_json(progress.model_dump())
    while True:
        message = await websocket.receive_json()
        if message["type"] == "ping":
            await websocket.send_json({"type": "pong"})


@router.websocket("/ws/documents/{document_id}")
async def document_progress(websocket: WebSocket, desk: DeskDep, document_id: str) -> None:
    """The page of one document: its latest state, twice a second, until it is done."""
    await websocket.accept()
    last = None
    try:
        while True:
            progress = desk.hub.latest.get(document_id)
            if progress is not None and progress != last:
                await websocket.send_json(progress.model_dump())
                last = progress
            if progress is not None and progress.stage == "done":
                break
            await asyncio.sleep(0.5)
        await websocket.close()
    except WebSocketDisconnect:
        return
