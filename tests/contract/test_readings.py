"""AWS's recorded shapes, read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.session import Session

from bluegreen.errors import Refused
from bluegreen.targets.pair.aws import readings
from bluegreen.targets.pair.model.fleet import (
    CLASSIC,
    TARGET_GROUP,
    Activity,
    Balancer,
    Fleet,
    Group,
    Instance,
    Machine,
    Tag,
)

from .builders import ARN, activity_row, classic_row, group_row, instance_row, target_row

BEHIND = Balancer(TARGET_GROUP, ARN)
OLD = Balancer(CLASSIC, "web")
MODEL = Session().get_service_model

TARGET_STATES = {
    ("initial", "Elb.RegistrationInProgress"): "initial",
    ("initial", "Elb.InitialHealthChecking"): "initial",
    ("healthy", None): "healthy",
    ("unhealthy", "Target.ResponseCodeMismatch"): "unhealthy",
    ("unhealthy", "Target.Timeout"): "unhealthy",
    ("unhealthy", "Target.FailedHealthChecks"): "unhealthy",
    ("unhealthy", "Elb.InternalError"): "unknown",
    ("unhealthy.draining", "Target.DeregistrationInProgress"): "draining",
    ("unhealthy.draining", "Target.FailedHealthChecks"): "unhealthy",
    ("draining", "Target.DeregistrationInProgress"): "draining",
    ("unused", None): "unknown",
    ("unused", "Target.NotRegistered"): None,
    ("unused", "Target.InvalidState"): None,
    ("unused", "Target.NotInUse"): "unhealthy",
    ("unused", "Target.IpUnusable"): "unhealthy",
    ("unavailable", "Target.HealthCheckDisabled"): "unknown",
    ("unavailable", "Elb.InternalError"): "unknown",
    ("a state of next year", None): "unknown",
}

CLASSIC_DESCRIPTIONS = {
    "N/A": "unhealthy",
    "A transient error occurred. Please try again later.": "unknown",
    "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.": "unhealthy",
    "Instance has not passed the configured HealthyThreshold number of health checks consecutively.": "initial",
    "Instance registration is still in progress.": "initial",
    "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.": (
        "unhealthy"
    ),
    "Instance is not currently registered with the LoadBalancer.": None,
    "Instance deregistration currently in progress.": "draining",
    "Disable Availability Zone is currently in progress.": "unhealthy",
    "Instance is in pending state.": "initial",
    "Instance is in stopped state.": "unhealthy",
    "Instance is in terminated state.": "unhealthy",
}
"""What an instance is that is OutOfService, by the description beside it."""
CLASSIC_STATES = {
    **{("OutOfService", description): reading for description, reading in CLASSIC_DESCRIPTIONS.items()},
    ("InService", "N/A"): "healthy",
    ("InService", ""): "unknown",
    ("InService", "Instance deregistration currently in progress."): "draining",
    ("InService", "Disable Availability Zone is currently in progress."): "unhealthy",
    ("OutOfService", "Instance registration is still in progress. Instance is in stopped state."): "unhealthy",
    ("OutOfService", "A sentence of next year."): "unhealthy",
    ("Unknown", "A transient error occurred. Please try again later."): "unknown",
    ("Unknown", "N/A"): "unknown",
    ("A state of next year", "N/A"): "unknown",
}


def told(balancer: Balancer, answer: Any) -> dict[str, str]:
    """Return what is read of each instance, in one word."""
    return {
        instance: one.state for instance, one in readings.verdicts(balancer, readings.told_by(balancer, answer)).items()
    }


@pytest.mark.parametrize(("row", "expected"), TARGET_STATES.items(), ids=str)
def test_target_states(row: tuple[str, str | None], expected: str | None) -> None:
    """Each documented state of a target has one reading."""
    answer = {"TargetHealthDescriptions": [target_row("i-1", *row)]}
    assert ({} if expected is None else {"i-1": expected}) == told(BEHIND, answer)


def test_no_documented_state_or_reason_is_forgotten() -> None:
    """The table above names everything that the service model does."""
    shape: Any = MODEL("elbv2").shape_for("TargetHealth")
    states, reasons = shape.members["State"].enum, shape.members["Reason"].enum
    assert (set(states), set(reasons)) == (
        {state for state, _ in TARGET_STATES if " " not in state},
        {reason for _, reason in TARGET_STATES if reason},
    )


@pytest.mark.parametrize(
    ("balancer", "reasons", "nothing"),
    [
        (BEHIND, ["Target.NotInUse"], True),
        (BEHIND, ["Target.NotInUse", "Target.NotInUse"], True),
        (BEHIND, ["Target.NotInUse", None], False),
        (BEHIND, ["Target.IpUnusable"], False),
        (BEHIND, [], False),
        (OLD, ["Target.NotInUse"], False),
    ],
)
def test_a_target_group_without_a_listener_carries_nothing(balancer: Balancer, reasons: Any, nothing: bool) -> None:
    """AWS says it of every target that is registered there; an empty target group says nothing."""
    rows = [target_row(f"i-{n}", "unused" if why else "healthy", why) for n, why in enumerate(reasons)]
    assert nothing == readings.carries_nothing(balancer, rows)


@pytest.mark.parametrize(("row", "expected"), CLASSIC_STATES.items(), ids=str)
def test_classic_states(row: tuple[str, str], expected: str | None) -> None:
    """Each documented state of an instance in a classic balancer has one reading."""
    answer = {"InstanceStates": [classic_row("i-1", *row)]}
    assert ({} if expected is None else {"i-1": expected}) == told(OLD, answer)


OVERRIDES = {
    None: "healthy",
    "no_override": "healthy",
    "zonal_shift_active": "shifted",
    "zonal_shift_delegated_to_dns": "healthy",
    "unknown": "unknown",
    "an override of next year": "unknown",
}


@pytest.mark.parametrize(("override", "expected"), OVERRIDES.items(), ids=str)
def test_overrides_of_healthy_targets(override: str | None, expected: str) -> None:
    """A target that a zonal shift takes out of service gets no request (cloud-platform 8374); not known is not no."""
    more = {} if override is None else {"AdministrativeOverride": {"State": override}}
    assert {"i-1": expected} == told(BEHIND, {"TargetHealthDescriptions": [{**target_row("i-1", "healthy"), **more}]})


def test_what_a_shift_keeps_requests_from_may_be_unhealthy() -> None:
    """It is out of service for the shift's sake, whatever its checks say meanwhile (ELB guides, zonal shift)."""
    row = {**target_row("i-1", "unhealthy"), "AdministrativeOverride": {"State": "zonal_shift_active"}}
    assert {"i-1": "shifted"} == told(BEHIND, {"TargetHealthDescriptions": [row]})


