"""Write the book, `rules/README.md`: an index by the audit's sub-sections and the page of every rule."""

from __future__ import annotations

from pathlib import Path

from brownout.commands.rule import markdown
from brownout.core import Rule
from brownout.report.pages import parse
from brownout.rules import load

BOOK = Path(__file__).parent.parent / "rules" / "README.md"
HEAD = """# The book of rules

Generated from the rules by `make book`; a test compares the two. Each page is the docstring of one file, and its
examples are that rule's first tests. `brownout rule NAME` prints the same page in a terminal.

| Rule | What it finds | Section | Severity | Fix |
|---|---|---|---|---|
"""


def book() -> str:
    """The whole book in Markdown."""
    rules = list(load().values())
    rows = "\n".join(row(rule) for rule in sorted(rules, key=lambda rule: (rule.section, rule.name)))
    pages = "\n\n".join(lowered(markdown(rule)).rstrip() for rule in rules)
    return f"{HEAD}{rows}\n\n{pages}\n"


def row(rule: Rule) -> str:
    """One rule in the index."""
    title = parse(rule.doc).title
    suspected = "" if rule.certainty is rule.certainty.CERTAIN else " (suspected)"
    return (
        f"| [{rule.name}](#{rule.name}) | {title}{suspected} | {rule.section} | "
        f"{rule.severity.value} | {rule.fix or 'none'} |"
    )


def lowered(page: str) -> str:
    """A page with its headings one level down; lines in code stay as they are."""
    lines: list[str] = []
    fenced = False
    for line in page.splitlines():
        fenced ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not fenced else line)
    return "\n".join(lines)


if __name__ == "__main__":
    BOOK.write_text(book(), encoding="utf-8")
    print(f"{BOOK.name}: {len(load())} rules")
