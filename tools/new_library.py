"""Draft a library's page from its wheel: `python tools/new_library.py NAME`. To be cut down by hand."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIBRARIES = ROOT / "rules" / "brownout" / "catalog" / "libraries"
MINUTES = 5
LIMITS = re.compile(r"time_?out|deadline", re.IGNORECASE)
HEAD = """library = "{library}"
display = "{display}"
distribution = "{distribution}"
checked = "{version}"
docs = "https://pypi.org/project/{distribution}/"
raises = [{raises}]

# Keep what has an effect; say which (network, database, disk, process, cpu, model, sleep, wait, message, client),
# whether it is awaited, and what a call without a limit does: "forever" or seconds. `make catalog` compares the page
# with the library. The language is told in `rules/brownout/catalog/schema.py`.
"""


def draft(name: str) -> Path:
    """Fetch the wheel and write a page; raises `SystemExit` with a sentence where that cannot be done."""
    with tempfile.TemporaryDirectory() as folder:
        version = fetch(name, Path(folder))
        libraries = sorted(path for path in Path(folder).iterdir() if is_package(path))
        if not libraries:
            raise SystemExit(f"{name} {version}: there is no Python source in the wheel")
        head = max(libraries, key=lambda path: sum(1 for _ in path.rglob("*.py")) if path.is_dir() else 1)
        page = LIBRARIES / f"{head.stem}.toml"
        if page.exists():
            raise SystemExit(f"{page.relative_to(ROOT)}: is already there")
        page.write_text(text(head, name, version), encoding="utf-8")
        return page


def fetch(name: str, folder: Path) -> str:
    """Unpack the newest wheel into the folder; its version."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", str(folder)]
    done = subprocess.run([*command, name], timeout=60 * MINUTES, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        raise SystemExit(f"{name}: no wheel could be fetched\n{done.stderr.strip()[-300:]}")
    with zipfile.ZipFile(wheels[0]) as archive:
        archive.extractall(folder)
    return wheels[0].name.split("-")[1]


def is_package(path: Path) -> bool:
    """Whether a wheel's entry is a module or a package that is imported."""
    return path.suffix == ".py" or (path.is_dir() and not path.name.endswith((".dist-info", ".data")))


def text(head: Path, name: str, version: str) -> str:
    """The page: every public call of the first module that can be limited, and every public class."""
    library = head.stem
    start = head / "__init__.py" if head.is_dir() else head
    exported = set(exports(start))
    classes: list[str] = []
    calls: list[str] = []
    errors: list[str] = []
    for file in sorted(head.rglob("*.py")) if head.is_dir() else [head]:
        tree = ast.parse(file.read_text(encoding="utf-8", errors="replace"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name in exported:
                if node.name.endswith(("Error", "Exception", "Timeout")):
                    errors.append(f'"{library}.{node.name}"')
                    continue
                classes.append(f'[[class]]\nname = "{library}.{node.name}"\n')
                calls += (limited(method, f"{library}.{node.name}", bound=True) for method in functions(node.body))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in exported:
                calls.append(limited(node, library, bound=False))
    parts = HEAD.format(library=library, display=name, distribution=name, version=version, raises=", ".join(errors[:4]))
    return "\n".join([parts, *classes, *(call for call in calls if call)])


def exports(start: Path) -> Iterator[str]:
    """The public names that a package's first module defines or imports."""
    if not start.is_file():
        return
    for node in ast.walk(ast.parse(start.read_text(encoding="utf-8", errors="replace"))):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The public functions of a body."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def limited(node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str, *, bound: bool) -> str:
    """The draft of a call that takes a time limit; "" for one that does not."""
    positional = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)][1 if bound else 0 :]
    parameter = next(
        (name for name in [*positional, *(one.arg for one in node.args.kwonlyargs)] if LIMITS.search(name)), None
    )
    if parameter is None or node.name.startswith("_"):
        return ""
    place = f", position = {positional.index(parameter)}" if parameter in positional else ""
    awaits = "awaits = true\n" if isinstance(node, ast.AsyncFunctionDef) else ""
    return (
        f'[[call]]\nnames = ["{owner}.{node.name}"]\neffect = "network"\n{awaits}'
        f'timeout = {{ parameter = "{parameter}"{place}, default = "forever" }}\n'
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(draft(sys.argv[1]).relative_to(ROOT))
