"""The SQLite store: documents, their pages, and the annotations that came back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docdesk.models import Document, Page, Status

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    status TEXT NOT NULL,
    page_count INTEGER NOT NULL DEFAULT 0,
    label_project_id INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_by_hash ON documents (sha256);
CREATE TABLE IF NOT EXISTS pages (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    image_path TEXT NOT NULL,
    PRIMARY KEY (document_id, number)
);
CREATE TABLE IF NOT EXISTS annotations (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    page_number INTEGER NOT NULL,
    task_id INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (document_id, task_id)
);
"""


def utc_now() -> str:
    """The current time, as the store writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    """All access to the database goes through here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, check_same_thread=False)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.executescript(SCHEMA)

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Group several statements: all of them are written, or none."""
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def ping(self) -> bool:
        """Whether the database answers."""
        return self.connection.execute("SELECT 1").fetchone()[0] == 1

    # Documents

    def add_document(self, document: Document) -> None:
        self.connection.execute(
            "INSERT INTO documents (id, filename, path, sha256, size, status, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.id,
                document.filename,
                document.path,
                document.sha256,
                document.size,
                document.status.value,
                document.created_at,
                document.updated_at,
            ),
        )
        self.connection.commit()

    def get_document(self, document_id: str) -> Document | None:
        row = self.connection.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
        return Document(**row) if row else None

    def find_by_hash(self, sha256: str) -> Document | None:
        row = self.connection.execute("SELECT * FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
        return Document(**row) if row else None

    def list_documents(self, status: Status | None = None, limit: int = 100) -> list[Document]:
        """The newest documents first."""
        query, arguments = "SELECT * FROM documents", []
        if status is not None:
            query += " WHERE status = ?"
            arguments.append(status.value)
        rows = self.connection.execute(query + " ORDER BY created_at DESC, id LIMIT ?", (*arguments, limit))
        return [Document(**row) for row in rows.fetchall()]

    def set_status(self, document_id: str, status: Status) -> None:
        self.connection.execute(
            "UPDATE documents SET status = ?, updated_at = ? WHERE id = ?", (status.value, utc_now(), document_id)
        )
        self.connection.commit()

    def delete_document(self, document_id: str) -> None:
        with self.transaction() as connection:
            connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    # Pages

    def replace_pages(self, document_id: str, pages: Iterable[Page]) -> None:
        """Write the pages of a document anew, and its page count with them."""
        rows = [(page.document_id, page.number, page.text, page.image_path) for page in pages]
        with self.transaction() as connection:
            connection.execute("DELETE FROM pages WHERE document_id = ?", (document_id,))
            connection.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", rows)
            connection.execute("UPDATE documents SET page_count = ? WHERE id = ?", (len(rows), document_id))

    def list_pages(self, document_id: str) -> list[Page]:
        rows = self.connection.execute("SELECT * FROM pages WHERE document_id = ? ORDER BY number", (document_id,))
        return [Page(**row) for row in rows.fetchall()]

    def get_page(self, document_id: str, number: int) -> Page | None:
        row = self.connection.execute(
            "SELECT * FROM pages WHERE document_id = ? AND number = ?", (document_id, number)
        ).fetchone()
        return Page(**row) if row else None

    def save_page_text(self, document_id: str, number: int, text: str) -> None:
        self.connection.execute(
            "UPDATE pages SET text = ? WHERE document_id = ? AND number = ?", (text, document_id, number)
        )
        self.connection.commit()

    def search(self, words: str, limit: int = 50) -> list[Page]:
        rows = self.connection.execute(
            "SELECT * FROM pages WHERE text LIKE ? ORDER BY document_id, number LIMIT ?", (f"%{words}%", limit)
        )
        return [Page(**row) for row in rows.fetchall()]

    # Annotations

    def list_annotations(self, document_id: str) -> list[dict[str, Any]]:
        rows = self.connection.execute(
            "SELECT * FROM annotations WHERE document_id = ? ORDER BY page_number", (document_id,)
        )
        return [dict(row) for row in rows.fetchall()]
