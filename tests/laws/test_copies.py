"""What settings are on the other group: every field kept, names rewritten, and how they are compared with it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.targets.pair.model.copies import Copies, Named, copies, lacking, named, shared_alarms, unlike
from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.twins import ALARM, POLICY, SCHEDULE, Names
from tests.support.values import NOW, moment

BLUE, GREEN = "web-blue", "web-green"
NAMES = Names(BLUE, GREEN)
NOTHING = Scaling()
SNS = "arn:aws:sns:us-east-1:1:ops"
DIMENSION = {"Name": "AutoScalingGroupName", "Value": BLUE}


def arn(of: str, name: str) -> str:
    """Return the ARN of a policy of a group."""
    return f"arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:autoScalingGroupName/{of}:policyName/{name}"


def policy(name: str = "up", of: str = BLUE, **more: Any) -> dict[str, Any]:
    """Return a step policy of a group as AWS describes it, with an alarm called after it."""
    known = {"AutoScalingGroupName": of, "PolicyARN": arn(of, name), "Alarms": [{"AlarmName": f"{name}-high"}]}
    return {**known, "PolicyName": name, "PolicyType": "StepScaling", **more}


def alarm(name: str = "up-high", **more: Any) -> dict[str, Any]:
    """Return an alarm that acts through the policy ``up`` of blue, as AWS describes it."""
    known = {"AlarmName": name, "AlarmArn": f"arn:aws:cloudwatch:us-east-1:1:alarm:{name}", "StateValue": "OK"}
    return {**known, "AlarmActions": [arn(BLUE, "up")], "OKActions": [], "InsufficientDataActions": [], **more}


def schedule(name: str = "night", **more: Any) -> dict[str, Any]:
    """Return a scheduled action of blue as AWS describes it, due in an hour."""
    known = {"AutoScalingGroupName": BLUE, "ScheduledActionARN": "arn:s", "StartTime": moment(NOW + 3600)}
    return {**known, "Time": moment(NOW + 3600), "ScheduledActionName": name, "MinSize": 1, **more}


def copied(ours: Scaling, theirs: Scaling = NOTHING, names: Names = NAMES) -> Copies:
    """Return the copies of blue's settings."""
    return copies(ours, theirs, names, NOW)


# ---- every field is kept ----

FIELD = st.sampled_from(["Threshold", "AddedIn2031", "Nested", "MetricName", "Value", "Name", "Statistic"])
LEAF = st.sampled_from([0, 0.0, 1, False, True, BLUE, GREEN, "text", f"of {BLUE}", "AutoScalingGroupName"])
VALUE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, min_size=1, max_size=2) | st.dictionaries(FIELD, inner, min_size=1),
    max_leaves=6,
)
FIELDS = st.dictionaries(FIELD, VALUE, max_size=5)


def rewritten(value: Any) -> Any:
    """Return a value with the group's dimension rewritten: all that may change in it."""
    if isinstance(value, dict):
        if value.get("Name") == "AutoScalingGroupName" and value.get("Value") in (BLUE, GREEN):
            return {**value, "Value": GREEN if value["Value"] == BLUE else BLUE}
        return {key: rewritten(item) for key, item in value.items()}
    return [rewritten(item) for item in value] if isinstance(value, list) else value


@given(FIELDS)
def test_no_field_is_lost_or_changed(fields: dict[str, Any]) -> None:
    """Whatever fields there are, known today or not, a copy has them as they are, but for the group's dimension."""
    ours = Scaling((policy(**fields),), (schedule(**fields),), alarms=(alarm(**fields),))
    found = copied(ours, Scaling((policy(of=GREEN),)))
    same = {key: rewritten(value) for key, value in fields.items()}
    assert ({**same, "PolicyName": "up", "PolicyType": "StepScaling"},) == found.policies
    assert ({**same, "AlarmName": "up-high-bluegreen", "AlarmActions": [arn(GREEN, "up")]},) == found.alarms
    kept = {"ScheduledActionName": "night", "MinSize": 1, "StartTime": moment(NOW + 3600)}
    assert ({**fields, **kept},) == found.schedules


CUSTOM = {"MetricName": "Busy", "Namespace": "Shop", "Statistic": "Average"}
MATH = [
    {"Id": "m", "MetricStat": {"Metric": {**CUSTOM, "Dimensions": [DIMENSION]}, "Stat": "Sum"}, "ReturnData": False},
    {"Id": "e", "Expression": f"SEARCH('AutoScalingGroupName=\"{BLUE}\"', 'Sum')", "Label": f"all of {BLUE}"},
]


