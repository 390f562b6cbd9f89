"""What is told of whole runs, with ids as long as AWS's: no line is too long, and each says what was done."""

from __future__ import annotations

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
