"""The webhook that tells other systems about finished documents."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from typing import Any

import requests

from docdesk import __version__
from docdesk.models import Document
from docdesk.settings import Settings

log = logging.getLogger(__name__)


class WebhookNotifier:
    """Posts signed events to the configured address."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.webhook_url
        self.secret = settings.webhook_secret
        self.public_url = settings.public_url
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"docdesk/{__version__}"
        self.session.headers["Content-Type"] = "application/json"

    def document_ready(self, document: Document) -> None:
        self.send("document.ready", {**self.describe(document), "pages": document.page_count})

    def document_exported(self, document: Document, project_id: int) -> None:
        self.send("document.exported", {**self.describe(document), "project_id": project_id})

    def describe(self, document: Document) -> dict[str, Any]:
        """What every event says about its document."""
        return {
            "id": document.id,
            "filename": document.filename,
            "url": f"{self.public_url}/documents/{document.id}",
        }

    def sign(self, body: bytes) -> str:
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def send(self, event: str, payload: dict[str, Any]) -> None:
        """Post one event; nothing happens when no webhook is configured."""
        if not self.url:
            return
        body = json.dumps({"event": event, "document": payload}).encode()
        response = self.session.post(self.url, data=body, headers={"X-Docdesk-Signature": self.sign(body)})
        response.raise_for_status()
        log.info("%s delivered: %s", event, response.status_code)

    def reachable(self) -> bool:
        """Whether somebody is listening at the other end; asked by the diagnostics page."""
        if not self.url:
            return True
        try:
            return self.session.head(self.url, timeout=3).status_code < 500
        except requests.RequestException as exc:
            log.warning("webhook is not reachable: %s", exc)
            return False
