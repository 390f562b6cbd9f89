"""The moves of the random stories do what they say, and what they watch for is seen."""

from __future__ import annotations

import random

import pytest

from bluegreen.simulator.core.calls import Call
from tests.support.moves import MOVES, NOTED, SPLIT, Moves, Unknown
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import FORGIVEN, Watch


def moves(balancers: tuple[str, ...] = ("target-group", "target-group"), seed: int = 0) -> Moves:
    """Return the moves of a pair of three; of the second balancer images may be split off."""
    pair = virtual(instances=3, balancers=balancers, fails_in={SPLIT: ("web-1",)})
    return Moves(pair, Watch(pair, 3), random.Random(seed), pair.picture())


def made(one: Moves, name: str) -> str:
    """Make a move at once, and return what was told of it."""
    one._happen(name, MOVES[name][1])
    return one.told[-1][1]


def call(operation: str, **asked: object) -> Call:
    """Return a call of the tool's."""
    return Call(1, "autoscaling", operation, {"AutoScalingGroupName": BLUE, **asked}, reads=False)


@pytest.mark.parametrize(("after", "seen"), [(0.0, False), (NOTED + 1, True)])
def test_who_takes_away_what_it_cannot_know_is_seen(after, seen) -> None:
    """Once a run has had time to see that it does not know."""
    one = moves()
    one.unknown.append(Unknown(one.balancers()[1], one.now - after, one.now + 5))
    one(call("EnterStandby", InstanceIds=list(one.pair.sim.groups[BLUE].members)[:1]))
    assert seen == bool(one.taken)


@pytest.mark.parametrize(("most", "seen"), [(2, True), (3, False), (9, False)])
def test_a_maximum_that_takes_away_is_seen(most, seen) -> None:
    """Below what the group holds."""
    one = moves()
    one.unknown.append(Unknown(one.balancers()[1], one.now - NOTED - 1, one.now + 5))
    one(call("UpdateAutoScalingGroup", MaxSize=most))
    assert seen == bool(one.taken)


@pytest.mark.parametrize("name", ["detached", "deleted"])
def test_an_owner_who_takes_a_balancer_away_is_no_fault(name) -> None:
    """Its users are no longer this service's, and the picture is as the owner left it."""
    one = moves(("target-group", "target-group", "target-group"))
    told = made(one, name)
    one.pair.run_for(60)
    left = len(one.watch.users.balancers())
    assert ([], 2, one.before[GREEN]) == (one.watch.broken, left, one.pair.picture()[GREEN]), told


def test_the_last_balancer_that_answers_everything_stays() -> None:
    """Whatever the dice say, every image can be released somewhere."""
    found = {made(moves(seed=seed), "detached") for seed in range(9)}
    assert {"detached web-1"} == found


def test_what_is_attached_is_owed_once_it_answers() -> None:
    """One more target group, with a listener: from the time when it had the side that serves alone."""
    one = next(found for seed in range(9) if "with a" in made(found := moves(seed=seed), "attached"))
    one.pair.run_for(60)
    assert ([3, 3, 3], one.before) == (list(one.watch.dues().values()), one.pair.picture())


def test_everybody_is_well_in_the_end() -> None:
    """A story ends where all is known."""
    one = moves()
    for name in ("sick in one", "unknown"):
        made(one, name)
    one.calm()
    one.pair.run_for(30)
    assert ([], 3) == (one.pair.sim.blurs.all, len(one.pair.sim.healthy(BLUE)))


def test_who_dies_while_nothing_launches_is_missed_once_something_does() -> None:
    """Behind a deleted target group nobody is replaced, however long that lasts; its owner detaches it in the end."""
    one = next(found for seed in range(9) if "," not in made(found := moves(seed=seed), "deleted"))
    (kept,), pair = one.balancers(), one.pair
    pair.run_for(2 * FORGIVEN)
    pair.sim.kill(next(iter(pair.sim.states(BLUE))))
    pair.run_for(2 * FORGIVEN)
    stuck = one.watch.users.answering[kept], one.watch.dues()[kept]
    one.calm()
    pair.run_for(2 * FORGIVEN)
    well = one.watch.users.answering[kept], one.watch.dues()[kept]
    assert ((2, 2), (3, 3), [], [kept]) == (stuck, well, one.watch.broken, one.balancers())
    assert one.before == pair.picture()


def test_a_rollback_at_once_is_owed_what_is_well_of_what_is_parked() -> None:
    """Where old was never well nothing is owed; a machine that died in Standby is missed by nobody."""
    pair: Pair = virtual(instances=2, balancers=("classic", "classic"), image="split-1", fails_in={SPLIT: ("web-1",)})
    watch = Watch(pair, 2)
    service = pair.service()
    service.deploy("v2")
    before = list(watch.dues().values())
    watch.urgent(BLUE)
    assert ([2, 2], [2, 0]) == (before, list(watch.dues().values()))
