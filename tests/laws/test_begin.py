"""How a release begins: which side is which, what is refused, and what the picture holds."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused
from bluegreen.flow.limits import Pace
from bluegreen.targets.pair.fitness.begin import Request, begin, examine, launching_the_newest, sides, without_parked
from bluegreen.targets.pair.fitness.diff import launched_from
from bluegreen.targets.pair.model.fleet import AUTOSCALER, BalancerFacts, Scaling, Tag
from bluegreen.targets.pair.model.release import Bounds, Side
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.seam.wish import Wish
from tests.support.values import BALANCER, NOW, fleet, group, survey

REQUEST = Request(
    id="web:1", service="web", wish=Wish(image="v2"), blue="blue", green="green", now=NOW, by="anna", terms=Asked()
)


def of(capacity: int | None) -> Request:
    """Return a request of so many instances."""
    return attrs.evolve(REQUEST, wish=Wish(image="v2", capacity=capacity))


def on(**terms: Any) -> Request:
    """Return the same wish on other terms."""
    return attrs.evolve(REQUEST, terms=Asked(**terms))


TWO = ("InService", "InService")
POLICY = {"PolicyName": "cpu"}


def pair(blue: Any, green: Any, **more: Any) -> Any:
    """Return the survey of a pair."""
    return survey(fleet(blue, green), **more)


BLUE_LIVE = pair(group("blue", *TWO, min=1, max=4), group("green", max=0))
GREEN_LIVE = pair(group("blue", max=0), group("green", *TWO, min=1, max=4))
EMPTY = pair(group("blue", min=0, max=4), group("green", min=0, max=1))


@pytest.mark.parametrize(
    ("seen", "capacity", "old", "new", "first"),
    [
        (BLUE_LIVE, None, "blue", "green", False),
        (GREEN_LIVE, None, "green", "blue", False),
        (EMPTY, 3, "green", "blue", True),
    ],
)
def test_sides(seen, capacity, old, new, first) -> None:
    """Who serves is old, the other one is new; on an empty pair blue comes up."""
    both = sides(seen, of(capacity))
    assert (old, new, first) == (both.old.name, both.new.name, both.first)


@pytest.mark.parametrize(
    ("seen", "capacity", "sentence"),
    [
        (BLUE_LIVE, 3, "blue serves already: --capacity is for an empty pair"),
        (EMPTY, None, "nothing serves yet: blue has 0 instances"),
        (pair(group("blue", *TWO), group("green", *TWO)), None, "it is not clear which group serves: blue has 2"),
        (pair(group("blue", *TWO), group("green", *TWO)), 3, "it is not clear which group serves: blue has 2"),
        (pair(group("blue", "Pending"), group("green")), 3, "blue has 1 instance (0 in the load balancer)"),
        (pair(group("blue"), group("green", "Standby")), 3, "green has 1 instance (0 in the load balancer, 1 in"),
    ],
)
def test_refused_when_no_side_is_clear(seen, capacity, sentence) -> None:
    """Ambiguity is refused with the facts, never guessed away, and with a next thing to do."""
    with pytest.raises(Refused) as refusal:
        begin(seen, of(capacity))
    assert (True, True) == (sentence in refusal.value.message, bool(refusal.value.hint))


def test_refused_with_every_reason_at_once() -> None:
    """All that is wrong is told in one go, warnings left out."""
    seen = pair(group("blue", *TWO, max=2, warm_pool=True), group("green", deleting=True))
    with pytest.raises(Refused) as refusal:
        begin(seen, REQUEST)
    assert [True, True] == [
        "warm pool" in refusal.value.message.splitlines()[0],
        "deleted" in refusal.value.message.splitlines()[1],
    ]
    assert (2, 2) == (len(refusal.value.message.splitlines()), len(refusal.value.hint.splitlines()))


def test_a_tag_that_live_has_not_is_no_image_tag() -> None:
    """A key that was mistyped: instances would read another tag than the one that a release writes."""
    tags = {"version": Tag("v1"), "team": Tag("shop"), "aws:stack": Tag("x")}
    seen = pair(group("blue", *TWO, min=1, max=4, tags=tags), group("green", max=0))
    with pytest.raises(Refused) as refusal:
        begin(seen, REQUEST)
    told = "blue has no tag image, where its instances are to read their version; its tags: team, version"
    assert (told, True) == (refusal.value.message, "--image-tag-key" in refusal.value.hint)
    assert begin(seen, on(image_tag_key="version"))


def test_the_release_is_what_is_wished_and_what_was() -> None:
    """The record has all that any later run needs to take everything back."""
    blue = group("blue", *TWO, min=1, max=4, suspended=frozenset({"AZRebalance"}), tags={"image": Tag("v1", False)})
    green = group("green", min=0, max=3, suspended=AUTOSCALER, tags={})
    scaling = Scaling(policies=(POLICY,))
    seen = pair(blue, green, scaling={"blue": scaling, "green": scaling})
    made = begin(seen, on(progress_deadline=99.0, deadline=500.0, bake=7.0, keep_parked=8.0, pace=Pace(50, 150)))
    old = Side("blue", 1, 4, 2, frozenset({"AZRebalance"}), "v1", False, (POLICY,))
    assert (old, Side("green", 0, 3, 0, AUTOSCALER, None, True, (POLICY,))) == (made.picture.old, made.picture.new)
    assert (Bounds(1, 4), Bounds(0, 3), 2, False) == (made.bounds, made.idle, made.capacity, made.first)
    assert (NOW, NOW, NOW + 500.0, 500.0) == (made.begun_at, made.progressed_at, made.deadline_at, made.terms.deadline)
    assert (99.0, 10.0, 7.0, 8.0, Pace(50, 150)) == (
        made.terms.progress_deadline,
        made.drain,
        made.terms.bake,
        made.terms.keep_parked,
        made.terms.pace,
    )
    assert ("web:1", "web", "v2", "anna", "image") == (
        made.id,
        made.service,
        made.image,
        made.by,
        made.terms.image_tag_key,
    )
    known = {name: (made.known(name, "min"), made.known(name, "max")) for name in ("blue", "green")}
    assert {"blue": ((1,), (4,)), "green": ((0,), (3,))} == known


def test_derived_deadlines_are_in_the_release() -> None:
    """Without a wish the deadlines come from what a launch of this pair takes."""
    made = begin(attrs.evolve(BLUE_LIVE, boot=1000.0), REQUEST)
    assert (20.0, 5.0) == (made.terms.healthy_for, made.check_time)
    assert (2080.0, 4130.0, NOW + 4130.0) == (made.terms.progress_deadline, made.terms.deadline, made.deadline_at)


def test_what_leaves_may_take_its_drain_and_the_longest_terminating_hook() -> None:
    """Connections drain first, then a hook holds the instance: an hour where nobody set it (gitlab-runner PR 1117)."""
    hooks = (
        {"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"},
        {"LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 60},
        {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 7200},
    )
    made = begin(
        attrs.evolve(BLUE_LIVE, scaling={"blue": Scaling(hooks=hooks), "green": Scaling(hooks=hooks)}), REQUEST
    )
    assert 10.0 + 3600.0 == made.drain


@pytest.mark.parametrize(("capacity", "wanted", "top"), [(3, 3, 4), (6, 6, 6), (0, 1, 4)])
def test_a_first_release_has_the_bounds_of_who_comes_up(capacity, wanted, top) -> None:
    """On an empty pair blue's bounds are the service's, wide enough for the capacity; there is at least one."""
    made = begin(EMPTY, of(capacity))
    assert (Bounds(0, top), Bounds(0, 1), wanted, True) == (made.bounds, made.idle, made.capacity, made.first)


def test_a_live_group_that_wants_nothing_needs_one() -> None:
    """Emptiness is never success: a group that scaled itself to zero is replaced by one instance."""
    blue = group("blue", "InService", desired=0, max=4)
    assert 1 == begin(pair(blue, group("green", max=0)), REQUEST).capacity


def test_a_first_release_is_examined_with_blue_as_live() -> None:
    """What is warned of on an empty pair is about the group that will serve."""
    slow = (BalancerFacts(BALANCER, 5.0, 2, 10.0),)
    seen = pair(group("blue", suspended=AUTOSCALER), group("green"), balancers=slow)
    sentences = [finding.sentence for finding in examine(seen, of(1))]
    assert ["AlarmNotification, ScheduledActions of blue are suspended and will be on green, too"] == sentences


def test_without_parked() -> None:
    """What a finish is about to take away is left out, on that side alone; anything else still speaks against it."""
    blue, green = group("blue", "Standby", "EnteringStandby", "Pending"), group("green", *TWO, "Standby")
    left = without_parked(pair(blue, green), "blue").fleet.groups
    assert (["Pending"], 3) == ([i.state for i in left["blue"].instances], len(left["green"].instances))


@pytest.mark.parametrize(("version", "warned"), [("$Latest", 1), ("7", 0), ("$Default", 0), (None, 0)])
def test_what_serves_and_launches_from_the_newest_is_warned_of(version: str | None, warned: int) -> None:
    """What it launches beside what runs is of another template then; what it launches from is on record."""
    template = {"LaunchTemplateName": "web", **({} if version is None else {"Version": version})}
    serving = group("old", *TWO, settings={"LaunchTemplate": template})
    assert (warned, f"web version {version or '$Default'}") == (
        len(list(launching_the_newest(serving))),
        launched_from(serving),
    )
