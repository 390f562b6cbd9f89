"""What a record says beside its seal takes no setting away, and ends nothing that a person said to keep, as stories."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.service.running import PATIENCE
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, Release
from bluegreen.targets.pair.model.seal import seal
from tests.scenarios.test_replayed import told_seals
from tests.scenarios.test_rollback_in_silence import answers
from tests.scenarios.test_sealed_again import blocked, current, cut, policies, resting, told
from tests.scenarios.test_strange_records import forge, rewrite
from tests.scenarios.test_tags_off import ended
from tests.support.moments import once
from tests.support.story import Crash
from tests.support.virtual import BLUE, GREEN, Pair

READS = ("Describe", "Get")


def alarms(pair: Pair) -> int:
    """Return how many alarms there are, in truth."""
    return len(pair.sim.call("cloudwatch", "DescribeAlarms", {})["MetricAlarms"])


# ---- old's own settings ----


@pytest.mark.parametrize("verb", ["rollback", "cleanup"])
@pytest.mark.parametrize("door", ["moving", "deployed"])
def test_when_old_was_told_to_leave_is_no_word_for_what_its_owner_took_off(door: str, verb: str) -> None:
    """It is forged to be never, and to be long ago once the copies on new are off: old keeps its policy and alarms."""
    pair = cut(door, 100.0)
    going = {} if verb == "rollback" else {"goal": ROLLBACK, "progress": ()}
    forge(pair, sealed=True, told_at=0.0, **going)

    def bare(call: Call) -> bool:
        release = pair.release
        back = release is not None and release.goal == ROLLBACK and release.passed("back")
        return back and not call.operation.startswith(READS) and not policies(pair, GREEN)

    def strike() -> None:
        long_ago = attrs.evolve(current(pair), told_at=pair.clock.now() - 300, put_at=0.0)
        rewrite(pair, sealed=True, lease=None, release=long_ago)

    struck = once(pair, bare, strike)
    told(getattr(pair.service(bake=100.0), verb))
    pair.run_for(100)
    end = told(pair.service(bake=100.0).cleanup)
    assert (1, ["tracking"], 2) == (len(struck), policies(pair, BLUE), alarms(pair)), end


def test_while_aws_takes_no_tag_no_copy_is_taken_off_new() -> None:
    """The run dies at the first one that goes, while the record says that it is there: it would be its owner's wish."""
    pair = resting()
    dead: list[str] = []

    def strike(call: Call) -> None:
        release = pair.release
        if release is None or release.goal != ROLLBACK or not release.passed("back"):
            return
        if dead:
            raise Crash
        if call.operation == "CreateOrUpdateTags":
            raise throttled(call)
        if call.operation.startswith("Delete"):
            dead.append(call.operation)

    pair.sim.faults.before.append(strike)
    told(lambda: _killed(pair))
    pair.sim.faults.before.remove(strike)
    pair.run_for(100)
    end = told(pair.service(bake=100.0).cleanup)
    assert end is not None
    assert (Status.OK, ["tracking"], 2) == (end[0], policies(pair, BLUE), alarms(pair)), end


def _killed(pair: Pair) -> None:
    try:
        pair.service(bake=100.0, progress_deadline=120.0).rollback()
    except Crash:
        return


# ---- what a person said to keep ----


def kept_beside(pair: Pair, before: Release) -> list[float]:
    """Let the record of before be written again as soon as it says that what is parked is kept."""
    kept = lambda _: bool(pair.release and pair.release.goal == FINISH and pair.release.keep)  # noqa: E731
    return once(pair, kept, lambda: rewrite(pair, sealed=True, lease=None, release=before))


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_person_said_to_keep_is_not_ended_by_the_record_of_before(begun: bool) -> None:
    """`finish --keep` is on record, and then what was before, a finish that terminates among it: cron ends nothing."""
    pair = resting()
    pair.run_for(700)
    old = list(pair.sim.states(BLUE))
    if begun:
        pair.service(bake=100.0, stop=lambda: 15 if current(pair).goal == FINISH else None).finish()
    struck = kept_beside(pair, current(pair))
    told(lambda: pair.service(bake=100.0).finish(keep=True))
    pair.run_for(100)
    end = blocked(told(pair.service(bake=100.0).cleanup))
    assert (1, set()) == (len(struck), ended(pair, old)), end


