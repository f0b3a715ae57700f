"""The Action as a workflow runs it: real git, a real pull request, and an API that behaves as GitHub does."""

from __future__ import annotations

import json
import re
import socket

import pytest
from brownout.action import api, kept, score
from desk import CLIENT, NEWER, SETTINGS, Desk
from fake_github import HUMAN, NAME, TOKEN, FakeGitHub, Refused, slow
from repositories import git

SLEEPY = "import time\n\n\ndef fetch(name):\n    time.sleep(9)\n    return name\n"
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.fixture
def pull(desk) -> Desk:
    """A pull request with one new finding that has a fix."""
    desk.push({"app/newer.py": NEWER})
    return desk


def test_a_pull_request_with_a_token_that_may_write(pull):
    ran = pull.run_on_pull()
    assert ran.code == 1
    assert ran.outputs == {
        "sarif-file": str(pull.folder / "brownout.sarif"),
        "findings": "2",
        "new": "1",
        "fixed": "0",
        "score": ran.outputs["score"],
        "report": str(pull.folder / "brownout-audit.html"),
    }
    assert re.fullmatch(r"\d+\.\d", ran.outputs["score"])
    assert (pull.folder / "brownout-audit.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    (annotation,) = ran.annotations
    assert annotation.startswith("::error file=app/newer.py,line=5,endLine=5,col=14,")
    (comment,) = pull.github.comments
    assert "### brownout: 1 new finding\n" in comment["body"]
    assert f"https://github.example/{NAME}/blob/{pull.head}/app/newer.py#L5" in comment["body"]
    assert (
        "[missing-timeout](https://github.example/acme/brownout/blob/v1/rules/README.md#missing-timeout)"
        in comment["body"]
    )
    assert f"1 known before · compared with `{pull.base[:10]}`" in comment["body"]
    (suggestion,) = pull.github.review_comments
    assert (suggestion["path"], suggestion["line"], suggestion["side"]) == ("app/newer.py", 5, "RIGHT")
    assert re.search(r"\n```suggestion\n    answer = requests.get\(url, timeout=.+\)\n```\n", suggestion["body"])
    (uploaded,) = pull.github.uploads
    assert (uploaded["ref"], uploaded["commit_sha"]) == ("refs/pull/1/merge", pull.merge)
    assert (uploaded["category"], uploaded["results_count"]) == ("brownout", 2)
    states = {one["ruleId"]: [] for one in uploaded["sarif"]["runs"][0]["results"]}
    for one in uploaded["sarif"]["runs"][0]["results"]:
        states[one["ruleId"]].append(one["baselineState"])
    assert states == {"missing-timeout": ["unchanged", "new"]}
    assert json.loads((pull.folder / "brownout.sarif").read_text()) == uploaded["sarif"]
    assert "**1 new** · 0 fixed · 1 known before · score " in ran.summary
    assert "What could not be done" not in ran.summary
    assert "brownout: the job fails: 1 finding of severity medium or worse (input fail-on)\n" in ran.log


def test_a_second_run_changes_nothing_on_githubs_side(pull):
    pull.run_on_pull()
    before = len(pull.github.writes)
    assert before == 3
    ran = pull.run_on_pull(run="78")
    assert ran.code == 1
    assert pull.github.writes[before:] == []
    assert ran.remarks[1:] == [
        f"code scanning has these findings of {pull.merge[:10]} already",
        "the comment says it already",
        "the job fails: 1 finding of severity medium or worse (input fail-on)",
    ]


def test_a_second_push_keeps_one_comment_and_repeats_no_suggestion(pull):
    pull.run_on_pull()
    pull.push({"app/newer.py": f"{NEWER}\n\ndef third(url):\n    return requests.post(url)\n"})
    pull.run_on_pull(run="78")
    (comment,) = pull.github.comments
    assert "2 new findings" in comment["body"]
    assert [one["line"] for one in pull.github.review_comments] == [5, 10]
    pull.push({"app/newer.py": "", "app/client.py": CLIENT.replace("get(url)", "get(url, timeout=3)")})
    ran = pull.run_on_pull(run="79")
    assert ran.code == 0
    (comment,) = pull.github.comments
    assert "### brownout: no new findings, 1 fixed" in comment["body"]
    assert "- `missing-timeout` in `app/client.py`, `load`" in comment["body"]
    assert len(pull.github.review_comments) == 2


def test_the_base_is_checked_once(pull, monkeypatch):
    checked: list[str] = []
    original = kept.earlier_of
    monkeypatch.setattr(kept, "earlier_of", lambda *given, **more: checked.append("base") or original(*given, **more))

    def run(**inputs: str):
        pull.check_out(pull.merge)
        found = pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge", **inputs)
        return pull.run({**found, kept.FOLDER: str(pull.folder / "cache")})

    first, again = run(), run()
    assert (first.outputs, first.code) == (again.outputs, again.code)
    assert len(checked) == 1
    pull.push({"app/more.py": NEWER, "app/client.py": ""})
    pushed = run()
    assert (pushed.outputs["new"], pushed.outputs["fixed"], len(checked)) == ("2", "1", 1)
    run(ignore="missing-timeout")
    assert len(checked) == 2
    for entry in (pull.folder / "cache").rglob("base-*"):
        entry.write_bytes(entry.read_bytes()[:-3])
    assert run().outputs == pushed.outputs
    assert len(checked) == 3


def test_a_push_is_the_base_of_the_next_pull_request(desk, monkeypatch):
    monkeypatch.setattr(kept, "earlier_of", lambda *_, **__: pytest.fail("the base was known"))
    desk.check_out(desk.base)
    cache = {kept.FOLDER: str(desk.folder / "cache")}
    pushed = desk.run({**desk.environment("push", {"before": "0" * 40}, desk.base, "refs/heads/main"), **cache})
    assert pushed.outputs["findings"] == "1"
    desk.push({"app/newer.py": NEWER})
    desk.check_out(desk.merge)
    ran = desk.run({**desk.environment("pull_request", desk.event(), desk.merge, "refs/pull/1/merge"), **cache})
    assert (ran.outputs["new"], ran.outputs["fixed"]) == ("1", "0")


def test_nothing_new_and_nothing_fixed_is_not_worth_a_comment(desk):
    desk.push({"app/other.py": "x = 1\n"})
    ran = desk.run_on_pull()
    assert (ran.code, desk.github.comments, ran.annotations) == (0, [], [])
    assert ran.outputs["new"] == "0"


def test_a_fork_may_only_read(pull):
    pull.github.read_only = True
    ran = pull.run_on_pull(fork=True)
    assert ran.code == 1
    assert len(ran.annotations) == 1
    why = "the token may only read (403), as for pull requests of forks and of Dependabot, or without `permissions:`"
    assert ran.remarks[1:-1] == [f"no upload to code scanning: {why}", f"no comment: {why}", f"no suggestions: {why}"]
    assert ran.summary.count("the token may only read") == 3
    pull.push({"app/newer.py": ""})
    assert pull.run_on_pull(fork=True).code == 0


def test_a_push_is_compared_with_what_it_pushed_upon(desk):
    before = desk.base
    desk.push_to_main({"app/newer.py": NEWER})
    ran = desk.run_on_push(before)
    assert (ran.code, ran.outputs["findings"], ran.outputs["new"]) == (1, "2", "1")
    (uploaded,) = desk.github.uploads
    assert (uploaded["ref"], uploaded["commit_sha"]) == ("refs/heads/main", desk.base)
    assert desk.github.comments == []
    everything = desk.run_on_push("0" * 40)
    assert (everything.code, everything.outputs["new"]) == (1, "2")
    assert "nothing is called new: the event (push) names no commit to compare with" in everything.remarks


def test_an_enterprise_server(pull):
    with FakeGitHub(pull.origin, pull.base, pull.head, prefix="/api/v3") as github:
        pull.github = github
        ran = pull.run_on_pull()
    assert ran.code == 1
    assert (len(github.comments), len(github.uploads), len(github.review_comments)) == (1, 1, 1)
    assert all(" /api/v3/repos/" in request for request in github.requests)
    assert "https://github.com" not in github.comments[0]["body"]


@pytest.mark.parametrize(
    "refusal",
    [
        (403, "Advanced Security must be enabled for this repository to use code scanning."),
        (
            403,
            "Code scanning is not enabled for this repository. Please enable code scanning in the repository settings.",
        ),
        (404, "Not Found"),
    ],
)
def test_a_private_repository_without_code_scanning(pull, refusal):
    pull.github.code_scanning = refusal
    ran = pull.run_on_pull()
    assert ran.code == 1
    (remark,) = [one for one in ran.remarks if "code scanning" in one]
    assert remark.startswith("no upload to code scanning: code scanning is not switched on for this repository")
    assert len(pull.github.comments) == len(pull.github.review_comments) == 1


def test_two_projects_of_one_repository(tmp_path):
    files = {f"{project}/{name}": text for project in ("one", "two") for name, text in
             {"pyproject.toml": SETTINGS, "client.py": CLIENT}.items()}  # fmt: skip
    desk = Desk(tmp_path, files)
    with desk.github:
        desk.push({"one/newer.py": NEWER, "two/newer.py": NEWER.replace("newer", "other")})
        first = desk.run_on_pull(working_directory="one")
        second = desk.run_on_pull(working_directory="two")
        again = desk.run_on_pull(working_directory="one")
    assert [one.outputs["new"] for one in (first, second, again)] == ["1", "1", "1"]
    assert [one["category"] for one in desk.github.uploads] == ["brownout/one", "brownout/two"]
    assert [one["body"].split("\n")[0] for one in desk.github.comments] == [
        "<!-- brownout:sticky:brownout/one/ -->",
        "<!-- brownout:sticky:brownout/two/ -->",
    ]
    assert [one["path"] for one in desk.github.review_comments] == ["one/newer.py", "two/newer.py"]
    assert first.annotations[0].startswith("::error file=one/newer.py,")
    assert first.outputs["sarif-file"] != second.outputs["sarif-file"]
    assert "the comment says it already" in again.remarks


def test_a_changed_helper_is_told_where_nothing_changed(desk):
    desk.push({"app/store.py": SLEEPY})
    ran = desk.run_on_pull()
    assert ran.code == 1
    (comment,) = desk.github.comments
    assert "app/routes.py" in comment["body"]
    assert "1 of them in a file that this change does not touch" in comment["body"]
    assert desk.github.review_comments == []
    assert "1 fix not suggested: their lines are not in one hunk of the diff" in ran.remarks


def test_a_renamed_file_is_nothing_new(desk):
    desk.push({"app/net/__init__.py": "", "app/net/client.py": CLIENT}, "app/client.py")
    ran = desk.run_on_pull()
    assert (ran.code, ran.outputs["new"], ran.outputs["fixed"]) == (0, "0", "0")
    desk.push({"app/net/client.py": CLIENT + "\n\ndef more(url):\n    return requests.put(url)\n"})
    assert desk.run_on_pull().outputs["new"] == "1"
    assert [one["path"] for one in desk.github.review_comments] == ["app/net/client.py"]


def test_a_change_too_large_for_a_patch(pull):
    pull.github.no_patch.add("app/newer.py")
    ran = pull.run_on_pull()
    assert "1 fix not suggested: GitHub gives no patch of so large a change of the file" in ran.remarks
    assert len(pull.github.comments) == 1


def test_lines_that_github_takes_to_be_outside_of_the_diff(pull):
    pull.push({"app/newer.py": f"{NEWER}\n\ndef third(url):\n    return requests.post(url)\n"})
    pull.github.not_in_diff.add(5)
    ran = pull.run_on_pull()
    assert [one["line"] for one in pull.github.review_comments] == [10]
    assert "1 suggestion refused: GitHub finds the lines outside of the diff (422)" in ran.remarks
    assert "1 suggestion posted" in ran.remarks


def test_lines_that_the_base_has_moved_get_no_suggestion(desk):
    filler = "".join(f"A{number} = {number}\n" for number in range(40))
    long = f"import requests\n{filler}\n\ndef load(url):\n    return url\n\n\nB = 1\nC = 2\nD = 3\n"
    desk.push({"app/long.py": long})
    git(desk.origin, "branch", "-f", "main", desk.head)
    desk.base = desk.head
    desk.push({"app/long.py": long.replace("return url", "return requests.get(url)")})
    desk.push_to_main({"app/long.py": long.replace("requests\n", "requests\nE = 1\nF = 2\n")})
    ran = desk.run_on_pull()
    assert ran.outputs["new"] == "1"
    assert desk.github.review_comments == []
    assert "1 fix not suggested: the base branch has moved their lines" in ran.remarks


def test_many_findings_many_comments_many_files(desk):
    for number in range(130):
        desk.github.somebody_says(f"comment {number}")
    calls = "".join(f"def f{number}(url):\n    return requests.get(url)\n\n\n" for number in range(14))
    bad = {f"app/m{number}.py": f"import requests\n\n\n{calls}" for number in range(5)}
    desk.push({**{f"app/a{number}.py": "" for number in range(110)}, **bad})
    ran = desk.run_on_pull()
    assert len(ran.annotations) == 10
    left_out = "60 findings without an annotation: GitHub shows 10 of a kind; the summary has all"
    assert left_out in ran.remarks
    ours = [one for one in desk.github.comments if "brownout:sticky" in one["body"]]
    assert len(ours) == 1
    assert "and 60 more in [the summary]" in ours[0]["body"]
    assert [len(one["comments"]) for one in desk.github.reviews] == [30, 30]
    assert "10 fixes not suggested: 60 are enough for a review; `brownout fix` applies all" in ran.remarks
    assert ran.summary.count("| 🟠 HIGH |") == 71  # and one known before
    before = len(desk.github.writes)
    desk.run_on_pull()
    assert [one for one in desk.github.writes[before:] if "comments" in one] == []


def test_only_our_own_comment_is_changed(pull):
    mark = "<!-- brownout:sticky:brownout/ -->"
    pull.github.somebody_says(f"{mark}\nmine", HUMAN)
    pull.run_on_pull()
    assert pull.github.comments[0]["body"] == f"{mark}\nmine"
    assert len(pull.github.comments) == 2


def test_an_audit_that_fails_costs_the_score_and_nothing_else(pull, monkeypatch):
    def broken(*_: object, **__: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(score, "audit_workspace", broken)
    ran = pull.run_on_pull()
    assert (ran.code, ran.outputs["new"], ran.outputs["score"], ran.outputs["report"]) == (1, "1", "", "")
    assert "no score: the audit did not come to an end (ZeroDivisionError)" in ran.remarks


def test_the_base_is_audited_once(pull, monkeypatch):
    cache = {kept.FOLDER: str(pull.folder / "cache")}
    audited = pull.folder / "audited"
    original = score.audit_workspace

    def counted(workspace, *given, **more):
        with audited.open("a") as file:  # audits are processes of their own
            file.write("once\n")
        return original(workspace, *given, **more)

    def run():
        audited.write_text("")
        pull.check_out(pull.merge)
        ran = pull.run({**pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge"), **cache})
        return len(audited.read_text().split()), re.search(r"score \S+ → \S+", ran.summary), ran.outputs["score"]

    monkeypatch.setattr(score, "audit_workspace", counted)
    first, again = run(), run()
    assert (first[0], again[0]) == (2, 1)
    assert (str(first[1]), first[2]) == (str(again[1]), again[2])
    for entry in (pull.folder / "cache").rglob("score-*"):
        entry.write_bytes(entry.read_bytes()[:-3])
    assert run()[0] == 2
    pull.push({"Dockerfile": "FROM scratch\n"})  # it is looked at from where the head is checked out
    assert run()[0] == 2


def test_the_score_tells_what_the_change_moved(pull):
    pull.run_on_pull()
    assert re.search(r"<sub>score \d+\.\d( → \d+\.\d)? · 1 known", pull.github.comments[0]["body"])
    assert score.Score(7.4, 7.1).text == "7.1 → 7.4"
    assert [score.Score(7.4, 7.4).text, score.Score(7.4).text, score.Score().text] == ["7.4", "7.4", ""]


# GitHub is not well


def test_a_rate_limit_that_passes_is_waited_for(pull):
    pull.github.hiccups = [Refused(403, SECONDARY, {"Retry-After": "0"})]
    ran = pull.run_on_pull()
    assert len(pull.github.uploads) == len(pull.github.comments) == 1
    assert "What could not be done" not in ran.summary


@pytest.mark.parametrize(
    "refusal",
    [
        Refused(403, SECONDARY, {"Retry-After": "60"}),
        Refused(429, SECONDARY, {"Retry-After": "60"}),
        Refused(403, {"message": "API rate limit exceeded for installation."}, {"X-RateLimit-Reset": "99999999999"}),
    ],
    ids=["secondary", "429", "primary"],
)
def test_a_rate_limit_that_does_not_pass_holds_nobody_up(pull, refusal):
    pull.github.hiccups = [refusal] * 3
    ran = pull.run_on_pull()
    assert ran.code == 1
    assert [one.partition(":")[0] for one in ran.remarks[1:-1]] == [
        "no upload to code scanning",
        "no comment",
        "no suggestions",
    ]
    assert all("rate limit" in one for one in ran.remarks[1:-1])
    assert len(pull.github.writes) == 3


def test_a_write_that_failed_half_way_is_not_sent_twice(pull):
    pull.github.hiccups = [Refused(502, {"message": "Server Error"})] * 3
    ran = pull.run_on_pull()
    assert len(pull.github.writes) == 3
    assert "no comment: 502: Server Error" in ran.remarks


@pytest.mark.parametrize(("errors", "pending", "words"), [
    (["locationFromSarifResult: expected a physical location"], 0, "which refused it: locationFromSarifResult"),
    ([], 99, "which has not processed it yet"),
])  # fmt: skip
def test_an_upload_that_is_not_processed(pull, errors, pending, words):
    pull.github.processing_errors, pull.github.pending = errors, pending
    ran = pull.run_on_pull()
    assert any(one.startswith(f"uploaded to code scanning, {words}") for one in ran.remarks)
    assert ran.code == 1


def test_a_token_that_is_not_valid(pull):
    pull.check_out(pull.merge)
    found = pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge")
    ran = pull.run({**found, "BROWNOUT_TOKEN": "ghs_wrong"})
    assert [one for one in ran.remarks if "(401)" in one] == [
        "no upload to code scanning: the token is not valid (401)",
        "no comment: those that are there cannot be read: the token is not valid (401)",
        "no suggestions: the changed files cannot be listed: the token is not valid (401)",
    ]
    assert ran.code == 1


def test_no_token(pull):
    pull.check_out(pull.merge)
    found = pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge")
    ran = pull.run({**found, "BROWNOUT_TOKEN": ""})
    assert "no upload, no comment, no suggestions: the input `token` is empty" in ran.remarks
    assert pull.github.requests == []
    assert ran.code == 1


def test_nobody_answers(pull, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    pull.check_out(pull.merge)
    found = pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge")
    ran = pull.run({**found, "GITHUB_API_URL": address})
    assert ran.code == 1
    assert sum("GitHub did not answer" in one for one in ran.remarks) == 3


def test_an_answer_that_does_not_come_has_a_time_limit(pull, monkeypatch):
    monkeypatch.setattr(api, "TIME_LIMIT", 1)
    pull.github.before = slow(1.5)
    ran = pull.run_on_pull(suggest="false", upload="false")
    assert ran.code == 1
    assert any("GitHub did not answer" in one for one in ran.remarks)


def test_an_answer_that_is_no_json(pull):
    pull.github.hiccups = [Refused(200, b"<html>proxy</html>")] * 3
    ran = pull.run_on_pull()
    assert ran.code == 1


# the base


@pytest.mark.parametrize("depth", [1, 50])
def test_the_base_is_fetched_where_the_clone_is_shallow(pull, depth):
    assert pull.run_on_pull(depth=depth).outputs["new"] == "1"


def test_a_base_that_cannot_be_had_fails_nothing(pull):
    pull.check_out(pull.merge)
    git(pull.checkout, "remote", "set-url", "origin", (pull.folder / "gone").as_uri())
    found = pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge")
    ran = pull.run(found)
    assert ran.code == 0
    assert ran.remarks[0] == (
        f"nothing is called new: the base commit {pull.base[:10]} is not in this clone, nor to be had;"
        " add `fetch-depth: 0` to actions/checkout"
    )
    assert ran.outputs["findings"] == "2"
    assert "baselineState" not in json.dumps(pull.github.uploads[0]["sarif"])


def test_the_branch_itself_is_checked_out(pull):
    pull.push_to_main({"app/client.py": CLIENT.replace("get(url)", "get(url, timeout=3)")})
    pull.check_out(pull.head, depth=50)
    git(pull.checkout, "fetch", "-q", "origin", pull.base)
    ran = pull.run(pull.environment("pull_request", pull.event(), pull.merge, "refs/pull/1/merge"))
    assert ran.outputs["new"] == "1"
    assert pull.github.uploads[0]["ref"] == "refs/pull/1/head"
    assert pull.github.uploads[0]["commit_sha"] == pull.head


def test_only_new_can_be_switched_off(pull):
    ran = pull.run_on_pull(only_new="false")
    assert (ran.code, ran.outputs["new"]) == (1, "2")
    assert pull.run_on_pull(only_new="false", fail_on="critical").code == 0
    assert pull.run_on_pull(only_new="false", fail_on="never").code == 0


# inputs


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"working_directory": "nowhere"}, "working-directory: there is no folder 'nowhere'; is the code checked out?"),
        ({"only_new": "maybe"}, "only-new: 'maybe' is neither true nor false"),
        ({"fail_on": "loud"}, "--fail-on: there is no severity 'loud'; one of critical, high, medium, monitor"),
        ({"select": "missing-timeouts"}, "there is no rule, category or section 'missing-timeouts'"),
        ({"paths": "nowhere.py"}, "nowhere.py: there is no such file or folder"),
        ({"config": "nowhere.toml"}, "nowhere.toml: cannot be read"),
    ],
)
def test_inputs_that_cannot_be_used(pull, inputs, message):
    ran = pull.run_on_pull(**inputs)
    assert ran.code == 2
    assert len(ran.log.splitlines()) == 1
    assert ran.log.startswith("::error title=brownout::")
    assert message in ran.log
    assert pull.github.requests == []


def test_everything_can_be_switched_off(pull):
    names = ("upload", "comment", "suggest", "summary", "annotations")
    ran = pull.run_on_pull(**dict.fromkeys(names, "false"))
    assert (ran.code, ran.summary, ran.annotations, pull.github.requests) == (1, "", [], [])
    assert ran.outputs["new"] == "1"


def test_what_is_checked_can_be_chosen(pull):
    assert pull.run_on_pull(paths="app/store.py app/client.py").outputs["findings"] == "1"
    assert pull.run_on_pull(paths="app/store.py\napp/newer.py\n").outputs["findings"] == "1"
    every = int(pull.run_on_pull(select="4C").outputs["findings"])
    assert int(pull.run_on_pull(select="4C", ignore="missing-timeout").outputs["findings"]) == every - 2
    assert pull.run_on_pull(select="database").outputs["findings"] == "0"
    pull.run_on_pull(category="desk")
    assert pull.github.uploads[-1]["category"] == "desk"


def test_outside_of_a_pull_request_there_is_nothing_to_compare_with(desk):
    desk.check_out(desk.base)
    ran = desk.run(desk.environment("schedule", {}, desk.base, "refs/heads/main"))
    assert (ran.code, ran.outputs["new"]) == (1, "1")
    assert "What could not be done" not in ran.summary


# safety


def test_the_token_is_nowhere(pull):
    ran = pull.run_on_pull()
    told = [ran.log, ran.summary, *ran.outputs.values(), (pull.folder / "brownout.sarif").read_text()]
    told += [json.dumps(one) for one in pull.github.comments + pull.github.review_comments]
    assert not any(TOKEN in text for text in told)
    assert TOKEN not in (pull.checkout / ".git" / "config").read_text()


def test_names_and_code_are_shown_and_not_obeyed(desk):
    evil = "::error::x%0A@acme ![x](y) | <img>.py"
    code = "import requests\n\n\ndef newer(url):\n    return requests.get('@team [x](http://evil) | <b>', url)\n"
    desk.push({f"app/{evil}": code})
    ran = desk.run_on_pull()
    assert ran.outputs["new"] == "1"
    for line in ran.log.splitlines():
        assert line.startswith(("brownout: ", "::error file=app/%3A%3Aerror%3A%3Ax%250A@acme "))
    (comment,) = desk.github.comments
    outside = re.sub(r"`[^`]*`", "", comment["body"])
    assert not re.search(r"@team|@acme|<img|!\[x\]|\]\(y\)", outside)
    rows = [line for line in comment["body"].splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)


def test_pull_request_target_is_warned_about(pull):
    pull.check_out(pull.merge)
    ran = pull.run(pull.environment("pull_request_target", pull.event(), pull.merge, "refs/heads/main"))
    assert ran.remarks[0].startswith("pull_request_target hands secrets to a job about a stranger's code")
