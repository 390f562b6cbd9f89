"""The operations that move scaling from group to group, over HTTP: boto3's own protocol, and the older query."""

from __future__ import annotations

import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from attrs import frozen
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from bluegreen.clock import VirtualClock
from bluegreen.simulator import Simulator, pair, run_for

from .test_round_trip import ALARMS, COMPOSITES, SCHEDULES, policies, shown
from .wire import BLUE, Wire, model

TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
QUERY = {
    "Id": "m",
    "MetricStat": {
        "Metric": {
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/EC2",
            "Dimensions": [{"Name": "AutoScalingGroupName", "Value": BLUE}],
        },
        "Period": 60,
        "Stat": "Sum",
    },
}
SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=x"


@frozen
class Far:
    """A simulator behind HTTP."""

    sim: Simulator
    endpoint: str

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        once = Config(retries={"total_max_attempts": 1})
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", config=once, **keys)

    def query(self, operation: str, **parameters: str) -> dict[str, Any]:
        """Ask CloudWatch in the query protocol, as older clients do."""
        fields = {"Action": operation, "Version": "2010-08-01", **parameters}
        kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Authorization": SIGNED}
        request = urllib.request.Request(self.endpoint, urllib.parse.urlencode(fields).encode(), kind)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        shape = model("cloudwatch").operation_model(operation).output_shape
        document = {"status_code": status, "headers": {}, "body": body}
        parsed: dict[str, Any] = create_parser("query").parse(document, shape)
        return parsed


@pytest.fixture
def far() -> Iterator[Far]:
    """A loaded pair behind HTTP, three minutes old."""
    pytest.importorskip("moto")
    from bluegreen.sandbox.api import Api
    from bluegreen.sandbox.loop import LoopThread

    sim = pair(VirtualClock(), instances=4, load=40.0, power=20.0)
    run_for(sim, 180)
    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    loop.start()
    loop.serve(listening, Api(sim.call, {}))
    yield Far(sim, f"http://127.0.0.1:{listening.getsockname()[1]}")
    loop.stop()


