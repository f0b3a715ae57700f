"""How tests audit: files given as text, or the demo, through the same parts as the command line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from brownout.audit.build import build
from brownout.audit.material import Material
from brownout.audit.report import Audit
from brownout.catalog import Catalog
from brownout.engine import examine
from brownout.facts.code import Code
from brownout.model.source import SourceFile
from brownout.project.auditing import audit_workspace
from brownout.project.roots import is_test, module_names
from brownout.project.settings import Settings
from brownout.project.versions import versions_of
from brownout.project.workspace import open_workspace
from brownout.rules import load

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"


@cache
def docdesk() -> Audit:
    """The demo's audit."""
    return audit_workspace(open_workspace(DOCDESK, [DOCDESK], Settings()), Settings())


def material(files: Mapping[str, str]) -> Material:
    """What an audit of a project given as text is made of."""
    python = {path: text for path, text in files.items() if path.endswith(".py")}
    names = module_names(python)
    sources = [
        SourceFile(path, names[path].module, text, is_test=is_test(path), root=names[path].root)
        for path, text in python.items()
    ]
    examined = examine(sources, rules=list(load().values()), catalog=Catalog(versions_of(files)))
    codes = {
        file.source.path: Code(file.module, file.names, examined.project)
        for file in examined.parsed
        if not file.source.is_test
    }
    return Material(
        name="shop",
        project=examined.project,
        codes=codes,
        findings=examined.result.findings,
        rules=load(),
        unreadable=examined.result.unreadable,
        versions=versions_of(files),
        others={path: text for path, text in files.items() if not path.endswith(".py")},
        lines=examined.result.lines,
        files=examined.result.files,
    )


def audit(files: Mapping[str, str], date: str = "") -> Audit:
    """The audit of a project given as text."""
    return build(material(files), date=date)


def outcomes(found: Audit) -> dict[str, dict[str, dict[str, str]]]:
    """A failure map as entry point, dependency, failure: outcomes, the worst first."""
    told: dict[str, dict[str, dict[str, str]]] = {entry.label: {} for entry in found.failures.entries}
    for cell in found.failures.cells:
        ways: dict[str, list[str]] = {}
        for way in cell.ways:
            ways.setdefault(way.failure, []).append(way.outcome)
        told[cell.entry][cell.dependency] = {failure: ", ".join(found) for failure, found in ways.items()}
    return told
