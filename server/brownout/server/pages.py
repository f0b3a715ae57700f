"""What a hover says: the rule's page, about the finding or in general."""

from __future__ import annotations

from brownout.core import Finding
from brownout.report.pages import SECTIONS, link, parse
from brownout.rules import load


def page(rule: str, finding: Finding | None = None) -> str:
    """A rule's page in Markdown, filled from a finding if there is one."""
    found = load().get(rule)
    if found is None:
        return ""
    text = parse(found.doc)
    words = finding.words if finding is not None else ()
    severity = finding.severity if finding is not None else found.severity
    parts = [f"**{rule}** · {severity.value} · {found.category.value}"]
    if finding is not None:
        parts.append(finding.message + (f" ({finding.because})" if finding.because else ""))
    else:
        parts.append(text.title)
    parts += [f"**{name}.** {text.tell(name, words).strip()}" for name in SECTIONS if text.tell(name, words).strip()]
    parts.append(f"[The page of this rule]({link(rule)})")
    return "\n\n".join(parts)
