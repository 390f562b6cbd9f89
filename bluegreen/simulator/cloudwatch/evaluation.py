"""What an alarm's state is by its data points: pure.

Source: CloudWatch user guide ("Evaluating an alarm", "Configuring how alarms treat missing data", whose two tables
are tests). CloudWatch looks at more points than the evaluation periods; that it is two more is read off the tables.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

ALARM, OK, NO_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"
MORE = 2
BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
WORDS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


def asked(alarm: Mapping[str, Any]) -> int:
    """Return how many data points an evaluation looks at."""
    return int(alarm["EvaluationPeriods"]) + MORE


def judge(alarm: Mapping[str, Any], points: Sequence[float | None]) -> str | None:
    """Return the state that data points (the oldest first; ``None``: missing) give, ``None``: it stays as it is."""
    periods = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm", periods)
    missing = alarm.get("TreatMissingData", "missing")
    found = [_breaches(alarm, point) for point in points if point is not None][-periods:]
    if missing in ("breaching", "notBreaching"):
        filled = found + [missing == "breaching"] * (periods - len(found))
        return ALARM if sum(filled) >= needed else OK
    if sum(found) >= needed:
        return ALARM
    if not found:
        return None if missing == "ignore" else NO_DATA
    if not all(found):
        return OK
    return ALARM if missing == "missing" and _age(points) >= needed else None


def _breaches(alarm: Mapping[str, Any], point: float) -> bool:
    return BREACHES[alarm["ComparisonOperator"]](point, alarm["Threshold"])


def _age(points: Sequence[float | None]) -> int:
    """Return how many periods ago the oldest data point is; the newest is of one period ago."""
    return len(points) - next(index for index, point in enumerate(points) if point is not None)


def reason(alarm: Mapping[str, Any], points: Sequence[float | None], state: str) -> str:
    """Return why, in the words of public reports."""
    found = [point for point in points if point is not None][-alarm["EvaluationPeriods"] :]
    if state == NO_DATA:
        return "Insufficient Data: no datapoints were received."
    values = ", ".join(str(round(point, 3)) for point in reversed(found))
    subject = f"1 datapoint [{values}] was" if len(found) == 1 else f"{len(found)} datapoints [{values}] were"
    denial = "" if state == ALARM else "not "
    words = f"{denial}{WORDS[alarm['ComparisonOperator']]} the threshold ({float(alarm['Threshold'])})"
    return f"Threshold Crossed: {subject} {words}."
