"""The repository of the Action's tests, its pull request, and one run of the Action in it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brownout.action.run import main
from fake_github import NAME, TOKEN, FakeGitHub
from repositories import commit, git, repository, write

CLIENT = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
NEWER = "import requests\n\n\ndef newer(url):\n    answer = requests.get(url)\n    return answer.json()\n"
ROUTES = """from app.store import fetch
from fastapi import FastAPI

app = FastAPI()


@app.get("/x")
async def show():
    return fetch("x")
"""
STORE = "def fetch(name):\n    return name\n"
SETTINGS = '[tool.brownout]\nselect = ["missing-timeout", "blocking-call-in-async"]\n'
"""Two rules, so that a new one changes no test of the Action."""
FILES = {
    "pyproject.toml": SETTINGS,
    "app/__init__.py": "",
    "app/client.py": CLIENT,
    "app/routes.py": ROUTES,
    "app/store.py": STORE,
}


@dataclass
class Ran:
    """What a run printed, set and wrote."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def remarks(self) -> list[str]:
        """The log's lines, without commands to the runner."""
        return [line.removeprefix("brownout: ") for line in self.log.splitlines() if not line.startswith("::")]

    @property
    def annotations(self) -> list[str]:
        """The commands to the runner."""
        return [line for line in self.log.splitlines() if line.startswith("::")]


@dataclass
class Desk:
    """A repository with `main` and a pull request from `work`, and a checkout of what GitHub would merge."""

    folder: Path
    files: Mapping[str, str] = field(default_factory=lambda: FILES)

    def __post_init__(self) -> None:
        self.origin = repository(self.folder / "origin", self.files)
        git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.base = self.head = git(self.origin, "rev-parse", "HEAD")
        git(self.origin, "switch", "-q", "-c", "work")
        self.github = FakeGitHub(self.origin)
        self.checkout = self.folder / "checkout"

    def push(self, files: Mapping[str, str], *gone: str) -> None:
        """A push to the pull request's branch; GitHub makes a new merge commit."""
        write(self.origin, files)
        for name in gone:
            (self.origin / name).unlink()
        self.head = commit(self.origin)
        self._merge()

    def push_to_main(self, files: Mapping[str, str]) -> None:
        """The base branch goes on."""
        git(self.origin, "switch", "-q", "main")
        write(self.origin, files)
        self.base = commit(self.origin)
        git(self.origin, "switch", "-q", "work")
        self._merge()

    def _merge(self) -> None:
        git(self.origin, "switch", "-q", "--detach", self.base)
        git(self.origin, "merge", "-q", "--no-ff", "-m", "merge", self.head)
        self.merge = git(self.origin, "rev-parse", "HEAD")
        git(self.origin, "switch", "-q", "work")
        self.github.base, self.github.head = self.base, self.head

    def check_out(self, which: str, *, depth: int = 1) -> None:
        """What actions/checkout does: one commit, without history."""
        if not self.checkout.exists():
            self.checkout.mkdir(parents=True)
            git(self.checkout, "init", "-q", "-b", "main")
            git(self.checkout, "remote", "add", "origin", self.origin.as_uri())
        git(self.checkout, "fetch", "-q", "--no-tags", f"--depth={depth}", "origin", which)
        git(self.checkout, "checkout", "-q", "--force", "--detach", which)

    def event(self, *, fork: bool = False) -> dict[str, Any]:
        """The event of the pull request."""
        owner = "stranger/desk" if fork else NAME
        head = {"sha": self.head, "ref": "work", "repo": {"full_name": owner}}
        return {"number": 1, "pull_request": {"number": 1, "head": head, "base": {"sha": self.base, "ref": "main"}}}

    def environment(self, name: str, event: Any, sha: str, ref: str, **inputs: str) -> dict[str, str]:
        """What the runner sets, and action.yml hands on."""
        place = self.folder / "event.json"
        place.write_text(json.dumps(event), encoding="utf-8")
        given = {f"BROWNOUT_INPUT_{name.upper()}": value for name, value in inputs.items()}
        return {
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(place),
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_SHA": sha,
            "GITHUB_REF": ref,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_API_URL": self.github.address,
            "GITHUB_RUN_ID": "77",
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "RUNNER_TEMP": str(self.folder),
            "BROWNOUT_TOKEN": TOKEN,
            "BROWNOUT_REPOSITORY": "acme/brownout",
            "BROWNOUT_REF": "v1",
            **given,
        }

    def run_on_pull(self, *, fork: bool = False, depth: int = 1, run: str = "77", **inputs: str) -> Ran:
        """The Action on the pull request."""
        self.check_out(self.merge, depth=depth)
        event = self.event(fork=fork)
        found = self.environment("pull_request", event, self.merge, "refs/pull/1/merge", **inputs)
        return self.run({**found, "GITHUB_RUN_ID": run})

    def run_on_push(self, before: str, **inputs: str) -> Ran:
        """The Action on a push to main."""
        self.check_out(self.base)
        return self.run(self.environment("push", {"before": before}, self.base, "refs/heads/main", **inputs))

    def run(self, environment: dict[str, str]) -> Ran:
        """The Action in an environment."""
        for name in ("output", "summary.md"):
            (self.folder / name).unlink(missing_ok=True)
        log = io.StringIO()
        code = main(environment, log)
        return Ran(code, log.getvalue(), outputs(self.folder / "output"), text(self.folder / "summary.md"))


def text(place: Path) -> str:
    """A file's text, empty where there is none."""
    return place.read_text(encoding="utf-8") if place.exists() else ""


def outputs(place: Path) -> dict[str, str]:
    """A step's outputs as the runner reads them."""
    found: dict[str, str] = {}
    for name, end, value in re.findall(r"^(\S+?)<<(\S+)\n(.*?)\n?^\2$", text(place), re.MULTILINE | re.DOTALL):
        assert end not in value
        found[name] = value
    return found
