"""Alarms that guard a release: from the switch to the end of the bake, and when what is parked is to go."""

from __future__ import annotations

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.core.calls import Call
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

GUARDED = {"alarms": ("web-5xx", "web-slow"), "bake": 60.0}


def guarded(**states: str) -> Pair:
    """Return a pair of two with two alarms, in OK but for what ``states`` says (underscores are dashes)."""
    pair = virtual(instances=2)
    for name in GUARDED["alarms"]:
        put(pair, name)
        turn(pair, name, states.get(name.replace("-", "_"), "OK"))
    return pair


def put(pair: Pair, name: str) -> None:
    """Make an alarm."""
    rule = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0}
    metric = {"Namespace": "AWS/ELB", "MetricName": "5XX", "Statistic": "Sum", "Period": 60}
    pair.sim.call("cloudwatch", "PutMetricAlarm", {"AlarmName": name, **rule, **metric})


def turn(pair: Pair, name: str, state: str) -> None:
    """Give an alarm a state."""
    pair.sim.call("cloudwatch", "SetAlarmState", {"AlarmName": name, "StateValue": state, "StateReason": "a test"})


def later(pair: Pair, seconds: float, name: str, state: str) -> None:
    """Let an alarm turn so many seconds behind the switch."""
    done: list[float] = []

    def hook(_: Call) -> None:
        moved = [event.at for event in pair.events if event.milestone == "moved"]
        if moved and not done and pair.clock.now() >= moved[0] + seconds:
            done.append(pair.clock.now())
            turn(pair, name, state)

    pair.sim.faults.before.append(hook)


def test_an_alarm_in_the_bake_takes_the_deployment_back() -> None:
    """Old serves again within seconds, nothing is left, and the reason names the alarm."""
    pair = guarded()
    before, watch = pair.picture(), Watch(pair, 2)
    later(pair, 20.0, "web-slow", "ALARM")
    ended = pair.service(**GUARDED).deploy("v2")
    assert (Status.ROLLED_BACK, True) == (ended.status, "alarm web-slow is in ALARM" in ended.sentence)
    assert ([], [BLUE], {}, []) == (
        watch.broken, colours_serving(pair), left_over(pair), unlike(before, pair.picture()),
    )  # fmt: skip


def test_alarms_that_rest_delay_nothing() -> None:
    """A guarded deployment takes as long as its bake says, and one that lacks data does not fire."""
    pair = guarded(web_slow="INSUFFICIENT_DATA")
    assert (Status.OK, [GREEN]) == (pair.service(**GUARDED).deploy("v2").status, colours_serving(pair))


def test_an_alarm_that_fires_already_does_not_keep_a_hotfix_out() -> None:
    """It is warned of, and only the other one guards the release; that one still does."""
    pair = guarded(web_5xx="ALARM")
    warned = [finding.sentence for finding in pair.service(**GUARDED).check() if "alarm" in finding.sentence]
    ended = pair.service(**GUARDED).deploy("v2")
    assert (["the alarm web-5xx fires already: it does not guard a release that begins now"], Status.OK) == (
        warned,
        ended.status,
    )
    assert ("web-slow",) == pair.release.terms.alarms


def test_an_alarm_that_does_not_exist_is_refused() -> None:
    """A guard that is misspelt guards nothing; nothing is written."""
    pair = guarded()
    with pytest.raises(Refused, match="there is no alarm web-6xx"):
        pair.service(alarms=("web-6xx",)).deploy("v2")
    assert pair.release is None


@pytest.mark.parametrize("verb", ["finish", "cleanup"])
def test_what_is_parked_is_not_retired_while_an_alarm_fires(verb) -> None:
    """A finish waits for the alarm, then asks for a human; a rollback is still warm, and ends clean."""
    pair = guarded()
    pair.service(**GUARDED).deploy("v2")
    turn(pair, "web-5xx", "ALARM")
    pair.run_for(700)
    ended = getattr(pair.service(**GUARDED), verb)()
    assert (Status.BLOCKED, True) == (ended.status, "may be needed" in ended.sentence)
    assert (["Standby"] * 2, Status.OK) == (
        list(pair.sim.states(BLUE).values()),
        pair.service(**GUARDED).rollback().status,
    )


def test_a_finish_goes_on_once_the_alarm_rests() -> None:
    """The same finish, waiting, ends when the alarm turns back."""
    pair = guarded()
    pair.service(**GUARDED).deploy("v2")
    pair.run_for(300)
    turn(pair, "web-5xx", "ALARM")
    at = pair.clock.now() + 20

    def calm(_: Call) -> None:
        if pair.clock.now() > at:
            pair.sim.faults.before.remove(calm)
            turn(pair, "web-5xx", "OK")

    pair.sim.faults.before.append(calm)
    assert (Status.OK, None) == (pair.service(**GUARDED).finish().status, pair.release)
