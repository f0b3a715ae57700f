"""Random edits of a project, of the kinds that people make."""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path


def edited(text: str, chance: random.Random) -> str:
    """The text with one edit of those that people make; it may stop parsing."""
    lines = text.splitlines(keepends=True) or [""]
    place = chance.randrange(len(lines))
    kind = chance.choice(["blank", "delete", "double", "call", "swap", "broken", "comment", "body", "rename", "once"])
    if kind == "blank":
        lines.insert(place, "\n" * chance.randrange(1, 30))
    elif kind == "delete":
        del lines[place]
    elif kind == "double":
        lines.insert(place, lines[place])
    elif kind == "call":
        lines.append("\n\nasync def more():\n    import time\n\n    time.sleep(3)\n")
    elif kind == "swap":
        other = chance.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    elif kind == "broken":
        lines.insert(place, "def (:\n")
    elif kind == "comment":
        lines[place] = lines[place].rstrip("\n") + "  # brownout: ignore[missing-timeout] for the test\n"
    else:
        return {"body": slower, "rename": renamed, "once": once_for_all}[kind]("".join(lines), chance)
    return "".join(lines)


def slower(text: str, chance: random.Random) -> str:
    """The text with one function, whoever calls it, that waits before it does anything else."""
    found = list(re.finditer(r"^( *)(?:async )?def .*:\n", text, re.MULTILINE))
    if not found:
        return text
    match = chance.choice(found)
    return f"{text[: match.end()]}{match[1]}    import time; time.sleep(9)\n{text[match.end() :]}"


def renamed(text: str, chance: random.Random) -> str:
    """The text with another name for a function, so that what others import is not there."""
    found = list(re.finditer(r"^ *(?:async )?def (\w+)", text, re.MULTILINE))
    if not found:
        return text
    match = chance.choice(found)
    return f"{text[: match.start(1)]}other_{text[match.start(1) :]}"


def once_for_all(text: str, chance: random.Random) -> str:
    """The text with a line that counts for every file of the project."""
    lines = [
        'PRAGMA = "PRAGMA journal_mode=WAL"',
        "import threading; LIMITER = threading.Semaphore(3)",
        "import socket; socket.setdefaulttimeout(3)",
        "import shutil; FREE = shutil.disk_usage('.').free",
        "from fastapi import FastAPI; other = FastAPI()\n\n\n@other.get('/x')\ndef serve(): return 1",
    ]
    return f"{text}\n\n{chance.choice(lines)}\n"


def parses(text: str) -> bool:
    """Whether Python can read it."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def on_disk(root: Path, chance: random.Random, *, broken: bool = False) -> None:
    """One change of the project's files: added, removed, renamed, settings, versions, ignored; they may be `broken`."""
    files = sorted(path for path in root.rglob("*.py"))
    path = chance.choice(files)
    kind = chance.choice(["add", "remove", "rename", "settings", "lock", "ignore", "edit", "edit"])
    if kind == "add":
        path.with_name(f"new_{chance.randrange(100)}.py").write_text(path.read_text())
    elif kind == "remove" and len(files) > 10:
        path.unlink()
    elif kind == "rename":
        path.rename(path.with_name(f"moved_{chance.randrange(100)}.py"))
    elif kind == "settings":
        rule = chance.choice(["missing-timeout", "blocking-call-in-async", "network", "none"])
        text = "" if rule == "none" else f'ignore = ["{rule}"]\nmin-severity = "monitor"\n'
        (root / "brownout.toml").write_text(text)
    elif kind == "lock":
        (root / "requirements.txt").write_text(f"requests=={chance.randrange(3)}.0\nhttpx==0.{chance.randrange(30)}\n")
    elif kind == "ignore":
        (root / ".gitignore").write_text(chance.choice(["", f"{path.name}\n", "tests\n"]))
    elif parses(text := edited(path.read_text(), chance)) or broken:
        path.write_text(text)
