"""Beside a running command nobody is accused, however slowly it is looked: a thousand looks in virtual time."""

from __future__ import annotations

import attrs
import pytest
from attrs import define

from bluegreen.flow.snapshot import Snapshot, State
from bluegreen.service.unaccused import unaccused
from tests.battery.together import Operator, met
from tests.support.snapshots import opened, snapshot

LOOKS = 1000
ACCUSING = (State.INTERRUPTED, State.DOWN, State.UNCLEAR, State.EMPTY, State.UNKNOWN)


@define(eq=False)
class Slow(Operator):
    """Somebody whose calls, and reads of the record, sometimes take for seconds."""

    def point(self, kind: str) -> None:
        """Be at a point, perhaps for long."""
        super().point(kind)
        dice = self.room.turns.dice
        if kind in ("look", "store") and dice.random() < 0.01:
            self.room.turns.sleep(15 * dice.random())


def accusations(seen: Snapshot) -> list[str]:
    """Return what a status calls a fault, though all of it is a command's doing."""
    state = [f"{seen.state}: {seen.sentence}"] if seen.state in ACCUSING else []
    return [*state, *seen.troubles, *([seen.missing] if "somebody" in seen.missing else [])]


def test_a_thousand_looks_beside_a_command_accuse_nobody() -> None:
    """One deploys, takes back and finishes without a pause; another one looks, with a network that is slow at times."""
    room = met(seed=0, size=2, minimum=1, restless=0.1)
    ana, eve = room.operator("ana@laptop"), Slow(room, "eve@desk", number=2)
    room.operators[eve.who] = eve
    found: list[str] = []
    ended: list[int | None] = []
    over: list[bool] = []

    def work() -> None:
        number = 1
        while not over:
            number += 1
            for verb in ("deploy", "rollback", "deploy", "finish"):
                if not over:
                    ended.append(ana.run(verb, *([f"v{number}"] if verb == "deploy" else ())).status)

    def look() -> None:
        for _ in range(LOOKS):
            found.extend(accusations(eve.service().status()))
        over.append(True)

    room.play((ana, work), (eve, look))
    assert ([], {0}, True) == (found, set(ended), len(ended) > 5)


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (snapshot(), State.PARKED),
        (snapshot(state=State.INTERRUPTED, release=opened()), State.DEPLOYING),
        (snapshot(state=State.UNCLEAR, release=opened(goal="rollback")), State.ROLLING_BACK),
        (snapshot(state=State.DOWN, release=opened(goal="finish")), State.FINISHING),
        (snapshot(state=State.UNCLEAR, release=None), State.UNKNOWN),
        (snapshot(state=State.DOWN), State.UNKNOWN),
    ],
)
def test_what_every_look_is_overtaken_by_is_no_fault(seen: Snapshot, state: State) -> None:
    """It is said who is at work, and what is open; nothing that may be a command's doing."""
    told = unaccused(attrs.evolve(seen, troubles=("a",), missing="b", beside="c"))
    assert (state, (), "", "", seen.lease) == (told.state, told.troubles, told.missing, told.beside, told.lease)
