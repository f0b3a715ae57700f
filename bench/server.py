"""Language servers side by side on one generated project: start, first diagnostics, save to diagnostics, memory.

`python bench/server.py [--files 1000] [--saves 60] [--lines 500 1000 3000] [--server NAME …]`. The project is a service
of many modules that call each other. A save is measured from the notification to the diagnostics of that version;
before it one line changes, in which a name that nobody defined tells which version is meant, for servers that do not
say so themselves. Each server runs as it comes, without settings; those that are not installed are named and left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PIPE = asyncio.subprocess.PIPE
SERVERS = {
    "brownout": [sys.executable, "-m", "brownout", "server"],
    "ruff": ["ruff", "server"],
    "pylsp": ["pylsp"],
    "basedpyright": ["basedpyright-langserver", "--stdio"],
}
PATIENCE = 120.0
"""Seconds after which a server is taken not to answer."""
ROUTE = '''
@router.get("/{name}/{number}")
async def route_{number}(item: int):
    """Answers for one item."""
    found = await service_{number}(item)
    rows = [row for row in found if row is not None]
    if not rows:
        return {{"item": item, "rows": []}}
    total = sum(len(str(row)) for row in rows)
    return {{"item": item, "rows": rows, "total": total}}


async def service_{number}(item: int):
    values = []
    for index in range(item):
        value = await fetch_{number}(index)
        if value:
            values.append(value)
    return values


async def fetch_{number}(index: int):
    async with httpx.AsyncClient(timeout=5) as client:
        answer = await client.get(f"https://example.org/{{index}}")
        answer.raise_for_status()
        return answer.json()

'''
HEAD = "import httpx\nfrom fastapi import APIRouter\n\n{imports}\n\nrouter = APIRouter()\n"
LINES = ROUTE.count("\n")


def generate(root: Path, files: int, lines: list[int]) -> list[Path]:
    """A project of `files` modules of 100 lines, the first ones of `lines` lines, each with calls into two others."""
    (root / "brownout.toml").touch()
    package = root / "service"
    package.mkdir()
    (package / "__init__.py").touch()
    for number in range(files):
        targets = [one for one in ((number * 7 + 1) % files, (number * 13 + 5) % files) if one != number]
        imports = "\n".join(f"from service import module_{target}" for target in targets)
        blocks = max((lines[number] if number < len(lines) else 100) // LINES, 1)
        text = HEAD.format(imports=imports)
        text += "".join(ROUTE.format(name=f"module{number}", number=block) for block in range(blocks))
        text += "".join(
            f"\n\nasync def over_{target}(item):\n    return await module_{target}.service_0(item)\n"
            for target in targets
        )
        (package / f"module_{number}.py").write_text(text, encoding="utf-8")
    return [package / f"module_{number}.py" for number in range(len(lines))]


@dataclass
class Edited:
    """A file that is edited, and when diagnostics came for each of its versions."""

    uri: str
    text: str
    version: int = 1
    seen: dict[int, float] = field(default_factory=dict[int, float])


class Client:
    """An editor that can be pushed to, on one server; plain JSON, so that every server is heard in the same way."""

    def __init__(self, root: Path, command: list[str]) -> None:
        self.root, self.command = root, command
        self.files: dict[str, Edited] = {}
        self.news = asyncio.Event()
        self.read = asyncio.Event()
        self.answers: dict[int, asyncio.Future[object]] = {}

    async def start(self) -> None:
        """Start the server and say hello."""
        self.process = await asyncio.create_subprocess_exec(
            *self.command, cwd=self.root, stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, limit=2**24
        )
        self.listening = asyncio.create_task(self._listen())
        text = {"publishDiagnostics": {"versionSupport": True}, "synchronization": {"didSave": True}}
        asked = {
            "capabilities": {"window": {"workDoneProgress": True}, "textDocument": text},
            "processId": os.getpid(),
            "rootUri": self.root.as_uri(),
            "workspaceFolders": [{"uri": self.root.as_uri(), "name": "bench"}],
        }
        await self.ask("initialize", asked)
        self.tell("initialized", {})

    async def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while head := await stream.readuntil(b"\r\n\r\n"):
            found = re.search(rb"Content-Length: *(\d+)", head, re.IGNORECASE)
            page = json.loads(await stream.readexactly(int(found[1]) if found is not None else 0))
            if "method" not in page:
                self.answers.pop(page["id"]).set_result(page.get("result"))
            elif "id" in page:
                items = page.get("params", {}).get("items") if page["method"] == "workspace/configuration" else None
                self._send({"id": page["id"], "result": items and [None for _ in items]})
            else:
                self._heard(page["method"], page.get("params"))

    def _heard(self, method: str, params: Any) -> None:
        if method == "$/progress" and params["value"].get("kind") == "end":
            self.read.set()
        file = self.files.get(params["uri"]) if method == "textDocument/publishDiagnostics" else None
        if file is not None:
            told = any(f"unknown_{file.version}" in one["message"] for one in params["diagnostics"])
            version = params.get("version")
            if version is None:
                version = file.version if told or file.version == 1 else 0
            file.seen.setdefault(version, time.perf_counter())
            self.news.set()

    def _send(self, page: dict[str, object]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **page}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def ask(self, method: str, params: object) -> object:
        """Send a request; its answer."""
        number = len(self.answers) + 1
        self.answers[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(self.answers[number], PATIENCE)

    async def until(self, file: Edited) -> float:
        """When the diagnostics of a file's version came."""
        async with asyncio.timeout(PATIENCE):
            while file.version not in file.seen:
                self.news.clear()
                await self.news.wait()
        return file.seen[file.version]

    async def open(self, path: Path) -> tuple[Edited, float]:
        """Open a file; how long until its first diagnostics."""
        file = self.files[path.as_uri()] = Edited(path.as_uri(), path.read_text(encoding="utf-8"))
        began = time.perf_counter()
        item = {"uri": file.uri, "languageId": "python", "version": 1, "text": file.text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return file, await self.until(file) - began

    async def save(self, file: Edited, more: str = "") -> float:
        """Change and save at once; how long until the diagnostics."""
        file.version += 1
        text = f"{file.text}{more}\nunknown_{file.version}\n"
        place = {"uri": file.uri, "version": file.version}
        self.tell("textDocument/didChange", {"textDocument": place, "contentChanges": [{"text": text}]})
        began = time.perf_counter()
        self.tell("textDocument/didSave", {"textDocument": {"uri": file.uri}, "text": text})
        return await self.until(file) - began

    async def stop(self) -> None:
        """Say goodbye."""
        self.listening.cancel()
        self.process.kill()
        await self.process.wait()

    def processes(self) -> list[Path]:
        """The server and all below it in /proc."""
        todo = [str(self.process.pid)]
        found: list[Path] = []
        while todo:
            place = Path("/proc") / todo.pop()
            found.append(place)
            todo += [
                word for thread in (place / "task").iterdir() for word in (thread / "children").read_text().split()
            ]
        return found

    def memory(self) -> int:
        """MiB of all of them."""
        found = [(place / "status").read_text().partition("VmRSS:")[2].split() for place in self.processes()]
        return sum(int(words[0]) for words in found if words) // 1024

    def cpu(self) -> float:
        """Seconds of CPU time that all of them have used."""
        found = [(place / "stat").read_text().rpartition(")")[2].split() for place in self.processes()]
        return sum(int(words[11]) + int(words[12]) for words in found) / os.sysconf("SC_CLK_TCK")


async def saves(client: Client, file: Edited, count: int, *, new: bool = False) -> str:
    """p50, p95 and CPU time of saves; with `new` each adds a function that other files could call."""
    more = [f"\n\ndef more_{number}():\n    return {number}\n" if new else "" for number in range(count)]
    await client.save(file)
    before = client.cpu()
    times = sorted([await client.save(file, one) for one in more])
    cpu = (client.cpu() - before) / count * 1000
    return f"{statistics.median(times) * 1000:.0f} / {times[int(count * 0.95)] * 1000:.0f} ms ({cpu:.0f})"


async def measure(name: str, command: list[str], root: Path, paths: list[Path], count: int) -> dict[str, str]:
    """The figures of one server."""
    found: dict[str, str] = {}
    client = Client(root, command)
    began = time.perf_counter()
    await client.start()
    found["start to initialize"] = f"{time.perf_counter() - began:.2f} s"
    edited: list[Edited] = []
    for path in paths:
        file, took = await client.open(path)
        edited.append(file)
        found.setdefault("open to first diagnostics", f"{took:.2f} s")
    if name == "brownout":
        await asyncio.wait_for(client.read.wait(), PATIENCE)
        found["start to the whole project"] = f"{time.perf_counter() - began:.2f} s"
    for file in edited:
        lines = file.text.count("\n")
        found[f"save, {round(lines, -2):,} lines"] = await saves(client, file, count)
    if name == "brownout":
        found["save, a new function"] = await saves(
            client, edited[min(1, len(edited) - 1)], max(count // 4, 1), new=True
        )
    found["memory"] = f"{client.memory()} MiB"
    await client.stop()
    return found


def table(figures: dict[str, dict[str, str]]) -> str:
    """A Markdown table, a server in each column."""
    rows = list(dict.fromkeys(row for found in figures.values() for row in found))
    lines = [["", *figures], ["---"] * (len(figures) + 1)]
    lines += [[row, *(found.get(row, "–") for found in figures.values())] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


async def compare(names: list[str], files: int, lines: list[int], count: int) -> None:
    """Print one table."""
    figures: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "bench"
        root.mkdir()
        paths = generate(root, files, lines)
        for name in names:
            command = SERVERS[name]
            program = shutil.which(command[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
            if program is None:
                print(f"{name}: not installed, left out")
                continue
            try:
                figures[name] = await measure(name, [program, *command[1:]], root, paths, count)
                print(f"{name}: {figures[name]}", file=sys.stderr, flush=True)
            except TimeoutError:
                figures[name] = {}
                print(f"{name}: gave no answer within {PATIENCE:.0f} s")
    what = f"{files:,} files; saves: p50 / p95 (CPU time of all processes for each, ms); load {os.getloadavg()[0]:.1f}"
    print(f"{what}\n\n{table(figures)}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--lines", type=int, nargs="+", default=[500, 1000, 3000])
    parser.add_argument("--saves", type=int, default=60)
    parser.add_argument("--server", choices=SERVERS, nargs="+", default=list(SERVERS))
    arguments = parser.parse_args()
    asyncio.run(compare(arguments.server, arguments.files, arguments.lines, arguments.saves))


if __name__ == "__main__":
    main()
