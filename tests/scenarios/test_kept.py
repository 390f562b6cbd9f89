"""What of old cannot be terminated: the way for that one comes first, and what ``--keep`` does is said whole."""

from __future__ import annotations

from bluegreen.errors import Status
from bluegreen.service import Ended
from bluegreen.targets.pair.model.release import MARK
from tests.support.hands import COMMAND, obey, ours, type_in
from tests.support.moments import once
from tests.support.virtual import BLUE, Pair, virtual
from tests.support.watching import left_over


def rested() -> tuple[Pair, list[str]]:
    """Return a pair whose deployment is over, and its parked instances."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    pair.run_for(30)
    return pair, sorted(pair.sim.states(BLUE))


def without_its_mark() -> tuple[Pair, list[str], Ended]:
    """Return a pair whose finish met one without its mark: somebody took that off before it was detached."""
    pair, ids = rested()
    bare = {"Resources": ids[:1], "Tags": [{"Key": MARK}]}
    once(pair, lambda call: call.operation == "DetachInstances", lambda: pair.sim.call("ec2", "DeleteTags", bare))
    return pair, ids, pair.service().finish()


def running(pair: Pair, ids: list[str]) -> list[str]:
    """Return those that still run."""
    return [i for i in ids if pair.sim.machines[i].running]


def test_one_without_its_mark_is_ended_alone_by_the_first_command() -> None:
    """All others have the mark, and are terminated as ever."""
    pair, ids, ended = without_its_mark()
    told = f"web: {ids[0]} is on the list of release {pair.release.id if pair.release else ''}, without its mark"
    assert (Status.BLOCKED, told) == (ended.status, ended.sentence)
    assert COMMAND.findall(ended.hint) == [f"aws ec2 terminate-instances --instance-ids {ids[0]}"]
    for command in COMMAND.findall(ended.hint):
        type_in(pair, command)
    assert ids[1:] == running(pair, ids)
    done = ours(pair, "bluegreen resume web")
    assert done is not None
    assert (Status.OK, "web: v2 is live on web-green (3 healthy); 3 instances of v1 terminated", []) == (
        done.status,
        done.sentence,
        running(pair, ids),
    )


def test_keeping_one_keeps_all_and_hint_and_result_say_so() -> None:
    """There is no way to keep one alone: whoever types it knows which run on, and are nobody's."""
    pair, ids, ended = without_its_mark()
    told = ", ".join(ids)
    assert f"or if not: `bluegreen finish --keep web` keeps all 3 remaining instances running: {told}" in ended.hint
    done = obey(pair, ended.hint, choice=1)
    assert done is not None
    assert (
        f"web: v2 is live on web-green (3 healthy); 3 instances of v1 run on in no group, kept: {told}" == done.sentence
    )
    assert ({"orphans": ids}, ids) == (left_over(pair), running(pair, ids))


def test_one_that_is_protected_from_termination_is_freed_by_the_first_command() -> None:
    """The others are terminated; the command takes the protection off, and the finish ends."""
    pair, ids = rested()
    pair.sim.machines[ids[0]].protected = True
    ended = pair.service().finish()
    assert (Status.BLOCKED, [ids[0]]) == (ended.status, running(pair, ids))
    assert f"keeps the remaining instance running: {ids[0]}" in ended.hint
    done = obey(pair, ended.hint)
    assert done is not None
    assert (Status.OK, None, {}) == (done.status, pair.release, left_over(pair))
