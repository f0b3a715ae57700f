"""A GitHub API on loopback that behaves as GitHub does towards the Action, over one real repository and pull request.

Diffs, hunks and what a comment may stand on come from git. What GitHub refuses is refused here, in GitHub's words.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from repositories import git

TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
NAME = "acme/desk"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
HUMAN = {"login": "ann", "type": "User"}
NO_ACCESS = {"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest"}

Answer = tuple[int, Any]


class Refused(Exception):
    """An answer other than the one that was hoped for."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass
class FakeGitHub:
    """One repository. `base` and `head` are the commits of pull request 1; set what the scenario needs, then run."""

    folder: Path
    base: str = ""
    head: str = ""
    prefix: str = ""
    read_only: bool = False
    """The token may only read, as for a fork."""
    code_scanning: tuple[int, str] | None = None
    """How code scanning refuses; None where it is switched on."""
    no_patch: set[str] = field(default_factory=set[str])
    """Files whose change is so large that GitHub leaves the patch out."""
    not_in_diff: set[int] = field(default_factory=set[int])
    """Lines that GitHub takes to be outside of the diff, whatever the patch says."""
    hiccups: list[Refused] = field(default_factory=list[Refused])
    """Answers that are given first, one for each request that writes."""
    pending: int = 1
    """How often an upload is still being processed when it is looked at."""
    processing_errors: list[str] = field(default_factory=list[str])
    before: Callable[[], None] = lambda: None
    """What happens before each answer: a delay."""

    comments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    reviews: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    review_comments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    uploads: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    requests: list[str] = field(default_factory=list[str])

    def __enter__(self) -> FakeGitHub:
        fake = self

        class Handler(_Handler):
            github = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """What the runner says in GITHUB_API_URL."""
        return f"http://127.0.0.1:{self._server.server_port}{self.prefix}"

    @property
    def writes(self) -> list[str]:
        """The requests that changed something, or tried to."""
        return [request for request in self.requests if not request.startswith("GET ")]

    # the resources

    def answer(self, method: str, path: str, query: dict[str, list[str]], given: Any) -> Answer:
        """Status and body, or `Refused`."""
        if method != "GET":
            if self.hiccups:
                raise self.hiccups.pop(0)
            if self.read_only:
                raise Refused(403, NO_ACCESS)
        for pattern, verb, resource in _RESOURCES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                return resource(self, query, given, *match.groups())
        raise Refused(404, {"message": "Not Found"})

    def pull(self, query: Any, given: Any) -> Answer:
        return 200, {"number": 1, "url": f"{self.address}/repos/{NAME}/pulls/1", "head": {"sha": self.head}}

    def files(self, query: Any, given: Any) -> Answer:
        found: list[dict[str, Any]] = []
        for record in git(self.folder, "diff", "-M", "--name-status", f"{self.base}...{self.head}").splitlines():
            status, *names = record.split("\t")
            entry: dict[str, Any] = {"filename": names[-1], "status": _STATUS[status[0]], "sha": "0" * 40}
            if len(names) == 2:
                entry["previous_filename"] = names[0]
            if (patch := self.patch(names[-1])) and names[-1] not in self.no_patch:
                entry["patch"] = patch
            found.append(entry)
        return 200, found

    def patch(self, path: str) -> str:
        text = git(self.folder, "diff", "-M", f"{self.base}...{self.head}", "--", path)
        start = re.search(r"^@@", text, re.MULTILINE)
        return text[start.start() :] if start else ""

    def list_comments(self, query: Any, given: Any) -> Answer:
        return 200, self.comments

    def create_comment(self, query: Any, given: Any) -> Answer:
        self.comments.append(self._comment(given["body"]))
        return 201, self.comments[-1]

    def edit_comment(self, query: Any, given: Any, number: str) -> Answer:
        comment = next(one for one in self.comments if one["id"] == int(number))
        comment["body"] = self._comment(given["body"])["body"]
        return 200, comment

    def _comment(self, body: str, user: dict[str, str] = BOT) -> dict[str, Any]:
        if len(body) > 65_536:
            raise Refused(422, {"message": "Validation Failed", "errors": [{"message": "body is too long"}]})
        number = 100 + len(self.comments)
        return {
            "id": number,
            "url": f"{self.address}/repos/{NAME}/issues/comments/{number}",
            "body": body,
            "user": user,
        }

    def somebody_says(self, body: str, user: dict[str, str] = HUMAN) -> None:
        """A comment that is not ours."""
        self.comments.append(self._comment(body, user))

    def list_review_comments(self, query: Any, given: Any) -> Answer:
        return 200, self.review_comments

    def create_review(self, query: Any, given: Any) -> Answer:
        if given.get("commit_id") != self.head or given.get("event") != "COMMENT":
            raise Refused(422, {"message": "Validation Failed"})
        for comment in given["comments"]:
            if not self._in_one_hunk(comment):
                errors = ["Pull request review thread line must be part of the diff"]
                raise Refused(422, {"message": "Unprocessable Entity", "errors": errors})
        self.reviews.append(given)
        self.review_comments += [
            {**one, "id": 500 + len(self.review_comments), "user": BOT} for one in given["comments"]
        ]
        return 200, {"id": len(self.reviews)}

    def _in_one_hunk(self, comment: dict[str, Any]) -> bool:
        first, last = comment.get("start_line", comment["line"]), comment["line"]
        if comment["side"] != "RIGHT" or first > last or self.not_in_diff & {first, last}:
            return False
        for start, count in re.findall(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", self.patch(comment["path"]), re.MULTILINE):
            if int(start) <= first and last < int(start) + int(count or 1):
                return True
        return False

    def upload(self, query: Any, given: Any) -> Answer:
        if self.code_scanning is not None:
            raise Refused(self.code_scanning[0], {"message": self.code_scanning[1]})
        try:
            sarif = json.loads(gzip.decompress(base64.b64decode(given["sarif"], validate=True)))
        except (ValueError, OSError) as error:
            raise Refused(400, {"message": "Invalid SARIF"}) from error
        if not re.fullmatch(r"[0-9a-f]{40}", given["commit_sha"]) or not re.fullmatch(
            r"refs/(heads/.+|tags/.+|pull/\d+/(merge|head))", given["ref"]
        ):
            raise Refused(422, {"message": "ref or commit_sha is not valid"})
        (run,) = sarif["runs"]
        self.uploads.append(
            {
                "id": f"upload-{len(self.uploads)}",
                "looked": 0,
                "sarif": sarif,
                "commit_sha": given["commit_sha"],
                "ref": given["ref"],
                "category": run["automationDetails"]["id"].rpartition("/")[0],
                "results_count": len(run["results"]),
                "rules_count": len(run["tool"]["driver"]["rules"]),
                "tool": {"name": run["tool"]["driver"]["name"]},
            }
        )
        return 202, {"id": self.uploads[-1]["id"], "url": "…"}

    def state_of_upload(self, query: Any, given: Any, number: str) -> Answer:
        found = next(one for one in self.uploads if one["id"] == number)
        found["looked"] += 1
        if found["looked"] <= self.pending:
            return 200, {"processing_status": "pending"}
        if self.processing_errors:
            return 200, {"processing_status": "failed", "errors": self.processing_errors}
        return 200, {"processing_status": "complete", "analyses_url": "…"}

    def analyses(self, query: Any, given: Any) -> Answer:
        if self.code_scanning is not None:
            raise Refused(self.code_scanning[0], {"message": self.code_scanning[1]})
        wanted = [one for one in self.uploads if one["ref"] == query["ref"][0]]
        if not wanted:
            raise Refused(404, {"message": "no analysis found"})
        return 200, [{key: value for key, value in one.items() if key != "sarif"} for one in wanted]


_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}
_RESOURCES: list[tuple[str, str, Callable[..., Answer]]] = [
    (r"/pulls/1", "GET", FakeGitHub.pull),
    (r"/pulls/1/files", "GET", FakeGitHub.files),
    (r"/pulls/1/comments", "GET", FakeGitHub.list_review_comments),
    (r"/pulls/1/reviews", "POST", FakeGitHub.create_review),
    (r"/issues/1/comments", "GET", FakeGitHub.list_comments),
    (r"/issues/1/comments", "POST", FakeGitHub.create_comment),
    (r"/issues/comments/(\d+)", "PATCH", FakeGitHub.edit_comment),
    (r"/code-scanning/sarifs", "POST", FakeGitHub.upload),
    (r"/code-scanning/sarifs/(.+)", "GET", FakeGitHub.state_of_upload),
    (r"/code-scanning/analyses", "GET", FakeGitHub.analyses),
]


