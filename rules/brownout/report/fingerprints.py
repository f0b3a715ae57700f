"""A finding's name that survives edits around it, for whoever matches today's findings with yesterday's."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from brownout.core import Finding


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """One fingerprint per finding, in their order: 32 hex digits, no two alike.

    Made of the rule and the site; findings that agree in both are counted in the order given, so sort them first.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found: list[str] = []
    for finding in findings:
        site = (finding.rule, finding.site.path, finding.site.qualname, finding.site.name)
        seen[site] += 1
        text = "\0".join((*site, str(seen[site])))
        found.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return found
