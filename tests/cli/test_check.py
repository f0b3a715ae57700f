"""`brownout check` as a user runs it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

BAD = "import requests\n\n\ndef load(url):\n    return requests.get(url)\n"
GOOD = "import requests\n\n\ndef load(url):\n    return requests.get(url, timeout=3)\n"


def brownout(*arguments, cwd, stdin=None, env=None):
    command = [sys.executable, "-m", "brownout", *arguments]
    variables = {**os.environ, "NO_COLOR": "1", **(env or {})}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", input=stdin, env=variables, timeout=120
    )


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(BAD)
    return tmp_path


def test_findings_make_it_1(project):
    done = brownout("check", cwd=project)
    assert done.returncode == 1
    assert "missing-timeout" in done.stdout
    assert "app.py:5:12" in done.stdout
    assert done.stderr == ""


def test_nothing_found_makes_it_0(project):
    (project / "app.py").write_text(GOOD)
    done = brownout("check", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--exit-zero"], 0),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "high"], 1),
        (["--min-severity", "critical"], 0),
        (["--select", "network"], 1),
        (["--select", "4C"], 1),
        (["--select", "database"], 0),
        (["--ignore", "missing-timeout"], 0),
        (["--exclude", "app.py"], 0),
        (["--exclude", "app.py", "app.py"], 1),
        (["--exclude", "app.py", "--force-exclude", "app.py"], 0),
        (["--ignore", "missing-timeouts"], 2),
        (["--exit-zero", "--select", "nonsense"], 2),
        (["nowhere.py"], 2),
        (["--min-severity", "loud"], 2),
    ],
)
def test_exit_code(project, arguments, code):
    assert brownout("check", *arguments, cwd=project).returncode == code


def test_a_typing_error_gets_a_hint(project):
    done = brownout("check", "--ignore", "missing-timeouts", cwd=project)
    assert "did you mean 'missing-timeout'?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["chekc"], "check"),
        (["check", "--statistcs"], "--statistics"),
        (["check", "--output-format", "sarfi"], "sarif"),
        (["audit", "--fail-undr", "3"], "--fail-under"),
    ],
)
def test_a_wrong_command_or_option_gets_a_hint(project, arguments, meant):
    done = brownout(*arguments, cwd=project)
    assert done.returncode == 2
    assert f"did you mean '{meant}'?" in done.stderr
    assert "did you mean" not in brownout("check", "--wibble", cwd=project).stderr


def test_standard_input_may_stand_for_a_file_in_a_folder_that_is_not_there_yet(project):
    text = "import requests\n\nrequests.get('https://example.com')\n"
    done = brownout(
        "check", "-", "--stdin-filename", "new/sub/a.py", "--output-format=concise", cwd=project, stdin=text
    )
    assert done.returncode == 1
    assert done.stdout.startswith("new/sub/a.py:3:1:")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('[tool.brownout]\nignroe = ["x"]\n', "did you mean 'ignore'?"),
        ('[tool.brownout]\nignore = ["missing-timeoutt"]\n', "did you mean 'missing-timeout'?"),
        ('[tool.brownout]\nmin-severity = "loud"\n', "min-severity"),
        ("[tool.brownout\n", "TOML"),
        ('[[tool.brownout.call]]\nnames = ["acme.get"]\nefect = "network"\n', "did you mean 'effect'?"),
        ("[tool.brownout.rules.missing-timeout]\nseconds = 3\n", "no option 'seconds'"),
    ],
)
def test_broken_settings_say_what_is_wrong(project, settings, words):
    (project / "pyproject.toml").write_text(settings)
    done = brownout("check", cwd=project)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert brownout("check", "--isolated", cwd=project).returncode == 1


def test_settings_of_the_project(project):
    (project / "pyproject.toml").write_text('[tool.brownout]\nignore = ["missing-timeout"]\n')
    assert brownout("check", cwd=project).returncode == 0
    (project / "brownout.toml").write_text('[per-file-ignores]\n"app.py" = ["missing-timeout"]\n')
    assert brownout("check", cwd=project).returncode == 0


def test_own_calls_speak_the_language_of_the_catalog(project):
    (project / "pyproject.toml").write_text(
        '[[tool.brownout.call]]\nnames = ["acme.Client.fetch"]\neffect = "network"\n'
        'timeout = { parameter = "deadline", default = "forever" }\n'
    )
    (project / "app.py").write_text("import acme\n\n\ndef load():\n    return acme.Client().fetch()\n")
    done = brownout("check", cwd=project)
    assert "no `deadline` given" in done.stdout


def test_standard_input(project):
    done = brownout("check", "-", "--output-format", "concise", cwd=project, stdin=BAD)
    assert done.stdout.startswith("stdin.py:5:12:")
    done = brownout("check", "-", "--stdin-filename", "app.py", "--output-format", "concise", cwd=project, stdin=GOOD)
    assert done.returncode == 0


def test_standard_input_sees_the_rest_of_the_project(project):
    (project / "store.py").write_text("import time\n\n\ndef save():\n    time.sleep(3)\n")
    code = "import store\n\n\nasync def route():\n    store.save()\n"
    done = brownout("check", "-", "--stdin-filename", "app.py", "--output-format", "concise", cwd=project, stdin=code)
    assert "app.py:5:5: HIGH blocking-call-in-async" in done.stdout


def test_one_file_is_told_but_the_project_is_known(project):
    (project / "store.py").write_text("import time\n\n\ndef save():\n    time.sleep(3)\n")
    (project / "route.py").write_text("import store\n\n\nasync def route():\n    store.save()\n")
    done = brownout("check", "route.py", "--output-format", "concise", cwd=project)
    assert [line.split(":")[0] for line in done.stdout.splitlines() if ": HIGH" in line] == ["route.py"]


def test_suppression_with_a_reason(project):
    (project / "app.py").write_text(BAD.replace("(url)\n", "(url)  # brownout: ignore[missing-timeout] local\n", 2))
    done = brownout("check", "--show-suppressed", cwd=project)
    assert done.returncode == 0
    assert "local" in done.stderr


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# brownout: ignore", "must name its rules"),
        ("# brownout: ignore[missing-timout]", "did you mean 'missing-timeout'?"),
        ("# brownout: ignore[sqlite-without-wal]", "unused suppression"),
    ],
)
def test_suppression_that_does_not_work_is_told(project, comment, words):
    (project / "app.py").write_text(BAD.replace("get(url)", f"get(url)  {comment}"))
    done = brownout("check", cwd=project)
    assert done.returncode == 1
    assert words in done.stderr


def test_gitignored_files_are_left_out(project):
    (project / ".gitignore").write_text("app.py\n")
    assert brownout("check", cwd=project).returncode == 0
    assert brownout("check", "app.py", cwd=project).returncode == 1
    assert brownout("check", "--no-respect-gitignore", cwd=project).returncode == 1


def test_statistics(project):
    done = brownout("check", "--statistics", cwd=project)
    assert "missing-timeout" in done.stdout
    assert "app.py" not in done.stdout


def test_output_file_and_formats(project):
    assert brownout("check", "--output-format", "sarif", "-o", "out.sarif", cwd=project).returncode == 1
    page = json.loads((project / "out.sarif").read_text())
    assert page["runs"][0]["results"][0]["ruleId"] == "missing-timeout"
    done = brownout("check", cwd=project, env={"BROWNOUT_OUTPUT_FORMAT": "concise"})
    assert done.stdout.startswith("app.py:5:12: HIGH missing-timeout ")
    assert brownout("check", cwd=project, env={"BROWNOUT_OUTPUT_FORMAT": "xml"}).returncode == 2


def test_output_file_that_cannot_be_written(project):
    done = brownout("check", "-o", "nowhere/out.txt", cwd=project)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_docstrings_there_are_no_pages(project):
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "brownout", "check"], cwd=project, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "-OO" in done.stderr


def test_show_files_and_settings(project):
    assert brownout("check", "--show-files", cwd=project).stdout == "app.py\n"
    page = json.loads(brownout("config", cwd=project).stdout)
    assert (page["source"], page["fail-on"]) == ("defaults", "medium")
    assert json.loads(brownout("config", "--schema", cwd=project).stdout)["title"] == "brownout"


def test_rule_prints_the_page(project):
    assert "# missing-timeout" in brownout("rule", "missing-timeout", cwd=project).stdout
    assert "did you mean" in brownout("rule", "missing-timeot", cwd=project).stderr
    assert len(brownout("rule", cwd=project).stdout.splitlines()) >= 12
    assert json.loads(brownout("rule", "--output-format", "json", cwd=project).stdout)[0]["name"]


def test_nobody_reads(project):
    command = f"{sys.executable} -m brownout rule --all | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr


def test_the_same_twice(project):
    for name in ("a", "b", "c"):
        (project / f"{name}.py").write_text(BAD)
    first, second = (
        brownout("check", "--output-format", "json-lines", cwd=project, env={"PYTHONHASHSEED": seed}).stdout
        for seed in "12"
    )
    assert first == second


def test_paths_are_relative_to_where_one_stands(project):
    (project / "inner").mkdir()
    done = brownout("check", "..", "--output-format", "concise", cwd=project / "inner")
    assert done.stdout.startswith("../app.py:5:12")


def test_two_projects_are_checked_without_what_stands_beside_them(tmp_path):
    for name in ("desk", "intake", "other"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "app.py").write_text(BAD)
    (tmp_path / "desk" / "pyproject.toml").write_text("")
    done = brownout("check", "desk", "intake", "--output-format", "concise", cwd=tmp_path)
    assert [line.split(":")[0] for line in done.stdout.splitlines() if ": HIGH" in line] == [
        "desk/inner/app.py",
        "intake/inner/app.py",
    ]
    assert "in 2 files" in done.stdout
    (tmp_path / "pyproject.toml").write_text("")  # now it is one project, of which two parts are asked about
    assert "in 3 files" in brownout("check", "desk", "intake", "--output-format", "concise", cwd=tmp_path).stdout


def test_a_script_in_no_project_is_read_with_what_is_beside_it(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "app.py").write_text(BAD)
    (tmp_path / "store.py").write_text("import time\n\n\ndef save():\n    time.sleep(3)\n")
    (tmp_path / "script.py").write_text("import store\n\n\nasync def route():\n    store.save()\n")
    done = brownout("check", "script.py", "--output-format", "concise", cwd=tmp_path)
    assert "script.py:5:5: HIGH blocking-call-in-async" in done.stdout
    assert "in 2 files" in done.stdout
