"""Scaling settings moved from blue to green and back: no field differs from a group that was left alone."""

from __future__ import annotations

import copy
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from bluegreen.flow.answers import Answer, Due
from bluegreen.flow.asking import answered
from bluegreen.simulator.build import resource_label
from bluegreen.targets.pair.aws.scaling import ScalingReader
from bluegreen.targets.pair.model.copies import copies
from bluegreen.targets.pair.model.fleet import Question, Scaling
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import MOVE, Release
from bluegreen.targets.pair.model.twins import Names
from bluegreen.targets.pair.plans.moving import copy_settings, strip_old
from bluegreen.targets.pair.plans.steps import Step
from tests.contract.settings_drawn import ALARM, ALARMS, KINDS, NOT_FOR_SCALING, POLICY, STATES, Drawn, fifty
from tests.support.values import release
from tests.support.virtual import BLUE, GREEN, Pair, Plugged, virtual

OF_NO_MEANING = {"AlarmArn", "ResponseMetadata", "AutoScalingGroupName", "PolicyARN", "ScheduledActionARN", "Time"}
"""ARNs and names of the group; states and times of an alarm are told by how their names begin."""
FEW = hypothesis_settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
SOME = hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def pair_with(drawn: Drawn) -> Pair:
    """Return a pair whose live group has these settings, and does not act on them: they are not what is tried here."""
    pair = virtual(instances=2)
    resting = {"AutoScalingGroupName": BLUE, "ScalingProcesses": ["AlarmNotification", "ScheduledActions"]}
    pair.sim.call("autoscaling", "SuspendProcesses", resting)
    key = next(iter(pair.sim.groups[BLUE].balancers))
    drawn.put(pair.sim, resource_label(pair.sim, key))
    return pair


# ---- what AWS says of a group's settings ----


def described(pair: Pair, group: str = BLUE) -> dict[str, Any]:
    """Return every field of a group's policies, scheduled actions and the owner's alarms, by where it stands."""

    def call(service: str, operation: str, **parameters: Any) -> Any:
        return copy.deepcopy(pair.sim.call(service, operation, parameters))

    policies = call("autoscaling", "DescribePolicies", AutoScalingGroupName=group)["ScalingPolicies"]
    schedules = call("autoscaling", "DescribeScheduledActions", AutoScalingGroupName=group)
    named = {policy["PolicyARN"]: policy["PolicyName"] for policy in policies}
    alarms = call("cloudwatch", "DescribeAlarms")["MetricAlarms"]
    owned = [alarm for alarm in alarms if "TargetTracking-" not in alarm["AlarmName"]]
    for policy in policies:
        tracked = policy["PolicyType"] == "TargetTrackingScaling"
        names = sorted(alarm["AlarmName"] for alarm in policy["Alarms"])
        policy["Alarms"] = len(names) if tracked else names
    for alarm in owned:
        alarm["Tags"] = call("cloudwatch", "ListTagsForResource", ResourceARN=alarm["AlarmArn"])["Tags"]
        for state in STATES:
            alarm[state] = [named.get(action, action) for action in alarm[state]]
    rows = [("policy", one.pop("PolicyName"), one) for one in policies]
    rows += [("alarm", one.pop("AlarmName"), one) for one in owned]
    actions = schedules["ScheduledUpdateGroupActions"]
    rows += [("schedule", one.pop("ScheduledActionName"), one) for one in actions]
    return {f"{kind} {name}": meaning(one) for kind, name, one in rows}


def meaning(row: dict[str, Any]) -> dict[str, Any]:
    """Return a setting without ARNs, states and timestamps of its own."""
    beside = ("State", "AlarmConfigurationUpdated", "EvaluationState")
    return {key: value for key, value in row.items() if key not in OF_NO_MEANING and not key.startswith(beside)}


