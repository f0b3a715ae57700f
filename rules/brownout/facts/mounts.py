"""Under which paths Django projects put their views: `urlpatterns`, what those include, and routers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from brownout.facts.nodes import last_word
from brownout.model.syntax import walk

if TYPE_CHECKING:
    from brownout.facts.call import Call
    from brownout.facts.code import Code

_PATHS = frozenset({"django.urls.path", "django.urls.re_path", "django.conf.urls.url"})
_ROUTER = "rest_framework.routers.SimpleRouter.register"
_DEPTH = 5
_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
_PLAIN = re.compile(r"[\w/.<>:-]*")
ONE = "<pk>/"
_ACTIONS = {
    "list": ("GET", ""),
    "create": ("POST", ""),
    "retrieve": ("GET", ONE),
    "update": ("PUT", ONE),
    "partial_update": ("PATCH", ONE),
    "destroy": ("DELETE", ONE),
}
"""What a router makes of a viewset's methods."""
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})


def mounted(codes: Mapping[str, Code]) -> dict[str, str]:
    """The paths of view functions, view classes and viewsets, by canonical name; only those that are literals."""
    places: dict[str, str] = {}
    included: dict[str, tuple[str, str]] = {}
    views: list[tuple[str, str, str]] = []
    for code in codes.values():
        for call in code.index.entries(_PATHS | {_ROUTER}):
            path = _path(call)
            view = call.node.args[1] if len(call.node.args) > 1 else None
            if path is None or view is None:
                continue
            if isinstance(view, ast.Call) and last_word(view.func) == "include":
                for name in _included(view, call):
                    included.setdefault(name, (_home(call), path))
            elif (target := _target(view, call)) is not None:
                views.append((target, _home(call), path))
    roots = {
        ast.literal_eval(module.constants["ROOT_URLCONF"])
        for code in codes.values()
        for module in code.project.modules
        if "ROOT_URLCONF" in module.constants
    }
    for target, home, path in views:
        prefix = _prefix(home, included, roots)
        if prefix is not None:
            places.setdefault(target, f"/{prefix}{path}")
    return places


def asked(name: str, owner: str | None, places: Mapping[str, str]) -> Iterator[str]:
    """Method and path of a view: of a function, of a method named after a verb, or of what a router calls."""
    if owner is None:
        if name in places:
            yield f"ANY {places[name]}"
        return
    last = name.rpartition(".")[2]
    if owner in places and last in _VERBS:
        yield f"{last.upper()} {places[owner]}"
    elif f"{owner}()" in places and last in _ACTIONS:
        method, rest = _ACTIONS[last]
        yield f"{method} {places[f'{owner}()']}{rest}"


def _path(call: Call) -> str | None:
    """The literal path of a call; of a pattern, where it holds nothing but names."""
    text = call.code.constant(call.node.args[0], call.function) if call.node.args else None
    if not isinstance(text, str):
        return None
    name = call.entry.name if call.entry is not None else ""
    if name == _ROUTER:
        return f"{text}/" if text else ""
    if name != "django.urls.path":
        text = _GROUP.sub(r"<\1>", text.removeprefix("^").removesuffix("$"))
    return text if _PLAIN.fullmatch(text) else None


def _target(view: ast.expr, call: Call) -> str | None:
    """What is put there: a function, `Page.as_view()`; a router's viewset is named as its instance."""
    if isinstance(view, ast.Call):
        made = view.func
        if not isinstance(made, ast.Attribute) or made.attr != "as_view" or view.args:
            return None
        return call.code.target(made.value, call.function)
    target = call.code.target(view, call.function)
    return f"{target}()" if target is not None and call.entry is not None and call.entry.name == _ROUTER else target


def _home(call: Call) -> str:
    """Where a view is put: the module of its `urlpatterns`; a router or another list with its name."""
    module = call.code.module
    router = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if call.entry is not None and call.entry.name == _ROUTER:
        return f"{module.name}:{router.id}" if isinstance(router, ast.Name) else "?:"
    for name, bindings in module.scope.bindings.items():
        if name != "urlpatterns" and any(
            isinstance(binding.value, ast.List | ast.Tuple | ast.BinOp) and _holds(binding.value, call.node)
            for binding in bindings
        ):
            return f"{module.name}:{name}"
    return module.name


def _holds(value: ast.expr, node: ast.Call) -> bool:
    last = value.end_lineno or value.lineno
    return value.lineno <= node.lineno <= last and any(part is node for part in walk(value))


def _included(view: ast.Call, call: Call) -> Iterator[str]:
    """What `include` names: `"shop.urls"`, `shop.urls`, `router.urls`, or a list of the file."""
    given = view.args[0] if view.args else None
    given = given.elts[0] if isinstance(given, ast.Tuple) and given.elts else given
    own = given.value if isinstance(given, ast.Attribute) and given.attr == "urls" else given
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value
    elif isinstance(own, ast.Name):
        yield f"{call.code.module.name}:{own.id}"
    if isinstance(given, ast.Name | ast.Attribute) and (module := call.code.target(given, call.function)) is not None:
        yield module


def _prefix(home: str, included: Mapping[str, tuple[str, str]], roots: set[str]) -> str | None:
    """What stands before the paths of a module or router; None where that cannot be told."""
    prefix = ""
    for _ in range(_DEPTH):
        found = next((name for name in _shortened(home) if name in included), None)
        if found is None:
            is_root = not roots.isdisjoint(_shortened(home)) if roots else ":" not in home
            return prefix if is_root else None
        home, before = included[found]
        prefix = before + prefix
    return None


def _shortened(name: str) -> Iterator[str]:
    """A module as it may be named: `site.shop.urls`, or `shop.urls` where `site` is a folder of the path."""
    while name:
        yield name
        name = name.partition(".")[2]
