"""What a run that nobody asked for makes of a group: no more than a look or a tag speaks for."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import Blocked, Due
from bluegreen.pair.actions import Action, ExitStandby, Flip, Mirror, Resize, Resume, Suspend
from bluegreen.pair.fleet import AUTOSCALER, Tag
from bluegreen.pair.look import Look
from bluegreen.pair.mirror import TERMS, mirror
from bluegreen.pair.release import ROLLBACK, Bounds, Release
from bluegreen.pair.sizes import unheard_of
from bluegreen.pair.vouching import agreeing_in_all, when_unasked
from tests.building.values import again, fleet, group, look, release

TWO = ("InService", "InService")
PARKED = ("Standby", "Standby", "Standby")
OF = release(id="web:19700101-000000-aaaa", goal=ROLLBACK, bounds=Bounds(2, 10), capacity=3)


def seen(of: Release = OF, told: Release | None = OF, **health: str) -> Look:
    """Return a look at a pair with three parked and two that serve, whose tags tell of the release ``told``."""
    old, new = group("old", *PARKED, max=3, desired=0), group("new", *TWO, max=6)
    if told is not None:
        old, new = (
            attrs.evolve(one, tags={key: Tag(value, False) for key, value in mirror(told)[one.name].items()})
            for one in (old, new)
        )
    return look(fleet(old, new, {key.replace("_", "-"): value for key, value in health.items()}), of)


@pytest.mark.parametrize(
    ("action", "bare", "tagged"),
    [
        (Resize("old", min=3), "", ""),
        (Resize("old", min=4), "at least", "at least"),
        (Resize("old", max=6), "", ""),
        (Resize("old", max=10), "at most", ""),
        (Resize("old", max=11), "at most", "at most"),
        (Resize("old", min=0, max=0), "", ""),
        (Suspend("old", AUTOSCALER), "", ""),
        (Suspend("old", ("Launch",)), "to have Launch suspended", "to have Launch suspended"),
        (Resume("new", AUTOSCALER), "", ""),
        (Resume("new", ("Launch",)), "to have Launch resumed", ""),
        (Flip(Resume("old", AUTOSCALER), Suspend("new", ("Terminate",))), "Terminate", "Terminate"),
        (Mirror((("old", TERMS, "bounds=2/10"),)), "bounds=2/10", ""),
        (Mirror((("old", TERMS, "bounds=2/11"),)), "bounds=2/11", "bounds=2/11"),
        (Mirror((("old", TERMS, "capacity=9"),)), "capacity=9", "capacity=9"),
        (Mirror((("old", "bluegreen:side", "old 0/60/2 kept nothing"),)), "0/60/2", "0/60/2"),
    ],
    ids=str,
)
def test_what_nothing_speaks_for(action: Action, bare: str, tagged: str) -> None:
    """Seen are three that may come back, and room for six; told is room for ten, and that nothing rested."""
    for told, found in ((None, bare), (OF, tagged), (attrs.evolve(OF, id="web:19700101-000000-bbbb"), bare)):
        sentence = unheard_of(action, seen(told=told))
        assert (bool(found), True) == (bool(sentence), found in sentence), sentence


def test_what_is_sick_is_made_up_for() -> None:
    """As many more as old has in service that no balancer calls healthy."""
    old = group("old", *TWO, max=2)
    one = look(fleet(old, group("new"), dict.fromkeys(sorted(old.ids), "unhealthy")), OF)
    assert ("", True) == (unheard_of(Resize("old", min=4, max=4), one), bool(unheard_of(Resize("old", min=5), one)))


@pytest.mark.parametrize(
    ("action", "blocked"),
    [(Suspend("old", AUTOSCALER), True), (Resize("new", max=0), True), (ExitStandby("old", ("i-old-0",)), False)],
    ids=str,
)
def test_unasked_nothing_is_done_while_tags_and_record_differ(action: Action, blocked: bool) -> None:
    """But that old is brought back."""
    other = attrs.evolve(OF, picture=attrs.evolve(OF.picture, old=attrs.evolve(OF.picture.old, suspended=AUTOSCALER)))
    answer: Any = agreeing_in_all(Due(action, "for a test"), again(seen(other)))
    assert blocked == isinstance(answer, Blocked)
    assert not isinstance(agreeing_in_all(Due(action, "for a test"), again(seen())), Blocked)
    assert agreeing_in_all in when_unasked(())
