"""Laws of suspended processes: an edit stays as it was made, and nothing that ends instances is resumed beside them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.answers import DONE, Answer, Due, Recorded, Waiting
from bluegreen.flow.guards import AGREEING, STALE
from bluegreen.targets.pair.model.actions import Flip, Resume, Suspend
from bluegreen.targets.pair.model.fleet import ALARMS, AUTOSCALER, ENDING, PROCESSES, REBALANCE, SCHEDULES, THEIRS
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Picture, Release
from bluegreen.targets.pair.model.sound import release_faults
from bluegreen.targets.pair.plans.processes import accept_suspensions, suspend_exactly
from bluegreen.targets.pair.plans.steps import service_suspends
from tests.support.values import NOW, fleet, group, look, release
from tests.support.written import made_due

TWO = ("InService", "InService")
LONG_AGO = NOW - STALE
DOORS = {
    "": (),
    "moving": ("moving",),
    "moved": ("moving", "moved"),
    "deployed": ("moving", "moved", "deployed"),
    "back": ("moving", "moved", "back"),
}
SETS = st.frozensets(st.sampled_from(sorted(PROCESSES)))
EDITS = st.dictionaries(
    st.sampled_from([*sorted(PROCESSES), *(f"{side} {one}" for side in ("old", "new") for one in sorted(THEIRS))]),
    st.booleans(),
)


def of(goal: str, door: str, since: float = LONG_AGO, rested: tuple[Any, Any] = ((), ()), **changes: Any) -> Release:
    """Return a release of ``goal`` that passed ``door`` and those before it at ``since``; ``rested`` says what did."""
    made = release(goal=goal, milestones=dict.fromkeys(DOORS[door], since), begun_at=since, **changes)
    old, new = (frozenset(processes) for processes in rested)
    sides = attrs.evolve(made.picture.old, suspended=old), attrs.evolve(made.picture.new, suspended=new)
    return attrs.evolve(made, picture=Picture(*sides))


def at(made: Release, old: Any = (), new: Any = (), states: tuple[str, ...] = TWO) -> Look:
    """Return a look at both groups with those processes suspended."""
    sides = (group(name, *states, suspended=frozenset(rests)) for name, rests in (("old", old), ("new", new)))
    return look(fleet(*sides), made)


def learned(answer: Answer) -> dict[str, bool]:
    """Return what is on record of processes by an answer, none where it records nothing."""
    return dict(answer.release.processes) if isinstance(answer, Recorded) else {}


SILENT = AUTOSCALER | {REBALANCE}


@pytest.mark.parametrize(
    ("goal", "door", "old", "new", "expected"),
    [
        (DEPLOY, "", {"HealthCheck"}, SILENT, {"old HealthCheck": True, "HealthCheck": True}),
        (DEPLOY, "", (), SILENT | {"HealthCheck"}, {"new HealthCheck": True}),
        (DEPLOY, "", {"Launch"}, SILENT, {"old Launch": True}),
        (DEPLOY, "", {ALARMS}, SILENT, {ALARMS: True}),
        (DEPLOY, "", {REBALANCE}, SILENT, {REBALANCE: True}),
        (DEPLOY, "", (), (), {}),
        (DEPLOY, "moving", SILENT, {ALARMS, REBALANCE}, {}),
        (DEPLOY, "moving", SILENT, {"ReplaceUnhealthy"}, {"new ReplaceUnhealthy": True}),
        (DEPLOY, "moved", SILENT, {REBALANCE}, {}),
        (DEPLOY, "moved", SILENT, {ALARMS}, {ALARMS: True}),
        (DEPLOY, "moved", SILENT | {"Terminate"}, (), {"old Terminate": True}),
        (DEPLOY, "moved", (), (), {}),
        (FINISH, "deployed", SILENT, {REBALANCE}, {REBALANCE: True}),
        (FINISH, "deployed", SILENT, {"Terminate", "HealthCheck"}, {"new HealthCheck": True, "HealthCheck": True}),
        (ROLLBACK, "", {SCHEDULES}, SILENT, {SCHEDULES: True}),
        (ROLLBACK, "moving", SILENT, AUTOSCALER, {}),
        (ROLLBACK, "deployed", SILENT, {ALARMS}, {ALARMS: True}),
        (ROLLBACK, "back", {ALARMS, REBALANCE}, AUTOSCALER, {ALARMS: True}),
        (ROLLBACK, "back", {REBALANCE}, AUTOSCALER, {}),
    ],
)
def test_what_somebody_suspended_is_recorded(goal, door, old, new, expected) -> None:
    """Of the side that serves it is the service's, too, but for what no group launches or ends instances without."""
    assert expected == learned(accept_suspensions(at(of(goal, door), old, new)))


