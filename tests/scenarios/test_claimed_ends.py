"""Whoever may write the record says that a release is over: what a person kept, or stopped, runs on all the same."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import denied
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK
from tests.scenarios.test_replayed import told_seals
from tests.scenarios.test_sealed_again import current, resting, told
from tests.scenarios.test_settings_reviewed import stopped_behind
from tests.scenarios.test_strange_records import rewrite
from tests.scenarios.test_tags_off import ended
from tests.support.hands import marked, unseal
from tests.support.story import Crash
from tests.support.virtual import BLUE, Pair


def kept() -> Pair:
    """Return a pair whose `finish --keep` was killed when all is detached, and marked still."""
    pair = resting()

    def kill(call: Call) -> None:
        if (call.service, call.operation) == ("ec2", "DeleteTags"):
            raise Crash

    pair.sim.faults.before.append(kill)
    with pytest.raises(Crash):
        pair.service(bake=100.0).finish(keep=True)
    pair.sim.faults.before.clear()
    return pair


def stopped() -> Pair:
    """Return a pair whose `finish` a person has stopped when all is detached, before the first is terminated."""
    pair = resting()
    end = pair.service(bake=100.0, stop=stopped_behind(pair, "DetachInstances")).finish()
    assert Status.INTERRUPTED == end.status
    return pair


def closed() -> Pair:
    """Return such a pair whose release a person has closed, to look first."""
    pair = stopped()
    pair.service(bake=100.0).close("a person looks first")
    return pair


@pytest.mark.parametrize("met", [kept, stopped, closed])
def test_an_end_on_record_terminates_nothing(met) -> None:
    """The record alone says that a finish is over, and what it detached carries its mark: a person is told of it."""
    pair = met()
    pair.run_for(100)
    detached = sorted(pair.sim.orphans())
    document, _ = pair.store.read("web")
    assert document is not None
    history = document.history
    if (release := pair.release) is not None:
        history = (*history, release.as_past("finished", pair.clock.now()))
    rewrite(pair, sealed=True, lease=None, release=None, history=history)
    ends = []
    for _ in range(4):
        ends.append(told(pair.service(bake=100.0).cleanup))
        pair.run_for(60)
    assert (set(), detached) == (ended(pair, detached), sorted(pair.sim.orphans())), ends
    assert (2, Status.BLOCKED) == (len(detached), ends[-1] and ends[-1][0])


@pytest.mark.parametrize("takes", [True, False], ids=["tags-taken", "tags-refused"])
def test_a_closed_release_is_not_carried_on_by_the_record_of_before(takes: bool) -> None:
    """The whole record of before is put back, hours later: nothing is retired; where AWS takes no tag, it says so."""
    pair = resting()
    old, before = list(pair.sim.states(BLUE)), pair.store.read("web")[0]
    assert before is not None
    if not takes:
        pair.sim.faults.before.append(no_tags)
    end = pair.service(bake=100.0).close("a person takes over")
    pair.sim.faults.before.clear()
    assert (Status.OK, not takes) == (end.status, "the groups' tags may still fit a record from before" in end.hint)
    if takes:
        rewrite(pair, sealed=True, lease=None, release=before.release, history=before.history)
        pair.run_for(7200)
        ends = [told(pair.service(bake=100.0).cleanup) for _ in range(2)]
        assert ([Status.BLOCKED] * 2, set()) == ([one and one[0] for one in ends], ended(pair, old))
        assert {"Standby"} == set(pair.sim.states(BLUE).values())


def test_a_release_that_another_record_has_keeps_its_seal_when_it_is_closed_here() -> None:
    """Two records knew it: whoever closes the older one takes nothing from the other."""
    pair, other = resting(), type(resting().store)()
    mine, pair.store = pair.store, other
    pair.service(bake=100.0).adopt()
    theirs = told_seals(pair)
    pair.store = mine
    assert Status.OK == pair.service(bake=100.0).close("the other record has it").status
    pair.store = other
    assert (theirs, Status.OK) == (told_seals(pair), pair.service(bake=100.0).resume().status)


def no_tags(call: Call) -> None:
    """Take no tag."""
    if call.operation == "CreateOrUpdateTags":
        raise denied(call)


def test_a_release_whose_seal_a_person_has_taken_off_is_sealed_again() -> None:
    """As the hint says: the seal off, then `resume`; the record alone retires nothing days before its time."""
    pair = resting()
    unseal(pair)
    assert frozenset() == told_seals(pair)
    assert (Status.OK, 1) == (pair.service(bake=100.0).resume().status, len(told_seals(pair)))
    rewrite(pair, sealed=True, release=current(pair).toward(FINISH, pair.clock.now()))
    pair.run_for(100)
    assert (Status.BLOCKED, {"Standby"}) == (
        (told(pair.service(bake=100.0).cleanup) or (None,))[0],
        set(pair.sim.states(BLUE).values()),
    )


@pytest.mark.parametrize("value", ["web:zz", "web:", "web:20231114-221323"])
def test_a_mark_that_no_release_can_have_is_nobodys_leftover(value: str) -> None:
    """Anybody can put one on any instance: cron does nothing for it, and does not offer to end that instance."""
    pair = resting()
    assert Status.OK == pair.service(bake=100.0).finish(keep=True).status
    pair.run_for(60)
    marked(pair, sorted(pair.sim.orphans()), value)
    assert None is pair.service(bake=100.0).cleanup()


def test_a_stop_is_not_taken_off_by_a_rollback_that_only_the_record_says() -> None:
    """The record alone goes back, without its hold: cron does nothing, and a person who asks for it is obeyed."""
    pair = stopped()
    pair.run_for(100)
    detached, release = sorted(pair.sim.orphans()), current(pair)
    back = attrs.evolve(release.toward(ROLLBACK, pair.clock.now()), hold=None, progress=())
    rewrite(pair, sealed=True, lease=None, release=back)
    ends = [told(pair.service(bake=100.0).cleanup) for _ in range(2)]
    assert ([Status.BLOCKED] * 2, detached) == ([one and one[0] for one in ends], sorted(pair.sim.orphans()))
    rewrite(pair, sealed=True, lease=None, release=release)
    assert None is pair.service(bake=100.0).cleanup()
    assert Status.OK == pair.service(bake=100.0).rollback().status


def test_a_close_that_seals_nothing_says_so() -> None:
    """The release's id on record was changed: the tags tell of another one, and a person is told how they go."""
    pair = resting()
    release = current(pair)
    rewrite(pair, sealed=True, release=attrs.evolve(release, id=f"{release.id[:-1]}f"))
    end = pair.service(bake=100.0).close("a person takes over")
    assert (True, True) == (release.id in end.hint, "may still fit a record from before" in end.hint)
