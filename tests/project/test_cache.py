"""A check that remembers says what a check from scratch says, whatever has changed."""

from __future__ import annotations

import json
import os
import shutil
import sys

import brownout
import pytest
from brownout.project.cache.stamp import stamp
from brownout.project.cache.store import Store
from cached import BAD, GOOD, Desk
from repositories import git


@pytest.fixture
def desk(tmp_path, capsys, monkeypatch) -> Desk:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("BROWNOUT_CACHE_DIR", raising=False)
    desk = Desk(tmp_path / "desk", capsys, monkeypatch)
    desk.write("pyproject.toml", "")
    desk.write("app.py", BAD)
    desk.write("inner/part.py", GOOD)
    desk.write("requirements.txt", "requests==2.31.0\n")
    return desk


def test_an_unchanged_tree_is_remembered(desk):
    first, second = desk.check(), desk.check()
    assert (first.worked, second.worked) == (True, False)
    assert second.said == first.said == desk.fresh().said
    assert json.loads(second.text)["rule"] == "missing-timeout"


def test_the_folder_is_ignored_by_git_and_by_backups(desk):
    desk.check()
    folder = desk.root / ".brownout_cache"
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_times_that_changed_are_not_contents_that_changed(desk):
    desk.check()
    desk.age()
    assert not desk.check().worked
    assert not desk.check().worked


def test_the_old_content_again_is_remembered(desk):
    first = desk.check()
    desk.write("app.py", GOOD)
    assert desk.check().worked
    desk.write("app.py", BAD)
    again = desk.check()
    assert again.said == first.said
    assert not again.worked


def same_size_same_time(desk):
    place = desk.root / "app.py"
    before = place.stat()
    place.write_text(BAD.replace("get(", "put("))
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))


def linked_elsewhere(desk):
    for name in ("one", "two"):
        (desk.root.parent / name).mkdir(exist_ok=True)
        (desk.root.parent / name / "far.py").write_text(BAD if name == "two" else GOOD)
    link = desk.root / "link"
    if link.is_symlink():
        link.unlink()
        link.symlink_to(desk.root.parent / "two")
    else:
        link.symlink_to(desk.root.parent / "one")


CHANGES = {
    "a content": lambda desk: desk.write("app.py", GOOD),
    "a content of the same size and time": same_size_same_time,
    "a new file": lambda desk: desk.write("new.py", BAD),
    "a new file in a folder": lambda desk: desk.write("inner/new.py", BAD),
    "a new folder": lambda desk: desk.write("other/new.py", BAD),
    "a file that is gone": lambda desk: (desk.root / "app.py").unlink(),
    "a new name": lambda desk: (desk.root / "app.py").rename(desk.root / "main.py"),
    "a folder's new name": lambda desk: (desk.root / "inner").rename(desk.root / "tests"),
    "an ignored file": lambda desk: desk.write(".gitignore", "app.py\n"),
    "an ignored file in a folder": lambda desk: desk.write("inner/.gitignore", "*.py\n"),
    "settings": lambda desk: desk.write("pyproject.toml", '[tool.brownout]\nignore = ["missing-timeout"]\n'),
    "settings of our own": lambda desk: desk.write("brownout.toml", 'fail-on = "critical"\n'),
    "broken settings": lambda desk: desk.write("brownout.toml", "fail-on = 3\n"),
    "a lock file": lambda desk: desk.write("requirements.txt", "requests==1.0.0\n"),
    "a new lock file": lambda desk: desk.write("uv.lock", ""),
    "an environment": lambda desk: desk.write("inner/pyvenv.cfg", ""),
    "a link": linked_elsewhere,
    "a file that cannot be read": lambda desk: (desk.root / "app.py").write_bytes(b"\xff\xfe\x00"),
    "a file that is a folder now": lambda desk: ((desk.root / "app.py").unlink(), (desk.root / "app.py").mkdir()),
    "exclude of git": lambda desk: (git(desk.root, "init", "-q"), desk.write(".git/info/exclude", "app.py\n")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_seen(desk, change):
    desk.age()
    again = desk.check()
    for _ in range(2 if change is linked_elsewhere else 1):
        change(desk)
        again = desk.check()
        assert again.said == desk.fresh().said
        assert desk.check().said == again.said
    if change is linked_elsewhere:
        assert again.text.count("missing-timeout") == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda desk: desk.write("build/__init__.py", ""),
        lambda desk: shutil.rmtree(desk.root / "build"),
        lambda desk: desk.write(".gitignore", "app.py\n"),
    ],
)
def test_a_folder_that_was_left_out_is_looked_at_again(desk, change):
    desk.write("build/made.py", BAD)
    desk.write(".gitignore", "inner\n")
    assert desk.check().text.count("missing-timeout") == 1
    change(desk)
    assert desk.check().said == desk.fresh().said


