"""Models that were made elsewhere: whether somebody notices that they do not fit this version of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from brownout.facts import practices
from brownout.facts.models import models

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_UNPICKLES = frozenset({"joblib.load", "pickle.load", "pickle.loads", "cloudpickle.load", "dill.load"})
_ESTIMATORS = frozenset({"sklearn", "xgboost", "lightgbm", "catboost"})
_COMPARED = re.compile(r"version", re.IGNORECASE)
_PINS = frozenset({"revision", "model_revision", "commit_hash", "code_revision"})
_HUB_NAME = re.compile(r"^[\w.-]+/[\w.-]+$")


@dataclass(slots=True)
class Unchecked:
    """A call that loads a model of any version, and what may differ."""

    call: Call
    why: str


def unchecked(code: Code) -> Iterator[Unchecked]:
    """The loads of a file that take whatever version there is."""
    if practices.is_tooling(code.module.path):
        return
    candidates = (*models.may_load(code), *code.index.written(("load_state_dict",)), *code.index.named(_UNPICKLES))
    for call in {id(call): call for call in candidates}.values():
        why = _why(call)
        if why and code.judged(call.function) and not practices.in_main(call):
            yield Unchecked(call, why)


def _why(call: Call) -> str:
    code = call.code
    if models.fetched(call) is not None and _takes_newest(call):
        return "no `revision` is given, so that the hub's newest one is taken"
    if call.canonical in _UNPICKLES and not _ESTIMATORS.isdisjoint(code.module.imported):
        if not _COMPARED.search(code.module.text):
            return "nobody compares the library's version with the one that saved it"
    if call.text.endswith(".load_state_dict") and "torch" in code.module.imported and _drops_misfits(call):
        return "`strict=False` leaves out what does not fit, and nobody looks at what that was"
    return ""


def _takes_newest(call: Call) -> bool:
    """Whether a model of the hub is named, and neither its revision nor that it is here already."""
    if models.is_local(call) or any(keyword.arg in _PINS for keyword in call.node.keywords):
        return False
    named = call.argument("pretrained_model_name_or_path", 0) if call.text.endswith("from_pretrained") else None
    named = named or call.argument("model") or call.argument("repo_id", 0)
    return _HUB_NAME.match(call.code.text_of(named, call.function)) is not None


def _drops_misfits(call: Call) -> bool:
    """Whether a part of the weights may be missing, and the answer that tells which is thrown away."""
    strict = call.argument("strict", 1)
    statement = call.table.statement
    return (
        isinstance(strict, ast.Constant)
        and strict.value is False
        and isinstance(statement, ast.Expr)
        and statement.value is call.node
    )
