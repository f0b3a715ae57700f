"""Installed versions, as the project's lock and requirements files tell them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from brownout.project.place import LOCK_FILES, is_version_file

_PINNED = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^]]*])?\s*===?\s*([\w.!+-]+)", re.MULTILINE)


def versions_of(files: Mapping[str, str]) -> dict[str, str]:
    """Versions by distribution name (lower case, dashes); one that two files tell differently is left out."""
    found: dict[str, set[str]] = {}
    for path, text in files.items():
        if is_version_file(path):
            for name, version in _read(path.rpartition("/")[2], text):
                found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return {name: versions.pop() for name, versions in found.items() if len(versions) == 1}


def _read(name: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        if name == "Pipfile.lock":
            for section in ("default", "develop"):
                for package, facts in json.loads(text).get(section, {}).items():
                    yield package, str(facts.get("version", "")).lstrip("=")
        elif name in LOCK_FILES:
            page = tomllib.loads(text)
            for package in page.get("package", page.get("packages", ())):
                if "version" in package:
                    yield str(package["name"]), str(package["version"])
        else:
            for match in _PINNED.finditer(text):
                yield match[1], match[2]
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # a broken lock file says nothing; its own tool reports it
