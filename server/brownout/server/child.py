"""One life of the analysis process: a thread writes questions to it, another one reads its answers."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from brownout.server.frames import HEADER, Answer, Question, pack
from brownout.server.recorder import Recorder

COMMAND = ("-P", "-m", "brownout.server.analysis")


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started, and what it writes down."""

    process: subprocess.Popen[bytes]
    recorder: Recorder


def spawn() -> Started:
    """Start the analysis process. `-P`: nothing is imported from the folder that the editor happens to stand in.

    It finds the same packages as this process: an extension's bundle is on this process's path only.
    """
    path = os.pathsep.join(path for path in sys.path if path)
    recorder = Recorder.create()
    process = subprocess.Popen(
        [sys.executable, *COMMAND, recorder.place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    return Started(process, recorder)


class Child:
    """A running analysis process. `hear` gets its answers and `ended` is called at its end, both in threads."""

    def __init__(self, started: Started, hear: Callable[[Answer], None], ended: Callable[[], None]) -> None:
        self.process, self.recorder = started.process, started.recorder
        self.hear = hear
        self.ended = ended
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, question: Question) -> None:
        """Put a question; never waits."""
        self._outbox.put(pack(question))

    def leave(self) -> None:
        """Let the process end by itself."""
        self._outbox.put(None)

    def kill(self) -> None:
        """End the process now."""
        with contextlib.suppress(OSError):
            self.process.kill()

    def _write(self) -> None:
        stream = self.process.stdin
        assert stream is not None
        with contextlib.suppress(OSError):
            while (data := self._outbox.get()) is not None:
                stream.write(data)
                stream.flush()
        with contextlib.suppress(OSError):
            stream.close()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
            while (answer := _next(stream)) is not None:
                self.hear(answer)
        self.kill()
        self.process.wait()
        self.recorder.remove()
        self._outbox.put(None)
        self.ended()


def _next(stream: IO[bytes]) -> Answer | None:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    answer: Answer = pickle.loads(stream.read(length))
    return answer
