"""Names of the other group, what is the same but for them, and which alarms would scale a group in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bluegreen.targets.pair.model.copies import _rewrite
from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.release import MOVE, TWINS
from bluegreen.targets.pair.model.twins import (
    SUFFIX,
    Names,
    are_twins,
    astray,
    due_times,
    firing_to_scale_in,
    unclear,
    way_of,
)
from tests.support.values import NOW, moment

PIECES = st.sampled_from(["web", "web-b", "b", "-", "blue", "green", SUFFIX, "re", "r", "e", "ab", "a", "x", " "])
GROUP = st.lists(PIECES, min_size=1, max_size=3).map("".join)
TEXT = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=9)
NAMES = st.builds(Names, GROUP, GROUP)
ARN = "arn:aws:autoscaling:r:1:scalingPolicy:1:autoScalingGroupName/web:policyName/"


# ---- names ----


@given(NAMES, TEXT)
@example(Names("blue", "green"), f"low{SUFFIX}")
@example(Names("blue", "green"), "low")
@example(Names("web", f"web{SUFFIX}"), "web")
@example(Names("web", "web-b"), f"web{SUFFIX}{SUFFIX}")
@example(Names("a", "ab"), "abb")
@example(Names("r", "re"), "r")
def test_a_counterparts_counterpart_is_the_name_itself(names: Names, text: str) -> None:
    """What is called otherwise on the other side gets its own name back, seen from either side."""
    back = Names(names.theirs, names.ours)
    assert (text, text) == (names.counterpart(names.counterpart(text)), back.counterpart(names.counterpart(text)))


@given(NAMES, TEXT)
@example(Names("a", "ab"), "abb")
def test_a_name_swapped_twice_is_the_name_itself(names: Names, text: str) -> None:
    """Policies and scheduled actions keep a name that could not be told apart after a swap."""
    assert text == names.rename(names.rename(text))


@given(NAMES, TEXT, TEXT)
def test_no_two_names_become_one(names: Names, one: str, other: str) -> None:
    """Two settings of one kind never meet under one name."""
    kept = one == other
    assert (kept, kept) == (
        names.rename(one) == names.rename(other),
        names.counterpart(one) == names.counterpart(other),
    )


@given(GROUP, TEXT)
def test_one_name_changes_nothing(name: str, text: str) -> None:
    """Put back onto the group that it came from, a setting keeps its names."""
    same = Names(name, name)
    assert (text, text, text) == (same.swap(text), same.rename(text), same.counterpart(text))


@pytest.mark.parametrize(
    ("ours", "theirs", "text", "expected"),
    [
        ("web-blue", "web-green", "cpu-web-blue-high", "cpu-web-green-high"),
        ("web-green", "web-blue", "cpu-web-blue-high", "cpu-web-green-high"),
        ("web-blue", "web-green", "low", "low-bluegreen"),
        ("web-green", "web-blue", "low-bluegreen", "low"),
        ("blue", "green", "low", "low-bluegreen"),
        ("green", "blue", "low-bluegreen", "low"),
        ("web", "web-b", "web-b-high", "web-high"),
        ("web", "web-b", "web-high", "web-b-high"),
        ("web", "web-bluegreen", "web-high", "web-bluegreen-high"),
        ("web", "web-bluegreen", "high-web", "high-web-bluegreen"),
        ("web", "web-bluegreen", "high-web-bluegreen", "high-web"),
        ("web-blue", "web-green", "low-bluegreen-bluegreen", "low-bluegreen-bluegreen-bluegreen"),
        ("web-blue", "web-green", "", "-bluegreen"),
        ("a.b", "c", "a-b", "a-b-bluegreen"),
        ("web-blue", "web-green", "web-blue-web-green", "web-green-web-blue"),
        ("r", "re", "r-bluegreen", "r-bluegreen"),
    ],
)
def test_what_a_copy_of_an_alarm_is_called(ours: str, theirs: str, text: str, expected: str) -> None:
    """After the other group where the name names one; otherwise with a suffix; never what cannot come back."""
    assert expected == Names(ours, theirs).counterpart(text)


@given(NAMES, TEXT.filter(lambda text: len(text) < 30))
def test_a_counterpart_is_another_name_or_check_finds_it_taken(names: Names, text: str) -> None:
    """Where no other name comes back the alarm keeps its own, which exists: check refuses that."""
    copy = names.counterpart(text)
    stuck = names.ours == names.theirs or names._other(names._other(text)) != text
    assert stuck == (copy == text)


SEARCHED = """SEARCH('{AWS/EC2,AutoScalingGroupName} AutoScalingGroupName="web" MetricName="webhook"', 'Sum') / web"""
INSIGHT = (
    """SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", AutoScalingGroupName) WHERE AutoScalingGroupName = 'web'"""
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (SEARCHED, SEARCHED.replace('="web"', '="web-b"')),
        (INSIGHT, INSIGHT.replace("'web'", "'web-b'")),
        ("SEARCH('web-b', 'Sum')", "SEARCH('web', 'Sum')"),
        ("web + m1", "web + m1"),
        (
            "SEARCH('targetgroup/web/1 web.x x_web web-c', 'Sum')",
            "SEARCH('targetgroup/web/1 web.x x_web web-c', 'Sum')",
        ),
        ("", ""),
    ],
)
def test_a_groups_name_in_an_expression(expression: str, expected: str) -> None:
    """It is swapped as a whole word in quotes: a metric's name, a target group's or a metric's id may hold it."""
    names = Names("web", "web-b")
    assert (expected, expression) == (names.swap_quoted(expression), names.swap_quoted(expected))
    assert expected == _rewrite("Expression", expression, names)


