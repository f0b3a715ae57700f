"""The failure map in Markdown: what goes down with each dependency, a matrix, and every way with its path."""

from __future__ import annotations

from collections.abc import Iterator

from brownout.audit.data import Cell, FailureMap, Way
from brownout.render.audit.words import code, place, row

ENTRIES = 60
"""Entry points whose ways are told in full; all are in the JSON and HTML forms."""


def failure_map(failures: FailureMap) -> Iterator[str]:
    """The section."""
    share = f"{100 * failures.unknown / failures.ways:.1f} %" if failures.ways else "0 %"
    yield from ("## Failure Map", "")
    yield (
        f"{len(failures.entries)} entry points, {len(failures.dependencies)} dependencies, {failures.ways} "
        "ways to fail; "
        f"{failures.unknown} of them could not be told ({share} unknown)."
    )
    yield ""
    if failures.beyond:
        yield (
            f"Used as well, but by code to which no known entry point leads: {', '.join(failures.beyond)}. What "
            "happens when they fail is not in this map."
        )
        yield ""
    if not failures.cells:
        yield from ("No entry point that is known reaches a dependency that is known.", "")
        return
    yield from (
        "### What goes down with each dependency",
        "",
        "| Dependency | Worst | Entry points | Verdict |",
        "| --- | --- | --- | --- |",
    )
    for one in failures.dependencies:
        yield row(one.name, f"**{one.worst}**", str(one.entries), one.verdict)
    yield ""
    yield from _matrix(failures)
    yield from _ways(failures)


def _matrix(failures: FailureMap) -> Iterator[str]:
    names = [supplier.name for supplier in failures.dependencies]
    worst = {(cell.entry, cell.dependency): cell.worst for cell in failures.cells}
    yield from ("### Entry points and dependencies: the worst outcome of each pair", "")
    yield row("Entry point", *names)
    yield f"| {' | '.join('---' for _ in range(len(names) + 1))} |"
    for entry in failures.entries:
        yield row(code(entry.label), *(worst.get((entry.label, name), "") for name in names))
    yield ""
    yield (
        "Outcomes, the worst first: data loss · stuck state (work stays under way for ever) · hangs · stops "
        "(no request: the thread, task, "
        "connection or start-up ends) · 500 · retried then fails · swallowed · unknown · degraded (handled). "
        "Empty: not reached."
    )
    yield ""


def _ways(failures: FailureMap) -> Iterator[str]:
    yield from ("### Each way, with its path and what stands in between", "")
    cells: dict[str, list[Cell]] = {}
    for cell in failures.cells:
        cells.setdefault(cell.entry, []).append(cell)
    for entry in failures.entries[:ENTRIES]:
        yield f"#### {code(entry.label)} ({place(entry.path, entry.line)})"
        yield ""
        for cell in cells.get(entry.label, ()):
            for way in cell.ways:
                yield f"- {cell.dependency} {way.failure}: **{way.outcome}**{_path(way)}"
        if entry.label not in cells:
            yield "- reaches no dependency that is known"
        yield ""
    if len(failures.entries) > ENTRIES:
        yield (
            f"The ways of {len(failures.entries) - ENTRIES} more entry points are in the HTML and JSON forms of "
            "this report."
        )
        yield ""


def _path(way: Way) -> str:
    steps = " → ".join(step.text for step in way.steps)
    last = way.steps[-1]
    loop = "; the event loop waits" if way.holds_loop else ""
    guards = "; ".join(f"{guard.text} ({guard.path}:{guard.line})" for guard in way.guards)
    note = f"; {way.note}" if way.note and way.note not in guards else ""
    return f" by {code(steps)} at {place(last.path, last.line)}{loop}{note}{f'; {guards}' if guards else ''}"
