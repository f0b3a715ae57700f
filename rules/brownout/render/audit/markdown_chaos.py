"""Chaos testing in Markdown: the six families, the tools' files, the set-up, the metrics."""

from __future__ import annotations

from collections.abc import Iterator

from brownout.audit.advice import Chaos
from brownout.render.audit.words import bullets, place

_LANGUAGES = {"json": "json", "yml": "yaml", "yaml": "yaml", "sh": "sh", "py": "python"}


def recommendations(chaos: Chaos) -> Iterator[str]:
    """The families of tests, for this code."""
    yield from ("## Chaos Testing Recommendations", "", "### Recommended Chaos Tests for This Stack", "")
    for number, family in enumerate(chaos.families, 1):
        yield from (f"#### {number}) {family.title}", "")
        for trial in family.trials:
            if trial.why_not:
                yield f"- **{trial.title}**: not applicable. {trial.why_not}"
                yield ""
                continue
            yield from (f"- **{trial.title}**. {trial.expect}", "", "  ```sh")
            yield from (f"  {line}" for line in trial.steps.splitlines())
            yield from ("  ```", "")


def infrastructure(chaos: Chaos) -> Iterator[str]:
    """Tools, environment, patterns, metrics."""
    yield from ("### Chaos testing infrastructure recommendations", "")
    yield from ("#### Tools", "")
    yield from bullets(
        (
            "toxiproxy: for everything that goes over the network; `toxiproxy.json` and `toxics.sh` below",
            "chaos-mesh: the same on Kubernetes, and full disks, memory, killed pods; the manifests below",
            "Chaos Toolkit: one experiment per dependency, with its hypothesis and its way back",
            "custom scripts: the shell lines of the families above, and `test_chaos.py` for the test suite",
        )
    )
    yield from ("#### Test environment setup", "", chaos.setup, "")
    yield from ("#### Failure injection patterns for this stack", "")
    for file in chaos.files:
        language = _LANGUAGES.get(file.name.rpartition(".")[2], "")
        yield from (f"<details><summary><code>{file.name}</code>: {file.purpose}</summary>", "", f"```{language}")
        yield from (file.content.rstrip(), "```", "", "</details>", "")
    yield from ("#### Monitoring to add before chaos testing", "")
    for metric in chaos.metrics:
        where = ", ".join(place(one.path, one.line) for one in metric.where) or "no place of its own yet"
        yield f"- **{metric.name}**: {metric.what}. Where: {where}. {metric.how}"
    yield ""
