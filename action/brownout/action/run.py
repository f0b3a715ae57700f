"""One run: check, tell it in every way that the token and the event allow, and fail for findings only."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from brownout.action import event, inputs, summary
from brownout.action.annotations import annotate
from brownout.action.event import Event
from brownout.action.examine import Examined, examine
from brownout.action.inputs import NEVER, Inputs, WrongInput
from brownout.action.log import Log, append, outputs
from brownout.action.markdown import count
from brownout.action.results import Results
from brownout.action.sarif import fitting
from brownout.project import git
from brownout.project.settings import ConfigError
from brownout.project.writing import write_atomically
from brownout.render.sarif import category_of

BOOK = "rules/README.md"


def main(environment: Mapping[str, str], stream: TextIO = sys.stdout) -> int:
    """Run the Action; 0, 1 for findings that fail the job, 2 for inputs that cannot be used."""
    log = Log(stream)
    try:
        given = inputs.read(environment)
        return _run(given, event.read(environment), environment, log)
    except (WrongInput, ConfigError) as error:
        log.error(str(error))
    except OSError as error:
        log.error(f"{error.filename or 'output'}: {error.strerror}")
    return 2


def _run(given: Inputs, happened: Event, environment: Mapping[str, str], log: Log) -> int:
    if happened.name == "pull_request_target":
        log.remark("pull_request_target hands secrets to a job about a stranger's code: pull_request is meant for this")
    examined = examine(given, happened, environment, log)
    results = Results(happened, examined, _book(happened, environment))
    log.say(
        f"{count(len(examined.judged.findings), 'new finding' if examined.comparison else 'finding')}"
        f" in {count(examined.outcome.files, 'file')}, {examined.seconds:.1f} s"
    )
    text = _write(results, environment, log)
    if given.annotations:
        annotate(examined, log)
    _publish(given, results, text, environment.get("BROWNOUT_TOKEN", ""), log)
    if given.summary:
        append(environment.get("GITHUB_STEP_SUMMARY", ""), summary.write(results, log.remarks))
    return _verdict(given, examined, log)


def _write(results: Results, environment: Mapping[str, str], log: Log) -> str:
    """Write the files and the outputs, which are there whatever happens next; returns the SARIF text."""
    examined = results.examined
    report, comparison = examined.report, examined.comparison
    text, left_out = fitting(report)
    if left_out:
        log.remark(f"{left_out} of the milder findings are not in the SARIF file: code scanning takes no larger one")
    name = re.sub(r"[^A-Za-z0-9]+", "-", category_of(report)).strip("-")
    folder = Path(environment.get("RUNNER_TEMP") or ".")
    place, page = folder / f"{name}.sarif", folder / f"{name}-audit.html"
    write_atomically(place, text.encode("utf-8", "replace"))
    if examined.score.page:
        write_atomically(page, examined.score.page.encode("utf-8", "replace"))
    values = {
        "sarif-file": str(place),
        "findings": str(len(report.findings)),
        "new": str(len(examined.judged.findings)),
        "fixed": str(len(comparison.gone) if comparison is not None else 0),
        "score": f"{examined.score.value:.1f}" if examined.score.value is not None else "",
        "report": str(page) if examined.score.page else "",
    }
    outputs(environment.get("GITHUB_OUTPUT", ""), values)
    return text


def _publish(given: Inputs, results: Results, text: str, token: str, log: Log) -> None:
    event, examined = results.event, results.examined
    talks = event.number is not None and (given.comment or given.suggest)
    if not (given.upload or talks) or not event.repository:
        return
    if not token:
        log.remark("no upload, no comment, no suggestions: the input `token` is empty")
        return
    from brownout.action import comment, suggestions, upload
    from brownout.action.api import Api

    api = Api(event.api, token, event.repository)
    if given.upload:
        commit = next(iter(git.head(examined.root)), event.sha)
        upload.upload(api, event, commit, text, examined.report, log)
    if event.number is not None and given.comment:
        comment.post(api, results, log)
    if event.number is not None and given.suggest and examined.comparison is not None:
        suggestions.suggest(api, event, examined.new, log)


def _book(event: Event, environment: Mapping[str, str]) -> str:
    """Where the pages of the rules are, as the Action's own version has them."""
    repository, ref = environment.get("BROWNOUT_REPOSITORY", ""), environment.get("BROWNOUT_REF", "")
    return f"{event.server}/{repository}/blob/{ref}/{BOOK}" if repository and ref else ""


def _verdict(given: Inputs, examined: Examined, log: Log) -> int:
    failing = examined.failing(given)
    unreadable = examined.judged.unreadable if given.fail_on != NEVER and examined.comparable else ()
    if failing:
        limit = examined.settings.fail_on
        log.say(f"the job fails: {count(len(failing), 'finding')} of severity {limit} or worse (input fail-on)")
    if unreadable:
        log.say(f"the job fails: {count(len(unreadable), 'file')} could not be read (input fail-on)")
    return 1 if failing or unreadable else 0