def test_what_somebody_resumed_is_recorded() -> None:
    """What rested before the release and is at work on the side that serves is an edit as well."""
    before = of(FINISH, "deployed", rested=({ALARMS, "HealthCheck"}, {"HealthCheck"}))
    answer = accept_suspensions(at(before, SILENT | {"HealthCheck"}, {ALARMS}))
    assert {"new HealthCheck": False, "HealthCheck": False} == learned(answer)
    answer = accept_suspensions(at(answer.release, SILENT | {"HealthCheck"}, ()))
    assert (
        False,
        f"new: {ALARMS} resumed by somebody else, kept for whoever serves in the end",
        AGREEING,
        frozenset(),
    ) == (
        answer.release.processes[ALARMS],
        answer.reason,
        answer.agreeing,
        service_suspends(answer.release),
    )


def test_an_old_look_is_no_edit_of_the_autoscaler() -> None:
    """Within a minute of the switch a look may show the moment before it."""
    assert Waiting is type(accept_suspensions(at(of(FINISH, "deployed", NOW - STALE + 1), SILENT, AUTOSCALER)))


def test_what_an_apply_resets_on_both_sides_is_no_edit() -> None:
    """Both groups are as the file has them, and what was seen of the first one alone is forgotten."""
    before = of(DEPLOY, "moved", rested=((), AUTOSCALER))
    first = accept_suspensions(at(before, SILENT, AUTOSCALER))
    assert dict.fromkeys(AUTOSCALER, True) == learned(first)
    then = accept_suspensions(at(first.release, (), AUTOSCALER))
    assert ({}, DONE) == (then.release.processes, accept_suspensions(at(then.release, (), AUTOSCALER)))


def test_what_rests_of_a_side_that_does_not_serve_is_no_edit() -> None:
    """A record may say that the other side serves alone."""
    made = of(ROLLBACK, "back")
    serves, empty = group("new", *TWO), group("old", suspended=SILENT)
    assert DONE == accept_suspensions(look(fleet(empty, serves), made))


def test_of_an_adopted_release_nobody_knows_which_side_was_armed() -> None:
    """Its tags do not tell the milestones: that old rests may be this release's own doing."""
    assert DONE == accept_suspensions(at(of(ROLLBACK, "", take=1), SILENT, SILENT))


@pytest.mark.parametrize(
    ("goal", "action", "old", "new"),
    [
        (FINISH, Suspend("new", {"HealthCheck"}), SILENT, {"HealthCheck"}),
        (FINISH, Suspend("new", {"HealthCheck"}), SILENT, ()),
        (FINISH, Resume("old", {"HealthCheck"}), (), ()),
        (ROLLBACK, Flip(Resume("old", AUTOSCALER), Suspend("new", AUTOSCALER)), {REBALANCE}, AUTOSCALER),
        (ROLLBACK, Flip(Resume("old", AUTOSCALER), Suspend("new", AUTOSCALER)), SILENT, ()),
        (ROLLBACK, Suspend("new", AUTOSCALER), SILENT, AUTOSCALER),
    ],
)
def test_what_we_did_is_no_edit_whether_it_was_sent_or_not(goal, action, old, new) -> None:
    """A run that died between its record and its write, or behind it, is carried on as if it had not."""
    rested = ({"HealthCheck"} & set(old if goal == FINISH else ()), ())
    before = of(goal, "deployed", rested=rested)
    assert DONE == accept_suspensions(at(made_due(at(before, old, new), action).record, old, new))


@given(edits=EDITS, rested=st.tuples(SETS, SETS), now=SETS, wanted=SETS, serves=st.booleans())
def test_nothing_that_ends_instances_is_resumed_beside_them(edits, rested, now, wanted, serves) -> None:
    """Whatever is on record: it comes to an end, leaves edits as they are, and says what a person is to resume."""
    made, group_now = of(FINISH, "deployed", rested=rested, processes=edits), now
    resumed: set[str] = set()
    for _ in range(4):
        one = at(made, (), group_now, TWO if serves else ())
        match suspend_exactly(one, one.new, wanted, "as before"):
            case Due(Suspend(_, processes)):
                group_now = group_now | set(processes)
            case Due(Resume(_, processes)):
                group_now, resumed = group_now - set(processes), resumed | set(processes)
            case Recorded(release=made, reason=said):
                assert "aws autoscaling resume-processes" in said
            case answer:
                break
    edited = {one for one in THEIRS if f"new {one}" in edits}
    assert (DONE, set(), now & edited) == (answer, resumed & ENDING if serves else set(), group_now & edited)
    assert (wanted | (group_now & (ENDING | edited))) - edited == group_now - edited


@pytest.mark.parametrize(
    ("of_it", "fault"),
    [
        ({"processes": {"old Launch": True, ALARMS: False}, "written": {"new HealthCheck": (0, 1)}}, ""),
        ({"processes": {"other Launch": True}}, "processes has 'other Launch', which is no process"),
        ({"processes": {"Dance": True}}, "processes has 'Dance', which is no process"),
        ({"written": {"new Dance": (1,)}}, "written has 'new Dance', which is no bound or process of its groups"),
    ],
)
def test_a_record_names_processes_that_there_are(of_it, fault) -> None:
    """Others are refused."""
    made = release(id="web:19700101-000000-aaaa", **of_it)
    assert fault == "; ".join(release_faults(made))
