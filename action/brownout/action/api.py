"""GitHub's API through PyGithub: with time limits, and with an answer to every refusal that is one line of the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import requests
from brownout.core import __version__
from github import Auth, Github, GithubException, GithubRetry
from github.GithubException import BadCredentialsException, RateLimitExceededException
from github.Issue import Issue
from github.PullRequest import PullRequest
from github.Repository import Repository
from urllib3 import BaseHTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.util import Retry

TIME_LIMIT = 15
"""Seconds for one request."""
WAIT = 20.0
"""Seconds that are waited for a rate limit to pass; GitHub often asks for minutes, and a job does not wait so long."""
BACKOFF = 1.0
"""Seconds before the first retry; each further one waits twice as long."""
PAUSE_AFTER_READ, PAUSE_AFTER_WRITE = 0.0, 1.0
"""GitHub asks for a second between writes."""
READ_ONLY = "Resource not accessible by integration"

Answer = TypeVar("Answer")


class Api:
    """One repository as the token lets us see it. Nothing is asked until it is needed."""

    def __init__(self, address: str, token: str, repository: str) -> None:
        logging.getLogger("github").setLevel(logging.CRITICAL)  # it would tell the log of each refusal before we do
        self._github = Github(
            auth=Auth.Token(token),
            base_url=address,
            timeout=TIME_LIMIT,
            retry=_Patience(total=3, backoff_factor=BACKOFF, max_rate_limit_wait=WAIT, secondary_rate_wait=WAIT),
            seconds_between_requests=PAUSE_AFTER_READ,
            seconds_between_writes=PAUSE_AFTER_WRITE,
            user_agent=f"brownout/{__version__}",
            per_page=100,
            lazy=True,
        )
        self.repository: Repository = self._github.get_repo(repository)
        self._path = f"/repos/{repository}"
        self._installed = token.startswith("ghs_")

    def pull(self, number: int) -> PullRequest:
        """A pull request."""
        return self.repository.get_pull(number)

    def issue(self, number: int) -> Issue:
        """A pull request as what it is to comments: an issue."""
        return self.repository.get_issue(number)

    def ask(self, method: str, path: str, given: dict[str, object] | None = None) -> Any:
        """What PyGithub has no method for, below the repository's own address."""
        _, answer = self._github.requester.requestJsonAndCheck(method, f"{self._path}/{path}", input=given)
        return answer

    def is_ours(self, author: str, kind: str) -> bool:
        """Whether whoever this token stands for wrote something: others' words are not ours to change."""
        if self._installed:
            return kind == "Bot"
        return self._github.get_user().login == author


class _Patience(GithubRetry):
    """Retries what may be asked twice, and waits for a rate limit only as long as a job can."""

    def __init__(self, **settings: Any) -> None:
        # A POST that failed half-way may have been carried out: asked again, it would be a second comment.
        super().__init__(**{"allowed_methods": Retry.DEFAULT_ALLOWED_METHODS, **settings})

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """A POST that was refused before it began can be asked again."""
        if method == "POST":
            return status_code in (403, 429)
        return super().is_retry(method, status_code, has_retry_after)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Give up at once where we would be kept waiting for too long."""
        if response is not None and response.status in (403, 429):
            wait = self.get_retry_after(response)
            if wait is not None and wait > WAIT:
                headers = dict(response.headers)
                raise RateLimitExceededException(response.status, {"message": f"asked to wait {wait:.0f} s"}, headers)
        return cast("Self", super().increment(method, url, cast("Any", response), error, _pool, _stacktrace))


def attempt(what: Callable[[], Answer]) -> Answer | str:
    """What the API answers, or why it does not, as the end of a sentence."""
    try:
        return what()
    except GithubException as error:
        return reason(error)
    except requests.RequestException as error:
        return f"GitHub did not answer ({type(error).__name__})"


def reason(error: GithubException) -> str:
    """Why GitHub refused, in words that say what to do."""
    data: object = error.data
    said = str(data.get("message", "")) if isinstance(data, dict) else ""
    if isinstance(error, RateLimitExceededException) or "rate limit" in said.lower():
        return f"a rate limit of GitHub's is reached ({said})" if said else "a rate limit of GitHub's is reached"
    if isinstance(error, BadCredentialsException) or error.status == 401:
        return "the token is not valid (401)"
    if error.status == 403 and READ_ONLY in said:
        return (
            "the token may only read (403), as for pull requests of forks and of Dependabot, or without `permissions:`"
        )
    return f"{error.status}{f': {said}' if said else ''}"
