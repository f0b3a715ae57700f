"""Which module a file is: source roots are found by packages and by how the project imports itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]*)", re.MULTILINE)
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testutils", "test_utils", "__tests__"})


@dataclass(frozen=True, slots=True)
class ModuleName:
    """A module's dotted name, and the folder from which it counts ("" for the project itself)."""

    module: str
    root: str


def module_names(files: Mapping[str, str]) -> dict[str, ModuleName]:
    """The name of each file, given as path and text; paths are relative, with forward slashes.

    A folder with `__init__.py` belongs to the package above it. The first folder without one is the root, unless
    imports of the project go through it: then it is part of a namespace package, and its root is further up.
    """
    folders = {path.rpartition("/")[0] for path in files}
    packages = {path.rpartition("/")[0] for path in files if path.rpartition("/")[2] == "__init__.py"} - {""}
    tops = {folder: _top(folder, packages) for folder in folders}
    votes = _votes(files, tops)
    found: dict[str, ModuleName] = {}
    for path in files:
        top = tops[path.rpartition("/")[0]]
        root = max(_ancestors(top), key=lambda folder: (votes[top, folder], len(folder)))
        found[path] = ModuleName(_dotted(path, root), root)
    return found


def is_test(path: str) -> bool:
    """Whether a file is a test by its name or folder."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return (
        not _TEST_FOLDERS.isdisjoint(parts[:-1])
        or name.startswith("test_")
        or name.endswith("_test.py")
        or name in ("conftest.py", "tests.py")
    )


def _top(folder: str, packages: set[str]) -> str:
    while folder in packages:
        folder = folder.rpartition("/")[0]
    return folder


def _ancestors(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _dotted(path: str, root: str) -> str:
    inner = path[len(root) + 1 :] if root else path
    return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _votes(files: Mapping[str, str], tops: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """How many imports find a file of a top folder when they count from a folder above it."""
    folders = {above for folder in tops for above in _ancestors(folder)}
    votes: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, str], str | None] = {}
    for path, text in files.items():
        near = list(_ancestors(path.rpartition("/")[0]))
        others = sorted(set(tops.values()) - set(near))[:20]
        for name in set(_IMPORT.findall(text)):
            for base in (*near, *others):
                key = (base, name)
                if key not in known:
                    known[key] = _found(base, name, files, folders)
                target = known[key]
                if target is not None and (target == base or target.startswith(f"{base}/") or not base):
                    votes[tops.get(target, target), base] += 1
                    break
    return votes


def _found(base: str, name: str, files: Mapping[str, str], folders: set[str]) -> str | None:
    """The folder of the file that an import means when it counts from `base`."""
    place = base
    found: str | None = None
    for part in name.split("."):
        place = f"{place}/{part}" if place else part
        if f"{place}.py" in files:
            return place.rpartition("/")[0]
        if f"{place}/__init__.py" in files:
            found = place
        elif place not in folders:
            return found
    return found or (place if place in folders else None)
