"""Compare a library page with the library: what it gets wrong, and what cannot be checked."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brownout.catalog.load import LIBRARIES, expand
from brownout.catalog.schema import CallTable, Page, SamePage
from wild.fetch import Package, fetch

from catalog.signatures import Library, Signature

CACHE = Path(__file__).parent / "cache"


@dataclass(slots=True)
class Verdict:
    """What is wrong on a page, and which names nobody could check, each with the reason."""

    wrong: list[str] = field(default_factory=list[str])
    unchecked: dict[str, str] = field(default_factory=dict[str, str])


def pages() -> dict[str, dict[str, Any]]:
    """Every page as TOML gives it, by its library."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(LIBRARIES.glob("*.toml"))}


def validated(raw: dict[str, Any]) -> Page | SamePage:
    """The page in the catalog's language; raises pydantic's `ValidationError`."""
    return SamePage.model_validate(raw) if "same_as" in raw else Page.model_validate(raw)


def library_of(page: Page) -> Library:
    """The library's files: its wheel at the version that was read, or the stubs of the standard library."""
    if page.distribution == "python":
        spec = importlib.util.find_spec("mypy")
        assert spec is not None
        assert spec.origin is not None
        return Library(Path(spec.origin).parent / "typeshed" / "stdlib")
    try:
        return Library(fetch(Package(page.distribution, page.checked, CACHE)))
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"{page.distribution} {page.checked}: {error.stderr.decode()[-400:]}") from error


def judge(page: Page, library: Library) -> Verdict:
    """Read every name of a page in the library."""
    verdict = Verdict()
    for short, long in page.alias.items():
        for name in (short, long):
            if name.partition(".")[0] == page.library and not library.exists(name):
                verdict.unchecked[name] = "alias not found in the sources"
    for table in page.classes:
        for name in [*expand(table.name), *table.also]:
            if not library.exists(name):
                verdict.unchecked[name] = "class not found in the sources"
    for call in page.calls:
        for pattern in call.names:
            for name in expand(pattern):
                if not name.endswith(".**"):
                    _judge_call(name, call, library, verdict)
    return verdict


def _judge_call(name: str, call: CallTable, library: Library, verdict: Verdict) -> None:
    found = library.find(name)
    if not found:
        verdict.unchecked[name] = "not found in the sources"
        return
    signatures = library.signatures(name)
    if call.awaits is not None:
        _judge_awaits(name, call.awaits, [one.node for one in found], verdict)
    if call.timeout is None or call.timeout.parameter is None:
        return
    if not signatures:
        verdict.unchecked[name] = "no signature in the sources"
        return
    problems = [list(_problems(call, signature)) for signature in signatures]
    if all(problems):
        verdict.wrong.append(f"{name}: {problems[0][0]}")
    elif all(_vague(call, signature) for signature in signatures):
        verdict.unchecked[name] = f"{call.timeout.parameter} goes through **kwargs, or its default is no literal"


def _judge_awaits(name: str, awaits: bool, nodes: list[ast.AST], verdict: Verdict) -> None:
    if awaits and all(isinstance(node, ast.FunctionDef) for node in nodes):
        given = {ast.unparse(node.returns) for node in nodes if isinstance(node, ast.FunctionDef) and node.returns}
        if not any(word in text for text in given for word in ("Awaitable", "Coroutine", "Future", "Context", "Any")):
            verdict.unchecked[name] = "said to be awaited, but not an `async def`"
    elif not awaits and nodes and all(isinstance(node, ast.AsyncFunctionDef) for node in nodes):
        verdict.wrong.append(f"{name}: an `async def`, but the page says that it is not awaited")


def _problems(call: CallTable, signature: Signature) -> Iterator[str]:
    timeout = call.timeout
    assert timeout is not None
    assert timeout.parameter is not None
    parameter = signature.get(timeout.parameter)
    if parameter is None:
        if not signature.open_ended:
            yield f"has no parameter {timeout.parameter!r}"
        return
    if timeout.position is not None and signature.position(timeout.parameter) != timeout.position:
        yield f"{timeout.parameter} stands at {signature.position(timeout.parameter)}, not at {timeout.position}"
    value = _literal(parameter.default)
    if value is ... or call.since:
        return
    if timeout.default == "forever" and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        yield f"{timeout.parameter} is {value} by default, not without a limit"
    if isinstance(timeout.default, float) and isinstance(value, int | float) and value != timeout.default:
        yield f"{timeout.parameter} is {value} by default, not {timeout.default}"


def _vague(call: CallTable, signature: Signature) -> bool:
    assert call.timeout is not None
    parameter = signature.get(call.timeout.parameter or "")
    return parameter is None or (bool(parameter.default) and _literal(parameter.default) is ...)


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text) if text else ...
    except (ValueError, SyntaxError):
        return ...


def unchecked_file(found: dict[str, dict[str, str]]) -> str:
    """`unchecked.toml`: by page and reason, the names that cannot be checked."""
    lines = ["# What the test of the catalog cannot check against the libraries. Written by `make catalog`."]
    for library, names in sorted(found.items()):
        if names:
            lines += ["", f"[{library}]"]
            for reason in sorted(set(names.values())):
                lines += [f'"{reason}" = [', *(f'  "{name}",' for name in sorted(names) if names[name] == reason), "]"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Judge every page, the big ones too when asked with --big, and write the list of what cannot be checked."""
    found: dict[str, dict[str, str]] = {}
    for name, raw in pages().items():
        try:
            page = validated(raw)
            if isinstance(page, Page):
                if page.big and "--big" not in sys.argv:
                    found[name] = {"*": "the wheel is too large for CI: make catalog BIG=1"}
                    continue
                verdict = judge(page, library_of(page))
                found[name] = verdict.unchecked
                for line in verdict.wrong:
                    print(f"{name}: {line}")
        except (ValueError, RuntimeError) as error:
            print(f"{name}: {str(error)[:600]}")
    (Path(__file__).parent / "unchecked.toml").write_text(unchecked_file(found), encoding="utf-8")


if __name__ == "__main__":
    main()
