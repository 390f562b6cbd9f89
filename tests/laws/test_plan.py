"""What surrounds the plans: what a look asks for, what is learned, written down and turned around, what ends a run."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.flow.answers import DONE, Blocked, Failed, Paused
from bluegreen.flow.engine import Outcome, Stopped
from bluegreen.flow.view import Seen
from bluegreen.targets.pair.model.actions import EnterStandby, ExitStandby, Register, Resize
from bluegreen.targets.pair.model.fleet import TARGET_GROUP, Balancer
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.targets.pair.plans.plan import learn, progress, turn
from bluegreen.targets.pair.telling.ending import ended, first_is_done
from tests.support.values import BALANCER, NOW, fleet, group, look, machine, release
from tests.support.written import made_due

BOTH = ("old", "new")
TWO = ("InService", "InService")
MOVING, MOVED = {"moving": NOW}, {"moving": NOW, "moved": NOW + 5}
DEPLOYED = {**MOVED, "deployed": NOW + 9}
RETIRE = {"retire": ("i-old-0",)}
RETIRED = {"machines": ("i-old-0",)}
ALARMED = {"alarms": ("web-5xx",)}


def at(old: Any, new: Any, health: Any = None, later: float = 0.0, **of: Any) -> Any:
    """Return a look at both groups, ``later`` seconds after the release began."""
    return look(fleet(old, new, health, at=NOW + later - 1.0), release(**of), at=NOW + later)


SICK = dict.fromkeys(("i-old-0", "i-old-1"), "unhealthy")
UNTOLD = dict.fromkeys(("i-old-0", "i-old-1"), "unknown")


@pytest.mark.parametrize(
    ("health", "of", "old", "new"),
    [
        ({}, {"best": 1}, 2, 0),
        ({}, {"best": 5}, 5, 0),
        ({}, {"best": 1, "milestones": MOVED}, 2, 3),
        ({}, {"best": 1, "goal": ROLLBACK, "milestones": MOVED}, 2, 3),
        ({}, {"best": 1, "goal": ROLLBACK, "milestones": {**MOVED, "back": NOW}}, 2, 0),
        (SICK, {"best": 0}, 0, 3),
        (UNTOLD, {"best": 0}, 0, 0),
        ({"i-old-0": "unknown"}, {"best": 0}, 0, 0),
        ({"i-old-0": "unknown"}, {"best": 1}, 1, 0),
        ({"i-old-0": "unknown", "i-new-0": "unknown"}, {"best": 0, "milestones": MOVED}, 1, 2),
    ],
)
def test_the_mark_is_the_most_that_each_side_alone_has_had(health, of, old, new) -> None:
    """Old whenever it is healthy; new after the switch, or where nothing of old serves; it never sinks.

    What both have together is no measure of what one must have; what is not known is not counted.
    """
    made = learn(at(group("old", *TWO), group("new", *TWO, "InService"), health, **of))
    assert (old, new) == (made.most_healthy("old", "web"), made.most_healthy("new", "web"))


def test_each_balancer_has_a_mark_of_its_own() -> None:
    """What is healthy in one alone raises that one's floor, and no other's."""
    both = frozenset({BALANCER, Balancer(TARGET_GROUP, "api")})
    sides = [group(name, *TWO, balancers=both) for name in ("old", "new")]
    seen = attrs.evolve(fleet(*sides), health={"web": {"i-old-0": "healthy"}, "api": {"i-new-0": "healthy"}})
    made = learn(look(seen, release(best=0)))
    assert {"old web": 1, "new api": 1} == {key: count for key, count in made.best.items() if count}


def learned(progress: Any, **of: Any) -> Any:
    """Return what a look at two healthy old ones and one new, forty seconds in, makes of a progress of ``progress``."""
    return learn(at(group("old", *TWO), group("new", "InService"), later=40.0, progress=progress, **of))


@pytest.mark.parametrize(
    ("progress", "after", "progressed"),
    [
        ((), (0, 1, 2, 0), True),
        ((0, 1, 2, 0), (0, 1, 2, 0), False),
        ((0, 0, 2, 0), (0, 1, 2, 0), True),
        ((0, 2, 2, 0), (0, 2, 2, 0), False),
        ((1, 0, 2, 3), (1, 1, 2, 3), True),
    ],
)
def test_progress_is_a_ratchet(progress, after, progressed) -> None:
    """Each figure only rises; only a new high-water mark begins patience anew."""
    made = learned(progress)
    assert (after, NOW + 40.0 * progressed) == (made.progress, made.progressed_at)


def test_a_new_best_alone_is_no_progress() -> None:
    """The floor may rise with a figure that is a high-water mark already."""
    made = learned((0, 1, 2, 0), best=1)
    assert (2, NOW) == (made.most_healthy("old", "web"), made.progressed_at)


def test_nothing_learned_is_the_same_release() -> None:
    """A look that shows nothing new does not make the record be written."""
    one = at(group("old", *TWO), group("new", "InService"), later=40.0, progress=(0, 1, 2, 0), well_at=NOW)
    assert one.release == learn(one)


def test_no_time_counts_in_which_aws_did_not_tell() -> None:
    """From the second look without an answer to the first with one: deadlines and the bake are as much later."""
    unclear = at(group("old", *TWO), group("new", *TWO), UNTOLD, later=10.0)
    assert 0.0 == learn(unclear).unsure_since
    lasting = attrs.evolve(unclear, past=(Seen(unclear, DONE),))
    since = learn(lasting).unsure_since
    kept = {"bake": 60.0, "unsure_since": since, "deadline_at": NOW + 600.0, "progressed_at": NOW, "progress": (9,) * 4}
    clear = at(group("old", *TWO), group("new", *TWO), later=30.0, milestones=MOVED, **kept)
    made = learn(clear)
    assert (NOW + 10.0, 0.0, NOW + 620.0, NOW + 20.0, 80.0) == (
        since,
        made.unsure_since,
        made.deadline_at,
        made.progressed_at,
        made.terms.bake,
    )


OLD = group("old", "InService", "EnteringStandby", "Standby")


@pytest.mark.parametrize(
    ("goal", "new", "expected"),
    [
        (DEPLOY, group("new", *TWO), (2, 2, 1, 2)),
        (DEPLOY, group("new", *["Pending"] * 9), (2, 0, 1, 2)),
        (ROLLBACK, group("new", *TWO), (2, 2, 1, -1, -2, -2)),
        (ROLLBACK, group("new", "InService", "Terminating"), (2, 1, 1, -1, -2, -2)),
    ],
)
def test_what_counts_as_progress(goal, new, expected) -> None:
    """Milestones, healthy instances, and what is on its way from one side to the other; states alone do not count."""
    assert expected == progress(at(OLD, new, goal=goal, milestones=MOVED))


@pytest.mark.parametrize(("state", "alive"), [("running", 2), ("stopping", 2), ("shutting-down", 1), ("terminated", 1)])
def test_a_finish_progresses_with_what_is_gone(state, alive) -> None:
    """Each machine that is terminated, or about to be, is progress."""
    machines = {"i-1": machine("i-1", state), "i-2": machine("i-2")}
    one = look(fleet(OLD, group("new"), machines=machines, asked=frozenset(machines)), release(goal=FINISH))
    assert (0, -1, -2, -alive) == progress(one)


@pytest.mark.parametrize(("state", "expected"), [("InService", 3), ("EnteringStandby", 3), ("Standby", 4)])
def test_what_came_back_and_is_parked_again_is_progress_of_a_finish(state, expected) -> None:
    """Once, when it has drained: how many are parked is no new mark."""
    old = group("old", state, "Standby")
    seen = at(old, group("new"), goal=FINISH, milestones={**MOVED, "deployed": NOW}, reparked=frozenset({"i-old-0"}))
    assert expected == progress(seen)[0]


def test_a_finish_that_has_asked_for_no_machine_counts_members() -> None:
    """Before anything is listed, what leaves the group is progress."""
    assert (0, -1, -2, -3) == progress(at(OLD, group("new"), goal=FINISH))


def written(action: Any, **of: Any) -> Any:
    """Return the release as it is on record before ``action``."""
    return made_due(at(group("old", *TWO), group("new"), later=10.0, **of), action).record


def test_bounds_are_on_record_before_they_are_written() -> None:
    """What is ours is known as ours, and is nobody's wish when a later look shows it."""
    made = written(Resize("new", min=2, max=11))
    assert ((0, 2), (10, 11), (0,)) == (made.known("new", "min"), made.known("new", "max"), made.known("old", "min"))


