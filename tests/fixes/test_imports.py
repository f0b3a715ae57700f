"""Imports that fixes add stand in the group where they belong, sorted, with one blank line between groups."""

from __future__ import annotations

import libcst as cst
import pytest
from brownout.fixes.imports import add_imports

FUTURE = "from __future__ import annotations\n\n"


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (f"{FUTURE}import logging\n", ("asyncio", None), f"{FUTURE}import asyncio\nimport logging\n"),
        (f"{FUTURE}import asyncio\n", ("logging", None), f"{FUTURE}import asyncio\nimport logging\n"),
        (f"{FUTURE}from zoo import Ape\n", ("asyncio", None), f"{FUTURE}import asyncio\n\nfrom zoo import Ape\n"),
        (
            "import os\n\nfrom zoo import Ape\n",
            ("bus", "Bus"),
            "import os\n\nfrom bus import Bus\nfrom zoo import Ape\n",
        ),
        (
            f"{FUTURE}# what we log\nimport logging\n",
            ("asyncio", None),
            f"{FUTURE}import asyncio\n# what we log\nimport logging\n",
        ),
    ],
)
def test_an_import_joins_its_group(before, wanted, after):
    assert add_imports(cst.parse_module(before), [wanted]).code == after