# ---- the same ----

VALUES = st.recursive(
    st.sampled_from(["web", "web-b", "x", "web-x", 1, 2.5, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def swapped(value: Any, names: Names) -> Any:
    """Return a value with the groups' names swapped wherever text is."""
    if isinstance(value, str):
        return names.swap(value)
    if isinstance(value, list):
        return [swapped(item, names) for item in value]
    return {key: swapped(item, names) for key, item in value.items()} if isinstance(value, dict) else value


def shuffled(value: Any, random: Any) -> Any:
    """Return a value whose lists are in another order."""
    if isinstance(value, list):
        items = [shuffled(item, random) for item in value]
        random.shuffle(items)
        return items
    return {key: shuffled(item, random) for key, item in value.items()} if isinstance(value, dict) else value


@given(VALUES, st.randoms())
def test_names_and_the_order_of_lists_make_no_difference(value: Any, random: Any) -> None:
    """A value is like itself, like itself in another order, and like itself with the names swapped."""
    names = Names("web", "web-b")
    both = (shuffled(value, random), swapped(shuffled(value, random), names))
    assert [True, True] == [names.alike(value, other) for other in both]


@given(VALUES, VALUES)
def test_another_value_makes_a_difference(one: Any, other: Any) -> None:
    """With no names to swap, two values are alike just when they are equal but for the order of their lists."""
    assert (ordered(one) == ordered(other)) == Names("\0", "\0").alike(one, other)


def ordered(value: Any) -> Any:
    """Return a value whose lists are sorted, so that equal ones have one form."""
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=repr)
    if isinstance(value, dict):
        return {key: ordered(item) for key, item in sorted(value.items())}
    return 1 if value is True else value


POLICY = {"PolicyName": "cpu", "PolicyType": "SimpleScaling", "PolicyARN": ARN + "cpu", "ScalingAdjustment": 1}
NIGHT = {"ScheduledActionName": "night", "MinSize": 1}


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (Scaling(), Scaling(), MOVE),
        (Scaling((POLICY,)), Scaling((POLICY,)), TWINS),
        (Scaling((POLICY,)), Scaling(), MOVE),
        (Scaling((), (NIGHT,)), Scaling(), MOVE),
        (Scaling((POLICY,)), Scaling(hooks=({"LifecycleHookName": "h"},)), MOVE),
        (Scaling(), Scaling((POLICY,)), None),
        (Scaling((POLICY,)), Scaling((), (NIGHT,)), None),
        (Scaling((POLICY,), (NIGHT,)), Scaling((POLICY,)), None),
        (Scaling((POLICY,)), Scaling(({**POLICY, "ScalingAdjustment": 2},)), None),
    ],
)
def test_how_settings_get_to_the_other_group(ours: Scaling, theirs: Scaling, expected: str | None) -> None:
    """Both have the same, or the other one has none, or nothing can be done."""
    assert expected == way_of(ours, theirs, ("web", "web-b"))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"AlarmName": "other", "AlarmDescription": "x", "Tags": [{"Key": "a", "Value": "b"}]}, True),
        ({"StateValue": "ALARM", "AlarmArn": "arn:other"}, True),
        ({"Threshold": 2.0}, False),
        ({"TreatMissingData": "breaching"}, False),
        ({"AlarmActions": ["arn:aws:sns:r:1:ops"]}, False),
        ({"AlarmActions": [], "OKActions": [ARN + "cpu"]}, False),
        ({"AlarmActions": [ARN + "cpu", ARN + "elsewhere"]}, True),
        ({"AlarmActions": [ARN + "cpu", "arn:aws:sns:r:1:ops"]}, False),
    ],
)
def test_twins_have_alarms_that_do_the_same(changed: dict[str, Any], expected: bool) -> None:
    """Each is called, described and tagged as its owner likes; what else it acts through is another policy's."""
    alarm = {"AlarmName": "high", "Threshold": 1.0, "AlarmActions": [ARN + "cpu"], "StateValue": "OK"}
    sides = [
        Scaling(({**POLICY, "Alarms": [{"AlarmName": one["AlarmName"]}]},), alarms=(one,))
        for one in (alarm, {**alarm, **changed})
    ]
    assert (expected, expected) == (are_twins(*sides, ("web", "web-b")), are_twins(*sides[::-1], ("web-b", "web")))


