"""Policies, alarms and scheduled actions drawn from botocore's shapes, within what AWS documents as allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import field, frozen
from botocore.session import Session
from hypothesis import strategies as st

from bluegreen.simulator.simulator import Simulator
from tests.support.virtual import BLUE, GREEN

SESSION = Session()
MODELS = {service: SESSION.get_service_model(service) for service in ("autoscaling", "cloudwatch")}
SNS = tuple(f"arn:aws:sns:us-east-1:123456789012:{name}" for name in ("ops", "people"))
BEGIN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
"""When a simulated pair's time begins, to the second."""

WORDS = st.sampled_from(["cpu", BLUE, GREEN, f"{BLUE} busy", "low-bluegreen", "é", "Ops/x"])
SEARCH = f"SUM(SEARCH('{{AWS/EC2,AutoScalingGroupName}} AutoScalingGroupName=\"{BLUE}\"', 'Sum', 300))"
GROUP_ITSELF = {"Name": "AutoScalingGroupName", "Value": BLUE}
OTHER_WORDS = WORDS.filter(lambda word: word not in (BLUE, GREEN))
"""A group's name as such a value is refused: nothing says whether it means the group."""
DIMENSION = st.just(GROUP_ITSELF) | st.fixed_dictionaries({"Name": st.just("Shop"), "Value": OTHER_WORDS})
PERIOD = st.sampled_from([10, 30, 60, 300])
STEPS = [
    {"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1},
    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 7.5, "ScalingAdjustment": 0},
    {"MetricIntervalLowerBound": 7.5, "ScalingAdjustment": 20},
]
CHOSEN: dict[str, st.SearchStrategy[Any]] = {
    "AdjustmentType": st.just("PercentChangeInCapacity"),
    "ComparisonOperator": st.sampled_from(["GreaterThanThreshold", "LessThanOrEqualToThreshold"]),
    "Dimensions": st.lists(DIMENSION, min_size=1, max_size=2, unique_by=repr),
    "EvaluateLowSampleCountPercentile": st.sampled_from(["evaluate", "ignore"]),
    "EvaluationPeriods": st.integers(3, 5),
    "DatapointsToAlarm": st.integers(1, 3),
    "EvaluationInterval": st.sampled_from([10, 60]),
    "Expression": st.sampled_from(["m0 / 2", SEARCH]),
    "ExtendedStatistic": st.sampled_from(["p99", "tm90", "p0.5"]),
    "MetricAggregationType": st.sampled_from(["Minimum", "Maximum", "Average"]),
    "Namespace": st.sampled_from(["AWS/EC2", "Shop"]),
    "Period": PERIOD,
    "Query": st.just(f'up{{AutoScalingGroupName="{BLUE}"}} == 0'),
    "ResourceLabel": st.just(""),
    "Stat": st.sampled_from(["Average", "p90", "Sum"]),
    "StepAdjustments": st.integers(0, 2).map(lambda first: STEPS[first:]),
    "Tags": st.lists(
        st.fixed_dictionaries({"Key": st.sampled_from(["team", "Name", "é"]), "Value": st.just("") | WORDS}),
        min_size=1,
        unique_by=lambda tag: tag["Key"],
    ),
    "Timezone": st.sampled_from(["Asia/Seoul", "UTC"]),
    "TreatMissingData": st.sampled_from(["breaching", "notBreaching", "ignore", "missing"]),
    "Unit": st.sampled_from(["Percent", "Count", "None"]),
}
"""What a member may be whose shape does not say it."""

MATH = {"Id", "Expression", "MetricStat"}