@pytest.mark.parametrize("state", ["initial", "draining", "unavailable"])
def test_an_override_makes_no_other_target_better(state: str) -> None:
    """Only what gets requests can lose them."""
    row = target_row("i-1", state)
    shifted = {**row, "AdministrativeOverride": {"State": "zonal_shift_active"}}
    plain = told(BEHIND, {"TargetHealthDescriptions": [row]})
    assert plain == told(BEHIND, {"TargetHealthDescriptions": [shifted]})


def test_every_documented_override_is_read() -> None:
    """The table above names everything that the service model does."""
    documented = MODEL("elbv2").shape_for("AdministrativeOverride").members["State"].enum
    assert set() == set(documented) - set(OVERRIDES)


def test_no_documented_description_is_forgotten() -> None:
    """The list is the service model's own (cloudgoat 19 met one that older lists leave out)."""
    documented = MODEL("elb").shape_for("InstanceState").members["Description"].documentation
    assert set(re.findall(r"<code>([^<]+)</code>", documented)) == set(CLASSIC_DESCRIPTIONS)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["healthy", "healthy"], "healthy"),
        (["healthy", "initial"], "initial"),
        (["unhealthy", "healthy"], "unhealthy"),
        (["draining", "initial"], "draining"),
        (["unhealthy", "unavailable"], "unknown"),
    ],
)
def test_the_worst_port_counts(states: list[str], expected: str) -> None:
    """An instance is as healthy as the worst of its ports."""
    rows = [target_row("i-1", state, port=80 + at) for at, state in enumerate(states)]
    assert {"i-1": expected} == told(BEHIND, {"TargetHealthDescriptions": rows})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"TargetGroupARNs": [ARN]}, {BEHIND}),
        ({"LoadBalancerNames": ["web"]}, {OLD}),
        ({"TrafficSources": [{"Identifier": "web", "Type": "elb"}]}, {OLD}),
        ({"TrafficSources": [{"Identifier": ARN, "Type": "elbv2"}], "TargetGroupARNs": [ARN]}, {BEHIND}),
        ({"TrafficSources": [{"Identifier": ARN}, {"Identifier": "web"}]}, {BEHIND, OLD}),
        (
            {"TrafficSources": [{"Identifier": "arn:lattice", "Type": "vpc-lattice"}]},
            {Balancer("vpc-lattice", "arn:lattice")},
        ),
        ({}, set()),
    ],
)
def test_attachments_are_united(row: dict[str, Any], expected: set[Balancer]) -> None:
    """Three lists, each of them possibly alone, make one set."""
    lists: dict[str, Any] = {"LoadBalancerNames": [], "TargetGroupARNs": [], "TrafficSources": []}
    assert expected == readings.attachments({**lists, **row})


