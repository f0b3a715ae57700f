"""Quick fixes: what is offered at a place, and the edits of an offer that was taken."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from brownout.core import Finding, Fix
from brownout.fixes.edits import edits
from brownout.report.pages import parse
from brownout.rules import load
from brownout.server.lines import Encoding, Lines, units
from lsprotocol import types

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.brownout"
REASON = "reason: why this is fine"
_COMMENT = re.compile(r"#\s*brownout:\s*ignore\[(?P<names>[^\]]*)\]")
_CLAUSE = re.compile(r"[,;:](?=\s)|\.(?=\s|$)")


def title(finding: Finding, fix: Fix) -> str:
    """What the menu says of a fix; of an unsafe one also what it changes."""
    if fix.safe:
        return fix.title
    rule = load().get(finding.rule)
    sentence = parse(rule.doc).sentence("Trade-off Consideration", finding.words) if rule is not None else ""
    clause = _CLAUSE.split(sentence, maxsplit=1)[0].strip()
    return f"{fix.title} (unsafe: {clause[:1].lower()}{clause[1:]})" if clause else f"{fix.title} (unsafe)"


def wanted(kind: str, only: Iterable[str] | None) -> bool:
    """Whether a client asks for actions of this kind: it names a kind above it, or none."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)


def safe_fixes(findings: Iterable[Finding]) -> tuple[Fix, ...]:
    """The first safe fix of each finding."""
    found = (next((fix for fix in finding.fixes if fix.safe), None) for finding in findings)
    return tuple(fix for fix in found if fix is not None)


def text_edits(before: str, after: str) -> list[types.TextEdit]:
    """The edits that make one text of the other; they are whole lines, so that units do not matter."""
    lines = Lines(before)
    return [types.TextEdit(_range(lines, edit.start - 1, edit.end - 1), edit.text) for edit in edits(before, after)]


def _range(lines: Lines, start: int, end: int) -> types.Range:
    return types.Range(types.Position(start, 0), types.Position(end, 0))


def ignore_edit(lines: Lines, line: int, rule: str, encoding: Encoding) -> types.TextEdit | None:
    """The edit that switches a rule off at a line (from 0); None where no comment can stand.

    A comment of ours on the statement gets one more name. Otherwise one is written behind the statement, or, if there
    is another comment already, above it.
    """
    statement = next((found for found in _statements(lines.text) if found[0] <= line <= found[1]), None)
    if statement is None:
        return None
    first, last, comments = statement
    for number, column, text in comments:
        match = _COMMENT.match(text)
        if match:
            at = column + match.end("names")
            place = types.Position(number, units(lines.line(number), at, encoding))
            return types.TextEdit(types.Range(place, place), f", {rule}" if match["names"].strip() else rule)
    comment = f"# brownout: ignore[{rule}] {REASON}"
    if any(number == last for number, _, _ in comments):
        indent = re.match(r"[ \t\f]*", lines.line(first))
        start = types.Position(first, 0)
        return types.TextEdit(types.Range(start, start), f"{indent[0] if indent else ''}{comment}{_end(lines)}")
    end = types.Position(last, units(lines.line(last), len(lines.line(last).rstrip()), encoding))
    return types.TextEdit(types.Range(end, end), f"  {comment}")


def _end(lines: Lines) -> str:
    return "\r\n" if "\r\n" in lines.text else "\n"


def _statements(text: str) -> Iterator[tuple[int, int, list[tuple[int, int, str]]]]:
    """The first and the last line of each logical line, from 0, with the comments on it."""
    first: int | None = None
    comments: list[tuple[int, int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NEWLINE and first is not None:
                yield first, token.start[0] - 1, comments
                first, comments = None, []
            elif token.type == tokenize.COMMENT:
                if first is not None:
                    comments.append((token.start[0] - 1, token.start[1], token.string))
            elif first is None and token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE):
                first = token.start[0] - 1
    except (tokenize.TokenError, SyntaxError):
        return
