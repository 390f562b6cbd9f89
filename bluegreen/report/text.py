"""How figures, times and foreign texts are written; quick to import."""

from __future__ import annotations

from datetime import UTC, datetime

from bluegreen.sentences.forms import duration as duration
from bluegreen.words import clean as clean
from bluegreen.words import clean_lines as clean_lines


def timestamp(at: float) -> str:
    """Return the POSIX second ``at`` in ISO 8601, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
