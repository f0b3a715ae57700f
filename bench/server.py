"""The language server on a generated project: start, first findings, save to findings, memory.

`python bench/server.py [--files 1000] [--lines 1000] [--saves 60]`. The project is a service of many modules that call
each other. A save is measured from the notification to the diagnostics of the new version; before it the text changes
in one line (`same`: what other files know of it stays the same) or gets one more function (`new`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

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


def generate(root: Path, files: int, lines: int) -> None:
    """A project of `files` modules of 100 lines, the first of `lines` lines, each with calls into two others."""
    (root / "brownout.toml").touch()
    package = root / "service"
    package.mkdir()
    (package / "__init__.py").touch()
    for number in range(files):
        targets = [(number * 7 + 1) % files, (number * 13 + 5) % files]
        imports = "\n".join(f"from service import module_{target}" for target in targets if target != number)
        blocks = max((lines if number == 0 else 100) // LINES, 1)
        text = HEAD.format(imports=imports)
        text += "".join(ROUTE.format(name=f"module{number}", number=block) for block in range(blocks))
        text += "".join(
            f"\n\nasync def over_{target}(item):\n    return await module_{target}.service_0(item)\n"
            for target in targets
            if target != number
        )
        (package / f"module_{number}.py").write_text(text, encoding="utf-8")


class Bench:
    """A client that waits for the diagnostics of a version."""

    def __init__(self, root: Path) -> None:
        self.client = LanguageClient("bench", "1")
        self.root = root
        self.uri = (root / "service" / "module_0.py").as_uri()
        self.seen: dict[int, float] = {}
        self.news = asyncio.Event()
        self.read = asyncio.Event()
        self.version = 0
        client = self.client

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            if params.uri == self.uri and params.version is not None:
                self.seen.setdefault(params.version, time.perf_counter())
                self.news.set()

        @client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def create(params: types.WorkDoneProgressCreateParams) -> None:
            return None

        @client.feature(types.PROGRESS)
        def progress(params: types.ProgressParams) -> None:
            if isinstance(params.value, dict) and params.value.get("kind") == "end":
                self.read.set()

    async def start(self) -> None:
        """Start the server and say hello."""
        await self.client.start_io(sys.executable, "-m", "brownout", "server")
        folder = types.WorkspaceFolder(self.root.as_uri(), "bench")
        await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(window=types.WindowClientCapabilities(work_done_progress=True)),
                root_uri=self.root.as_uri(),
                workspace_folders=[folder],
            )
        )
        self.client.initialized(types.InitializedParams())

    async def until(self, version: int) -> float:
        """When the diagnostics of a version came."""
        while version not in self.seen:
            self.news.clear()
            await self.news.wait()
        return self.seen[version]

    async def open(self, text: str) -> float:
        """Open the file; how long until its first diagnostics."""
        self.version = 1
        began = time.perf_counter()
        item = types.TextDocumentItem(self.uri, "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.until(1) - began

    async def save(self, text: str) -> float:
        """Change and save at once; how long until the diagnostics."""
        self.version += 1
        place = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(place, [change]))
        began = time.perf_counter()
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(self.uri)))
        return await self.until(self.version) - began

    def processes(self) -> dict[str, Path]:
        """The server and its analysis in /proc."""
        server = Path(f"/proc/{self.client._server.pid if self.client._server is not None else 0}")
        children = [
            word for thread in (server / "task").iterdir() for word in (thread / "children").read_text().split()
        ]
        return {"server": server, "analysis": Path("/proc", *children[:1])}

    def memory(self) -> dict[str, int]:
        """MiB of each process."""
        status = {name: (path / "status").read_text() for name, path in self.processes().items()}
        return {name: int(text.partition("VmRSS:")[2].split()[0]) // 1024 for name, text in status.items()}

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU time that each process has used."""
        found = {
            name: (path / "stat").read_text().rpartition(")")[2].split() for name, path in self.processes().items()
        }
        return {name: (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") for name, words in found.items()}

    async def several(self, name: str, texts: list[str]) -> None:
        """Save each text, and print what it took; the CPU time is what a busy machine does not change."""
        before = self.cpu()
        times = sorted([await self.save(text) for text in texts])
        used = ", ".join(
            f"{key} {(value - before[key]) / len(texts) * 1000:.0f} ms" for key, value in self.cpu().items()
        )
        p50, p95 = statistics.median(times) * 1000, times[int(len(times) * 0.95)] * 1000
        print(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms; CPU for each: {used}")


async def measure(files: int, lines: int, saves: int) -> None:
    """Print one line per figure."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "bench"
        root.mkdir()
        generate(root, files, lines)
        text = (root / "service" / "module_0.py").read_text(encoding="utf-8")
        print(f"{files} files, {text.count(chr(10))} lines in the one that is edited")
        bench = Bench(root)
        began = time.perf_counter()
        await bench.start()
        print(f"start to initialize: {time.perf_counter() - began:.2f} s")
        print(f"open to first diagnostics: {await bench.open(text):.2f} s")
        await bench.read.wait()
        print(f"start to the whole project's diagnostics: {time.perf_counter() - began:.2f} s")
        await bench.save(text + "\n")
        await bench.several("save, same interface", [text + "#" * count + "\n" for count in range(2, saves)])
        new = [text + f"\n\ndef more_{count}():\n    return {count}\n" for count in range(saves // 4)]
        await bench.several("save, new function", new)
        print("memory: " + ", ".join(f"{name} {size} MiB" for name, size in bench.memory().items()))
        await bench.client.shutdown_async(None)
        bench.client.exit(None)
        await asyncio.sleep(0.5)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--saves", type=int, default=60)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.files, arguments.lines, arguments.saves))


if __name__ == "__main__":
    main()
