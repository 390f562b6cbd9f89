"""That the switch has been, and how long it is waited: what a record says of it, beside AWS's rows, tags and time."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.flow.answers import DONE, Answer, Blocked, Due, Waiting
from bluegreen.flow.guards import STALE
from bluegreen.targets.pair.model.actions import Detach, EnterStandby, Mark, Terminate
from bluegreen.targets.pair.model.fleet import Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MARK, ROLLBACK, Release
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.pair.plans.guards.shortened import learn_carefully, not_shortened
from bluegreen.targets.pair.plans.guards.switch import deployed_at, not_before_begun, not_too_soon, switch_was
from bluegreen.targets.pair.plans.plan import learn
from tests.laws.test_unasked import told
from tests.support.values import NOW, again, evolved, fleet, group, look, machine, release

MOVED = {"moving": NOW - 20.0, "moved": NOW - 10.0}
ID = "web:20231114-221320-0001"
BEGUN = 1_700_000_000.0
ONE_SERVES = ("InService", "Standby", "Standby")


def parks(old: Group, *, of: Release | None = None, health: dict[str, str] | None = None, **more: Any) -> Look:
    """Return a look at an old group some of which serve, beside three of new."""
    new = group("new", "InService", "InService", "InService")
    known = of or release(3, milestones=MOVED)
    return again(look(fleet(old, new, health, **more), known))


def judged(seen: Look, since: float = NOW) -> Answer:
    """Return what becomes of the parking of all that are in service, for a run that began at ``since``."""
    return switch_was(
        Due(EnterStandby("old", tuple(i.id for i in seen.old.in_service)), "for a test", None), seen, since
    )


@pytest.mark.parametrize("of", [{"milestones": MOVED}, {"goal": FINISH}, {"goal": FINISH, "first": True}], ids=str)
@pytest.mark.parametrize(
    ("states", "kind"),
    [
        (("InService",), Blocked),
        (("InService", "Standby"), Due),
        (("InService", "InService", "Standby"), Blocked),
        (("InService", "Standby", "EnteringStandby"), Due),
        (ONE_SERVES, Due),
    ],
)
def test_more_than_are_parked_show_that_the_switch_has_not_been(
    states: tuple[str, ...], kind: type, of: dict[str, Any]
) -> None:
    """No more than that can have come back since."""
    assert kind is type(judged(parks(group("old", *states), of=release(3, **of))))


def test_one_look_is_not_believed_nor_one_that_may_be_older_than_the_last_wave() -> None:
    """AWS may show for a minute what was before."""
    seen = parks(group("old", "InService"))
    assert isinstance(judged(attrs.evolve(seen, past=())), Waiting)
    just_told = parks(group("old", "InService"), of=release(3, milestones=MOVED, told_at=NOW - STALE + 1))
    assert isinstance(judged(just_told), Waiting)


@pytest.mark.parametrize(
    "of", [{}, {"milestones": {"moving": NOW}}, {"goal": ROLLBACK, "milestones": MOVED}, {"milestones": {"moved": NOW}}]
)
def test_nothing_is_said_of_a_switch_that_is_to_come_or_that_this_run_has_seen(of: dict[str, Any]) -> None:
    """Those have guards of their own."""
    answer = judged(parks(group("old", "InService"), of=release(3, **of)), NOW - 1)
    assert isinstance(answer, Due)


@pytest.mark.parametrize("state", ["unhealthy", "initial", "draining", "unused"])
def test_what_does_not_serve_is_parked(state: str) -> None:
    """A slow hook let it come after the switch."""
    assert isinstance(judged(parks(group("old", "InService"), health={"i-old-0": state})), Due)


def test_what_carries_the_mark_of_the_release_was_parked_and_left() -> None:
    """Another release's mark says nothing, and what came back counts as one that serves."""
    gone = {one: machine(one, **{MARK.replace(":", "_"): "web:1"}) for one in ("i-a", "i-b")}
    theirs = {one: machine(one, **{MARK.replace(":", "_"): "web:2"}) for one in ("i-a", "i-b")}
    kinds = [type(judged(parks(group("old", "InService"), machines=machines))) for machines in (gone, theirs)]
    assert [Due, Blocked] == kinds


def test_the_few_are_parked_once_new_has_proven_itself_in_this_run() -> None:
    """Nothing was seen of it yet."""
    answer = judged(parks(group("old", *ONE_SERVES), of=release(3, milestones=MOVED, healthy_for=75.0)))
    assert (True, 75.0) == (isinstance(answer, Waiting), isinstance(answer, Waiting) and answer.grace)


@pytest.mark.parametrize(
    "action", [EnterStandby("old", ("i",)), Mark(("i",), MARK, ID), Detach("old", ("i",)), Terminate(("i",))], ids=str
)
def test_nothing_is_retired_before_a_release_can_have_baked(action: Any) -> None:
    """Its id tells when it was begun, and the groups' tags tell its id."""
    of, due = release(id=ID, goal=FINISH, bake=300.0), Due(action, "for a test", None)
    early, late = (look(fleet(group("old"), group("new")), of, BEGUN + seconds) for seconds in (299.0, 300.0))
    assert (Blocked, due) == (type(not_too_soon(due, early)), not_too_soon(due, late))
    assert DONE == not_too_soon(DONE, early)
    assert due == not_too_soon(due, attrs.evolve(early, release=attrs.evolve(of, goal=DEPLOY)))


