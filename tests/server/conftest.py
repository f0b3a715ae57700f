"""Projects to edit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from server.editor import settings

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"


@pytest.fixture
def docdesk(tmp_path: Path) -> Path:
    """A copy of the demo that may be changed."""
    root = tmp_path / "docdesk"
    shutil.copytree(DOCDESK, root, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache", "node_modules"))
    return root


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A small service of two files: a route that calls a helper."""
    root = tmp_path / "desk"
    root.mkdir()
    (root / "brownout.toml").write_text(settings(), encoding="utf-8")
    (root / "client.py").write_text(CLIENT, encoding="utf-8")
    (root / "app.py").write_text(APP, encoding="utf-8")
    return root


CLIENT = """import requests


def push(url):
    return requests.post(url, timeout=3)
"""

APP = """from fastapi import FastAPI

from client import push

app = FastAPI()


@app.post("/push")
async def send(url: str):
    push(url)
"""