@pytest.mark.parametrize(
    "path",
    [
        ("TargetTrackingConfiguration", "CustomizedMetricSpecification"),
        ("PredictiveScalingConfiguration", "CustomizedCapacityMetricSpecification"),
        ("Metrics",),
    ],
)
def test_metrics_of_the_group_itself(path: tuple[str, ...]) -> None:
    """Dimensions and metric math name the other group in a copy, wherever they are; labels are text."""
    inner: Any = MATH if path == ("Metrics",) else {"Dimensions": [DIMENSION], "Metrics": MATH}
    for key in reversed(path[1:]):
        inner = {key: inner}
    (found,) = copied(Scaling((policy(**{path[0]: inner}),))).policies
    text = repr({path[0]: inner})
    expected = text.replace(BLUE, GREEN).replace(f"all of {GREEN}", f"all of {BLUE}")
    assert expected == repr({path[0]: found[path[0]]})


@pytest.mark.parametrize(
    "dimension",
    [
        {"Name": "AutoScalingGroupName", "Value": "another-group"},
        {"Name": "AutoScalingGroupName", "Value": f"{BLUE}-2"},
        {"Name": "Service", "Value": BLUE},
        {"Name": "LoadBalancer", "Value": f"app/{BLUE}/1"},
    ],
)
def test_dimensions_that_are_not_the_groups(dimension: dict[str, str]) -> None:
    """What measures something else measures it on the other side, too."""
    (found,) = copied(
        Scaling((policy(),), alarms=(alarm(Dimensions=[dimension]),)), Scaling((policy(of=GREEN),))
    ).alarms
    assert [dimension] == found["Dimensions"]


@pytest.mark.parametrize("key", ["Expression", "Query"])
def test_an_expression_names_the_other_group_in_quotes_only(key: str) -> None:
    """Metric math and PromQL alike; a metric that is called after the group keeps its name."""
    (found,) = copied(Scaling((policy(Deep={key: f'{BLUE} + up{{group="{BLUE}"}}'}),))).policies
    assert {key: f'{BLUE} + up{{group="{GREEN}"}}'} == found["Deep"]


def test_the_other_groups_dimension_is_swapped() -> None:
    """An alarm on both groups' metrics is one on both afterwards."""
    both = [{**DIMENSION, "Unit": "later"}, {"Name": "AutoScalingGroupName", "Value": GREEN}]
    (found,) = copied(Scaling((policy(Both=both),))).policies
    assert [GREEN, BLUE] == [row["Value"] for row in found["Both"]]  # type: ignore[index, attr-defined]
    assert "later" == found["Both"][0]["Unit"]  # type: ignore[index]


@pytest.mark.parametrize("key", ["AlarmActions", "OKActions", "InsufficientDataActions"])
def test_what_an_alarm_does(key: str) -> None:
    """Policies are those of the other group; whom else it tells stays, in its order."""
    ours = alarm(**{"AlarmActions": [], key: [SNS, arn(BLUE, "up"), "arn:aws:lambda:x"]})
    (found,) = copied(Scaling((policy(),), alarms=(ours,)), Scaling((policy(of=GREEN),))).alarms
    assert {"AlarmName": "up-high-bluegreen", key: [SNS, arn(GREEN, "up"), "arn:aws:lambda:x"]} == found


def test_an_alarm_waits_for_its_policies() -> None:
    """Before the policies through which it acts are there it is no copy: it would act through nothing, or blue's."""
    two = alarm(AlarmActions=[arn(BLUE, "up"), arn(BLUE, "down")])
    ours = Scaling((policy(), policy("down", Alarms=[{"AlarmName": "up-high"}])), alarms=(two,))
    there = [(), (policy(of=GREEN),), (policy(of=GREEN), policy("down", GREEN))]
    assert [0, 0, 1] == [len(copied(ours, Scaling(some)).alarms) for some in there]


def test_alarms_of_target_tracking_are_left_alone() -> None:
    """Auto Scaling makes them itself with the policy."""
    ours = Scaling((policy(PolicyType="TargetTrackingScaling"),), alarms=(alarm(),))
    assert ((), frozenset()) == (copied(ours, Scaling((policy(of=GREEN),))).alarms, named(ours).alarms)