class _Handler(BaseHTTPRequestHandler):
    github: FakeGitHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at `requests`."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        split = urlsplit(self.path)
        self.github.requests.append(f"{self.command} {split.path}")
        self.github.before()
        headers: dict[str, str] = {}
        try:
            path = self._path(split.path)
            query = parse_qs(split.query)
            status, body = self.github.answer(self.command, path, query, json.loads(data) if data else None)
            if isinstance(body, list):
                body, headers = self._page(body, query, split.path)
        except Refused as refused:
            status, body, headers = refused.status, refused.body, refused.headers
        self._send(status, body, headers)

    def _path(self, path: str) -> str:
        if self.headers.get("Authorization") not in (f"token {TOKEN}", f"Bearer {TOKEN}"):
            raise Refused(401, {"message": "Bad credentials"})
        start = f"{self.github.prefix}/repos/{NAME}"
        if not path.startswith(start):
            raise Refused(404, {"message": "Not Found"})
        return path.removeprefix(start)

    def _page(self, found: list[Any], query: dict[str, list[str]], path: str) -> tuple[list[Any], dict[str, str]]:
        size = min(int(query.get("per_page", ["30"])[0]), 100)
        page = int(query.get("page", ["1"])[0])
        headers: dict[str, str] = {}
        if page * size < len(found):
            following = f"{self.github.address.removesuffix(self.github.prefix)}{path}?per_page={size}&page={page + 1}"
            headers["Link"] = f'<{following}>; rel="next"'
        return found[(page - 1) * size : page * size], headers

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has given up


def slow(seconds: float) -> Callable[[], None]:
    """A delay before each answer."""
    return lambda: time.sleep(seconds)
