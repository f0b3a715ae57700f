"""What the editor can set, as values; whatever is not understood is left out and told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from brownout.project.config import hint
from brownout.project.settings import Level
from brownout.server.frames import Overrides
from lsprotocol.types import DiagnosticSeverity

SEVERITIES = {
    "error": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "information": DiagnosticSeverity.Information,
    "hint": DiagnosticSeverity.Hint,
}


@dataclass(frozen=True, slots=True)
class Options:
    """The section `brownout` of the editor's settings."""

    enable: bool = True
    on_type: bool = True
    """Whether findings follow what is typed; otherwise what is saved."""
    open_files: bool = False
    """Whether only the findings of open files are shown."""
    overrides: Overrides = field(default_factory=Overrides)
    severity: Mapping[str, DiagnosticSeverity] = field(default_factory=dict[str, DiagnosticSeverity])
    """How findings are shown, by rule or by our severity in lower case."""
    code_lens: bool = False
    trace: bool = False
    """Whether the log tells of every question and answer."""
    trouble: tuple[str, ...] = ()
    """One sentence for each setting that cannot be used."""


def read(found: object) -> Options:
    """Options from the initialization options or from `workspace/configuration`."""
    section = cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}
    nested = section.get("brownout", section.get("settings"))
    if isinstance(nested, Mapping):
        section = cast("Mapping[str, object]", nested)
    trouble: list[str] = []
    names = _known_names() if section.keys() & {"select", "ignore", "severity"} else set[str]()
    return Options(
        enable=_flag(section, "enable", trouble) is not False,
        on_type=_one_of(section, "run", ("onType", "onSave"), trouble) != "onSave",
        open_files=_one_of(section, "reportingScope", ("workspace", "file"), trouble) == "file",
        overrides=Overrides(
            select=_names(section, "select", names, trouble),
            ignore=_names(section, "ignore", names, trouble),
            min_severity=_level(section, trouble),
            suspected=_flag(section, "suspected", trouble),
            exclude=_words(section, "exclude", trouble),
            config=_text(section, "configuration", trouble),
            baseline=_text(section, "baseline", trouble),
            diff_base=_text(section, "diffBase", trouble),
        ),
        severity=dict(_severities(section, names, trouble)),
        code_lens=_flag(section, "codeLens", trouble) is True,
        trace=section.get("trace") in (True, "messages", "verbose", "debug"),
        trouble=tuple(trouble),
    )


def _known_names() -> set[str]:
    from brownout.project.checking import names_of  # most editors name no rules, and need not wait for them
    from brownout.rules import load

    return names_of(load())


def _flag(section: Mapping[str, object], key: str, trouble: list[str]) -> bool | None:
    found = section.get(key)
    if found is None or isinstance(found, bool):
        return found
    trouble.append(f"brownout.{key}: true or false, not {found!r}")
    return None


def _one_of(section: Mapping[str, object], key: str, words: tuple[str, ...], trouble: list[str]) -> str | None:
    found = section.get(key)
    if found is None or (isinstance(found, str) and found in words):
        return found
    trouble.append(f"brownout.{key}: one of {', '.join(words)}, not {found!r}")
    return None


def _text(section: Mapping[str, object], key: str, trouble: list[str]) -> str | None:
    found = section.get(key)
    if found is None or isinstance(found, str):
        return found or None
    trouble.append(f"brownout.{key}: a text, not {found!r}")
    return None


def _words(section: Mapping[str, object], key: str, trouble: list[str]) -> tuple[str, ...] | None:
    found = section.get(key)
    if found is None:
        return None
    if not isinstance(found, list | tuple):
        trouble.append(f"brownout.{key}: a list of words, not {found!r}")
        return None
    return tuple(word for word in cast("list[object]", found) if isinstance(word, str)) or None


def _names(section: Mapping[str, object], key: str, names: set[str], trouble: list[str]) -> tuple[str, ...] | None:
    words = _words(section, key, trouble) or ()
    for word in words:
        if word not in names:
            trouble.append(f"brownout.{key}: there is no rule, category or section {word!r}{hint(word, names)}")
    known = tuple(word for word in words if word in names)
    return known or None


def _level(section: Mapping[str, object], trouble: list[str]) -> str | None:
    found = section.get("minSeverity")
    if found is None:
        return None
    if found not in list(Level):
        trouble.append(f"brownout.minSeverity: one of {', '.join(Level)}, not {found!r}")
        return None
    return str(found)


def _severities(
    section: Mapping[str, object], names: set[str], trouble: list[str]
) -> Iterator[tuple[str, DiagnosticSeverity]]:
    found = section.get("severity")
    if not isinstance(found, Mapping):
        return
    known = {*names, *Level, "unreadable-file"}
    for key, value in cast("Mapping[object, object]", found).items():
        word = str(value).lower()
        if word not in SEVERITIES:
            trouble.append(f"brownout.severity: one of {', '.join(SEVERITIES)}, not {value!r}")
        elif str(key).lower() not in known:
            trouble.append(f"brownout.severity: there is no rule or severity {key!r}{hint(str(key), known)}")
        else:
            yield str(key).lower(), SEVERITIES[word]
