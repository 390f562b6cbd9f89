"""Answers in AWS's recorded shapes, and clients that are answered by a function instead of AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from attrs import define, field

from bluegreen.aws.inprocess import answer
from bluegreen.aws.settings import config
from bluegreen.clock import VirtualClock
from bluegreen.targets.pair.aws.adapter import Aws

Params = dict[str, Any]
Answering = Callable[[str, Params], Params]

ARN = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/0123456789abcdef"
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
DATE_POSIX = 1_700_000_000.0


class Error(Exception):
    """An error for AWS to answer."""

    def __init__(self, code: str, message: str = "", http_status: int = 400) -> None:
        super().__init__(code)
        self.code, self.message, self.http_status = code, message, http_status


@define
class Recorder:
    """Answers each call with ``answering(operation, parameters)``; ``calls`` keeps what was asked, in order."""

    answering: Answering
    date: str | None = DATE
    calls: list[tuple[str, Params]] = field(factory=list)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def answer(self, operation: str, parameters: Mapping[str, Any]) -> Params:
        self.calls.append((operation, dict(parameters)))
        return self.answering(operation, dict(parameters))


@define
class AnsweredClients:
    """Real boto3 clients, with real parameter validation and error classes, answered by ``recorder``."""

    recorder: Recorder

    def client(self, service: str) -> Any:
        client, box = _client(service)
        box["recorder"] = self.recorder
        return client


@cache
def _client(service: str) -> tuple[Any, dict[str, Recorder]]:
    from boto3.session import Session

    session = Session(region_name="ap-northeast-2", aws_access_key_id="test", aws_secret_access_key="test")
    client = session.client(service, config=config())  # type: ignore[call-overload]
    box: dict[str, Recorder] = {}

    def date(parsed: Params, **_: Any) -> None:
        if box["recorder"].date is not None:
            parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = box["recorder"].date

    client.meta.events.register("after-call", date)
    return answer(client, lambda _, operation, parameters: box["recorder"].answer(operation, parameters)), box


def aws(answering: Answering, *, date: str | None = DATE, parallel: int = 8) -> tuple[Aws, Recorder]:
    """Return an adapter whose AWS is ``answering``, and the record of what it asked."""
    recorder = Recorder(answering, date)
    return Aws(AnsweredClients(recorder), VirtualClock(42.0), parallel), recorder


def refuse_all(code: str, message: str = "", status: int = 400) -> Answering:
    def answering(operation: str, parameters: Params) -> Params:
        raise Error(code, message, status)

    return answering


def moment(posix: float) -> datetime:
    return datetime.fromtimestamp(posix, UTC)


def instance_row(number: int, state: str = "InService", **more: Any) -> Params:
    return {
        "InstanceId": instance_id(number),
        "AvailabilityZone": "ap-northeast-2a",
        "LifecycleState": state,
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
        **more,
    }


def instance_id(number: int) -> str:
    return f"i-{number:017x}"


def group_row(name: str, count: int = 0, first: int = 0, **more: Any) -> Params:
    return {
        "AutoScalingGroupName": name,
        "MinSize": 0,
        "MaxSize": 100,
        "DesiredCapacity": count,
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": 300,
        "Instances": [instance_row(first + number) for number in range(count)],
        "LoadBalancerNames": [],
        "SuspendedProcesses": [],
        "Tags": [],
        "TargetGroupARNs": [ARN],
        "TrafficSources": [],
        **more,
    }


def target_row(instance: str, state: str, reason: str | None = None, port: int = 80) -> Params:
    health = {"State": state} if reason is None else {"State": state, "Reason": reason}
    return {"Target": {"Id": instance, "Port": port}, "TargetHealth": health}


def classic_row(instance: str, state: str, description: str = "N/A") -> Params:
    return {"InstanceId": instance, "State": state, "ReasonCode": "N/A", "Description": description}


def activity_row(number: int, started: float, ended: float | None, **more: Any) -> Params:
    row = {
        "ActivityId": f"activity-{number}",
        "AutoScalingGroupName": "web-blue",
        "Description": f"Launching a new EC2 instance: {instance_id(number)}",
        "Cause": "At 2023-11-14T22:13:20Z a user request update of AutoScalingGroup constraints",
        "StartTime": moment(started),
        "StatusCode": "Successful",
        "Progress": 100,
        **more,
    }
    return row if ended is None else {**row, "EndTime": moment(ended)}


@define
class PairOfGroups:
    """Answers as AWS would for two groups of ``count`` behind the balancers ``arns`` and ``names``."""

    count: int = 2
    arns: tuple[str, ...] = (ARN,)
    names: tuple[str, ...] = ()
    page: int | None = None
    overrides: Params = field(factory=dict)

    def __call__(self, operation: str, parameters: Params) -> Params:
        if operation in self.overrides:
            found = self.overrides[operation]
            return dict(found(parameters) if callable(found) else found)
        answer: Params = getattr(self, operation)(parameters)
        return answer

    def _ids(self) -> list[str]:
        return [instance_id(number) for number in range(2 * self.count)]

    def DescribeAutoScalingGroups(self, parameters: Params) -> Params:
        attached = {"TargetGroupARNs": list(self.arns), "LoadBalancerNames": list(self.names)}
        names = parameters["AutoScalingGroupNames"]
        rows = [group_row(name, self.count, self.count * at, **attached) for at, name in enumerate(names)]
        if self.page is None:
            return {"AutoScalingGroups": rows}
        at = int(parameters.get("NextToken", "0"))
        more = {"NextToken": str(at + 1)} if at + 1 < len(rows) else {}
        return {"AutoScalingGroups": rows[at : at + 1], **more}

    def DescribeTargetHealth(self, parameters: Params) -> Params:
        return {"TargetHealthDescriptions": [target_row(i, "healthy") for i in self._ids()]}

    def DescribeInstanceHealth(self, parameters: Params) -> Params:
        return {"InstanceStates": [classic_row(i, "InService") for i in self._ids()]}

    def DescribeInstances(self, parameters: Params) -> Params:
        filters = {f["Name"]: f["Values"] for f in parameters["Filters"]}
        known = [i for i in filters.get("instance-id", self._ids()) if i in self._ids()]
        tags = [{"Key": "bluegreen:retire", "Value": "web/1"}]
        rows = [{"InstanceId": i, "State": {"Name": "running"}, "Tags": tags} for i in known]
        return {"Reservations": [{"Instances": rows}]}

    def DescribeScalingActivities(self, parameters: Params) -> Params:
        return {"Activities": [activity_row(1, 1_000.0, 1_090.5), activity_row(2, 900.0, 960.0)]}

    def DescribeAutoScalingInstances(self, parameters: Params) -> Params:
        known = [i for i in parameters["InstanceIds"] if i in self._ids()]
        row = {"AutoScalingGroupName": "web-blue", "AvailabilityZone": "a", "LifecycleState": "InService"}
        return {"AutoScalingInstances": [{**row, "InstanceId": i} for i in known]}

    def DescribePolicies(self, parameters: Params) -> Params:
        row = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "PolicyARN": "arn:policy", "Alarms": []}
        return {"ScalingPolicies": [row]}

    def DescribeScheduledActions(self, parameters: Params) -> Params:
        row = {"ScheduledActionName": "morning", "MinSize": 2, "ScheduledActionARN": "arn:schedule"}
        return {"ScheduledUpdateGroupActions": [row]}

    def DescribeLifecycleHooks(self, parameters: Params) -> Params:
        return {"LifecycleHooks": []}

    def DescribeNotificationConfigurations(self, parameters: Params) -> Params:
        return {"NotificationConfigurations": []}

    def DescribeInstanceRefreshes(self, parameters: Params) -> Params:
        return {"InstanceRefreshes": [{"InstanceRefreshId": "1", "Status": "Successful"}]}

    def CreateTags(self, parameters: Params) -> Params:
        raise Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)

    def DescribeLoadBalancers(self, parameters: Params) -> Params:
        check = {"Target": "HTTP:80/", "Interval": 30, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 10}
        return {"LoadBalancerDescriptions": [{"LoadBalancerName": "web", "HealthCheck": check}]}

    def DescribeLoadBalancerAttributes(self, parameters: Params) -> Params:
        return {"LoadBalancerAttributes": {"ConnectionDraining": {"Enabled": True, "Timeout": 120}}}

    def DescribeTargetGroups(self, parameters: Params) -> Params:
        row = {
            "TargetGroupArn": ARN,
            "Protocol": "HTTP",
            "TargetType": "instance",
            "HealthCheckEnabled": True,
            "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 3,
            "UnhealthyThresholdCount": 2,
            "LoadBalancerArns": ["arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/web/1"],
        }
        return {"TargetGroups": [row]}

    def DescribeTargetGroupAttributes(self, parameters: Params) -> Params:
        return {"Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "45"}]}
