"""What is told of whole runs, with ids as long as AWS's: no line is too long, and each says what was done."""

from __future__ import annotations

import itertools

import pytest

from bluegreen.flow.events import EventKind
from bluegreen.sentences.forms import LONGEST
from tests.support.virtual import Pair, virtual


def told(pair: Pair) -> list[str]:
    """Return the sentences of a deployment, its rollback, and one that is finished."""
    service = pair.service()
    service.deploy("v2")
    pair.run_for(60)
    pair.service().rollback()
    pair.run_for(60)
    pair.service().deploy("v3")
    pair.run_for(60)
    pair.service().finish()
    return [event.reason for event in pair.events]


@pytest.mark.parametrize("instances", [1, 6])
def test_no_line_is_too_long(instances: int) -> None:
    """Three ids are named, of others there is how many."""
    pair = virtual(instances=instances)
    assert [] == [line for line in told(pair) if len(line) > LONGEST]
    acts = [event for event in pair.events if event.kind is EventKind.ACTING]
    assert [] == [event for event in acts if not event.reason.startswith(event.action)]


@pytest.mark.parametrize(("verb", "ways"), [("deploy", ["resume", "rollback"]), ("rollback", ["resume"])])
def test_a_stop_says_how_it_goes_on(verb: str, ways: list[str]) -> None:
    """One that goes back already cannot be taken back."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    asked = itertools.count()
    run = pair.service(stop=lambda: 2 if next(asked) > 20 else None)
    run.rollback() if verb == "rollback" else pair.service().finish()
    if verb == "deploy":
        pair.run_for(60)
        run.deploy("v3")
    told = " | ".join(f"`bluegreen {way} web`" for way in ways)
    assert (EventKind.STOPPED, f"by Ctrl-C: {told}") == (pair.events[-1].kind, pair.events[-1].reason)
