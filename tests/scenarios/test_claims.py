"""A record that somebody has changed: what it says of alarms, policies, images and instances is held against AWS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status
from bluegreen.flow.limits import Pace
from bluegreen.service import Ended
from bluegreen.simulator.build import Check, balancer
from bluegreen.targets.pair.model.release import Release, Side
from bluegreen.targets.pair.plans.answers import Guard
from bluegreen.targets.pair.plans.guards import claims
from bluegreen.targets.pair.plans.plan import ALL_GUARDS, build_plan
from tests.scenarios.test_settings_reviewed import stopped_behind
from tests.scenarios.test_strange_records import FOREIGN, forge, rewrite
from tests.support.hands import COMMAND, in_balancers, lone, marked, neighbour, tagged, type_in
from tests.support.scaling import put_alarm, put_settings, settings_of
from tests.support.values import evolved
from tests.support.virtual import BLUE, GREEN, Pair, told_once, virtual

PAGER = "the pager"
"""An alarm that wakes somebody, and is nobody's to delete."""
TOPIC = "arn:aws:sns:us-east-1:123456789012:elsewhere"
DUE = 601.0
"""Seconds after which what is parked is past its time."""


def beside(pair: Pair) -> Pair:
    """Put what is none of ours beside a pair: a group with a policy, an alarm that acts through it, and a pager."""
    neighbour(pair, FOREIGN)
    put_alarm(pair.sim, FOREIGN, PAGER, TOPIC, "GreaterThanThreshold", 99.0)
    policy = {"PolicyName": "up", "PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity"}
    sent = {**policy, "AutoScalingGroupName": FOREIGN, "ScalingAdjustment": 1}
    arn = pair.sim.call("autoscaling", "PutScalingPolicy", sent)["PolicyARN"]
    put_alarm(pair.sim, FOREIGN, f"{FOREIGN} is busy", arn, "GreaterThanThreshold", 90.0)
    return pair


@told_once
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


def without(guards: Iterable[Guard]) -> Any:
    """Return the plan in use without some of its guards."""
    gone = tuple(guards)
    return build_plan(guards=tuple(one for one in ALL_GUARDS if one not in gone))


@pytest.mark.parametrize("alarm", [PAGER, f"{FOREIGN} is busy", f"{GREEN} is busy"])
def test_an_alarm_that_a_record_names_is_not_deleted_on_its_word(alarm: str) -> None:
    """An unattended clean-up of a record that was changed: 4 with both facts, and the alarm stands."""
    pair = resting()
    assert pair.release is not None
    forge(pair, **claimed(pair.release, alarm))
    pair.run_for(DUE)
    before, kept = strangers(pair), alarms(pair)[alarm]
    told = blocked(pair.service().cleanup())
    assert (before, kept) == (strangers(pair), alarms(pair).get(alarm))
    assert all(word in told.sentence for word in (alarm, BLUE, "only the record says that")), told.sentence
    assert "cloudwatch delete-alarms" in told.hint


@pytest.mark.parametrize("verb", ["finish", "cleanup"])
def test_an_alarm_that_only_sends_is_nobodys_but_its_owners(verb: str) -> None:
    """It has the name that the counterpart of one on the other group would have, and wakes somebody: it stands."""
    pair, name = resting(), f"{BLUE} is busy"
    assert f"{GREEN} is busy" in alarms(pair)
    put_alarm(pair.sim, BLUE, name, TOPIC, "GreaterThanThreshold", 90.0)
    kept = alarms(pair)[name]
    pair.run_for(DUE)
    told = blocked(getattr(pair.service(), verb)())
    assert (kept, True) == (alarms(pair).get(name), f"acts through {TOPIC}" in told.sentence)
    type_in(pair, told.hint.split("`")[1])
    assert Status.OK == pair.service().resume().status


def test_without_its_guard_the_alarm_goes() -> None:
    """What the guard is for."""
    pair = resting()
    assert pair.release is not None
    forge(pair, **claimed(pair.release, PAGER))
    pair.run_for(DUE)
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


def running(pair: Pair, instance: str) -> bool:
    """Whether an instance runs still, in no group."""
    return instance in pair.sim.orphans()