# ---- scheduled actions ----

PAST, FUTURE = moment(NOW - 60), moment(NOW + 60)
DAILY = {"Recurrence": "0 3 * * *"}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"StartTime": FUTURE}, {"StartTime": FUTURE}),
        ({"StartTime": PAST}, None),
        ({"StartTime": moment(NOW)}, None),
        ({**DAILY, "StartTime": FUTURE}, {**DAILY, "StartTime": FUTURE}),
        ({**DAILY, "StartTime": PAST}, DAILY),
        ({**DAILY, "StartTime": None}, DAILY),
        ({**DAILY, "StartTime": FUTURE, "EndTime": PAST}, None),
        ({**DAILY, "StartTime": PAST, "EndTime": moment(NOW)}, None),
        ({**DAILY, "StartTime": PAST, "EndTime": FUTURE}, {**DAILY, "EndTime": FUTURE}),
        ({**DAILY, "StartTime": PAST, "TimeZone": "Asia/Seoul"}, {**DAILY, "TimeZone": "Asia/Seoul"}),
    ],
)
def test_when_a_copy_runs(times: dict[str, Any], expected: dict[str, Any] | None) -> None:
    """A start that has passed is none; what will never run again is not copied."""
    found = copied(Scaling(schedules=(schedule(**times),))).schedules
    assert (() if expected is None else ({"ScheduledActionName": "night", "MinSize": 1, **expected},)) == found


# ---- is it there as it is to be ----

WANTED = {POLICY: "up", "Cooldown": 60, "Steps": [{"A": 1}, {"A": 2}], "Enabled": False, "Deep": {"B": [1, 2]}}
CHANGES: list[dict[str, Any]] = [
    {"Cooldown": 61},
    {"Cooldown": None},
    {"Enabled": True},
    {"Steps": [{"A": 1}]},
    {"Steps": [{"A": 1}, {"A": 3}]},
    {"Deep": {"B": [1, 2], "C": 1}},
    {"Deep": {}},
    {"More": "x"},
    {"Steps": [{"A": 1}, {"A": 1}]},
]


@pytest.mark.parametrize("change", CHANGES)
def test_any_changed_field_is_lacking(change: dict[str, Any]) -> None:
    """One field that is not as it is to be, on either side, and the setting is put again, and the field is named."""
    changed = {key: value for key, value in {**WANTED, **change}.items() if value is not None}
    for wanted, there in ((WANTED, changed), (changed, WANTED)):
        assert ((wanted,), tuple(change)) == (lacking([wanted], [there], POLICY), unlike(wanted, there))


@given(FIELDS)
def test_nothing_is_lacking_of_what_was_put(fields: dict[str, Any]) -> None:
    """What AWS describes after a write, with all that it says beside, in any order of lists, is as it is to be."""
    described = Scaling((policy(**fields),), (schedule(**fields),), alarms=(alarm(**fields),))
    wanted = copied(described, Scaling((policy(of=GREEN),)))
    beside = {"PolicyARN": "arn", "Alarms": [], "AutoScalingGroupName": GREEN, "StateValue": "ALARM", "AlarmArn": "arn"}
    for settings, key in ((wanted.policies, POLICY), (wanted.alarms, ALARM), (wanted.schedules, SCHEDULE)):
        there = [{**reordered(one), **beside, "OKActions": [], "Unit": "", "StepAdjustments": []} for one in settings]
        assert ((), ()) == (lacking(settings, there, key), unlike(settings[0], there[0]))


def reordered(value: Any) -> Any:
    """Return a value whose lists are the other way round."""
    if isinstance(value, dict):
        return {key: reordered(item) for key, item in value.items()}
    return [reordered(item) for item in reversed(value)] if isinstance(value, list) else value


def test_what_is_not_there_is_lacking() -> None:
    """Settings are found by their own name, whatever else is there; what is there beside them is nobody's concern."""
    there = [{POLICY: "other", "Cooldown": 60}]
    assert (({POLICY: "up", "Cooldown": 60},), ("it",)) == (
        lacking([{POLICY: "up", "Cooldown": 60}], there, POLICY),
        unlike(WANTED, None),
    )
    assert () == lacking([], there, POLICY)


