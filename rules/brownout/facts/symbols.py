"""Symbols as text: where they fall apart, and what collections give."""

from __future__ import annotations

_MANY = ("copy", "values", "__aiter__", "__iter__", "union", "difference")
_ONE = ("pop", "get", "setdefault", "popleft", "__getitem__")


def of_container(owner: str, name: str) -> str | None:
    """What a method of a collection or mapping gives: another one, an element, or nothing that is known."""
    inner = owner[1:-1]
    if name == "items" and owner.startswith("{"):
        return f"[({inner})]"
    if name in _MANY:
        return f"[{inner}]"
    return inner if name in _ONE else None


def sides(symbol: str) -> list[str]:
    """The symbols of `a|b`, split where no bracket is open."""
    found, depth = [""], 0
    for character in symbol:
        depth += (character in "[{(") - (character in ")]}")
        if character == "|" and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found


def is_container(symbol: str) -> bool:
    """Whether the bracket that opens a symbol closes at its very end."""
    depth = 0
    for position, character in enumerate(symbol):
        depth += (character in "[{(") - (character in ")]}")
        if depth == 0:
            return position == len(symbol) - 1
    return False


def split(symbol: str) -> tuple[str, str]:
    """The owner and last attribute of a symbol, at the last dot outside of brackets."""
    depth = 0
    for position in range(len(symbol) - 1, -1, -1):
        character = symbol[position]
        if character in ")]}":
            depth += 1
        elif character in "([{":
            depth -= 1
        elif character == "." and depth == 0:
            return symbol[:position], symbol[position + 1 :]
    return "", symbol
