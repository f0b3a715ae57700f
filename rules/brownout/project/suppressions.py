"""Comments that switch a finding off where it stands: `# brownout: ignore[missing-timeout] why it is fine`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from brownout.core import Finding
from brownout.model.source import Unreadable
from brownout.project.config import hint

_COMMENT = re.compile(r"#\s*brownout:\s*(?P<kind>file-ignore|ignore)\b(?:\[(?P<names>[^\]]*)\])?\s*(?P<reason>.*)$")
_MARK = re.compile(r"#\s*brownout\s*:")


@dataclass(slots=True)
class Suppression:
    """One comment: the lines it covers (None: the whole file), the rules it names, the reason it gives."""

    path: str
    line: int
    lines: range | None
    names: tuple[str, ...]
    reason: str
    used: set[str] = field(default_factory=set[str])


def suppress(
    findings: Iterable[Finding], texts: Mapping[str, str], known: Collection[str], asked: Collection[str]
) -> tuple[list[Finding], list[tuple[Finding, str]], list[Unreadable]]:
    """The findings that stay; those switched off, each with its reason; and what is wrong with the comments.

    `texts` are the sources by path, `known` all rules, `asked` those that were asked about: only of them can a
    comment be called unused.
    """
    found = {path: list(read(path, text)) for path, text in texts.items() if may_suppress(text)}
    kept: list[Finding] = []
    dropped: list[tuple[Finding, str]] = []
    for finding in findings:
        match = _match(finding, found.get(finding.location.path, ()))
        if match is None:
            kept.append(finding)
        else:
            match.used.add(finding.rule)
            dropped.append((finding, match.reason))
    return kept, dropped, list(_problems(found, known, asked))


def may_suppress(text: str) -> bool:
    """Whether a text may hold such a comment."""
    return "brownout" in text and _MARK.search(text) is not None


def read(path: str, text: str) -> Iterator[Suppression]:
    """The suppression comments of one file, as its tokens tell: text inside a string is no comment."""
    pending: list[tuple[int, re.Match[str]]] = []
    inside: list[tuple[int, re.Match[str]]] = []
    start = 0
    decorated = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (match := _COMMENT.match(token.string)):
                (inside if start else pending).append((token.start[0], match))
            elif token.type == tokenize.NEWLINE:
                covered = range(start, token.end[0] + 1)
                yield from (_made(path, line, match, covered) for line, match in inside)
                if not decorated:
                    yield from (_made(path, line, match, range(line, covered.stop)) for line, match in pending)
                    pending = []
                inside, start = [], 0
            elif start == 0 and token.type not in (
                tokenize.NL,
                tokenize.COMMENT,
                tokenize.INDENT,
                tokenize.DEDENT,
                tokenize.ENDMARKER,
            ):
                start, decorated = token.start[0], token.string == "@"
    except (tokenize.TokenError, SyntaxError):
        return
    yield from (_made(path, line, match, range(line, line + 1)) for line, match in pending)


def _made(path: str, line: int, match: re.Match[str], covered: range) -> Suppression:
    names = tuple(name.strip() for name in (match["names"] or "").split(",") if name.strip())
    lines = None if match["kind"] == "file-ignore" else covered
    return Suppression(path, line, lines, names, match["reason"].lstrip(":-— ").strip())


def _match(finding: Finding, suppressions: Iterable[Suppression]) -> Suppression | None:
    for suppression in suppressions:
        if finding.rule in suppression.names:
            if suppression.lines is None or finding.location.span.line in suppression.lines:
                return suppression
    return None


def _problems(
    found: Mapping[str, list[Suppression]], known: Collection[str], asked: Collection[str]
) -> Iterator[Unreadable]:
    for path in sorted(found):
        for suppression in found[path]:
            if not suppression.names:
                message = "a suppression must name its rules: # brownout: ignore[rule-name] reason"
                yield Unreadable(path, suppression.line, message)
            for name in suppression.names:
                if name not in known:
                    message = f"suppression of an unknown rule {name!r}{hint(name, known)}"
                    yield Unreadable(path, suppression.line, message)
                elif name in asked and name not in suppression.used:
                    yield Unreadable(path, suppression.line, f"unused suppression: no {name} here")
