"""The JSON form holds everything, fits its schema, and comes out the same each time."""

from __future__ import annotations

import json

import jsonschema
import pytest
from brownout.project.auditing import audit_workspace
from brownout.project.settings import Settings
from brownout.project.workspace import open_workspace
from brownout.render.audit import FORMATS, render
from brownout.render.audit.json import schema

from audit.auditing import DOCDESK, audit, docdesk


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))


@pytest.mark.parametrize(
    "found", [docdesk(), audit({"shop/sums.py": "x = 1\n"}, "2026-01-31")], ids=["docdesk", "nothing"]
)
def test_the_document_fits_its_schema(found):
    jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(render(found, "json")))


def test_a_document_with_a_key_too_many_does_not():
    page = json.loads(render(docdesk(), "json"))
    page["score"]["colour"] = "red"
    assert list(jsonschema.Draft202012Validator(json.loads(schema())).iter_errors(page))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_second_audit_is_the_same_to_the_byte(name):
    again = audit_workspace(open_workspace(DOCDESK, [DOCDESK], Settings()), Settings())
    assert render(again, name) == render(docdesk(), name)


def test_every_issue_and_every_way_is_in_it():
    page = json.loads(render(docdesk(), "json"))
    assert [issue["id"] for issue in page["issues"]] == [issue.id for issue in docdesk().issues]
    assert sum(len(cell["ways"]) for cell in page["failures"]["cells"]) == docdesk().failures.ways
