"""How published projects score, so that a score can be compared; measured, and renewed with `make scores`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def scores() -> tuple[tuple[str, float], ...]:
    """Published projects with their scores, the lowest first."""
    text = files("brownout.audit").joinpath("scores.toml").read_text(encoding="utf-8")
    page = tomllib.loads(text)
    return tuple(sorted(page.get("scores", {}).items(), key=lambda pair: (pair[1], pair[0])))


def standing(found: float) -> str:
    """Where a score stands among the published projects."""
    known = scores()
    if not known:
        return ""
    lower = sum(score < found for _, score in known)
    values = [score for _, score in known]
    middle = values[len(values) // 2]
    return (
        f"Higher than {lower} of {len(known)} published projects (median {middle}, from {values[0]} to {values[-1]}), "
        "measured with the rules of this version."
    )
