"""Everything that differs between a laptop and the server, read from the environment once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where the desk keeps its files and whom it talks to."""

    data_dir: Path = Path("data")
    device: str = "auto"
    models_path: Path | None = None
    render_dpi: int = 200
    ocr_language: str = "eng"
    ocr_min_chars: int = 20
    label_studio_url: str = "http://localhost:8080"
    label_studio_api_key: str = ""
    label_project: str = "Document desk"
    webhook_url: str = ""
    webhook_secret: str = ""
    public_url: str = "http://localhost:8000"
    keep_days: int = 30
    allowed_origins: list[str] = field(default_factory=lambda: ["http://localhost:5173"])

    @property
    def upload_dir(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def image_dir(self) -> Path:
        return self.data_dir / "images"

    @property
    def checkpoint_dir(self) -> Path:
        return self.data_dir / "checkpoints"

    @property
    def report_dir(self) -> Path:
        return self.data_dir / "reports"

    @property
    def database_path(self) -> Path:
        return self.data_dir / "docdesk.sqlite3"

    @property
    def journal_path(self) -> Path:
        return self.data_dir / "journal.jsonl"

    def create_directories(self) -> None:
        """Create every directory the desk writes to."""
        for directory in (self.upload_dir, self.image_dir, self.checkpoint_dir, self.report_dir):
            directory.mkdir(parents=True, exist_ok=True)

    @classmethod
    def from_env(cls) -> Settings:
        """Read the ``DOCDESK_*`` variables."""
        env = os.environ
        models = env.get("DOCDESK_MODELS_PATH")
        return cls(
            data_dir=Path(env.get("DOCDESK_DATA_DIR", "data")),
            device=env.get("DOCDESK_DEVICE", "auto"),
            models_path=Path(models) if models else None,
            render_dpi=int(env.get("DOCDESK_RENDER_DPI", "200")),
            ocr_language=env.get("DOCDESK_OCR_LANGUAGE", "eng"),
            label_studio_url=env.get("LABEL_STUDIO_URL", "http://localhost:8080"),
            label_studio_api_key=env.get("LABEL_STUDIO_API_KEY", ""),
            label_project=env.get("DOCDESK_LABEL_PROJECT", "Document desk"),
            webhook_url=env.get("DOCDESK_WEBHOOK_URL", ""),
            webhook_secret=env.get("DOCDESK_WEBHOOK_SECRET", ""),
            public_url=env.get("DOCDESK_PUBLIC_URL", "http://localhost:8000"),
            keep_days=int(env.get("DOCDESK_KEEP_DAYS", "30")),
            allowed_origins=env.get("DOCDESK_ORIGINS", "http://localhost:5173").split(","),
        )