def fields(value: Any, path: str = "") -> dict[str, Any]:
    """Return every field of a value by its path; an empty one has its own."""
    match value:
        case {} | [] if not value:
            return {path: value}
        case dict():
            inside = list(value.items())
        case list():
            inside = list(enumerate(value))
        case _:
            return {path: value}
    return {at: leaf for key, item in inside for at, leaf in fields(item, f"{path}/{key}").items()}


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return the fields that are not the same, or on one side only."""
    ours, theirs = fields(one), fields(other)
    absent = object()
    return sorted(at for at in ours.keys() | theirs.keys() if ours.get(at, absent) != theirs.get(at, absent))


# ---- moved by the steps and the adapter ----


def moved(pair: Pair, old: str, new: str) -> None:
    """Move everything from one group to the other with the steps of a release, and no other steps."""
    aws = pair.aws
    sides = attrs.evolve(release().picture, old=_side(pair, old), new=attrs.evolve(release().picture.new, name=new))
    of = attrs.evolve(release(), old=old, new=new, way=MOVE, picture=sides)
    for step in (copy_settings, strip_old):
        while isinstance(answer := _answered(step, aws, of), Due):
            aws.act(answer.action)


def _side(pair: Pair, name: str) -> Any:
    reader = ScalingReader(Plugged(pair.sim), pair.aws._sender)
    found = reader.read((name,), tagged=True)[name]
    side = attrs.evolve(release().picture.old, name=name, policies=found.policies)
    return attrs.evolve(side, schedules=found.schedules, alarms=found.alarms)


def _answered(step: Step, aws: Any, of: Release) -> Answer:
    seen = aws.ask(Question((of.old, of.new)))
    look = Look(fleet=seen, release=of, taken=seen.at, now=seen.at)
    return answered(look, step, lambda one, question: aws.more(one.fleet, question), lambda: seen.at)[1]


@SOME
@given(fifty() | fifty(full=True))
def test_no_field_differs_after_two_moves(drawn: Drawn) -> None:
    """Blue to green, hours later green to blue: blue is as a blue that was left alone is by then, green has nothing."""
    pair, alone = pair_with(drawn), pair_with(drawn)
    before = described(pair)
    assert [] == differing(before, described(alone))
    moved(pair, BLUE, GREEN)
    assert {} == {at: one for at, one in described(pair, BLUE).items() if not at.startswith("alarm")}
    for one in (pair, alone):
        one.run_for(9000.0)
    moved(pair, GREEN, BLUE)
    assert [] == differing(described(alone), described(pair))
    assert (len(before), {}) == (
        len(drawn.policies) + len(drawn.alarms) + len(drawn.schedules),
        {at: one for at, one in described(pair, GREEN).items() if not at.startswith("alarm")},
    )


@FEW
@given(fifty(21) | fifty(full=True))
def test_no_field_differs_after_two_releases(drawn: Drawn) -> None:
    """Two whole deployments and finishes leave every setting of blue as it would be without them."""
    pair, alone = pair_with(drawn), pair_with(drawn)
    for image in ("v2", "v3"):
        pair.service(stabilization=0.0).deploy(image)
        pair.service(stabilization=0.0).finish()
        assert pair.release is None
    assert {"v3"} == pair.images(BLUE)
    alone.run_for(pair.clock.now() - alone.clock.now())
    assert [] == differing(described(alone), described(pair))
    assert [] == [at for at in described(pair, GREEN) if not at.startswith("alarm")]


# ---- what others drop ----

ARN = f"arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:autoScalingGroupName/{BLUE}:policyName/up"
UP = {"PolicyName": "up", "PolicyType": "SimpleScaling", "PolicyARN": ARN, "Alarms": [{"AlarmName": "a"}]}
DROPPED = {
    "TreatMissingData": "breaching",
    "DatapointsToAlarm": 2,
    "EvaluateLowSampleCountPercentile": "ignore",
    "Metrics": [{"Id": "m", "Expression": "1"}],
    "ThresholdMetricId": "m",
    "Tags": [{"Key": "team", "Value": "web"}],
    "OKActions": ["arn:aws:sns:us-east-1:1:ops"],
    "InsufficientDataActions": [ARN],
    "ActionsEnabled": False,
    "ExtendedStatistic": "p99",
    "Unit": "Percent",
    "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5},
}
"""Of alarms; Spinnaker's copier leaves the first five out, and people's scripts more."""


@pytest.mark.parametrize("field", DROPPED)
def test_fields_that_other_copiers_drop(field: str) -> None:
    """Each of them is on the copy, as it was."""
    alarm = {"AlarmName": "a", "AlarmActions": [ARN], field: DROPPED[field]}
    there = Scaling(({"PolicyName": "up", "PolicyARN": ARN.replace(BLUE, GREEN)},))
    (found,) = copies(Scaling((UP,), alarms=(alarm,)), there, Names(BLUE, GREEN), 0.0).alarms
    assert repr(DROPPED[field]).replace(BLUE, GREEN) == repr(found[field])


@pytest.mark.parametrize(("field", "value"), [("Enabled", False), ("TimeZone", "Asia/Seoul"), ("Cooldown", 0)])
def test_fields_of_policies_and_scheduled_actions_that_other_copiers_drop(field: str, value: object) -> None:
    """A policy that rests goes on resting; a night is a night in the same place; a zero is no absence."""
    schedule = {"ScheduledActionName": "night", "Recurrence": "0 3 * * *", field: value}
    found = copies(Scaling(({**UP, field: value},), (schedule,)), Scaling(), Names(BLUE, GREEN), 0.0)
    assert (value, value) == (found.policies[0][field], found.schedules[0][field])


def test_every_field_that_can_be_written_is_drawn() -> None:
    """A field that a later botocore adds is drawn, or named here with a reason."""
    known_of_an_alarm = {"AlarmName", *STATES, *NOT_FOR_SCALING}.union(*(needs | may for needs, may in ALARMS))
    known_of_a_policy = {"AutoScalingGroupName", "PolicyName", "PolicyType", "Enabled"}
    deprecated = {"MinAdjustmentStep"}
    assert (ALARM.keys(), POLICY.keys()) == (
        known_of_an_alarm,
        (known_of_a_policy | deprecated).union(*(needs | may for needs, may in KINDS.values())),
    )


# ---- what AWS will add ----


def test_a_field_of_tomorrow_is_copied() -> None:
    """Which fields are read is asked of the service model: one member more, and it is kept without a change of code."""
    pair = pair_with(
        Drawn([{"PolicyName": "up", "PolicyType": "SimpleScaling", **SIMPLE}], [{"AlarmName": "a", **RULE}])
    )
    pair.sim.groups[BLUE].policies["up"]["AddedIn2031"] = {"Nested": [1]}
    pair.sim.alarms["a"]["AddedIn2031"] = 5
    reader = ScalingReader(Tomorrow(pair), pair.aws._sender)
    found = reader.read((BLUE,))[BLUE]
    there = Scaling(({"PolicyName": "up", "PolicyARN": "arn"},))
    made = copies(found, there, Names(BLUE, GREEN), 0.0)
    assert ({"Nested": [1]}, 5) == (made.policies[0]["AddedIn2031"], made.alarms[0]["AddedIn2031"])
    known = ScalingReader(Plugged(pair.sim), pair.aws._sender).read((BLUE,))[BLUE]
    assert not any("AddedIn2031" in one for one in (*known.policies, *known.alarms))


SIMPLE = {"AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
RULE = {
    "MetricName": "Busy",
    "Namespace": "Shop",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 1.0,
    "AlarmActions": ["up"],
}


@attrs.frozen
class Tomorrow:
    """Clients whose models have a member more in what can be put, and answer with it."""

    pair: Pair

    def client(self, service: str) -> Any:
        """Return a client with tomorrow's model of ``service``."""
        return Client(Plugged(self.pair.sim).client(service))


@attrs.frozen
class Client:
    """A client as far as a reader looks at it."""

    made: Any

    @property
    def meta(self) -> Any:
        """Return itself: the model is asked for through it."""
        return self

    @property
    def service_model(self) -> Any:
        """Return itself, as a model."""
        return self

    def operation_model(self, operation: str) -> Any:
        """Return an operation whose input has a member more."""
        shape = copy.copy(self.made.meta.service_model.operation_model(operation).input_shape)
        shape.members = {**shape.members, "AddedIn2031": shape.members[next(iter(shape.members))]}
        return attrs.make_class("Operation", ["input_shape"])(shape)
