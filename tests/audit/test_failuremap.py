"""The failure map: docdesk's against the one that was made by hand, and small services for each outcome."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from brownout.facts.failing.outcomes import Outcome
from brownout.render.audit import render

from audit.auditing import audit, docdesk, outcomes

BY_HAND = tomllib.loads((Path(__file__).parent / "docdesk.toml").read_text(encoding="utf-8"))


def test_docdesk_has_the_entry_points_found_by_hand():
    assert set(outcomes(docdesk())) == set(BY_HAND)


@pytest.mark.parametrize("entry", BY_HAND)
def test_docdesk_fails_as_a_person_expects(entry):
    assert outcomes(docdesk())[entry] == BY_HAND[entry]


def test_hardly_anything_of_docdesk_is_unknown():
    failures = docdesk().failures
    assert failures.ways > 100
    assert failures.unknown <= failures.ways * 0.05


def test_each_way_leads_from_the_entry_point_to_a_call():
    for cell in docdesk().failures.cells:
        entry = next(one for one in docdesk().failures.entries if one.label == cell.entry)
        for way in cell.ways:
            assert way.steps[0].path == entry.path
            assert all(step.line > 0 and step.text for step in way.steps)
            assert Outcome(way.outcome).rank >= Outcome(cell.worst).rank


HEAD = """
import logging
import sqlite3
import subprocess
import time

import requests
from fastapi import FastAPI, HTTPException

app = FastAPI()
log = logging.getLogger(__name__)
"""
URL = "https://bank.example/pay"


def shown(body: str, more: str = "") -> dict[str, dict[str, str]]:
    """The ways of one route with this body."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    text = f'{HEAD}{more}\n\n@app.post("/pay")\ndef pay(job):\n{lines}\n'
    return outcomes(audit({"shop/app.py": text}))["POST /pay"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("requests.get(URL).raise_for_status()", {"hangs": "hangs", "refuses": "500", "errors": "500"}),
        ("requests.get(URL, timeout=3).raise_for_status()", {"hangs": "500", "refuses": "500", "errors": "500"}),
        ("return requests.get(URL, timeout=3).json()", {"hangs": "500", "refuses": "500", "errors": "swallowed"}),
        (
            "answer = requests.get(URL, timeout=3)\nif answer.status_code >= 400:\n    raise ValueError(answer)",
            {"hangs": "500", "refuses": "500", "errors": "degraded"},
        ),
        (
            "try:\n    requests.get(URL, timeout=3).raise_for_status()\nexcept requests.RequestException:\n    pass",
            {"hangs": "swallowed", "refuses": "swallowed", "errors": "swallowed"},
        ),
        (
            "try:\n    requests.get(URL, timeout=3).raise_for_status()\nexcept requests.Timeout:\n    log.info('slow')",
            {"hangs": "degraded", "refuses": "500", "errors": "500"},
        ),
        (
            "try:\n    requests.get(URL, timeout=3).raise_for_status()\n"
            "except requests.RequestException as error:\n    raise HTTPException(503, 'later') from error",
            {"hangs": "degraded", "refuses": "degraded", "errors": "degraded"},
        ),
        (
            "try:\n    requests.get(URL, timeout=3).raise_for_status()\n"
            "except requests.RequestException as error:\n    raise HTTPException(500, 'no') from error",
            {"hangs": "500", "refuses": "500", "errors": "500"},
        ),
        (
            "try:\n    requests.get(URL, timeout=3).raise_for_status()\nexcept Exception as error:\n    "
            "raise ValueError from error",
            {"hangs": "500", "refuses": "500", "errors": "500"},
        ),
        (
            "for attempt in range(3):\n    try:\n        requests.get(URL, timeout=3).raise_for_status()\n   "
            "     return\n"
            "    except requests.RequestException:\n        time.sleep(attempt)\nraise ValueError",
            {"hangs": "retried then fails", "refuses": "retried then fails", "errors": "retried then fails"},
        ),
        (
            "for attempt in range(3):\n    try:\n        requests.get(URL, timeout=3).raise_for_status()\n   "
            "     return\n"
            "    except requests.RequestException:\n        time.sleep(attempt)",
            {"hangs": "degraded", "refuses": "degraded", "errors": "degraded"},
        ),
    ],
)
def test_outcomes_of_a_call_over_the_network(body, expected):
    assert shown(body.replace("URL", repr(URL)))["HTTP bank.example"] == expected


def test_a_status_that_nobody_takes_back_is_stuck():
    more = """
class Jobs:
    def __init__(self):
        self.db = sqlite3.connect("jobs.db")

    def set_status(self, job, status):
        self.db.execute("UPDATE jobs SET status = ? WHERE id = ?", (status, job))
        self.db.commit()


jobs = Jobs()
"""
    body = (
        f'jobs.set_status(job, "processing")\nrequests.get("{URL}", '
        'timeout=3).raise_for_status()\njobs.set_status(job, "done")'
    )
    assert shown(body, more)["HTTP bank.example"]["refuses"] == "stuck state"
    body = (
        f'jobs.set_status(job, "processing")\ntry:\n    requests.get("{URL}", timeout=3).raise_for_status()\n'
        'except Exception:\n    jobs.set_status(job, "failed")\n    raise'
    )
    assert shown(body, more)["HTTP bank.example"]["refuses"] == "500"


