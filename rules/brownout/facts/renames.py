"""Whether a name may stand in a file for something that is called otherwise where it comes from.

A call of `shutil.copyfileobj` has that word in its file's text, unless another file hands it on under another name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.code import Code


def may_mean(word: str, code: Code) -> bool:
    """Whether something in a file may be what is called `word`, by its own text or by names from other files."""
    return word in code.module.text or word in _renamed(code.project)


@per_project
def _renamed(project: Project) -> frozenset[str]:
    """The last words of what some file of the project keeps, returns or hands on under another name."""
    found: set[str] = set()
    for name, symbol in _named(project):
        if symbol is not None and not symbol.endswith("()"):
            for side in symbol.split("|"):
                last = side.rpartition(".")[2].strip("[]{}()^0123456789")
                if last != name:
                    found.add(last)
    return frozenset(found)


def _named(project: Project) -> Iterator[tuple[str, str | None]]:
    """Everything that has a name in a summary, by that name and what it stands for."""
    for module in project.modules:
        yield from module.exports.items()
        for owner in module.classes.values():
            yield from owner.attributes.items()
        for function in module.functions.values():
            if function.returns is not None:
                yield "", function.returns