def test_metrics_are_read(far: Far) -> None:
    """Times go there as times, and come back so, page by page."""
    now = datetime.fromtimestamp(far.sim.clock.now(), UTC)
    times = {"StartTime": now - timedelta(minutes=5), "EndTime": now, "MaxDatapoints": 2}
    pages = far.client("cloudwatch").get_paginator("get_metric_data").paginate(MetricDataQueries=[QUERY], **times)
    results = [result for page in pages for result in page["MetricDataResults"]]
    found = [time for result in results for time in result["Timestamps"]]
    newest = datetime.fromtimestamp(now.timestamp() // 60 * 60, UTC) - timedelta(minutes=1)
    expected = [newest - timedelta(minutes=minute) for minute in range(3)]
    assert ([200.0] * 3, expected) == ([value for result in results for value in result["Values"]], found)


def test_alarms_go_round(far: Far) -> None:
    """Every writable field of both kinds, as it was put."""
    cloudwatch = far.client("cloudwatch")
    for name, sample in ALARMS.items():
        cloudwatch.put_metric_alarm(AlarmName=name, **sample)
    for name, sample in COMPOSITES.items():
        cloudwatch.put_composite_alarm(AlarmName=name, **sample)
    found = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    records = {alarm["AlarmName"]: alarm for key in ("MetricAlarms", "CompositeAlarms") for alarm in found[key]}
    samples = {**ALARMS, **COMPOSITES}
    assert samples == {name: shown(records[name], sample) for name, sample in samples.items()}
    parents = cloudwatch.describe_alarms(ParentsOfAlarmName="math")["CompositeAlarms"]
    assert ["all"] == [alarm["AlarmName"] for alarm in parents]


def test_tags_of_alarms_go_round(far: Far) -> None:
    """With a new alarm, and afterwards."""
    cloudwatch = far.client("cloudwatch")
    cloudwatch.put_metric_alarm(AlarmName="a", **ALARMS["math"], Tags=[{"Key": "k", "Value": "v"}])
    arn = cloudwatch.describe_alarms()["MetricAlarms"][0]["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "l", "Value": "w"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["k"])
    assert [{"Key": "l", "Value": "w"}] == cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]


def test_cloudwatchs_errors_have_awss_codes_and_classes(far: Far) -> None:
    """A code as botocore's model has it, so that a client can tell what it met."""
    cloudwatch = far.client("cloudwatch")
    lost = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:lost"
    seen = []
    for ask in (
        lambda: cloudwatch.delete_alarms(AlarmNames=["lost"]),
        lambda: cloudwatch.list_tags_for_resource(ResourceARN=lost),
        lambda: cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(lost)"),
        lambda: cloudwatch.describe_alarms(NextToken="x"),
    ):
        with pytest.raises(ClientError) as caught:
            ask()
        seen.append((caught.value.response["Error"]["Code"], type(caught.value).__name__))
    assert [
        ("ResourceNotFound", "ResourceNotFound"),
        ("ResourceNotFoundException", "ResourceNotFoundException"),
        ("ValidationError", "ValidationException"),
        ("InvalidNextToken", "InvalidNextToken"),
    ] == seen


def test_the_query_protocol_is_spoken_too(far: Far) -> None:
    """An older client puts, reads metrics, and is refused in its own words."""
    alarm = {"AlarmName": "c", "AlarmRule": "FALSE", "Tags.member.1.Key": "k", "Tags.member.1.Value": "v"}
    far.query("PutCompositeAlarm", **alarm)
    found = far.query("DescribeAlarms", **{"AlarmTypes.member.1": "CompositeAlarm"})
    now = datetime.fromtimestamp(far.sim.clock.now(), UTC)
    metric = "MetricDataQueries.member.1."
    stat = f"{metric}MetricStat."
    fields = {
        f"{metric}Id": "m",
        f"{stat}Metric.Namespace": "AWS/EC2",
        f"{stat}Metric.MetricName": "CPUUtilization",
        f"{stat}Metric.Dimensions.member.1.Name": "AutoScalingGroupName",
        f"{stat}Metric.Dimensions.member.1.Value": BLUE,
        f"{stat}Period": "60",
        f"{stat}Stat": "SampleCount",
        "StartTime": (now - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "EndTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    data = far.query("GetMetricData", **fields)["MetricDataResults"]
    error = far.query("DeleteAlarms", **{"AlarmNames.member.1": "lost"})["Error"]
    assert (["FALSE"], [[4.0, 4.0]], "ResourceNotFound") == (
        [each["AlarmRule"] for each in found["CompositeAlarms"]],
        [result["Values"] for result in data],
        error["Code"],
    )


def test_policies_and_schedules_go_round(far: Far) -> None:
    """Every writable field, in the query protocol that Auto Scaling speaks; what is 0 or false is there too."""
    scaling = far.client("autoscaling")
    group = {"AutoScalingGroupName": BLUE}
    samples = policies(Wire(far.sim))
    for name, sample in samples.items():
        scaling.put_scaling_policy(**group, PolicyName=name, **sample)
    actions = [{"ScheduledActionName": name, **sample} for name, sample in SCHEDULES.items()]
    failed = scaling.batch_put_scheduled_update_group_action(**group, ScheduledUpdateGroupActions=actions)
    put = {each["PolicyName"]: each for each in scaling.describe_policies(**group)["ScalingPolicies"]}
    due = scaling.describe_scheduled_actions(**group)["ScheduledUpdateGroupActions"]
    planned = {each["ScheduledActionName"]: each for each in due}
    assert (samples, SCHEDULES, []) == (
        {name: shown(put[name], sample) for name, sample in samples.items()},
        {name: shown(planned[name], sample) for name, sample in SCHEDULES.items()},
        failed["FailedScheduledUpdateGroupActions"],
    )


def test_notifications_and_failures_of_batches_are_told(far: Far) -> None:
    """Rows of notifications, and what a batch could not delete."""
    scaling = far.client("autoscaling")
    group = {"AutoScalingGroupName": BLUE}
    types = scaling.describe_auto_scaling_notification_types()["AutoScalingNotificationTypes"]
    scaling.put_notification_configuration(**group, TopicARN=TOPIC, NotificationTypes=types)
    rows = scaling.describe_notification_configurations(AutoScalingGroupNames=[BLUE])["NotificationConfigurations"]
    scaling.delete_notification_configuration(**group, TopicARN=TOPIC)
    left = scaling.describe_notification_configurations()["NotificationConfigurations"]
    failed = scaling.batch_delete_scheduled_action(**group, ScheduledActionNames=["lost"])["FailedScheduledActions"]
    assert (types, [], ["lost"]) == (
        [row["NotificationType"] for row in rows],
        left,
        [each["ScheduledActionName"] for each in failed],
    )