def drawn(shape: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Return values of a shape, each optional member there or not."""
    if name in CHOSEN:
        return CHOSEN[name]
    if shape.type_name == "structure":
        return _structures(shape)
    if shape.type_name == "list":
        queries = shape.member.type_name == "structure" and shape.member.members.keys() >= MATH
        return _queries(shape.member) if queries else st.lists(drawn(shape.member), min_size=1, max_size=2)
    return _plain(shape)


def _structures(shape: Any) -> st.SearchStrategy[Any]:
    members = {name: drawn(member, name) for name, member in shape.members.items()}
    if getattr(shape, "is_tagged_union", False):
        return st.one_of(*(st.fixed_dictionaries({name: value}) for name, value in members.items()))
    required = {name: members.pop(name) for name in shape.required_members}
    return st.fixed_dictionaries(required, optional=members)


def _plain(shape: Any) -> st.SearchStrategy[Any]:
    if getattr(shape, "enum", None):
        return st.sampled_from(shape.enum)
    least = int(shape.metadata.get("min", 0))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": WORDS,
        "integer": st.integers(least, int(shape.metadata.get("max", least + 9))),
        "double": st.sampled_from([0.0, 0.5, 70.0]),
        "boolean": st.booleans(),
    }
    return kinds[shape.type_name]


@st.composite
def _queries(draw: st.DrawFn, shape: Any) -> list[dict[str, Any]]:
    """Return metrics that are not returned, and the math over them that is."""
    beside = {name: drawn(member, name) for name, member in shape.members.items() if name not in MATH | {"ReturnData"}}
    label = {name: value for name, value in beside.items() if name in ("Label", "AccountId")}
    found = []
    for number in range(draw(st.integers(1, 2))):
        stat = draw(drawn(shape.members["MetricStat"]))
        metric = {"Namespace": "Shop", "MetricName": "Busy", **stat["Metric"]}
        stat = {**stat, "Metric": metric}
        found.append({"Id": f"m{number}", "MetricStat": stat, "ReturnData": False, **draw(optional(label))})
    return [*found, {"Id": "e", "Expression": draw(CHOSEN["Expression"]), "ReturnData": True, **draw(optional(beside))}]


def optional(members: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return values with some of the members."""
    return st.fixed_dictionaries({}, optional=members)


def members_of(service: str, operation: str) -> dict[str, st.SearchStrategy[Any]]:
    """Return the strategy of each field that an operation takes."""
    shape: Any = MODELS[service].operation_model(operation).input_shape
    return {name: drawn(member, name) for name, member in shape.members.items()}


# ---- policies ----

POLICY = members_of("autoscaling", "PutScalingPolicy")
TRACKING, PREDICTING = "TargetTrackingConfiguration", "PredictiveScalingConfiguration"
KINDS: dict[str, tuple[set[str], set[str]]] = {
    "SimpleScaling": ({"AdjustmentType", "ScalingAdjustment"}, {"Cooldown", "MinAdjustmentMagnitude"}),
    "StepScaling": (
        {"AdjustmentType", "StepAdjustments"},
        {"MetricAggregationType", "EstimatedInstanceWarmup", "MinAdjustmentMagnitude"},
    ),
    "TargetTrackingScaling": ({TRACKING}, {"EstimatedInstanceWarmup"}),
    "PredictiveScaling": ({PREDICTING}, set()),
}
"""What each kind of policy needs and may have (botocore model: required if, valid only if)."""


@st.composite
def policies(draw: st.DrawFn, name: str, kind: str) -> dict[str, Any]:
    """Return a policy of a kind."""
    needs, may = KINDS[kind]
    found = draw(
        st.fixed_dictionaries(
            {key: POLICY[key] for key in needs}, optional={key: POLICY[key] for key in (*sorted(may), "Enabled")}
        )
    )
    if TRACKING in found:
        found[TRACKING] = draw(tracking())
    if PREDICTING in found:
        found[PREDICTING] = draw(predicting())
    return {"PolicyName": name, "PolicyType": kind, **found}


def inner(outer: str, *path: str) -> Any:
    """Return the shape of a member of PutScalingPolicy, however deep."""
    shape: Any = MODELS["autoscaling"].operation_model("PutScalingPolicy").input_shape
    for name in (outer, *path):
        shape = shape.members[name]
        shape = shape.member if shape.type_name == "list" else shape
    return shape


@st.composite
def tracking(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a policy tracks: a predefined metric, a metric of the owner's, or math over several."""
    specification = draw(st.sampled_from(["PredefinedMetricSpecification", "CustomizedMetricSpecification"]))
    found = draw(drawn(inner(TRACKING, specification)))
    if specification.startswith("Customized"):
        usual = {"MetricName": "Busy", "Namespace": "Shop", "Statistic": "Average", **found}
        keys = {"Metrics"} if "Metrics" in found else usual.keys() - {"Metrics"}
        found = {key: usual[key] for key in usual if key in keys}
    more = draw(optional({"DisableScaleIn": st.booleans()}))
    return {specification: found, "TargetValue": draw(st.sampled_from([0.5, 50.0])), **more}


@st.composite
def predicting(draw: st.DrawFn) -> dict[str, Any]:
    """Return what a policy forecasts, without scaling by it."""
    shape = inner(PREDICTING, "MetricSpecifications")
    sets: list[list[str]] = [
        ["PredefinedMetricPairSpecification"],
        ["PredefinedScalingMetricSpecification", "PredefinedLoadMetricSpecification"],
        [name for name in shape.members if name.startswith("Customized")],
    ]
    parts = {name: draw(drawn(shape.members[name])) for name in draw(st.sampled_from(sets))}
    found = draw(optional({"SchedulingBufferTime": st.integers(0, 600)}))
    breach = draw(st.sampled_from([{}, {"MaxCapacityBreachBehavior": "HonorMaxCapacity"}, {"MaxCapacityBuffer": 7}]))
    if "MaxCapacityBuffer" in breach:
        breach = {"MaxCapacityBreachBehavior": "IncreaseMaxCapacity", **breach}
    return {"MetricSpecifications": [{"TargetValue": 50.0, **parts}], "Mode": "ForecastOnly", **found, **breach}


# ---- alarms ----

ALARM = members_of("cloudwatch", "PutMetricAlarm")
STATES = ("AlarmActions", "OKActions", "InsufficientDataActions")
OF_A_METRIC = {"MetricName", "Namespace", "Dimensions", "Period", "Unit"}
RULE = {"EvaluationPeriods", "ComparisonOperator", "Threshold"}
NOT_FOR_SCALING = {"ThresholdMetricId"}
"""An alarm on an anomaly cannot have Auto Scaling actions (botocore model)."""
ALWAYS = {
    "AlarmDescription",
    "ActionsEnabled",
    "Tags",
    "EvaluationWindow",
    "WarmUpConfiguration",
    "ActionConfiguration",
}
ALARMS: tuple[tuple[set[str], set[str]], ...] = (
    (
        {"MetricName", "Namespace", "Period", "Statistic", *RULE},
        {*ALWAYS, "Dimensions", "Unit", "DatapointsToAlarm", "TreatMissingData"},
    ),
    (
        {"MetricName", "Namespace", "Period", "ExtendedStatistic", *RULE},
        {*ALWAYS, "Dimensions", "EvaluateLowSampleCountPercentile", "TreatMissingData", "DatapointsToAlarm", "Unit"},
    ),
    ({"Metrics", *RULE}, {*ALWAYS, "DatapointsToAlarm", "TreatMissingData"}),
    ({"EvaluationCriteria", "EvaluationInterval"}, ALWAYS),
)
"""What an alarm on a metric, on a percentile, on metric math and on PromQL needs, and may have."""


@st.composite
def alarms(draw: st.DrawFn, name: str, acting: list[str]) -> dict[str, Any]:
    """Return an alarm that acts through some of the policies ``acting``, given by their names."""
    needs, may = draw(st.sampled_from(ALARMS))
    found = draw(
        st.fixed_dictionaries({key: ALARM[key] for key in sorted(needs)}, optional={k: ALARM[k] for k in sorted(may)})
    )
    through = draw(st.lists(st.sampled_from(acting), min_size=1, max_size=3, unique=True))
    said: dict[str, list[str]] = {}
    for policy in through:
        said.setdefault(draw(st.sampled_from(STATES)), []).append(policy)
    for state in STATES:
        said.setdefault(state, []).extend(draw(st.lists(st.sampled_from(SNS), max_size=2, unique=True)))
    return {"AlarmName": name, **found, **{state: does for state, does in said.items() if does}}


# ---- scheduled actions ----

SIZES = ("MinSize", "MaxSize", "DesiredCapacity")


@st.composite
def schedules(draw: st.DrawFn, name: str, number: int) -> dict[str, Any]:
    """Return a scheduled action; no two with other numbers are due at once, none before two hours have passed."""
    sizes = draw(st.lists(st.sampled_from(SIZES), min_size=1, unique=True))
    once = {"StartTime": BEGIN + timedelta(hours=2, minutes=number)}
    month, hour = draw(st.integers(1, 9)), draw(st.integers(0, 23))
    again = {"Recurrence": f"{number} {hour} {number % 28 + 1} {month} *"}
    times = draw(st.sampled_from([once, again, {**once, **again}]))
    more = draw(
        optional(
            {
                "TimeZone": st.sampled_from(["Asia/Seoul", "Europe/Berlin", "UTC"]),
                "EndTime": st.just(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)),
            }
        )
    )
    return {"ScheduledActionName": name, **{size: draw(st.integers(0, 9)) for size in sizes}, **times, **more}


# ---- all together ----


@frozen
class Drawn:
    """Settings of a group; alarms name the policies through which they act by name."""

    policies: list[dict[str, Any]] = field(factory=list)
    alarms: list[dict[str, Any]] = field(factory=list)
    schedules: list[dict[str, Any]] = field(factory=list)

    def put(self, sim: Simulator, label: str, group: str = BLUE) -> None:
        """Put everything onto a group, whose target group is called ``label`` in policies."""
        arns: dict[str, str] = {}
        for policy in self.policies:
            request = {"AutoScalingGroupName": group, **_labelled(policy, label)}
            arns[policy["PolicyName"]] = sim.call("autoscaling", "PutScalingPolicy", request)["PolicyARN"]
        for alarm in self.alarms:
            does = {state: [arns.get(one, one) for one in alarm[state]] for state in STATES if state in alarm}
            sim.call("cloudwatch", "PutMetricAlarm", {**alarm, **does})
        for schedule in self.schedules:
            sim.call("autoscaling", "PutScheduledUpdateGroupAction", {"AutoScalingGroupName": group, **schedule})


def _labelled(value: Any, label: str) -> Any:
    """Return a policy whose metrics of a target group have its label, and no others."""
    if isinstance(value, list):
        return [_labelled(item, label) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _labelled(item, label) for key, item in value.items()}
    if "PredefinedMetricType" in found:
        found.pop("ResourceLabel", None)
        if found["PredefinedMetricType"].startswith("ALB"):
            found["ResourceLabel"] = label
    return found


def tracks_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two policies track one metric, which AWS does not take of one group (user guide: target tracking)."""
    first, second = (_tracked(policy) for policy in (one, other))
    return first is not None and first == second


def _tracked(policy: dict[str, Any]) -> Any:
    """Return which metric a policy tracks; labels do not tell two apart, since a pair has one target group."""
    found = policy.get(TRACKING, {})
    predefined = found.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    return predefined or found.get("CustomizedMetricSpecification")


@st.composite
def fifty(draw: st.DrawFn, most: int = 50, full: bool = False) -> Drawn:
    """Return up to ``most`` settings at once, of every kind, or so many; one by alarm and one alarm at least."""
    numbers = iter(range(most))

    def name() -> tuple[str, int]:
        number = next(numbers)
        return f"{number} {draw(WORDS)}", number

    third = most // 3
    first = name()[0]
    by_alarm = [first]
    found = [draw(policies(first, draw(st.sampled_from(["SimpleScaling", "StepScaling"]))))]
    rest = most - 2 * third
    for _ in range(draw(st.integers(third - 1 if full else 0, third - 1))):
        kind, called = draw(st.sampled_from(sorted(KINDS))), name()[0]
        policy = draw(policies(called, kind))
        if any(tracks_the_same(policy, other) for other in found):
            kind, policy = "SimpleScaling", draw(policies(called, "SimpleScaling"))
        by_alarm += [called] if kind in ("SimpleScaling", "StepScaling") else []
        found.append(policy)
    made = [draw(alarms(name()[0], by_alarm)) for _ in range(draw(st.integers(third if full else 1, third)))]
    due = [draw(schedules(*name())) for _ in range(draw(st.integers(rest if full else 0, rest)))]
    return Drawn(found, made, due)
