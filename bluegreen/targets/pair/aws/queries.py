"""Every question that is put to AWS, as data. Pure; pages are followed by :mod:`bluegreen.targets.pair.aws.sender`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from bluegreen.targets.pair.aws.requests import AUTOSCALING, CLOUDWATCH, EC2, ELB, ELBV2, Call, chunks
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer
from bluegreen.targets.pair.model.more import Metric

LOOKED_UP = 200
"""Values per filter of DescribeInstances (EC2 API reference, Filter)."""
CHECKED = 100
"""Ids per DescribeInstanceStatus (botocore model)."""
MEMBERS = 50
"""Ids per DescribeAutoScalingInstances (botocore model)."""
ALARMS = 100
"""Names per DescribeAlarms (botocore model)."""
MEASURED = 300
"""Seconds of metrics that are asked for."""
LIVING = ["pending", "running", "stopping", "stopped"]


def groups(names: Iterable[str]) -> Call:
    """Ask for groups; an unknown name is silently left out of the answer."""
    return Call(AUTOSCALING, "DescribeAutoScalingGroups", {"AutoScalingGroupNames": list(names)})


def health(balancer: Balancer) -> Call:
    """Ask a balancer for everything registered there; neither operation has pages (botocore models)."""
    if balancer.kind == CLASSIC:
        return Call(ELB, "DescribeInstanceHealth", {"LoadBalancerName": balancer.id})
    if balancer.kind == TARGET_GROUP:
        return Call(ELBV2, "DescribeTargetHealth", {"TargetGroupArn": balancer.id})
    raise ValueError(f"nothing is known of a {balancer.kind}")


def machines(ids: tuple[str, ...]) -> tuple[Call, ...]:
    """Ask for EC2 instances by filter, since an unknown one among ``InstanceIds`` would fail the whole call."""
    return tuple(_instances({"instance-id": some}) for some in chunks(ids, LOOKED_UP))


def statuses(ids: tuple[str, ...]) -> tuple[Call, ...]:
    """Ask for the status checks of EC2 instances that run; an unknown one fails the whole call (botocore model)."""
    return tuple(Call(EC2, "DescribeInstanceStatus", {"InstanceIds": some}) for some in chunks(ids, CHECKED))


def tagged(key: str) -> Call:
    """Ask for the instances that have the tag ``key`` and are not terminated."""
    return _instances({"tag-key": [key], "instance-state-name": LIVING})


def _instances(filters: dict[str, list[str]]) -> Call:
    return Call(EC2, "DescribeInstances", {"Filters": [{"Name": n, "Values": v} for n, v in filters.items()]})


def console(instance: str, *, latest: bool) -> Call:
    """Ask what an instance has written to its serial console; the ``latest`` is Nitro's alone (botocore model)."""
    return Call(EC2, "GetConsoleOutput", {"InstanceId": instance, **({"Latest": True} if latest else {})})


def termination_protection(instance: str) -> Call:
    """Ask whether EC2 refuses to terminate ``instance``."""
    parameters = {"InstanceId": instance, "Attribute": "disableApiTermination"}
    return Call(EC2, "DescribeInstanceAttribute", parameters)


def members(ids: tuple[str, ...]) -> tuple[Call, ...]:
    """Ask which of ``ids`` are in any group; unknown ones are left out of the answer."""
    return tuple(Call(AUTOSCALING, "DescribeAutoScalingInstances", {"InstanceIds": i}) for i in chunks(ids, MEMBERS))


def activities(group: str, since: float = 0.0) -> Call:
    """Ask for a group's activities that began at ``since`` (POSIX seconds of AWS's clock) or later, newest first."""
    parameters: dict[str, object] = {"AutoScalingGroupName": group}
    if since > 0:
        moment = datetime.fromtimestamp(int(since), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parameters["Filters"] = [{"Name": "StartTimeLowerBound", "Values": [moment]}]
    return Call(AUTOSCALING, "DescribeScalingActivities", parameters)


def alarms(names: tuple[str, ...]) -> tuple[Call, ...]:
    """Ask for alarms of both kinds; unknown names are left out of the answer (at most 100 a call: botocore model)."""
    kinds = ["MetricAlarm", "CompositeAlarm"]
    return tuple(
        Call(CLOUDWATCH, "DescribeAlarms", {"AlarmNames": some, "AlarmTypes": kinds}) for some in chunks(names, ALARMS)
    )


def policies(group: str) -> Call:
    """Ask for a group's scaling policies."""
    return Call(AUTOSCALING, "DescribePolicies", {"AutoScalingGroupName": group})


def schedules(group: str) -> Call:
    """Ask for a group's scheduled actions."""
    return Call(AUTOSCALING, "DescribeScheduledActions", {"AutoScalingGroupName": group})


def hooks(group: str) -> Call:
    """Ask for a group's lifecycle hooks."""
    return Call(AUTOSCALING, "DescribeLifecycleHooks", {"AutoScalingGroupName": group})


def notifications(group: str) -> Call:
    """Ask of which events a group sends notifications, and to which topics."""
    return Call(AUTOSCALING, "DescribeNotificationConfigurations", {"AutoScalingGroupNames": [group]})


def refreshes(group: str) -> Call:
    """Ask for a group's instance refreshes."""
    return Call(AUTOSCALING, "DescribeInstanceRefreshes", {"AutoScalingGroupName": group})


def balancer(found: Balancer) -> tuple[Call, Call]:
    """Ask for a balancer's checks, then for its attributes."""
    if found.kind == CLASSIC:
        return (
            Call(ELB, "DescribeLoadBalancers", {"LoadBalancerNames": [found.id]}),
            Call(ELB, "DescribeLoadBalancerAttributes", {"LoadBalancerName": found.id}),
        )
    return (
        Call(ELBV2, "DescribeTargetGroups", {"TargetGroupArns": [found.id]}),
        Call(ELBV2, "DescribeTargetGroupAttributes", {"TargetGroupArn": found.id}),
    )


def classic_balancers() -> Call:
    """Ask for all classic balancers, with the instances that are registered in each."""
    return Call(ELB, "DescribeLoadBalancers", {})


def target_groups() -> Call:
    """Ask for all target groups."""
    return Call(ELBV2, "DescribeTargetGroups", {})


def targets(arn: str) -> Call:
    """Ask for what is registered in a target group."""
    return Call(ELBV2, "DescribeTargetHealth", {"TargetGroupArn": arn})


def alarm_tags(arn: str) -> Call:
    """Ask for an alarm's tags."""
    return Call(CLOUDWATCH, "ListTagsForResource", {"ResourceARN": arn})


def composites() -> Call:
    """Ask for all composite alarms: what their rules name can be told from nothing else."""
    return Call(CLOUDWATCH, "DescribeAlarms", {"AlarmTypes": ["CompositeAlarm"]})


def metrics(wanted: tuple[Metric, ...], until: float) -> Call:
    """Ask for the values of the last minutes before ``until`` (POSIX seconds), each of 60 s, the newest first."""
    return Call(
        CLOUDWATCH,
        "GetMetricData",
        {
            "MetricDataQueries": [_metric(f"m{number}", metric) for number, metric in enumerate(wanted)],
            "StartTime": datetime.fromtimestamp(int(until) - MEASURED, UTC),
            "EndTime": datetime.fromtimestamp(int(until), UTC),
            "ScanBy": "TimestampDescending",
        },
    )


def _metric(name: str, metric: Metric) -> dict[str, object]:
    dimensions = [{"Name": key, "Value": value} for key, value in metric.dimensions]
    found = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": found, "Period": 60, "Stat": metric.statistic}, "ReturnData": True}
