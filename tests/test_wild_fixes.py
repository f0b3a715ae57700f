"""Three hundred fixes, carried out on the demo, our own pages and two published packages; `make fixes` does all."""

from __future__ import annotations

import subprocess

from wild.edited import strays
from wild.fixes import own_grounds, seeded, wild_ground

SMALL = ("sanic", "scrapy")


def grounds():
    """Our own code, and the packages as far as they can be fetched."""
    yield from own_grounds()
    for name in SMALL:
        try:
            yield wild_ground(name)
        except (subprocess.SubprocessError, OSError):
            continue


def test_fixes_do_what_they_should_and_nothing_else():
    verdicts = seeded(grounds(), 300, "brownout")

    assert len(verdicts) > 250
    assert [(one.rule, one.place) for one in verdicts if one.refused] == []
    assert [(one.rule, one.place, one.wrong) for one in verdicts if one.wrong] == []


def test_a_change_elsewhere_is_told():
    before = "import os\n\n\ndef one():\n    return os.listdir()\n\n\ndef two():\n    return 2\n"

    assert list(strays(before, before.replace("import os\n", "import json\nimport os\n"), [])) == []
    assert list(strays(before, before.replace("return 2", "return 3"), [])) == ["line 9 changed"]
