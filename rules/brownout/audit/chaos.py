"""How to break this service on purpose: tests, files for the tools, the set-up, and what to measure first."""

from __future__ import annotations

from brownout.audit import chaostests, experiments, trials
from brownout.audit.advice import Chaos
from brownout.audit.data import FailureMap
from brownout.audit.material import Material
from brownout.audit.metrics import metrics
from brownout.audit.using import variable

_SETUP = (
    "Break a copy, never the service that people use. Start it with its own database and data folder on a small "
    "volume of its own (`tmpfs` of 64 MB), one process, the production settings for limits and workers, and every "
    "dependency behind Toxiproxy{compose}. Drive it with steady load (`hey -z 5m -c 10 …`), wait until the four "
    "metrics below are flat, inject one failure, hold it for a minute, take it back, and wait until they are flat "
    "again. What the failure map says is the hypothesis; what differs from it is a finding."
)


def chaos(material: Material, failures: FailureMap) -> Chaos:
    """The recommendations."""
    files = (*experiments.files(failures, material.name), chaostests.tests(failures))
    setup = _SETUP.format(compose=" (`compose.chaos.yml`)" if any("compose" in file.name for file in files) else "")
    return Chaos(trials.families(failures), files, f"{setup} {_variables(material, failures)}", metrics(material))


def _variables(material: Material, failures: FailureMap) -> str:
    """What the shell variables of the scripts stand for, in this code where it says so."""
    told = ["`$START` is the command that starts the service", "`$DATA_DIR` the folder that it writes to"]
    opened = next((call for call, used in material.uses if used.name == "SQLite" and call.has("sqlite-connect")), None)
    if opened is not None:
        place = f"`{opened.code.module.path}:{opened.node.lineno}`"
        told.append(f"`$DATABASE` the file that {place} opens")
    told.append("`$CHECKPOINTS` and `$UPLOADS` its folders for saved progress and for what users send")
    names: dict[str, str] = {}
    for entry in failures.entries:
        for part in (entry.request.path if entry.request is not None else "").split("{")[1:]:
            names.setdefault(variable(part.partition("}")[0]), entry.label)
    for name, label in list(names.items())[:3]:
        told.append(f"`${name}` is one that exists, for `{label}`")
    return f"In the scripts {', '.join(told)}."
