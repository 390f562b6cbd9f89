"""GetMetricData: what the model measured, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bluegreen.simulator import Options, tracking
from bluegreen.simulator.cloudwatch.figures import Samples, samples, together
from bluegreen.simulator.cloudwatch.metrics import latest

from .wire import BLUE, GREEN, wire


def loaded(load=40.0, **options):
    """Return four live instances under a load of 10 requests a second for each, half of what a processor can take."""
    return wire(**{"instances": 4, "minimum": 2, "maximum": 12, "load": load, "power": 20.0, **options})


def metric(name="CPUUtilization", namespace="AWS/EC2", **dimensions):
    """Return a Metric; the blue group's processors unless told otherwise."""
    named = dimensions or {"AutoScalingGroupName": BLUE}
    pairs = [{"Name": key, "Value": value} for key, value in named.items()]
    return {"MetricName": name, "Namespace": namespace, "Dimensions": pairs}


def query(stat="Average", which=None, name="m", period=60, **more):
    """Return a query for one metric."""
    return {"Id": name, "MetricStat": {"Metric": which or metric(), "Period": period, "Stat": stat}, **more}


def ask(aws, *queries, minutes=60, **more):
    """Ask for the last so many minutes."""
    now = datetime.fromtimestamp(aws.sim.clock.now(), UTC)
    times = {"StartTime": now - timedelta(minutes=minutes), "EndTime": now + timedelta(minutes=1)}
    return aws.call("cloudwatch", "GetMetricData", MetricDataQueries=list(queries), **{**times, **more})


def values(aws, *arguments, **more):
    """Return the values of one query."""
    (result,) = ask(aws, query(*arguments, **more))["MetricDataResults"]
    assert "Complete" == result["StatusCode"]
    return result["Values"]


def test_a_groups_processors_are_a_sample_an_instance():
    """Average, sum, count and bounds are of the instances that were measured in the minute."""
    aws = loaded()
    aws.wait(60)
    stats = ("Average", "Sum", "SampleCount", "Maximum", "Minimum")
    assert [[50.0], [200.0], [4.0], [50.0], [50.0]] == [values(aws, stat) for stat in stats]


def test_a_sum_is_blind_to_no_instance():
    """What idles counts too: eight are half as busy, and their sum is the same."""
    aws = loaded()
    aws.wait(60)
    aws.asg("UpdateAutoScalingGroup", MinSize=8)
    aws.wait(60)
    newest = [values(aws, stat)[0] for stat in ("Average", "Sum", "SampleCount")]
    assert [25.0, 200.0, 8.0] == newest


def test_requests_are_found_by_target_group_with_its_balancer_or_without():
    """The figure is the whole target group's; by the targets that share it, it is one more."""
    aws = loaded()
    target_group = aws.balancer().rpartition(":")[2]
    arn = aws.call("elbv2", "DescribeLoadBalancers")["LoadBalancers"][0]["LoadBalancerArn"]
    both = {"TargetGroup": target_group, "LoadBalancer": arn.partition(":loadbalancer/")[2]}
    aws.wait(60)
    counts = [metric("RequestCount", "AWS/ApplicationELB", **each) for each in ({"TargetGroup": target_group}, both)]
    per_target = metric("RequestCountPerTarget", "AWS/ApplicationELB", **both)
    found = [values(aws, "Sum", each) for each in (*counts, per_target)]
    assert [[2400.0], [2400.0], [600.0]] == found


def test_requests_of_a_classic_balancer():
    """By its name."""
    aws = loaded(balancers=["classic"])
    aws.wait(120)
    assert [2400.0] * 2 == values(aws, "Sum", metric("RequestCount", "AWS/ELB", LoadBalancerName="web-0"))


@pytest.mark.parametrize(
    "which",
    [
        metric("NoSuchThing"),
        metric(AutoScalingGroupName="nobody"),
        metric(AutoScalingGroupName=BLUE, InstanceId="i-1"),
        metric("RequestCount", "AWS/ELB", LoadBalancerName="nobody"),
        metric("CPUUtilization", "Custom"),
    ],
)
def test_a_metric_that_nobody_knows_has_no_values(which):
    """It is no error; all dimensions are part of a metric's name."""
    aws = loaded()
    aws.wait(60)
    (result,) = ask(aws, query(which=which))["MetricDataResults"]
    assert ([], [], "Complete") == (result["Values"], result["Timestamps"], result["StatusCode"])


