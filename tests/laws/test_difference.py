"""What blue and green differ in: just what was changed is told, and matters just when ``check`` refuses it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.targets.pair.fitness.check import findings
from bluegreen.targets.pair.fitness.diff import TOPICS, Comparison, compare
from bluegreen.targets.pair.fitness.side_by_side import NATURAL, NOTED
from bluegreen.targets.pair.model.fleet import (
    ALARMS,
    AUTOSCALER,
    CLASSIC,
    SCHEDULES,
    Balancer,
    Fleet,
    Group,
    Scaling,
    Survey,
    Tag,
)
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.seam.finding import REFUSED
from tests.support.values import BALANCER, fleet, group, survey

BLUE, GREEN = NAMES = ("web-blue", "web-green")
LIVE = group(BLUE, "InService", "InService", min=1, max=4, health_check="ELB", grace=300)
IDLE = group(GREEN, max=0, health_check="ELB", grace=300)
OTHER = Balancer(CLASSIC, "shop")
FREE = Asked()
REST = {"suspended": AUTOSCALER}
Told = list[tuple[str, str, object, object, str]]


def policy(of: str, name: str = "cpu", **changes: Any) -> dict[str, Any]:
    """Return a target tracking policy of a group as AWS describes it."""
    dimension = {"Name": "AutoScalingGroupName", "Value": of}
    metric = {"CustomizedMetricSpecification": {"MetricName": "Busy", "Dimensions": [dimension]}, "TargetValue": 50.0}
    own = {"AutoScalingGroupName": of, "PolicyARN": f"arn:{of}/{name}", "Alarms": [{"AlarmName": f"High-{of}"}]}
    return {**own, "PolicyName": f"{of}-{name}", "TargetTrackingConfiguration": metric, **changes}


def schedule(of: str, name: str = "night", **changes: Any) -> dict[str, Any]:
    """Return a scheduled action of a group as AWS describes it."""
    own = {"AutoScalingGroupName": of, "ScheduledActionARN": f"arn:{of}/{name}", "StartTime": len(of)}
    return {**own, "ScheduledActionName": name, "Recurrence": "0 22 * * *", "MinSize": 1, **changes}


def stepping(of: str) -> dict[str, Any]:
    """Return a simple policy of a group as AWS describes it, with an alarm of its owner's."""
    own = {"AutoScalingGroupName": of, "PolicyARN": f"arn::scalingPolicy:{of}/cpu"}
    acts = {"PolicyType": "SimpleScaling", "ScalingAdjustment": 1, "Alarms": [{"AlarmName": f"{of}-high"}]}
    return {**own, **acts, "PolicyName": f"{of}-cpu"}


def alarm(of: str, **changes: Any) -> dict[str, Any]:
    """Return the alarm that makes a group's simple policy act."""
    dimension = {"Name": "AutoScalingGroupName", "Value": of}
    plain = {"MetricName": "CPUUtilization", "Dimensions": [dimension], "Threshold": 80.0, "StateValue": "OK"}
    acts = {"AlarmActions": [f"arn::scalingPolicy:{of}/cpu"], "OKActions": []}
    return {"AlarmName": f"{of}-high", "AlarmArn": f"arn:{of}", **plain, **acts, **changes}


def hook(of: str, **changes: Any) -> dict[str, Any]:
    """Return a launch hook of a group as AWS describes it."""
    plain = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 600}
    return {"AutoScalingGroupName": of, "LifecycleHookName": f"{of}-boot", **plain, **changes}


def surveyed(blue: Group = LIVE, green: Group = IDLE, **kinds: tuple[list[Any], list[Any]]) -> Survey:
    """Return a survey of a pair; ``kinds`` are both groups' policies, schedules or hooks."""
    ours, theirs = ({kind: tuple(both[side]) for kind, both in kinds.items()} for side in (0, 1))
    return survey(fleet(blue, green), scaling={BLUE: Scaling(**ours), GREEN: Scaling(**theirs)})


def told(seen: Survey, release: str = "") -> Told:
    """Return what a comparison says, sizes left out, which differ by nature."""
    found = compare(seen, NAMES, "image", release).differences
    return [(d.topic, d.detail, d.blue, d.green, d.level) for d in found if (d.topic, d.level) != ("sizes", NATURAL)]


def with_idle(**changes: Any) -> dict[str, Any]:
    """Return a pair with another idle group."""
    return {"green": attrs.evolve(IDLE, **changes)}


