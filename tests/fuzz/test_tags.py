"""Tags that somebody has put onto the pair: what looks and what adopts takes them as they are, or refuses with 4."""

from __future__ import annotations

import contextlib
import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import BluegreenError, Status
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.report.status import status_text
from bluegreen.report.text import clean_lines
from bluegreen.simulator.core.errors import AwsError
from bluegreen.targets.pair.model.release import ID, TAKEN_UP
from bluegreen.targets.pair.release_tags.written import KEYS
from tests.fuzz.inputs import hostile, said_badly, tried
from tests.support.hands import tagged
from tests.support.records import from_bytes
from tests.support.virtual import BLUE, GREEN, Pair, virtual


def under_way() -> tuple[Pair, dict[tuple[str, str], str]]:
    """Return a pair whose release is open and whose record is lost, and the tags that tell of it."""
    pair = virtual(instances=1)
    pair.service().deploy("v2")
    pair.store = type(pair.store)()
    keys = [key for key in KEYS if key != TAKEN_UP]
    told = {(group, key): pair.sim.groups[group].tags[key][0] for group in (BLUE, GREEN) for key in keys}
    return pair, told


@st.composite
def forged(draw: st.DrawFn, value: str) -> str:
    """Draw another value for a tag."""
    match draw(st.integers(0, 4)):
        case 0:
            return str(draw(hostile))[:256]
        case 1:
            words = value.split()
            words[draw(st.integers(0, len(words) - 1))] = str(draw(hostile))[:60]
            return " ".join(words)[:256]
        case 2:
            place = draw(st.integers(0, len(value) - 1))
            return value[:place] + draw(st.sampled_from("0-9a/= \x1b\n\u202e:+")) + value[place + 1 :]
        case 3:
            parts = [part.partition("=") for part in value.split()]
            name = draw(st.sampled_from(parts))[0]
            odd = draw(st.sampled_from(("nan", "inf", "-1", "9" * 40, "1e308", "0", "x", "")))
            return " ".join(f"{key}={odd if key == name else old}" for key, _, old in parts)[:256]
    return value[: draw(st.integers(0, len(value) - 1))]


@st.composite
def lies(draw: st.DrawFn) -> dict[tuple[str, str], str]:
    """Draw other values for one tag, as often as for several."""
    _, told = known()
    count = draw(st.sampled_from([1, 1, 1, 2, 3, 4]))
    keys = draw(st.lists(st.sampled_from(sorted(told)), min_size=count, max_size=count, unique=True))
    return {key: draw(forged(told[key])) for key in keys}


@functools.cache
def known() -> tuple[Pair, dict[tuple[str, str], str]]:
    """Return the pair that all share: what is put onto it is taken off again."""
    return under_way()


@pytest.fixture(autouse=True, scope="module")
def made() -> None:
    """Make it before hypothesis draws."""
    known()


def test_the_tags_that_the_changes_begin_with_are_good() -> None:
    """They tell of a release that can be adopted."""
    pair, told = under_way()
    assert told[BLUE, ID] == pair.service().adoptable().release.id


@given(lies())
@tried(120)
def test_forged_tags_are_taken_or_refused(lies: dict[tuple[str, str], str]) -> None:
    """No bug of ours, and no record is written that could not be read."""
    pair, told = known()
    try:
        for (group, key), value in lies.items():
            with contextlib.suppress(AwsError):  # AWS does not take it
                tagged(pair, group, value, key)
        assert "" == trouble(pair)
    finally:
        for (group, key), value in told.items():
            tagged(pair, group, value, key)


def trouble(pair: Pair) -> str:
    """Return what is wrong with how `status` and `adopt` take the tags, or nothing."""
    try:
        shown = clean_lines(status_text(pair.service().status()))
        found = pair.service().adoptable().release
        from_bytes(to_bytes(Document(service="web", release=found)), "web.json")
    except BluegreenError as error:
        refused = error.status is Status.BLOCKED and "record" not in error.message
        return "" if refused else f"{error.status}: {error.message}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return said_badly(shown)