def test_a_silent_write_is_lost_and_a_silent_read_is_not():
    more = '\ndb = sqlite3.connect("shop.db")\n'
    write = 'try:\n    db.execute("UPDATE orders SET paid = 1")\nexcept Exception:\n    pass'
    read = 'try:\n    db.execute("SELECT * FROM orders")\nexcept Exception:\n    pass'
    assert shown(write, more)["SQLite"]["locked"] == "data loss"
    assert shown(read, more)["SQLite"]["locked"] == "swallowed"


def test_the_exit_code_of_a_program():
    assert shown('subprocess.run(["gs", "x"], timeout=5)')["Ghostscript"]["errors"] == "swallowed"
    assert shown('subprocess.run(["gs", "x"], timeout=5, check=True)')["Ghostscript"]["errors"] == "500"
    looked = 'done = subprocess.run(["gs", "x"], timeout=5)\nif done.returncode:\n    raise ValueError'
    assert shown(looked)["Ghostscript"]["errors"] == "degraded"


def test_an_exception_handler_of_the_application_answers():
    more = "\n@app.exception_handler(requests.RequestException)\ndef sorry(request, error):\n    return None\n"
    assert shown(f'requests.get("{URL}", timeout=3)', more)["HTTP bank.example"]["refuses"] == "degraded"


def test_a_deadline_around_a_coroutine():
    text = """
import asyncio
import aiohttp
from fastapi import FastAPI

app = FastAPI()


async def fetch(session: aiohttp.ClientSession):
    async with session.get("https://bank.example", timeout=None) as answer:
        answer.raise_for_status()


@app.get("/slow")
async def slow(session: aiohttp.ClientSession):
    await fetch(session)


@app.get("/fast")
async def fast(session: aiohttp.ClientSession):
    async with asyncio.timeout(3):
        await fetch(session)
"""
    found = outcomes(audit({"shop/app.py": text}))
    assert found["GET /slow"]["HTTP bank.example"]["hangs"] == "hangs"
    assert found["GET /fast"]["HTTP bank.example"]["hangs"] == "500"


def test_what_nobody_waits_for_does_not_come_back():
    text = f"""
import threading
import requests
from fastapi import FastAPI

app = FastAPI()


def tell():
    requests.get("{URL}")


@app.get("/x")
def route():
    threading.Thread(target=tell).start()
"""
    found = outcomes(audit({"shop/app.py": text}))
    assert found["GET /x"] == {}
    assert found["thread tell"]["HTTP bank.example"]["hangs"] == "hangs"


def test_prefixes_of_routers_are_part_of_the_path():
    files = {
        "shop/app.py": "from fastapi import FastAPI\nfrom shop import orders\n\napp = "
        "FastAPI()\napp.include_router(orders.router, prefix='/api')\n",
        "shop/orders.py": "from fastapi import APIRouter\n\nrouter = "
        "APIRouter(prefix='/orders')\n\n\n@router.get('/{id}')\ndef get(id): ...\n",
        "shop/__init__.py": "",
    }
    assert list(outcomes(audit(files))) == ["GET /api/orders/{id}"]


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1", "select 1;", "SELECT sqlite_version()", "PRAGMA foreign_keys = ON", "PRAGMA busy_timeout=5000"],
)
def test_a_statement_that_needs_nothing_of_the_file_never_fails(statement):
    """Tried with SQLite: these succeed while the file is locked, overwritten or gone."""
    more = '\ndb = sqlite3.connect("shop.db")\n'
    assert "SQLite" not in shown(f'return db.execute("{statement}").fetchone()', more)
    assert "SQLite" in shown('return db.execute("SELECT 1 FROM orders").fetchone()', more)
    assert "SQLite" in shown('db.execute("PRAGMA journal_mode = WAL")', more)


def test_entry_points_of_one_name_are_told_apart():
    """Two commands named main, of which one reaches nothing: each has a row of its own in all formats."""
    head = "import argparse\nimport requests\n\n\ndef main():\n    argparse.ArgumentParser().parse_args()\n"
    asks = head + '    requests.get("https://bank.example/rates")\n'
    found = audit({"shop/one.py": asks, "shop/two.py": asks.replace("rates", "pay"), "shop/app.py": HEAD})
    labels = [entry.label for entry in found.failures.entries]
    assert labels == ["command main (shop/one.py)", "command main (shop/two.py)"]
    routes = HEAD + '@app.get("/")\ndef home():\n    return 1\n'
    asking = HEAD + f'URL = "{URL}"\n\n\n@app.get("/")\ndef home():\n    return requests.get(URL)\n'
    found = audit({"shop/app.py": routes, "shop/other.py": asking})
    assert [entry.label for entry in found.failures.entries] == ["GET / (shop/app.py)", "GET / (shop/other.py)"]
    assert [entry.request.path for entry in found.failures.entries if entry.request] == ["/", "/"]
    for name in ("markdown", "html", "json"):
        assert "shop/other.py" in render(found, name)


def test_the_null_device_is_nothing_that_fails():
    assert shown('import os\nwith open(os.devnull, "w") as out:\n    out.write("x")') == {}
