"""The analysis process seen from the protocol's side: fed, watched, and started again when it dies."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable

from brownout.server.child import Child, Started, spawn
from brownout.server.frames import Answer, Forget, Question, Repair, Repaired, Report, Sync

log = logging.getLogger(__name__)

SILENCE = 120.0
"""Seconds without a sign of life while there is work, after which the process hangs."""
STRIKES = 2
"""Deaths over the same file, after which it is left out."""
CALM = 30.0
"""Seconds of life after which a death is not one in a row; also the longest pause before the next start."""


class Analyst:
    """Feeds questions to the analysis process and delivers its answers.

    When it dies, whatever `replay` gives is asked again: the projects as they should be, and the requests that wait.
    `died` is told the root and the path that were worked on, and whether that was once too often.
    """

    def __init__(
        self,
        deliver: Callable[[Answer], None],
        replay: Callable[[], Iterable[Question]],
        died: Callable[[str, str, bool], None],
    ) -> None:
        self.deliver = deliver
        self.replay = replay
        self.died = died
        self.ready: Started | None = None
        """A process that was started in advance."""
        self.child: Child | None = None
        self.busy: dict[str | int, int] = {}
        """The projects and tickets that wait for an answer, each with its number."""
        self._last = ("", "")
        """Root and path that the last process looked at when it ended."""
        self._strikes: Counter[tuple[str, str]] = Counter()
        self._stopped = False
        self._heard = 0.0

    async def run(self) -> None:
        """Keep a process running until `stop`; between deaths in a row it waits longer and longer."""
        pause = 0.0
        while not self._stopped:
            started = time.monotonic()
            try:
                await self._live()
            except OSError as error:
                log.error("the analysis process cannot be started: %s", error)
            if self._stopped:
                return
            self._mourn()
            pause = 0.0 if time.monotonic() - started > CALM else min(max(pause * 2, 0.1), CALM)
            await asyncio.sleep(pause)

    def ask(self, question: Question) -> None:
        """Put a question; without a process it is dropped, since `replay` will ask it again."""
        if self.child is None:
            return
        if not self.busy:
            self._heard = time.monotonic()
        if isinstance(question, Sync):
            self.busy[question.root] = question.number
        elif isinstance(question, Repair):
            self.busy[question.ticket] = 0
        elif isinstance(question, Forget):
            self.busy.pop(question.root, None)
        self.child.ask(question)

    def stop(self) -> None:
        """End the process; it is killed if it does not go by itself."""
        self._stopped = True
        if self.child is not None:
            child = self.child
            child.leave()
            asyncio.get_running_loop().call_later(1.0, child.kill)

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        started, self.ready = self.ready or spawn(), None
        child = Child(
            started,
            lambda answer: _soon(loop, self._hear, child, answer),
            lambda: _soon(loop, ended.set),
        )
        self.child, self.busy = child, {}
        for question in self.replay():
            self.ask(question)
        try:
            while not ended.is_set():
                try:
                    await asyncio.wait_for(ended.wait(), SILENCE / 10)
                except TimeoutError:
                    self._look(child)
        finally:
            self._last = started.recorder.read()
            self.child = None
            child.kill()

    def _look(self, child: Child) -> None:
        if self.busy and time.monotonic() - self._heard > SILENCE:
            log.error("the analysis process has said nothing for %s s: killed", SILENCE)
            child.kill()

    def _hear(self, child: Child, answer: Answer) -> None:
        if child is not self.child:
            return
        self._heard = time.monotonic()
        if isinstance(answer, Repaired):
            self.busy.pop(answer.ticket, None)
        elif isinstance(answer, Report) and not answer.first:
            if self.busy.get(answer.root, 0) <= answer.number:
                self.busy.pop(answer.root, None)
        try:
            self.deliver(answer)
        except Exception:
            log.exception("an answer of the analysis could not be delivered")

    def _mourn(self) -> None:
        root, path = self._last if self.busy else ("", "")
        self._strikes[root, path] += 1
        fatal = bool(path) and self._strikes[root, path] >= STRIKES
        if fatal:
            del self._strikes[root, path]
        log.error("the analysis process died%s; it is started again", f" over {path}" if path else "")
        self.died(root, path, fatal)


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object) -> None:
    """Call in the loop, unless that is over."""
    try:
        loop.call_soon_threadsafe(call, *arguments)
    except RuntimeError:
        log.debug("the server has ended")
