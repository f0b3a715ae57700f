"""How tests run brownout over the files of a case: through the same door as the command line, without a disk."""

from __future__ import annotations

from collections.abc import Mapping

from brownout.catalog import Catalog
from brownout.core import Finding
from brownout.engine import Result, check
from brownout.model.source import SourceFile
from brownout.project.roots import is_test, module_names
from brownout.project.versions import versions_of
from brownout.rules import load

RULES = load()


def result(files: Mapping[str, str], *rules: str) -> Result:
    """The result of checking files given as text; all rules when none is named."""
    paths = [path for path in files if path.endswith(".py")]
    names = module_names({path: files[path] for path in paths})
    sources = [
        SourceFile(path, names[path].module, files[path], is_test=is_test(path), root=names[path].root)
        for path in paths
    ]
    chosen = [RULES[name] for name in rules] if rules else list(RULES.values())
    found = check(sources, rules=chosen, catalog=Catalog(versions_of(files)))
    assert not [item for item in found.unreadable if "bug in brownout" in item.message]
    return found


def findings(files: Mapping[str, str], *rules: str) -> list[Finding]:
    """The findings of `result`."""
    return list(result(files, *rules).findings)
