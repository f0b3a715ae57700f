"""The failure map in HTML: a card per dependency, the matrix, the graph, and the data behind a click."""

from __future__ import annotations

import json
from collections import Counter

from brownout.audit.breaking import when
from brownout.audit.data import Cell, Entrance, FailureMap, Supplier, Way
from brownout.facts.failing.outcomes import Outcome
from brownout.render.audit.graph import graph
from brownout.render.audit.markup import kind, outcome, prose, text

_RANKS = {found.value: found.rank for found in Outcome}
_CARDS = 9


def suppliers(failures: FailureMap) -> str:
    """What goes down with each dependency, the worst first."""
    if not failures.dependencies:
        return ""
    cells: dict[str, list[Cell]] = {}
    for cell in failures.cells:
        cells.setdefault(cell.dependency, []).append(cell)
    cards = [_card(one, cells.get(one.name, [])) for one in failures.dependencies]
    shown = len(cards) if len(cards) <= _CARDS + 3 else _CARDS
    rest = (
        f'<details class="file"><summary>{len(cards) - shown} more dependencies</summary><div '
        f'class="cards">{"".join(cards[shown:])}</div></details>'
    )
    return (
        '<h2 id="down">What takes it down</h2>'
        f'<div class="cards">{"".join(cards[:shown])}</div>{rest if len(cards) > shown else ""}'
    )


def _card(one: Supplier, cells: list[Cell]) -> str:
    counts = Counter(cell.worst for cell in cells)
    ordered = sorted(counts, key=lambda name: _RANKS[name])
    bars = "".join(
        f'<i class="{kind(name)}" style="flex:{counts[name]}" title="{text(name)}: {counts[name]}"></i>'
        for name in ordered
    )
    told = " · ".join(f"{counts[name]} {outcome(name)}" for name in ordered)
    head, colon, rest = one.verdict.partition(": ")
    down = f'<p class="down">{prose(head)}</p>' if colon else ""
    body = prose(rest if colon else one.verdict)
    return (
        f'<article class="card {kind(one.worst)}"><h3><span>{text(one.name)}</span>'
        f'<span class="soft">{one.entries} entry point{"" if one.entries == 1 else "s"}</span></h3>{down}<p>{body}</p>'
        f'<div class="stack" aria-hidden="true">{bars}</div><p class="soft">{told}</p></article>'
    )


def section(failures: FailureMap) -> str:
    """Matrix and graph."""
    share = f"{100 * failures.unknown / failures.ways:.1f}" if failures.ways else "0"
    head = (
        '<h2 id="map">Failure map</h2><p>Each row is a way in, each column something that can fail. The cell '
        "says the worst that "
        f"can happen; press it for every way with its path. {failures.ways} ways, {failures.unknown} of them "
        f"unknown ({share} %).{_beyond(failures)}</p>"
    )
    if not failures.cells:
        return f'{head}<p class="none">No entry point that is known reaches a dependency that is known.</p>'
    present = {cell.worst for cell in failures.cells}
    options = "".join(f"<option>{text(found.value)}</option>" for found in Outcome if found.value in present)
    legend = "".join(
        f'<span class="{kind(found.value)}">{text(found.value)}</span>' for found in Outcome if found.value in present
    )
    tools = (
        '<div class="tools"><span class="views"><button type="button" data-view="matrix" '
        'aria-pressed="true">Matrix</button> '
        '<button type="button" data-view="graph" aria-pressed="false">Graph</button></span>'
        '<input type="search" id="entry" placeholder="Filter entry points" aria-label="Filter entry points">'
        f'<select id="outcome" aria-label="Outcome"><option value="">every outcome</option>{options}</select></div>'
    )
    return (
        f'{head}{tools}<div class="legend">{legend}</div><div class="scroll matrix">{_matrix(failures)}</div>'
        f'<div class="scroll graph" hidden>{graph(failures)}</div>'
    )


def _matrix(failures: FailureMap) -> str:
    columns = {supplier.name: index for index, supplier in enumerate(failures.dependencies)}
    rows: dict[str, dict[int, Cell]] = {}
    for cell in failures.cells:
        rows.setdefault(cell.entry, {})[columns[cell.dependency]] = cell
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in columns)
    body: list[str] = []
    for number, entry in sorted(enumerate(failures.entries), key=lambda pair: _fate(pair[1], rows)):
        own = rows.get(entry.label, {})
        cells = "".join(_cell(number, index, own.get(index)) for index in range(len(columns)))
        words = text(f"{entry.label} {entry.path}".lower())
        outcomes = " ".join(sorted({kind(cell.worst) for cell in own.values()}))
        place = f"{text(entry.path)}:{entry.line}"
        body.append(
            f'<tr data-text="{words}" data-outcomes="{outcomes}"><th scope="row" '
            f'title="{place}">{_label(entry.label)}</th>{cells}</tr>'
        )
    return (
        f'<table><thead><tr><th scope="col">Entry point</th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    )


def _beyond(failures: FailureMap) -> str:
    if not failures.beyond:
        return ""
    names = text(", ".join(failures.beyond))
    return f" Not in it, since no known entry point leads there: {names}."


def _fate(entry: Entrance, rows: dict[str, dict[int, Cell]]) -> tuple[int, int]:
    """Who fares worst stands first; who reaches most, before who reaches less."""
    return (_RANKS.get(entry.worst, len(_RANKS)), -len(rows.get(entry.label, ())))


def _label(label: str) -> str:
    """The method, or kind, apart from the path or name."""
    word, _, rest = label.partition(" ")
    return f"<b>{text(word)}</b> {text(rest).replace('/', '/<wbr>')}"


def _cell(row: int, column: int, cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    return (
        f'<td><button type="button" class="{kind(cell.worst)}" data-pair="{row}/{column}" aria-haspopup="dialog">'
        f"{text(cell.worst)}</button></td>"
    )


def data(failures: FailureMap) -> str:
    """The ways of every pair as JSON that can stand in a script element."""
    rows = {entry.label: number for number, entry in enumerate(failures.entries)}
    columns = {supplier.name: number for number, supplier in enumerate(failures.dependencies)}
    page = {
        "entries": list(rows),
        "suppliers": list(columns),
        "cells": {
            f"{rows[c.entry]}/{columns[c.dependency]}": [_way(c.dependency, way) for way in c.ways]
            for c in failures.cells
        },
    }
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _way(dependency: str, way: Way) -> dict[str, object]:
    return {
        "when": when(dependency, way.failure),
        "outcome": way.outcome,
        "class": kind(way.outcome),
        "loop": way.holds_loop,
        "note": way.note,
        "steps": [[step.text, f"{step.path}:{step.line}"] for step in way.steps],
        "guards": [[guard.text, f"{guard.path}:{guard.line}"] for guard in way.guards],
    }


def dialog() -> str:
    """The empty dialog that a click fills."""
    return (
        '<dialog id="pair" aria-labelledby="pair-title"><header><h3 id="pair-title"></h3>'
        '<button type="button" id="close">Close</button></header><div class="body"></div></dialog>'
    )