def test_one_alarm_of_two_policies_is_as_good_as_two() -> None:
    """Each policy sees an alarm that does the same for it, whether or not the other one has it, too."""
    rule = {"Threshold": 1.0, "StateValue": "OK"}
    names = ("up", "down")
    shared = {**rule, "AlarmName": "a", "AlarmActions": [ARN + name for name in names]}
    apart = [{**rule, "AlarmName": name, "AlarmActions": [ARN + name]} for name in names]
    one, two = (
        Scaling(
            tuple(
                {**POLICY, "PolicyName": name, "PolicyARN": ARN + name, "Alarms": [{"AlarmName": of or name}]}
                for name in names
            ),
            alarms=tuple(alarms),
        )
        for of, alarms in (("a", [shared]), ("", apart))
    )
    assert (True, True) == (are_twins(one, two, ("web", "web-b")), are_twins(two, one, ("web", "web-b")))


# ---- what would scale in ----

TRACKING = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {"TargetValue": 50.0}}
NO_SCALE_IN = {**TRACKING, "TargetTrackingConfiguration": {"TargetValue": 50.0, "DisableScaleIn": True}}
STEPS = {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"}
SIMPLE = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": []}
EXACT = {"PolicyType": "SimpleScaling", "AdjustmentType": "ExactCapacity", "ScalingAdjustment": 3}
LESS, MORE = {"ComparisonOperator": "LessThanThreshold"}, {"ComparisonOperator": "GreaterThanThreshold"}
FORECAST = {"PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"}}
OFF = {"Enabled": False}


def steps(*sizes: int) -> dict[str, Any]:
    """Return a step policy that changes the size by one of ``sizes``."""
    return {**STEPS, "StepAdjustments": [{"ScalingAdjustment": size} for size in sizes]}


