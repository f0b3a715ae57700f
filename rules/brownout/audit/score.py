"""The Vibe Score: one stated formula over effects and open findings, and what would raise it most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from brownout.audit.advice import Improvement, Score
from brownout.audit.data import FailureMap, Issue
from brownout.audit.distribution import standing
from brownout.audit.material import Material
from brownout.core import Level, Severity

SEVERITY = {Severity.CRITICAL: 8.0, Severity.HIGH: 4.0, Severity.MEDIUM: 1.5, Severity.MONITOR: 0.25}
LIKELIHOOD = {Level.HIGH: 1.0, Level.MEDIUM: 0.6, Level.LOW: 0.3}
STEEPNESS = 1.5
"""How fast the score falls with the burden per effect; published services spread over the scale with it."""
BANDS = (
    (9.0, "9-10", "Graceful degradation, clear error handling, automatic recovery."),
    (7.0, "7-8", "Good error handling, minor gaps in edge cases."),
    (5.0, "5-6", "Basic error handling, some failure modes cause issues."),
    (3.0, "3-4", "Poor error handling, many failure modes unhandled."),
    (0.0, "<3", "Critical failures likely; no resilience patterns implemented."),
)
FORMULA = (
    "score = 1 + 9 / (1 + 1.5 × burden / effects). `effects` are the pairs of a function and a dependency that it "
    "calls, plus one; `burden` is the sum over open findings of severity (CRITICAL 8, HIGH 4, MEDIUM 1.5, MONITOR "
    "0.25) × likelihood (High 1, Medium 0.6, Low 0.3) × reach (1 + the share of entry points that lead there). Then "
    "the caps: 6 with an open CRITICAL, 4 with CRITICAL in three or more sub-sections, 8.9 with an open HIGH. Rounded "
    "down to a tenth. Suspicions never count."
)


@dataclass(frozen=True, slots=True)
class Open:
    """One open finding as the formula sees it."""

    severity: Severity
    likelihood: Level
    section: str
    reach: float = 0.0
    """The share of entry points that lead to it, 0 to 1."""

    @property
    def burden(self) -> float:
        """What it weighs."""
        return SEVERITY[self.severity] * LIKELIHOOD[self.likelihood] * (1.0 + self.reach)


def value(effects: int, findings: Iterable[Open]) -> float | None:
    """The score, or None without effects: there is nothing that could fail."""
    every = list(findings)
    if effects <= 0 and not every:
        return None
    return math.floor(exact(effects, every) * 10 + 1e-9) / 10


def exact(effects: int, findings: Sequence[Open]) -> float:
    """The score before it is rounded: what single changes are measured by."""
    burden = math.fsum(sorted(finding.burden for finding in findings))
    return min(1.0 + 9.0 / (1.0 + STEEPNESS * burden / (effects + 1)), cap(findings))


def cap(findings: Sequence[Open]) -> float:
    """The most that these findings allow."""
    critical = {finding.section for finding in findings if finding.severity is Severity.CRITICAL}
    if len(critical) >= 3:
        return 4.0
    if critical:
        return 6.0
    return 8.9 if any(finding.severity is Severity.HIGH for finding in findings) else 10.0


def band(found: float) -> tuple[str, str]:
    """The rubric's range and sentence."""
    for low, name, sentence in BANDS:
        if found >= low:
            return name, sentence
    raise AssertionError(found)


def score(
    material: Material, failures: FailureMap, issues: Sequence[Issue], opened: Sequence[tuple[str, Open]]
) -> Score:
    """The score of an audit; `opened` pairs the id of an issue with each of its findings."""
    effects = reached(material)
    findings = [one for _, one in opened]
    found = value(effects, findings)
    burden = math.fsum(sorted(one.burden for one in findings))
    if found is None:
        sentence = "Not scored: no call that leaves the process was found, so that nothing known can fail."
        return Score(None, "", sentence, (sentence,), FORMULA, effects, 0.0, (), "", ())
    name, sentence = band(found)
    return Score(
        found, name, sentence, tuple(_reasons(material, failures, issues, burden)), FORMULA, effects, round(burden, 1),
        tuple(_caps(findings)), standing(found), tuple(_improvements(effects, issues, opened)),
    )  # fmt: skip


def reached(material: Material) -> int:
    """How many pairs of a function and a dependency that it calls there are: many calls of one count once."""
    return len({(call.code.module.path, call.function.qualname, used.name) for call, used in material.uses})


def _caps(findings: Sequence[Open]) -> Iterable[str]:
    critical = sorted({finding.section for finding in findings if finding.severity is Severity.CRITICAL})
    if len(critical) >= 3:
        yield f"CRITICAL findings in {', '.join(critical)}: 4 at most"
    elif critical:
        yield f"an open CRITICAL finding in {', '.join(critical)}: 6 at most"
    elif any(finding.severity is Severity.HIGH for finding in findings):
        yield "open HIGH findings: below 9"


def _reasons(material: Material, failures: FailureMap, issues: Sequence[Issue], burden: float) -> list[str]:
    """Two to five bullets."""
    counts = [
        f"{n} {severity.value}" for severity in Severity if (n := sum(i.severity == severity.value for i in issues))
    ]
    places = sum(len(issue.places) for issue in issues)
    reasons = [
        f"{len(material.uses)} calls of the service leave the process; {places} open findings "
        f"({', '.join(counts) or 'none'} by root cause) weigh {burden:.1f}."
    ]
    for supplier in failures.dependencies[:2]:
        if supplier.weight >= 50:
            reasons.append(f"**{supplier.name}**: {supplier.verdict[0].lower()}{supplier.verdict[1:]}")
    good = sum(way.outcome == "degraded" for cell in failures.cells for way in cell.ways)
    if failures.ways:
        share = round(100 * good / failures.ways)
        reasons.append(f"{good} of {failures.ways} ways in which a dependency can fail a user ({share} %) are handled.")
    lost = sum(cell.worst in ("data loss", "stuck state") for cell in failures.cells)
    if lost:
        reasons.append(f"{lost} pairs of entry point and dependency can lose data or leave work stuck.")
    known = len(failures.dependencies)
    if len(failures.beyond) > known:
        reasons[1:1] = [
            f"Seen in part only: {len(failures.beyond)} of {known + len(failures.beyond)} dependencies are used where "
            "no known entry point leads; what they do to users is not in this score."
        ]
    if len(reasons) < 2:
        reasons.append("No entry point is known from which a failure could be followed to a user.")
    return reasons[:5]


def _improvements(effects: int, issues: Sequence[Issue], opened: Sequence[tuple[str, Open]]) -> list[Improvement]:
    """The top three by score gained per minute; where a cap hides the gain, by the burden taken away."""
    before = exact(effects, [one for _, one in opened])
    ranked: list[tuple[float, float, Improvement]] = []
    for issue in issues:
        rest = [one for id_, one in opened if id_ != issue.id]
        gain = round(exact(effects, rest) - before, 2)
        minutes = max(sum(issue.minutes) / 2, 1)
        burden = math.fsum(one.burden for id_, one in opened if id_ == issue.id)
        ranked.append((gain / minutes, burden / minutes, Improvement(issue.id, issue.title, gain, issue.minutes)))
    ranked.sort(key=lambda entry: (-entry[0], -entry[1], entry[2].issue))
    return [improvement for _, _, improvement in ranked[:3]]
