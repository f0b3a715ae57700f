"""What is done once nothing more has happened for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """One timer for each project; starting it again puts the moment off."""

    def __init__(self, due: Callable[[str], None]) -> None:
        self.due = due
        self._running: dict[str, asyncio.TimerHandle] = {}

    def start(self, root: str, pause: float) -> None:
        """Call `due` with the project in so many seconds."""
        self.cancel(root)
        self._running[root] = asyncio.get_running_loop().call_later(pause, self._end, root)

    def cancel(self, root: str) -> None:
        """It is no longer needed."""
        timer = self._running.pop(root, None)
        if timer is not None:
            timer.cancel()

    def _end(self, root: str) -> None:
        self._running.pop(root, None)
        self.due(root)
