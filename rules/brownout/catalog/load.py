"""A catalog reads a library's page when the first name of that library is asked for, never before."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from brownout.catalog.entries import ClassPage, Effect, Entry, Offload, Timeout

Raw = Mapping[str, Any]
LIBRARIES = Path(__file__).parent / "libraries"


def expand(pattern: str) -> Iterator[str]:
    """The names that a pattern with `{a,b}` groups stands for."""
    start = pattern.find("{")
    if start < 0:
        yield pattern
        return
    end = pattern.index("}", start)
    for choice in pattern[start + 1 : end].split(","):
        for rest in expand(pattern[end + 1 :]):
            yield pattern[:start] + choice.strip() + rest


def page_text(head: str) -> str | None:
    """The TOML text of the page for an import's first word, or None where nobody has written one."""
    try:
        return (LIBRARIES / f"{head}.toml").read_text(encoding="utf-8")
    except OSError:
        return None


class Catalog:
    """Entries and classes by canonical dotted name, for the library versions of one project.

    `versions` maps distribution names (lower case, dashes) to installed versions, as far as lock files tell;
    `extra` are the user's own `[[tool.brownout.call]]` tables, already validated.
    """

    def __init__(self, versions: Mapping[str, str] | None = None, extra: Sequence[Raw] = ()) -> None:
        self.versions = dict(versions or {})
        self._heads: set[str] = set()
        self._entries: dict[str, Entry] = {}
        self._below: dict[str, Entry] = {}
        self._classes: dict[str, ClassPage] = {}
        self._aliases: dict[str, str] = {}
        self._canonical: dict[str, str] = {}
        for raw in extra:
            self._add_call(raw, {"library": "project"})

    def entry(self, name: str) -> Entry | None:
        """What is known of the callable `name`; looks at its class's bases, then at `name.**` pages above it."""
        self._read(name)
        name = self.canonical(name)
        found = self._entries.get(name) or self._inherited(name)
        if found is None and self._below:
            prefix = name
            while "." in prefix and found is None:
                prefix = prefix.rpartition(".")[0]
                found = self._below.get(prefix)
        return found

    def class_page(self, name: str) -> ClassPage | None:
        """What is known of the class `name`."""
        self._read(name)
        return self._classes.get(self.canonical(name))

    def attribute(self, owner: str, attribute: str) -> str | None:
        """The symbol of an attribute of an instance of the class `owner`, through its bases."""
        for name in self.mro(owner):
            page = self._classes.get(name)
            if page and page.attributes and attribute in page.attributes:
                return page.attributes[attribute]
        return None

    def item(self, owner: str, name: str = "") -> str | None:
        """The symbol of `owner()[…]`; with a name, of the attribute that stands for it where it is no method."""
        page = self.class_page(owner)
        if page is None or page.items is None or name.startswith("_"):
            return None
        return page.items if not name or self.entry(f"{owner}.{name}") is None else None

    def handlers(self, name: str) -> Iterator[tuple[str, str, str]]:
        """What the library calls of a subclass of `name`: the class that says so, the kind, and the method."""
        for base in self.mro(name):
            page = self._classes.get(base)
            for kind, methods in (page.handlers or {}).items() if page else ():
                for method in methods:
                    yield base, kind, method

    def mro(self, name: str) -> list[str]:
        """The class `name` and its known bases, nearest first."""
        order: list[str] = []
        todo = [name]
        while todo:
            current = todo.pop(0)
            self._read(current)
            current = self.canonical(current)
            if current in order:
                continue
            order.append(current)
            page = self._classes.get(current)
            if page:
                todo.extend(page.bases)
        return order

    def canonical(self, name: str) -> str:
        """The name under which the page speaks of `name`: `fastapi.WebSocket` is `starlette.websockets.WebSocket`."""
        found = self._canonical.get(name)
        if found is None:
            found = self._canonical[name] = self._find_canonical(name)
        return found

    def _find_canonical(self, name: str) -> str:
        self._read(name)
        aliases = self._aliases
        for _ in range(4):
            prefix, rest = name, ""
            while prefix and prefix not in aliases:
                prefix, _dot, last = prefix.rpartition(".")
                rest = f".{last}{rest}"
            if not prefix:
                return name
            name = aliases[prefix] + rest
            self._read(name)
        return name

    def _inherited(self, name: str) -> Entry | None:
        owner, _, method = name.rpartition(".")
        if not owner or owner not in self._classes:
            return None
        for base in self.mro(owner)[1:]:
            found = self._entries.get(f"{base}.{method}")
            if found is not None:
                return found
        return None

    def _read(self, name: str) -> None:
        head = name.partition(".")[0]
        if head in self._heads:
            return
        self._heads.add(head)
        text = page_text(head)
        if text is not None:
            self._add_page(tomllib.loads(text))

    def _add_page(self, page: Raw) -> None:
        if "same_as" in page:
            self._aliases[page["library"]] = page["same_as"]
            return
        for short, long in page.get("alias", {}).items():
            self._aliases[short] = long
        for raw in page.get("class", ()):
            for name in expand(raw["name"]):
                self._classes[name] = ClassPage(
                    name, tuple(raw.get("bases", ())), raw.get("attributes"), raw.get("display"), raw.get("handlers"),
                    raw.get("items"),
                )  # fmt: skip
                for other in raw.get("also", ()):
                    self._aliases[other] = name
        for raw in page.get("call", ()):
            self._add_call(raw, page)

    def _add_call(self, raw: Raw, page: Raw) -> None:
        raw = self._for_version(raw, page)
        for pattern in raw["names"]:
            for name in expand(pattern):
                if name.endswith(".**"):
                    self._below[name[:-3]] = _entry(name[:-3], raw, page)
                else:
                    self._entries[name] = _entry(name, raw, page)

    def _installed(self, distribution: str) -> str | None:
        """The project's version of a distribution, or of one that installs the same package."""
        name = distribution.lower().replace("_", "-")
        return next((self.versions[one] for one in (name, *_TWINS.get(name, ())) if one in self.versions), None)

    def installed(self, package: str) -> str | None:
        """The project's version of an imported package, under whichever name its distribution has."""
        text = page_text(package)
        page: Raw = tomllib.loads(text) if text is not None else {}
        return self._installed(str(page.get("distribution", package)))

    def _for_version(self, raw: Raw, page: Raw) -> Raw:
        """The call as it is at the project's version; an unknown version keeps only what all versions agree on."""
        variants: Sequence[Raw] = raw.get("since", ())
        if not variants:
            return raw
        installed = self._installed(str(page.get("distribution", page["library"])))
        if installed is None:
            differing = {key for variant in variants for key in variant if key != "version"}
            return {key: value for key, value in raw.items() if key not in differing}
        merged = dict(raw)
        for variant in variants:
            if _matches(installed, variant["version"]):
                merged |= {key: value for key, value in variant.items() if key != "version"}
        return merged


