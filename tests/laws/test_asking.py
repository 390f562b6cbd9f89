"""What is asked beyond groups and balancers: by the step that needs it, of the same look, and never read unasked."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bluegreen.flow.answers import DONE, Answer, Due, Unseen, Waiting
from bluegreen.flow.asking import AskedInVain, answered
from bluegreen.flow.view import Seen, View
from bluegreen.targets.pair.model.actions import Terminate
from bluegreen.targets.pair.model.activities import MARGIN
from bluegreen.targets.pair.model.asleep import wakes
from bluegreen.targets.pair.model.demand import demand_of
from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.more import NOTHING, Metric, More, NotAsked
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MARK, MOVE, ROLLBACK, Picture, Side
from bluegreen.targets.pair.plans import deploy, finish, giving_way, parking, retiring, steps
from bluegreen.targets.pair.plans.asking import TRIES, standing
from bluegreen.targets.pair.plans.guards.claims import only_former_members_terminated
from bluegreen.targets.pair.plans.plan import learn, missing
from tests.support.values import NOW, activity, again, detached, fleet, group, look, machine, release

FAST = hypothesis_settings(deadline=None, max_examples=60)
TWO = ("InService", "InService")
MOVED = {"moving": NOW, "moved": NOW}
METRIC = Metric(
    "AWS/ApplicationELB", "RequestCount", (("LoadBalancer", "app/a/1"), ("TargetGroup", "targetgroup/t/1")), "Sum"
)
FOLLOWS = {
    "PolicyName": "requests",
    "TargetTrackingConfiguration": {
        "TargetValue": 10.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ALBRequestCountPerTarget",
            "ResourceLabel": "app/a/1/targetgroup/t/1",
        },
    },
}
MEASURED = {
    "picture": Picture(Side("old", 0, 10, 2, policies=(FOLLOWS,)), Side("new", 0, 0, 0)),
    "stabilization": 300.0,
}


def bare(one: Look, **known: Any) -> Look:
    """Return the look as if nothing had been asked beyond groups and balancers, but what is ``known``."""
    return attrs.evolve(one, fleet=attrs.evolve(one.fleet, known=More(**known)))


def at(old: Any, new: Any, later: float = 0.0, health: Any = None, **of: Any) -> Look:
    """Return a bare look at both groups, ``later`` seconds after the release began."""
    return bare(look(fleet(old, new, health, at=NOW + later), release(**of), at=NOW + later))


# ---- with each look ----


OVER = {"milestones": {**MOVED, "finished": NOW}, "goal": FINISH}


@pytest.mark.parametrize(
    ("of", "scaling"),
    [
        ({"way": MOVE, **OVER}, ("old", "new")),
        ({"way": MOVE, "goal": ROLLBACK, "milestones": {"back": NOW, "restored": NOW}}, ("old", "new")),
        ({"way": MOVE, "goal": FINISH, "milestones": MOVED}, ()),
        ({"way": MOVE, "picture": Picture(Side("old", 0, 10, 2), Side("new", 0, 0, 0)), **OVER}, ()),
        (OVER, ()),
    ],
)
def test_of_a_release_that_is_over_it_is_asked_where_its_settings_are(of: Any, scaling: Any) -> None:
    """What it leaves tells the looks after its end from those before."""
    assert scaling == standing(release(**{**MEASURED, **of}), NOW).scaling


@pytest.mark.parametrize(
    ("of", "later", "machines", "metrics"),
    [
        ({}, 0.0, (), ()),
        ({"launched_at": NOW}, 0.0, (), (METRIC,)),
        ({"launched_at": NOW, "milestones": MOVED}, 179.0, (), (METRIC,)),
        ({"launched_at": NOW, "milestones": MOVED}, 180.0, (), ()),
        ({"goal": ROLLBACK}, 0.0, (), (METRIC,)),
        ({"goal": ROLLBACK, "milestones": {"back": NOW}}, 179.0, (), (METRIC,)),
        ({"goal": ROLLBACK, "milestones": {"back": NOW}}, 180.0, (), ()),
        ({"goal": FINISH, "milestones": MOVED, "retire": ("i-1",)}, 0.0, ("i-1",), ()),
        ({"goal": ROLLBACK, "milestones": {"back": NOW, "restored": NOW}}, 0.0, (), ()),
        ({"goal": FINISH, "milestones": {**MOVED, "finished": NOW}, "retire": ("i-1",)}, 0.0, ("i-1",), ()),
    ],
)
def test_what_always_counts_is_asked_at_once(of: Any, later: float, machines: Any, metrics: Any) -> None:
    """Metrics while both share the load, or alarms have not seen what one has alone; what is retired, to its end."""
    asked = standing(release(**MEASURED, **of), NOW + later)
    assert (("old", "new"), machines, metrics) == (asked.groups, asked.machines, asked.metrics)
    assert (True, True, More(machines=machines, metrics=metrics)) == (asked.patchy, asked.hooks, asked.beyond(NOTHING))


SHOWN = {"machines": {"i-1": machine("i-1"), "i-2": machine("i-2", "terminated")}, "asked": ("i-1", "i-2")}
OF = st.fixed_dictionaries(
    {
        "goal": st.sampled_from([DEPLOY, ROLLBACK, FINISH]),
        "milestones": st.sampled_from([{}, {"moving": NOW}, MOVED, {**MOVED, "deployed": NOW}, {**MOVED, "back": NOW}]),
        "retire": st.sampled_from([(), ("i-1", "i-2")]),
        "launched_at": st.sampled_from([0.0, NOW]),
        "progressed_at": st.sampled_from([NOW, NOW - 600]),
    }
)
GROUP = st.lists(st.sampled_from(["InService", "Standby", "Pending", "EnteringStandby"]), max_size=4)
HEALTH = st.sampled_from(["healthy", "unhealthy", "unknown", "initial"])


@FAST
@given(OF, GROUP, GROUP, st.lists(HEALTH, min_size=8, max_size=8))
def test_what_is_learned_is_what_each_look_has(of: Any, old: Any, new: Any, words: Any) -> None:
    """A look is learned from before any step asks: were more read than it has, a resumed run would learn otherwise."""
    made, sides = release(**MEASURED, **of), (group("old", *old), group("new", *new))
    health = dict(zip([i.id for side in sides for i in side.in_service], words, strict=False))
    more: dict[str, Any] = {
        "activities": (activity("new", "no"), *detached("old", "i-old-0")),
        "alarms": {"web-5xx": "ALARM"},
        "scaling": {"old": Scaling((FOLLOWS,)), "new": Scaling()},
    }
    shown = SHOWN if made.retire else {}
    base = look(fleet(*sides, health, at=NOW, **shown), made)
    asked = standing(made, NOW)
    base = bare(base, machines=asked.machines, metrics=asked.metrics)
    whole = look(fleet(*sides, health, at=NOW, **shown, **more), made)
    assert learn(base) == learn(whole)


# ---- by the step that needs it ----

LAUNCHED: dict[str, Any] = {"launched_at": NOW}
LAUNCHES = More(activities=(("new", NOW),))
OF_OLD = More(activities=(("old", NOW - TRIES),))
SICK_OLD, SICK_NEW = (dict.fromkeys((f"i-{side}-0", f"i-{side}-1"), "unhealthy") for side in ("old", "new"))
REPARKED: dict[str, Any] = {"reparked": frozenset({"i-x"}), "reparked_at": NOW - 100.0}
ALARMED: dict[str, Any] = {"alarms": ("web-5xx",)}
GUARDS = More(alarms=("web-5xx",))
BACK = {**MOVED, "back": NOW}
REAPED = {"goal": FINISH, "retire": ("i-1",), "milestones": {**MOVED, "retiring": NOW}}
SEEN_ONE = attrs.evolve(
    look(
        fleet(group("old"), group("new", *TWO), machines={"i-1": machine("i-1", **{MARK: "web:1"})}), release(**REAPED)
    ),
    now=NOW,
)
SINCE_BEGUN = More(activities=(("old", NOW - MARGIN),))
POLICY = {"PolicyName": "p", "PolicyType": "SimpleScaling"}
SCALES = {"picture": Picture(Side("old", 0, 10, 2, policies=(POLICY,)), Side("new", 0, 0, 0))}
SILENT = frozenset({"AlarmNotification", "ScheduledActions"})


def let_go(one: Look) -> Answer:
    """Let the minimum of new go, held up since the switch."""
    return steps.let_go(one, one.new, one.release.bounds, NOW, "it can go")


@pytest.mark.parametrize(
    ("step", "one", "asked"),
    [
        (deploy.await_new, at(group("old", *TWO), group("new", *TWO)), None),
        (deploy.await_new, at(group("old", *TWO), group("new", *TWO), **LAUNCHED), LAUNCHES),
        (deploy.require_launches, at(group("old", *TWO), group("new", *TWO), **LAUNCHED), None),
        (deploy.require_launches, at(group("old", *TWO), group("new", *TWO, desired=3), **LAUNCHED), LAUNCHES),
        (deploy.require_no_alarm, at(group("old"), group("new")), None),
        (deploy.require_no_alarm, at(group("old"), group("new", *TWO), **ALARMED), None),
        (deploy.require_no_alarm, at(group("old"), group("new", *TWO), well_at=NOW, **ALARMED), GUARDS),
        (deploy.await_quiet, at(group("old", *TWO), group("new", *TWO), milestones={"moving": NOW}), None),
        (
            deploy.await_quiet,
            at(group("old", *TWO), group("new", *TWO, suspended=SILENT), milestones={"moving": NOW}),
            More(scaling=("old",)),
        ),
        (let_go, at(group("old"), group("new", *TWO, min=2), 179.0, **SCALES), None),
        (let_go, at(group("old"), group("new", *TWO, min=2), 180.0, **SCALES), More(scaling=("new",))),
        (let_go, at(group("old"), group("new", *TWO, min=2), 300.0, **SCALES), None),
        (let_go, at(group("old"), group("new", *TWO, min=2), 180.0), None),
        (finish.require_new_holds, at(group("old"), group("new", *TWO), goal=FINISH, milestones=MOVED), None),
        (
            finish.require_new_holds,
            at(group("old"), group("new", *TWO), health={"i-new-0": "unhealthy"}, goal=FINISH, milestones=MOVED),
            More(activities=(("new", NOW - TRIES),)),
        ),
        (finish.require_alarms_at_rest, at(group("old"), group("new", *TWO), goal=FINISH), None),
        (finish.require_alarms_at_rest, at(group("old"), group("new", *TWO), goal=FINISH, **ALARMED), GUARDS),
        (giving_way.shrink_new, at(group("old", *TWO), group("new", *TWO, max=2), goal=ROLLBACK), None),
        (
            giving_way.shrink_new,
            again(at(group("old", *TWO), group("new", *TWO, max=2), health={**SICK_OLD, **SICK_NEW}, goal=ROLLBACK)),
            OF_OLD,
        ),
        (
            giving_way.shrink_new,
            at(group("old", *TWO), group("new", *TWO, max=2), health=SICK_OLD, goal=ROLLBACK),
            OF_OLD,
        ),
        (
            parking.park_again,
            at(group("old", "InService"), group("new", *TWO), milestones=MOVED, **REPARKED),
            More(activities=(("old", NOW),)),
        ),
        (parking.park_again, at(group("old", "InService", "Standby"), group("new", *TWO), milestones=MOVED), None),
        (steps.accept_edits, at(group("old", *TWO, min=1), group("new")), None),
        (steps.accept_edits, at(group("old", *TWO, min=1), group("new"), edits={"old min": 2}), OF_OLD),
        (retiring.reap, bare(SEEN_ONE, machines=("i-1",)), SINCE_BEGUN),
        (retiring.reap, at(group("old"), group("new", *TWO), **REAPED), None),
    ],
)  # fmt: skip
def test_a_step_asks_for_what_it_needs(step: Any, one: Look, asked: More | None) -> None:
    """And for nothing where it does not come to that; once it was asked, whatever was found, the step goes on."""
    answer = step(one)
    assert asked == (answer.question if isinstance(answer, Unseen) else None)
    if isinstance(answer, Unseen):
        known = one.fleet.known.also(answer.question)
        scaling = dict.fromkeys(known.scaling, Scaling())
        assert not isinstance(
            step(attrs.evolve(one, fleet=attrs.evolve(one.fleet, known=known, scaling=scaling))), Unseen
        )


# ---- unasked is not empty ----

SHARED = at(group("old", *TWO), group("new", *TWO), **MEASURED, **LAUNCHED)


@pytest.mark.parametrize(
    "read",
    [
        lambda: demand_of(SHARED),
        lambda: SHARED.target,
        lambda: at(group("old"), group("new"), **ALARMED).firing,
        lambda: SHARED.fleet.told("new"),
        lambda: wakes(at(group("old"), group("new"))),
    ],
)
def test_what_was_not_asked_is_an_error_of_ours(read: Any) -> None:
    """Read as empty it would be: no load, no alarm, no failure. Tests stayed green over that once."""
    with pytest.raises(NotAsked):
        read()


def test_what_counts_by_what_a_look_has_taught_is_asked_for_first() -> None:
    """A record that is held to what is configured may have longer to stabilize than it said when it was looked at."""
    answer = missing(SHARED)
    assert isinstance(answer, Unseen)
    assert More(metrics=(METRIC,)) == answer.question


def test_what_was_asked_and_not_found_is_empty() -> None:
    """No minute of the metric, no such alarm, no activity."""
    known = More(metrics=(METRIC,), alarms=("web-5xx",), activities=(("new", NOW),))
    one = attrs.evolve(
        SHARED, fleet=attrs.evolve(SHARED.fleet, known=known), release=SHARED.release.with_terms(**ALARMED)
    )
    assert (2, (), ()) == (one.demand, one.firing, one.fleet.told("new"))


def test_looks_in_a_row_say_nothing_of_what_one_was_not_asked() -> None:
    """An absence is believed of looks that could have shown it."""
    one = again(look(fleet(group("old"), group("new"), asked=("i-1",)), release(retire=("i-1",))))
    blind = attrs.evolve(one, past=(one.past[0], Seen(bare(one.past[1].view), DONE)))
    assert [True, False] == [retiring.is_lost(each, "i-1") for each in (one, blind)]


def test_a_guard_waits_for_what_no_step_has_asked() -> None:
    """It asks nothing itself: members that nobody has told of are not terminated, however often that is seen."""
    unread = again(bare(SEEN_ONE, machines=("i-1",)))
    due = Due(Terminate(("i-1",)), "it goes", unread.release)
    assert Waiting is type(only_former_members_terminated(due, unread))


# ---- how questions add up ----

NAMES = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)
SINCES = st.dictionaries(st.sampled_from(["old", "new"]), st.sampled_from([0.0, 5.0, 9.0])).map(
    lambda d: tuple(d.items())
)
MORE = st.builds(More, machines=NAMES, activities=SINCES, alarms=NAMES, scaling=NAMES)


@FAST
@given(MORE, MORE)
def test_what_was_asked_is_known(known: More, wanted: More) -> None:
    """Only what is lacking is asked; with that nothing is, and what was known stays known."""
    lacking = wanted.beyond(known)
    both = known.also(lacking)
    assert (NOTHING, NOTHING) == (wanted.beyond(both), known.beyond(both))
    assert bool(lacking) == (lacking != NOTHING)
    assert all(wanted.since(name) < known.since(name) for name, _ in lacking.activities)


def test_the_earlier_time_counts() -> None:
    """Activities since five hold those since nine."""
    since = [More(activities=(("old", at),)) for at in (5.0, 9.0)]
    assert [NOTHING, since[0]] == [since[1].beyond(since[0]), since[0].beyond(since[1])]
    assert (since[0], since[0], math.inf) == (since[1].also(since[0]), since[0].also(since[1]), since[0].since("new"))


# ---- the loop ----


@attrs.frozen
class Shown:
    """A fleet that knows as many facts as it was asked for."""

    known: int = 0


def test_a_plan_is_asked_until_it_has_an_answer() -> None:
    """The answers come onto the same look, whose time is that after the last question."""
    clock = iter([7.0, 8.0])

    def missing(one: View) -> Answer:
        return Unseen(1, "one more") if one.fleet.known < 2 else DONE

    first = View(fleet=Shown(), release="r", taken=5.0, now=6.0, rested=1.0)
    seen, answer = answered(first, missing, lambda look, more: Shown(look.fleet.known + more), lambda: next(clock))
    assert (DONE, attrs.evolve(first, fleet=Shown(2), now=8.0)) == (answer, seen)


def test_what_is_asked_in_vain_is_an_error_of_ours() -> None:
    """It would be asked for ever."""
    first = View(fleet=Shown(), release="r", taken=5.0, now=6.0)
    with pytest.raises(AskedInVain, match="one more"):
        answered(first, lambda _: Unseen(1, "one more"), lambda look, _: look.fleet, lambda: 7.0)
