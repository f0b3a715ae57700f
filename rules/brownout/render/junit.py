"""Findings as JUnit XML: a suite per file, a failed test case per finding, for CI systems that know nothing else."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from brownout.core import Certainty, Finding
from brownout.render.report import UNREADABLE, Report, plain

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even as references; most of them `plain` has made visible before."""


def render(report: Report) -> str:
    """The XML; findings to be confirmed are skipped cases, unreadable files errors, a clean run one passed case."""
    root = Element("testsuites", name="brownout", time=f"{report.seconds:.3f}")
    suites: dict[str, Element] = {}
    for item in report.unreadable:
        case = _case(root, suites, report.shown(item.path), UNREADABLE, item.line)
        SubElement(case, "error", message=_clean(item.message), type=UNREADABLE)
    for finding in report.findings:
        case = _case(root, suites, report.shown(finding.location.path), finding.rule, finding.location.span.line)
        if finding.certainty is Certainty.SUSPECTED:
            SubElement(case, "skipped", message=_clean(f"to be confirmed: {finding.message}"))
        else:
            failure = SubElement(case, "failure", message=_clean(finding.message), type=finding.severity.value)
            failure.text = _text(report, finding)
    if not suites:
        SubElement(SubElement(root, "testsuite", name="brownout"), "testcase", name="no findings", classname="brownout")
    for element in (root, *root):
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(name, str(sum(1 for _ in element.iter(tag))))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(root: Element, suites: dict[str, Element], path: str, name: str, line: int) -> Element:
    path = _clean(path)
    if path not in suites:
        suites[path] = SubElement(root, "testsuite", name=path)
    module = path.removesuffix(".py").replace("/", ".").strip(".")
    return SubElement(suites[path], "testcase", name=f"{name}:{line}", classname=module, file=path, line=str(line))


def _text(report: Report, finding: Finding) -> str:
    span = finding.location.span
    lines = [f"{report.shown(finding.location.path)}:{span.line}:{span.column + 1}: {finding.message}"]
    for note in finding.notes:
        lines.append(f"→ {report.shown(note.location.path)}:{note.location.span.line}  {note.message}")
    return "\n".join(map(_clean, lines))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", plain(text))