def test_a_unit_that_is_not_the_metrics_finds_nothing():
    """Units are not converted (botocore model)."""
    aws = loaded()
    aws.wait(60)
    stats = [{**query()["MetricStat"], "Unit": unit} for unit in ("Percent", "Count")]
    found = ask(aws, *({"Id": f"m{index}", "MetricStat": stat} for index, stat in enumerate(stats)))
    assert [[50.0], []] == [result["Values"] for result in found["MetricDataResults"]]


def test_the_newest_is_first_unless_asked_otherwise():
    """A point bears the time at which its minute begins."""
    aws = loaded()
    begin = aws.sim.clock.now()
    aws.wait(180)
    first = datetime.fromtimestamp(begin // 60 * 60, UTC)
    expected = [first + timedelta(minutes=minute) for minute in range(3)]
    newest, oldest = (
        ask(aws, query(), ScanBy=f"Timestamp{way}")["MetricDataResults"][0] for way in ("Descending", "Ascending")
    )
    assert (expected, expected[::-1]) == (oldest["Timestamps"], newest["Timestamps"])
    assert newest == ask(aws, query())["MetricDataResults"][0]


def test_a_start_is_inclusive_and_rounded_down_and_an_end_exclusive():
    """From the middle of a minute, this minute is answered too; until a minute's beginning, this one is not."""
    aws = loaded()
    aws.wait(300)
    end = datetime.fromtimestamp(aws.sim.clock.now() // 60 * 60, UTC)
    times = {"StartTime": end - timedelta(seconds=150), "EndTime": end - timedelta(seconds=60)}
    (result,) = ask(aws, query(), **times, ScanBy="TimestampAscending")["MetricDataResults"]
    assert [end - timedelta(minutes=3), end - timedelta(minutes=2)] == result["Timestamps"]


def test_a_longer_period_puts_minutes_together():
    """A sum is over all of its minutes, an average by the samples of all."""
    aws = loaded()
    aws.wait(3600)
    found = [values(aws, stat, period=300)[1] for stat in ("Sum", "Average", "SampleCount")]
    assert [1000.0, 50.0, 20.0] == found
    (result,) = ask(aws, query(period=300))["MetricDataResults"]
    assert {0} == {int(time.timestamp()) % 300 for time in result["Timestamps"]}


def test_a_query_that_returns_no_data_is_not_in_the_answer():
    """ReturnData false."""
    aws = loaded()
    aws.wait(60)
    found = ask(aws, query(name="a", ReturnData=False), query(name="b", Label="busy"))["MetricDataResults"]
    assert [("b", "busy")] == [(result["Id"], result["Label"]) for result in found]


def test_what_is_too_much_comes_in_pages():
    """MaxDatapoints is over all queries; together the pages are the whole, and the last one says so."""
    aws = loaded()
    aws.wait(300)
    queries = [query(name="a"), query("Sum", name="b")]
    whole = {result["Id"]: result["Values"] for result in ask(aws, *queries)["MetricDataResults"]}
    pages, token = [], {}
    while not pages or token:
        pages.append(ask(aws, *queries, MaxDatapoints=3, **token))
        token = {"NextToken": pages[-1]["NextToken"]} if "NextToken" in pages[-1] else {}
    joined = {
        name: [value for found in pages for r in found["MetricDataResults"] if r["Id"] == name for value in r["Values"]]
        for name in ("a", "b")
    }
    states = [[result["StatusCode"] for result in found["MetricDataResults"]] for found in pages]
    assert (whole, ["PartialData", "PartialData"], ["Complete", "Complete"]) == (joined, states[0], states[-1])


@pytest.mark.parametrize(
    ("queries", "code"),
    [
        ([{"Id": "e", "Expression": "m * 2"}], "NotImplemented"),
        ([query("p99")], "NotImplemented"),
        ([query(period=10)], "NotImplemented"),
        ([query(AccountId="210987654321")], "NotImplemented"),
        ([query(), query()], "ValidationError"),
        ([query(name="Upper")], "ValidationError"),
        ([{"Id": "m"}], "ValidationError"),
        ([query(Expression="m * 2")], "ValidationError"),
        ([query(name=f"m{number}") for number in range(501)], "ValidationError"),
    ],
)
def test_what_cannot_be_computed_is_refused(queries, code):
    """What the model does not know loudly, what AWS documents as wrong with its error."""
    times = {"StartTime": datetime(2026, 1, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 2, tzinfo=UTC)}
    assert code == wire().refusal("cloudwatch", "GetMetricData", MetricDataQueries=queries, **times)[0]


def test_a_time_that_ends_before_it_begins_is_refused():
    """StartTime must be less than EndTime."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    request = {"MetricDataQueries": [query()], "StartTime": now, "EndTime": now}
    assert "ValidationError" == wire().refusal("cloudwatch", "GetMetricData", **request)[0]


def test_a_shorter_minute_shows_in_the_timestamps():
    """Where CloudWatch's minute lasts six seconds, periods are counted in it and points are six seconds apart."""
    aws = loaded(options=Options(minute=6.0))
    aws.wait(18)
    (result,) = ask(aws, query(), ScanBy="TimestampAscending")["MetricDataResults"]
    apart = {(after - before).total_seconds() for before, after in pairwise(result["Timestamps"])}
    assert ([50.0] * 3, {6.0}) == (result["Values"], apart)


def test_an_alarm_may_count_samples():
    """SampleCount of the group's processors is how many instances were measured."""
    aws = loaded(policies=[tracking("cpu", 90)])
    rule = {"EvaluationPeriods": 1, "Threshold": 3.0, "ComparisonOperator": "GreaterThanThreshold", "Period": 60}
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="many", Statistic="SampleCount", **metric(), **rule)
    aws.wait(60)
    alarm = aws.sim.alarms["many"]
    assert (4.0, "ALARM") == (latest(aws.sim.world, alarm), alarm["StateValue"])


def test_an_alarm_on_the_only_metric_of_metrics_is_evaluated():
    """Metrics with one MetricStat is an alarm on this metric; with an expression it keeps its state."""
    aws = loaded()
    rule = {"EvaluationPeriods": 1, "Threshold": 10.0, "ComparisonOperator": "GreaterThanThreshold"}
    expression = {"Id": "e", "Expression": "m * 2"}
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="one", Metrics=[query()], **rule)
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="math", Metrics=[query(ReturnData=False), expression], **rule)
    aws.wait(60)
    states = {name: alarm["StateValue"] for name, alarm in aws.sim.alarms.items()}
    assert {"one": "ALARM", "math": "INSUFFICIENT_DATA"} == states


