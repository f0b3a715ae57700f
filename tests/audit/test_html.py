"""The HTML form: well-formed, self-contained, whole, and safe against what stands in the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from brownout.render.audit import render

from audit.auditing import audit, docdesk

VOID = {"meta", "input", "br", "hr", "img", "link", "wbr"}


class Page(HTMLParser):
    """Checks that tags close in order, and collects ids, links and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.loads, self.texts, self.scripts = [], [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found.get("href"))
        self.loads += [found[key] for key in ("src", "srcset", "data", "poster") if key in found]
        self.loads += [found["href"]] if tag == "link" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        (self.scripts if self.open and self.open[-1] in ("script", "style") else self.texts).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def html() -> str:
    return render(docdesk(), "html")


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_every_tag_is_closed_and_every_id_is_one(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_it_loads_nothing(html, page):
    assert page.loads == []
    assert not re.search(r"@import|url\(|https?://[^\s\"'<]*\.(js|css|woff)", "".join(page.scripts))


def test_every_link_leads_somewhere_in_the_page(page):
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_every_issue_stands_in_it_with_its_fields(page):
    assert [found for found in page.ids if found.startswith("BRN-")] == [issue.id for issue in docdesk().issues]
    for word in ("The Problem", "Failure Scenario", "Current Behavior", "How to Verify", "The Fix"):
        assert page.text.count(word) >= len(docdesk().issues)


def test_every_pair_of_the_map_can_be_pressed_and_told(html):
    script = re.search(r'<script type="application/json" id="ways">(.*?)</script>', html, re.DOTALL)
    assert script is not None
    told = json.loads(script[1])
    pressed = re.findall(r'data-pair="(\d+/\d+)"', html)
    assert sorted(pressed) == sorted(told["cells"])
    assert sum(len(ways) for ways in told["cells"].values()) == docdesk().failures.ways


def test_all_parts_are_in_it(page):
    for part in ("down", "map", "findings", "suspicious", "environment", "coverage", "chaos", "score", "plan"):
        assert part in page.ids


def test_nothing_in_the_code_can_break_out():
    evil = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>'
    code = (
        "import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        f"@app.get({evil!r})\ndef load(url):\n    return requests.get(url + {evil!r})\n"
    )
    text = render(audit({"shop/app.py": code, "web/a.ts": f"fetch(`{evil}`)\n"}), "html")
    page = Page(text)
    assert page.open == []
    assert page.loads == []
    assert text.count("<script") == 2
    assert evil not in text


def test_nothing_found_is_a_page_too():
    page = Page(render(audit({"shop/sums.py": "x = 1\n"}), "html"))
    assert page.open == []
    assert "Not scored" in page.text


def test_a_browser_shows_it_without_an_error(html, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    probe = "<script>addEventListener('error', (e) => { document.title = 'ERROR ' + e.message; });</script></head>"
    after = (
        "<script>document.querySelector('#words').value = 'docling';"
        "document.querySelector('#words').dispatchEvent(new Event('input'));"
        "document.querySelector('[data-pair]').click();"
        "setTimeout(() => { document.body.dataset.shown = "
        "[...document.querySelectorAll('.finding')].filter((n) => !n.hidden).length + ' ' + "
        "document.querySelectorAll('dialog[open] .way').length; }, 300);</script></body>"
    )
    file = tmp_path / "audit.html"
    file.write_text(html.replace("</head>", probe).replace("</body>", after), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"]
    done = subprocess.run([*command, file.as_uri()], capture_output=True, text=True, timeout=120)
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None and not title[1].startswith("ERROR"), title
    shown = re.search(r'data-shown="(\d+) (\d+)"', done.stdout)
    assert shown is not None
    assert 0 < int(shown[1]) < len(docdesk().issues)
    assert int(shown[2]) > 0
