"""Findings as SARIF 2.1.0: what GitHub's code scanning reads, and what other viewers show besides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from brownout.core import Finding, Location, __version__
from brownout.model.source import Unreadable
from brownout.render.columns import utf16
from brownout.render.report import UNREADABLE, Report, level, plain
from brownout.render.rows import row, rows
from brownout.render.sarif import objects
from brownout.render.sarif.linehash import line_hashes
from brownout.render.sarif.pages import descriptor, pascal
from brownout.render.sarif.writer import members
from brownout.report.fingerprints import fingerprints

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LIMIT = 25_000
"""Results of a run that GitHub takes; a run with more is refused as a whole."""

LEFT_OUT = "findings-left-out"

Marked = tuple[Finding, str]
"""A finding and its fingerprint."""

_LOOKS_LIKE_A_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")


def render(report: Report) -> str:
    """One run with all rules that were asked about, the findings as results, and what went wrong as notifications."""
    marked, left_out = _most(list(zip(report.findings, fingerprints(report.findings), strict=True)))
    hashes = _hashes(report, [finding.location for finding, _ in marked])
    indexes = {name: index for index, name in enumerate(report.rules)}
    run = objects.run(
        _driver(report),
        category_of(report),
        _notifications(report, left_out),
        [_result(report, finding, indexes, mark, hashes) for finding, mark in marked],
    )
    return f'{{"$schema": {row(SCHEMA)}, "version": "2.1.0", "runs": [{rows(members(run))}]}}\n'


def category_of(report: Report) -> str:
    """What tells uploads of one commit apart: the project's place, unless the report says otherwise."""
    return report.category or f"brownout/{report.within('')}"


def _driver(report: Report) -> object:
    return objects.driver(
        "brownout",
        __version__,
        "Finds out how a Python service fails before production does.",
        [descriptor(rule) for rule in report.rules.values()],
        [
            _kind(UNREADABLE, "A file could not be read, so it was not audited."),
            _kind(LEFT_OUT, "There are more findings than a run may hold; the milder ones are left out."),
        ],
    )


def _kind(name: str, words: str) -> object:
    """A kind of notification; code scanning wants every text of it that it wants of a rule."""
    text = objects.multiformat(words)
    return objects.descriptor(name, "warning", text, title=pascal(name), full=text, help_text=text)


def _result(
    report: Report,
    finding: Finding,
    indexes: Mapping[str, int],
    mark: str,
    hashes: Mapping[str, Mapping[int, str]],
) -> object:
    path, line = finding.location.path, finding.location.span.line
    place = _place(report, finding.location, function=finding.site.qualname)
    notes = list(enumerate(finding.notes, 1))
    first = _place(report, finding.location, text=finding.message)
    steps = [_place(report, note.location, text=note.message) for note in finding.notes]
    known = {"brownoutFingerprint/v1": mark}
    if line in hashes.get(path, ()):
        known["primaryLocationLineHash"] = hashes[path][line]
    return objects.result(
        finding.rule,
        indexes.get(finding.rule, -1),
        level(finding),
        objects.message(_message(finding)),
        place,
        related=[_place(report, note.location, text=note.message, number=number) for number, note in notes],
        flows=[objects.flow([first, *steps])] if steps else [],
        fixes=_fixes(report, finding),
        fingerprints=known,
        state=report.states.get(finding),
        properties={
            "severity": finding.severity.value,
            "likelihood": finding.likelihood.value,
            "certainty": finding.certainty.value,
            "cause": finding.root,
        },
    )


def _message(finding: Finding) -> str:
    """The message, and links to the related locations: GitHub shows no others, and in short lists one sentence only."""
    text = [f"{_escaped(finding.message).rstrip('.')}."]
    if finding.because:
        text.append(f"{finding.severity.value} since {_escaped(finding.because).rstrip('.')}.")
    if finding.notes:
        links = (f"[{_label(note.message)}]({number})" for number, note in enumerate(finding.notes, 1))
        text.append(f"See: {', '.join(links)}.")
    return " ".join(text)


def _escaped(text: str) -> str:
    return _LOOKS_LIKE_A_LINK.sub(r"\\[", plain(" ".join(text.split())))


def _label(text: str) -> str:
    return re.sub(r"([\[\]\\])", r"\\\1", plain(" ".join(text.split())))


def _place(
    report: Report, location: Location, *, text: str = "", number: int | None = None, function: str = ""
) -> objects.Location:
    """A place on one line: GitHub shows an alert on a pull request only if all its lines are part of the change."""
    line = report.line(location.path, location.span.line)
    start, end = report.stretch(location)
    number_of_line = location.span.line
    region = objects.region(number_of_line, utf16(line, start), number_of_line, utf16(line, end))
    return objects.location(
        objects.artifact(report.within(location.path)),
        region,
        text=objects.message(_escaped(text)) if text else None,
        number=number,
        function=function,
    )


def _fixes(report: Report, finding: Finding) -> list[objects.Fix]:
    edits = report.edits.get(finding)
    if not edits or not finding.fixes:
        return []
    path = finding.location.path
    replacements: list[objects.Replacement] = []
    for edit in edits:
        span, text = report.replacement(path, edit)
        end_column = utf16(report.line(path, span.end_line), span.end_column)
        replacements.append(objects.replacement(objects.region(span.line, 1, span.end_line, end_column), text))
    return [objects.fix(finding.fixes[0].title, objects.artifact(report.within(path)), replacements)]


def _notifications(report: Report, left_out: int) -> list[object]:
    found = [_unreadable(report, item) for item in report.unreadable]
    if left_out:
        text = objects.message(f"{left_out} of the milder findings are left out: a run holds {LIMIT:,}.")
        found.append(objects.notification(LEFT_OUT, "warning", text, []))
    return found


def _unreadable(report: Report, item: Unreadable) -> object:
    place = objects.location(objects.artifact(report.within(item.path)), objects.region(item.line))
    return objects.notification(UNREADABLE, "warning", objects.message(_escaped(item.message)), [place])


def _most(marked: list[Marked]) -> tuple[list[Marked], int]:
    """As many findings as a run holds, the worst of them, in their order; and how many are left out."""
    if len(marked) <= LIMIT:
        return marked, 0
    worst = sorted(range(len(marked)), key=lambda index: marked[index][0].severity.rank)[:LIMIT]
    return [marked[index] for index in sorted(worst)], len(marked) - LIMIT


def _hashes(report: Report, places: Iterable[Location]) -> dict[str, dict[int, str]]:
    """GitHub's fingerprints of the lines of these places, as far as their source is at hand."""
    wanted: dict[str, set[int]] = {}
    for place in places:
        wanted.setdefault(place.path, set()).add(place.span.line)
    texts = {path: [line.rstrip("\r\n") for line in report.source(path)] for path in wanted}
    return {path: line_hashes("\n".join(lines), wanted[path]) for path, lines in texts.items() if any(lines)}