def test_a_customized_metric_of_queries_is_tracked():
    """Target tracking on Metrics with one MetricStat scales as on the metric itself; math does not scale."""
    sizes = []
    for metrics in ([query()], [query(ReturnData=False), {"Id": "e", "Expression": "m"}]):
        aws = loaded()
        for each in metrics:
            each.get("MetricStat", {}).pop("Period", None)
        custom = {"CustomizedMetricSpecification": {"Metrics": metrics}, "TargetValue": 25.0}
        kind = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": custom}
        aws.asg("PutScalingPolicy", PolicyName="custom", **kind)
        aws.call("cloudwatch", "DescribeAlarms")
        aws.wait(300)
        sizes.append(aws.group()["DesiredCapacity"])
    assert [8, 4] == sizes


def test_an_alarm_that_waits_or_keeps_to_the_clock_keeps_its_state():
    """A warm-up and an evaluation window are recorded, and such an alarm is not evaluated."""
    aws = loaded()
    rule = {"EvaluationPeriods": 1, "Threshold": 10.0, "ComparisonOperator": "GreaterThanThreshold"}
    more = {"Statistic": "Average", "Period": 60, "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 1}}
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="later", **metric(), **rule, **more)
    aws.wait(300)
    assert "INSUFFICIENT_DATA" == aws.sim.alarms["later"]["StateValue"]


def test_samples_add_up():
    """Put together they are as if they had been measured at once."""
    assert samples([1.0, 2.0, 6.0]) == together([samples([1.0, 6.0]), samples([2.0])]) == Samples(3, 9.0, 1.0, 6.0)


def test_a_group_without_instances_has_no_data():
    """Nobody is measured."""
    aws = loaded(twins=True)
    aws.wait(60)
    assert [] == values(aws, "SampleCount", metric(AutoScalingGroupName=GREEN))