def test_nothing_behind_an_unread_balancer_is_healthy() -> None:
    """A group behind VPC Lattice has no healthy instance, whatever its other balancers say."""
    row = group_row("web", 1, TrafficSources=[{"Identifier": "arn:lattice", "Type": "vpc-lattice"}])
    group = readings.group(row)
    fleet = Fleet({"web": group}, {ARN: {group.instances[0].id: "healthy"}})
    assert not fleet.healthy(group, group.instances[0].id)


def test_group() -> None:
    """A row of DescribeAutoScalingGroups is read whole."""
    row = group_row(
        "web-blue",
        Instances=[instance_row(1, "Standby", ProtectedFromScaleIn=True)],
        MinSize=2,
        MaxSize=9,
        DesiredCapacity=4,
        SuspendedProcesses=[{"ProcessName": "AZRebalance", "SuspensionReason": "User suspended"}],
        Tags=[{"Key": "image", "Value": "v1", "PropagateAtLaunch": False}],
        HealthCheckType="ELB",
        WarmPoolConfiguration={"MinSize": 1},
        Status="Delete in progress",
    )
    expected = Group(
        name="web-blue",
        min=2,
        max=9,
        desired=4,
        instances=(Instance("i-00000000000000001", "Standby", "ap-northeast-2a", True),),
        suspended=frozenset({"AZRebalance"}),
        tags={"image": Tag("v1", False)},
        balancers=frozenset({BEHIND}),
        health_check="ELB",
        grace=300,
        warm_pool=True,
        deleting=True,
        settings={"WarmPoolConfiguration": {"MinSize": 1}},
    )
    assert expected == readings.group(row)


def test_every_lifecycle_state_but_one_is_not_in_service() -> None:
    """Known or unknown, only InService serves."""
    shape: Any = MODEL("autoscaling").shape_for("LifecycleState")
    rows = [instance_row(at, state) for at, state in enumerate([*shape.enum, "InServiceNextYear"])]
    group = readings.group(group_row("web-blue", Instances=rows))
    assert ["InService"] == [instance.state for instance in group.in_service]


def test_a_missing_group_is_named() -> None:
    """A group that AWS does not know is refused by its name."""
    with pytest.raises(Refused, match="web-green in eu-west-1"):
        readings.groups([group_row("web-blue")], ("web-blue", "web-green"), lambda: "eu-west-1")


def test_machines() -> None:
    """Reservations are flattened."""
    row = {"InstanceId": "i-1", "State": {"Name": "running"}, "Tags": [{"Key": "a", "Value": "b"}]}
    assert (Machine("i-1", "running", {"a": "b"}),) == readings.machines([{"Instances": [row]}])


def test_activities_are_safe_to_print() -> None:
    """AWS's texts lose their control characters on the way in."""
    row = activity_row(7, 1000.0, None, StatusCode="Failed", StatusMessage="no\x1b[2J\nroom", Cause="c")
    expected = Activity("activity-7", "web-blue", "Failed", 1000.0, row["Description"], "c", "no\\x1b[2J room")
    assert (expected,) == readings.activities([row])


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_no_date_is_none(headers: dict[str, str]) -> None:
    """An answer without a readable date has none."""
    assert readings.aws_time({"ResponseMetadata": {"HTTPHeaders": headers}}) is None


def test_activities_that_are_over_are_read_once() -> None:
    """A finish of 400 instances reads thousands of them with each look; one that is told otherwise is read again."""
    begun, over = activity_row(1, 1000.0, None), activity_row(2, 1000.0, 1001.0)
    changed = {**over, "StatusMessage": "told later"}
    known: dict[str, Any] = {}
    first = readings.activities([begun, over], known)
    second = readings.activities([dict(begun), dict(over)], known)
    (third,) = readings.activities([changed], known)
    assert (first, False, True) == (second, second[0] is first[0], second[1] is first[1])
    assert "told later" == third.message


