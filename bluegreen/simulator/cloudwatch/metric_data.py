"""GetMetricData over the figures that the model keeps (service ``cloudwatch``).

Sources: botocore model: GetMetricData, MetricDataQuery, MetricDataResult (StartTime rounded down to a whole minute and
inclusive, EndTime exclusive, newest first unless asked otherwise; 500 queries, 100,800 data points). A point bears
the time at which its period begins. Metric math, percentiles, other accounts and periods below a minute are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from math import ceil
from typing import Any

from ..core.calls import Request, Result
from ..core.errors import invalid, unknown_to_the_model
from ..core.operations import operation
from ..core.options import ACCOUNT
from ..core.paging import page
from ..core.world import World, moment, seconds
from .figures import FIGURES, KEPT, LENGTH, MINUTE, ROUNDING, minute_of
from .metrics import AGGREGATES, key_of, known

Query = Mapping[str, Any]
Point = tuple[int, float, float]

MOST_QUERIES, MOST_POINTS = 500, 100_800
ID = re.compile(r"[a-z][A-Za-z0-9_]*")
NEWEST, OLDEST = "TimestampDescending", "TimestampAscending"


@operation("cloudwatch", "GetMetricData", "MetricDataQueries StartTime EndTime ScanBy MaxDatapoints NextToken")
def get(world: World, request: Request) -> Result:
    """Answer the data points of metrics; one that the model does not know has none, as with AWS."""
    queries = request["MetricDataQueries"]
    check_queries(queries)
    start, end = seconds(request["StartTime"]), seconds(request["EndTime"])
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    shown = [query for query in queries if query.get("ReturnData", True)]
    newest = request.get("ScanBy", NEWEST) == NEWEST
    points = [
        (index, *point) for index, query in enumerate(shown) for point in _points(world, query, start, end, newest)
    ]
    names = ("MaxDatapoints", "NextToken", "NextToken")
    chunk, following = page(points, request, most=MOST_POINTS, usual=MOST_POINTS, names=names)
    return {"MetricDataResults": _results(shown, chunk, points), "Messages": [], **following}


def check_queries(queries: Sequence[Query]) -> None:
    """Refuse queries that the botocore model's MetricDataQuery does not allow."""
    if len(queries) > MOST_QUERIES:
        raise invalid(f"The maximum number of MetricDataQueries is {MOST_QUERIES}.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise invalid("The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not ID.fullmatch(query["Id"]):
            raise invalid(f"The Id {query['Id']} must begin with a lowercase letter, and have letters, numbers and _.")
        if ("Expression" in query) == ("MetricStat" in query):
            raise invalid("Exactly one of Expression and MetricStat must be specified.")


def _points(world: World, query: Query, start: float, end: float, newest: bool) -> list[tuple[float, float]]:
    """Return a query's data points: the beginning of each period, and the value."""
    _refuse(world, query)
    stat = query["MetricStat"]
    metric, key = known(stat["Metric"]), key_of(stat["Metric"])
    if metric is None or key is None or stat.get("Unit", metric.unit) != metric.unit:
        return []
    count, length = stat["Period"] // MINUTE, world.options[LENGTH]
    windows = _windows(world, start, end, count)
    found = [(number, world.beside[FIGURES].window(key, number * count + count, count)) for number in windows]
    aggregate = AGGREGATES[stat["Stat"]]
    points = [(number * count * length, float(aggregate(each))) for number, each in found if each is not None]
    return points[::-1] if newest else points


def _refuse(world: World, query: Query) -> None:
    """Refuse what the model cannot compute."""
    if "Expression" in query:
        raise unknown_to_the_model(f"metric math (the Expression of {query['Id']}) in GetMetricData")
    if query["MetricStat"]["Period"] % MINUTE:
        raise unknown_to_the_model(f"the Period {query['MetricStat']['Period']} in GetMetricData")
    if query["MetricStat"]["Stat"] not in AGGREGATES:
        raise unknown_to_the_model(f"the Stat {query['MetricStat']['Stat']} in GetMetricData")
    if query.get("AccountId", world.options[ACCOUNT]) != world.options[ACCOUNT]:
        raise unknown_to_the_model("the metrics of another account")


def _windows(world: World, start: float, end: float, count: int) -> range:
    """Return the numbers of the periods, ``count`` minutes long, that begin from ``start`` on and before ``end``.

    Periods begin at multiples of their length (*unknown*). Only what is kept, and not the future, is looked at.
    """
    length = world.options[LENGTH]
    now = minute_of(world.time, length)
    first = max(minute_of(start, length), now - KEPT - count)
    after = min(ceil((end - ROUNDING) / length), now)
    return range(ceil(first / count), ceil(after / count))


def _results(queries: Sequence[Query], chunk: Sequence[Point], points: Sequence[Point]) -> list[dict[str, Any]]:
    """Return a result for each query, with its points of this page."""
    mine = {index: list(found) for index, found in groupby(chunk, key=lambda point: point[0])}
    last = chunk[-1] if chunk else None
    rest = {point[0] for point in points[points.index(last) + 1 :]} if last is not None else set()
    return [_result(query, mine.get(index, []), index in rest) for index, query in enumerate(queries)]


def _result(query: Query, points: Sequence[Point], partial: bool) -> dict[str, Any]:
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["MetricStat"]["Metric"]["MetricName"]),
        "Timestamps": [moment(time) for _, time, _ in points],
        "Values": [value for _, _, value in points],
        "StatusCode": "PartialData" if partial else "Complete",
    }
