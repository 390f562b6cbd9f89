"""What PutMetricAlarm refuses: pure.

Source: botocore model (PutMetricAlarm, MetricDataQuery); the sentences about Metrics and Threshold: public reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import invalid
from .figures import MINUTE
from .metric_data import check_queries
from .records import ACTIONS, check_common, within

Configuration = Mapping[str, Any]

OF_A_METRIC = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")
BY_PERIODS = ("Metrics", "Threshold", "ComparisonOperator", "ThresholdMetricId", "EvaluationPeriods")
OF_NO_CRITERIA = (*OF_A_METRIC, *BY_PERIODS, "DatapointsToAlarm")
QUERIES, STATS = 20, 10
HOUR, DAY, WEEK = 3600, 86400, 604800
SCALING = ":autoscaling:"


def check(alarm: Configuration) -> None:
    """Refuse a configuration that the botocore model documents as wrong."""
    check_common(alarm)
    if "EvaluationCriteria" in alarm:
        _check_criteria(alarm)
        return
    if "EvaluationInterval" in alarm:
        raise invalid("EvaluationInterval should not be set without EvaluationCriteria.")
    if alarm.get("Metrics"):
        _check_metrics(alarm)
    else:
        _check_metric(alarm)
    _check_rule(alarm)


def _given(alarm: Configuration, key: str) -> bool:
    """Whether a field says something; empty Dimensions beside Metrics stand in public templates, and are accepted."""
    return alarm.get(key) not in (None, [], "")


def _check_criteria(alarm: Configuration) -> None:
    for key in OF_NO_CRITERIA:
        if _given(alarm, key):
            raise invalid(f"{key} should not be set if EvaluationCriteria is set.")
    if "EvaluationInterval" not in alarm:
        raise invalid("EvaluationInterval must not be null if EvaluationCriteria is set.")


def _check_metric(alarm: Configuration) -> None:
    for key in ("MetricName", "Namespace"):
        if not alarm.get(key):
            raise invalid(f"{key} must not be null")
    if ("Statistic" in alarm) == ("ExtendedStatistic" in alarm):
        raise invalid("Exactly one of Statistic and ExtendedStatistic must be set")
    within(alarm["MetricName"], "metricName", 255)
    within(alarm["Namespace"], "namespace", 255)
    within(alarm.get("Dimensions", []), "dimensions", 30)
    if "Period" not in alarm:
        raise invalid("Period must not be null")
    _check_period(alarm["Period"], alarm)


def _check_period(period: int, alarm: Configuration) -> None:
    if period not in (10, 20, 30) and period % MINUTE:
        raise invalid("Period must be 10, 20, 30 or a multiple of 60")
    span, most = period * alarm.get("EvaluationPeriods", 1), DAY if period < HOUR else WEEK
    if span > most:
        raise invalid(f"Metrics cannot be checked across more than {most} seconds (EvaluationPeriods * Period)")


def _check_metrics(alarm: Configuration) -> None:
    for key in OF_A_METRIC:
        if _given(alarm, key):
            raise invalid(f"{key} should not be set if list of Metrics is set.")
    queries = alarm["Metrics"]
    check_queries(queries)
    _count(queries)
    for query in queries:
        if "MetricStat" in query:
            within(query["MetricStat"]["Metric"].get("Dimensions", []), "dimensions", 30)
            _check_period(query["MetricStat"]["Period"], alarm)
    if "ThresholdMetricId" not in alarm and sum(query.get("ReturnData", True) for query in queries) != 1:
        raise invalid("Exactly one element of the metrics list should return data.")


def _count(queries: Sequence[Configuration]) -> None:
    stats = sum("MetricStat" in query for query in queries)
    if len(queries) > QUERIES or max(stats, len(queries) - stats) > STATS:
        raise invalid(f"An alarm may have {QUERIES} metrics: {STATS} with MetricStat, {STATS} with Expression.")


def _check_rule(alarm: Configuration) -> None:
    """Refuse a rule without its parts; an anomaly's has no threshold, and no Auto Scaling actions."""
    for key in ("EvaluationPeriods", "ComparisonOperator"):
        if key not in alarm:
            raise invalid(f"{key} must not be null")
    if "ThresholdMetricId" in alarm:
        _check_anomaly(alarm)
    elif "Threshold" not in alarm:
        raise invalid("Threshold must not be null")


def _check_anomaly(alarm: Configuration) -> None:
    if "Threshold" in alarm:
        raise invalid("Threshold and ThresholdMetricId cannot both be set")
    if alarm["ThresholdMetricId"] not in [query["Id"] for query in alarm.get("Metrics", ())]:
        raise invalid("ThresholdMetricId must be the Id of one of the Metrics.")
    if any(SCALING in action for key in ACTIONS for action in alarm.get(key, ())):
        raise invalid("An alarm with ThresholdMetricId cannot have Auto Scaling actions.")
