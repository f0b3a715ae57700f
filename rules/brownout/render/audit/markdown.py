"""The audit in Markdown: the headings, fields and order that the audit's specification asks for."""

from __future__ import annotations

from collections.abc import Iterator

from brownout.audit.advice import Score
from brownout.audit.data import Coverage, Inventory, Issue, State
from brownout.audit.report import Audit
from brownout.render.audit import markdown_chaos, markdown_map
from brownout.render.audit.words import bullets, cell, code, count, minutes, place, row


def render(audit: Audit) -> str:
    """The whole report."""
    parts = (
        _head(audit),
        _inventory(audit.inventory),
        markdown_map.failure_map(audit.failures),
        _findings(audit),
        _suspicions(audit),
        _coverage(audit.coverage),
        markdown_chaos.recommendations(audit.chaos),
        _score(audit.score),
        _plan(audit),
        markdown_chaos.infrastructure(audit.chaos),
        _appendix(audit),
    )
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _head(audit: Audit) -> Iterator[str]:
    score = audit.score
    shown = "not scored" if score.value is None else f"{score.value} / 10"
    yield f"# Chaos / Failure Injection Audit: {audit.project}"
    yield ""
    when = f"{audit.date} · " if audit.date else ""
    yield f"{when}{audit.tool} · {count(audit.files, 'file')}, {count(audit.lines, 'line')} of Python · read, not run"
    yield ""
    yield f"**Resilience readiness: {shown}** {score.sentence}"
    yield ""
    worst = [supplier for supplier in audit.failures.dependencies if supplier.weight >= 50][:3]
    if worst:
        yield "What takes it down first:"
        yield ""
        yield from (f"- **{supplier.name}**: {supplier.verdict}" for supplier in worst)
        yield ""
    yield (
        "Contents: [Environment & Assumptions](#environment--assumptions) · [Failure Map](#failure-map) · "
        "[Findings](#findings) · "
        "[Suspicious Patterns](#suspicious-patterns) · [Coverage](#coverage) · "
        "[Chaos Testing Recommendations](#chaos-testing-recommendations) · [Vibe Score](#vibe-score) · "
        "[Summary & Action Plan](#summary--action-plan)"
    )
    yield ""


def _inventory(inventory: Inventory) -> Iterator[str]:
    yield from ("## Environment & Assumptions", "")
    yield from ("### Tech Stack", "", "| Part | Version | Role | Seen at |", "| --- | --- | --- | --- |")
    for part in inventory.stack:
        yield row(part.name, part.version or "not pinned", part.role, place(part.evidence.path, part.evidence.line))
    yield ""
    for topic in inventory.topics:
        yield from (f"### {topic.title}: {topic.state.value}", "", topic.summary, "")
        if topic.evidence:
            yield from bullets(
                f"{place(one.path, one.line)}: {one.text if '`' in one.text else code(one.text)}"
                for one in topic.evidence
            )
        if topic.needs:
            yield from (f"**{State.NEEDS.value}:** {topic.needs}.", "")
        if topic.advice:
            yield from (f"Best practice: {topic.advice}", "")
    yield from ("### Every external call and its limit", "")
    if inventory.clients:
        yield "| Dependency | Call | At | Limit | Who says so | Decided at | Tried again |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for client in inventory.clients:
            limit = (
                f"{client.limit} s"
                if client.limit.replace(".", "").isdigit()
                else code(client.limit)
                if client.limit
                else "none"
            )
            state = client.origin if client.state is State.FOUND else f"{client.state.value}: {client.origin}"
            yield row(
                client.dependency, code(client.call), place(client.path, client.line), limit, state, client.decided_at,
                client.retries or "no",
            )  # fmt: skip
    else:
        yield "Nothing known leaves the process and waits."
    yield from ("", "### Assumptions, and what could not be seen", "")
    yield from bullets(inventory.unseen)


def _findings(audit: Audit) -> Iterator[str]:
    yield from ("## Findings", "")
    if not audit.issues:
        yield from ("No rule found anything that is certain.", "")
    area = ""
    for issue in sorted(audit.issues, key=lambda issue: issue.id):
        if issue.severity != area:
            area = issue.severity
            own = sum(one.severity == area for one in audit.issues)
            yield from (f"### {area} ({own})", "")
        yield from _issue(issue)


