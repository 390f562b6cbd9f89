"""Laws of what rested before a release: no process is put to rest on a record's word."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.answers import Blocked, Due, Waiting
from bluegreen.flow.guards import STALE
from bluegreen.targets.pair.model.actions import Action, Flip, Resume, Suspend, WriteReleaseTags
from bluegreen.targets.pair.model.fleet import AUTOSCALER, Balancer, Tag
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ROLLBACK, Release
from bluegreen.targets.pair.plans.guards.suspended import suspended_as_told, untold
from bluegreen.targets.pair.release_tags.written import SIDE, tags_of
from tests.support.values import NOW, fleet, group, look, release

OF = release(id="web:19700101-000000-aaaa", goal=ROLLBACK)
LAUNCH = Suspend("old", ("Launch",))


def seen(told: Release | None = OF, **old: object) -> Look:
    """Return a look at two groups whose tags tell of ``told``, long after anything was done."""
    tags = {} if told is None else tags_of(told)
    told_by = {name: {key: Tag(value, False) for key, value in tags.get(name, {}).items()} for name in ("old", "new")}
    late = attrs.evolve(OF, progressed_at=-2 * STALE)
    return look(fleet(group("old", tags=told_by["old"], **old), group("new", tags=told_by["new"])), late)


def resting(*processes: str) -> Release:
    """Return the release with ``processes`` of old suspended before it."""
    picture = attrs.evolve(OF.picture, old=attrs.evolve(OF.picture.old, suspended=frozenset(processes)))
    return attrs.evolve(OF, picture=picture)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (LAUNCH, Blocked),
        (Flip(Resume("new", AUTOSCALER), LAUNCH), Blocked),
        (WriteReleaseTags((("old", SIDE, "old 0/4/2 kept Launch+Terminate"),)), Blocked),
        (WriteReleaseTags((("old", SIDE, "old 0/4/2 kept nothing"),)), Due),
        (Suspend("old", (*AUTOSCALER, "AZRebalance")), Due),
        (Resume("old", ("Launch",)), Due),
    ],
    ids=str,
)
def test_what_rests_is_told_by_tags(action: Action, kind: type) -> None:
    """Launch is put to rest by no record; ours are, and what comes to work again is a person's to ask for."""
    for told in (None, OF, attrs.evolve(resting("Launch", "Terminate"), id="web:19700101-000000-bbbb")):
        assert kind is type(suspended_as_told(Due(action, "for a test", None), seen(told)))
    for right in (seen(resting("Launch", "Terminate")), seen(None, suspended=frozenset({"Launch", "Terminate"}))):
        assert Due is type(suspended_as_told(Due(action, "for a test", None), right))


@pytest.mark.parametrize(("process", "kind", "told"), [("HealthCheck", Due, False), ("Launch", Blocked, True)])
def test_what_somebody_suspended_of_the_one_side_may_go_over_to_the_other(process, kind, told) -> None:
    """AWS shows it: but not where the other side would launch nothing any more."""
    action, shown = Suspend("new", (process,)), seen(suspended=frozenset({process}))
    assert (kind, told) == (
        type(suspended_as_told(Due(action, "for a test", None), shown)),
        bool(untold(action, shown)),
    )


def test_a_stale_answer_is_waited_out() -> None:
    """Right after something was done, an answer without the tags may be an old one."""
    young = attrs.evolve(seen(None), release=attrs.evolve(OF, progressed_at=NOW))
    assert Waiting is type(suspended_as_told(Due(LAUNCH, "for a test", None), young))


@given(aside=st.sets(st.sampled_from(["web", "api", "gone"])))
def test_one_balancer_counts_at_least(aside: set[str]) -> None:
    """Whatever is set aside, a group that is attached somewhere is attached where it is seen who serves."""
    both = frozenset(Balancer("classic", one) for one in ("web", "api"))
    left = {one.id for one in fleet(group("old", balancers=both), group("new")).without(aside).groups["old"].balancers}
    assert ({"web", "api"} - aside or {"web", "api"}) == left