_TWINS = {
    "opencv-python": ("opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "docling-slim": ("docling",),
    "psycopg2-binary": ("psycopg2",),
    "psycopg": ("psycopg-binary",),
    "fastapi": ("fastapi-slim",),
}
"""Distributions that install the same package, with the same versions."""


def _matches(version: str, specifier: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier, prereleases=True).contains(version)


def _entry(name: str, raw: Raw, page: Raw) -> Entry:
    effect = Effect(raw["effect"]) if "effect" in raw else None
    awaits = bool(raw.get("awaits", False))
    active = effect is not None and effect not in (Effect.CLIENT,)
    return Entry(
        name=name,
        library=str(page["library"]),
        display=str(raw.get("display") or page.get("display") or page["library"]),
        effect=effect,
        blocks=bool(raw.get("blocks", active and not awaits)),
        awaits=awaits,
        short=raw.get("weight") == "short",
        timeout=_timeout(raw.get("timeout")),
        at_once=tuple(cast(Iterable[str], raw.get("at_once", ()))),
        raises=tuple(raw.get("raises", page.get("raises", ()))),
        returns=raw.get("returns"),
        opens=raw.get("opens"),
        closes=bool(raw.get("closes", False)),
        removes=raw.get("removes"),
        writes=bool(raw.get("writes", False)),
        offload=_offload(raw.get("offload")),
        registers=raw.get("registers"),
        retries=raw.get("retries", page.get("retries")),
        instead=raw.get("instead"),
        breaks=raw.get("breaks", page.get("breaks")),
        tags=frozenset(cast(Iterable[str], raw.get("tags", ()))),
    )


def _timeout(raw: Raw | None) -> Timeout | None:
    if raw is None:
        return None
    return Timeout(
        parameter=raw.get("parameter"),
        position=raw.get("position"),
        default=raw.get("default", "forever"),
        forever=tuple(str(value) for value in raw.get("forever", ("None",))),
        constructor=bool(raw.get("constructor", False)),
        ambient=raw.get("ambient"),
        within=tuple(raw.get("within", ())),
    )


def _offload(raw: Raw | None) -> Offload | None:
    return None if raw is None else Offload(raw.get("position"), raw.get("parameter"), raw["to"])
