"""The failure map as a graph: ways in on the left, what can fail on the right, an edge per pair."""

from __future__ import annotations

from brownout.audit.data import Entrance, FailureMap
from brownout.facts.failing.outcomes import Outcome
from brownout.render.audit.markup import kind, text

MOST = 45
"""Entry points that are drawn: those that fare worst. The matrix has all."""
_LONG = 48
"""Letters of a label; of a longer one the middle is left out, since paths differ at their ends."""
_STEP = 24
_LEFT, _RIGHT, _WIDTH = 400, 800, 1080


def graph(failures: FailureMap) -> str:
    """The drawing."""
    reached = {cell.entry for cell in failures.cells}
    shown = sorted(
        (entry for entry in failures.entries if entry.label in reached and entry.worst),
        key=lambda e: Outcome(e.worst).rank,
    )[:MOST]
    names = [supplier.name for supplier in failures.dependencies]
    height = max(len(shown), len(names)) * _STEP + 24
    rows = {entry.label: _height(index, len(shown), height) for index, entry in enumerate(shown)}
    columns = {name: _height(index, len(names), height) for index, name in enumerate(names)}
    edges = [
        (
            Outcome(cell.worst).rank,
            _edge(rows[cell.entry], columns[cell.dependency], shown, names, cell.entry, cell.dependency, cell.worst),
        )
        for cell in failures.cells
        if cell.entry in rows
    ]
    lines = "".join(line for _, line in sorted(edges, reverse=True))
    left = "".join(_entry(entry, index, rows[entry.label]) for index, entry in enumerate(shown))
    right = "".join(
        _supplier(name, index, columns[name], failures.dependencies[index].worst) for index, name in enumerate(names)
    )
    more = len(reached) - len(shown)
    note = f'<p class="soft">{more} more entry points, which fare no worse, are in the matrix.</p>' if more > 0 else ""
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Entry points and the dependencies they reach">'
        f"<g>{lines}</g>{left}{right}</svg>{note}"
    )


def _height(index: int, count: int, height: int) -> float:
    return round((index + 0.5) * (height - 12) / max(count, 1) + 6, 1)


def _edge(
    top: float, bottom: float, shown: list[Entrance], names: list[str], entry: str, dependency: str, worst: str
) -> str:
    ends = f"e{next(i for i, one in enumerate(shown) if one.label == entry)} d{names.index(dependency)}"
    middle = (_LEFT + _RIGHT) / 2
    width = 3.2 - 0.28 * Outcome(worst).rank
    return (
        f'<path class="edge {kind(worst)}" data-ends="{ends}" stroke-width="{width:.1f}" '
        f'd="M{_LEFT + 8} {top} C{middle} {top} {middle} {bottom} {_RIGHT - 8} '
        f'{bottom}"><title>{text(f"{entry} · {dependency}: {worst}")}</title></path>'
    )


def _entry(entry: Entrance, index: int, height: float) -> str:
    label = entry.label if len(entry.label) <= _LONG else f"{entry.label[:14]}…{entry.label[-_LONG + 15 :]}"
    return (
        f'<g class="node {kind(entry.worst)}" data-key="e{index}" tabindex="0"><circle class="dot" '
        f'cx="{_LEFT}" cy="{height}" r="5"/>'
        f'<text x="{_LEFT - 12}" y="{height + 4.5:.1f}" '
        f'text-anchor="end">{text(label)}<title>{text(entry.label)}</title></text></g>'
    )


def _supplier(name: str, index: int, height: float, worst: str) -> str:
    return (
        f'<g class="node {kind(worst)}" data-key="d{index}" tabindex="0"><circle class="dot" cx="{_RIGHT}" '
        f'cy="{height}" r="7"/>'
        f'<text x="{_RIGHT + 14}" y="{height + 4.5:.1f}" font-weight="600">{text(name)}</text></g>'
    )
