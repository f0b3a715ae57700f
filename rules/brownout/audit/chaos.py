"""How to break this service on purpose: tests, files for the tools, the set-up, and what to measure first."""

from __future__ import annotations

from brownout.audit import chaostests, experiments, trials
from brownout.audit.advice import Chaos
from brownout.audit.data import FailureMap
from brownout.audit.material import Material
from brownout.audit.metrics import metrics

SETUP = (
    "Break a copy, never the service that people use. Start the service with its own database and data "
    "folder on a small volume of "
    "its own (`tmpfs` of 64 MB), one process, the production settings for limits and workers, and every "
    "dependency behind Toxiproxy "
    "(`compose.chaos.yml`). Drive it with steady load (`hey -z 5m -c 10 …`), wait until the four metrics "
    "below are flat, "
    "inject one failure, hold it for a minute, take it back, and wait until they are flat again. What the "
    "failure map says is the hypothesis; "
    "what differs from it is a finding. Tools: toxiproxy for the network, Chaos Mesh on Kubernetes, and the "
    "shell lines above for "
    "everything else."
)


def chaos(material: Material, failures: FailureMap) -> Chaos:
    """The recommendations."""
    files = (*experiments.files(failures, material.name), chaostests.tests(material, failures))
    return Chaos(trials.families(failures), files, SETUP, metrics(material))
