"""The SARIF objects that we use, with types: sarif_om has none. Each function makes one object of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NewType
from urllib.parse import quote

import sarif_om

_OM: Any = sarif_om
"""The package as its checkers see it: without types."""

ROOT = "%SRCROOT%"
"""What paths are relative to; where it is, whoever reads the file knows."""

Message = NewType("Message", object)
Artifact = NewType("Artifact", object)
Region = NewType("Region", object)
Location = NewType("Location", object)
Flow = NewType("Flow", object)
Fix = NewType("Fix", object)
Replacement = NewType("Replacement", object)


def message(text: str) -> Message:
    """A message; `[text](1)` in it is a link to the related location 1."""
    return Message(_OM.Message(text=text))


def multiformat(text: str, markdown: str | None = None) -> object:
    """A text of a rule, in Markdown too."""
    return _OM.MultiformatMessageString(text=text, markdown=markdown)


def artifact(path: str) -> Artifact:
    """A file by its path below the root, percent-encoded."""
    return Artifact(_OM.ArtifactLocation(uri=quote(path.encode("utf-8", "surrogateescape")), uri_base_id=ROOT))


def region(line: int, column: int | None = None, end_line: int | None = None, end_column: int | None = None) -> Region:
    """A stretch of a file: lines and columns from 1, the end exclusive."""
    return Region(_OM.Region(start_line=line, start_column=column, end_line=end_line, end_column=end_column))


def location(
    file: Artifact,
    place: Region,
    *,
    text: Message | None = None,
    number: int | None = None,
    function: str = "",
) -> Location:
    """A place with what is to be said of it; `number` is what links refer to."""
    physical = _OM.PhysicalLocation(artifact_location=file, region=place)
    logical = [_OM.LogicalLocation(fully_qualified_name=function, kind="function")] if function else None
    numbered = {} if number is None else {"id": number}
    return Location(_OM.Location(physical_location=physical, logical_locations=logical, message=text, **numbered))


def flow(steps: Sequence[Location]) -> Flow:
    """A way through the program, from the first step to the last."""
    locations = [_OM.ThreadFlowLocation(location=step) for step in steps]
    return Flow(_OM.CodeFlow(thread_flows=[_OM.ThreadFlow(locations=locations)]))


def replacement(place: Region, text: str) -> Replacement:
    """New text for a stretch of a file."""
    return Replacement(_OM.Replacement(deleted_region=place, inserted_content=_OM.ArtifactContent(text=text)))


def fix(title: str, file: Artifact, replacements: Sequence[Replacement]) -> Fix:
    """A change to one file."""
    change = _OM.ArtifactChange(artifact_location=file, replacements=list(replacements))
    return Fix(_OM.Fix(description=message(title), artifact_changes=[change]))


def result(
    rule: str,
    index: int,
    level: str,
    text: Message,
    place: Location,
    *,
    related: Sequence[Location],
    flows: Sequence[Flow],
    fixes: Sequence[Fix],
    fingerprints: Mapping[str, str],
    state: str | None,
    properties: Mapping[str, object],
) -> object:
    """One finding; `index` is its rule's place in the tool's list, -1 where it has none; `state` its baselineState."""
    return _OM.Result(
        rule_id=rule,
        rule_index=index,
        level=level,
        message=text,
        locations=[place],
        related_locations=list(related) or None,
        code_flows=list(flows) or None,
        fixes=list(fixes) or None,
        partial_fingerprints=fingerprints,
        baseline_state=state,
        properties=properties,
    )


def descriptor(
    name: str,
    level: str,
    short: object,
    *,
    title: str | None = None,
    full: object = None,
    help_text: object = None,
    properties: Mapping[str, object] | None = None,
) -> object:
    """A rule, or a kind of notification."""
    return _OM.ReportingDescriptor(
        id=name,
        name=title,
        short_description=short,
        full_description=full,
        help=help_text,
        default_configuration=_OM.ReportingConfiguration(level=level),
        properties=properties,
    )


def notification(name: str, level: str, text: Message, places: Sequence[Location]) -> object:
    """Something that went less than well while the tool ran; `name` is a notification of the tool's."""
    reference = _OM.ReportingDescriptorReference(id=name)
    return _OM.Notification(descriptor=reference, level=level, message=text, locations=list(places) or None)


def driver(name: str, version: str, short: str, rules: Sequence[object], notifications: Sequence[object]) -> object:
    """The tool, with its rules and the kinds of its notifications."""
    return _OM.ToolComponent(
        name=name,
        semantic_version=version,
        short_description=multiformat(short),
        rules=list(rules),
        notifications=list(notifications),
    )


def run(tool: object, category: str, notifications: Sequence[object], results: Sequence[object]) -> object:
    """A run that succeeded; `category` ends in a slash, since all up to the last one tells uploads apart."""
    root = _OM.ArtifactLocation(description=message("The root of the repository."))
    invocation = _OM.Invocation(execution_successful=True, tool_execution_notifications=list(notifications) or None)
    return _OM.Run(
        tool=_OM.Tool(driver=tool),
        automation_details=_OM.RunAutomationDetails(id=category),
        column_kind="utf16CodeUnits",
        invocations=[invocation],
        original_uri_base_ids={ROOT: root},
        results=list(results),
    )
