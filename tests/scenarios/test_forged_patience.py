"""How long new must prove itself and bake, and which alarms guard it, is not the record's alone to say."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.record.memory import MemoryStore
from bluegreen.targets.pair.model.release import DEPLOY
from bluegreen.targets.pair.release_tags.written import GOAL, TERMS
from tests.scenarios.test_alarms import GUARDED, guarded, turn
from tests.scenarios.test_forged_milestones import BAKE, before_the_switch, release_of
from tests.scenarios.test_strange_records import forge
from tests.support.hands import tagged
from tests.support.virtual import BLUE, GREEN, PROOF, Pair, virtual
from tests.support.watching import Watch, colours_serving

SHORT: dict[str, Any] = {"healthy_for": 0.0, "check_time": 0.0, "bake": 0.0, "stabilization": 0.0, "lingers": 0.0}


def carried_on(pair: Pair, verb: str, **settings: Any) -> tuple[Status, list[str]]:
    """Return how a verb ends, and which groups serve a few minutes later."""
    ended = getattr(pair.service(**settings), verb)()
    pair.run_for(300.0)
    return ended.status, colours_serving(pair)


@pytest.mark.parametrize(
    "settings", [{"bake": 0.0, "healthy_for": None}, {"bake": BAKE}], ids=["tags", "configuration"]
)
@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_a_version_that_dies_soon_takes_nobodys_place(verb: str, settings: dict[str, Any]) -> None:
    """The record says that one passed check is enough; it lives for twice that, and not as long as it has to."""
    pair = virtual(instances=2)
    pair.service(bake=BAKE, stop=lambda: 15 if pair.release and pair.release.launched_at else None).deploy("crash-5")
    forge(pair, hold=None, **SHORT)
    watch = Watch(pair, 2)
    assert (Status.ROLLED_BACK, [BLUE]) == carried_on(pair, verb, **settings)
    assert [] == watch.broken


@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_a_bake_lasts_as_long_as_it_was_begun_with(verb: str) -> None:
    """`moved` was in 1970, by the record, and the bake none: the version dies in it, and is taken back."""
    pair = virtual(instances=2)
    pair.sim.world.body.crash_after = PROOF + 30.0
    baking = lambda: 15 if pair.release and pair.release.passed("moved") else None  # noqa: E731
    pair.service(bake=BAKE, stop=baking).deploy("crash-v2")
    forge(pair, hold=None, milestones={"moving": 1.0, "moved": 2.0}, **SHORT)
    assert (Status.ROLLED_BACK, [BLUE]) == carried_on(pair, verb, bake=0.0)


@pytest.mark.parametrize("alarms", [(), ("web-slow",), ("x", "y")])
def test_an_alarm_that_the_record_has_lost_guards_all_the_same(alarms: tuple[str, ...]) -> None:
    """It fires in the bake, and is configured: the release is taken back as it would be."""
    pair = guarded()
    baking = lambda: 15 if pair.release and pair.release.passed("moved") else None  # noqa: E731
    pair.service(stop=baking, **GUARDED).deploy("v2")
    forge(pair, hold=None, alarms=alarms)
    turn(pair, "web-5xx", "ALARM")
    assert (Status.ROLLED_BACK, [BLUE]) == carried_on(pair, "cleanup", **GUARDED)


def test_an_alarm_that_fired_before_guards_no_hotfix_that_was_cut_off() -> None:
    """The tags tell that it was none of those: the hotfix is carried on while it fires."""
    pair = guarded(web_5xx="ALARM")
    baking = lambda: 15 if pair.release and pair.release.passed("moved") else None  # noqa: E731
    pair.service(stop=baking, **GUARDED).deploy("v2")
    assert ("web-slow",) == release_of(pair).terms.alarms
    assert (Status.OK, [GREEN]) == carried_on(pair, "cleanup", **GUARDED)


@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_an_alarm_that_the_tags_count_in_guards_from_the_release_on(verb: str) -> None:
    """Their number is forged: the one that AWS shows to have fired before takes no good release back, nor keeps it."""
    pair = guarded(web_5xx="ALARM")
    pair.run_for(5.0)
    baking = lambda: 15 if pair.release and pair.release.passed("moved") else None  # noqa: E731
    pair.service(stop=baking, **GUARDED).deploy("v2")
    forge(pair, hold=None)
    for group in (BLUE, GREEN):
        told = pair.sim.groups[group].tags[TERMS][0]
        tagged(pair, group, told.replace("alarms=1", "alarms=9"), TERMS)
    assert (Status.OK, [GREEN]) == carried_on(pair, verb, **GUARDED)
    assert GUARDED["alarms"] == tuple(sorted(release_of(pair).terms.alarms))
    assert Status.OK == pair.service(**GUARDED).finish().status


def test_an_adopted_hotfix_is_not_taken_back_for_what_fired_before_it() -> None:
    """Its record is lost, and with it which of the configured alarms guard it: AWS tells since when one fires."""
    pair = guarded(web_5xx="ALARM")
    pair.run_for(5.0)
    baking = lambda: 15 if pair.release and pair.release.passed("moved") else None  # noqa: E731
    pair.service(stop=baking, **GUARDED).deploy("v2")
    pair.store = MemoryStore()
    pair.service(**GUARDED).adopt()
    assert (Status.OK, [GREEN]) == carried_on(pair, "resume", **GUARDED)


def test_a_finish_that_only_the_tags_tell_of_is_adopted_as_a_deployment() -> None:
    """Both sides serve and nothing is marked: what is adopted proves itself and bakes, and goes back where it dies."""
    pair, _ = before_the_switch()
    pair.store = MemoryStore()
    for group in (BLUE, GREEN):
        tagged(pair, group, "finish", GOAL)
    pair.service(bake=BAKE).adopt()
    assert (DEPLOY, False) == (release_of(pair).goal, release_of(pair).passed("deployed"))
    assert (Status.ROLLED_BACK, [BLUE]) == carried_on(pair, "resume", bake=BAKE)


def test_what_is_parked_is_retired_though_its_release_was_deployed_in_a_year() -> None:
    """The time to come counts from the first clean-up that sees it."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    forge(pair, milestones=release_of(pair).milestones | {"deployed": pair.clock.now() + 365 * 86400.0})
    told = []
    for _ in range(3):
        told.append(pair.service().cleanup())
        pair.run_for(400.0)
    assert [None, None, Status.OK] == [one and one.status for one in told]
