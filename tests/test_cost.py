"""What a check costs, counted: the floor under its speed that no busy machine moves.

Counted are the calls of functions, Python's and C's, while a fixed project is checked by all rules. A rule that goes
through every node of every function, or a fact that is worked out anew for each call, shows at once; a slower disk does
not. The limits stand about a tenth above what was counted when they were set: who needs more has to say why.
"""

from __future__ import annotations

import ast
import sys
from types import FrameType

from brownout.catalog import Catalog
from brownout.engine import Parsed, ask, collector_paused, join, read
from brownout.model.source import SourceFile
from brownout.rules import load

FILE = """
import asyncio, json, logging, os, sqlite3, subprocess, tempfile
from pathlib import Path

import requests
from fastapi import APIRouter, HTTPException, UploadFile, WebSocket

from project.part{other} import Store as Other

logger = logging.getLogger(__name__)
router = APIRouter()
STATE = Path("state{number}.json")


class Store:
    def __init__(self, path: str, other: Other | None = None) -> None:
        self.path = path
        self.other = other
        self.connection = sqlite3.connect(path, timeout=5)
        self.items: dict[str, list[int]] = {{}}

    def rows(self, name: str) -> list[int]:
        with self.connection as connection:
            found = connection.execute("SELECT value FROM items WHERE name = ?", (name,)).fetchall()
        return [row[0] for row in found if row and row[0] is not None]

    def keep(self, name: str, values: list[int]) -> None:
        for value in values:
            if value in self.items.setdefault(name, []):
                continue
            self.items[name].append(value)
            self.connection.execute("INSERT INTO items VALUES (?, ?)", (name, value))
        self.connection.commit()


def fetch(url: str, *, tries: int = 3) -> dict[str, object]:
    for attempt in range(tries):
        try:
            answer = requests.get(url, headers={{"accept": "application/json"}}, timeout=10)
            answer.raise_for_status()
            return answer.json()
        except requests.RequestException as error:
            logger.warning("attempt %s: %s", attempt, error)
    raise RuntimeError(f"no answer from {{url}} after {{tries}} attempts")


@router.post("/convert{number}")
async def convert(file: UploadFile, store: Store) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "upload.bin"
        target.write_bytes(await file.read())
        done = await asyncio.to_thread(subprocess.run, ["convert", str(target)], check=True, timeout=60)
        if done.returncode:
            raise HTTPException(502, detail="conversion failed")
        store.keep("converted", [len(json.dumps(fetch("https://example.org/{number}")))])
        STATE.write_text(json.dumps({{"last": os.path.basename(target)}}))
    return {{"status": "ok", "rows": sorted(store.rows("converted"), key=lambda value: -value)}}


@router.websocket("/updates{number}")
async def updates(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        message = await socket.receive_text()
        if message == "stop":
            break
        await socket.send_json({{"echo": message, "size": len(message)}})
"""
READ, ASK = 11.2, 51.0
"""Calls for each node of the syntax trees: to make the tables and summaries; to join them and ask all rules."""


def sources(count: int) -> list[SourceFile]:
    """A project of so many files, each of which uses the next."""
    return [
        SourceFile(
            f"project/part{number}.py", f"project.part{number}", FILE.format(number=number, other=(number + 1) % count)
        )
        for number in range(count)
    ]


def counted(count: int) -> tuple[int, int, int]:
    """Nodes, calls until the project is joined, and calls for its facts and rules."""
    calls = 0

    def count_call(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        if event in ("call", "c_call"):
            calls += 1

    files = sources(count)
    rules = list(load().values())
    catalog = Catalog()
    checked(files[:2], catalog)  # reads the catalog's pages, which costs the same however large a project is
    before = sys.getprofile()
    with collector_paused():
        sys.setprofile(count_call)
        try:
            parsed, unreadable = read(files)
            project = join(parsed, catalog)
            first = calls
            for file in parsed:
                ask(file, project, rules, {})
        finally:
            sys.setprofile(before)
    assert not unreadable
    nodes = sum(1 for file in parsed for _ in ast.walk(file.module.tree))
    return nodes, first, calls - first


def checked(files: list[SourceFile], catalog: Catalog) -> list[Parsed]:
    """Check once without counting."""
    parsed, _ = read(files)
    project = join(parsed, catalog)
    for file in parsed:
        ask(file, project, list(load().values()), {})
    return parsed


def test_calls_for_each_node_stay_below_their_limit():
    nodes, reading, asking = counted(12)
    print(f"{reading / nodes:.2f} calls for each node to read, {asking / nodes:.2f} to ask")
    assert reading / nodes <= READ
    assert asking / nodes <= ASK


def test_calls_grow_no_faster_than_the_project():
    """What every file asks anew of all files shows here; what is found once for a project makes it grow slower."""
    small, large = counted(6), counted(48)
    assert large[0] == small[0] * 8
    assert large[1] <= small[1] * 8
    assert large[2] <= small[2] * 8
