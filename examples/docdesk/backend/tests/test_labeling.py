from __future__ import annotations

from fastapi.testclient import TestClient

from tests.conftest import LONG, Desk, Webhook
from tests.fakes import label_server


def test_an_export_makes_one_task_per_page(desk: Desk, client: TestClient, webhook: Webhook) -> None:
    document = desk.ready(LONG, LONG + " Again.")
    result = client.post(f"/documents/{document['id']}/export").json()
    assert result == {"document_id": document["id"], "project_id": 7, "tasks": 2}
    assert [task.data["page"] for task in label_server.tasks] == [1, 2]

    exported = client.get(f"/documents/{document['id']}").json()
    assert exported["status"] == "exported"
    assert exported["label_project_id"] == 7
    webhook.wait(2)
    assert webhook.events() == ["document.ready", "document.exported"]


def test_the_project_is_created_once(desk: Desk, client: TestClient) -> None:
    ids = [desk.ready(LONG + str(number), name=f"{number}.pdf")["id"] for number in range(2)]
    answer = client.post("/exports", json={"document_ids": ids}).json()
    assert [result["tasks"] for result in answer["exported"]] == [1, 1]
    assert len(label_server.projects) == 1


def test_annotations_come_back(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG)
    client.post(f"/documents/{document['id']}/export")
    label_server.tasks[0].annotations = [{"id": 1, "result": [{"type": "rectanglelabels"}]}]
    assert client.post("/annotations/sync").json() == {"annotations": 1}
    found = client.get(f"/documents/{document['id']}/annotations").json()
    assert found == [{"page": 1, "results": [[{"type": "rectanglelabels"}]]}]
