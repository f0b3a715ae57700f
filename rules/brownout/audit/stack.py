"""The stack: libraries that the service imports, their versions, and what the front end is made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from brownout.audit.data import Component, Evidence
from brownout.audit.material import Material

_BY_ROLE = {
    "web framework": "fastapi starlette flask django sanic litestar tornado quart",
    "server": "uvicorn gunicorn hypercorn",
    "HTTP client": "requests httpx urllib3",
    "HTTP client and server": "aiohttp",
    "database": "sqlite3 aiosqlite asyncpg psycopg psycopg2 pymysql aiomysql pymongo motor elasticsearch",
    "database toolkit": "sqlalchemy sqlmodel",
    "task queue": "celery rq dramatiq arq",
    "cache and broker": "redis pika kafka aiokafka",
    "WebSockets": "websockets",
    "document processing": "docling pypdf pdfplumber fitz pymupdf docx openpyxl",
    "image processing": "cv2 PIL",
    "PDF rendering": "pdf2image weasyprint reportlab",
    "OCR": "pytesseract easyocr",
    "annotation server": "label_studio_sdk",
    "LLM": "openai anthropic litellm langchain",
    "machine learning": "torch transformers sentence_transformers onnxruntime sklearn spacy whisper ultralytics",
    "cloud": "boto3 botocore minio google",
    "retries": "tenacity backoff stamina",
    "validation": "pydantic",
}
_ROLES = {name: role for role, names in _BY_ROLE.items() for name in names.split()}
_FRONT = ("react", "vue", "svelte", "zustand", "redux", "typescript", "axios", "socket.io-client", "next")


def stack(material: Material) -> Iterator[Component]:
    """Libraries that the service imports and that brownout knows something of, and those of the front end."""
    first: dict[str, Evidence] = {}
    for path in sorted(material.codes):
        for head in sorted(material.codes[path].module.imported):
            if head not in first:
                first[head] = Evidence(path, _imported_at(head, material.codes[path].module.lines), f"imports {head}")
    for head in sorted(first, key=str.lower):
        if head in _ROLES:
            version = "Python's own" if head == "sqlite3" else material.version_of(head)
            yield Component(head, version, _ROLES[head], first[head])
    for path in sorted(material.others):
        if path.rpartition("/")[2] == "package.json":
            yield from _front(path, material.others[path])


def _imported_at(head: str, lines: Sequence[str]) -> int:
    """The first line that imports a package."""
    wanted = re.compile(rf"\s*(from\s+{re.escape(head)}\b|import\s+(.*,\s*)?{re.escape(head)}\b)")
    return next((number for number, line in enumerate(lines, 1) if wanted.match(line)), 1)


def _front(path: str, text: str) -> Iterator[Component]:
    try:
        page = json.loads(text)
        wanted = {**page.get("devDependencies", {}), **page.get("dependencies", {})}
    except (ValueError, AttributeError, TypeError):
        return
    for name in _FRONT:
        if name in wanted:
            line = next((i for i, row in enumerate(text.splitlines(), 1) if f'"{name}"' in row), 1)
            yield Component(name, str(wanted[name]), "front end", Evidence(path, line, f"{name} {wanted[name]}"))
