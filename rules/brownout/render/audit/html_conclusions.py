"""Chaos tests, score and action plan in HTML."""

from __future__ import annotations

from brownout.audit.advice import Chaos, Family, Score, Task
from brownout.audit.report import Audit
from brownout.render.audit.markup import block, items, place, prose, severity, text
from brownout.render.audit.words import minutes


def chaos(found: Chaos) -> str:
    """Families, files, set-up, metrics."""
    families = "".join(_family(number, family) for number, family in enumerate(found.families, 1))
    files = "".join(
        f'<details class="file"><summary><code>{text(file.name)}</code> '
        f"{prose(file.purpose)}</summary>{block(file.content)}</details>"
        for file in found.files
    )
    metrics = items(
        f"<strong>{text(one.name)}</strong>: {prose(one.what)}. {prose(one.how)} "
        f"{' '.join(place(w.path, w.line) for w in one.where) or '<span class=soft>No place of its own yet.</span>'}"
        for one in found.metrics
    )
    return (
        f'<h2 id="chaos">Chaos testing recommendations</h2>{families}<h3>Files for the tools</h3>{files}'
        f"<h3>Test environment setup</h3><p>{prose(found.setup)}</p><h3>Monitoring to add before chaos "
        f"testing</h3>{metrics}"
    )


def _family(number: int, family: Family) -> str:
    applies = [trial for trial in family.trials if not trial.why_not]
    parts = [
        f"<h4>{text(trial.title)}</h4><p>{prose(trial.expect)}</p>{block(trial.steps)}"
        if not trial.why_not
        else f"<h4>{text(trial.title)}</h4><p class='none'>Not applicable. {prose(trial.why_not)}</p>"
        for trial in family.trials
    ]
    told = f"{len(applies)} tests" if applies else "not applicable"
    return (
        f'<details class="family"><summary><strong>{number}) {text(family.title)}</strong> <span '
        f'class="soft">{told}</span></summary>'
        f"{''.join(parts)}</details>"
    )


def score(found: Score) -> str:
    """The score with its reasons, its formula and what would raise it."""
    shown = "Not scored" if found.value is None else f"{found.value:g} / 10"
    caps = f" In force: {text('; '.join(found.caps))}." if found.caps else ""
    band = f"{text(found.band)}: " if found.band else ""
    better = items(
        (
            f'<a href="#{one.issue}">{one.issue}</a> {prose(one.title)}: '
            f"<strong>{f'+{one.gain:g}' if one.gain else 'more room below the cap'}</strong> for {minutes(one.minutes)}"
            for one in found.improvements
        ),
        "ol",
    )
    return (
        f'<h2 id="score">Vibe score: {shown}</h2><p><strong>{band}{text(found.sentence)}</strong></p>'
        f"{items(prose(one) for one in found.reasons)}<p>{text(found.standing)}</p>"
        f"<h3>Top 3 resilience improvements</h3>{better or '<p class=none>Nothing is open.</p>'}"
        f'<p class="soft">How it is made: {prose(found.formula)}{caps}</p>'
    )


def plan(audit: Audit) -> str:
    """Fix Now, Fix Soon, Monitor."""
    found = audit.plan
    columns = (
        ("1) Fix Now", "critical failure modes", found.now),
        ("2) Fix Soon", "high-impact improvements", found.soon),
        ("3) Monitor", "edge cases, chaos test regularly", found.monitor),
    )
    shown = "".join(
        f'<section><h3>{title}</h3><p class="soft">{about}</p>{_tasks(tasks)}</section>'
        for title, about, tasks in columns
    )
    return (
        '<h2 id="plan">Summary &amp; action plan</h2>'
        f"<p><strong>Estimated time for all Fix Now items: {minutes(found.minutes)}.</strong></p>"
        f'<div class="plan">{shown}</div>'
    )


def _tasks(tasks: tuple[Task, ...]) -> str:
    return items((_task(task) for task in tasks), "ol") or '<p class="none">Nothing.</p>'


def _task(task: Task) -> str:
    where = f' <span class="soft">[{text(task.dependency)}]</span>' if task.dependency else ""
    places = f", {task.places} places" if task.places > 1 else ""
    return (
        f'{severity(task.severity)} <a href="#{task.issue}">{task.issue}</a>{where} {prose(task.title)} '
        f'<span class="soft">({minutes(task.minutes)}{places})</span>'
    )
