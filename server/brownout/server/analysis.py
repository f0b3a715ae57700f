"""The analysis process: it holds a session per project, knows nothing of the protocol, and ends with its pipe."""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import sys
import threading
import traceback
from typing import BinaryIO

from brownout.server.frames import Answer, Forget, Question, Repair, Repaired, Sync, pack, receive
from brownout.server.held import Held
from brownout.server.recorder import Recorder

IDLE = 3.0
"""Seconds without a question after which there is time to tidy up."""
LITTER = 200_000
"""Objects made since the last collection, after which one is due whoever waits."""
HEAP = 1_000_000
"""The same, when it would take seconds."""
STACK = 64 * 1024 * 1024
"""Bytes of stack for the thread that fixes: deeply nested code recurses deeply."""


class Analysis:
    """Takes questions in order, merges those about one project that wait, and answers on a pipe."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO, recorder: Recorder) -> None:
        self.questions = questions
        self.answers = answers
        self.recorder = recorder
        self.held: dict[str, Held] = {}
        self._inbox: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._repairs: queue.SimpleQueue[Repair | None] = queue.SimpleQueue()
        self._waiting: dict[str, Sync] = {}
        self._pipe = threading.Lock()

    def run(self) -> None:
        """Work until the pipe ends. Sessions stay on the main thread, whose stack is deep enough for any code."""
        threading.stack_size(STACK)
        threading.Thread(target=self._receive, daemon=True).start()
        threading.Thread(target=self._repair, daemon=True).start()
        gc.disable()  # a full collection looks through every tree: it is done while nobody waits
        while True:
            while not self._waiting or not self._inbox.empty():
                message = self._next()
                if message is None:
                    return
                self._take(message)
            root = next(iter(self._waiting))
            self._sync(self._waiting.pop(root))
            if gc.get_count()[0] > HEAP:
                gc.freeze()  # a project that has just been read: most of it stays
            elif gc.get_count()[0] > LITTER:
                gc.collect()

    def _next(self) -> Question | None:
        try:
            return self._inbox.get(timeout=IDLE)
        except queue.Empty:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            return self._inbox.get()

    def _take(self, message: Question) -> None:
        if isinstance(message, Sync):
            if message.root in self._waiting:
                self._waiting[message.root].merge(message)
            else:
                self._waiting[message.root] = message
        elif isinstance(message, Forget):
            self.held.pop(message.root, None)
            self._waiting.pop(message.root, None)

    def _sync(self, wanted: Sync) -> None:
        held = self.held.get(wanted.root)
        if held is None:
            held = self.held[wanted.root] = Held(wanted.root, self.send, self._waits, self.recorder.note)
        held.sync(wanted)

    def _waits(self, root: str) -> Sync | None:
        """What is wanted next of a project; asked while it is read, which takes long."""
        while not self._inbox.empty():
            message = self._inbox.get()
            if message is None:
                os._exit(0)
            self._take(message)
        return self._waiting.get(root)

    def send(self, message: Answer) -> None:
        """Write an answer; nobody reads any more: this process is over."""
        data = pack(message)
        with self._pipe:
            try:
                self.answers.write(data)
                self.answers.flush()
            except OSError:
                os._exit(0)

    def _receive(self) -> None:
        while (message := receive(self.questions)) is not None:
            if isinstance(message, Repair):
                self._repairs.put(message)
            else:
                self._inbox.put(message)
        self._inbox.put(None)
        threading.Event().wait(2.0)
        os._exit(0)  # a long analysis whose editor is gone

    def _repair(self) -> None:
        while (wanted := self._repairs.get()) is not None:
            self.send(repaired(wanted))


def repaired(wanted: Repair) -> Repaired:
    """The fixes carried out, or the reason why they cannot be."""
    from brownout.fixes.apply import apply

    try:
        applied = apply(wanted.text, wanted.fixes)
    except Exception as error:
        traceback.print_exc()
        return Repaired(wanted.ticket, None, f"internal error: {type(error).__name__}: {error}")
    if not applied.applied:
        return Repaired(wanted.ticket, None, applied.refused[0][1] if applied.refused else "nothing to fix")
    return Repaired(wanted.ticket, applied.source)


def main() -> None:
    """Speak on the process's own standard input and output; whatever prints goes to standard error."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # worker processes close it, which must not wait for who reads it
    os.dup2(2, 1)
    with contextlib.suppress(KeyboardInterrupt):
        Analysis(questions, answers, Recorder.join(sys.argv[1])).run()


if __name__ == "__main__":
    main()
