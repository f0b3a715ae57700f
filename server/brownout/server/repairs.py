"""Fixes that the analysis process is asked to carry out: each is answered, whatever happens to that process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from brownout.core import Fix
from brownout.server.frames import Question, Repair, Repaired
from brownout.server.projects import BOM


@dataclass(slots=True)
class Waiting:
    """A repair that was asked for; how often the process died meanwhile."""

    wanted: Repair
    future: asyncio.Future[Repaired]
    deaths: int = 0


class Repairs:
    """The repairs that wait for an answer."""

    def __init__(self, ask: Callable[[Question], None]) -> None:
        self.ask = ask
        self._count = 0
        self._waiting: dict[int, Waiting] = {}

    async def repair(self, text: str, fixes: tuple[Fix, ...]) -> Repaired:
        """A text with fixes carried out; a byte order mark stays."""
        self._count += 1
        wanted = Repair(self._count, text.removeprefix(BOM), fixes)
        waiting = Waiting(wanted, asyncio.get_running_loop().create_future())
        self._waiting[wanted.ticket] = waiting
        self.ask(wanted)
        try:
            found = await waiting.future
        finally:
            del self._waiting[wanted.ticket]
        mark = BOM if text.startswith(BOM) else ""
        return found if found.text is None else Repaired(found.ticket, mark + found.text)

    def take(self, answer: Repaired) -> None:
        """An answer has come."""
        waiting = self._waiting.get(answer.ticket)
        if waiting is not None and not waiting.future.done():
            waiting.future.set_result(answer)

    def again(self) -> Iterator[Repair]:
        """What a new process must be asked."""
        return (waiting.wanted for waiting in list(self._waiting.values()))

    def died(self) -> None:
        """The process died; what it dies over twice is given up."""
        for waiting in self._waiting.values():
            waiting.deaths += 1
            if waiting.deaths > 1 and not waiting.future.done():
                waiting.future.set_result(Repaired(waiting.wanted.ticket, None, "the analysis died over this fix"))
