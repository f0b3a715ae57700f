"""The findings in HTML: one that opens per issue, with every field; filters above, suspicions below."""

from __future__ import annotations

from brownout.audit.data import Issue, Suspicion
from brownout.audit.report import Audit
from brownout.render.audit.markup import block, diff, items, place, prose, severity, text
from brownout.render.audit.words import minutes

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "MONITOR")


def section(audit: Audit) -> str:
    """Filters, then the issues, the worst first."""
    sections = sorted({issue.section for issue in audit.issues})
    names = sorted({issue.dependency for issue in audit.issues if issue.dependency})
    counts = {name: sum(issue.severity == name for issue in audit.issues) for name in SEVERITIES}
    buttons = " ".join(
        f'<button type="button" data-severity="{name}" aria-pressed="false">{name.title()} {counts[name]}</button>'
        for name in SEVERITIES
        if counts[name]
    )
    tools = (
        f'<div class="tools"><span class="severities">{buttons}</span>'
        '<select id="section" aria-label="Sub-section"><option value="">every '
        f"sub-section</option>{_options(sections)}</select>"
        '<select id="dependency" aria-label="Dependency"><option value="">every '
        f"dependency</option>{_options(names)}</select>"
        '<input type="search" id="words" placeholder="Search in findings" aria-label="Search in findings">'
        '<button type="button" id="unfold">Open all</button><span class="soft" id="shown" '
        'aria-live="polite"></span></div>'
    )
    none = "" if audit.issues else '<p class="none">No rule found anything that is certain.</p>'
    shown = "\n".join(_issue(issue) for issue in audit.issues)
    return f'<h2 id="findings">Findings</h2>{tools}{none}<div class="findings">{shown}</div>'


def _options(names: list[str]) -> str:
    return "".join(f"<option>{text(name)}</option>" for name in names)


def _issue(issue: Issue) -> str:
    by_file: dict[str, set[int]] = {}
    for one in issue.places:
        by_file.setdefault(one.path, set()).add(one.line)
    where = "; ".join(f"{text(path)} : {', '.join(map(str, sorted(lines)))}" for path, lines in by_file.items())
    head = (
        f'<summary>{severity(issue.severity)}<span class="what">{prose(issue.title)}</span>'
        f'<span class="soft">{issue.section}</span><span class="path">{where}</span></summary>'
    )
    return (
        f'<details class="finding {issue.severity}" id="{issue.id}" data-severity="{issue.severity}" '
        f'data-section="{issue.section}" '
        f'data-dependency="{text(issue.dependency)}">{head}<div class="inside">{_fields(issue)}</div></details>'
    )


def _fields(issue: Issue) -> str:
    places = ""
    if len(issue.places) > 1:
        places = items(
            f"{place(one.path, one.line)} {severity(one.severity)} {prose(one.message)}"
            f"{f' <span class=soft>({prose(one.why_milder)})</span>' if one.why_milder else ''}"
            for one in issue.places
        )
    elif milder := "; ".join(one.why_milder for one in issue.places if one.why_milder):
        places = f'<p class="soft">Milder than usual: {prose(milder)}.</p>'
    label = "The change here" if issue.snippet_is_diff else "The pattern, on the rule's example"
    snippet = f'<p class="soft">{label}</p>{diff(issue.snippet)}' if issue.snippet else ""
    quick = f"<p>Quick fix: {prose(issue.quick_fix)}</p>" if issue.quick_fix else ""
    config = f"<p>Configuration: {prose(issue.configuration)}</p>" if issue.configuration else ""
    trigger = f"<p><strong>MONITOR.</strong> {prose(issue.trigger)}</p>" if issue.trigger else ""
    impact = (
        f'<dl class="impact"><div><dt>User Impact</dt><dd>{text(issue.user_impact)}</dd></div><div><dt>Data Risk</dt>'
        f"<dd>{text(issue.data_risk)}</dd></div><div><dt>Recovery</dt><dd>{text(issue.recovery)}</dd></div></dl>"
    )
    return "".join(
        (
            f'<p class="soft">{issue.id} · Failure Category: {text(issue.category)} · rule '
            f"<code>{text(issue.rule)}</code> · "
            f"{minutes(issue.minutes)}</p>",
            f'<div class="two"><div><h4>The Problem</h4><p>{prose(issue.problem)}</p>{places}</div>',
            f"<div><h4>Failure Scenario</h4><p>{prose(issue.scenario)}</p><p>Likelihood: "
            f"<strong>{issue.likelihood}</strong></p>",
            f"<h4>Impact Assessment</h4>{impact}</div></div>",
            f"<h4>Current Behavior</h4>{items(prose(one) for one in issue.current)}",
            f"<h4>How to Verify</h4><p>{prose(issue.verify)}</p>{block(issue.verify_commands)}",
            f"<h4>The Fix</h4><p>{prose(issue.fix)}</p>{quick}{config}{snippet}",
            f"<h4>Trade-off Consideration</h4><p>{prose(issue.tradeoff)}</p>{trigger}",
        )
    )


def suspicions(audit: Audit) -> str:
    """What a person must confirm."""
    head = (
        '<h2 id="suspicious">Suspicious patterns</h2><p>These look risky and need confirmation; they count '
        "neither in the score "
        "nor in the plan.</p>"
    )
    if not audit.suspicions:
        return f'{head}<p class="none">None.</p>'
    rows = "".join(_suspicion(one) for one in audit.suspicions)
    columns = "".join(f'<th scope="col">{name}</th>' for name in ("Section", "At", "What", "Needs confirmation"))
    return (
        f'{head}<div class="scroll doubts"><table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _suspicion(one: Suspicion) -> str:
    what = f"<code>{text(one.text)}</code>" if one.section in ("4A", "4C") else prose(one.text)
    return (
        f"<tr><td>{one.section}</td><td>{place(one.path, one.line)}</td><td>{what}</td><td>{prose(one.needs)}</td></tr>"
    )
