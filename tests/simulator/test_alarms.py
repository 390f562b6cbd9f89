"""Alarms as records: what is refused, tags, composite ones, relatives, deletion."""

from __future__ import annotations

import pytest

from .wire import BLUE, wire

METRIC = {"MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60}
RULE = {"EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
STAT = {"Metric": {"MetricName": "m", "Namespace": "n"}, "Period": 60, "Stat": "Sum"}
MATH = [{"Id": "m", "MetricStat": STAT, "ReturnData": False}, {"Id": "e", "Expression": "m * 2"}]
BAND = [{"Id": "m", "MetricStat": STAT}, {"Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}]
ANOMALY = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "b"}
PROMQL = {"EvaluationCriteria": {"PromQLCriteria": {"Query": "up"}}, "EvaluationInterval": 60}
POLICY = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/g:policyName/p"


def put(aws, *names, **more):
    """Put metric alarms."""
    for name in names or ("a",):
        aws.call("cloudwatch", "PutMetricAlarm", AlarmName=name, **{**METRIC, **RULE, **more})


def compose(aws, name, rule, **more):
    """Put a composite alarm."""
    aws.call("cloudwatch", "PutCompositeAlarm", AlarmName=name, AlarmRule=rule, **more)


def described(aws, **request):
    """Return the names of the metric alarms and of the composite ones that are described."""
    found = aws.call("cloudwatch", "DescribeAlarms", **request)
    return tuple([alarm["AlarmName"] for alarm in found[key]] for key in ("MetricAlarms", "CompositeAlarms"))


def both(aws, **request):
    """Return the names of both kinds."""
    return described(aws, AlarmTypes=["MetricAlarm", "CompositeAlarm"], **request)


def arn(aws, name):
    """Return an alarm's ARN."""
    return {"ResourceARN": aws.sim.world.arn("cloudwatch", f"alarm:{name}")}


def tags(aws, name="a"):
    """Return an alarm's tags."""
    return {tag["Key"]: tag["Value"] for tag in aws.call("cloudwatch", "ListTagsForResource", **arn(aws, name))["Tags"]}


def many(count):
    """Return so many tags."""
    return [{"Key": f"k{number}", "Value": ""} for number in range(count)]


# What is refused.


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (RULE, "MetricName must not be null"),
        ({**RULE, "MetricName": "m"}, "Namespace must not be null"),
        ({**METRIC, **RULE, "ExtendedStatistic": "p99"}, "Statistic and ExtendedStatistic"),
        ({**RULE, "MetricName": "m", "Namespace": "n", "Period": 60}, "Statistic and ExtendedStatistic"),
        ({**RULE, "MetricName": "m", "Namespace": "n", "Statistic": "Sum"}, "Period must not be null"),
        ({**METRIC, **RULE, "Period": 90}, "multiple of 60"),
        ({**METRIC, **RULE, "EvaluationPeriods": 1441}, "86400 seconds"),
        ({**METRIC, **RULE, "Period": 3600, "EvaluationPeriods": 169}, "604800 seconds"),
        ({**METRIC, "Threshold": 1.0, "EvaluationPeriods": 1}, "ComparisonOperator must not be null"),
        ({**METRIC, **{key: RULE[key] for key in RULE if key != "Threshold"}}, "Threshold must not be null"),
        ({**METRIC, **RULE, "Metrics": MATH}, "MetricName should not be set if list of Metrics is set."),
        ({**RULE, "Metrics": MATH, "Unit": "Count"}, "Unit should not be set if list of Metrics is set."),
        ({**RULE, "Metrics": MATH[:1]}, "should return data"),
        ({**RULE, "Metrics": [*MATH, {"Id": "f", "Expression": "m"}]}, "should return data"),
        ({**RULE, "Metrics": [MATH[0], {**MATH[0]}]}, "not unique"),
        ({**RULE, "Metrics": [{**MATH[0], "Expression": "m"}]}, "Exactly one of Expression and MetricStat"),
        (
            {**RULE, "Metrics": [{"Id": f"e{n}", "Expression": "1", "ReturnData": not n} for n in range(11)]},
            "20 metrics",
        ),
        ({**ANOMALY, "Metrics": BAND, "Threshold": 1.0}, "Threshold and ThresholdMetricId cannot both be set"),
        ({**ANOMALY, "Metrics": BAND, "ThresholdMetricId": "x"}, "one of the Metrics"),
        ({**ANOMALY, "Metrics": BAND, "AlarmActions": [POLICY]}, "cannot have Auto Scaling actions"),
        ({**PROMQL, "Threshold": 1.0}, "Threshold should not be set if EvaluationCriteria is set."),
        ({"EvaluationCriteria": PROMQL["EvaluationCriteria"]}, "EvaluationInterval must not be null"),
        ({**METRIC, **RULE, "EvaluationInterval": 60}, "without EvaluationCriteria"),
        ({**METRIC, **RULE, "AlarmActions": [f"arn:{n}" for n in range(6)]}, "at 'alarmActions'"),
        ({**METRIC, **RULE, "Dimensions": [{"Name": f"{n}", "Value": "v"} for n in range(31)]}, "at 'dimensions'"),
        ({**METRIC, **RULE, "AlarmName": "a" * 256}, "length less than or equal to 255"),
        ({**METRIC, **RULE, "AlarmDescription": "a" * 1025}, "length less than or equal to 1024"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(configuration, words):
    """What the botocore model documents as wrong is a ValidationError, and nothing is put."""
    aws = wire()
    code, message = aws.refusal("cloudwatch", "PutMetricAlarm", **{"AlarmName": "a", **configuration})
    assert ("ValidationError", True, ([], [])) == (code, words in message, both(aws))


def test_an_anomaly_alarm_and_one_on_promql_are_recorded():
    """The first has no data yet, the second is OK at once (botocore model)."""
    aws = wire()
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="band", Metrics=BAND, **ANOMALY)
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="up", **PROMQL)
    found = aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"]
    assert {"band": "INSUFFICIENT_DATA", "up": "OK"} == {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}


def test_a_states_reason_may_have_data():
    """It is kept until the state is written again."""
    aws = wire()
    put(aws)
    seen = []
    for data in ({"StateReasonData": "{}"}, {}):
        aws.call("cloudwatch", "SetAlarmState", AlarmName="a", StateValue="OK", StateReason="r", **data)
        seen.append(aws.call("cloudwatch", "DescribeAlarms")["MetricAlarms"][0].get("StateReasonData"))
    assert ["{}", None] == seen


# Tags.


def test_tags_come_with_a_new_alarm_and_not_with_an_update():
    """Those of an update are ignored, and what there was stays (botocore model)."""
    aws = wire()
    put(aws, Tags=[{"Key": "team", "Value": "one"}])
    put(aws, Tags=[{"Key": "team", "Value": "two"}, {"Key": "more", "Value": ""}])
    assert {"team": "one"} == tags(aws)


def test_tags_are_written_changed_and_taken_off():
    """A key that is there gets the new value; a key that is not there is taken off without a word."""
    aws = wire()
    put(aws)
    for value in ("one", "two"):
        pairs = [{"Key": "team", "Value": value}, {"Key": value, "Value": ""}]
        aws.call("cloudwatch", "TagResource", **arn(aws, "a"), Tags=pairs)
    aws.call("cloudwatch", "UntagResource", **arn(aws, "a"), TagKeys=["one", "three"])
    assert {"team": "two", "two": ""} == tags(aws)


def test_a_deleted_alarms_tags_are_gone():
    """One of the same name begins without."""
    aws = wire()
    put(aws, Tags=many(1))
    aws.call("cloudwatch", "DeleteAlarms", AlarmNames=["a"])
    put(aws)
    assert {} == tags(aws)


def test_fifty_tags_and_no_more():
    """The fifty-first is refused, and none of its call is written."""
    aws = wire()
    put(aws, Tags=many(50))
    more = {**arn(aws, "a"), "Tags": [{"Key": "k0", "Value": "new"}, {"Key": "other", "Value": ""}]}
    long = {**arn(aws, "a"), "Tags": [{"Key": "k0", "Value": "v" * 257}]}
    refused = [aws.refusal("cloudwatch", "TagResource", **request)[0] for request in (more, long)]
    assert (["InvalidParameterValue"] * 2, 50, "") == (refused, len(tags(aws)), tags(aws)["k0"])


def test_an_alarm_with_too_many_tags_is_not_put():
    """Neither the alarm nor its tags are there."""
    aws = wire()
    request = {"AlarmName": "a", **METRIC, **RULE, "Tags": many(51)}
    assert "InvalidParameterValue" == aws.refusal("cloudwatch", "PutMetricAlarm", **request)[0]
    assert ([], []) == both(aws)


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("arn:aws:cloudwatch:us-east-1:123456789012:alarm:nobody", "ResourceNotFoundException"),
        ("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a", "ResourceNotFoundException"),
        ("arn:aws:cloudwatch::123456789012:dashboard/d", "NotImplemented"),
    ],
)
def test_tags_of_what_is_not_there_are_refused(resource, code):
    """An alarm of another Region is not this one; other resources are unknown to the model."""
    aws = wire()
    put(aws)
    assert code == aws.refusal("cloudwatch", "ListTagsForResource", ResourceARN=resource)[0]