def test_an_instance_that_was_never_in_the_group_is_not_terminated() -> None:
    """The record lists it and it carries the mark: AWS does not tell that it was a member; 4, with the command."""
    pair = resting()
    free = lone(pair)
    release = pair.release
    assert release is not None
    forge(pair, retire=(free,))
    pair.run_for(DUE)
    marked(pair, [free], release.id)
    told = blocked(pair.service().cleanup())
    assert (True, True, True) == (running(pair, free), free in told.sentence, "terminate-instances" in told.hint)
    type_in(pair, told.hint.split("`")[1])
    pair.run_for(30)
    assert Status.OK == pair.service().resume().status


def test_a_former_member_that_serves_behind_another_balancer_is_not_terminated() -> None:
    """Somebody took it for something else since it was detached: whatever balancer lists it, it stays."""
    pair = resting()
    pair.service(stop=stopped_behind(pair, "DetachInstances")).finish()
    pair.run_for(30)
    (free, *_) = pair.sim.orphans()
    arn = other_target_group(pair)
    pair.sim.call("elbv2", "RegisterTargets", {"TargetGroupArn": arn, "Targets": [{"Id": free}]})
    told = blocked(pair.service().finish())
    assert (True, True) == (running(pair, free), "is registered in" in told.sentence)
    pair.sim.call("elbv2", "DeregisterTargets", {"TargetGroupArn": arn, "Targets": [{"Id": free}]})
    pair.run_for(400)
    assert (Status.OK, False) == (pair.service().finish().status, running(pair, free))


def put_behind(pair: Pair, kind: str, instance: str) -> None:
    """Register an instance in a balancer that is none of the pair's."""
    if kind == "classic":
        name = balancer(pair.sim, kind, "another", Check(1.0, 2, 5.0))
        request = {"LoadBalancerName": name, "Instances": [{"InstanceId": instance}]}
        pair.sim.call("elb", "RegisterInstancesWithLoadBalancer", request)
    else:
        request = {"TargetGroupArn": other_target_group(pair), "Targets": [{"Id": instance}]}
        pair.sim.call("elbv2", "RegisterTargets", request)


@pytest.mark.parametrize("kind", ["classic", "target-group"])
def test_a_parked_one_that_serves_behind_another_balancer_is_found_before_any_is_detached(kind: str) -> None:
    """A rollback is as warm as before, and the hint names both ways: off that balancer, or left running with all."""
    pair = resting()
    one, other = sorted(pair.sim.states(BLUE))
    put_behind(pair, kind, one)
    told = blocked(pair.service().finish())
    (away,) = COMMAND.findall(told.hint)
    assert {one: "Standby", other: "Standby"} == pair.sim.states(BLUE)
    all_of_them = f"`bluegreen finish --keep web` keeps all 2 remaining instances running: {one}, {other}"
    assert (True, True) == (one in away, all_of_them in told.hint)
    kept = pair.branch()
    assert (Status.OK, True) == (kept.service().finish(keep=True).status, running(kept, one))
    type_in(pair, away)
    pair.run_for(400)
    assert (Status.OK, False) == (pair.service().resume().status, running(pair, one))


def test_a_parked_one_that_still_drains_is_waited_for() -> None:
    """It is on its way out of the pair's own balancer: that keeps nothing from being detached."""
    pair = resting(drain=60.0)
    (one, *_) = sorted(pair.sim.states(BLUE))
    for registered in (True, False):
        in_balancers(pair, BLUE, [one], registered=registered)
    assert (Status.OK, False) == (pair.service().finish().status, running(pair, one))


def test_one_that_serves_behind_another_balancer_keeps_no_other_from_being_terminated() -> None:
    """It was registered after all were detached: it alone stays, and the way out of it is told."""
    pair = resting()
    pair.service(stop=stopped_behind(pair, "DetachInstances")).finish()
    pair.run_for(30)
    held, other = sorted(pair.sim.orphans())
    put_behind(pair, "target-group", held)
    told = blocked(pair.service().finish())
    pair.run_for(30)
    assert (True, False) == (running(pair, held), running(pair, other))
    type_in(pair, *COMMAND.findall(told.hint))
    pair.run_for(400)
    assert (Status.OK, False) == (pair.service().resume().status, running(pair, held))


def images(pair: Pair) -> list[str | None]:
    """Return the images that the next instance of either group would run."""
    return [pair.sim.image_of_group(group) for group in (BLUE, GREEN)]


def sides(release: Release, side: str, **changes: Any) -> dict[str, Any]:
    """Return what makes the picture of one side another one."""
    found = attrs.evolve(getattr(release.picture, side), **changes)
    return {"picture": attrs.evolve(release.picture, **{side: found})}


