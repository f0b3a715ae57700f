"""An audit is put together here, part by part; the same material always gives the same audit."""

from __future__ import annotations

from brownout.audit import frontend
from brownout.audit.behaviour import Behaviour
from brownout.audit.chaos import chaos
from brownout.audit.coverage import coverage
from brownout.audit.data import Issue, Suspicion, Unread
from brownout.audit.failuremap import failure_map
from brownout.audit.inventory import inventory
from brownout.audit.issues import issues, suspicions
from brownout.audit.material import Material
from brownout.audit.plan import plan
from brownout.audit.report import Audit
from brownout.audit.score import Open, score
from brownout.core import __version__


def build(material: Material, *, date: str = "") -> Audit:
    """The audit of a service."""
    failures = failure_map(material)
    found = issues(material, failures)
    doubts = (*suspicions(material), *frontend.suspicions(material))
    return Audit(
        project=material.name,
        date=date,
        tool=f"brownout {__version__}",
        files=material.files,
        lines=material.lines,
        unreadable=tuple(Unread(item.path, item.line, item.message) for item in material.unreadable),
        inventory=inventory(material),
        failures=failures,
        issues=found,
        suspicions=doubts,
        coverage=coverage(material, found, doubts),
        score=score(material, failures, found, list(_opened(material, Behaviour(failures), found))),
        plan=plan(found, failures),
        chaos=chaos(material, failures),
        suppressed=tuple(_suppressed(material)),
    )


def _opened(material: Material, behaviour: Behaviour, found: tuple[Issue, ...]) -> list[tuple[str, Open]]:
    """Each certain finding with the issue that it belongs to and its reach."""
    owner = {(issue.rule, place.path, place.line, place.message): issue.id for issue in found for place in issue.places}
    entries = max(len(behaviour.all_entries), 1)
    opened: list[tuple[str, Open]] = []
    for finding in material.certain:
        key = (finding.rule, finding.location.path, finding.location.span.line, finding.message)
        section = material.rules[finding.rule].section
        reach = len(behaviour.entries(finding)) / entries
        opened.append((owner[key], Open(finding.severity, finding.likelihood, section, min(reach, 1.0))))
    return opened


def _suppressed(material: Material) -> list[Suspicion]:
    return [
        Suspicion(
            material.rules[finding.rule].section if finding.rule in material.rules else "",
            finding.location.path,
            finding.location.span.line,
            f"{finding.message} ({finding.rule})",
            reason or "no reason given",
        )
        for finding, reason in material.suppressed
    ]