def test_a_group_that_is_as_before_is_read_once() -> None:
    """Whatever of it is told otherwise, deep in its row, has it read again."""
    rows = [group_row("web-blue", 2), group_row("web-green")]
    less = [{**rows[0], "Instances": [{**one, "LifecycleState": "Standby"} for one in rows[0]["Instances"]]}, rows[1]]
    known: dict[str, Any] = {}
    looks = [
        readings.groups([dict(row) for row in told], ("web-blue", "web-green"), lambda: "eu-west-1", known)
        for told in (rows, rows, less)
    ]
    (first, second, third) = ([look["web-blue"], look["web-green"]] for look in looks)
    assert [True, True] == [one is other for one, other in zip(first, second, strict=True)]
    assert [False, True] == [one is other for one, other in zip(second, third, strict=True)]
    assert {"Standby"} == {i.state for i in third[0].instances}


def test_what_fails_a_status_check_is_what_ec2_says_so_of() -> None:
    """The worse check counts; what is still initializing, or not told, does not fail."""
    told = {"i-1": ("ok", "ok"), "i-2": ("impaired", "ok"), "i-3": ("ok", "impaired"), "i-4": ("initializing", "ok")}
    rows = [
        {"InstanceId": one, "InstanceStatus": {"Status": own}, "SystemStatus": {"Status": system}}
        for one, (own, system) in told.items()
    ]
    found = readings.checks([*rows, {"InstanceId": "i-5"}, {"InstanceStatus": None}])
    assert {"i-1": "ok", "i-2": "impaired", "i-3": "impaired", "i-4": "initializing"} == found


@pytest.mark.parametrize(
    ("reason", "changed"),
    [
        ("User initiated (2023-11-14 22:13:20 GMT)", 1_700_000_000.0),
        ("User initiated (2023-99-99 22:13:20 GMT)", 0.0),
        ("User initiated", 0.0),
        ("", 0.0),
        (None, 0.0),
    ],
)
def test_since_when_an_instance_is_in_its_state(reason: str | None, changed: float) -> None:
    """As far as the reason of its last change says so."""
    row = {"InstanceId": "i-1", "State": {"Name": "stopped"}, "StateTransitionReason": reason}
    (found,) = readings.machines([{"Instances": [row]}])
    assert changed == found.changed


@pytest.mark.parametrize(
    ("balancer", "answer", "expected"),
    [
        (
            BEHIND,
            [("unhealthy", "Target.ResponseCodeMismatch", "with these codes: [503]")],
            "Target.ResponseCodeMismatch [503]",
        ),
        (BEHIND, [("unhealthy", "Target.Timeout", "Request timed out")], "Target.Timeout"),
        (
            BEHIND,
            [("initial", "Elb.InitialHealthChecking", "x"), ("unhealthy", "Target.Timeout", "y")],
            "Target.Timeout",
        ),
        (BEHIND, [("unhealthy", "\x1b[2J", "[/]")], "[/]"),
        (BEHIND, [("unhealthy", None, None)], ""),
        (BEHIND, [("healthy", None, None)], None),
        (OLD, [("OutOfService", "Instance", "Instance has failed. Twice.")], "Instance has failed"),
        (OLD, [("OutOfService", "ELB", None)], "ELB"),
    ],
)
def test_why_a_balancer_calls_an_instance_unhealthy(
    balancer: Balancer, answer: list[tuple[str, str | None, str | None]], expected: str | None
) -> None:
    """In the balancer's own code and words, cleaned, of the worst port; of a healthy one nothing."""
    key, name = ("ReasonCode", "InstanceStates") if balancer is OLD else ("Reason", "TargetHealthDescriptions")
    told = [{"State": state, key: code, "Description": text} for state, code, text in answer]
    rows = [
        {"InstanceId": "i-1", **one} if balancer is OLD else {"Target": {"Id": "i-1"}, "TargetHealth": one}
        for one in told
    ]
    reason = readings.verdicts(balancer, readings.told_by(balancer, {name: rows}))["i-1"].reason
    assert expected == (reason and reason.short)


def test_a_console_is_read_without_its_colours() -> None:
    """Colours are left out, empty lines, too; of many lines the last, of a long one its beginning."""
    written = "old\r\n\n[\x1b[0;32m  OK  \x1b[0m] up\x07\r\n" + "x" * 999
    assert ("[  OK  ] up\x07", "x" * 300) == readings.console({"Output": written}, 2)
    assert () == readings.console({}, 2)