@pytest.mark.parametrize(
    ("policy", "alarm", "expected"),
    [
        (TRACKING, LESS, True),
        (TRACKING, {"ComparisonOperator": "LessThanOrEqualToThreshold"}, True),
        (TRACKING, MORE, False),
        (TRACKING, {**LESS, "StateValue": "OK"}, False),
        (TRACKING, {**LESS, "StateValue": "INSUFFICIENT_DATA"}, False),
        (NO_SCALE_IN, LESS, False),
        ({**TRACKING, **OFF}, LESS, False),
        ({**TRACKING, "Enabled": True}, LESS, True),
        (FORECAST, LESS, False),
        (steps(-1), MORE, True),
        (steps(-1), LESS, True),
        (steps(1, 2), LESS, False),
        (steps(1, -2), MORE, True),
        ({**steps(-1), **OFF}, LESS, False),
        ({**steps(2), "AdjustmentType": "ExactCapacity"}, MORE, True),
        ({**SIMPLE, "ScalingAdjustment": -1}, MORE, True),
        ({**SIMPLE, "ScalingAdjustment": 1}, LESS, False),
        ({**SIMPLE, "ScalingAdjustment": 0}, LESS, False),
        (EXACT, MORE, True),
        ({**EXACT, **OFF}, MORE, False),
        (EXACT, {"StateValue": "OK"}, False),
        (EXACT, {"AlarmActions": [], "OKActions": [ARN + "p"]}, False),
        (EXACT, {"AlarmActions": [], "OKActions": [ARN + "p"], "StateValue": "OK"}, True),
        (EXACT, {"InsufficientDataActions": [ARN + "p"], "StateValue": "INSUFFICIENT_DATA"}, True),
        (EXACT, {"ActionsEnabled": False}, False),
        (EXACT, {"AlarmActions": [ARN + "other"]}, False),
    ],
)
def test_what_would_scale_in(policy: dict[str, Any], alarm: dict[str, Any], expected: bool) -> None:
    """An alarm whose state makes a policy act that is at work and can shrink the group, and no other one."""
    known = {"PolicyName": "p", "PolicyARN": ARN + "p", "Alarms": [{"AlarmName": "a"}], **policy}
    found = {"AlarmName": "a", "StateValue": "ALARM", "AlarmActions": [ARN + "p"], **alarm}
    stranger = {**found, "AlarmName": "b", "AlarmActions": []}
    assert (("a",) if expected else ()) == firing_to_scale_in(Scaling((known,), alarms=(found, stranger)))


def test_an_alarm_of_two_policies() -> None:
    """One that grows through a policy at work and would shrink through one that rests does not shrink."""
    both = [{"AlarmName": "a"}]
    down = {"PolicyName": "down", "PolicyARN": ARN + "down", "Alarms": both, **steps(-1), **OFF}
    up = {"PolicyName": "up", "PolicyARN": ARN + "up", "Alarms": both, **steps(1)}
    alarm = {"AlarmName": "a", "StateValue": "ALARM", "AlarmActions": [ARN + "down", ARN + "up"]}
    assert () == firing_to_scale_in(Scaling((down, up), alarms=(alarm,)))
    assert ("a",) == firing_to_scale_in(Scaling(({**down, "Enabled": True}, up), alarms=(alarm,)))


def test_when_scheduled_actions_are_due() -> None:
    """The start that AWS tells is the next run; what has none is never due."""
    noon, night = (
        {"ScheduledActionName": name, "StartTime": moment(at)} for name, at in (("noon", NOW), ("a", NOW + 5))
    )
    assert ((NOW, "noon"), (NOW + 5, "a")) == due_times(noon, {"MinSize": 1}, night)


# ---- what follows the other group ----


def following(of: str, watched: Any, kind: str = "alarm") -> Scaling:
    """Return the settings of a group whose alarm, or target tracking, takes ``watched`` as its metric."""
    arn = f"arn:aws:autoscaling:r:1:scalingPolicy:1:autoScalingGroupName/{of}:policyName/up"
    own = {"PolicyName": "up", "AutoScalingGroupName": of, "PolicyARN": arn, "Alarms": [{"AlarmName": f"{of}-high"}]}
    if kind == "policy":
        return Scaling(policies=({**own, "TargetTrackingConfiguration": {"CustomizedMetricSpecification": watched}},))
    alarm = {"AlarmName": f"{of}-high", "AlarmActions": [arn], **watched}
    return Scaling(policies=({**own, "PolicyType": "StepScaling"},), alarms=(alarm,))


