"""Fix Now, Fix Soon, Monitor: which issue goes where, in which order, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence

from brownout.audit.advice import Plan, Task
from brownout.audit.data import FailureMap, Issue


def plan(issues: Sequence[Issue], failures: FailureMap) -> Plan:
    """CRITICAL, and HIGH that ordinary production brings about, now; the rest soon; MONITOR is watched.

    In each list the dependency that takes most down comes first, and its issues stand together.
    """
    order = {supplier.name: index for index, supplier in enumerate(failures.dependencies)}
    now = [
        issue
        for issue in issues
        if issue.severity == "CRITICAL" or (issue.severity == "HIGH" and issue.likelihood == "High")
    ]
    monitor = [issue for issue in issues if issue.severity == "MONITOR"]
    soon = [issue for issue in issues if issue not in now and issue not in monitor]

    def tasks(chosen: list[Issue]) -> tuple[Task, ...]:
        ordered = sorted(
            chosen, key=lambda issue: (issue.severity != "CRITICAL", order.get(issue.dependency, len(order)), issue.id)
        )
        return tuple(
            Task(issue.id, issue.title, issue.severity, issue.dependency, issue.minutes, len(issue.places))
            for issue in ordered
        )

    minutes = (sum(issue.minutes[0] for issue in now), sum(issue.minutes[1] for issue in now))
    return Plan(tasks(now), tasks(soon), tasks(monitor), minutes)
