"""Code scanning: the SARIF file, compressed and uploaded, and what became of it."""

from __future__ import annotations

import base64
import time

from brownout.action.api import Api, attempt
from brownout.action.event import Event
from brownout.action.log import Log
from brownout.action.markdown import count
from brownout.action.sarif import packed
from brownout.render.report import Report
from brownout.render.sarif import category_of

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between looks at what became of an upload."""


def upload(api: Api, event: Event, commit: str, text: str, report: Report, log: Log) -> None:
    """Upload what code scanning does not have yet; every refusal is one line."""
    ref = _ref(event, commit)
    known = attempt(lambda: _is_known(api, ref, commit, report))
    if known is True:
        log.say(f"code scanning has these findings of {commit[:10]} already")
        return
    sarif = base64.b64encode(packed(text)).decode()
    given: dict[str, object] = {"commit_sha": commit, "ref": ref, "sarif": sarif, "tool_name": "brownout"}
    answer = attempt(lambda: api.ask("POST", "code-scanning/sarifs", given))
    if isinstance(answer, str):
        log.remark(f"no upload to code scanning: {_explained(answer, event)}")
        return
    state, errors = _outcome(api, str(answer.get("id", "")))
    if state == "complete":
        log.say(f"{count(len(report.findings), 'finding')} uploaded to code scanning")
    else:
        log.remark(f"uploaded to code scanning, {_STATES.get(state, state)}{f': {errors}' if errors else ''}")


_STATES = {"pending": "which has not processed it yet", "failed": "which refused it"}


def _ref(event: Event, commit: str) -> str:
    """The ref that the commit belongs to: of a pull request its merge, unless the branch itself is checked out."""
    if event.number is not None:
        return f"refs/pull/{event.number}/{'head' if commit == event.head else 'merge'}"
    return event.ref


def _is_known(api: Api, ref: str, commit: str, report: Report) -> bool:
    from urllib.parse import quote

    answer = api.ask("GET", f"code-scanning/analyses?tool_name=brownout&per_page=100&ref={quote(ref)}")
    wanted = {
        "commit_sha": commit,
        "category": category_of(report).removesuffix("/"),
        "results_count": len(report.findings),
        "rules_count": len(report.rules),
    }
    return any(all(one.get(key) == value for key, value in wanted.items()) for one in answer)


def _outcome(api: Api, upload_id: str) -> tuple[str, str]:
    for wait in WAITS:
        time.sleep(wait)
        answer = attempt(lambda: api.ask("GET", f"code-scanning/sarifs/{upload_id}"))
        if isinstance(answer, str):
            return f"but what became of it is not known: {answer}", ""
        state = str(answer.get("processing_status", "pending"))
        if state != "pending":
            return state, "; ".join(map(str, answer.get("errors") or ()))
    return "pending", ""


def _explained(answer: str, event: Event) -> str:
    if "may only read" in answer or not answer.startswith(("403", "404")):
        return answer
    where = "code scanning is not switched on for this repository, or the token lacks `security-events: write`"
    return f"{where}; private repositories need GitHub Code Security ({answer})"
