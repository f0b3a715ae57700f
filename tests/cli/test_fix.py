"""`brownout fix`: what is written, what is only shown, and what survives."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

DOCDESK = Path(__file__).parents[2] / "examples" / "docdesk"
BAD = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
SAFE = """from pathlib import Path


def save(path, text):
    try:
        Path(path).write_text(text)
    except Exception:
        pass
"""


def brownout(*arguments, cwd):
    command = [sys.executable, "-m", "brownout", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "brownout.toml").write_text("")
    (tmp_path / "app.py").write_text(BAD)
    return tmp_path


def test_only_safe_fixes_unless_asked(project):
    (project / "safe.py").write_text(SAFE)
    done = brownout("fix", cwd=project)
    assert done.returncode == 0
    assert (project / "app.py").read_text() == BAD
    assert 'logger.exception("save failed")' in (project / "safe.py").read_text()
    assert "1 finding fixed, 1 left (1 more fix with --unsafe" in done.stdout


def test_unsafe(project):
    brownout("fix", "--unsafe", cwd=project)
    assert (project / "app.py").read_text() == BAD.replace("(url)\n", "(url, timeout=30)\n").replace(
        "load(url, timeout=30)", "load(url)"
    )


def test_diff_writes_nothing(project):
    done = brownout("fix", "--unsafe", "--diff", cwd=project)
    assert done.returncode == 1
    assert "+    return requests.get(url, timeout=30)" in done.stdout
    assert (project / "app.py").read_text() == BAD
    subprocess.run(["patch", "-p1"], cwd=project, input=done.stdout, text=True, check=True, capture_output=True)
    assert "timeout=30" in (project / "app.py").read_text()


def test_only_the_rule_that_is_named(project):
    (project / "safe.py").write_text(SAFE)
    brownout("fix", "--unsafe", "--rule", "missing-timeout", cwd=project)
    assert "timeout=30" in (project / "app.py").read_text()
    assert (project / "safe.py").read_text() == SAFE


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + BAD.encode(),
        BAD.replace("\n", "\r\n").encode(),
        b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + BAD.encode(),
        BAD.replace("\n\n\n", "\n\x0c\n\n").encode(),
        BAD.removesuffix("\n").encode(),
    ],
    ids=["bom", "crlf", "latin-1", "form feed", "no last line end"],
)
def test_all_other_bytes_stay(project, data):
    (project / "app.py").write_bytes(data)
    done = brownout("fix", "--unsafe", cwd=project)
    assert done.returncode == 0, done.stderr
    assert (project / "app.py").read_bytes() == data.replace(b"get(url)", b"get(url, timeout=30)")


def test_permissions_stay_and_links_are_followed(project):
    (project / "app.py").chmod(0o750)
    (project / "inner").mkdir()
    (project / "app.py").rename(project / "inner" / "real.py")
    (project / "app.py").symlink_to("inner/real.py")
    brownout("fix", "--unsafe", "app.py", cwd=project)
    assert (project / "app.py").is_symlink()
    assert (project / "inner" / "real.py").stat().st_mode & 0o777 == 0o750


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_file_that_cannot_be_written(project):
    project.chmod(0o555)
    done = brownout("fix", "--unsafe", cwd=project)
    project.chmod(0o755)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert (project / "app.py").read_text() == BAD


def own_tests(root: Path) -> subprocess.CompletedProcess[str]:
    """A run of the demo's own tests, as its author runs them."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)


def findings(root: Path) -> list[dict[str, object]]:
    """What a check of the demo finds."""
    done = brownout("check", "--output-format", "json", "--exit-zero", "docdesk", cwd=root)
    return json.loads(done.stdout)["findings"]


def site(finding: dict[str, object]) -> tuple[object, ...]:
    """Where a finding lives, without line numbers."""
    return finding["rule"], finding["path"], finding["function"], finding["name"]


def test_docdesk_parses_works_and_is_rid_of_what_was_fixed(tmp_path):
    shutil.copytree(DOCDESK, tmp_path / "docdesk", ignore=shutil.ignore_patterns("node_modules"))
    backend = tmp_path / "docdesk" / "backend"
    assert own_tests(backend).returncode == 0
    before = findings(tmp_path)
    done = brownout("fix", "--unsafe", "docdesk", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for path in (tmp_path / "docdesk").rglob("*.py"):
        ast.parse(path.read_text())
    tested = own_tests(backend)
    assert tested.returncode == 0, tested.stdout
    after = findings(tmp_path)
    fixable = Counter(site(finding) for finding in before if finding["fixes"])
    assert {"missing-timeout", "blocking-call-in-async", "sqlite-without-wal"} <= {rule for rule, *_ in fixable}
    assert fixable.total() > 10
    assert Counter(map(site, after)) <= Counter(map(site, before)) - fixable
    assert not [finding for finding in after if finding["fixes"]]
    assert brownout("fix", "--unsafe", "docdesk", cwd=tmp_path).stdout.startswith("0 findings fixed")
