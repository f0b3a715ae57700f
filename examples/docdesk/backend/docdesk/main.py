"""The application: ``uvicorn docdesk.main:create_app --factory``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from docdesk import __version__, health
from docdesk.context import build_desk
from docdesk.routes import annotations, documents, exports, pages, progress
from docdesk.services.retention import retention_loop
from docdesk.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application with its worker, its broadcast loop and its routes."""
    settings = settings or Settings.from_env()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        desk = build_desk(settings)
        app.state.desk = desk
        desk.hub.start()
        desk.worker.start()
        retention = asyncio.create_task(retention_loop(desk.settings, desk.store))
        yield
        retention.cancel()
        desk.worker.stop()
        await desk.hub.stop()
        desk.store.close()

    app = FastAPI(title="Document desk", version=__version__, lifespan=lifespan)
    app.add_middleware(
        CORSMiddleware, allow_origins=settings.allowed_origins, allow_methods=["*"], allow_headers=["*"]
    )
    for module in (documents, pages, exports, annotations, progress, health):
        app.include_router(module.router)
    return app