@pytest.mark.parametrize(
    ("action", "before", "launched"),
    [
        (Resize("new", min=2), 0.0, NOW + 9.0),
        (Resize("new", min=2), NOW, NOW),
        (Resize("new", min=0, max=0), 0.0, 0.0),
        (Resize("new", max=4), 0.0, 0.0),
        (Resize("old", min=2), 0.0, 0.0),
    ],
)
def test_when_new_was_launched(action, before, launched) -> None:
    """The first raise of new's minimum, by AWS's clock: failures before it are not this release's."""
    assert launched == written(action, launched_at=before).launched_at


@pytest.mark.parametrize(
    ("action", "goal", "returns"),
    [
        (Resize("old", max=2), ROLLBACK, True),
        (ExitStandby("old", ("i-1",)), ROLLBACK, True),
        (Register(BALANCER, ("i-1",)), ROLLBACK, True),
        (Resize("new", min=0, max=0), ROLLBACK, False),
        (Resize("old", min=2), DEPLOY, False),
    ],
)
def test_from_when_on_old_is_about_to_serve_again(action, goal, returns) -> None:
    """It is with the first thing that a rollback does for it: what others changed before was an idle group's."""
    assert returns == written(action, goal=goal, milestones=DEPLOYED).returns


PARTED = {"leaving": frozenset({"i-1"}), "returning": frozenset({"i-2"})}


