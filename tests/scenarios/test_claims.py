"""A record that somebody has changed: what it says of alarms, policies, images and instances is held against AWS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.flow.ports import Doubt
from bluegreen.pair import claims
from bluegreen.pair.plan import DOUBTS, build_plan
from bluegreen.pair.release import Release, Side
from bluegreen.service import Ended
from tests.building.scaling import put_alarm, put_settings, settings_of
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.scenarios.test_settings_reviewed import stopped_behind
from tests.scenarios.test_strange_records import FOREIGN, forge

PAGER = "the pager"
"""An alarm that wakes somebody, and is nobody's to delete."""
TOPIC = "arn:aws:sns:us-east-1:123456789012:elsewhere"
DUE: dict[str, Any] = {"keep_parked": 0.0}


def beside(pair: Pair) -> Pair:
    """Put what is none of ours beside a pair: a group with a policy, an alarm that acts through it, and a pager."""
    rows = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"]
    group = {"AutoScalingGroupName": FOREIGN, "MinSize": 2, "MaxSize": 2, "DesiredCapacity": 2}
    zones = [zone for row in rows for zone in row["AvailabilityZones"]]
    template = rows[0].get("LaunchTemplate", {"LaunchTemplateName": "web", "Version": "1"})
    request = {**group, "LaunchTemplate": template, "AvailabilityZones": zones[:1]}
    pair.sim.call("autoscaling", "CreateAutoScalingGroup", request)
    put_alarm(pair.sim, FOREIGN, PAGER, TOPIC, "GreaterThanThreshold", 99.0)
    policy = {"PolicyName": "up", "PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity"}
    sent = {**policy, "AutoScalingGroupName": FOREIGN, "ScalingAdjustment": 1}
    arn = pair.sim.call("autoscaling", "PutScalingPolicy", sent)["PolicyARN"]
    put_alarm(pair.sim, FOREIGN, f"{FOREIGN} is busy", arn, "GreaterThanThreshold", 90.0)
    return pair


def resting(**settings: Any) -> Pair:
    """Return a pair with settings of every kind that serves v2, with what is none of ours beside it."""
    pair = virtual(instances=2, **settings)
    put_settings(pair.sim)
    beside(pair)
    pair.service().deploy("v2")
    pair.run_for(90)
    return pair


def alarms(pair: Pair) -> dict[str, Any]:
    """Return what AWS has of all alarms, but for their states."""
    rows = pair.sim.call("cloudwatch", "DescribeAlarms", {})["MetricAlarms"]
    return {row["AlarmName"]: {k: v for k, v in row.items() if not k.startswith("State")} for row in rows}


def strangers(pair: Pair) -> Any:
    """Return everything that is none of ours."""
    found = alarms(pair)
    names = (PAGER, f"{FOREIGN} is busy")
    return [found.get(name) for name in names], settings_of(pair.sim, FOREIGN), pair.sim.states(FOREIGN)


def claimed(release: Release, alarm: str, **of: Any) -> dict[str, Any]:
    """Return what makes an alarm one of old's, on record: a policy that it acts through, and its row."""
    policy = {"PolicyName": "odd", "PolicyType": "SimpleScaling", "Alarms": [{"AlarmName": alarm}], "PolicyARN": "odd"}
    old: Side = release.picture.old
    row = {**old.alarms[0], "AlarmName": alarm, **of}
    side = attrs.evolve(old, policies=(*old.policies, policy), alarms=(*old.alarms, row))
    return {"picture": attrs.evolve(release.picture, old=side)}


def without(doubts: Iterable[Doubt]) -> Any:
    """Return the plan in use without some of its doubts."""
    gone = tuple(doubts)
    return build_plan(doubts=tuple(one for one in DOUBTS if one not in gone))


@pytest.mark.parametrize("alarm", [PAGER, f"{FOREIGN} is busy", f"{GREEN} is busy"])
def test_an_alarm_that_a_record_names_is_not_deleted_on_its_word(alarm: str) -> None:
    """An unattended clean-up of a record that was changed: 4 with both facts, and the alarm stands."""
    pair = resting()
    assert pair.release is not None
    forge(pair, **claimed(pair.release, alarm), **DUE)
    before, kept = strangers(pair), alarms(pair)[alarm]
    told = pair.service().cleanup()
    assert told is not None
    assert (Status.BLOCKED, before, kept) == (told.status, strangers(pair), alarms(pair).get(alarm))
    assert all(word in told.sentence for word in (alarm, BLUE, "AWS shows")), told.sentence
    assert "cloudwatch delete-alarms" in told.hint


def test_without_its_guard_the_alarm_goes() -> None:
    """What the guard is for."""
    pair = resting()
    assert pair.release is not None
    forge(pair, **claimed(pair.release, PAGER), **DUE)
    pair.service(plan=without([claims.only_own_alarms_removed])).cleanup()
    assert PAGER not in alarms(pair)


@pytest.mark.parametrize(
    "actions", [[TOPIC], ["arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Stop/1.0"]]
)
def test_an_alarm_is_not_put_with_actions_of_a_record(actions: list[str]) -> None:
    """A finish that is taken back puts what new has today: what the record says an alarm does is not read at all."""
    pair = resting()
    before, wanted = strangers(pair), settings_of(pair.sim, BLUE)
    pair.service(stop=stopped_behind(pair, "BatchDeleteScheduledAction")).finish()
    assert pair.release is not None
    old = pair.release.picture.old
    changed = tuple({**one, "AlarmActions": actions, "Threshold": 0.1} for one in old.alarms)
    odd = claimed(attrs.evolve(pair.release), PAGER, AlarmActions=actions)["picture"].old
    side = attrs.evolve(old, alarms=(*changed, odd.alarms[-1]), policies=odd.policies)
    forge(pair, picture=attrs.evolve(pair.release.picture, old=side))
    told = pair.service().rollback()
    assert ({"InService"}, before) == (set(pair.sim.states(BLUE).values()), strangers(pair))
    assert wanted["alarms"] == settings_of(pair.sim, BLUE)["alarms"], told


def _blocked(told: Ended | None) -> Ended:
    assert told is not None
    assert Status.BLOCKED == told.status, told
    return told
