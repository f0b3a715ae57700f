"""The one comment on a pull request: written once, changed in place, and only when it would say something else."""

from __future__ import annotations

import hashlib
import re

from brownout.action.api import Api, attempt
from brownout.action.examine import Examined
from brownout.action.log import Log
from brownout.action.markdown import count, gone, rows, worst_first
from brownout.action.results import Results
from brownout.core import __version__
from brownout.render.sarif import category_of

TOP = 10
FIXED = 20
LONGEST = 65_000
"""Characters; GitHub refuses 65,536."""

_DIGEST = re.compile(r"<!-- brownout:digest:([0-9a-f]+) -->")


def post(api: Api, results: Results, log: Log) -> None:
    """Create the comment, or bring it up to date."""
    event, examined = results.event, results.examined
    if event.number is None:
        return
    mark = f"<!-- brownout:sticky:{category_of(examined.report).replace('--', '-')} -->"
    body = f"{mark}\n{write(results)}"
    digest = hashlib.sha256(body.replace(event.run_url or "#", "").encode()).hexdigest()[:32]
    body = f"{body}\n<!-- brownout:digest:{digest} -->\n"
    issue = api.issue(event.number)
    found = attempt(
        lambda: [
            one for one in issue.get_comments()
            if (one.body or "").startswith(mark) and api.is_ours(one.user.login, one.user.type)
        ]
    )  # fmt: skip
    if isinstance(found, str):
        log.remark(f"no comment: those that are there cannot be read: {found}")
        return
    known = _DIGEST.search(found[0].body) if found else None
    comparison = examined.comparison
    if known and known[1] == digest:
        log.say("the comment says it already")
    elif found:
        _tell(attempt(lambda: found[0].edit(body)), "comment brought up to date", log)
    elif examined.judged.findings or examined.judged.unreadable or (comparison is not None and comparison.gone):
        _tell(attempt(lambda: issue.create_comment(body)), "comment written", log)


def _tell(answer: object, done: str, log: Log) -> None:
    if isinstance(answer, str):
        log.remark(f"no comment: {answer}")
    else:
        log.say(done)


def write(results: Results) -> str:
    """The comment's text: counts, the worst, what was fixed, and where the rest is."""
    event, examined = results.event, results.examined
    report = examined.new
    found = worst_first(report.findings)
    lines = [f"### {_headline(examined)}", ""]
    while True:
        table = rows(report, found[:TOP], event, results.book) if found else []
        rest = len(report.findings) - len(found[:TOP])
        more = ["", f"and {rest} more in [the summary]({event.run_url})"] if rest else []
        comparison = examined.comparison
        fixed = gone(report, comparison.gone, FIXED) if comparison is not None else []
        text = "\n".join([*lines, *table, *more, *_elsewhere(examined), *fixed, "", _foot(results)])
        if len(text) <= LONGEST or not found:
            return text
        found = found[: min(len(found), TOP) - 1]


def _headline(examined: Examined) -> str:
    new, comparison = len(examined.judged.findings), examined.comparison
    if comparison is None:
        return f"brownout: {count(new, 'finding')}"
    fixed = len(comparison.gone)
    broken = len(examined.judged.unreadable)
    unread = f", {count(broken, 'file')} that cannot be read" if broken else ""
    found = f"{new or 'no'} new {'finding' if new == 1 else 'findings'}"
    return f"brownout: {found}{f', {fixed} fixed' if fixed else ''}{unread}"


def _elsewhere(examined: Examined) -> list[str]:
    """New findings in files that did not change, and are easily overlooked: a helper of theirs did."""
    if examined.comparison is None:
        return []
    paths = sorted({one.location.path for one in examined.judged.findings} & examined.comparison.untouched)
    if not paths:
        return []
    number = sum(1 for one in examined.judged.findings if one.location.path in paths)
    files = "a file" if len(paths) == 1 else f"{len(paths)} files"
    return ["", f"{number} of them in {files} that this change does not touch: what is called from there has changed."]


def _foot(results: Results) -> str:
    event, examined = results.event, results.examined
    known = len(examined.comparison.known) if examined.comparison is not None else 0
    parts = [
        *([f"score {examined.score.text}"] if examined.score.text else []),
        *([f"{known} known before"] if known else []),
        *([f"compared with `{examined.base[:10]}`"] if examined.base else []),
        *([f"[all findings]({event.run_url})"] if event.run_url else []),
        f"brownout {__version__}",
    ]
    return f"<sub>{' · '.join(parts)}</sub>"
