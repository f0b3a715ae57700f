"""`brownout server`: the language server, for editors."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How to talk to the editor."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="over standard input and output (the default)")
    way.add_argument("--tcp", action="store_true", help="wait for one editor on a TCP port")
    way.add_argument("--ws", action="store_true", help="wait for one editor on a WebSocket")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=2087, help="the port to listen at (default: 2087)")


def run(arguments: argparse.Namespace) -> int:
    """Serve one editor until it leaves."""
    from brownout.server.serve import serve

    return serve("tcp" if arguments.tcp else "ws" if arguments.ws else "stdio", arguments.host, arguments.port)