@pytest.mark.parametrize(
    ("action", "leaving", "returning"),
    [
        (EnterStandby("old", ("i-2", "i-3")), {"i-1", "i-2", "i-3"}, set()),
        (ExitStandby("old", ("i-1", "i-3")), set(), {"i-1", "i-2", "i-3"}),
        (Resize("old", min=0), {"i-1"}, {"i-2"}),
    ],
)
def test_who_was_told_to_leave_and_to_return(action, leaving, returning) -> None:
    """A relative action is on record before it is sent, so that it is sent once."""
    made = written(action, **PARTED)
    assert (leaving, returning) == (made.leaving, made.returning)


@pytest.mark.parametrize(
    ("action", "told"), [(EnterStandby("old", ("i-1",)), NOW + 10.0), (ExitStandby("old", ("i-1",)), 3.0)]
)
def test_when_somebody_was_told_to_leave(action, told) -> None:
    """A look from before that shows nothing of it; an exit from Standby leaves that time alone."""
    assert told == written(action, told_at=3.0).told_at


@pytest.mark.parametrize(("milestones", "again"), [(MOVING, set()), (MOVED, {"i-old-0", "i-old-1"})])
def test_who_was_parked_again_after_the_switch(milestones, again) -> None:
    """The waves themselves do not count; after the switch all that came back at once does, however many calls it takes.

    A second call for the rest of them is not a second time.
    """
    assert again == written(EnterStandby("old", ("i-old-0",)), milestones=milestones).reparked


@pytest.mark.parametrize(
    ("of", "turns"),
    [
        ({}, True),
        ({"milestones": DEPLOYED}, True),
        ({"first": True}, True),
        ({"first": True, "milestones": MOVING}, False),
        ({"goal": ROLLBACK}, False),
        ({"goal": FINISH}, False),
    ],
)
def test_what_turns_around(of, turns) -> None:
    """A deployment goes back with the reason why; a first one that has served, a rollback and a finish do not."""
    made = turn(at(group("old", *TWO), group("new"), later=50.0, progress=(1,), **of), Failed("it broke"))
    assert turns == (made is not None)
    assert made is None or (ROLLBACK, "it broke", (), NOW + 50.0) == (
        made.goal,
        made.reason,
        made.progress,
        made.progressed_at,
    )


@pytest.mark.parametrize(
    ("of", "rests"),
    [
        ({"milestones": DEPLOYED}, True),
        ({"milestones": MOVED}, False),
        ({"milestones": DEPLOYED, "goal": FINISH}, False),
        ({"milestones": DEPLOYED, "goal": ROLLBACK}, False),
    ],
)
def test_resting(of, rests) -> None:
    """Only a deployment that has reached its end waits for a finish or a rollback."""
    assert rests == release(**of).rests


@pytest.mark.parametrize(
    ("of", "answer", "done"),
    [
        ({"first": True, "milestones": DEPLOYED}, DONE, True),
        ({"first": True, "milestones": DEPLOYED}, Blocked("odd", "look"), False),
        ({"first": True, "milestones": DEPLOYED, "goal": ROLLBACK}, DONE, False),
        ({"first": True, "milestones": DEPLOYED, "goal": FINISH}, DONE, False),
        ({"milestones": DEPLOYED}, DONE, False),
    ],
)
def test_a_first_release_is_finished_at_once(of, answer, done) -> None:
    """It has nothing parked to wait for."""
    assert done == first_is_done(Outcome(release(**of), answer))


