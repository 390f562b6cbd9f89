"""What brings old back is held up by no tag, and by no two: whoever may write tags, and nothing else, loses nobody."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import combinations

import attrs
import pytest

from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.release_tags.written import IMAGE, SIDE, TERMS, WAS
from tests.scenarios.test_strange_records import rewrite
from tests.support.hands import AwsError, tagged
from tests.support.virtual import BLUE, GREEN, Pair, virtual

Forgery = Callable[[Pair], None]
BAKE = 100.0


def wrote(group: str, key: str, value: str) -> Forgery:
    """Return what writes a group's tag."""
    return lambda pair: tagged(pair, group, value, key)


def took_off(group: str, key: str) -> Forgery:
    """Return what takes a tag off a group."""
    tag = {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key}
    return lambda pair: pair.sim.call("autoscaling", "DeleteTags", {"Tags": [tag]})


def crowded(pair: Pair) -> None:
    """Give old as many tags as a group can have, so that it takes no other one."""
    for number in range(50):
        try:
            tagged(pair, BLUE, "x", f"other-{number}")
        except AwsError:
            return


FORGERIES: dict[str, Forgery] = {
    "another image on old": wrote(BLUE, "image", "v9"),
    "no image on old": took_off(BLUE, "image"),
    "a side": wrote(GREEN, SIDE, "x"),
    "the release's image": wrote(BLUE, IMAGE, "v9"),
    "what old ran": wrote(BLUE, WAS, "v9"),
    "a later release on new": wrote(GREEN, ID, "web:20231114-235959-0009"),
    "a take": wrote(GREEN, TERMS, "take=999"),
    "no room for a tag": crowded,
}
ONE_OR_TWO = (*((one,) for one in FORGERIES), *combinations(FORGERIES, 2))


@functools.cache
def _switched(rests: bool) -> Pair:
    """Return a pair with v1 parked behind the switch: still in its bake, with nobody at work, or at rest."""
    pair = virtual(instances=2)
    stop = (lambda: None) if rests else (lambda: 15 if pair.release and pair.release.passed("moved") else None)
    pair.service(bake=0.0 if rests else BAKE, stop=stop).deploy("v2")
    assert pair.release is not None
    rewrite(pair, release=attrs.evolve(pair.release, hold=None))
    pair.run_for(15)
    return pair


def strike(pair: Pair, forgeries: tuple[str, ...]) -> None:
    """Write the forged tags, and let all of new fall sick."""
    for one in forgeries:
        FORGERIES[one](pair)
    for member in pair.sim.states(GREEN):
        pair.sim.sicken(member)


def in_the_run(forgeries: tuple[str, ...]) -> Pair:
    """Strike while the run that deploys watches its bake."""
    pair, struck = virtual(instances=2), []

    def stop() -> None:
        if not struck and pair.release and pair.release.passed("moved"):
            struck.append(True)
            strike(pair, forgeries)

    pair.service(bake=BAKE, stop=stop).deploy("v2")
    return pair


def asked(verb: Callable[[Service], object], *, rests: bool = True) -> Callable[[tuple[str, ...]], Pair]:
    """Return what strikes, and then asks a verb of a fresh process."""

    def ask(forgeries: tuple[str, ...]) -> Pair:
        pair = _switched(rests).branch()
        strike(pair, forgeries)
        pair.run_for(5)
        verb(pair.service(bake=BAKE))
        return pair

    return ask


WAYS: dict[str, Callable[[tuple[str, ...]], Pair]] = {
    "the run that deploys": in_the_run,
    "cleanup": asked(lambda service: service.cleanup(), rests=False),
    "rollback in the bake": asked(lambda service: service.rollback(), rests=False),
    "rollback": asked(lambda service: service.rollback()),
    "rollback --now": asked(lambda service: service.rollback(urgent=True)),
}


def answering(pair: Pair) -> tuple[int, set[str | None]]:
    """Return how many of old answer half a minute later, and what they run."""
    pair.run_for(30)
    return len(pair.sim.healthy(BLUE)), pair.images(BLUE)


@pytest.mark.parametrize("way", WAYS)
def test_no_tag_and_no_two_hold_up_what_comes_back(way: str) -> None:
    """New is dead, two of old are parked: both serve again, whoever asks for it, each single forgery and each pair."""
    found = {" and ".join(tags): answering(WAYS[way](tags)) for tags in ONE_OR_TWO}
    assert {} == {tags: served for tags, served in found.items() if served != (2, {"v1"})}


def test_what_aws_did_not_take_is_told_again() -> None:
    """The first call that brings old back is throttled, and another release is told of: it is sent once more."""
    pair, lost = _switched(True).branch(), []
    strike(pair, ("another image on old", "a later release on new"))
    pair.run_for(5)

    def lose(call: Call) -> None:
        if call.operation == "ExitStandby" and not lost:
            lost.append(call)
            raise throttled(call)

    pair.sim.faults.before.append(lose)
    pair.service(bake=BAKE).rollback()
    assert (1, (2, {"v1"})) == (len(lost), answering(pair))
