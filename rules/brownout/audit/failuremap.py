"""The failure map: every entry point, every dependency that it reaches, and what each failure comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from brownout.audit.asking import request
from brownout.audit.data import Cell, Entrance, Evidence, FailureMap, Protection, Supplier, Way
from brownout.audit.material import Material, source_line
from brownout.facts.failing.endings import Arrival, ending
from brownout.facts.failing.faults import Failure
from brownout.facts.failing.outcomes import Outcome, Strike

QUIET = ("dependency", "middleware", "cli")
"""Kinds of entry points that are left out where they reach nothing."""
_FAILURES = tuple(Failure)
_SLOW = (Failure.HANGS, Failure.LOCKED)
"""Failures during which somebody waits."""


def failure_map(material: Material) -> FailureMap:
    """The map of a service."""
    cells: list[Cell] = []
    rows: list[Entrance] = []
    for arrival in material.arrivals:
        own = list(_cells(arrival, material))
        if not own and arrival.kind in QUIET:
            continue
        worst = min((Outcome(cell.worst) for cell in own), key=lambda outcome: outcome.rank, default=None)
        asked = request(arrival, material)
        ends = worst.value if worst else ""
        rows.append(Entrance(arrival.label, arrival.kind, arrival.path, arrival.line, ends, asked))
        cells.extend(own)
    ways = [way for cell in cells for way in cell.ways]
    unknown = sum(way.outcome == Outcome.UNKNOWN.value for way in ways)
    reached = {cell.dependency for cell in cells}
    beyond = tuple(sorted({used.name for _, used in material.uses} - reached))
    return FailureMap(tuple(rows), tuple(_suppliers(cells, material)), tuple(cells), len(ways), unknown, beyond)


def _cells(arrival: Arrival, material: Material) -> Iterable[Cell]:
    ways: dict[str, dict[tuple[str, str], tuple[Outcome, Way]]] = defaultdict(dict)
    for strike in material.spread.strikes(arrival.name):
        outcome = ending(strike, arrival, material.answered, material.project)
        key = (strike.fault.failure.value, outcome.value)
        own = ways[strike.fault.dependency.name]
        way = _way(strike, outcome, material)
        if key not in own or (way.holds_loop and not own[key][1].holds_loop):
            own[key] = (outcome, way)
    for name in sorted(ways):
        found = sorted(ways[name].values(), key=lambda pair: (pair[0].rank, _FAILURES.index(Failure(pair[1].failure))))
        yield Cell(arrival.label, name, found[0][0].value, tuple(way for _, way in found))


def _way(strike: Strike, outcome: Outcome, material: Material) -> Way:
    steps = tuple(Evidence(step.path, step.place.span.line, step.text) for step in strike.steps)
    guards = [Protection(guard.kind, guard.path, guard.line, guard.text) for guard in strike.guards]
    if strike.begun is not None and outcome is Outcome.STUCK:
        code = material.codes[strike.begun.path]
        text = f"`{source_line(code, strike.begun.line)}` is left behind"
        guards.append(Protection("status", strike.begun.path, strike.begun.line, text))
    at = strike.fault.at
    return Way(
        strike.fault.failure.value,
        outcome.value,
        steps,
        tuple(guards),
        strike.on_loop and strike.fault.failure in _SLOW,
        strike.fault.note,
        at.target or "",
        at.code.names.full(at.function.qualname),
        strike.fault.kinds[0] if strike.fault.kinds else "",
    )


def _suppliers(cells: list[Cell], material: Material) -> list[Supplier]:
    by_name: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_name[cell.dependency].append(cell)
    kinds = {used.name: used for _, used in material.uses}
    found: list[Supplier] = []
    for name, own in by_name.items():
        worst = min((Outcome(cell.worst) for cell in own), key=lambda outcome: outcome.rank)
        used = kinds.get(name)
        verdict, weight = _verdict(own)
        found.append(
            Supplier(
                name, used.kind if used else "", used.library if used else "", worst.value, len(own), verdict, weight
            )
        )
    return sorted(found, key=lambda supplier: (-supplier.weight, Outcome(supplier.worst).rank, supplier.name))


def _verdict(cells: list[Cell]) -> tuple[str, int]:
    """What goes down with a dependency, and how much that weighs."""

    def having(*outcomes: Outcome, on_loop: bool = False) -> list[Cell]:
        wanted = {outcome.value for outcome in outcomes}
        return [c for c in cells if any(w.outcome in wanted and (w.holds_loop or not on_loop) for w in c.ways)]

    freezes, hangs = having(Outcome.HANGS, on_loop=True), having(Outcome.HANGS)
    slow = [] if freezes else [c for c in cells if any(w.holds_loop and _is_limited(w) for w in c.ways)]
    loses, stuck = having(Outcome.DATA_LOSS), having(Outcome.STUCK)
    fails = having(Outcome.FAILS, Outcome.STOPS, Outcome.RETRIED)
    parts: list[str] = []
    if freezes:
        parts.append(f"takes the whole service down: {_through(freezes)} waits on the event loop without a limit")
    elif slow:
        limit = next((g.text for c in slow for w in c.ways for g in w.guards if g.kind == "limit" and w.holds_loop), "")
        parts.append(f"freezes every request until a limit is over, {limit}: {_through(slow)} waits on the event loop")
    elif hangs:
        parts.append(f"hangs {_through(hangs)} for ever")
    if loses:
        parts.append(f"loses data in {_through(loses)}")
    if stuck:
        parts.append(f"leaves work stuck in {_through(stuck)}")
    if fails and len(parts) < 2:
        parts.append(f"fails {_through(fails)} with an error")
    unknown, quiet = having(Outcome.UNKNOWN), having(Outcome.SWALLOWED)
    if unknown and not parts:
        parts.append(f"cannot be told: what becomes of it in {_through(unknown)} does not follow from the code")
    if quiet and not parts:
        parts.append(f"is dropped silently in {_through(quiet)}: nobody is told when it fails")
    if not parts:
        parts.append("is survived: every failure of it is handled, or nobody waits for it")
    weight = 1000 * len(freezes) + 300 * len(slow) + 200 * len(loses) + 100 * len(stuck) + 50 * len(hangs)
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}.", weight + 10 * len(fails) + len(cells)


def _is_limited(way: Way) -> bool:
    return way.failure == Failure.HANGS.value and any(guard.kind == "limit" for guard in way.guards)


def _through(cells: list[Cell]) -> str:
    names = list(dict.fromkeys(f"`{cell.entry}`" for cell in cells))
    return names[0] if len(names) == 1 else f"{names[0]} (+{len(names) - 1})"
