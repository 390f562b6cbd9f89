"""What is written as JSON is JSON: RFC 8259, section 6, has no number for infinity, nor for what is no number."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.events import Event, EventKind
from bluegreen.plain_json import one_line
from bluegreen.record.history import line, read
from bluegreen.report.json import dumps, events_line

WORDS = dict.fromkeys(("id", "image", "previous_image", "goal", "outcome", "by", "reason"), "x")
ENTRY: dict[str, Any] = {**WORDS, "begun_at": 0, "ended_at": None}
NUMBERS = st.floats() | st.integers() | st.none()
VALUES = st.recursive(NUMBERS | st.text(max_size=3), lambda one: st.lists(one) | st.dictionaries(st.text(), one))


def refused(constant: str) -> None:
    """Refuse what only Python reads."""
    raise AssertionError(constant)


def as_others_read(text: str) -> Any:
    """Return what a strict reader makes of ``text``."""
    return json.loads(text, parse_constant=refused)


@given(VALUES)
def test_every_value_becomes_json(value: object) -> None:
    """Whatever numbers are in it; what JSON can say is said as before."""
    written = one_line(value)
    as_others_read(written)
    if "NaN" not in (before := json.dumps(value)) and "Infinity" not in before:
        assert before == written


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_history_that_somebody_wrote_is_told_as_json(number: str) -> None:
    """Events are a file in a folder that others may share."""
    events = read([f'{{"at":{number},"reason":[1.5,{{"x":{number}}}]}}'])
    (told,) = as_others_read(events_line("web", ENTRY, events))["releases"]
    assert [{"at": None, "reason": [1.5, {"x": None}]}] == told["events"]


@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_a_deep_line_of_a_history_is_told_too(number: str) -> None:
    """What can just be read is written again."""
    deep = '{"a":' * 700 + number + "}" * 700
    assert deep.replace(number, "null") in events_line("web", ENTRY, read([deep])).replace(": ", ":")


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_our_own_numbers_are_told_as_json(number: float) -> None:
    """A deadline that never comes, in a status and in the events of a release."""
    (told,) = as_others_read(dumps("bluegreen.test/1", services=[{"deadline_at": number}]))["services"]
    assert {"deadline_at": None} == told
    assert None is as_others_read(line(Event(at=number, kind=EventKind.WAITING, reason="x")))["at"]
