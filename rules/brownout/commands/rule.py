"""`brownout rule NAME`: the page of a rule."""

from __future__ import annotations

import argparse
import sys

from brownout.core import Rule
from brownout.project.checking import category_of
from brownout.project.config import hint
from brownout.project.settings import ConfigError
from brownout.report.pages import parse
from brownout.rules import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A rule's name, or all of them."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the rule's name")
    parser.add_argument("--all", action="store_true", help="every page, one after the other")
    parser.add_argument("--output-format", choices=("text", "json"), default="text")


def run(arguments: argparse.Namespace) -> int:
    """Print a page, all pages, or the list of rules."""
    rules = load()
    if arguments.name is not None and arguments.name not in rules:
        raise ConfigError(f"there is no rule {arguments.name!r}{hint(arguments.name, rules)}")
    chosen = list(rules.values()) if arguments.name is None else [rules[arguments.name]]
    if arguments.output_format == "json":
        import json

        print(json.dumps([as_json(rule) for rule in chosen], indent=2))
    elif arguments.name is None and not arguments.all:
        width = max(map(len, rules))
        for rule in chosen:
            print(f"{rule.name:<{width}}  {rule.severity.value:<8}  {category_of(rule):<10}  {parse(rule.doc).title}")
    else:
        _print_pages(chosen)
    return 0


def as_json(rule: Rule) -> dict[str, object]:
    """A rule as plain data."""
    page = parse(rule.doc)
    return {
        "name": rule.name,
        "title": page.title,
        "category": category_of(rule),
        "section": rule.section,
        "severity": rule.severity.value,
        "likelihood": rule.likelihood.value,
        "effort_minutes": list(rule.effort),
        "fix": rule.fix,
        "certainty": rule.certainty.value,
        "options": dict(rule.options),
        "sections": {name: page.tell(name, ()) for name in page.sections},
    }


def _print_pages(rules: list[Rule]) -> None:
    text = "\n".join(markdown(rule) for rule in rules)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))
    else:
        print(text)


def markdown(rule: Rule) -> str:
    """The page of a rule in Markdown, with its slots as words that stand for themselves."""
    page = parse(rule.doc)
    fix = {"safe": "safe", "unsafe": "offered, to be read before it is applied"}.get(rule.fix or "", "none")
    facts = f"{rule.severity.value} · {rule.category.value} · section {rule.section} · fix: {fix}"
    sections = "\n\n".join(f"## {name}\n{page.tell(name, ())}" for name in page.sections)
    return f"# {rule.name}\n\n**{page.title}** {facts}\n\n{sections}\n"