# Composite alarms.


def test_composite_alarms_are_described_where_they_are_asked_for():
    """Without AlarmTypes only metric alarms are (botocore model)."""
    aws = wire()
    put(aws, "a", "b")
    compose(aws, "c", "ALARM(a) OR ALARM(b)")
    kinds = ([], ["MetricAlarm"], ["CompositeAlarm"], ["CompositeAlarm", "MetricAlarm"], ["LogAlarm"])
    found = [described(aws, **({"AlarmTypes": list(each)} if each else {})) for each in kinds]
    assert [(["a", "b"], []), (["a", "b"], []), ([], ["c"]), (["a", "b"], ["c"]), ([], [])] == found


def test_a_composite_alarm_keeps_state_and_tags_when_it_is_put_again():
    """As a metric alarm; its rule is never evaluated."""
    aws = wire()
    put(aws)
    compose(aws, "c", "ALARM(a)", Tags=many(1), AlarmDescription="old")
    aws.call("cloudwatch", "SetAlarmState", AlarmName="c", StateValue="ALARM", StateReason="r")
    compose(aws, "c", "OK(a)", Tags=many(2))
    (found,) = aws.call("cloudwatch", "DescribeAlarms", AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert ("ALARM", "OK(a)", False, 1) == (
        found["StateValue"],
        found["AlarmRule"],
        "AlarmDescription" in found,
        len(tags(aws, "c")),
    )


def test_filters_and_pages_are_over_both_kinds():
    """Metric alarms first; state, prefix, names and actions choose among both."""
    aws = wire()
    put(aws, "a1", "b1", AlarmActions=["arn:aws:sns:x:y:one"])
    compose(aws, "a2", "ALARM(a1)", AlarmActions=["arn:aws:sns:x:y:two"])
    filters = ({"AlarmNamePrefix": "a"}, {"ActionPrefix": "arn:aws:sns:x:y:two"}, {"AlarmNames": ["a2", "b1", "zz"]})
    found = [both(aws, **each) for each in (*filters, {"StateValue": "OK"}, {"MaxRecords": 2})]
    assert [(["a1"], ["a2"]), ([], ["a2"]), (["b1"], ["a2"]), ([], []), (["a1", "b1"], [])] == found
    assert ([], ["a2"]) == both(aws, MaxRecords=2, NextToken="page-2")


def test_names_and_a_prefix_exclude_each_other():
    """As the botocore model says of AlarmNamePrefix."""
    request = {"AlarmNames": ["a"], "AlarmNamePrefix": "a"}
    assert "ValidationError" == wire().refusal("cloudwatch", "DescribeAlarms", **request)[0]


def test_parents_are_names_and_arns_only():
    """The composite alarms whose rules name an alarm, by its name, in quotes or by its ARN."""
    aws = wire()
    put(aws, "cpu high", "b")
    compose(aws, "by name", 'ALARM("cpu high") AND NOT (OK(b) OR FALSE)')
    compose(aws, "by arn", f"INSUFFICIENT_DATA({arn(aws, 'cpu high')['ResourceARN']})")
    compose(aws, "grandparent", 'alarm("by name")')
    found = aws.call("cloudwatch", "DescribeAlarms", ParentsOfAlarmName="cpu high")
    told = [(alarm["AlarmName"], sorted(alarm)) for alarm in found["CompositeAlarms"]]
    fields = ["AlarmArn", "AlarmName"]
    assert ([("by name", fields), ("by arn", fields)], []) == (told, found["MetricAlarms"])
    assert ([], ["grandparent"]) == described(aws, ParentsOfAlarmName="by name")


def test_children_are_of_both_kinds():
    """Of each its name, its ARN, its state and since when."""
    aws = wire()
    put(aws)
    compose(aws, "c", "TRUE")
    compose(aws, "d", "ALARM(a) AND ALARM(c) AND ALARM(a)")
    found = aws.call("cloudwatch", "DescribeAlarms", ChildrenOfAlarmName="d")
    fields = ["AlarmArn", "AlarmName", "StateUpdatedTimestamp", "StateValue"]
    assert [["a"], ["c"], fields] == [
        *([alarm["AlarmName"] for alarm in found[key]] for key in ("MetricAlarms", "CompositeAlarms")),
        sorted(found["MetricAlarms"][0]),
    ]


def test_relatives_are_asked_for_alone():
    """With other filters it is a ValidationError; pages are allowed."""
    aws = wire()
    put(aws)
    together = {"ParentsOfAlarmName": "a", "AlarmTypes": ["CompositeAlarm"]}
    assert "ValidationError" == aws.refusal("cloudwatch", "DescribeAlarms", **together)[0]
    assert ([], []) == described(aws, ParentsOfAlarmName="a", MaxRecords=1)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"AlarmRule": "ALARM(nobody)"}, "Could not save the composite alarm as alarms [nobody]"),
        ({"AlarmRule": "ALARM(a) XOR ALARM(a)"}, "Unsupported token 'XOR' at char 9"),
        ({"AlarmRule": "ALARM(a)", "AlarmName": "a"}, "a metric alarm's"),
        ({"AlarmRule": "ALARM(a)", "ActionsSuppressor": "a"}, "ActionsSuppressorWaitPeriod must not be null"),
        ({"AlarmRule": "ALARM(a)", "ActionsSuppressor": "nobody"}, "does not exist"),
        ({"AlarmRule": "ALARM(a)", "OKActions": [f"arn:{n}" for n in range(6)]}, "at 'oKActions'"),
        ({"AlarmRule": "T" * 10241}, "at 'alarmRule'"),
    ],
)
def test_a_composite_alarm_that_cannot_be_is_refused(request_, words):
    """Alarms that are not there, unknown words, a metric alarm's name, a suppressor without its times."""
    aws = wire()
    put(aws)
    code, message = aws.refusal("cloudwatch", "PutCompositeAlarm", **{"AlarmName": "c", **request_})
    assert ("ValidationError", True) == (code, words in message)


