"""What a file says in so many words that it does, once for all: read from its text, before anything is resolved."""

from __future__ import annotations

import re

PRACTICES = {
    "wal": (("journal_mode",), re.compile(r"journal_mode\W{1,6}wal\b")),
    "body-limit": (
        ("content-length", "max_content_length", "max_request_body_size"),
        re.compile(
            r"middleware.*content-length|content-length.*middleware|max_content_length|max_request_body_size", re.DOTALL
        ),
    ),
    "autocommit": (
        ("isolation_level", "autocommit"),
        re.compile(r"isolation_level\W{1,4}none|autocommit\W{1,3}true"),
    ),
    "integrity-check": (("quick_check", "integrity_check"), re.compile(r"\b(quick|integrity)_check\b")),
    "schema-version": (
        ("user_version", "schema_version", "schemaversion", "alembic", "yoyo", "migrat"),
        re.compile(r"user_version|schema_?version|alembic|yoyo|peewee_migrate|migrat"),
    ),
    "database-backup": (
        ("backup", "vacuum", "litestream", "iterdump", "rsync"),
        re.compile(r"\.backup\(|vacuum\s+into|litestream|iterdump|sqlite3_rsync"),
    ),
    "space-check": (("disk_usage", "statvfs", "enospc"), re.compile(r"\bdisk_usage\b|\bstatvfs\b|enospc")),
    "deletion": (
        ("unlink", "rmtree", "os.remove", "removedirs"),
        re.compile(r"\bunlink\b|\brmtree\b|\bos\.remove\b|\bremovedirs\b"),
    ),
    "hub-offline": (("hf_hub_offline", "transformers_offline"), re.compile(r"hf_hub_offline|transformers_offline")),
    "breaker": (("breaker",), re.compile(r"circuit_?breaker|pybreaker|aiobreaker|\wbreaker\(|class \w*breaker\b")),
    "raises-for-status": (
        (".hooks[", "raise_for_status()"),
        re.compile(
            r"\.hooks\[|raise_for_status\(\)(?:.*\n){0,3}?.*super\(\)|super\(\)(?:.*\n){0,3}?.*raise_for_status\(\)"
        ),
    ),
    "middleware-catches": (
        ("call_next(",),
        re.compile(
            r"call_next\(.*(?:\n.*){0,8}?\n([ \t]*)except(?::| exception| baseexception).*"
            r"(?=\n(\1[ \t]+)\S)(?!(?:\n\1[ \t].*)*?\n\2raise[ \t]*(?:\n|$))"  # which only looks on
        ),
    ),
    "on-failure": (("on_failure", "link_error"), re.compile(r"\b(on_failure|link_error)\s*=")),
    "document-timeout": (("document_timeout",), re.compile(r"document_timeout")),
    "chdir": (("chdir(",), re.compile(r"\bchdir\(")),
    "semaphore": (("semaphore", "limiter"), re.compile(r"semaphore|limiter")),
    "broken-pool": (("broken",), re.compile(r"broken(processpool|executor|threadpool)")),
}
"""What a file may do once for all: words of which it must have one, and the pattern that tells; in lower case."""

_MAKES = re.compile(r"([^\s=,:]+)\.mkdir\(|(?:makedirs|mkdir)\(\s*([^\n]+)")
_PLAIN = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*(?![\w(.=\"'])")
"""A name that stands by itself: no attribute, no call, no keyword."""
_UP_TO_BODY = re.compile(r":[ \t]*(?:#[^\n]*)?\n")


def practices_in(text: str) -> tuple[str, ...]:
    """The names of the practices that a file's text tells of."""
    lowered = text.lower()
    return tuple(
        name
        for name, (words, pattern) in PRACTICES.items()
        if any(word in lowered for word in words) and pattern.search(lowered)
    )


def directories_in(text: str) -> tuple[str, ...]:
    """What the file makes directories for, as written: the pattern is slow, and asked only about lines of that word."""
    found: list[str] = []
    start = 0
    while places := [place for word in ("mkdir(", "makedirs(") if (place := text.find(word, start)) >= 0]:
        first = max(text.rfind("\n", 0, min(places)) + 1, start)
        start = _line_end(text, min(places))
        while start < len(text) and text[first:start].rstrip().endswith("("):  # the argument is on the next line
            start = _line_end(text, start + 1)
        for groups in _MAKES.findall(text[first:start]):
            written = "".join(groups)
            found.append(written)
            found += (meant for name in _PLAIN.findall(written) if (meant := _stands_for(name, text, first, start)))
    return tuple(found)


def _stands_for(name: str, text: str, first: int, end: int) -> str:
    """What a name in such a line stands for: the values of its loop, or `def make` where it is a parameter of that."""
    if beside := re.search(rf"\bfor {name} in ([^\n\]]+)", text[first:end]):
        return _listed(beside[1], text)
    pattern = rf"\bfor [^\n:]*\b{name}\b[^\n:]* in |\bdef (\w+)\([^)]*\b{name}\b[^()]*(?:\)|=)"
    last = next(iter(list(re.finditer(pattern, text[:first]))[-1:]), None)
    if last is None or re.search(rf"\n[ \t]*{name} = ", text[last.start() : first]):
        return ""
    if last[1] == "__init__":
        owners = re.findall(r"^\s*class (\w+)", text[: last.start()], re.MULTILINE)
        return f"def {owners[-1]}" if owners else ""
    return f"def {last[1]}" if last[1] else _listed(_UP_TO_BODY.split(text[last.end() : first], maxsplit=1)[0], text)


def _listed(values: str, text: str) -> str:
    """The values of a loop as written, or what their name holds; `def ?` for a constant of another file."""
    name = values.strip().removesuffix(".values()")
    if name.isidentifier():
        held = re.search(rf"^\s*{name}\b[^=\n]*=\s*([\[({{][^\])}}]*)", text, re.MULTILINE)
        if held:
            return held[1]
    return "def ?" if name.rpartition(".")[2].isupper() else values


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end
