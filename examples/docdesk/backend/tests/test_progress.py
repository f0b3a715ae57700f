from __future__ import annotations

import contextlib
from typing import Any

from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.conftest import LONG, Desk


def until_done(socket: Any) -> list[dict[str, Any]]:
    """Every step up to the last one."""
    steps: list[dict[str, Any]] = []
    while not steps or steps[-1]["stage"] != "done":
        message = socket.receive_json()
        if "stage" in message:
            steps.append(message)
    return steps


def test_the_dashboard_sees_every_stage(desk: Desk, client: TestClient) -> None:
    with contextlib.suppress(WebSocketDisconnect), client.websocket_connect("/ws/progress") as socket:
        document = desk.upload(LONG, "")
        steps = until_done(socket)
        assert {step["document_id"] for step in steps} == {document["id"]}
        assert [step["stage"] for step in steps] == ["convert", "render", "read", "read", "done"]
        assert [step["percent"] for step in steps] == sorted(step["percent"] for step in steps)


def test_two_dashboards_see_the_same(desk: Desk, client: TestClient) -> None:
    with contextlib.suppress(WebSocketDisconnect), client.websocket_connect("/ws/progress") as one:
        with contextlib.suppress(WebSocketDisconnect), client.websocket_connect("/ws/progress") as two:
            desk.upload(LONG)
            assert until_done(one) == until_done(two)


def test_a_late_dashboard_learns_where_things_stand(desk: Desk, client: TestClient) -> None:
    desk.ready(LONG)
    with contextlib.suppress(WebSocketDisconnect), client.websocket_connect("/ws/progress") as socket:
        assert until_done(socket)[-1]["percent"] == 100


def test_the_dashboard_answers_pings(client: TestClient) -> None:
    with contextlib.suppress(WebSocketDisconnect), client.websocket_connect("/ws/progress") as socket:
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}


def test_one_document_can_be_watched(desk: Desk, client: TestClient) -> None:
    document = desk.ready(LONG)
    with client.websocket_connect(f"/ws/documents/{document['id']}") as socket:
        assert until_done(socket)[-1]["message"] == "1 pages"
