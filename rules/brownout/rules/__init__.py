"""The rules: one per file, in a folder per failure category; found by walking the package, never listed by hand."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from brownout.core import Rule


@cache
def load() -> dict[str, Rule]:
    """Every rule by its name, sorted by category and name."""
    found: list[Rule] = []
    for category in pkgutil.iter_modules(__path__):
        package = importlib.import_module(f"{__name__}.{category.name}")
        for page in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{page.name}")
            rule = getattr(module, page.name, None)
            if isinstance(rule, Rule):
                found.append(rule)
    order = {category: index for index, category in enumerate(type(found[0].category))} if found else {}
    return {rule.name: rule for rule in sorted(found, key=lambda rule: (order[rule.category], rule.name))}