BROKE = {"goal": ROLLBACK, "reason": "it broke"}
ENDS = [
    ({}, DONE, DEPLOY, Status.OK, "v2 is live on new; v1 is parked on old until "),
    ({"goal": FINISH}, DONE, FINISH, Status.OK, "v2 is live on new"),
    ({"goal": ROLLBACK}, DONE, ROLLBACK, Status.OK, "v1 is live on old again; nothing of v2 is left"),
    (BROKE, DONE, DEPLOY, Status.ROLLED_BACK, "rolled back: v1 is live on old; v2 failed: it broke"),
    (BROKE, DONE, ROLLBACK, Status.OK, "v1 is live on old again"),
    ({"first": True, **BROKE}, DONE, DEPLOY, Status.ROLLED_BACK, "back to zero, nothing serves; v2 failed: it broke"),
    ({"first": True, "goal": ROLLBACK}, DONE, ROLLBACK, Status.OK, "back to zero, as before v2"),
    ({}, Blocked("odd", "look"), DEPLOY, Status.BLOCKED, "odd"),
    (BROKE, Blocked("odd", "look"), DEPLOY, Status.BLOCKED, "odd"),
    ({}, Paused("a gate", "canary"), DEPLOY, Status.PAUSED, "a gate"),
    ({}, Stopped("stopped at a safe point", 2), DEPLOY, Status.INTERRUPTED, "stopped at a safe point"),
    (BROKE, Stopped("stopped at a safe point", 15), DEPLOY, Status.TERMINATED, "stopped at a safe point"),
]


@pytest.mark.parametrize(("of", "answer", "asked", "status", "sentence"), ENDS)
def test_how_a_run_ended(of, answer, asked, status, sentence) -> None:
    """The exit status tells what serves now, the sentence why."""
    told = ended("web", asked, Outcome(release(**of), answer))
    assert (status, True) == (told.status, told.sentence.startswith(f"web: {sentence}"))


def test_what_needs_a_human_says_what_to_do_next() -> None:
    """A hint comes with every end that is none."""
    hints = [ended("web", DEPLOY, Outcome(release(), a)).hint for a in (Blocked("odd", "look"), Paused("a gate", "c"))]
    hints.append(ended("web", DEPLOY, Outcome(release(), Stopped("stopped", 2))).hint)
    assert ("look", True, True) == (hints[0], "resume web" in hints[1], "resume web" in hints[2])


def test_a_goal_is_changed_with_progress_begun_anew() -> None:
    """What one plan had reached is no measure for the other's patience; the reason stays unless there is a new one."""
    made = release(reason="it broke", progress=(1, 2)).toward(FINISH, NOW + 70.0, keep=True)
    assert (FINISH, "it broke", (), NOW + 70.0, True) == (
        made.goal,
        made.reason,
        made.progress,
        made.progressed_at,
        made.keep,
    )
    assert attrs.evolve(made, reason="late").toward(ROLLBACK, NOW, reason="new").reason == "new"


def test_carried_on_by_a_person_patience_begins_anew() -> None:
    """Whoever was asked for help and carries on knows of what changed twice and of who came back: that is forgiven."""
    before = release(edits={"old min": 1}, reparked=frozenset({"i-1"}), progress=(1, 2))
    made = before.awake(NOW + 70.0, deadline_at=NOW + 99.0)
    assert ({}, frozenset(), NOW + 70.0, NOW + 99.0) == (
        made.edits,
        made.reparked,
        made.progressed_at,
        made.deadline_at,
    )
    assert (before.goal, before.progress) == (made.goal, made.progress)


def test_a_milestone_is_progress() -> None:
    """A door that was passed begins patience anew, and is passed for good."""
    made = release().reach("moving", NOW + 5.0).reach("moved", NOW + 9.0)
    assert ({"moving": NOW + 5.0, "moved": NOW + 9.0}, NOW + 9.0) == (made.milestones, made.progressed_at)


def test_every_value_that_was_ever_ours_is_known_once() -> None:
    """A look as old as an earlier write of ours shows nobody's wish."""
    made = release().write("old", min=2).write("old", min=5, max=None).write("old", min=2)
    assert ((0, 2, 5), (10,)) == (made.known("old", "min"), made.known("old", "max"))