def with_settings(blue: dict[str, Any], green: dict[str, Any]) -> dict[str, Any]:
    """Return a pair with other settings."""
    return {"blue": attrs.evolve(LIVE, settings=blue), "green": attrs.evolve(IDLE, settings=green)}


def launched(name: str, version: str = "1") -> dict[str, Any]:
    """Return a group's settings with a launch template."""
    return {"LaunchTemplate": {"LaunchTemplateId": f"lt-{name}", "LaunchTemplateName": name, "Version": version}}


TWO_SIZES = {"PolicyType": "StepScaling", "StepAdjustments": [{"ScalingAdjustment": 1}, {"ScalingAdjustment": 2}]}
ONE_BIGGER = {"PolicyType": "StepScaling", "StepAdjustments": [{"ScalingAdjustment": 1}, {"ScalingAdjustment": 4}]}
METRIC = "web-blue-cpu TargetTrackingConfiguration.CustomizedMetricSpecification"
ELSEWHERE = policy(GREEN)
ELSEWHERE["TargetTrackingConfiguration"] = policy("api")["TargetTrackingConfiguration"]

CASES: list[tuple[dict[str, Any], Told]] = [
    ({}, []),
    (with_idle(min=1), [("sizes", "minimum", 1, 1, REFUSED)]),
    (with_idle(desired=2), [("sizes", "desired", 2, 2, REFUSED)]),
    (
        {"green": group(GREEN, "Pending", desired=0, max=0, health_check="ELB", grace=300)},
        [("sizes", "instances", 2, 1, REFUSED)],
    ),
    (
        {"green": group(GREEN, "Standby", "EnteringStandby", max=0, health_check="ELB", grace=300)},
        [("sizes", "in Standby", 0, 2, REFUSED)],
    ),
    (
        with_idle(**REST),
        [("suspended processes", name, "resumed", "suspended", NATURAL) for name in sorted(AUTOSCALER)],
    ),
    (with_idle(suspended=frozenset({"Launch"})), [("suspended processes", "Launch", "resumed", "suspended", REFUSED)]),
    (
        {"blue": attrs.evolve(LIVE, suspended=frozenset({ALARMS}))},
        [("suspended processes", ALARMS, "suspended", "resumed", NOTED)],
    ),
    (
        {"schedules": ([schedule(BLUE)], [schedule(GREEN)])},
        [("suspended processes", SCHEDULES, "resumed", "resumed", REFUSED)],
    ),
    (with_idle(deleting=True), [("state", "being deleted", False, True, REFUSED)]),
    (with_idle(warm_pool=True), [("warm pool", "", False, True, REFUSED)]),
    (
        with_idle(warm_pool=True, settings={"WarmPoolConfiguration": {"MinSize": 1}}),
        [("warm pool", "", False, {"MinSize": 1}, REFUSED)],
    ),
    (
        with_idle(balancers=frozenset({OTHER})),
        [
            ("balancers", "shop", "not attached", "attached", REFUSED),
            ("balancers", "web", "attached", "not attached", REFUSED),
        ],
    ),
    ({"policies": ([policy(BLUE)], [policy(GREEN)])}, []),
    ({"policies": ([policy(BLUE)], [])}, [("scaling policies", "web-blue-cpu", "exists", None, NATURAL)]),
    (
        {"policies": ([policy(BLUE)], []), "schedules": ([schedule(BLUE)], [])},
        [
            ("scaling policies", "web-blue-cpu", "exists", None, NATURAL),
            ("scheduled actions", "night", "exists", None, NATURAL),
        ],
    ),
    (
        {"policies": ([stepping(BLUE)], []), "alarms": ([alarm(BLUE)], [])},
        [
            ("scaling policies", "web-blue-cpu", "exists", None, NATURAL),
            ("alarms", "web-blue-high", "exists", None, NATURAL),
        ],
    ),
    ({"policies": ([stepping(BLUE)], [stepping(GREEN)]), "alarms": ([alarm(BLUE)], [alarm(GREEN)])}, []),
    (
        {"policies": ([stepping(BLUE)], [stepping(GREEN)]), "alarms": ([alarm(BLUE)], [alarm(GREEN, Threshold=9.0)])},
        [("alarms", "web-blue-high Threshold", 80.0, 9.0, REFUSED)],
    ),
    (
        {"policies": ([stepping(BLUE)], [stepping(GREEN)]), "alarms": ([alarm(BLUE)], [])},
        [("alarms", "web-blue-high", "exists", None, REFUSED)],
    ),
    (
        {
            "policies": ([stepping(BLUE)], [stepping(GREEN)]),
            "alarms": ([alarm(BLUE)], [alarm(GREEN, AlarmActions=[], OKActions=[f"arn::scalingPolicy:{GREEN}/cpu"])]),
        },
        [("alarms", "what they act through", *({f"{of}-cpu": [f"{of}-high"]} for of in NAMES), REFUSED)],
    ),
    ({"policies": ([], [policy(GREEN)])}, [("scaling policies", "web-green-cpu", None, "exists", REFUSED)]),
    (
        {"policies": ([policy(BLUE)], [ELSEWHERE])},
        [("scaling policies", f"{METRIC}.Dimensions[0].Value", BLUE, "api", REFUSED)],
    ),
    (
        {"policies": ([policy(BLUE, **TWO_SIZES)], [policy(GREEN, **ONE_BIGGER, Cooldown=9)])},
        [
            ("scaling policies", "web-blue-cpu Cooldown", None, 9, REFUSED),
            ("scaling policies", "web-blue-cpu StepAdjustments[1].ScalingAdjustment", 2, 4, REFUSED),
        ],
    ),
    (
        with_idle(**REST) | {"schedules": ([schedule(BLUE)], [schedule(GREEN, TimeZone="Asia/Seoul")])},
        [
            ("scheduled actions", "night TimeZone", None, "Asia/Seoul", REFUSED),
            *(("suspended processes", name, "resumed", "suspended", NATURAL) for name in sorted(AUTOSCALER)),
        ],
    ),
    ({"hooks": ([hook(BLUE)], [hook(GREEN)])}, []),
    ({"hooks": ([hook(BLUE)], [])}, [("lifecycle hooks", "web-blue-boot", "exists", None, NOTED)]),
    (
        {"hooks": ([hook(BLUE)], [hook(GREEN, HeartbeatTimeout=60)])},
        [("lifecycle hooks", "web-blue-boot HeartbeatTimeout", 600, 60, NOTED)],
    ),
    (
        with_idle(health_check="EC2", grace=0),
        [("health check", "type", "ELB", "EC2", NOTED), ("health check", "grace period", 300, 0, NOTED)],
    ),
    (with_idle(tags={"image": Tag("v2")}), [("image tag", "image", "v1", "v2", NATURAL)]),
    (with_idle(tags={"image": Tag("v1", False)}), [("image tag", "image", "v1", "v1 (not for instances)", NATURAL)]),
    (
        {
            "blue": attrs.evolve(LIVE, tags={"image": Tag("v1", False)}),
            "green": attrs.evolve(IDLE, tags={"image": Tag("v2", False)}),
        },
        [("image tag", "image", "v1", "v2", NATURAL)],
    ),
    (with_idle(tags={"image": Tag("v1"), "bluegreen:release": Tag("web:1")}), []),
    (
        with_idle(tags={"image": Tag("v1"), "team": Tag("shop", False)}),
        [("other tags", "team", None, "shop (not for instances)", NOTED)],
    ),
    (
        {"blue": attrs.evolve(LIVE, tags={"Name": Tag(BLUE)}), "green": attrs.evolve(IDLE, tags={"Name": Tag(GREEN)})},
        [],
    ),
    (with_settings(launched("web"), launched("web")), []),
    (
        with_settings(launched("web"), launched("web", "2")),
        [("launch template", "", "web version 1", "web version 2", NOTED)],
    ),
    (
        with_settings(launched(BLUE), launched(GREEN)),
        [("launch template", "", "web-blue version 1", "web-green version 1", NOTED)],
    ),
    (
        with_settings({"LaunchTemplate": {"LaunchTemplateId": "lt-1"}}, {"LaunchConfigurationName": BLUE}),
        [
            ("launch template", "", "lt-1 version $Default", None, NOTED),
            ("launch configuration", "", None, BLUE, NOTED),
        ],
    ),
    (with_settings({"VPCZoneIdentifier": "a, b"}, {"VPCZoneIdentifier": "b,a"}), []),
    (
        with_settings({"VPCZoneIdentifier": "a,b"}, {"VPCZoneIdentifier": "a"}),
        [("subnets", "", ["a", "b"], ["a"], NOTED)],
    ),
    (with_settings({"AvailabilityZones": ["a", "b"]}, {"AvailabilityZones": ["b", "a"]}), []),
    (
        with_settings({"TerminationPolicies": ["Default"]}, {"TerminationPolicies": ["OldestInstance"]}),
        [("termination policies", "", ["Default"], ["OldestInstance"], NOTED)],
    ),
    (
        with_settings({"DefaultCooldown": 300}, {"DefaultCooldown": 60, "DefaultInstanceWarmup": 0}),
        [("default cooldown", "", 300, 60, NOTED), ("default warm-up", "", None, 0, NOTED)],
    ),
    (
        with_settings({"NewInstancesProtectedFromScaleIn": False}, {"NewInstancesProtectedFromScaleIn": True}),
        [("scale-in protection", "", False, True, NOTED)],
    ),
    (
        with_settings({"MixedInstancesPolicy": {"A": {"B": 1}}}, {"MixedInstancesPolicy": {"A": {"B": 2}}}),
        [("mixed instances", "A.B", 1, 2, NOTED)],
    ),
    (with_settings({"AddedByAwsIn2027": 1}, {}), [("AddedByAwsIn2027", "", 1, None, NOTED)]),
]


