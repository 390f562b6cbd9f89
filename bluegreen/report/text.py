"""How figures, times and foreign texts are written; quick to import."""

from __future__ import annotations

from datetime import UTC, datetime

from bluegreen.words import clean as clean
from bluegreen.words import clean_lines as clean_lines


def interrupted(service: str) -> str:
    """Return what is said when somebody asked to stop."""
    return f"{clean(service)}: stopping at the next safe point; a second time leaves at once"


def duration(seconds: float) -> str:
    """Return ``seconds`` as people say it: ``45 s``, ``2 min 5 s``, ``3 h 10 min``."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{rest} s"


def timestamp(at: float) -> str:
    """Return the POSIX second ``at`` in ISO 8601, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
