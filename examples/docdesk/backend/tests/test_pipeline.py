from __future__ import annotations

import json
import sqlite3

from docdesk.main import create_app
from docdesk.settings import Settings
from fastapi.testclient import TestClient

from tests.conftest import LONG, Desk, Webhook


def test_the_webhook_hears_about_a_finished_document(desk: Desk, webhook: Webhook) -> None:
    document = desk.ready(LONG)
    webhook.wait(1)
    payload, headers = webhook.received[0]
    assert payload["event"] == "document.ready"
    assert payload["document"]["id"] == document["id"]
    assert payload["document"]["pages"] == 1
    assert len(headers["X-Docdesk-Signature"]) == 64


def test_a_finished_document_leaves_no_checkpoint(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        Desk(client).ready(LONG)
    assert list(settings.checkpoint_dir.glob("*.json")) == []


def test_a_restart_continues_from_the_checkpoint(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        document = Desk(client).ready(LONG)
    image = settings.image_dir / document["id"] / "page-0001.png"
    state = {
        "document_id": document["id"],
        "stage": "rendered",
        "markdown": ["The text an earlier run had already found."],
        "images": [str(image)],
        "texts": [],
    }
    (settings.checkpoint_dir / f"{document['id']}.json").write_text(json.dumps(state))
    with sqlite3.connect(settings.database_path) as connection:
        connection.execute("UPDATE documents SET status = 'queued'")
    connection.close()

    with TestClient(create_app(settings)) as client:
        Desk(client).wait(document["id"])
        pages = client.get(f"/documents/{document['id']}/pages").json()
    assert pages[0]["text"] == "The text an earlier run had already found."


def test_several_documents_are_processed_in_turn(desk: Desk, client: TestClient) -> None:
    ids = [desk.upload(f"{LONG} Number {number}.", name=f"{number}.pdf")["id"] for number in range(4)]
    for document_id in ids:
        desk.wait(document_id)
    assert len(client.get("/documents?status=ready").json()) == 4


def test_health_and_diagnostics(client: TestClient) -> None:
    health = client.get("/health")
    assert health.status_code == 200
    assert health.json()["status"] == "ok"
    found = client.get("/diagnostics").json()
    assert found["database"] is True
    assert found["webhook"] is True
    assert found["worker_alive"] is True
    assert found["tesseract"] == "tesseract 5.3.0"