@pytest.mark.parametrize(("pair", "expected"), CASES)
def test_one_difference(pair: dict[str, Any], expected: Told) -> None:
    """One thing that is not the same is told with both values and whether it matters, and nothing else is."""
    assert expected == told(surveyed(**pair))


@pytest.mark.parametrize(("pair", "expected"), CASES)
def test_whichever_is_live(pair: dict[str, Any], expected: Told) -> None:
    """With the colours swapped it is the same topics that matter."""
    write_release_tags = compare(surveyed(**pair), NAMES[::-1], "image")
    assert {topic for topic, *_, level in expected if level == REFUSED} == matter(write_release_tags)


def matter(comparison: Comparison) -> set[str]:
    """Return the topics that matter."""
    return {difference.topic for difference in comparison.differences if difference.matters}


def test_an_instance_refresh() -> None:
    """A refresh under way on one side is told as check tells it."""
    seen = survey(fleet(LIVE, IDLE), scaling={GREEN: Scaling(refreshing=True)})
    assert [("state", "instance refresh", False, True, REFUSED)] == told(seen)


def test_what_is_the_same() -> None:
    """Every topic is either the same or among the differences."""
    comparison = compare(surveyed(**with_idle(grace=0)), NAMES, "image")
    assert set(TOPICS) - {"sizes", "health check"} == set(comparison.same)


