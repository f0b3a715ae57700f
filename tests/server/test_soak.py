"""Everything at once, in random order: at the end the server says what a check from scratch says.

`BROWNOUT_SOAK=5000 python -m pytest tests/server/test_soak.py -s` is the long run; it also looks at memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest
from brownout.project.checking import check_workspace, names_of
from brownout.project.config import read
from brownout.project.workspace import open_workspace
from brownout.rules import load
from lsprotocol import types
from server.editor import PATIENCE, Editor, editing

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")]

STEPS = int(os.environ.get("BROWNOUT_SOAK", "100"))
LONG = 2000
SETTINGS = (
    "",
    'ignore = ["missing-timeout"]\n',
    'select = ["network", "pipeline"]\n',
    'min-severity = "high"\n',
    "suspected = true\n",
    'exclude = ["backend/docdesk/services/"]\n',
)
BROKEN = ("slect = []\n", "[[[\n", 'min-severity = "loud"\n')
SNIPPETS = (
    "\n\nasync def more():\n    import time\n\n    time.sleep(3)\n",
    "\n\ndef also(url):\n    import requests\n\n    return requests.get(url)\n",
    "\n\ndef ä😊(url):\n    import requests\n\n    return requests.get('😊', url)\n",
    "# brownout: ignore[missing-timeout] for the test\n",
    "def (:\n",
    "\f\n",
    '"""',
)