def test_no_milestone_is_before_the_release_was_begun() -> None:
    """Nor was it deployed before it can have baked, by what is longer: its own bake or the configuration's."""
    of = release(id=ID, bake=20.0, milestones={"moved": 1.0, "deployed": BEGUN + 50.0})
    assert {"moved": BEGUN, "deployed": BEGUN + 50.0} == not_before_begun(of, BEGUN).milestones
    assert [50.0, 50.0, 90.0] == [deployed_at(of, BEGUN, bake) - BEGUN for bake in (0.0, 50.0, 90.0)]


def test_a_date_that_was_ahead_when_a_release_was_begun_holds_nobody_up() -> None:
    """Its id tells of a time to come: then it says nothing."""
    of = release(id=ID, goal=FINISH, bake=300.0, milestones={"deployed": 900.0})
    due = Due(Detach("old", ("i",)), "for a test", None)
    seen = look(fleet(group("old"), group("new")), of, 1000.0)
    assert (due, 900.0) == (not_too_soon(due, seen), deployed_at(of, 1000.0))


# ---- how long, and which alarms ----

LONG = {"bake": 300.0, "healthy_for": 75.0, "check_time": 30.0, "stabilization": 200.0, "lingers": 60.0}
NONE = dict.fromkeys(LONG, 0.0)


def said(**terms: Any) -> Asked:
    """Return what a configuration says that waits for nothing else."""
    return Asked(**{"bake": 0.0, "stabilization": 0.0, **terms})


def kept(of: Release, record: dict[str, Any], least: Asked | None, **terms: str) -> Release:
    """Return what a record comes to whose tags tell of the release ``of``, some terms being others."""
    seen = told(fleet(group("old"), group("new")), of, "old", **terms)
    return not_shortened(attrs.evolve(seen, release=evolved(of, **record)), least)


@pytest.mark.parametrize("name", LONG)
def test_each_duration_is_the_longest_that_is_told(name: str) -> None:
    """By the record, the tags, or the configuration, which has some of them."""
    found = [
        kept(release(**LONG), {name: 0.0}, None),
        kept(release(**NONE), {name: LONG[name]}, None),
    ]
    if name in ("bake", "healthy_for", "stabilization"):
        found.append(kept(release(**NONE), {}, said(**{name: LONG[name]})))
    assert {LONG[name]} == {getattr(one.terms, name, None) or getattr(one, name) for one in found}


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-1", "1e300"])
def test_what_no_release_has_is_not_believed_of_a_tag(text: str) -> None:
    """It is as if it told nothing."""
    assert 20.0 == kept(release(bake=20.0), {}, None, bake=text).terms.bake


def test_what_was_deployed_with_a_shorter_bake_is_not_held_up_in_a_finish() -> None:
    """The tags tell what was asked for; what is configured is for a deployment."""
    of, least = release(goal=FINISH, **NONE), said(bake=300.0)
    assert [0.0, 20.0] == [kept(of, {}, least, bake=told).terms.bake for told in ("0", "20")]
    assert 300.0 == kept(attrs.evolve(of, goal=DEPLOY), {}, least).terms.bake


def test_a_rollback_is_not_held_up() -> None:
    """It waits for none of them."""
    of = release(goal=ROLLBACK, **NONE)
    assert of == kept(
        of, {}, said(**{name: LONG[name] for name in ("bake", "healthy_for", "stabilization")}), bake="300"
    )


@pytest.mark.parametrize(
    ("begun", "record", "count", "guarding"),
    [
        (("a", "b"), (), "2", ("a", "b")),
        (("a", "b"), ("x", "y"), "2", ("x", "y", "a", "b")),
        (("a",), ("a",), "1", ("a",)),
        ((), (), "0", ()),
        ((), (), "many", ("a", "b")),
    ],
)
def test_as_many_alarms_guard_as_the_tags_tell(
    begun: tuple[str, ...], record: tuple[str, ...], count: str, guarding: tuple[str, ...]
) -> None:
    """Those that fired at the beginning are none of them; where the record has fewer, all that are configured."""
    of = release(alarms=begun)
    assert guarding == kept(of, {"alarms": record}, said(alarms=("a", "b")), alarms=count).terms.alarms


def test_a_release_that_no_tag_tells_of_yet_is_as_it_was_begun() -> None:
    """Nothing was changed for it."""
    of = release(alarms=("a",))
    seen = look(fleet(group("old"), group("new")), of)
    assert ("a",) == not_shortened(seen, said(alarms=("a", "b"))).terms.alarms


def test_what_is_learned_is_learned_of_a_release_that_is_not_shortened() -> None:
    """Both are on record before anything is decided."""
    seen = told(fleet(group("old", "InService"), group("new")), release(bake=300.0, best=0), "old")
    learned = learn_carefully(attrs.evolve(seen, release=evolved(seen.release, bake=0.0)), learn, None)
    assert (300.0, 1) == (learned.terms.bake, sum(learned.best.values()))


@pytest.mark.parametrize(
    ("turned", "launched", "fires"),
    [
        (BEGUN - 1.0, BEGUN + 9.0, False),
        (BEGUN + 1.0, BEGUN + 9.0, True),
        (None, BEGUN + 9.0, True),
        (BEGUN - 60.0, BEGUN - 90.0, True),
        (BEGUN - 100.0, BEGUN - 90.0, False),
        (BEGUN + 1.0, NOW, True),
    ],
)
def test_an_alarm_that_has_fired_since_before_guards_nothing(
    turned: float | None, launched: float, fires: bool
) -> None:
    """Before the id's moment, and before the first launch, which AWS dates; what AWS does not tell fires."""
    of = release(id=ID, alarms=("a",), launched_at=launched)
    of_alarm = {"alarms": {"a": "ALARM"}, "turned": {} if turned is None else {"a": turned}}
    assert (("a",) if fires else ()) == parks(group("old", "InService"), of=of, **of_alarm).firing
