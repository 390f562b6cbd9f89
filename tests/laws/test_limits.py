"""How few may serve and how many may run: Kubernetes' figures, for any demand, and nothing that ever stalls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.limits import (
    STRATEGIES,
    Pace,
    Rolling,
    Share,
    is_lower,
    learned_share,
    limits_of,
    parse_share,
    told_share,
)
from bluegreen.flow.terms import limiting, limits_told
from bluegreen.targets.pair.settings import ServiceSettings
from tests.support.values import release

SHARES = st.builds(Share, st.integers(0, 100), st.just(True)) | st.builds(Share, st.integers(0, 1000))
LIMITS = st.builds(Rolling, SHARES, SHARES).filter(lambda one: (one.surge.number, one.unavailable.number) != (0, 0))
DEMANDS = st.integers(1, 1000)


def exactly(share: Share, demand: int) -> Fraction:
    """Return a share of demand, unrounded."""
    return Fraction(share.number * demand, 100) if share.percent else Fraction(share.number)


@given(LIMITS, DEMANDS)
def test_the_figures_are_those_of_kubernetes(limits: Rolling, demand: int) -> None:
    """The surge rounded up, what may be missing down, one where both are nothing; never fewer than none."""
    surge, missing = math.ceil(exactly(limits.surge, demand)), math.floor(exactly(limits.unavailable, demand))
    if surge == missing == 0:
        missing = 1
    assert (max(0, demand - missing), demand + surge) == (limits.least(demand), limits.most(demand))


@given(LIMITS, st.integers(0, 1000), st.lists(DEMANDS, min_size=1, max_size=5))
def test_nothing_ever_stalls(limits: Rolling, old: int, demands: list[int]) -> None:
    """From whatever is left of old, and whatever demand becomes meanwhile, all of new comes up and all of old goes."""
    new = 0
    for demand in demands:
        new, old = step(limits, demand, new, old)
    last = demands[-1]
    for _ in range(3000):
        if (new >= last, old) == (True, 0):
            return
        assert (new, old) != step(limits, last, new, old)
        new, old = step(limits, last, new, old)
    raise AssertionError(f"{new} of {last} new ones, {old} old ones")


def step(limits: Rolling, demand: int, new: int, old: int) -> tuple[int, int]:
    """Return what is there after new has come up as far as it may, and old has gone as far as it may."""
    grown = max(new, min(demand, limits.most(demand) - old))
    return grown, min(old, max(0, limits.least(demand) - grown))


@given(st.integers(0, 100), DEMANDS)
def test_a_pace_leaves_as_many_as_the_same_share_missing(least: int, demand: int) -> None:
    """Fewest serving is the same in both ways of writing it; what may run beside is rounded the other way."""
    share = Rolling(Share(50, percent=True), Share(100 - least, percent=True))
    pace = Pace(least, 150).limits
    assert (pace.least(demand), demand + demand // 2) == (share.least(demand), pace.most(demand))


@pytest.mark.parametrize(
    ("said", "figures"),
    [
        ({}, (8, 16)),
        ({"pace": Pace(75, 125)}, (6, 10)),
        ({"strategy": "rolling"}, (8, 10)),
        ({"strategy": "rolling", "max_unavailable": Share(1)}, (7, 10)),
        ({"strategy": "recreate"}, (0, 8)),
        ({"max_surge": Share(3)}, (8, 11)),
        ({"max_surge": Share(0), "max_unavailable": Share(25, percent=True)}, (6, 8)),
        ({"strategy": "rolling", "max_surge": Share(30, percent=True)}, (8, 11)),
    ],
)
def test_the_limits_of_eight(said: Mapping[str, Any], figures: tuple[int, int]) -> None:
    """What a strategy allows where nothing else is said, and what is said of it."""
    limits = release(**said).terms.limits
    assert figures == (limits.least(8), limits.most(8))


@pytest.mark.parametrize(
    ("said", "key", "words"),
    [
        ({"pace": Pace(75, 125), "max_surge": Share(1)}, "pace", "pace and max_surge both say"),
        ({"pace": Pace(75, 125), "strategy": "rolling"}, "strategy", "leave one of them out"),
        ({"strategy": "recreate", "max_surge": Share(1)}, "strategy", "max_surge cannot hold"),
        ({"strategy": "recreate", "pace": Pace(0, 100)}, "strategy", "pace cannot hold"),
        ({"max_surge": Share(0), "max_unavailable": Share(0, percent=True)}, "max_unavailable", "are both 0"),
    ],
)
def test_what_does_not_go_together(said: Mapping[str, Any], key: str, words: str) -> None:
    """Each is told under the key that is to change."""
    ((found, sentence),) = ServiceSettings.disagreeing(said)
    assert (key, True) == (found, words in sentence)


@pytest.mark.parametrize("written", [0, 3, "3", "25%", "0%", "100%", "900%"])
def test_a_share_is_written_in_two_ways(written: object) -> None:
    """A count of members, or a percentage of demand; a tag tells either without a percent sign."""
    share = parse_share(written)
    assert (str(written), share) == (str(share), learned_share(told_share(share)))


@pytest.mark.parametrize("written", [-1, True, 1.5, "", "%", "1.5", "-1", "25 %", "901%", "1000000", "²", None, [1]])
def test_what_is_no_share(written: object) -> None:
    """It is refused with what one looks like."""
    with pytest.raises(ValueError, match="neither a count"):
        parse_share(written)


@pytest.mark.parametrize("said", [{}, {"pace": Pace(50, 150)}, {"strategy": "rolling", "max_unavailable": Share(2)}])
def test_limits_are_said_again_by_flags(said: Mapping[str, Any]) -> None:
    """What a person has to say again is what the release has."""
    flags = dict(one.split(" ") for one in limiting(release(**said).terms))
    known = {"--pace": "pace", "--strategy": "strategy", "--max-unavailable": "max_unavailable"}
    assert {known[flag] for flag in flags} == set(said) or flags == {"--pace": "100/200"}


@given(st.sampled_from(list(STRATEGIES)), st.none() | SHARES, st.none() | SHARES)
def test_fewer_may_serve_is_told_for_any_demand(strategy: str, surge: Share | None, missing: Share | None) -> None:
    """Limits are lower than others where some demand has fewer serve; none are lower than themselves."""
    one, usual = limits_of(strategy, Pace(), surge, missing), Pace().limits
    assert (any(one.least(demand) < demand for demand in range(1, 1001)), False) == (
        is_lower(one, usual),
        is_lower(one, one),
    )


@pytest.mark.parametrize(
    "tags", [{"pace": "0/9999"}, {"pace": "x"}, {"strategy": "best"}, {"gone": "p101"}, {"surge": "-1"}, {"gone": "p"}]
)
def test_tags_tell_no_limits_that_no_release_can_have(tags: Mapping[str, str]) -> None:
    """Whoever may write a tag can write anything there."""
    with pytest.raises(ValueError):  # noqa: PT011  # whichever part of it is not so
        limits_told(tags)