class Chaos:
    """An editor that does all kinds of things, and remembers what it asked."""

    def __init__(self, editor: Editor, chance: random.Random, *, kills: bool = True) -> None:
        self.editor = editor
        self.chance = chance
        self.kills = kills and Path("/proc").exists()
        self.originals = {
            path.relative_to(editor.root).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(editor.root.rglob("*.py"))
        }
        self.names = list(self.originals)
        self.asked: list[asyncio.Task[Any]] = []
        self.memory: list[int] = []

    def step(self) -> None:
        """Do one thing."""
        weights = {"open": 4, "close": 2, "edit": 16, "restore": 3, "save": 5, "ask": 8, "disk": 2, "settings": 1}
        if self.kills:
            weights["kill"] = 1 if self.chance.random() < 0.3 else 0
        getattr(self, self.chance.choices(list(weights), list(weights.values()))[0])()

    def open(self) -> None:
        shut = [name for name in self.names if name not in self.editor.texts and (self.editor.root / name).exists()]
        if shut and len(self.editor.texts) < 8:
            self.editor.open(self.chance.choice(shut))

    def close(self) -> None:
        if self.editor.texts:
            self.editor.close(self.chance.choice(sorted(self.editor.texts)))

    def edit(self) -> None:
        if not self.editor.texts:
            return self.open()
        name = self.chance.choice(sorted(self.editor.texts))
        lines = self.editor.texts[name].splitlines(keepends=True) or [""]
        place = self.chance.randrange(len(lines))
        if self.chance.random() < 0.5:
            lines.insert(place, self.chance.choice((*SNIPPETS, "\n", lines[place])))
        elif self.chance.random() < 0.5:
            del lines[place]
        else:
            lines.append(self.chance.choice(SNIPPETS))
        return self.editor.change(name, "".join(lines))

    def restore(self) -> None:
        if self.editor.texts:
            name = self.chance.choice(sorted(self.editor.texts))
            self.editor.change(name, self.originals[name])

    def save(self) -> None:
        if self.editor.texts:
            name = self.chance.choice(sorted(self.editor.texts))
            self.editor.save(name)
            self.editor.touched(name)

    def ask(self) -> None:
        if not self.editor.texts:
            return
        name = self.chance.choice(sorted(self.editor.texts))
        line = self.chance.randrange(60)
        asked = self.chance.choice(
            [
                lambda: self.editor.pull(name),
                lambda: self.editor.pull_all(),
                lambda: self.editor.actions(name, line),
                lambda: self.editor.hover(name, line, self.chance.randrange(40)),
                lambda: self._fix(name),
            ]
        )
        self.asked.append(asyncio.ensure_future(asked()))

    async def _fix(self, name: str) -> None:
        for action in await self.editor.actions(name, 0, end=400):
            if action.edit is None and action.data is not None:
                await self.editor.code_action_resolve_async(action)
                return

    def disk(self) -> None:
        """Another program changes, removes or makes a file that is not open."""
        shut = [name for name in self.names if name not in self.editor.texts]
        name = self.chance.choice(shut)
        path = self.editor.root / name
        if path.exists() and self.chance.random() < 0.3:
            path.unlink()
            self.editor.touched(name, types.FileChangeType.Deleted)
        else:
            kind = types.FileChangeType.Changed if path.exists() else types.FileChangeType.Created
            path.write_text(self.originals[name] + self.chance.choice(SNIPPETS[:4]), encoding="utf-8")
            self.editor.touched(name, kind)

    def settings(self) -> None:
        text = self.chance.choice((*SETTINGS, *BROKEN))
        (self.editor.root / "brownout.toml").write_text(text, encoding="utf-8")
        self.editor.touched("brownout.toml")

    def kill(self) -> None:
        for pid in self.editor.analysis_pids():
            os.kill(pid, signal.SIGKILL)

    def tidy(self) -> None:
        """Make everything parse again, and leave good settings behind."""
        (self.editor.root / "brownout.toml").write_text(self.chance.choice(SETTINGS), encoding="utf-8")
        self.editor.touched("brownout.toml")
        for name in self.names:
            path = self.editor.root / name
            if name in self.editor.texts:
                if not _parses(self.editor.texts[name]):
                    self.editor.change(name, self.originals[name])
                self.editor.save(name)
            elif path.exists() and not _parses(path.read_text(encoding="utf-8")):
                path.write_text(self.originals[name], encoding="utf-8")
                self.editor.touched(name)

    async def findings(self) -> list[tuple[object, ...]]:
        """What the server says of all files."""
        found = [
            (item.uri.removeprefix(self.editor.root.as_uri() + "/"), one.range.start.line + 1, one.code, one.message)
            for item in await self.editor.pull_all()
            for one in item.items
            if one.code != "suppression"
        ]
        return sorted(found, key=str)

    def note_memory(self) -> None:
        """How large the analysis is, in MiB, where /proc tells."""
        for pid in self.editor.analysis_pids():
            status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            self.memory.append(int(status.partition("VmRSS:")[2].split()[0]) // 1024)


def _parses(text: str) -> bool:
    try:
        compile(text, "", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def checked(root: Path) -> list[tuple[object, ...]]:
    """What a check from scratch says."""
    settings = read(root, names_of(load()))
    outcome = check_workspace(open_workspace(root, [root], settings), settings)
    found = [(one.location.path, one.location.span.line, one.rule, one.message) for one in outcome.findings]
    found += [(one.path, one.line, "unreadable-file", one.message) for one in outcome.unreadable]
    return sorted(found, key=str)


async def ends_as_a_check_says(chaos: Chaos) -> None:
    """Every request is answered, and at the end the server says what a check from scratch says."""
    chaos.tidy()
    async with asyncio.timeout(PATIENCE * 2):
        await asyncio.gather(*chaos.asked)
    expected, found = checked(chaos.editor.root), await chaos.findings()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE * 2):
            while found != expected:
                await asyncio.sleep(0.2)
                found = await chaos.findings()
    assert found == expected


@pytest.mark.parametrize("seed", range(2 if STEPS < LONG else 1))
async def test_after_any_day_the_server_says_what_a_check_says(docdesk, seed):
    chance = random.Random(seed)
    async with editing(docdesk, "vscode", encodings=["utf-32"]) as editor:
        chaos = Chaos(editor, chance)
        for _ in range(STEPS):
            chaos.step()
            if chance.random() < 0.2:
                await asyncio.sleep(chance.random() * 0.3)
        await ends_as_a_check_says(chaos)


@pytest.mark.skipif(STEPS < LONG, reason="memory shows in the long run only: BROWNOUT_SOAK=2000")
async def test_memory_stays_flat(docdesk):
    """One analysis lives through the whole day; a new project's worth of warmth at the beginning is its right."""
    chance = random.Random(7)
    async with editing(docdesk, "vscode", encodings=["utf-32"]) as editor:
        chaos = Chaos(editor, chance, kills=False)
        for count in range(STEPS):
            chaos.step()
            if chance.random() < 0.2:
                await asyncio.sleep(chance.random() * 0.3)
            if count % (STEPS // 20) == 0 and editor.texts:
                await editor.pull(next(iter(editor.texts)))
                chaos.note_memory()
        print(f"{STEPS} steps, {len(chaos.asked)} requests, memory {chaos.memory} MiB")
        await ends_as_a_check_says(chaos)
        half = len(chaos.memory) // 2
        assert max(chaos.memory[half:]) < 1.15 * max(chaos.memory[:half])
