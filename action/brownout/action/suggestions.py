"""Fixes as suggestions that one click applies: for those that change lines of one hunk of the pull request."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brownout.action.api import Api, attempt
from brownout.action.event import Event
from brownout.action.hunks import Hunk, hunks
from brownout.action.log import Log
from brownout.action.markdown import count, safe, worst_first
from brownout.core import Finding
from brownout.fixes.edits import Edit
from brownout.render.report import Report
from brownout.report.fingerprints import fingerprints
from github import GithubException

AT_ONCE = 30
"""Comments of a review; more of them time out on GitHub's side."""
MOST = 60
"""Suggestions of a run: a change with more is better served by `brownout fix`."""
REFUSED = "422"
MARK = "<!-- brownout:fix:{} -->"

_MARKED = re.compile(r"<!-- brownout:fix:([0-9a-f]{32}) -->")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """New text for the lines `start` to `end`, inclusive, of one file, in place of `replaced`."""

    mark: str
    path: str
    start: int
    end: int
    replaced: tuple[str, ...]
    text: str
    words: str

    def comment(self) -> dict[str, object]:
        """What is posted; the fence is longer than any in the text."""
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", self.text))])
        body = f"{self.words}\n\n{fence}suggestion\n{self.text}{fence}\n{MARK.format(self.mark)}"
        found: dict[str, object] = {"path": self.path, "line": self.end, "side": "RIGHT", "body": body}
        if self.start != self.end:
            found |= {"start_line": self.start, "start_side": "RIGHT"}
        return found


def suggest(api: Api, event: Event, report: Report, log: Log) -> None:
    """Post the suggestions that the pull request does not have yet, in one review where that is possible."""
    wanted = suggestions(report)
    if not wanted or event.number is None:
        return
    pull = api.pull(event.number)
    patches = attempt(lambda: {file.filename: file.patch for file in pull.get_files()})
    if isinstance(patches, str):
        log.remark(f"no suggestions: the changed files cannot be listed: {patches}")
        return
    posted = attempt(lambda: {mark for one in pull.get_review_comments() for mark in _MARKED.findall(one.body or "")})
    if isinstance(posted, str):
        log.remark(f"no suggestions: those that were posted before cannot be read: {posted}")
        return
    fresh = [one for one in wanted if one.mark not in posted]
    fit, why = _fitting(fresh, patches)
    for words, number in why.items():
        log.remark(f"{number} {'fix' if number == 1 else 'fixes'} not suggested: {words}")
    if len(fit) > MOST:
        log.remark(f"{len(fit) - MOST} fixes not suggested: {MOST} are enough for a review; `brownout fix` applies all")
    _post(api, event, fit[:MOST], log)


def suggestions(report: Report) -> list[Suggestion]:
    """The fixes of a report's findings, each as one replacement of whole lines, the worst finding first."""
    marks = dict(zip(report.findings, fingerprints(report.findings), strict=True))
    found = (_suggestion(report, one, report.edits.get(one, ()), marks[one]) for one in worst_first(report.findings))
    return [one for one in found if one is not None]


def _suggestion(report: Report, finding: Finding, edits: Sequence[Edit], mark: str) -> Suggestion | None:
    """Several edits become one, with the lines between them; an insertion takes the line that it stands before."""
    if not edits:
        return None
    path, lines = finding.location.path, report.source(finding.location.path)
    start, stop = edits[0].start, edits[-1].end
    if stop == start:
        stop += 1
    if stop - 1 > len(lines):
        return None
    parts: list[str] = []
    at = start
    for edit in edits:
        parts += [*(f"{lines[number - 1]}\n" for number in range(at, edit.start)), edit.text]
        at = edit.end
    parts += [f"{lines[number - 1]}\n" for number in range(at, stop)]
    text = "".join(parts).replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    fix = finding.fixes[0]
    caution = "" if fix.safe else " (changes what callers may see: read it first)"
    words = f"**{safe(finding.rule)}**: {safe(finding.message)}\n\n{safe(fix.title)}{caution}."
    replaced = tuple(lines[number - 1] for number in range(start, stop))
    return Suggestion(mark, report.within(path), start, stop - 1, replaced, text, words)


def _fitting(wanted: Sequence[Suggestion], patches: Mapping[str, str | None]) -> tuple[list[Suggestion], Counter[str]]:
    """Those whose lines are in one hunk, as the pull request has them; and why the others are left out."""
    fit: list[Suggestion] = []
    why: Counter[str] = Counter()
    known: dict[str, list[Hunk]] = {}
    for one in wanted:
        patch = patches.get(one.path)
        if one.path in patches and not patch:
            why["GitHub gives no patch of so large a change of the file"] += 1
            continue
        if one.path not in known:
            known[one.path] = list(hunks(patch or ""))
        hunk = next((hunk for hunk in known[one.path] if hunk.holds(one.start, one.end)), None)
        if hunk is None:
            why["their lines are not in one hunk of the diff"] += 1
        elif tuple(map(hunk.line, range(one.start, one.end + 1))) != one.replaced:
            why["the base branch has moved their lines"] += 1
        else:
            fit.append(one)
    return fit, why


def _post(api: Api, event: Event, fit: Sequence[Suggestion], log: Log) -> None:
    todo = deque(fit[start : start + AT_ONCE] for start in range(0, len(fit), AT_ONCE))
    done = refused = 0
    while todo:
        some = todo.popleft()
        answer = _review(api, event, some)
        if not answer:
            done += len(some)
        elif answer != REFUSED:
            log.remark(f"{'no more' if done else 'no'} suggestions: {answer}")
            break
        elif len(some) > 1:  # one bad line refuses all of them: those that are good are posted alone
            todo.extendleft([one] for one in reversed(some))
        else:
            refused += 1
    if refused:
        log.remark(f"{count(refused, 'suggestion')} refused: GitHub finds the lines outside of the diff (422)")
    if done:
        log.say(f"{count(done, 'suggestion')} posted")


def _review(api: Api, event: Event, some: Sequence[Suggestion]) -> str:
    """Post a review; "" when it is done, `REFUSED` for lines outside of the diff, else why not."""
    given: dict[str, object] = {
        "commit_id": event.head,
        "event": "COMMENT",
        "comments": [one.comment() for one in some],
    }

    def post() -> str:
        try:
            api.ask("POST", f"pulls/{event.number}/reviews", given)
        except GithubException as error:
            if error.status == 422:
                return REFUSED
            raise
        return ""

    return attempt(post)