def dimension(group: str) -> dict[str, Any]:
    """Return a metric of a group."""
    return {"MetricName": "CPUUtilization", "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}]}


def math(*groups: str) -> dict[str, Any]:
    """Return the sum of a metric of some groups."""
    return {"Metrics": [{"Id": f"m{n}", "MetricStat": {"Metric": dimension(g)}} for n, g in enumerate(groups)]}


def search(*groups: str) -> dict[str, Any]:
    """Return an expression that finds a metric of some groups."""
    words = " OR ".join(f'AutoScalingGroupName="{group}"' for group in groups)
    return {"Metrics": [{"Id": "e", "Expression": f"SUM(SEARCH('{{AWS/EC2}} {words}', 'Sum', 60))"}]}


OF_BALANCER = {"MetricName": "RequestCount", "Dimensions": [{"Name": "LoadBalancer", "Value": "app/blue"}]}


@pytest.mark.parametrize("kind", ["alarm", "policy"])
@pytest.mark.parametrize(
    ("ours", "theirs", "twins"),
    [
        (dimension("blue"), dimension("green"), True),
        (dimension("blue"), dimension("blue"), False),
        (dimension("green"), dimension("green"), False),
        (dimension("green"), dimension("blue"), False),
        (math("blue"), math("blue"), False),
        (math("blue", "green"), math("blue", "green"), True),
        (search("blue"), search("blue"), False),
        (search("blue"), search("green"), True),
        (search("blue", "green"), search("blue", "green"), True),
        (OF_BALANCER, OF_BALANCER, True),
    ],
)
def test_twins_follow_what_they_serve(kind, ours, theirs, twins) -> None:
    """What follows the other group has no metric once that one is parked: the same to the letter, and no twins."""
    blue, green = following("blue", ours, kind), following("green", theirs, kind)
    assert twins == are_twins(blue, green, ("blue", "green"))


def test_what_follows_the_other_group_is_named() -> None:
    """An alarm by its name, and target tracking by its policy's."""
    assert (("AlarmName", "green-high"),) == astray(following("green", dimension("blue")), "green", "blue")
    assert (("PolicyName", "up"),) == astray(following("green", search("blue"), "policy"), "green", "blue")


def custom(name: str, group: str, namespace: str = "My/App") -> dict[str, Any]:
    """Return a metric of somebody's own, which has a dimension of any name."""
    row = {"Name": name, "Value": group}
    return {"Namespace": namespace, "MetricName": "Load", "Dimensions": [row, {"Name": "Stage", "Value": "prod"}]}


@pytest.mark.parametrize(("kind", "called"), [("alarm", ("AlarmName", "green-high")), ("policy", ("PolicyName", "up"))])
@pytest.mark.parametrize(
    ("watched", "told"),
    [
        (custom("asg", "blue"), [("asg", "blue")]),
        (custom("asg", "green"), [("asg", "green")]),
        ({"Metrics": [{"Id": "m", "MetricStat": {"Metric": custom("asg", "blue")}}]}, [("asg", "blue")]),
        (custom("GroupName", "blue", "CWAgent"), [("GroupName", "blue")]),
        (custom("QueueName", "blue", "AWS/SQS"), []),
        (custom("asg", "blue-2"), []),
        (custom("AutoScalingGroupName", "blue"), []),
        (math("blue"), []),
    ],
)
def test_what_a_dimension_of_somebodys_own_says_is_not_known(kind, called, watched, told) -> None:
    """That its value is a group's name does not tell that it is the group; in a namespace of AWS's it is not."""
    expected = tuple((*called, *one) for one in told)
    assert expected == unclear(following("green", watched, kind), ("blue", "green"))
