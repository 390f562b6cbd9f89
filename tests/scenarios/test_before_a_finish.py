"""A finish goes on record only after a look that says it can be done; until then the release has its way back."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.errors import Status, Unreachable
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import DEPLOY, Release
from tests.scenarios.test_alarms import GUARDED, guarded, turn
from tests.scenarios.test_service import parked, writes
from tests.support.virtual import BLUE, GREEN, Pair
from tests.support.watching import left_over

HOUR = 3600.0


def rested() -> Pair:
    """Return a pair whose parked instances are past their keep time."""
    pair = parked()
    pair.run_for(700)
    return pair


def blur(pair: Pair, seconds: float = HOUR) -> None:
    """Let no balancer tell of anything whether it is healthy."""
    for key in pair.sim.groups[GREEN].balancers:
        pair.sim.blur(key, until=pair.clock.now() + seconds)


def sicken(pair: Pair) -> None:
    """Let everything of v2 be sick."""
    for instance in pair.sim.healthy(GREEN):
        pair.sim.sicken(instance)
    pair.run_for(60)


def on_record(pair: Pair) -> list[Release]:
    """Return a list that gets the release on record at each call from now on, where it is another one."""
    found: list[Release] = []

    def hook(_: Call) -> None:
        if pair.release is not None and pair.release not in found:
            found.append(pair.release)

    pair.sim.faults.before.append(hook)
    return found


@pytest.mark.parametrize("verb", ["finish", "cleanup"])
def test_what_nobody_knows_puts_no_finish_on_record(verb) -> None:
    """After five minutes it ends with 69 and the balancer's name; known again, the same command finishes."""
    pair = rested()
    blur(pair)
    seen, done, began = on_record(pair), writes(pair), pair.clock.now()
    with pytest.raises(Unreachable, match="web-0 does not know"):
        getattr(pair.service(), verb)()
    assert ([DEPLOY], [], True) == ([one.goal for one in seen], done, 290 < pair.clock.now() - began < 330)
    pair.run_for(HOUR)
    ended = getattr(pair.service(), verb)()
    assert (Status.OK, {}) == (ended.status, left_over(pair))


@pytest.mark.parametrize("verb", ["finish", "deploy"])
def test_a_finish_under_a_sick_new_side_leaves_the_record_as_it_was(verb) -> None:
    """It ends at once with 4 and the way back, and is still a deployment at rest."""
    pair = rested()
    sicken(pair)
    seen, done, began = on_record(pair), writes(pair), pair.clock.now()
    service = pair.service()
    ended = service.finish() if verb == "finish" else service.deploy("v3", finish_first=True)
    assert (Status.BLOCKED, "`bluegreen rollback web` goes back to web-blue") == (ended.status, ended.hint)
    told = "web: web-green: 0 of 2 healthy: 2 × Target.FailedHealthChecks; nothing was changed"
    assert (told, 1, [], True) == (ended.sentence, len(seen), done, pair.clock.now() - began < 10)


def test_what_is_replaced_just_now_is_waited_for_before_the_finish() -> None:
    """The group makes up for what it lacks, and the finish begins once it has."""
    pair = rested()
    pair.sim.kill(pair.sim.healthy(GREEN)[0])
    ended = pair.service().finish()
    assert (Status.OK, {}, 2) == (ended.status, left_over(pair), len(pair.sim.healthy(GREEN)))


@pytest.mark.parametrize("verb", ["finish", "cleanup"])
def test_an_alarm_that_fires_leaves_the_release_a_deployment(verb) -> None:
    """What is parked may be needed: the goal stays, so that nothing is retired when the alarm rests."""
    pair = guarded()
    pair.service(**GUARDED).deploy("v2")
    pair.run_for(700)
    turn(pair, "web-5xx", "ALARM")
    ended = getattr(pair.service(**GUARDED), verb)()
    assert (Status.BLOCKED, DEPLOY) == (ended.status, pair.release.goal)
    assert ["Standby"] * 2 == list(pair.sim.states(BLUE).values())


def test_a_finish_that_a_person_has_answered_at_night_is_not_held_up() -> None:
    """Who said yes to retiring all that can serve is not asked to wait for what nobody wants."""
    pair = rested()
    pair.sim.call(
        "autoscaling",
        "UpdateAutoScalingGroup",
        {"AutoScalingGroupName": GREEN, "MinSize": 0, "DesiredCapacity": 0},
    )
    pair.run_for(60)
    service = pair.service()
    assert Status.OK == service.finish(answered=attrs.evolve(service.parked())).status
