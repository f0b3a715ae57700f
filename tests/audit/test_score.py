"""The score: monotone, capped, and told as it is made."""

from __future__ import annotations

import pytest
from brownout.audit.score import BANDS, Open, band, value
from brownout.core import Level, Severity
from brownout.render.audit.badge import badge
from hypothesis import given
from hypothesis import strategies as st

from audit.auditing import audit, docdesk


def scored(effects, findings) -> float:
    """The score of something that can be scored."""
    found = value(effects, findings)
    assert found is not None
    return found


SECTIONS = [f"{number}{letter}" for number in range(1, 8) for letter in "ABC"]
one = st.builds(
    Open,
    severity=st.sampled_from(Severity),
    likelihood=st.sampled_from(Level),
    section=st.sampled_from(SECTIONS),
    reach=st.floats(0, 1),
)
many = st.lists(one, max_size=60)
effects = st.integers(1, 5000)


@given(effects, many, one)
def test_another_finding_never_raises_the_score(count, findings, more):
    assert scored(count, [*findings, more]) <= scored(count, findings)


@given(effects, many, st.data())
def test_fixing_any_never_lowers_it(count, findings, data):
    left = [found for found in findings if data.draw(st.booleans())]
    assert scored(count, left) >= scored(count, findings)


@given(effects, many)
def test_it_lies_between_one_and_ten_whatever_the_order(count, findings):
    found = scored(count, findings)
    assert 1 <= found <= 10
    assert found == scored(count, list(reversed(findings)))
    assert band(found)[1] in {sentence for _, _, sentence in BANDS}


@given(effects, many)
def test_the_caps_hold(count, findings):
    found = scored(count, findings)
    critical = {finding.section for finding in findings if finding.severity is Severity.CRITICAL}
    if critical:
        assert found <= 6
    if len(critical) >= 3:
        assert found <= 4
    if any(finding.severity is Severity.HIGH for finding in findings):
        assert found < 9


@given(st.integers(50, 500), st.lists(one, min_size=1, max_size=20), st.integers(2, 9))
def test_a_project_that_is_larger_and_equally_careful_scores_the_same(count, findings, times):
    small, large = scored(count, findings), scored(count * times, findings * times)
    assert abs(small - large) <= 0.2


def test_nothing_that_can_fail_is_not_scored():
    assert value(0, []) is None
    assert audit({"shop/sums.py": "x = 1\n"}).score.value is None


def test_nothing_found_is_ten():
    assert value(12, []) == 10.0


def test_a_suspicion_does_not_count():
    silent = (
        "from pathlib import Path\n\n\ndef read(p):\n    try:\n        return Path(p).read_text()\n    except "
        "Exception:\n        return None\n"
    )
    found = audit({"shop/files.py": silent})
    assert [one.section for one in found.suspicions] == ["7A"]
    assert found.score.value == 10.0


@pytest.mark.parametrize(("score", "words"), [(None, "not scored"), (10.0, "10.0 / 10"), (3.4, "3.4 / 10")])
def test_the_badge_is_an_image_that_says_the_score(score, words):
    from xml.etree import ElementTree

    text = badge(score)
    assert words in "".join(ElementTree.fromstring(text).itertext())


def test_the_improvements_gain_most_per_minute_to_two_places():
    """Rounded to a tenth of a point, nearly every change of a large service would gain nothing, or by chance 0.1."""
    better = docdesk().score.improvements
    rates = [one.gain / max(sum(one.minutes) / 2, 1) for one in better]
    assert rates == sorted(rates, reverse=True)
    assert all(one.gain > 0 for one in better)
    assert "upload-path-traversal" in {issue.rule for issue in docdesk().issues if issue.id == better[0].issue}
