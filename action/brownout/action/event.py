"""What GitHub says of the run: the event, the commits that it is about, and where GitHub itself is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

Table = Mapping[str, object]
SERVER, API = "https://github.com", "https://api.github.com"
"""Where GitHub is, unless the runner says otherwise, as it does for GitHub Enterprise Server."""
_NO_COMMIT = "0" * 40


@dataclass(frozen=True, slots=True)
class Event:
    """`number`, `head` and `fork` are a pull request's; `base` is the commit that the event itself compares with."""

    name: str = ""
    repository: str = ""
    workspace: Path = Path()
    sha: str = ""
    ref: str = ""
    server: str = SERVER
    api: str = API
    run_url: str = ""
    number: int | None = None
    base: str = ""
    head: str = ""
    fork: bool = False

    @property
    def slug(self) -> tuple[str, str]:
        """The owner's and the repository's name."""
        owner, _, name = self.repository.partition("/")
        return owner, name

    def blob(self, path: str, line: int) -> str:
        """The address of a line as it is in the checked commit."""
        from urllib.parse import quote

        return f"{self.server}/{self.repository}/blob/{self.head or self.sha}/{quote(path)}#L{line}"


def read(environment: Mapping[str, str]) -> Event:
    """The event of this run; what is missing, as outside of GitHub, stays empty."""
    page = _page(environment.get("GITHUB_EVENT_PATH", ""))
    server = environment.get("GITHUB_SERVER_URL") or SERVER
    repository = environment.get("GITHUB_REPOSITORY", "")
    run = environment.get("GITHUB_RUN_ID", "")
    pull = _table(page, "pull_request")
    number = pull.get("number", page.get("number"))
    head = _text(pull, "head", "sha")
    owner = _text(pull, "head", "repo", "full_name")
    return Event(
        name=environment.get("GITHUB_EVENT_NAME", ""),
        repository=repository,
        workspace=Path(environment.get("GITHUB_WORKSPACE") or "."),
        sha=environment.get("GITHUB_SHA", ""),
        ref=environment.get("GITHUB_REF", ""),
        server=server.rstrip("/"),
        api=(environment.get("GITHUB_API_URL") or API).rstrip("/"),
        run_url=f"{server}/{repository}/actions/runs/{run}" if run else "",
        number=number if isinstance(number, int) and pull else None,
        base=_base(page, pull),
        head=head,
        fork=bool(pull) and owner.lower() != repository.lower(),
    )


def _base(page: Table, pull: Table) -> str:
    """The commit before: of a pull request its base, of a merge queue the queue's, of a push what it pushed upon."""
    found = _text(pull, "base", "sha") or _text(page, "merge_group", "base_sha") or _text(page, "before")
    return "" if found == _NO_COMMIT else found


def _page(path: str) -> Table:
    if not path:
        return {}
    try:
        found: object = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("Table", found) if isinstance(found, dict) else {}


def _table(page: Table, key: str) -> Table:
    found = page.get(key)
    return cast("Table", found) if isinstance(found, dict) else {}


def _text(page: Table, *keys: str) -> str:
    for key in keys[:-1]:
        page = _table(page, key)
    found = page.get(keys[-1])
    return found if isinstance(found, str) else ""