def test_a_function_that_botocore_does_not_document_is_refused_loudly():
    """AT_LEAST is not in the model's documentation of AlarmRule."""
    aws = wire()
    put(aws)
    request = {"AlarmName": "c", "AlarmRule": "AT_LEAST(1, ALARM, (a))"}
    assert "NotImplemented" == aws.refusal("cloudwatch", "PutCompositeAlarm", **request)[0]


def test_a_composite_alarms_name_is_no_metric_alarms():
    """Names are unique in a Region."""
    aws = wire()
    compose(aws, "c", "FALSE")
    assert "ValidationError" == aws.refusal("cloudwatch", "PutMetricAlarm", AlarmName="c", **METRIC, **RULE)[0]


# Deletion.


def test_what_a_rule_names_cannot_be_deleted():
    """Not it, and nothing else of the call; once the rule is another, it can."""
    aws = wire()
    put(aws, "a", "b", "c")
    compose(aws, "d", "ALARM(a) OR ALARM(b)")
    one = aws.refusal("cloudwatch", "DeleteAlarms", AlarmNames=["a", "c"])
    two = aws.refusal("cloudwatch", "DeleteAlarms", AlarmNames=["a", "b"])
    said = [
        f"Cannot delete {which} as there are composite alarm(s) depending on {on}."
        for which, on in (("a", "it"), ("a,b", "them"))
    ]
    assert [("ValidationError", words) for words in said] == [one, two]
    compose(aws, "d", "FALSE")
    aws.call("cloudwatch", "DeleteAlarms", AlarmNames=["a", "b", "d"])
    assert (["c"], []) == both(aws)


