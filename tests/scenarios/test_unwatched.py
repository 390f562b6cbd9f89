"""A run is killed right after the switch, and nobody looks for a night: what a person's `resume` does in the morning.

A deployment goes on where the version is healthy and has proven itself since; what its owner made smaller meanwhile is
no loss. It goes back where fewer serve than the last look left and the owner wished (docs/rules.md, rule 5), or an
alarm fires.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from tests.battery.troubles import no_connection
from tests.scenarios.test_alarms import put, turn
from tests.scenarios.test_service import cut, passed
from tests.support.hands import asked, edit
from tests.support.virtual import BLUE, GREEN, Pair, virtual

SMALL = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": 1}
LARGE = {"MinSize": 4, "MaxSize": 4, "DesiredCapacity": 4}
NOTHING = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}
HOURS = 8 * 3600.0


def killed(**settings: Any) -> Pair:
    """Return a pair whose deployment was killed right after the switch, with three new instances."""
    pair = virtual(instances=3, **settings)
    cut(pair, passed(pair, "moved"), "deploy", "v2", bake=600.0)
    return pair


def morning(pair: Pair, verb: str = "resume") -> Status:
    """Return how the deployment ends that is carried on."""
    ended = getattr(pair.service(bake=600.0), verb)()
    assert ended is not None
    return Status(ended.status)


@pytest.mark.parametrize("verb", ["resume", "cleanup"])
@pytest.mark.parametrize("settings", [{}, {"policies": [tracking("cpu", 50.0)]}])
def test_a_healthy_version_goes_on(verb: str, settings: dict[str, Any]) -> None:
    """Unseen time is bake like any other: once the version has proven itself again, it is deployed."""
    pair = killed(**settings)
    pair.run_for(HOURS)
    assert (Status.OK, 3, []) == (morning(pair, verb), len(pair.sim.healthy(GREEN)), pair.sim.healthy(BLUE))


@pytest.mark.parametrize("verb", ["resume", "cleanup"])
@pytest.mark.parametrize("night", [SMALL, NOTHING])
def test_what_grows_after_a_small_night_is_no_loss(verb: str, night: dict[str, int]) -> None:
    """Asked for again in the morning, four boot while one serves, or none: their owner had wished no more."""
    pair = killed(boot=20.0)
    edit(pair, GREEN, **night)
    pair.run_for(HOURS)
    edit(pair, GREEN, **LARGE)
    pair.run_for(3)
    assert (Status.OK, 4, []) == (morning(pair, verb), len(pair.sim.healthy(GREEN)), pair.sim.healthy(BLUE))


def test_a_night_by_schedule_and_a_morning_by_hand() -> None:
    """A scheduled action is as much its owner's wish."""
    pair = killed(boot=20.0)
    at = datetime.fromtimestamp(pair.clock.now() + 3600, UTC)
    asked(pair, "PutScheduledUpdateGroupAction", GREEN, ScheduledActionName="night", StartTime=at, **SMALL)
    pair.run_for(HOURS)
    assert 1 == len(pair.sim.healthy(GREEN))
    asked(pair, "SetDesiredCapacity", GREEN, DesiredCapacity=3)
    pair.run_for(3)
    assert (Status.OK, 3) == (morning(pair), len(pair.sim.healthy(GREEN)))


def test_what_died_in_the_morning_is_a_loss() -> None:
    """Nobody wished less: fewer than the last look left go back at once, while the parked ones can serve (rule 5)."""
    pair = killed(boot=20.0)
    pair.run_for(HOURS)
    pair.sim.kill(pair.sim.healthy(GREEN)[0])
    pair.run_for(3)
    began = pair.clock.now()
    assert (Status.ROLLED_BACK, 3, True) == (
        morning(pair),
        len(pair.sim.healthy(BLUE)),
        pair.clock.now() - began < 60,
    )


def test_what_died_below_a_small_night_is_a_loss() -> None:
    """Two were wished at least, and one serves."""
    pair = killed(boot=20.0)
    edit(pair, GREEN, **SMALL | {"DesiredCapacity": 2})
    pair.run_for(HOURS)
    edit(pair, GREEN, **LARGE)
    pair.sim.kill(pair.sim.healthy(GREEN)[0])
    pair.run_for(3)
    assert Status.ROLLED_BACK == morning(pair)


def test_an_alarm_that_fires_in_the_morning_turns_it() -> None:
    """What guards the release guards it to the end of the bake, whoever looked."""
    pair = virtual(instances=3)
    put(pair, "errors")
    turn(pair, "errors", "OK")
    cut(pair, passed(pair, "moved"), "deploy", "v2", bake=600.0, alarms=("errors",))
    pair.run_for(HOURS)
    turn(pair, "errors", "ALARM")
    ended = pair.service(bake=600.0, alarms=("errors",)).resume()
    assert Status.ROLLED_BACK == ended.status


def test_a_silent_aws_is_waited_for_and_then_asked() -> None:
    """What was wished meanwhile is asked with the first look that AWS answers."""
    pair = killed(boot=20.0)
    edit(pair, GREEN, **SMALL)
    pair.run_for(HOURS)
    edit(pair, GREEN, **LARGE)
    back = pair.clock.now() + 15

    def away(call: Call) -> None:
        if pair.clock.now() < back:
            raise no_connection(call)

    pair.sim.faults.before.append(away)
    assert (Status.OK, 4) == (morning(pair), len(pair.sim.healthy(GREEN)))
