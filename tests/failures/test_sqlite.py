"""SQLite under accidents: locked by another process, killed in a transaction, an exception between two writes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from failures.accidents import bad, fixed, run

FASTAPI = """
import sys, types
class FastAPI:
    def __getattr__(self, name):
        return lambda *given, **more: lambda function: function
sys.modules["fastapi"] = types.SimpleNamespace(FastAPI=FastAPI)
"""
"""Stands in for the framework, which is not what is tested here: routes stay plain functions."""
IMPATIENT = """
import sqlite3
patient = sqlite3.connect
def connect(path, timeout=0.2, **more):
    return patient(path, timeout, **more)
sqlite3.connect = connect
"""
"""Makes the default of five seconds a fifth of a second, so that a lock that stays shows soon."""


def make(path: Path, *statements: str) -> None:
    """A database with some tables and rows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another connection sees."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def held(path: Path, statement: str, *, release: float = 3600) -> Iterator[None]:
    """Another process is in a transaction that has run a statement, and stays in it for so many seconds."""
    code = (
        "import sqlite3, sys, time\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "for one in sys.argv[2].split(';'):\n"
        "    connection.execute(one).fetchone()\n"
        "print('held', flush=True)\n"
        f"time.sleep({release})\n"
        "connection.execute('COMMIT')\n"
    )
    command = [sys.executable, "-c", code, str(path), statement]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield
        finally:
            process.kill()


def test_a_reader_stops_the_writers_of_bad_code_only(tmp_path):
    source = bad("sqlite-without-wal")
    write = "with connect() as db: db.execute(\"INSERT INTO documents VALUES ('new')\")"
    for code, error in ((source, "database is locked"), (fixed("sqlite-without-wal", source), "")):
        path = tmp_path / "documents.db"
        path.unlink(missing_ok=True)
        make(path, "CREATE TABLE documents (name TEXT)", "INSERT INTO documents VALUES ('old')")
        assert run(code, "connect()", tmp_path, before=FASTAPI).returncode == 0

        with held(path, "BEGIN;SELECT name FROM documents"):
            done = run(code, write, tmp_path, before=FASTAPI + IMPATIENT)

        assert error in done.stderr
        assert (done.returncode == 0) == (not error)
        assert len(rows(path, "SELECT * FROM documents")) == (1 if error else 2)


def test_a_short_lock_stops_bad_code_only(tmp_path):
    source, path = bad("sqlite-busy-timeout-zero"), tmp_path / "orders.db"
    make(path, "CREATE TABLE orders (item TEXT)")

    with held(path, "BEGIN IMMEDIATE"):
        assert "database is locked" in run(source, "order('a')", tmp_path, before=FASTAPI).stderr
    with held(path, "BEGIN IMMEDIATE", release=1):
        assert run(fixed("sqlite-busy-timeout-zero", source), "order('b')", tmp_path, before=FASTAPI).returncode == 0

    assert rows(path, "SELECT item FROM orders") == [("b",)]


def test_another_writer_stops_the_claim_of_bad_code_only(tmp_path):
    interfering = """
import sqlite3
class Connection(sqlite3.Connection):
    def execute(self, sql, *given):
        found = super().execute(sql, *given)
        if sql.startswith("SELECT"):
            other = sqlite3.Connection("jobs.db", timeout=0)
            try:
                other.execute("INSERT INTO jobs VALUES (9, 'new')")
                other.commit()
            except sqlite3.OperationalError:
                pass
            finally:
                other.close()
        return found
sqlite3.connect = lambda path, **more: Connection(path, **more)
"""
    source, path = bad("sqlite-deferred-upgrade"), tmp_path / "jobs.db"
    make(
        path,
        "PRAGMA journal_mode=WAL",
        "CREATE TABLE jobs (id INTEGER, state TEXT)",
        "INSERT INTO jobs VALUES (1, 'new')",
    )

    assert "database is locked" in run(source, "claim()", tmp_path, before=FASTAPI + interfering).stderr
    after = fixed("sqlite-deferred-upgrade", source)
    assert run(after, "claim()", tmp_path, before=FASTAPI + interfering).returncode == 0
    assert rows(path, "SELECT state FROM jobs WHERE id = 1") == [("taken",)]


def test_only_bad_code_forgets_the_row(tmp_path):
    source, path = bad("sqlite-write-not-committed"), tmp_path / "documents.db"
    make(path, "CREATE TABLE documents (name TEXT)")

    run(source, "remember('lost')", tmp_path)
    run(fixed("sqlite-write-not-committed", source), "remember('kept')", tmp_path)

    assert rows(path, "SELECT name FROM documents") == [("kept",)]


def test_a_copy_of_a_live_database_lacks_rows_in_bad_code_only(tmp_path):
    source = bad("sqlite-file-copy-backup").replace("/backups", str(tmp_path / "backups"))
    (tmp_path / "backups" / "old").mkdir(parents=True)
    live, copy = tmp_path / "documents.db", tmp_path / "backups" / "documents.db"
    with closing(sqlite3.connect(live)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE documents (name TEXT)")
        writer.execute("INSERT INTO documents VALUES ('newest')")
        writer.commit()

        assert run(source, "nightly()", tmp_path).returncode == 0
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            rows(copy, "SELECT * FROM documents")

        copy.unlink()
        (tmp_path / "backups" / "old").mkdir()
        assert run(fixed("sqlite-file-copy-backup", source), "nightly()", tmp_path).returncode == 0
        assert rows(copy, "SELECT name FROM documents") == [("newest",)]


def test_a_failure_between_two_writes_tears_bad_code_only(tmp_path):
    source, path = bad("multi-write-no-transaction"), tmp_path / "bank.db"
    make(
        path,
        "CREATE TABLE accounts (id INTEGER, balance INTEGER CHECK (balance < 1000))",
        "INSERT INTO accounts VALUES (1, 500), (2, 900)",
    )
    query, whole = "SELECT balance FROM accounts ORDER BY id", [(500,), (900,)]

    kept = run(fixed("multi-write-no-transaction", source), "transfer(1, 2, 200)", tmp_path)
    assert "IntegrityError" in kept.stderr
    assert rows(path, query) == whole

    torn = run(source, "transfer(1, 2, 200)", tmp_path)
    assert "IntegrityError" in torn.stderr
    assert rows(path, query) == [(300,), (900,)]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_transaction_damages_bad_code_only(tmp_path):
    source = """
import sqlite3


def connect():
    connection = sqlite3.connect("documents.db")
    connection.execute("PRAGMA journal_mode=OFF")
    return connection
"""
    accident = """
import os, signal
db = connect()
db.execute("PRAGMA cache_size = 5")
db.execute("UPDATE documents SET name = name || 'x'")
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "documents.db"
    count = "SELECT count(*) FROM documents WHERE name LIKE '%x'"
    for code, is_whole in ((fixed("sqlite-unsafe-pragma", source), True), (source, False)):
        path.unlink(missing_ok=True)
        make(path, "CREATE TABLE documents (name TEXT)")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executemany("INSERT INTO documents VALUES (?)", [("n" * 200,)] * 2000)

        assert run(code, accident, tmp_path).returncode != 0

        try:
            whole = rows(path, count) == [(0,)] and rows(path, "PRAGMA integrity_check") == [("ok",)]
        except sqlite3.DatabaseError:
            whole = False
        assert whole == is_whole
