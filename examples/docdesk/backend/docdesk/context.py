"""The desk: everything a request needs, wired up once when the application starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from docdesk.checkpoints import CheckpointStore
from docdesk.journal import Journal
from docdesk.notifications import WebhookNotifier
from docdesk.pipeline import Pipeline
from docdesk.progress import ProgressHub
from docdesk.settings import Settings
from docdesk.store import Store
from docdesk.worker import Worker


@dataclass
class Desk:
    """The parts of the application."""

    settings: Settings
    store: Store
    checkpoints: CheckpointStore
    journal: Journal
    hub: ProgressHub
    notifier: WebhookNotifier
    pipeline: Pipeline
    worker: Worker


def build_desk(settings: Settings) -> Desk:
    """Create the directories, open the database and wire the parts together."""
    settings.create_directories()
    store = Store(settings.database_path)
    checkpoints = CheckpointStore(settings.checkpoint_dir)
    hub = ProgressHub()
    notifier = WebhookNotifier(settings)
    pipeline = Pipeline(settings, store, checkpoints, hub, notifier)
    return Desk(
        settings=settings,
        store=store,
        checkpoints=checkpoints,
        journal=Journal(settings.journal_path),
        hub=hub,
        notifier=notifier,
        pipeline=pipeline,
        worker=Worker(pipeline, store),
    )


def get_desk(connection: HTTPConnection) -> Desk:
    """The desk of the application a request or a WebSocket belongs to."""
    return connection.app.state.desk


DeskDep = Annotated[Desk, Depends(get_desk)]
