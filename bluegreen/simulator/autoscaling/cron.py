"""When a recurring schedule is due: cron's five fields, in a time zone (user guide: scheduled scaling)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
DAYS = "sun mon tue wed thu fri sat"
NAMES = {name: number for start, names in ((1, MONTHS), (0, DAYS)) for number, name in enumerate(names.split(), start)}
HORIZON = 4 * 366


def following(expression: str, after: float, zone: str = "UTC") -> float | None:
    """Return the first moment after ``after`` (POSIX seconds) at which ``expression`` is due; None if there is none.

    :raises ValueError: the expression is no cron expression, or the zone is unknown.
    """
    fields = expression.split()
    if len(fields) != len(RANGES):
        raise ValueError(f"{expression!r} does not have five fields")
    minutes, hours, days, months, weekdays = (
        _values(field, low, high) for field, (low, high) in zip(fields, RANGES, strict=True)
    )
    either = fields[2] != "*" and fields[4] != "*"
    start = datetime.fromtimestamp(after, UTC).astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0)
    for offset in range(HORIZON):
        day = (start + timedelta(days=offset)).date()
        in_month, in_week = day.day in days, day.isoweekday() % 7 in {number % 7 for number in weekdays}
        if day.month in months and ((in_month or in_week) if either else (in_month and in_week)):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    due = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp()
                    if due > after:
                        return due
    return None


def _values(field: str, low: int, high: int) -> set[int]:
    return {number for part in field.lower().split(",") for number in _part(part, low, high)}


def _part(part: str, low: int, high: int) -> range:
    span, _, step = part.partition("/")
    if span == "*":
        first, last = low, high
    elif "-" in span:
        first, last = (_number(text) for text in span.split("-", 1))
    else:
        first = _number(span)
        last = high if step else first
    if not low <= first <= last <= high:
        raise ValueError(f"{part!r} is not within {low} to {high}")
    return range(first, last + 1, int(step or 1))


def _number(text: str) -> int:
    return NAMES[text] if text in NAMES else int(text)