def _issue(issue: Issue) -> Iterator[str]:
    yield from (f"#### {issue.id} {issue.title}", "")
    yield from (f"[SEVERITY: {issue.severity}]", "")
    by_file: dict[str, list[int]] = {}
    for one in issue.places:
        by_file.setdefault(one.path, []).append(one.line)
    shown = "; ".join(f"{path} : {', '.join(map(str, sorted(set(lines))))}" for path, lines in by_file.items())
    yield f"**Location:** {shown}  "
    yield f"**Failure Category:** {issue.category} (section {issue.section}, rule `{issue.rule}`)"
    yield ""
    yield from ("**The Problem:**", "", f"- {issue.problem}")
    if len(issue.places) > 1:
        yield f"- {len(issue.places)} places share this cause:"
        for one in issue.places:
            milder = f" ({one.why_milder})" if one.why_milder else ""
            yield f"  - {place(one.path, one.line)} {one.severity}: {one.message}{milder}"
    elif milder := "; ".join(one.why_milder for one in issue.places if one.why_milder):
        yield f"- Milder than usual: {milder}."
    yield from ("", "**Failure Scenario:**", "", f"- {issue.scenario}", f"- Likelihood: {issue.likelihood}", "")
    yield from ("**Current Behavior:**", "")
    yield from bullets(issue.current)
    yield from (
        "**Impact Assessment:**", "", f"- User Impact: {issue.user_impact}", f"- Data Risk: {issue.data_risk}",
        f"- Recovery: {issue.recovery}", "",
    )  # fmt: skip
    yield from ("**How to Verify:**", "", f"- {issue.verify}", "")
    if issue.verify_commands:
        yield from ("```sh", issue.verify_commands, "```", "")
    yield from ("**The Fix:**", "", f"- {issue.fix}")
    if issue.quick_fix:
        yield f"- Quick fix: {issue.quick_fix}"
    if issue.configuration:
        yield f"- Configuration: {issue.configuration}"
    yield ""
    if issue.snippet:
        yield "The change here:" if issue.snippet_is_diff else "The pattern, on the rule's example:"
        yield from ("", "```diff", issue.snippet, "```", "")
    yield from ("**Trade-off Consideration:**", "", f"- {issue.tradeoff}", f"- Effort: {minutes(issue.minutes)}.")
    if issue.trigger:
        yield f"- MONITOR. {issue.trigger}"
    yield ""


def _suspicions(audit: Audit) -> Iterator[str]:
    yield from (
        "## Suspicious Patterns",
        "",
        "These look risky and need confirmation; they count neither in the score nor in the plan.",
        "",
    )
    if not audit.suspicions:
        yield from ("None.", "")
        return
    yield from ("| Section | At | What | Needs Confirmation |", "| --- | --- | --- | --- |")
    for one in audit.suspicions:
        yield row(
            one.section,
            place(one.path, one.line),
            code(one.text) if one.section in ("4A", "4C") else cell(one.text),
            one.needs,
        )
    yield ""


def _coverage(found: tuple[Coverage, ...]) -> Iterator[str]:
    yield from ("## Coverage", "")
    area = ""
    for one in found:
        if one.area != area:
            area = one.area
            yield from (f"### {one.section[0]}) {area}", "")
        yield f"#### {one.section[1]}) {one.title}: {one.status}"
        yield ""
        yield f"Looked for: {one.looked_for}."
        yield ""
        issues = f" {', '.join(one.issues)}." if one.issues else ""
        rules = f" Rules: {', '.join(f'`{name}`' for name in one.rules)}." if one.rules else ""
        yield f"{one.result}{issues}{rules}"
        yield ""


def _score(score: Score) -> Iterator[str]:
    shown = "not scored" if score.value is None else f"{score.value} / 10"
    yield from ("## Vibe Score", "", f"**Resilience readiness: {shown}**", "")
    if score.value is not None:
        yield from (f"{score.band}: {score.sentence}", "")
    yield from ("### Justification", "")
    yield from bullets(score.reasons)
    if score.standing:
        yield from (score.standing, "")
    yield from ("### Top 3 resilience improvements", "")
    if not score.improvements:
        yield from ("Nothing is open.", "")
    for number, one in enumerate(score.improvements, 1):
        gain = f"+{one.gain}" if one.gain else "more room below the cap"
        yield f"{number}. {one.issue} {one.title}: {gain} for {minutes(one.minutes)}"
    yield from ("", f"How it is made: {score.formula}")
    if score.caps:
        yield f"In force: {'; '.join(score.caps)}."
    yield ""


def _plan(audit: Audit) -> Iterator[str]:
    plan = audit.plan
    yield from ("## Summary & Action Plan", "")
    for title, tasks, none in (
        ("1) Fix Now (critical failure modes)", plan.now, "Nothing."),
        ("2) Fix Soon (high-impact improvements)", plan.soon, "Nothing."),
        ("3) Monitor (edge cases, chaos test regularly)", plan.monitor, "Nothing found that is only to be watched."),
    ):
        yield from (f"### {title}", "")
        if not tasks:
            yield from (none, "")
        for number, task in enumerate(tasks, 1):
            where = f" [{task.dependency}]" if task.dependency else ""
            places = f", {task.places} places" if task.places > 1 else ""
            yield f"{number}. {task.severity}{where} {task.issue}: {task.title} ({minutes(task.minutes)}{places})"
        if tasks:
            yield ""
    yield f"**Estimated time to implement all Fix Now items:** {minutes(plan.minutes)}."
    yield ""


def _appendix(audit: Audit) -> Iterator[str]:
    if audit.suppressed:
        yield from ("## Switched off by comments in the code", "")
        yield from bullets(f"{place(one.path, one.line)} {one.text}: {one.needs}" for one in audit.suppressed)
    if audit.unreadable:
        yield from ("## Not read", "")
        yield from bullets(f"{place(one.path, one.line)} {one.message}" for one in audit.unreadable)
