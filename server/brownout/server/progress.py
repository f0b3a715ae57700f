"""Work-done progress while a project is read, for clients that show it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from brownout.server.frames import Working
from lsprotocol import types

if TYPE_CHECKING:
    from brownout.server.door import Server

PATIENCE = 0.4
"""Seconds before progress is shown: small projects are read by then."""
STEP = 0.2
"""Seconds between two reports."""


class Progress:
    """One bar at a time: of the project that is worked on."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.root = ""
        self.token: str | None = None
        self.total = 0
        self._begun = 0.0
        self._last = 0.0
        self._creating: asyncio.Task[None] | None = None

    def hear(self, working: Working) -> None:
        """The analysis looks at a file."""
        now = time.monotonic()
        if working.root != self.root:
            self.end()
            self.root, self._begun = working.root, now
        if working.total < 2 or now - self._begun < PATIENCE or now - self._last < STEP:
            return
        self._last = now
        if self.token is None and self._creating is None:
            self._creating = asyncio.get_running_loop().create_task(self._create(working))
        elif self.token is not None:
            share = 100 * working.done // working.total
            text = f"{working.done} of {working.total} files"
            self.server.work_done_progress.report(
                self.token, types.WorkDoneProgressReport(message=text, percentage=share)
            )

    def end(self) -> None:
        """The project is read, or its analysis has died."""
        if self._creating is not None:
            self._creating.cancel()
            self._creating = None
        if self.token is not None:
            self.server.work_done_progress.end(self.token, types.WorkDoneProgressEnd())
            self.token = None
        self.root = ""

    async def _create(self, working: Working) -> None:
        token = str(uuid.uuid4())
        with contextlib.suppress(Exception):
            await self.server.work_done_progress.create_async(token)
            self._creating, self.token = None, token
            title = f"brownout reads {Path(working.root).name}"
            self.server.work_done_progress.begin(token, types.WorkDoneProgressBegin(title, percentage=0))
