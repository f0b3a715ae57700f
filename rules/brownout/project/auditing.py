"""An audit of a project on disk: a check that keeps what it knows, and a look at the files that are not Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brownout.audit.build import build
from brownout.audit.frontend import SUFFIXES
from brownout.audit.material import Material
from brownout.audit.report import Audit
from brownout.catalog import Catalog
from brownout.engine import Progress, examine
from brownout.facts.code import Code
from brownout.project.checking import check_options, selected, settle
from brownout.project.decode import decode
from brownout.project.discovery import walk
from brownout.project.place import unreadable_reason
from brownout.project.settings import Level, Settings
from brownout.project.workspace import Workspace
from brownout.rules import load

LARGEST = 1_000_000
"""Bytes; larger files of a front end are bundles."""
_NAMES = ("package.json", "pyproject.toml", "Dockerfile", "Containerfile", "Procfile", "nginx.conf")
_YAML = ("compose", "deployment", "k8s", "helm", "chart", "kubernetes")


def audit_workspace(
    workspace: Workspace,
    settings: Settings,
    progress: Progress | None = None,
    date: str = "",
    others: Mapping[str, str] | None = None,
) -> Audit:
    """Audit what has been read; raises `ConfigError` for options that a rule does not have.

    `others` are the `surroundings`, where they have been read before.
    """
    every = load()
    settings = replace(settings, suspected=True, min_severity=Level.MONITOR)
    rules = selected(every, settings)
    check_options(every, settings)
    examined = examine(
        workspace.sources,
        rules=list(rules.values()),
        catalog=Catalog(workspace.versions, settings.calls),
        options=settings.rules,
        progress=progress,
    )
    outcome = settle(examined.result, workspace, settings, every, rules)
    codes = {
        file.source.path: Code(file.module, file.names, examined.project)
        for file in examined.parsed
        if not file.source.is_test
    }
    material = Material(
        name=workspace.root.name,
        project=examined.project,
        codes=codes,
        findings=outcome.findings,
        rules=rules,
        unreadable=(*outcome.unreadable, *outcome.notices),
        suppressed=outcome.suppressed,
        versions=workspace.versions,
        others=surroundings(workspace, settings) if others is None else others,
        lines=outcome.lines,
        files=outcome.files,
        wanted=workspace.wanted,
    )
    return build(material, date=date)


def surroundings(workspace: Workspace, settings: Settings) -> dict[str, str]:
    """The texts, by path, of the front end's sources and of files that say how the service is run."""
    found = walk(
        workspace.root, exclude=settings.exclude, respect_gitignore=settings.respect_gitignore, also=is_surrounding
    )
    texts: dict[str, str] = {}
    for path in found.others:
        place = workspace.root / path
        if unreadable_reason(place) is None and place.stat().st_size <= LARGEST:
            try:
                text = decode(place.read_bytes(), path)
            except OSError:
                continue  # gone since the walk; nothing depends on it
            if isinstance(text, str):
                texts[path] = text
    return texts


def is_surrounding(path: str) -> bool:
    """Whether a file is front end, or says how the service is built and run."""
    name = path.rpartition("/")[2]
    if name.endswith(SUFFIXES):
        return not name.endswith((".min.js", ".d.ts")) and not _is_test(path)
    if name.endswith((".yml", ".yaml")):
        return any(word in path.lower() for word in _YAML)
    return name in _NAMES or name.startswith("Dockerfile")


def _is_test(path: str) -> bool:
    parts = path.split("/")
    return (
        not {"test", "tests", "__tests__", "__mocks__", "e2e"}.isdisjoint(parts)
        or ".test." in parts[-1]
        or ".spec." in parts[-1]
    )
