"""What the inventory says of clients, health checks and what it could not see: each was wrong on real code once."""

from __future__ import annotations

from brownout.audit.data import State

from audit.auditing import audit, docdesk

APP = "from fastapi import APIRouter, FastAPI\n\napp = FastAPI()\n"


def topic(found, title):
    """A topic by the beginning of its title."""
    return next(one for one in found.inventory.topics if one.title.startswith(title))


def limits(text):
    """The limit, its origin and state of each call, by its line."""
    found = audit({"shop/app.py": text})
    return {client.line: (client.limit, client.origin, client.state) for client in found.inventory.clients}


def test_a_limit_is_shown_as_it_is_written_where_the_client_is_made():
    text = (
        "import httpx\n\n\nasync def ask():\n    timeout = httpx.Timeout(120.0, connect=30.0)\n"
        "    async with httpx.AsyncClient(timeout=timeout) as client:\n"
        "        return await client.get('https://bank.example/')\n"
    )
    assert limits(text)[7] == ("httpx.Timeout(120.0, connect=30.0)", "client", State.FOUND)


def test_a_limit_that_may_be_none_has_to_be_looked_at():
    text = (
        "import aiohttp\n\n\nasync def ask(**options):\n"
        "    timeout = aiohttp.ClientTimeout(total=options.get('timeout', None))\n"
        "    async with aiohttp.ClientSession(timeout=timeout) as session:\n"
        "        async with session.get('https://bank.example/') as answer:\n            return await answer.text()\n"
    )
    assert limits(text)[7][2] is State.NEEDS


def test_what_is_needed_is_named_with_the_option_and_the_place():
    text = "import redis\n\nstore = redis.Redis(**OPTIONS)\n\n\ndef read(key):\n    return store.get(key)\n"
    found = audit({"shop/app.py": text}).inventory.clients
    assert all("statement_timeout" not in client.decided_at for client in found)


def test_a_library_under_another_name_is_pinned():
    told = docdesk().inventory.unseen
    assert not any("PIL" in line or "cv2" in line for line in told)
    seen = {part.name: part for part in docdesk().inventory.stack}
    assert seen["cv2"].version == "4.12.0.88"
    assert (seen["cv2"].evidence.path, seen["cv2"].evidence.line) == ("backend/docdesk/rendering.py", 54)


def test_dependencies_that_no_entry_point_reaches_are_named():
    text = APP + "import redis\n\nstore = redis.Redis()\n\n\ndef read(key):\n    return store.get(key)\n"
    found = audit({"shop/app.py": text})
    assert found.failures.beyond == ("Redis",)
    assert docdesk().failures.beyond == ()


def test_a_library_without_a_call_that_can_be_followed_is_named():
    text = APP + "import boto3\n\n\ndef client_of(name):\n    return getattr(boto3, name)\n"
    assert any("boto3 (`shop/app.py:4`)" in line for line in audit({"shop/app.py": text}).inventory.unseen)


def test_everything_being_a_test_is_told():
    found = audit({"tests/test_it.py": "def test_it():\n    assert True\n"})
    assert any(line.startswith("Every file is part of the tests") for line in found.inventory.unseen)


def test_sqlite_that_only_settings_name_needs_confirmation():
    text = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'shop.db'}}\n"
    found = topic(audit({"shop/settings.py": text}), "SQLite")
    assert found.state is State.NEEDS
    assert [(one.path, one.line) for one in found.evidence] == [("shop/settings.py", 1)]


def test_only_routes_about_health_count_as_health_checks():
    text = APP + (
        '@app.get("/health/db")\ndef database():\n    return 1\n\n\n'
        '@app.get("/api/v1/status")\ndef status():\n    return 1\n\n\n'
        '@app.get("/orders/{order}/status")\ndef order_status(order):\n    return order\n'
    )
    found = topic(audit({"shop/app.py": text}), "Health")
    assert [one.text.split("`")[1] for one in found.evidence] == ["GET /health/db", "GET /api/v1/status"]


def test_a_ping_that_needs_nothing_of_the_file_is_told():
    found = topic(docdesk(), "Health")
    assert "although the database is locked, corrupt or gone" in found.evidence[1].text
    assert "SQLite" not in found.evidence[1].text.partition(";")[0]


def test_a_ping_that_sets_up_its_connection_first_asks_the_file():
    text = APP + (
        "import sqlite3\n\n\n"
        "def connect():\n    found = sqlite3.connect('shop.db', timeout=5)\n"
        "    found.execute('PRAGMA busy_timeout = 5000')\n    return found\n\n\n"
        '@app.get("/ready")\ndef ready():\n'
        "    connect().execute('SELECT count(*) FROM sqlite_master').fetchone()\n    return {}\n"
    )
    found = topic(audit({"shop/app.py": text}), "Health")
    assert found.evidence[0].text == "`GET /ready` asks SQLite"


def test_what_a_route_asks_is_seen_through_what_the_application_keeps():
    text = APP + (
        "import requests\nfrom fastapi import Request\n\n\n"
        "class Stock:\n    def ping(self):\n        requests.get('http://stock', timeout=1).raise_for_status()\n\n\n"
        "def start(app: FastAPI):\n    app.state.stock = Stock()\n\n\n"
        '@app.get("/ready")\ndef ready(request: Request):\n    request.app.state.stock.ping()\n    return {}\n'
    )
    found = topic(audit({"shop/app.py": text}), "Health")
    assert "asks HTTP" in found.evidence[0].text


def test_a_circuit_breaker_of_its_own_is_found_by_its_class():
    text = APP + "\n\nclass Breaker:\n    def allows(self):\n        return True\n"
    found = topic(audit({"shop/app.py": text}), "Circuit")
    assert (found.state, found.summary) == (State.FOUND, "1 place.")


def test_a_router_that_is_made_in_a_function_gives_its_prefix():
    text = APP + (
        'def make():\n    router = APIRouter(prefix="/orders")\n\n    @router.get("/all")\n'
        "    def every():\n        return 1\n\n"
        "    return router\n"
    )
    assert [entry.label for entry in audit({"shop/app.py": text}).failures.entries] == ["GET /orders/all"]


def test_requests_are_made_from_what_a_route_takes():
    requests = {entry.label: entry.request for entry in docdesk().failures.entries if entry.request is not None}
    assert requests["POST /documents"].files == ("file",)
    assert requests["PUT /documents/{document_id}/pages/{number}/text"].body == '{"text": "text"}'
    assert requests["PUT /documents/{document_id}/pages/{number}/text"].path == "/documents/{document_id}/pages/1/text"
    assert requests["POST /exports"].body == '{"document_ids": ["text"]}'
    assert requests["GET /search"].query == ("q",)