def test_with_a_release_open() -> None:
    """An open release explains sizes, what is in Standby and what is suspended; settings matter all the same."""
    old = group(BLUE, "Standby", "Standby", max=0, suspended=AUTOSCALER, health_check="ELB", grace=300)
    new = group(GREEN, "InService", "InService", min=2, health_check="ELB", grace=300)
    seen = surveyed(old, new, policies=([policy(BLUE)], []), schedules=([schedule(BLUE)], [schedule(GREEN)]))
    assert {"scaling policies"} == matter(compare(seen, NAMES, "image", "the deploy of v2"))


def test_it_is_not_clear_which_one_serves() -> None:
    """With both groups behind the balancer neither is live, and what must be the same is compared all the same."""
    both = group(GREEN, "InService", health_check="ELB", grace=300)
    comparison = compare(surveyed(green=both, policies=([policy(BLUE)], [])), NAMES, "image")
    assert (None, {"scaling policies"}) == (comparison.live, matter(comparison))


def test_an_empty_pair() -> None:
    """Of an empty pair blue counts as live, as for its first deployment."""
    empty = attrs.evolve(LIVE, instances=(), min=0, desired=0)
    seen = surveyed(blue=empty, schedules=([schedule(BLUE)], [schedule(GREEN)]))
    assert (BLUE, {"suspended processes"}) == (
        compare(seen, NAMES, "image").live,
        matter(compare(seen, NAMES, "image")),
    )


def test_names_that_are_paired_otherwise() -> None:
    """Settings are paired by their names, in whichever order both sides have them."""
    ours, theirs = ([schedule(of, "cpu"), schedule(of, BLUE)] for of in NAMES)
    assert [] == [row for row in told(surveyed(schedules=(ours, theirs[::-1]))) if row[0] == "scheduled actions"]


# ---- check and diff agree ----

