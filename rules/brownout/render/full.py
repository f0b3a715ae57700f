"""Findings for people: the line, the way from it to the failure, why it matters and what to do."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator

from brownout.core import Certainty, Finding, Location, Rule, Severity
from brownout.render.report import UNREADABLE, Report, plain
from brownout.render.snippet import Snippet, snippet
from brownout.render.summary import summary
from brownout.report.pages import parse
from rich.console import Console
from rich.text import Text

STYLES = {
    Severity.CRITICAL: "bold bright_red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.MONITOR: "cyan",
}
QUIET = "bright_black"
CODE = r"`[^`\n]+`"


def render(report: Report, *, color: bool = False, quiet: bool = False, width: int = 100) -> str:
    """The findings in their order, unreadable files first, and the summary unless `quiet`.

    `width` is in terminal cells: prose is wrapped, and source lines are cut, to fit it.
    """
    width = max(width, 40)
    out = io.StringIO()
    # The environment is empty so that the same report gives the same text; who calls has asked it about colours.
    console = Console(
        file=out, force_terminal=color, color_system="standard" if color else None, no_color=not color, width=width,
        legacy_windows=False, _environ={},
    )  # fmt: skip
    for item in report.unreadable:
        place = f"{plain(report.shown(item.path))}:{item.line}"
        console.print(_heading(UNREADABLE, Severity.MEDIUM, place), soft_wrap=True)
        console.print(Text(f"  {plain(item.message)}\n"), soft_wrap=True)
    for finding in report.findings:
        for line in _finding(report, finding, width):
            console.print(line, soft_wrap=True)
        console.print()
    if not quiet:
        for text in summary(report):
            console.print(_prose(text), soft_wrap=True)
    return out.getvalue()


def _finding(report: Report, finding: Finding, width: int) -> Iterator[Text]:
    rule = report.rules.get(finding.rule)
    span = finding.location.span
    place = f"{plain(report.shown(finding.location.path))}:{span.line}:{span.column + 1}"
    yield _heading(finding.rule, finding.severity, place, doubtful=finding.certainty is Certainty.SUSPECTED)
    yield _prose(f"  {plain(finding.message)}")
    if finding.because:
        instead = f", not {rule.severity.value}" if rule is not None and rule.severity is not finding.severity else ""
        yield Text(f"  {finding.severity.value}{instead}: {plain(finding.because)}", QUIET)
    gutter = max(len(str(place.span.line)) for place in (finding.location, *(note.location for note in finding.notes)))
    yield from _code(report, finding.location, gutter, width, STYLES[finding.severity])
    for note in finding.notes:
        where = f"{plain(report.shown(note.location.path))}:{note.location.span.line}"
        yield Text.assemble("  → ", (where, "bold"), "  ", _prose(plain(note.message)))
        yield from _code(report, note.location, gutter, width, QUIET)
    yield from _advice(rule, finding, width)


def _heading(name: str, severity: Severity, place: str, *, doubtful: bool = False) -> Text:
    doubt = " (to be confirmed)" if doubtful else ""
    return Text.assemble((name, "bold"), "  ", (severity.value, STYLES[severity]), doubt, "  ", place)


def _code(report: Report, location: Location, gutter: int, width: int, style: str) -> Iterator[Text]:
    line = report.line(location.path, location.span.line)
    if line is None or not line.strip():
        return
    found: Snippet = snippet(line, *report.stretch(location), room=width - gutter - 5)
    number = str(location.span.line).rjust(gutter)
    yield Text.assemble((f"  {number} │ ", QUIET), found.text)
    yield Text.assemble((f"  {' ' * gutter} │ ", QUIET), " " * found.start, ("^" * found.length, style))


def _advice(rule: Rule | None, finding: Finding, width: int) -> Iterator[Text]:
    page = parse(rule.doc if rule is not None else "")
    for word, section in (("Why:", "The Problem"), ("Do: ", "The Fix")):
        if sentence := plain(page.sentence(section, finding.words)):
            lines = textwrap.wrap(sentence, width - 7, break_long_words=False, break_on_hyphens=False)
            text = _prose("\n".join([f"  {word} {lines[0]}", *(f"       {line}" for line in lines[1:])]))
            text.stylize("bold", 2, 6)
            yield text
    if finding.fixes:
        fix = finding.fixes[0]
        yield Text(f"  [{'' if fix.safe else 'unsafe '}fix available: {plain(fix.title)}]", "green" if fix.safe else "")


def _prose(text: str) -> Text:
    """Text in which `code` stands out; built without markup, so that brackets in it mean nothing."""
    found = Text(text)
    found.highlight_regex(CODE, "bold")
    return found
