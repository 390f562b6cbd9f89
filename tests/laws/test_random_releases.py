"""Laws over thousands of random releases: what must hold after every event, and at the end."""

from __future__ import annotations

import os

import pytest

from tests.support.story import moved_story, story

SEEDS = int(os.environ.get("BLUEGREEN_SEEDS", "800"))
AT_A_TIME = 20
FEW_AT_A_TIME = 5


@pytest.mark.parametrize("first", range(0, SEEDS // 2, AT_A_TIME))
def test_quiet_releases_hold_the_floor_and_come_back_to_the_picture(first) -> None:
    """Deployments, rollbacks and finishes in any order never go below the floor, and k cycles are the identity."""
    assert {s: wrong for s in range(first, first + AT_A_TIME) if (wrong := story(s, troubled=False).wrong())} == {}


@pytest.mark.parametrize("first", range(0, SEEDS // 2, AT_A_TIME))
def test_troubled_releases_hold_the_floor_less_the_dead_and_leave_nothing(first) -> None:
    """With deaths, late capacity, failed launches and killed runs, all but the dead serve and nothing is left over."""
    assert {s: wrong for s in range(first, first + AT_A_TIME) if (wrong := story(s, troubled=True).wrong())} == {}


@pytest.mark.parametrize("troubled", [False, True])
@pytest.mark.parametrize("first", range(0, SEEDS // 16, FEW_AT_A_TIME))
def test_releases_hold_each_balancers_floor_whoever_else_acts(first, troubled) -> None:
    """Balancers that disagree, unknown health, an owner's changes: no balancer's users miss what they had."""
    seeds = range(first, first + FEW_AT_A_TIME)
    assert {s: wrong for s in seeds if (wrong := moved_story(s, troubled=troubled).wrong())} == {}
