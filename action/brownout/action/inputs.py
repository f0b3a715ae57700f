"""The Action's inputs: environment variables, since an input that is pasted into a script is code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "BROWNOUT_INPUT_"
NEVER = "never"
_YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}
"""What people write; YAML's `on` and `off` arrive as true and false."""


class WrongInput(Exception):
    """An input that cannot be used; the message says which and what would be right."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow says under `with:`."""

    paths: tuple[str, ...] = (".",)
    working_directory: str = "."
    config: str | None = None
    select: str | None = None
    ignore: str | None = None
    fail_on: str | None = None
    only_new: bool = True
    upload: bool = True
    comment: bool = True
    suggest: bool = True
    summary: bool = True
    annotations: bool = True
    score: bool = True
    category: str = ""


def read(environment: Mapping[str, str]) -> Inputs:
    """The inputs; raises `WrongInput`."""

    def text(name: str) -> str:
        return environment.get(PREFIX + name.upper().replace("-", "_"), "").strip()

    def flag(name: str) -> bool:
        word = text(name).lower() or "true"
        if word not in _YES_OR_NO:
            raise WrongInput(f"{name}: {word!r} is neither true nor false")
        return _YES_OR_NO[word]

    given = text("paths")
    lines = given.splitlines() if "\n" in given else given.split()
    return Inputs(
        paths=tuple(path for line in lines if (path := line.strip())) or (".",),
        working_directory=text("working-directory") or ".",
        config=text("config") or None,
        select=text("select") or None,
        ignore=text("ignore") or None,
        fail_on=text("fail-on").lower() or None,
        only_new=flag("only-new"),
        upload=flag("upload"),
        comment=flag("comment"),
        suggest=flag("suggest"),
        summary=flag("summary"),
        annotations=flag("annotations"),
        score=flag("score"),
        category=text("category").strip("/"),
    )
