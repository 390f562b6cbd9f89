"""Tags that somebody has put onto the pair: what looks and what adopts takes them as they are, or refuses with 4."""

from __future__ import annotations

import random

import pytest

from bluegreen.errors import BluegreenError, Status
from bluegreen.pair.mirror import ID, KEYS, TERMS
from bluegreen.report.status import status_text
from bluegreen.report.text import clean_lines
from bluegreen.simulator.errors import AwsError
from bluegreen.state.document import Document, from_bytes, to_bytes
from tests.building.hands import tagged
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.fuzz.inputs import HOSTILE, TRIED

SHARES = 2


def under_way() -> tuple[Pair, dict[tuple[str, str], str]]:
    """Return a pair whose release is open and whose record is lost, and the tags that tell of it."""
    pair = virtual(instances=1)
    pair.service().deploy("v2")
    pair.store = type(pair.store)()
    told = {(group, key): pair.sim.groups[group].tags[key][0] for group in (BLUE, GREEN) for key in KEYS}
    return pair, told


def forged(value: str, dice: random.Random) -> str:
    """Return another value for a tag."""
    match dice.randrange(5):
        case 0:
            return str(dice.choice(HOSTILE))[:256]
        case 1:
            words = value.split()
            words[dice.randrange(len(words))] = str(dice.choice(HOSTILE))[:60]
            return " ".join(words)[:256]
        case 2:
            place = dice.randrange(len(value))
            return value[:place] + dice.choice("0-9a/= \x1b\n\u202e:+") + value[place + 1 :]
        case 3:
            parts = [part.partition("=") for part in value.split()]
            name = dice.choice(parts)[0]
            odd = str(dice.choice(("nan", "inf", "-1", "9" * 40, "1e308", "0", "x", "")))
            return " ".join(f"{key}={odd if key == name else old}" for key, _, old in parts)[:256]
    return value[: dice.randrange(len(value))]


def test_the_tags_that_the_changes_begin_with_are_good() -> None:
    """They tell of a release that can be adopted."""
    pair, told = under_way()
    assert told[BLUE, ID] == pair.service().adoptable().release.id


@pytest.mark.parametrize("share", range(SHARES))
def test_forged_tags_are_taken_or_refused(share: int) -> None:
    """No bug of ours, and no record is written that could not be read."""
    dice, wrong = random.Random(share), {}
    pair, told = under_way()
    for _ in range(max(1, TRIED // SHARES // 2)):
        group, key = dice.choice([*told, (BLUE, TERMS), (GREEN, TERMS)])
        value = forged(told[group, key], dice)
        try:
            tagged(pair, group, value, key)
        except AwsError:
            continue  # AWS does not take it
        if found := trouble(pair):
            wrong[group, key, value] = found
        tagged(pair, group, told[group, key], key)
    assert {} == wrong


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
    return "" if all(c.isprintable() or c == "\n" for c in shown) else f"unprintable: {shown!r}"
