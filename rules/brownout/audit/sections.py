"""The audit's 21 sub-sections: what each looks for, and which dependencies or entry points make it apply."""

from __future__ import annotations

import re
from dataclasses import dataclass

from brownout.core import Category


@dataclass(frozen=True, slots=True)
class Section:
    """A sub-section: its number, area, title, what is looked for, and what must be there for it to apply."""

    id: str
    area: str
    category: Category
    title: str
    looked_for: str
    applies_to: str
    """In words: what the code must have; a key of `coverage.APPLIES` by the section's id."""


_AREAS = {
    "1": ("External Dependency Failures", Category.DEPENDENCY),
    "2": ("Database Failures", Category.DATABASE),
    "3": ("File System Failures", Category.FILESYSTEM),
    "4": ("Network & WebSocket Failures", Category.NETWORK),
    "5": ("Processing Pipeline Failures", Category.PIPELINE),
    "6": ("Input Validation & Malformed Data", Category.VALIDATION),
    "7": ("Partial Failure & Degraded Operation", Category.DEGRADATION),
}

_TABLE = """
1A | Label Studio and Other Services Unavailable | calls of another service
    every SDK call with its handlers: connection limits, retries, a fallback while the service is down
1B | Model Loading Failures | machine learning models
    where models are made and loaded: missing files, GPU errors, memory, once per process or per request
1C | PDF Rendering and Child Process Failures | child processes
    every program that is started: missing binaries, exit codes, limits of time, broken and protected files
2A | Database Lock Contention | a database
    concurrent writers, long transactions, write-ahead logging, waits for locks
2B | Database Corruption Handling | a database
    schema at start-up, integrity checks, backups, migrations
2C | Disk Space Exhaustion | writes to a disk
    writes without a look at the space: checkpoints, uploads, temporary files, the database
3A | Checkpoint Read/Write Failures | files that are read back
    state that is written in place, half-written files, what happens when one cannot be read
3B | Upload Directory Failures | uploads
    where uploads are stored: folders, permissions, clean-up after a failure
3C | Temporary File Cleanup | temporary files
    temporary files on every path, also when an exception comes in between
4A | WebSocket Connection Drops | WebSockets
    the end of a connection on the server, heartbeats, reconnection in the front end
4B | WebSocket Message Delivery Failures | WebSockets
    sends to a client that has gone, one dead connection among many, order and repetition
4C | HTTP Request Timeouts | calls over the network
    the limit of every call over the network, with its value and origin
5A | Mid-Pipeline Failures | background work
    statuses that are written first and never taken back, work that is lost or repeated
5B | Memory Exhaustion During Processing | document, image or model processing
    whole files and documents in memory, pages without a bound, results that are kept
5C | CPU-Bound Blocking | coroutines
    blocking calls and long computations on the event loop
6A | Corrupt PDF Handling | parsers of documents or images
    parsers of documents and images: what they raise, who catches it, what is cleaned up
6B | Checkpoint Schema Mismatches | stored state that is loaded
    fields that are read from stored state without a check, versions of a format
6C | Malicious Input Handling | uploads or file names from clients
    sizes, names and types of what a client sends
7A | Graceful Degradation Patterns | dependencies
    handlers that hide failures, fallbacks, partial results
7B | Health Check Accuracy | routes
    what health routes look at, readiness and liveness, limits of the checks themselves
7C | Error Propagation & User Feedback | routes
    what reaches the user: internal errors, traces, answers that say success after a failure
"""


def _read() -> tuple[Section, ...]:
    found: list[Section] = []
    for block in re.split(r"\n(?=\d)", _TABLE.strip()):
        head, *rest = block.splitlines()
        number, title, applies = (part.strip() for part in head.split("|"))
        looked_for = " ".join(line.strip() for line in rest)
        area, category = _AREAS[number[0]]
        found.append(Section(number, area, category, title, looked_for, applies))
    return tuple(found)


SECTIONS = _read()
