"""Checkpoints: one JSON file per document, so a restart continues where the pipeline stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

STAGES = ("new", "converted", "rendered", "read")


@dataclass
class Checkpoint:
    """How far a document got, and what the stages before produced."""

    document_id: str
    stage: str = "new"
    markdown: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def reached(self, stage: str) -> bool:
        """Whether this stage is behind us."""
        return STAGES.index(self.stage) >= STAGES.index(stage)


class CheckpointStore:
    """Loads and saves checkpoints in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path_of(self, document_id: str) -> Path:
        return self.directory / f"{document_id}.json"

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint over the one before."""
        state = {
            "document_id": checkpoint.document_id,
            "stage": checkpoint.stage,
            "markdown": checkpoint.markdown,
            "images": checkpoint.images,
            "texts": checkpoint.texts,
        }
        with open(self.path_of(checkpoint.document_id), "w", encoding="utf-8") as handle:
            json.dump(state, handle, indent=2)

    def load(self, document_id: str) -> Checkpoint:
        """The checkpoint of a document; a new one when there is none yet."""
        path = self.path_of(document_id)
        if not path.exists():
            return Checkpoint(document_id)
        state = json.loads(path.read_text(encoding="utf-8"))
        return Checkpoint(
            document_id=state["document_id"],
            stage=state["stage"],
            markdown=state["markdown"],
            images=state["images"],
            texts=state["texts"],
        )

    def clear(self, document_id: str) -> None:
        """Forget a document that is done."""
        self.path_of(document_id).unlink(missing_ok=True)