WORDS = st.sampled_from(["cpu", "web", "night", "web-blue", "web-green", "x"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "Cooldown": st.integers(0, 1),
        "Enabled": st.booleans(),
        "StepAdjustments": st.lists(st.fixed_dictionaries({"ScalingAdjustment": st.integers(1, 2)}), max_size=2),
        "TargetTrackingConfiguration": st.fixed_dictionaries({"TargetValue": st.sampled_from([50.0, 60.0])}),
        "MetricName": WORDS,
    },
)
POLICIES = st.lists(st.tuples(st.tuples(WORDS, st.booleans()), CHANGES), max_size=3)
PROCESSES = st.frozensets(st.sampled_from([ALARMS, SCHEDULES, "Launch", "AZRebalance"]), max_size=3)
BEHIND = st.frozensets(st.sampled_from([BALANCER, OTHER]), min_size=1)


def settings_of(of: str, drawn: Any, make: Any, key: str) -> list[Any]:
    """Return drawn settings of a group, some of them with its name in theirs."""
    return [make(of, **changes, **{key: f"{of}-{word}" if own else word}) for (word, own), changes in drawn]


@st.composite
def pairs(draw: st.DrawFn) -> Survey:
    """Return pairs whose idle group is empty, with settings that are often but not always the same."""
    policies = draw(POLICIES)
    schedules = draw(POLICIES)
    theirs = draw(st.sampled_from([(policies, schedules), (draw(POLICIES), schedules), (policies, draw(POLICIES))]))
    behind = draw(BEHIND)
    blue = attrs.evolve(LIVE, balancers=behind, suspended=draw(PROCESSES))
    other = behind if draw(st.booleans()) else draw(BEHIND)
    green = attrs.evolve(IDLE, balancers=other, suspended=draw(PROCESSES), min=draw(st.sampled_from([0, 0, 0, 1])))
    scaling = {
        of: Scaling(
            tuple(settings_of(of, ps, policy, "PolicyName")),
            tuple(settings_of(of, ss, schedule, "ScheduledActionName")),
        )
        for of, (ps, ss) in ((BLUE, (policies, schedules)), (GREEN, theirs))
    }
    states = {i.id: "healthy" for i in blue.instances}
    return survey(Fleet({BLUE: blue, GREEN: green}, {b.id: states for b in behind}), scaling=scaling)


def refused(seen: Survey) -> list[str]:
    """Return what check refuses."""
    groups = seen.fleet.groups
    found = findings(seen, groups[BLUE], groups[GREEN], FREE)
    return [finding.sentence for finding in found if finding.level == REFUSED]


@given(pairs())
def test_what_check_refuses_matters(seen: Survey) -> None:
    """What check refuses of the settings, the balancers or the idle side is told as mattering, under its topic."""
    topics = {
        "differ in scaling policies": {"scaling policies", "scheduled actions"},
        "not attached to the same balancers": {"balancers"},
        "scheduled actions of web-green are not suspended": {"suspended processes"},
        "is idle, but": {"sizes"},
    }
    mattering = matter(compare(seen, NAMES, "image"))
    silent = [words for words in topics for said in refused(seen) if words in said and not topics[words] & mattering]
    assert [] == silent


@given(pairs())
def test_what_matters_check_refuses(seen: Survey) -> None:
    """A pair in which anything matters is refused by check, whichever colour is named first."""
    both = [compare(seen, names, "image").matters for names in (NAMES, NAMES[::-1])]
    assert both[0] == both[1]
    assert not both[0] or [] != refused(seen)


@given(pairs())
def test_exactly_what_check_refuses(seen: Survey) -> None:
    """But for a process that rests on both sides, which is no difference, diff and check end in the same way."""
    groups = seen.fleet.groups.values()
    on_both = all("Launch" in group.suspended for group in groups)
    assert on_both or bool(refused(seen)) == compare(seen, NAMES, "image").matters


def test_what_follows_one_group_on_both_is_told() -> None:
    """An alarm of green's that is the same as blue's, its dimension included, is no twin of it."""
    blue, green = ([alarm(BLUE)], [alarm(GREEN, Dimensions=[{"Name": "AutoScalingGroupName", "Value": BLUE}])])
    seen = surveyed(policies=([stepping(BLUE)], [stepping(GREEN)]), alarms=(blue, green))
    assert [("alarms", f"{GREEN}-high follows", None, BLUE, REFUSED)] == told(seen)