def test_what_is_left_out_does_not_count(desk):
    desk.write(".gitignore", "data\n")
    desk.write("data/one.py", BAD)
    desk.check()
    desk.write("data/two.py", BAD)
    desk.write(".venv/three.py", BAD)
    desk.write("notes.md", "")
    desk.write("__pycache__/app.pyc", "")
    assert not desk.check().worked


@pytest.mark.parametrize(
    "arguments",
    [
        ["--select", "database"], ["--ignore", "missing-timeout"], ["--min-severity", "critical"], ["--isolated"],
        ["--exclude", "app.py"], ["--statistics"], ["--no-respect-gitignore"], ["--show-suppressed"],
        ["--fail-on", "critical"], ["--suspected"], ["--output-format", "sarif"],
    ],
)  # fmt: skip
def test_other_words_are_another_question(desk, arguments):
    desk.check()
    asked = desk.check(*arguments)
    assert asked.worked
    assert asked.said == desk.fresh(*arguments).said
    assert not desk.check(*arguments).worked


def test_one_file_is_another_question(desk):
    desk.check()
    assert desk.check(path="inner").worked
    assert desk.check(path="inner").text == ""
    assert desk.check().text != ""


def test_the_same_for_a_file_of_answers_and_an_exit_code(desk, tmp_path):
    assert desk.check("--exit-zero").code == 0
    assert desk.check("-o", str(tmp_path / "out")).code == 1
    assert not desk.check("-o", str(tmp_path / "out")).worked
    assert "missing-timeout" in (tmp_path / "out").read_text()


def test_the_time_that_is_told_is_the_time_that_it_took(desk):
    desk.check("--output-format", "concise")
    again = desk.check("--output-format", "concise")
    assert not again.worked
    assert ", 86399999" not in again.text
    assert float(again.text.splitlines()[1].split(", ")[-1].removesuffix(" s.")) < 60


def test_a_baseline_counts(desk, tmp_path):
    desk.write("base.json", '{"version": 1, "findings": []}')
    arguments = ("--baseline", str(desk.root / "base.json"))
    assert desk.check(*arguments).code == 1
    assert not desk.check(*arguments).worked
    desk.write("base.json", "no baseline")
    assert desk.check(*arguments).code == 2


def test_settings_from_elsewhere_count(desk, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text('ignore = ["missing-timeout"]\n')
    assert desk.check("--config", str(other)).code == 0
    other.write_text("")
    assert desk.check("--config", str(other)).code == 1


def test_another_python_is_another_question(desk, monkeypatch):
    desk.check()
    monkeypatch.setattr(sys, "version", "4.0")
    assert desk.check().worked


def test_code_of_ours_that_changed_is_another_brownout(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    code = tmp_path / "code"
    code.mkdir()
    (code / "rule.py").write_text("x = 1\n")
    monkeypatch.setattr(brownout, "__path__", [str(code)])
    store = Store(str(tmp_path))
    before = stamp(store)
    os.utime(code / "rule.py", (1_000_000_000, 1_000_000_000))
    assert stamp(store) == before
    (code / "rule.py").write_text("x = 2\n")
    os.utime(code / "rule.py", (1_000_000_000, 1_000_000_000))
    assert stamp(store) != before


def test_a_fresh_checkout_is_remembered_by_what_git_knows(desk, monkeypatch, tmp_path):
    monkeypatch.setattr("brownout.project.cache.reading.MANY", 0)
    git(desk.root, "init", "-q")
    git(desk.root, "add", ".")
    git(desk.root, "commit", "-qm", "first")
    store = ("--cache-dir", str(tmp_path / "kept"))
    first = desk.check(*store)
    shutil.move(desk.root, tmp_path / "before")
    git(tmp_path, "clone", "-q", str(tmp_path / "before"), str(desk.root))
    again = desk.check(*store)
    assert again.said == first.said
    assert not again.worked
    desk.write("app.py", GOOD)
    assert desk.check(*store).text == ""


def test_other_folders_for_what_is_kept(desk, tmp_path, monkeypatch):
    desk.check("--cache-dir", str(tmp_path / "named"))
    assert not desk.check("--cache-dir", str(tmp_path / "named")).worked
    monkeypatch.setenv("BROWNOUT_CACHE_DIR", str(tmp_path / "environment"))
    assert desk.check().worked
    assert not desk.check().worked
    assert not (desk.root / ".brownout_cache").exists()


def test_no_cache_keeps_nothing_and_believes_nothing(desk):
    assert desk.fresh().worked
    assert not (desk.root / ".brownout_cache").exists()
    desk.check()
    assert desk.fresh().worked
