"""Answers of AWS in which one member is not what it is: a release goes on, waits, or ends with a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.inputs import tried
from tests.fuzz.lies import ABSENT, STORIES, WORLDS, Lie, lies, places, trouble


@pytest.fixture(autouse=True, scope="module")
def known() -> None:
    """Find out what there is to lie about before hypothesis draws from it."""
    places()


def test_there_is_something_to_lie_about() -> None:
    """Members of every depth, and of each enumeration that botocore knows."""
    deepest = max(len(place.path) for place in places())
    assert (True, True) == (deepest >= 6, any("draining" in place.values for place in places()))


@pytest.mark.parametrize("story", STORIES, ids=" ".join)
@given(lies(), st.sampled_from(WORLDS))
@tried(6)
def test_a_release_bears_what_aws_leaves_out(story: tuple[str, ...], lie: Lie, balancers: tuple[str, ...]) -> None:
    """No bug of ours, no character that a terminal obeys; the floor is kept, and in the end nothing is left over."""
    assert [] == trouble(lie, balancers, story)


@pytest.mark.parametrize("story", STORIES[:2], ids=" ".join)
def test_a_story_without_a_lie_is_clean(story: tuple[str, ...]) -> None:
    """What is found is the lie's doing."""
    assert [] == trouble(Lie("-", ("-",), ABSENT, None, 0, 1), WORLDS[-1], story)
