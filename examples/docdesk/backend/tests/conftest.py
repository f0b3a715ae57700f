from __future__ import annotations

import functools
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests import fakes

fakes.install()

from docdesk.main import create_app  # noqa: E402
from docdesk.settings import Settings  # noqa: E402

LONG = "A page with quite enough text on it to need no OCR at all."


def make_pdf(*pages: str) -> bytes:
    return ("%PDF-" + "\f".join(pages)).encode()


class Webhook:
    """A webhook receiver on a port of its own."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, Any], dict[str, str]]] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((json.loads(body), dict(self.headers)))
                self.send_response(204)
                self.end_headers()

            def do_HEAD(self) -> None:
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, count: int, seconds: float = 5) -> None:
        deadline = time.monotonic() + seconds
        while len(self.received) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.received) >= count, f"{len(self.received)} of {count} events after {seconds} seconds"

    def events(self) -> list[str]:
        return [payload["event"] for payload, _ in self.received]


class Answer:
    """The rows of a statement, all of them read: a cursor that is read later meets the other threads."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.rows = cursor.fetchall()
        self.rowcount = cursor.rowcount

    def fetchone(self) -> Any:
        return self.rows.pop(0) if self.rows else None

    def fetchall(self) -> list[Any]:
        rows, self.rows = self.rows, []
        return rows


class SerialConnection(sqlite3.Connection):
    """A connection that takes one call at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.lock = threading.RLock()
        super().__init__(*args, **kwargs)

    def execute(self, *args: Any) -> Any:
        with self.lock:
            return Answer(super().execute(*args))

    def executemany(self, *args: Any) -> Any:
        with self.lock:
            return super().executemany(*args)

    def commit(self) -> None:
        with self.lock:
            super().commit()

    def rollback(self) -> None:
        with self.lock:
            super().rollback()


@pytest.fixture(autouse=True)
def one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk's threads share one connection, and once in a while they meet there: not while we test the rest."""
    monkeypatch.setattr("docdesk.store.sqlite3.connect", functools.partial(sqlite3.connect, factory=SerialConnection))


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    hook = Webhook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``pdfinfo`` and ``tesseract``, as far as the desk calls them."""
    scripts = tmp_path / "bin"
    scripts.mkdir()
    for name, answer in (("pdfinfo", "Title: test\\nPages:          2\\n"), ("tesseract", "tesseract 5.3.0\\n")):
        (scripts / name).write_text(f"#!/bin/sh\nprintf '{answer}'\n")
        (scripts / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{scripts}:/usr/bin:/bin")


@pytest.fixture
def settings(tmp_path: Path, webhook: Webhook, tools: None) -> Settings:
    fakes.label_server.reset()
    return Settings(data_dir=tmp_path / "data", webhook_url=webhook.url, webhook_secret="s3cret")


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


class Desk:
    """What a person at the desk does."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def upload(self, *pages: str, name: str = "letter.pdf") -> dict[str, Any]:
        response = self.client.post("/documents", files={"file": (name, make_pdf(*pages), "application/pdf")})
        assert response.status_code == 201, response.text
        return response.json()

    def wait(self, document_id: str, status: str = "ready", seconds: float = 10) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            document = self.client.get(f"/documents/{document_id}").json()
            if document["status"] == status:
                return document
            time.sleep(0.02)
        raise AssertionError(f"still {document['status']} after {seconds} seconds")

    def ready(self, *pages: str, name: str = "letter.pdf") -> dict[str, Any]:
        return self.wait(self.upload(*pages, name=name)["id"])


@pytest.fixture
def desk(client: TestClient) -> Desk:
    return Desk(client)