def test_two_composite_alarms_are_not_deleted_at_once():
    """At most one in a call, with as many metric alarms as there is room for (botocore model)."""
    aws = wire()
    for name in ("c", "d"):
        compose(aws, name, "FALSE")
    code, _ = aws.refusal("cloudwatch", "DeleteAlarms", AlarmNames=["c", "d"])
    assert ("ValidationError", ([], ["c", "d"])) == (code, both(aws))


def test_a_wrong_name_does_not_spare_the_others():
    """They are deleted all the same, and the call fails."""
    aws = wire()
    put(aws, "a", "b")
    code, message = aws.refusal("cloudwatch", "DeleteAlarms", AlarmNames=["a", "nobody"])
    assert ("ResourceNotFound", True, (["b"], [])) == (code, "nobody" in message, both(aws))


def test_an_alarm_of_which_any_action_is_a_policy_is_told_with_it():
    """DescribePolicies shows alarms by each of their three kinds of actions."""
    aws = wire()
    change = {"PolicyName": "p", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
    policy = aws.asg("PutScalingPolicy", **change)["PolicyARN"]
    for name, key in (("a", "AlarmActions"), ("o", "OKActions"), ("i", "InsufficientDataActions")):
        put(aws, name, **{key: [policy]})
    put(aws, "n")
    told = aws.asg("DescribePolicies", BLUE)["ScalingPolicies"][0]["Alarms"]
    aws.asg("DeletePolicy", PolicyName="p")
    left = aws.call("cloudwatch", "DescribeAlarms", ActionPrefix=policy)["MetricAlarms"]
    assert (["a", "o", "i"], []) == ([alarm["AlarmName"] for alarm in told], left)
