from __future__ import annotations

import base64
import csv
import tempfile
from pathlib import Path

from docdesk.settings import Settings
from fastapi.testclient import TestClient

from tests.conftest import LONG, Desk, make_pdf


def test_an_upload_is_kept_and_processed(desk: Desk, settings: Settings) -> None:
    uploaded = desk.upload(LONG, "")
    stored = [path for path in (settings.upload_dir / uploaded["id"]).iterdir() if path.is_file()]
    assert [path.read_bytes() for path in stored] == [make_pdf(LONG, "")]

    document = desk.wait(uploaded["id"])
    assert document["filename"] == "letter.pdf"
    assert document["page_count"] == 2
    assert document["size"] == len(make_pdf(LONG, ""))


def test_pages_have_text_and_pictures(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG, "short")
    pages = client.get(f"/documents/{document['id']}/pages").json()
    assert [page["text"] for page in pages] == [LONG, "read by OCR: page-0002.png"]

    image = client.get(f"/documents/{document['id']}/pages/1/image")
    assert image.status_code == 200
    assert image.content == b"PNG:" + LONG.encode()
    thumbnail = client.get(f"/documents/{document['id']}/pages/1/thumbnail")
    assert thumbnail.headers["content-type"] == "image/png"
    assert thumbnail.content == image.content


def test_the_same_file_is_the_same_document(desk: Desk, client: TestClient) -> None:
    first = desk.ready(LONG)
    assert desk.upload(LONG, name="copy.pdf")["id"] == first["id"]
    assert len(client.get("/documents").json()) == 1


def test_only_pdfs_are_taken(client: TestClient) -> None:
    response = client.post("/documents", files={"file": ("notes.txt", b"hello", "text/plain")})
    assert response.status_code == 415


def test_unknown_documents_and_pages_are_not_found(desk: Desk, client: TestClient) -> None:
    assert client.get("/documents/nope").status_code == 404
    assert client.post("/documents/nope/export").status_code == 404
    document = desk.ready(LONG)
    assert client.get(f"/documents/{document['id']}/pages/9/image").status_code == 404


def test_documents_are_listed_by_status(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG)
    assert [entry["id"] for entry in client.get("/documents?status=ready").json()] == [document["id"]]
    assert client.get("/documents?status=exported").json() == []


def test_a_preview_keeps_nothing(client: TestClient, monkeypatch, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    response = client.post("/documents/preview", files={"file": ("a.pdf", make_pdf("one", "two"))})
    assert response.status_code == 200
    preview = response.json()
    assert preview["pages"] == 2
    assert preview["markdown"] == "one\n\ntwo"
    assert base64.b64decode(preview["first_page"]) == b"PNG:one"
    assert client.get("/documents").json() == []
    assert list(scratch.iterdir()) == []


def test_corrections_are_found_again(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG)
    url = f"/documents/{document['id']}/pages/1/text"
    assert client.put(url, json={"text": "corrected by hand"}).json() == {"saved": True}
    assert [page["text"] for page in client.get("/search?q=by hand").json()] == ["corrected by hand"]
    assert client.get("/search?q=x").status_code == 422


def test_reprocessing_starts_over(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG)
    client.put(f"/documents/{document['id']}/pages/1/text", json={"text": "scribble"})
    again = client.post(f"/documents/{document['id']}/reprocess")
    assert again.json()["status"] == "ready"
    assert client.get(f"/documents/{document['id']}/pages").json()[0]["text"] == LONG


def test_the_report_has_every_page(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG, LONG + " Twice.")
    report = client.get(f"/documents/{document['id']}/report")
    rows = list(csv.DictReader(report.text.splitlines()))
    assert [row["text"] for row in rows] == [LONG, LONG + " Twice."]


def test_deleting_removes_the_files(desk: Desk, client: TestClient, settings: Settings) -> None:
    document = desk.ready(LONG)
    assert client.delete(f"/documents/{document['id']}").status_code == 204
    assert client.get(f"/documents/{document['id']}").status_code == 404
    assert not (settings.upload_dir / document["id"]).exists()
    assert not (settings.image_dir / document["id"]).exists()
    assert [entry["action"] for entry in client.get("/journal").json()][0] == "deleted"