@pytest.mark.parametrize("seconds", [20.0, 60.0])
def test_what_a_person_said_to_keep_is_sealed_before_anything_is_detached(seconds: float) -> None:
    """A finish that terminates was cut off, and AWS takes no tag: kept is what is told so, else it is not begun."""
    pair = resting()
    pair.run_for(700)
    old = list(pair.sim.states(BLUE))
    pair.service(bake=100.0, stop=lambda: 15 if current(pair).goal == FINISH else None).finish()
    answers(pair, throttled, seconds, first="CreateOrUpdateTags")
    end = told(
        lambda: pair.service(bake=100.0, stop=lambda: 15 if not pair.sim.states(BLUE) else None).finish(keep=True)
    )
    assert end is not None
    in_time = seconds < PATIENCE
    assert (in_time, in_time) == (current(pair).keep, not pair.sim.states(BLUE)), end
    assert in_time or "`bluegreen finish --keep web` once" in end[2], end
    pair.run_for(100)
    told(lambda: pair.service(bake=100.0).finish(keep=True))
    assert set() == ended(pair, old)


# ---- a finish of which only its end is missing ----


@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_what_a_killed_run_owes_to_what_is_kept_is_paid_by_the_next(verb: str) -> None:
    """`finish --keep` is killed before its seal stands alone: whoever carries it on puts it, and is cut off, too."""
    pair = resting()
    pair.run_for(700)
    earlier, old = current(pair), list(pair.sim.states(BLUE))

    def kill(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags" and current(pair).goal == FINISH:
            raise Crash

    pair.sim.faults.before.append(kill)
    with pytest.raises(Crash):
        pair.service(bake=100.0).finish(keep=True)
    pair.sim.faults.before.clear()
    assert (True, True) == (current(pair).keep, seal(earlier) in told_seals(pair))
    pair.run_for(100)
    asked = iter(range(1000))
    getattr(pair.service(bake=100.0, stop=lambda: 15 if next(asked) > 2 else None), verb)()
    assert {seal(current(pair))} == told_seals(pair)
    pair.run_for(100)
    rewrite(pair, sealed=True, lease=None, release=earlier)
    for _ in range(3):
        told(pair.service(bake=100.0).cleanup)
        pair.run_for(60)
    assert set() == ended(pair, old)


def turned_past_return() -> Pair:
    """Return a pair whose finish lacks its end alone; a `rollback` was typed while AWS was silent, and ended there."""
    pair, off = resting(), []

    def note(call: Call) -> None:
        if call.operation == "DeleteTags" and current(pair).passed("retiring"):
            off.append(call.operation)

    pair.sim.faults.before.append(note)
    pair.service(bake=100.0, stop=lambda: 15 if off else None).finish()
    pair.sim.faults.before.remove(note)
    assert (FINISH, {}) == (current(pair).goal, pair.sim.states(BLUE))
    pair.run_for(100)
    answers(pair, throttled, 60.0)
    at = pair.clock.now() + 30
    pair.service(bake=0.0, stop=lambda: 15 if pair.clock.now() > at else None).rollback()
    pair.run_for(100)
    return pair


@pytest.mark.parametrize("verb", ["rollback", "cleanup", "resume"])
def test_a_finish_past_return_that_was_turned_in_a_silence_finds_its_way(verb: str) -> None:
    """v2 has served alone all the time: the finish ends, and a `rollback` deploys v1."""
    pair = turned_past_return()
    end = told(getattr(pair.service(bake=0.0), verb))
    assert end is not None
    assert (Status.OK, 2) == (end[0], len(pair.sim.healthy(BLUE if verb == "rollback" else GREEN))), end


@pytest.mark.parametrize("more", [{"returns": True}, {"milestones": ("back",)}])
def test_a_rollback_that_has_begun_to_bring_old_back_is_not_finished(more: dict[str, Any]) -> None:
    """No tag tells of it, and a person decides."""
    pair = turned_past_return()
    milestones = {**current(pair).milestones, **dict.fromkeys(more.pop("milestones", ()), pair.clock.now() - 90)}
    forge(pair, sealed=True, milestones=milestones, **more)
    end = told(pair.service(bake=0.0).cleanup)
    assert ROLLBACK == current(pair).goal, end
    blocked(end)
