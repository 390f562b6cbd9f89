"""What one look costs while a release goes its way: no question twice, and none that nobody needs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bluegreen.simulator.core.calls import Call
from tests.support.scaling import put_settings
from tests.support.virtual import Pair, virtual

GROUPS = "DescribeAutoScalingGroups"
AT_MOST = {
    "DescribeScalingActivities": 1,
    "DescribeAlarms": 2,
    "DescribePolicies": 2,
    "DescribeScheduledActions": 2,
    "DescribeInstances": 1,
    "GetMetricData": 1,
}
"""By name and by policy are two calls for alarms; of settings there is one for each group."""


def looks_of(pair: Pair, run: Any) -> list[Counter[str]]:
    """Return what each look of a run asks for, until the next one begins, or something is changed."""
    looks: list[Counter[str]] = []
    reading = False

    def count(call: Call) -> None:
        nonlocal reading
        if call.operation == GROUPS:
            looks.append(Counter())
            reading = True
        elif not call.reads or call.dry:
            reading = False
        elif reading:
            looks[-1][call.operation] += 1

    pair.sim.faults.before.append(count)
    run()
    return looks


def alarmed(pair: Pair) -> Pair:
    """Return the pair with settings that move, and an alarm that guards."""
    put_settings(pair.sim)
    parameters = {"AlarmName": "web-5xx", "Namespace": "x", "MetricName": "y", "Statistic": "Sum", "Period": 60}
    more = {"EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
    pair.sim.call("cloudwatch", "PutMetricAlarm", {**parameters, **more})
    return pair


def test_no_look_asks_twice() -> None:
    """Steps ask one after the other, and each thing is asked for once: of alarms and of activities all together.

    In the bake it is the balancers and the guarding alarm, and nothing else. The first look is before a release's own.
    """
    pair = alarmed(virtual(drain=3.0))
    guarded = {"alarms": ("web-5xx",), "bake": 15.0}
    looks = looks_of(pair, lambda: pair.service(**guarded).deploy("v2"))[1:]
    usual, times = Counter(tuple(sorted(look)) for look in looks).most_common(1)[0]
    assert (("DescribeAlarms", "DescribeTargetHealth"), True) == (usual, times > 10)
    for last in ("finish", "rollback"):
        way = pair.branch()
        looks += looks_of(way, getattr(way.service(**guarded), last))[1:]
    assert {} == {name: most for name, most in AT_MOST.items() if any(look[name] > most for look in looks)}
