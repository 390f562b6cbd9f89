"""What a run that nobody asked for makes of a group: no more than a look or a tag speaks for."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import Blocked, Due, Waiting
from bluegreen.targets.pair.model.actions import (
    Action,
    EnterStandby,
    ExitStandby,
    Flip,
    Mark,
    RemoveReleaseTags,
    Resize,
    Resume,
    Suspend,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.fleet import AUTOSCALER, Tag
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ROLLBACK, Bounds, Release
from bluegreen.targets.pair.plans.guards.at_all_times import one_side_armed
from bluegreen.targets.pair.plans.guards.sizes import unheard_of
from bluegreen.targets.pair.plans.guards.vouching import agreeing_in_all, vouched_by_tags, when_unasked
from bluegreen.targets.pair.release_tags.written import TERMS, tags_of
from tests.support.values import again, fleet, group, look, release

TWO = ("InService", "InService")
PARKED = ("Standby", "Standby", "Standby")
OF = release(id="web:19700101-000000-aaaa", goal=ROLLBACK, bounds=Bounds(2, 10), capacity=3)


def seen(of: Release = OF, told: Release | None = OF, **health: str) -> Look:
    """Return a look at a pair with three parked and two that serve, whose tags tell of the release ``told``."""
    old, new = group("old", *PARKED, max=3, desired=0), group("new", *TWO, max=6)
    if told is not None:
        old, new = (
            attrs.evolve(one, tags={key: Tag(value, False) for key, value in tags_of(told)[one.name].items()})
            for one in (old, new)
        )
    return look(fleet(old, new, {key.replace("_", "-"): value for key, value in health.items()}), of)


@pytest.mark.parametrize(
    ("action", "bare", "tagged"),
    [
        (Resize("old", min=3), "", ""),
        (Resize("old", min=4), "minimum", "minimum"),
        (Resize("old", max=6), "", ""),
        (Resize("old", max=10), "maximum", ""),
        (Resize("old", max=11), "maximum", "maximum"),
        (Resize("old", min=0, max=0), "", ""),
        (Resize("new", min=3), "minimum", "minimum"),
        (Resize("new", max=7), "maximum", ""),
        (Resize("new", max=11), "maximum", "maximum"),
        (Suspend("old", AUTOSCALER), "", ""),
        (Suspend("old", ("Launch",)), "Launch suspended", "Launch suspended"),
        (Resume("new", AUTOSCALER), "", ""),
        (Resume("new", ("Launch",)), "Launch resumed", ""),
        (Flip(Resume("old", AUTOSCALER), Suspend("new", ("Terminate",))), "Terminate", "Terminate"),
        (WriteReleaseTags((("old", TERMS, "bounds=2/10"),)), "bounds=2/10", ""),
        (WriteReleaseTags((("old", TERMS, "bounds=2/11"),)), "bounds=2/11", "bounds=2/11"),
        (WriteReleaseTags((("old", TERMS, "capacity=9"),)), "capacity=9", "capacity=9"),
        (WriteReleaseTags((("old", "bluegreen:side", "old 0/60/2 kept nothing"),)), "0/60/2", "0/60/2"),
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


LIVE = (
    Suspend("old", AUTOSCALER),
    Resume("new", AUTOSCALER),
    Flip(Resume("old", AUTOSCALER), Suspend("new", AUTOSCALER)),
    Resize("old", min=0, max=0),
    Resize("new", max=2),
    EnterStandby("old", ("i-old-0",)),
    Mark(("i-old-0",), "bluegreen:retire", OF.id),
)
RETURNING = (
    ExitStandby("old", ("i-old-0",)),
    Resize("old", min=3),
    Resize("old", max=6),
    RemoveReleaseTags((("old", TERMS),)),
)


@pytest.mark.parametrize("action", [*LIVE, *RETURNING], ids=str)
def test_where_no_tag_tells_nothing_is_done_but_to_bring_old_back(action: Action) -> None:
    """The tags are there before the first change, and are taken off as the last one."""
    late = attrs.evolve(OF, progressed_at=-1e6)
    for told in (None, attrs.evolve(OF, id="web:19700101-000000-bbbb")):
        answer = vouched_by_tags(Due(action, "for a test", None), seen(late, told))
        assert (action in LIVE) == isinstance(answer, Blocked), answer


def test_nothing_parked_brings_no_idle_group_up() -> None:
    """The side that serves does not speak for the idle one, whatever the record calls them."""
    live = look(fleet(group("old", max=0), group("new", *TWO, max=6)), OF)
    for action in (Resize("old", min=1), Resize("old", max=1)):
        assert unheard_of(action, live)


def test_nobody_is_disarmed_on_a_record_that_says_it_was() -> None:
    """That the service itself had its autoscaler suspended is the tags' to tell."""
    rests = attrs.evolve(OF, picture=attrs.evolve(OF.picture, old=attrs.evolve(OF.picture.old, suspended=AUTOSCALER)))
    old, new = group("old", *TWO), group("new", suspended=AUTOSCALER)
    bare = look(fleet(old, new), rests)
    tags = {key: Tag(value, False) for key, value in tags_of(rests)["old"].items()}
    tagged = look(fleet(attrs.evolve(old, tags=tags), new), rests)
    due = Due(Suspend("old", AUTOSCALER), "for a test", None)
    assert (True, due) == (isinstance(one_side_armed(due, bare), Waiting), one_side_armed(due, tagged))


@pytest.mark.parametrize(
    ("action", "blocked"),
    [(Suspend("old", AUTOSCALER), True), (Resize("new", max=0), True), (ExitStandby("old", ("i-old-0",)), False)],
    ids=str,
)
def test_unasked_nothing_is_done_while_tags_and_record_differ(action: Action, blocked: bool) -> None:
    """But that old is brought back."""
    other = attrs.evolve(OF, picture=attrs.evolve(OF.picture, old=attrs.evolve(OF.picture.old, suspended=AUTOSCALER)))
    answer: Any = agreeing_in_all(Due(action, "for a test", None), again(seen(other)))
    assert blocked == isinstance(answer, Blocked)
    assert not isinstance(agreeing_in_all(Due(action, "for a test", None), again(seen())), Blocked)
    assert agreeing_in_all in when_unasked(())
