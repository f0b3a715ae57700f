"""The server on a transport."""

from __future__ import annotations

import gc
import importlib.util
import logging
import os
import sys

from brownout.project.settings import ConfigError
from brownout.server.child import spawn


def serve(way: str, host: str, port: int) -> int:
    """Serve one editor over `stdio`, `tcp` or `ws`, until it leaves; 1 if it left without saying so."""
    if way == "ws" and importlib.util.find_spec("websockets") is None:
        raise ConfigError("--ws needs the package `websockets`: pip install 'pygls[ws]'")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("pygls").setLevel(logging.ERROR)  # at INFO it writes every message out in full
    analysis = spawn()  # it imports what it needs while this process does
    gc.disable()  # what is imported stays: looking through it again and again takes a tenth of the start
    from brownout.server.door import make

    if way == "stdio" and sys.stdin.isatty():
        print("brownout server waits for an editor on standard input; Ctrl+C ends it", file=sys.stderr)
    server = make(analysis)
    gc.freeze()
    gc.enable()
    if way != "stdio":
        try:
            (server.start_tcp if way == "tcp" else server.start_ws)(host, port)
        except OSError as error:
            raise ConfigError(f"{host}:{port}: cannot listen: {error.strerror}") from error
    else:
        answers = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)  # whatever prints must not end up between two messages
        server.start_io(stdout=answers)
    return 0 if server.over else 1
