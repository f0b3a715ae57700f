"""The whole Action under `act`, which runs workflows as GitHub's runner does: action.yml, setup, check, outputs.

Host mode needs no Docker. In place of actions/checkout stands what it does: one commit fetched without history.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from desk import CLIENT, NEWER, SETTINGS, Desk
from fake_github import TOKEN, FakeGitHub

ACT = shutil.which("act", path=str(Path(sys.executable).parent))
CHECKOUT = "actions/checkout@v5"
HEAD = f"""
on: [push, pull_request]
jobs:
  brownout:
    runs-on: ubuntu-latest
    steps:
      - uses: {CHECKOUT}
"""
STEP = """
      - id: brownout
        uses: acme/brownout@v1
"""
AFTERWARDS = """
      - if: always()
        env:
          NEW: ${{ steps.brownout.outputs.new }}
          FIXED: ${{ steps.brownout.outputs.fixed }}
          FINDINGS: ${{ steps.brownout.outputs.findings }}
          SARIF: ${{ steps.brownout.outputs.sarif-file }}
        run: echo "findings=$FINDINGS new=$NEW fixed=$FIXED sarif=$(head -c 20 "$SARIF" | wc -c)"
"""
WORKFLOW = HEAD + STEP + AFTERWARDS

pytestmark = [
    pytest.mark.skipif(ACT is None, reason="act is not installed"),
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the Action picks its own Python: once is enough"),
]


def act(runner: Path, desk: Desk, github: FakeGitHub, event: str, sha: str, page: object, workflow: str = WORKFLOW):
    """Run a workflow; the job's log without colours."""
    place = desk.folder / "workflow.yml"
    place.write_text(textwrap.dedent(workflow))
    desk.check_out(sha)
    (desk.folder / "event.json").write_text(json.dumps(page))
    environment = {
        "GITHUB_API_URL": github.address,
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "acme/desk",
        "DESK_ORIGIN": desk.origin.as_uri(),
        "DESK_SHA": sha,
    }
    done = subprocess.run(
        [
            str(ACT), event, "-W", str(place), "-e", str(desk.folder / "event.json"), "-s", f"GITHUB_TOKEN={TOKEN}",
            "-P", "ubuntu-latest=-self-hosted", "--no-skip-checkout", "--no-recurse",
            *(f"--env={name}={value}" for name, value in environment.items()),
            "--local-repository", f"acme/brownout@v1={runner / 'action'}",
            "--local-repository", f"{CHECKOUT}={runner / 'checkout'}",
        ],
        cwd=desk.checkout, capture_output=True, text=True, timeout=400,
        env={**os.environ, "XDG_CACHE_HOME": str(runner / "cache"), "NO_COLOR": "1"},
    )  # fmt: skip
    log = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    assert TOKEN not in log
    return done.returncode, log


def told(log: str, step: int = -1) -> tuple[int, int, int]:
    """Findings, new and fixed, as a later step of the job reads them."""
    match = re.findall(r"findings=(\d+) new=(\d+) fixed=(\d+) sarif=20", log)
    findings, new, fixed = match[step]
    return int(findings), int(new), int(fixed)


@pytest.fixture
def pull(desk) -> Desk:
    desk.push({"app/newer.py": NEWER})
    return desk


def test_a_pull_request_and_a_second_push(runner, pull):
    code, log = act(runner, pull, pull.github, "pull_request", pull.merge, pull.event())
    assert (code, told(log)) == (1, (2, 1, 0)), log
    assert re.search(r"::error file=app/newer\.py,line=5,", log)
    assert "**1 new** · 0 fixed · 1 known before" in log
    assert [len(pull.github.comments), len(pull.github.review_comments), len(pull.github.uploads)] == [1, 1, 1]
    assert pull.github.uploads[0]["ref"] == "refs/pull/1/merge"
    assert "acme/brownout/blob/v1/rules/README.md#missing-timeout" in pull.github.comments[0]["body"]
    pull.push({"app/newer.py": "", "app/client.py": CLIENT.replace("get(url)", "get(url, timeout=3)")})
    code, log = act(runner, pull, pull.github, "pull_request", pull.merge, pull.event())
    assert (code, told(log)) == (0, (0, 0, 1)), log
    assert "no new findings, 1 fixed" in pull.github.comments[0]["body"]
    assert len(pull.github.comments) == 1


def test_a_fork(runner, pull):
    pull.github.read_only = True
    code, log = act(runner, pull, pull.github, "pull_request", pull.merge, pull.event(fork=True))
    assert (code, told(log)) == (1, (2, 1, 0)), log
    assert log.count("| brownout: no comment: the token may only read (403)") == 1
    assert "failed with 403" not in log


def test_a_push(runner, desk):
    before = desk.base
    desk.push_to_main({"app/newer.py": NEWER})
    code, log = act(runner, desk, desk.github, "push", desk.base, {"before": before, "ref": "refs/heads/main"})
    assert (code, told(log)) == (1, (2, 1, 0)), log
    assert desk.github.uploads[0]["ref"] == "refs/heads/main"


def test_an_enterprise_server_without_code_scanning(runner, pull):
    refusal = (403, "Advanced Security must be enabled for this repository to use code scanning.")
    with FakeGitHub(pull.origin, pull.base, pull.head, prefix="/api/v3", code_scanning=refusal) as github:
        code, log = act(runner, pull, github, "pull_request", pull.merge, pull.event())
    assert (code, told(log)) == (1, (2, 1, 0)), log
    assert "no upload to code scanning: code scanning is not switched on for this repository" in log
    assert len(github.comments) == 1


def test_two_projects_in_one_job(runner, tmp_path):
    files = {f"{project}/{name}": text for project in ("one", "two") for name, text in
             {"pyproject.toml": SETTINGS, "client.py": CLIENT}.items()}  # fmt: skip
    steps = "".join(
        STEP.replace("brownout\n", f"{project}\n", 1)
        + f"        with: {{working-directory: {project}, fail-on: never}}\n"
        for project in ("one", "two")
    )
    desk = Desk(tmp_path, files)
    with desk.github:
        desk.push({"one/newer.py": NEWER})
        code, log = act(runner, desk, desk.github, "pull_request", desk.merge, desk.event(), HEAD + steps)
    assert code == 0, log
    assert [one["category"] for one in desk.github.uploads] == ["brownout/one", "brownout/two"]
    assert len(desk.github.comments) == 1
