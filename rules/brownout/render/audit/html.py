"""The audit as one self-contained page: it loads nothing, and can be read, searched, filtered and printed."""

from __future__ import annotations

from importlib.resources import files

from brownout.audit.report import Audit
from brownout.render.audit import html_conclusions, html_findings, html_inventory, html_map
from brownout.render.audit.markup import items, place, prose, text
from brownout.render.audit.words import count

_NAV = (
    ("map", "Failure map"),
    ("findings", "Findings"),
    ("suspicious", "Suspicious"),
    ("environment", "Environment"),
    ("coverage", "Coverage"),
    ("chaos", "Chaos tests"),
    ("score", "Score"),
    ("plan", "Action plan"),
)
_COLORS = ((9.0, "degraded"), (7.0, "swallowed"), (5.0, "retried-then-fails"), (3.0, "stops"), (0.0, "hangs"))


def render(audit: Audit) -> str:
    """The page."""
    body = "\n".join(
        (
            _bar(),
            '<main class="wrap">',
            _head(audit),
            html_map.suppliers(audit.failures),
            html_map.section(audit.failures),
            html_findings.section(audit),
            html_findings.suspicions(audit),
            html_inventory.section(audit.inventory),
            html_inventory.coverage(audit.coverage),
            html_conclusions.chaos(audit.chaos),
            html_conclusions.score(audit.score),
            html_conclusions.plan(audit),
            _rest(audit),
            "</main>",
            html_map.dialog(),
            f'<script type="application/json" id="ways">{html_map.data(audit.failures)}</script>',
            f"<script>{_asset('page.js')}</script>",
        )
    )
    title = f"Failure audit: {text(audit.project)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_asset('page.css')}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _asset(name: str) -> str:
    return files("brownout.render.audit").joinpath(name).read_text(encoding="utf-8")


def _bar() -> str:
    links = "".join(f'<a href="#{key}">{label}</a>' for key, label in _NAV)
    return (
        f'<div class="bar"><nav aria-label="Sections">{links}<button id="theme" type="button">Dark</button></nav></div>'
    )


def _head(audit: Audit) -> str:
    when = f"{text(audit.date)} · " if audit.date else ""
    score = audit.score
    severities = ("CRITICAL", "HIGH", "MEDIUM", "MONITOR")
    chips = "".join(
        f'<span class="chip {name}"><b class="tone">{sum(i.severity == name for i in audit.issues)}</b> {name}</span>'
        for name in severities
    )
    chips += f'<span class="chip"><b>{len(audit.suspicions)}</b> to be confirmed</span>'
    return (
        f'<header class="top" id="top">{_dial(score.value)}<div><h1>{text(audit.project)}</h1>'
        f"<p><strong>{text(score.sentence)}</strong></p>"
        f'<p class="soft">{when}{text(audit.tool)} · {count(audit.files, "file")}, '
        f"{count(audit.lines, 'line')} of Python, "
        f'read and not run</p><div class="counts">{chips}</div></div></header>'
    )


def _dial(value: float | None) -> str:
    """The score as an arc of three quarters of a circle."""
    around = 2 * 3.14159265 * 60
    share = 0.0 if value is None else value / 10
    tone = "unknown" if value is None else next(name for low, name in _COLORS if value >= low)
    track, hand = 0.75 * around, 0.75 * around * share
    shown = "–" if value is None else f"{value:g}"
    label = "not scored" if value is None else "of 10"
    return (
        f'<svg class="dial {tone}" viewBox="0 0 148 148" role="img" aria-label="Resilience readiness {shown} {label}">'
        '<g transform="rotate(135 74 74)"><circle class="track" cx="74" cy="74" r="60" '
        f'stroke-dasharray="{track:.1f} {around:.1f}"'
        f' stroke-linecap="round"/><circle class="hand" cx="74" cy="74" r="60" style="stroke:var(--tone)" '
        f'stroke-dasharray="{hand:.1f} {around:.1f}"/></g>'
        f'<text class="value" x="74" y="84">{shown}</text><text class="of" x="74" y="106">{label}</text></svg>'
    )


def _rest(audit: Audit) -> str:
    parts: list[str] = []
    if audit.suppressed:
        rows = (f"{place(one.path, one.line)} {prose(one.text)}: {text(one.needs)}" for one in audit.suppressed)
        parts.append(f"<h2>Switched off by comments in the code</h2>{items(rows)}")
    if audit.unreadable:
        rows = (f"{place(one.path, one.line)} {text(one.message)}" for one in audit.unreadable)
        parts.append(f"<h2>Not read</h2>{items(rows)}")
    return "".join(parts)
