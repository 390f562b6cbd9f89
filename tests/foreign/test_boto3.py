"""boto3's own waiters and paginators, as they come."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.sandbox import Sandbox
from bluegreen.simulator.core.operations import OPERATIONS

SERVICES = ("autoscaling", "elb", "elbv2", "ec2", "cloudwatch")
PATIENCE = {"Delay": 1, "MaxAttempts": 60}
BLUE = {"AutoScalingGroupName": "web-blue"}
NEEDED: dict[tuple[str, str], dict[str, Any]] = {
    ("autoscaling", "DescribeWarmPool"): BLUE,
    ("autoscaling", "DescribeInstanceRefreshes"): BLUE,
    ("autoscaling", "DescribeLoadBalancers"): BLUE,
    ("autoscaling", "DescribeLoadBalancerTargetGroups"): BLUE,
    ("ec2", "DescribeLaunchTemplateVersions"): {"LaunchTemplateName": "web"},
}
LEFT_OUT = {("cloudwatch", "GetMetricData"), ("elbv2", "DescribeListeners"), ("elbv2", "DescribeRules")}
"""Paginators that need more than a name, or whose answers come whole."""


def known(client: Any) -> list[tuple[str, str]]:
    """Return the operations that both boto3 and the sandbox give in pages: service and boto3's name."""
    found = []
    for service in SERVICES:
        names = client(service).meta.method_to_api_mapping
        found += [
            (service, method)
            for method, name in names.items()
            if (service, name) in OPERATIONS.known
            and (service, name) not in LEFT_OUT
            and client(service).can_paginate(method)
        ]
    return found


def test_paginators_find_in_small_pages_what_one_page_has(client: Any) -> None:
    """Each paginator of each service: a page for each thing, and together the same things."""
    different, tried = [], 0
    for service, method in known(client):
        api = client(service).meta.method_to_api_mapping[method]
        paginator, needed = client(service).get_paginator(method), NEEDED.get((service, api), {})
        keys = [key.expression for key in paginator.result_keys]
        whole = paginator.paginate(**needed).build_full_result()
        small = paginator.paginate(**needed, PaginationConfig={"PageSize": 1}).build_full_result()
        tried += 1
        if [whole.get(key) for key in keys] != [small.get(key) for key in keys]:
            different.append((service, method))
    assert [] == different
    assert tried >= 10


@pytest.mark.parametrize(
    ("service", "waiter", "asked"),
    [
        ("ec2", "instance_exists", "InstanceIds"),
        ("ec2", "instance_running", "InstanceIds"),
        ("ec2", "instance_status_ok", "InstanceIds"),
        ("ec2", "system_status_ok", "InstanceIds"),
        ("elbv2", "load_balancer_exists", "Names"),
        ("elbv2", "load_balancer_available", "Names"),
        ("elbv2", "target_in_service", "TargetGroupArn"),
    ],
)
def test_waiters_that_are_content_at_once(box: Sandbox, client: Any, service: str, waiter: str, asked: str) -> None:
    """A pair that serves has running instances, healthy targets and an active load balancer."""
    given: dict[str, Any] = {
        "InstanceIds": list(box.simulator.groups["web-blue"].members),
        "Names": [known["LoadBalancerName"] for known in box.simulator.load_balancers.values()],
        "TargetGroupArn": box.balancers()[0],
    }
    client(service).get_waiter(waiter).wait(**{asked: given[asked]}, WaiterConfig=PATIENCE)


def test_waiters_follow_an_instance_to_its_end(box: Sandbox, client: Any) -> None:
    """Deregistered from its target group, then stopped, then terminated; the group replaces it."""
    instance = next(iter(box.simulator.groups["web-blue"].members))
    target = {"TargetGroupArn": box.balancers()[0], "Targets": [{"Id": instance}]}
    client("elbv2").deregister_targets(**target)
    client("elbv2").get_waiter("target_deregistered").wait(**target, WaiterConfig=PATIENCE)
    client("autoscaling").suspend_processes(**BLUE, ScalingProcesses=["HealthCheck"])
    client("ec2").stop_instances(InstanceIds=[instance])
    client("ec2").get_waiter("instance_stopped").wait(InstanceIds=[instance], WaiterConfig=PATIENCE)
    client("autoscaling").resume_processes(**BLUE)
    client("ec2").get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig=PATIENCE)
    rows = client("autoscaling").describe_auto_scaling_instances(InstanceIds=[instance])["AutoScalingInstances"]
    assert [] == [row for row in rows if row["LifecycleState"] == "InService"]


def test_waiters_for_alarms(client: Any) -> None:
    """Of both kinds."""
    cloudwatch = client("cloudwatch")
    metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Statistic": "Average", "Period": 60}
    rule = {"EvaluationPeriods": 1, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName="busy", **metric, **rule)
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(busy)")
    cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["busy"], WaiterConfig=PATIENCE)
    cloudwatch.get_waiter("composite_alarm_exists").wait(
        AlarmNames=["any"], AlarmTypes=["CompositeAlarm"], WaiterConfig=PATIENCE
    )
    for name in ("any", "busy"):
        cloudwatch.delete_alarms(AlarmNames=[name])
