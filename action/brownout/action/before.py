"""The commit to compare with: what the event names, fetched where the clone is too shallow to hold it."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from brownout.action.event import Event
from brownout.action.log import Log
from brownout.project import git
from brownout.project.git import Commit

TIME_LIMIT = 60
"""Seconds for a fetch of one commit."""


def find(event: Event, root: Path, environment: Mapping[str, str], log: Log) -> Commit | None:
    """The commit before the change; None, and a remark, where it cannot be had."""
    wanted = _wanted(event, root)
    if not wanted:
        if event.name not in ("schedule", "workflow_dispatch", "repository_dispatch"):
            log.remark(f"nothing is called new: the event ({event.name or 'none'}) names no commit to compare with")
        return None
    found = git.exact(root, wanted)
    if found is None:
        _fetch(root, wanted, event, environment)
        found = git.exact(root, wanted)
    if found is None:
        advice = "add `fetch-depth: 0` to actions/checkout"
        log.remark(
            f"nothing is called new: the base commit {wanted[:10]} is not in this clone, nor to be had; {advice}"
        )
    return found


def _wanted(event: Event, root: Path) -> str:
    """For a pull request what GitHub merged it into: exact, while the event's base may be older or newer.

    Of a branch that is checked out as it is, the point where it parted, if the clone reaches back that far.
    """
    commits = git.head(root)
    if event.number is not None and len(commits) > 2 and event.head in commits[2:]:
        return commits[1]
    if event.number is not None and event.base and git.exact(root, event.base) is not None:
        return git.fork_point(root, event.base).id
    return event.base


def _fetch(root: Path, commit: str, event: Event, environment: Mapping[str, str]) -> None:
    """Fetch one commit without history. The token goes through the environment: neither a file nor a log holds it."""
    token = environment.get("BROWNOUT_TOKEN", "")
    given = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    if token:
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        given |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{event.server}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}",
        }
    command = [
        "git",
        "-C",
        str(root),
        "fetch",
        "-q",
        "--no-tags",
        "--depth=1",
        "--no-recurse-submodules",
        "origin",
        commit,
    ]
    try:
        subprocess.run(command, capture_output=True, env=given, timeout=TIME_LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return  # the caller looks whether the commit is there now
