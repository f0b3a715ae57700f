"""All 21 sub-sections: what was looked for, what was found, and what does not apply to this code."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from brownout.audit.data import Coverage, Issue, Suspicion
from brownout.audit.material import Material
from brownout.audit.sections import SECTIONS, Section
from brownout.catalog import Effect
from brownout.core import Rule
from brownout.facts.call import Call
from brownout.facts.entrypoints import REQUEST_KINDS
from brownout.facts.failing.dependencies import SOCKET, Dependency

Use = tuple[Call, Dependency]


def coverage(material: Material, issues: Iterable[Issue], suspicions: Iterable[Suspicion]) -> tuple[Coverage, ...]:
    """One entry per sub-section, none left out."""
    known, doubts = list(issues), list(suspicions)
    rules: dict[str, list[Rule]] = {}
    for rule in material.rules.values():
        rules.setdefault(rule.section, []).append(rule)
    return tuple(_section(section, material, rules.get(section.id, []), known, doubts) for section in SECTIONS)


def _section(
    section: Section, material: Material, rules: list[Rule], issues: list[Issue], suspicions: list[Suspicion]
) -> Coverage:
    own = tuple(issue.id for issue in issues if issue.section == section.id)
    doubts = sum(suspicion.section == section.id for suspicion in suspicions)
    count = _count(section, material)
    names = tuple(sorted(rule.name for rule in rules))
    status, result = _status(section, count, names, own, doubts)
    return Coverage(section.id, section.area, section.title, section.looked_for, names, status, result, own, doubts)


def _status(
    section: Section, count: int, rules: tuple[str, ...], issues: tuple[str, ...], doubts: int
) -> tuple[str, str]:
    looked = f"{count} {'place' if count == 1 else 'places'} looked at ({section.applies_to})"
    also = f"; {doubts} to be confirmed" if doubts else ""
    if issues:
        return "findings", f"{looked}: {len(issues)} {'issue' if len(issues) == 1 else 'issues'}{also}."
    if not count and not doubts:
        return "not applicable", f"The code has no {section.applies_to}, as far as it can be told."
    if not rules:
        return "no rule yet", (
            f"{looked}; no rule asks about this yet. The inventory and the failure map show what the code does{also}."
        )
    if doubts:
        return "needs confirmation", f"{looked}: nothing certain{also}."
    return "clean", f"{looked}; {', '.join(rules)} found nothing to say."


def _count(section: Section, material: Material) -> int:
    """How many places of the code a sub-section is about."""
    return _COUNTS[section.id](material)


def _uses(accept: Callable[[Use], bool]) -> Callable[[Material], int]:
    return lambda material: sum(accept(use) for use in material.uses)


def _tagged(*tags: str) -> Callable[[Material], int]:
    return lambda material: sum(call.has(*tags) for code in material.codes.values() for call in code.calls)


def _entries(*kinds: str) -> Callable[[Material], int]:
    return lambda material: sum(arrival.kind in kinds for arrival in material.arrivals)


def _kind(*effects: Effect) -> Callable[[Use], bool]:
    values = {effect.value for effect in effects}
    return lambda use: use[1].kind in values and use[1].name != SOCKET


def _is_service(use: Use) -> bool:
    return _kind(Effect.NETWORK, Effect.MESSAGE)(use) and not use[1].name.startswith("HTTP")


def _is_socket(use: Use) -> bool:
    return use[1].name == SOCKET


def _coroutines(material: Material) -> int:
    return sum(function.is_async for code in material.codes.values() for function in code.functions)


def _read_back(material: Material) -> int:
    """Loads of stored state: JSON, pickles and the like from files."""
    names = ("json.load", "json.loads", "pickle.load", "pickle.loads", "torch.load", "yaml.safe_load", "joblib.load")
    found = (call.target in names for code in material.codes.values() for call in code.all_calls)
    return sum(found)


def _writes(material: Material) -> int:
    """Writes in place and appends, to files or databases on a local disk."""
    from brownout.facts.failing.faults import Failure, faults

    return sum(any(fault.failure is Failure.FULL for fault in faults(call)) for call, _ in material.uses)


def _background(material: Material) -> int:
    return sum(arrival.kind not in REQUEST_KINDS | {"cli"} for arrival in material.arrivals)


_COUNTS: dict[str, Callable[[Material], int]] = {
    "1A": _uses(_is_service),
    "1B": _uses(_kind(Effect.MODEL)),
    "1C": _uses(_kind(Effect.PROCESS)),
    "2A": _uses(_kind(Effect.DATABASE)),
    "2B": _uses(_kind(Effect.DATABASE)),
    "2C": _writes,
    "3A": _read_back,
    "3B": _tagged("upload-read", "upload-file"),
    "3C": _tagged("temp"),
    "4A": _uses(_is_socket),
    "4B": _uses(_is_socket),
    "4C": _uses(_kind(Effect.NETWORK)),
    "5A": _background,
    "5B": _uses(_kind(Effect.CPU, Effect.MODEL)),
    "5C": _coroutines,
    "6A": _tagged("pdf-parse", "image-parse", "render", "ocr"),
    "6B": _read_back,
    "6C": _tagged("upload-read", "upload-file"),
    "7A": lambda material: len(material.uses),
    "7B": _entries("route"),
    "7C": _entries("route", "websocket"),
}
