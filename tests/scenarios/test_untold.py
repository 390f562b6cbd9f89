"""A record that is forged while nothing is open, and no tag tells of a release: a clean-up changes neither group."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.simulator.build import tracking
from bluegreen.targets.pair.model.fleet import AUTOSCALER
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Bounds, Release
from tests.scenarios.test_strange_records import rewrite
from tests.support.hands import asked
from tests.support.values import evolved
from tests.support.virtual import BLUE, GREEN, Pair, virtual

DOORS = {
    DEPLOY: {"moving": 1.0, "moved": 2.0},
    ROLLBACK: {"back": 4.0},
    FINISH: {"moving": 1.0, "moved": 2.0, "deployed": 3.0, "retiring": 4.0},
}
RESTS: dict[str, Any] = {"suspended": AUTOSCALER}
WAKES: dict[str, Any] = {"suspended": frozenset()}


def over(**options: Any) -> tuple[Pair, Release]:
    """Return a pair in which green serves v2 and nothing is open, and the release that brought it there."""
    pair = virtual(instances=2, minimum=2, maximum=10, policies=[tracking("requests", 3600.0)], **options)
    if options.get("twins"):
        for name in (BLUE, GREEN):
            asked(
                pair,
                "PutScheduledUpdateGroupAction",
                name,
                ScheduledActionName="day",
                Recurrence="0 * * * *",
                MinSize=2,
            )
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    pair.service().finish()
    pair.run_for(120)
    return pair, release


def forge(pair: Pair, release: Release, goal: str, rests: dict[str, Any], **changes: Any) -> None:
    """Say on record that a release from green to blue is under way, whose picture has both sides as ``rests`` says."""
    bare: dict[str, Any] = {"policies": (), "schedules": (), "alarms": (), **rests}
    old = attrs.evolve(release.picture.new, image="v2", **bare)
    new = attrs.evolve(release.picture.old, image="v1", **bare)
    if goal == FINISH:
        old, new = new, old
    groups = {name: pair.sim.groups[name] for name in (BLUE, GREEN)}
    seen = {
        f"{name} {one}": (size,) for name, g in groups.items() for one, size in (("min", g.minimum), ("max", g.maximum))
    }
    said: dict[str, Any] = {
        "goal": goal,
        "old": old.name,
        "new": new.name,
        "picture": attrs.evolve(release.picture, old=old, new=new),
        "milestones": DOORS[goal],
        "written": seen,
        "best": {},
        "progress": (),
        "way": "twins",
        **changes,
    }
    rewrite(pair, release=evolved(release, **said))


def settings(pair: Pair) -> dict[str, tuple[int, int, int, frozenset[str]]]:
    """Return sizes and suspended processes of both groups, in truth."""
    groups = {name: pair.sim.groups[name] for name in (BLUE, GREEN)}
    return {name: (g.minimum, g.maximum, g.desired, frozenset(g.suspended)) for name, g in groups.items()}


@pytest.mark.parametrize(
    ("rests", "changes"),
    [
        (RESTS, {}),
        ({}, {"bounds": Bounds(0, 2)}),
        ({}, {"bounds": Bounds(0, 10)}),
        ({}, {"idle": Bounds(0, 10)}),
        ({"suspended": frozenset({"Launch"})}, {}),
    ],
    ids=["rests", "no room", "no minimum", "room for the idle side", "no launch"],
)
@pytest.mark.parametrize("goal", DOORS)
def test_where_no_tag_tells_a_clean_up_changes_nothing(
    goal: str, rests: dict[str, Any], changes: dict[str, Any]
) -> None:
    """No process rests that worked, and no bound is another one: a person is told, or there is nothing to do."""
    pair, release = over()
    forge(pair, release, goal, rests, **changes)
    before = settings(pair)
    told = [pair.service().cleanup() for _ in range(2)]
    assert before == settings(pair)
    assert {one.status for one in told if one is not None} <= {Status.BLOCKED, Status.OK}
    assert all("no tag of" in one.sentence for one in told if one is not None and one.status is Status.BLOCKED)


def test_nor_does_it_wake_the_idle_side() -> None:
    """Of twins the idle one has a schedule that would let the old version serve."""
    pair, release = over(twins=True)
    forge(pair, release, ROLLBACK, WAKES, idle=Bounds(0, 8))
    before = settings(pair)
    pair.service().cleanup()
    assert (before, True) == (settings(pair), before[BLUE][3] >= AUTOSCALER)


WEB = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web-0/629f6fbed82c07cd"
RESTED = frozenset({"Launch", "HealthCheck", "ReplaceUnhealthy"})


@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_no_process_rests_on_a_records_word_though_a_person_asks(verb: str) -> None:
    """What keeps what serves alive is at work, whatever the record says of before: it stays so, and is told."""
    pair, release = over()
    forge(pair, release, ROLLBACK, {"suspended": RESTED})
    before = {name: one[3] for name, one in settings(pair).items()}
    told = getattr(pair.service(), verb)()
    assert (Status.OK, before) == (told.status, {name: one[3] for name, one in settings(pair).items()})
    assert "web-blue: HealthCheck, Launch, ReplaceUnhealthy resumed by somebody else, left as it is" in [
        event.reason for event in pair.events
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"first": True},
        {"goal": ROLLBACK, "milestones": {"back": 1.0}, "progress": ()},
        {"goal": ROLLBACK, "milestones": {"back": 1.0, "restored": 2.0}, "progress": ()},
        {"without": (WEB,)},
        {"passed_by": (WEB,)},
    ],
    ids=["nothing before", "it is back", "all is as it was", "no balancer counts", "each is passed by"],
)
def test_what_is_parked_comes_back_whatever_the_record_says(said: dict[str, Any]) -> None:
    """New is dead, and a person types ``rollback``: the tags tell of the release, and the group of what is parked."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.run_for(120)
    for one in list(pair.sim.states(GREEN)):
        pair.sim.sicken(one)
    pair.run_for(20)
    assert pair.release is not None
    rewrite(pair, release=evolved(pair.release, **said))
    assert (Status.OK, 2) == (pair.service().rollback().status, len(pair.sim.healthy(BLUE)))