def test_the_next_run_of_a_recurring_action_is_no_difference() -> None:
    """AWS says the next run as the start: it moves on between two looks. Of one that runs once it is what it says."""
    there = {SCHEDULE: "night", "StartTime": FUTURE}
    assert () == unlike({SCHEDULE: "night", **DAILY}, {**there, **DAILY})
    assert () == unlike({SCHEDULE: "night", **DAILY, "StartTime": PAST}, {**there, **DAILY})
    assert ("Recurrence",) == unlike({SCHEDULE: "night", **DAILY}, {**there, "Recurrence": "0 4 * * *"})
    assert ("StartTime",) == unlike({SCHEDULE: "night", "StartTime": PAST}, there)


def test_tags_are_put_with_a_new_alarm_only() -> None:
    """An update ignores them, so that tags which somebody puts onto a copy do not have it put for ever."""
    tagged = alarm(Tags=[{"Key": "team", "Value": "a"}])
    (found,) = copied(Scaling((policy(),), alarms=(tagged,)), Scaling((policy(of=GREEN),))).alarms
    assert [{"Key": "team", "Value": "a"}] == found["Tags"]
    others = [
        {**found, "Tags": [{"Key": "made-by", "Value": "robot"}]},
        {k: v for k, v in found.items() if k != "Tags"},
    ]
    assert [(), ()] == [unlike(found, other) for other in others]


def test_a_group_name_is_no_difference_when_it_is_another() -> None:
    """Compared with its copy, a value that names the wrong group is not as it is to be."""
    assert ("Dimensions",) == unlike({"Dimensions": [DIMENSION]}, {"Dimensions": [{**DIMENSION, "Value": GREEN}]})


# ---- by their names ----


def test_names_of_settings() -> None:
    """On the own group as they are, on the other one as the copies are called."""
    ours = Scaling((policy(f"{BLUE}-up"),), (schedule(f"night-{BLUE}"),), alarms=(alarm(f"{BLUE}-up-high"),))
    assert Named(frozenset({f"{BLUE}-up"}), frozenset({f"{BLUE}-up-high"}), frozenset({f"night-{BLUE}"})) == named(ours)
    there = Named(frozenset({f"{GREEN}-up"}), frozenset({f"{GREEN}-up-high"}), frozenset({f"night-{GREEN}"}))
    assert there == named(ours, NAMES)
    assert (there, Named()) == (there & there, there & Named())
    assert there == Named() | there
    found = copied(ours, Scaling((policy(f"{GREEN}-up", GREEN),)))
    assert there.policies == {one[POLICY] for one in found.policies}
    assert there.schedules == {one[SCHEDULE] for one in found.schedules}


@given(st.lists(st.sampled_from([BLUE, GREEN, "x", f"{BLUE}-x", "x-bluegreen", "low"]), unique=True))
def test_copies_have_the_names_that_are_taken_off_later(titles: list[str]) -> None:
    """What is put and what is removed is called the same: nothing of a copy is left."""
    policies = tuple(policy(title, Alarms=[{"AlarmName": title}]) for title in titles)
    alarms = tuple(alarm(title, AlarmActions=[arn(BLUE, title)]) for title in titles)
    ours = Scaling(policies, tuple(map(schedule, titles)), alarms=alarms)
    first = copied(ours)
    there = Scaling(tuple({**one, "PolicyARN": arn(GREEN, str(one[POLICY]))} for one in first.policies))
    found, names = copied(ours, there), named(ours, NAMES)
    assert (names.policies, names.alarms, names.schedules) == (
        {one[POLICY] for one in found.policies},
        {one[ALARM] for one in found.alarms},
        {one[SCHEDULE] for one in found.schedules},
    )
    assert 3 * [len(titles)] == [len(names.policies), len(names.alarms), len(names.schedules)]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ({}, {}),
        ({"OKActions": [SNS]}, {}),
        ({"OKActions": [arn("shop", "up"), arn("shop", "down")]}, {"up-high": arn("shop", "down")}),
        ({"InsufficientDataActions": [arn(GREEN, "up")]}, {"up-high": arn(GREEN, "up")}),
    ],
)
def test_alarms_shared_with_another_group(actions: dict[str, Any], expected: dict[str, str]) -> None:
    """One that acts through another group's policy, too, cannot move; whom it tells besides does not matter."""
    assert expected == shared_alarms(Scaling((policy(),), alarms=(alarm(**actions),)))
