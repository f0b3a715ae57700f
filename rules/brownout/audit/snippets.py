"""The Fix as code: the real change of this file where a quick fix exists, the rule's example where none does."""

from __future__ import annotations

import difflib

from brownout.audit.material import Material
from brownout.core import Finding, Rule
from brownout.report.pages import parse

DIFFS = 40
"""Real changes are worked out for so many issues at most, the worst first: each takes a tenth of a second."""
LONGEST = 1_000
"""Lines; in longer files a real change takes seconds to work out, so the rule's example stands for it."""


def snippet(finding: Finding, rule: Rule | None, material: Material, *, real: bool) -> tuple[str, bool]:
    """A unified diff, and whether it is the real change of the finding's own file."""
    code = material.codes.get(finding.location.path)
    if real and finding.fixes and code is not None and len(code.module.lines) <= LONGEST:
        changed = _changed(finding, code.module.text)
        if changed is not None:
            return _diff(code.module.text, changed, finding.location.path), True
    page = parse(rule.doc if rule is not None else "")
    bad, good = page.code("Bad"), page.code("Good")
    if not bad or not good:
        return "", False
    return _diff(page.tell("Bad").partition("```python\n")[2].partition("```")[0], good[0], "example.py"), False


def _changed(finding: Finding, text: str) -> str | None:
    from brownout.fixes.apply import apply

    applied = apply(text, finding.fixes[:1])
    return applied.source if applied.applied and applied.source != text else None


def _diff(before: str, after: str, path: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=2)
    return "\n".join(lines)


_CONFIGURATION = {
    "2A": "Set once where the database is opened: `PRAGMA journal_mode=WAL; PRAGMA busy_timeout=5000; PRAGMA "
    "synchronous=NORMAL`.",
    "4C": "One setting for the limit, for example `HTTP_TIMEOUT_SECONDS=10`, read where the client is made; below "
    "the proxy's own limit.",
    "1B": "Fetch the models when the image is built and set `HF_HUB_OFFLINE=1`; load them at start-up, so that "
    "readiness waits for them.",
    "7B": "`readinessProbe: {httpGet: {path: /ready, port: 8000}, timeoutSeconds: 2, failureThreshold: 3}`, and "
    "`/health` as `livenessProbe`.",
    "5C": "The default thread pool of FastAPI and Starlette has 40 threads, that of `asyncio.to_thread` min(32, CPUs + "
    "4): raise `anyio.to_thread.current_default_thread_limiter().total_tokens`, or give the loop an executor of its "
    "own, where more are needed.",
    "3C": "`TMPDIR` on a volume of its own with a size limit, cleaned at start-up (`systemd-tmpfiles`, an "
    "`emptyDir` with `sizeLimit`).",
    "2C": "An alert at 80 % of the volume, and a quota for the data folder.",
    "4A": "Uvicorn: `--ws-ping-interval 20 --ws-ping-timeout 20`; the proxy's read timeout above that (nginx: "
    "`proxy_read_timeout 60s`).",
}
"""What to set outside of the code, by sub-section, where something must be."""
_BODY = (
    "Also in front: `client_max_body_size 50m;` (nginx) or its like. Uvicorn has no limit for bodies: without a proxy "
    "the code is the only place."
)
_CHILD = "One setting for the limit of child processes, for example `RENDER_TIMEOUT_SECONDS=60`."
_BY_RULE = {
    "unbounded-upload-read": _BODY,
    "upload-unbounded-copy": _BODY,
    "render-no-timeout": _CHILD,
    "subprocess-without-timeout": _CHILD,
    "health-always-200": "",
}


def configuration(rule: Rule) -> str:
    """What to set outside of the code for a rule's findings, or nothing."""
    return _BY_RULE.get(rule.name, _CONFIGURATION.get(rule.section, ""))
