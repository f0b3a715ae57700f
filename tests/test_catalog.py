"""Every library page says what the library itself says, at the version that the page names."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from brownout.catalog import Catalog
from brownout.catalog.load import expand
from brownout.catalog.schema import Page
from catalog.judge import judge, library_of, pages, validated

PAGES = pages()
UNCHECKED = tomllib.loads((Path(__file__).parent / "catalog" / "unchecked.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_page_speaks_the_language(name):
    page = validated(PAGES[name])
    assert page.library == name
    if isinstance(page, Page):
        assert page.docs.startswith("https://")
        for call in page.calls:
            for pattern in call.names:
                assert all(one.partition(".")[0] == name for one in expand(pattern)), pattern


@pytest.mark.parametrize("name", [name for name, raw in PAGES.items() if "same_as" not in raw and not raw.get("big")])
def test_page_agrees_with_the_library(name):
    page = validated(PAGES[name])
    assert isinstance(page, Page)
    verdict = judge(page, library_of(page))
    assert verdict.wrong == []
    listed = {one for names in UNCHECKED.get(name, {}).values() for one in names}
    assert not {one: why for one, why in verdict.unchecked.items() if one not in listed}, "not in unchecked.toml"


@pytest.mark.parametrize("name", [name for name, raw in PAGES.items() if "same_as" not in raw])
def test_every_name_can_be_asked_for(name):
    catalog = Catalog({PAGES[name]["distribution"]: PAGES[name]["checked"]})
    for call in PAGES[name].get("call", ()):
        for pattern in call["names"]:
            for one in expand(pattern):
                assert catalog.entry(one.replace(".**", ".anything")) is not None, one
