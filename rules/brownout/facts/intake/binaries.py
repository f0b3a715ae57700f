"""Programs that the service runs: which ones, and who looks whether they are installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from brownout.catalog import Effect
from brownout.facts.failing.unread import program
from brownout.facts.intake.renderers import is_renderer
from brownout.facts.project import Project, per_project

if TYPE_CHECKING:
    from brownout.facts.call import Call

_EVERYWHERE = re.compile(
    r"^(sh|bash|zsh|python[\d.]*|env|ls|cat|echo|cp|mv|rm|mkdir|kill|ps|uname|true|false|sleep|date|df|du|tar|gzip|grep|"
    r"sed|awk|head|tail|wc|id|whoami|hostname|chmod|chown|touch|find|which|test|timeout|nice|sort|uniq|cmd|pip|tee)$"
)
_PROBES = frozenset({"shutil.which", "pytesseract.get_tesseract_version", "pytesseract.get_languages"})
_NAMES = {"pdf2image": "pdftoppm", "pytesseract": "tesseract"}


def needed(call: Call) -> str:
    """The program that a call needs; "" where none is named, or every machine has it."""
    if is_renderer(call.entry) and call.entry is not None:
        return "" if call.entry.name in _PROBES else _NAMES[call.entry.library]
    if not call.does(Effect.PROCESS) or call.entry is None or call.entry.name.count(".") > 1:
        return ""
    name = program(call)
    return "" if _EVERYWHERE.match(name) or not re.match(r"^[\w.+-]+$", name) else name


def looked_for(call: Call, name: str) -> bool:
    """Whether something in the project looks for the program, or expects here that it is missing."""
    caught = call.row.caught if call.row is not None else ()
    if any(
        kind in ("*", "?") or kind.endswith(("FileNotFoundError", "OSError", "NotInstalledError", "NotFoundError"))
        for kind in caught
    ):
        return True
    probes = _probed(call.code.project)
    return "?" in probes or name in probes or (name == "pdftoppm" and bool(probes & {"pdfinfo", "pdftocairo"}))


@per_project
def _probed(project: Project) -> frozenset[str]:
    """The programs that are looked for; `?` where it cannot be told which."""
    found: set[str] = set()
    targets = project.calls_by_target
    for probe in _PROBES & targets.keys():
        for _function, row in targets[probe]:
            form = dict(row.arguments).get(0, dict(row.arguments).get("cmd", "?"))
            name = form[2:-1] if form.startswith(("='", '="')) else "?"
            found.add("tesseract" if probe.startswith("pytesseract.") else name)
    for function, row in project.rows():
        if project.contexts.get(function.name, frozenset()) & {"startup", "lifespan"}:
            entry = project.links.entry(row.symbol)
            if entry is not None and entry.effect is Effect.PROCESS:
                found.add("?")  # it is run at start-up
    return frozenset(found)
