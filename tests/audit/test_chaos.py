"""The generated files for chaos tools are valid: by the tools' own checks where they can be had here."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess

import pytest
import yaml
from chaoslib.experiment import ensure_experiment_is_valid

from audit.auditing import audit, docdesk

SEVERAL = {
    "shop/app.py": """
import openai
import psycopg
import redis
import requests
from fastapi import FastAPI

app = FastAPI()
cache = redis.Redis()


@app.post("/pay/{order}")
def pay(order):
    cache.set("x", 1)
    psycopg.connect("dbname=shop").execute("SELECT 1")
    openai.OpenAI().chat.completions.create(model="x", messages=[])
    requests.post("https://bank.example/pay", timeout=3)
    return open("orders.log", "a").write(order)
"""
}
AUDITS = {"docdesk": docdesk(), "several": audit(SEVERAL)}
FILES = {f"{name}-{file.name}": file for name, found in AUDITS.items() for file in found.chaos.files}
KINDS = {
    "NetworkChaos": {"action", "mode", "selector"},
    "IOChaos": {"action", "mode", "selector", "volumePath"},
    "StressChaos": {"mode", "selector", "stressors"},
    "PodChaos": {"action", "mode", "selector"},
}
"""The kinds with the fields that their resource definitions require."""
ACTIONS = {
    "NetworkChaos": {"netem", "delay", "loss", "duplicate", "corrupt", "partition", "bandwidth"},
    "IOChaos": {"latency", "fault", "attrOverride", "mistake"},
    "PodChaos": {"pod-kill", "pod-failure", "container-kill"},
}


def of(pattern):
    """The generated files whose names match."""
    return [pytest.param(file, id=id_) for id_, file in FILES.items() if re.search(pattern, file.name)]


def test_every_dependency_behind_a_network_has_its_files():
    names = {file.name for file in AUDITS["several"].chaos.files}
    for name in ("postgresql", "redis", "openai", "http-bank-example"):
        assert {f"experiment-{name}.json", f"chaos-mesh-{name}.yaml"} <= names


@pytest.mark.parametrize("file", of(r"^experiment-"))
def test_experiments_pass_the_toolkits_own_check(file, tmp_path, monkeypatch):
    tool = tmp_path / "toxiproxy-cli"  # it must be there for the check; it is not run
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    ensure_experiment_is_valid(json.loads(file.content))


@pytest.mark.parametrize("file", of(r"^chaos-mesh-"))
def test_manifests_have_what_their_definitions_require(file):
    for page in yaml.safe_load_all(file.content):
        assert page["apiVersion"] == "chaos-mesh.org/v1alpha1"
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?", page["metadata"]["name"])
        assert KINDS[page["kind"]] <= set(page["spec"])
        assert page["spec"]["mode"] in ("one", "all", "fixed", "fixed-percent", "random-max-percent")
        assert page["spec"].get("action", "pod-kill") in ACTIONS.get(page["kind"], {"pod-kill"})
        assert page["spec"]["selector"]["labelSelectors"]


@pytest.mark.parametrize("file", of(r"^toxiproxy\.json$"))
def test_proxies_are_a_configuration_for_toxiproxy(file):
    proxies = json.loads(file.content)
    assert len({proxy["name"] for proxy in proxies}) == len({proxy["listen"] for proxy in proxies}) == len(proxies)
    for proxy in proxies:
        assert set(proxy) == {"name", "listen", "upstream", "enabled"}
        assert 0 < int(proxy["listen"].rpartition(":")[2]) < 65536
        assert re.fullmatch(r"[\w.-]+:\d+", proxy["upstream"])


@pytest.mark.parametrize("file", of(r"^compose\.chaos\.yml$"))
def test_the_compose_file_is_one(file):
    assert set(yaml.safe_load(file.content)["services"]) == {"toxiproxy", "app"}


@pytest.mark.parametrize("file", of(r"\.sh$"))
def test_scripts_are_shell(file):
    subprocess.run(["sh", "-n"], input=file.content, text=True, check=True, timeout=30)


@pytest.mark.parametrize("file", of(r"\.py$"))
def test_tests_are_python_and_are_tests(file):
    helper, *names = [node.name for node in ast.parse(file.content).body if isinstance(node, ast.FunctionDef)]
    assert helper == "failing"
    assert names and len(set(names)) == len(names)
    assert all(name.startswith("test_") for name in names)


@pytest.mark.parametrize("found", AUDITS.values(), ids=AUDITS)
def test_all_shell_lines_of_families_and_issues_are_shell(found):
    texts = [trial.steps for family in found.chaos.families for trial in family.trials if trial.steps]
    texts += [issue.verify_commands for issue in found.issues if issue.verify_commands]
    assert texts
    for text in texts:
        done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, timeout=30)
        assert done.returncode == 0, (text, done.stderr)


@pytest.mark.parametrize("found", AUDITS.values(), ids=AUDITS)
def test_a_test_that_does_not_apply_says_why(found):
    assert [len(family.trials) for family in found.chaos.families] == [4] * 6
    for family in found.chaos.families:
        for trial in family.trials:
            assert bool(trial.steps) != bool(trial.why_not)
