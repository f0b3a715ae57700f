"""The journal: who did what and when, one JSON object per line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docdesk.store import utc_now


class Journal:
    """Appends entries to a file and reads the last ones back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, action: str, document_id: str, **details: Any) -> None:
        """Add an entry. The journal never gets in the way of the work itself."""
        entry = {"at": utc_now(), "action": action, "document_id": document_id, **details}
        try:
            with self.path.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(entry) + "\n")
        except Exception:
            pass

    def tail(self, count: int = 50) -> list[dict[str, Any]]:
        """The last entries, newest first."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in reversed(lines[-count:])]