CHANGED: dict[str, Any] = {
    "the image": lambda release: {"image": "v9"},
    "what old ran": lambda release: sides(release, "old", image="v9"),
    "what new ran": lambda release: sides(release, "new", image="v9"),
    "that new ran nothing": lambda release: sides(release, "new", image=None),
    "the way": lambda release: {"way": "twins"},
    "the pace": lambda release: {"pace": Pace(0, 1000)},
}


@pytest.mark.parametrize("what", CHANGED)
@pytest.mark.parametrize("verb", ["cleanup", "finish", "rollback"])
def test_what_the_tags_say_otherwise_is_not_written(verb: str, what: str) -> None:
    """No image goes into a group's tag that the tags of the release do not tell; old comes back all the same."""
    pair = virtual(instances=1)
    tagged(pair, GREEN, "v0")
    pair.service().deploy("v2")
    before = images(pair)
    assert pair.release is not None
    forge(pair, **CHANGED[what](pair.release))
    pair.run_for(DUE)
    told = blocked(getattr(pair.service(), verb)())
    assert (before, True) == (images(pair), ", and the record says " in told.sentence), told
    pair.run_for(30)
    assert verb != "rollback" or {"InService"} == set(pair.sim.states(BLUE).values())
    assert all(word in told.hint for word in ("delete-tags", "bluegreen adopt web"))


def test_the_tags_are_right_or_the_record_is() -> None:
    """A person takes the tags off, and the record is carried on; or moves it away, and adopts what the tags say."""
    for adopts in (False, True):
        pair = virtual(instances=1)
        pair.service().deploy("v2")
        forge(pair, image="v9")
        told = blocked(pair.service().rollback())
        if adopts:
            pair.store = type(pair.store)()
            pair.service().adopt()
        else:
            for command in told.hint.split(", then")[0].split("`")[1::2]:
                type_in(pair, command)
        assert (Status.OK, ["v1", "v1"]) == (pair.service().rollback().status, images(pair))


@pytest.mark.parametrize("begun", [0.0, 1.0])
@pytest.mark.parametrize("goal", ["deploy", "rollback"])
def test_a_release_that_no_tag_tells_of_is_not_carried_on_unasked(goal: str, begun: float) -> None:
    """Nothing was under way, and a record says that something is: a clean-up writes none of it; a person may."""
    pair = virtual(instances=1)
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    pair.service().finish()
    pair.run_for(90)
    before = pair.picture(), images(pair)
    image, doors = ("v9", {}) if goal == "deploy" else ("v2", release.milestones)
    swapped = {"old": GREEN, "new": BLUE, "picture": _swapped(release), "written": {}, "best": {}}
    forged = {
        "goal": goal,
        "image": image,
        "milestones": doors,
        "progress": (),
        "launched_at": begun,
        "named": False,
        **swapped,
    }
    rewrite(pair, release=evolved(release, **forged))
    told = pair.service().cleanup()
    assert told is not None
    if goal == "deploy" and not begun:
        assert (Status.ROLLED_BACK, True) == (told.status, "had changed nothing yet" in told.sentence)
    else:
        assert "no tag of" in blocked(told).sentence
    assert before == (pair.picture(), images(pair))


def _swapped(release: Release) -> Any:
    old, new = release.picture.old, release.picture.new
    return attrs.evolve(release.picture, old=attrs.evolve(old, name=GREEN), new=attrs.evolve(new, name=BLUE))


def test_another_tag_for_the_image_is_refused_with_both() -> None:
    """The configuration says which tag instances read."""
    pair = virtual(instances=1)
    pair.service().deploy("v2")
    forge(pair, image_tag_key="owner")
    with pytest.raises(Refused, match="has its image in the tag owner, and the configuration says image"):
        pair.service().cleanup()


def other_target_group(pair: Pair) -> str:
    """Return the ARN of a target group that is none of the pair's."""
    (row, *_) = pair.sim.call("elbv2", "DescribeTargetGroups", {})["TargetGroups"]
    kept = ("Protocol", "Port", "VpcId", "TargetType")
    request = {"Name": "another", **{key: row[key] for key in kept if key in row}}
    arn: str = pair.sim.call("elbv2", "CreateTargetGroup", request)["TargetGroups"][0]["TargetGroupArn"]
    return arn


def blocked(told: Ended | None) -> Ended:
    """Return how a run ended, which is with 4."""
    assert told is not None
    assert Status.BLOCKED == told.status, told
    return told
