"""Small pieces of HTML: text made safe, back quotes as code, diffs in colour, classes for outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_CODE = re.compile(r"(`+)(.+?)\1")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])")


def text(plain: str) -> str:
    """Text that can stand anywhere, in attributes too."""
    return escape(plain, quote=True)


def prose(words: str) -> str:
    """Text in which `code`, **bold** and *emphasis* are what they look like."""
    parts: list[str] = []
    last = 0
    for match in _CODE.finditer(words):
        parts.append(_plain(words[last : match.start()]))
        parts.append(f"<code>{text(match[2].strip())}</code>")
        last = match.end()
    parts.append(_plain(words[last:]))
    return "".join(parts)


def _plain(words: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", text(words)))


def place(path: str, line: int) -> str:
    """A file and a line."""
    return f'<span class="path">{text(path)}:{line}</span>'


def items(texts: Iterable[str], tag: str = "ul") -> str:
    """A list of pieces of HTML; empty without any."""
    found = "".join(f"<li>{one}</li>" for one in texts)
    return f"<{tag}>{found}</{tag}>" if found else ""


def block(code: str) -> str:
    """Lines of code."""
    return f"<pre><code>{text(code)}</code></pre>" if code else ""


def diff(lines: str) -> str:
    """A unified diff, what goes and what comes in colour."""
    if not lines:
        return ""
    shown: list[str] = []
    for line in lines.splitlines():
        kind = {"+": "add", "-": "del", "@": "at"}.get(line[:1], "")
        if line.startswith(("+++", "---")):
            kind = "at"
        end = "" if kind in ("add", "del") else "\n"
        shown.append(f'<span class="{kind}">{text(line) or " "}</span>{end}' if kind else f"{text(line)}\n")
    return f'<pre class="diff"><code>{"".join(shown)}</code></pre>'


def kind(outcome: str) -> str:
    """The class of an outcome."""
    return "o500" if outcome == "500" else outcome.replace(" ", "-")


def outcome(name: str) -> str:
    """An outcome in its colour."""
    return f'<span class="out {kind(name)}">{text(name)}</span>'


def severity(name: str) -> str:
    """A severity as a label."""
    return f'<span class="sev {text(name)}">{text(name)}</span>'
