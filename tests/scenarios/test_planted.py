"""A release that nothing was done for: one that somebody planted in the record, and one of a run that was killed."""

from __future__ import annotations

import functools
import random
from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import ID, Bounds, Picture, Release
from bluegreen.targets.pair.release_tags.written import WAS
from tests.scenarios.test_sealed import settings
from tests.scenarios.test_sealed_again import blocked, release_tags, sicken, told
from tests.scenarios.test_strange_records import rewrite
from tests.support.hands import edit, tagged
from tests.support.story import Crash
from tests.support.virtual import BLUE, GREEN, Pair, virtual


def world(**more: Any) -> Pair:
    """Return a pair that serves v1, with sizes and a policy that can be told from others."""
    return virtual(instances=2, minimum=1, maximum=8, policies=[tracking("requests", 3600.0)], **more)


def unbegun(pair: Pair, image: str) -> Release:
    """Return the release that a run puts on record before it changes anything, its live group said to run another."""
    other = pair.branch()
    other.service(stop=lambda: 15 if other.release else None).deploy(image)
    release = other.release
    assert release is not None
    evil = attrs.evolve(release.picture, old=attrs.evolve(release.picture.old, image="evil"))
    return attrs.evolve(release, id=f"{release.id[:-4]}beef", picture=evil, milestones={}, launched_at=0.0)


# ---- no release is open ----


@pytest.mark.parametrize("planted", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_a_planted_release_of_the_image_that_is_deployed_next_is_not_carried_on(fails: bool, planted: bool) -> None:
    """It begins anew from a survey: old keeps its image and sizes, whether v3 rolls back, or is taken back later."""
    pair = world(**({"fails_in": {"v3": ("web-0",)}} if fails else {}))
    if planted:
        _, version = pair.store.read("web")
        release = attrs.evolve(unbegun(pair, "v3"), bounds=Bounds(1, 2))
        pair.store.write("web", Document(service="web", release=release), version)
    ended = pair.service(bake=5.0).deploy("v3")
    blue = pair.sim.groups[BLUE]
    if fails:
        assert Status.ROLLED_BACK == ended.status, ended
    else:
        assert (Status.OK, "v1") == (ended.status, blue.tags[WAS][0]), ended
        assert Status.OK == pair.service(bake=5.0).rollback().status
    assert ("v1", 1, 8, 2) == (blue.tags["image"][0], blue.minimum, blue.maximum, len(pair.sim.healthy(BLUE)))


# ---- a real release rests ----


@functools.cache
def rests() -> tuple[Pair, Release]:
    """Return a pair whose v2 rests, to branch from, and the release of v9 that would have begun before it."""
    pair = world()
    release = unbegun(pair, "v9")
    pair.service().deploy("v2")
    pair.run_for(300)
    return pair, release


def planted_beside(*, swapped: bool) -> Pair:
    """Return a pair whose v2 rests, with another release on record, of v9, that nothing was done for."""
    pair, release = rests()
    pair = pair.branch()
    random.seed(0)
    now = pair.clock.now()
    if swapped:
        sides = Picture(release.picture.new, attrs.evolve(release.picture.old, image="v1"))
        release = attrs.evolve(release, old=release.new, new=release.old, picture=sides)
    planted = attrs.evolve(release, begun_at=now - 100, progressed_at=now, deadline_at=now + 600)
    rewrite(pair, sealed=True, release=planted)
    return pair


def ask(pair: Pair, verb: str) -> Any:
    """Return how a verb ends."""
    service = pair.service()
    return told(lambda: service.deploy("v9") if verb == "deploy" else getattr(service, verb)())


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("verb", ["resume", "deploy", "cleanup"])
def test_a_release_planted_beside_one_that_rests_is_not_carried_on(verb: str, swapped: bool) -> None:
    """A person is told, nothing is changed or dropped, and with a record made from the tags the way back is whole."""
    pair = planted_beside(swapped=swapped)
    before = settings(pair), pair.sim.states(BLUE), pair.sim.states(GREEN), release_tags(pair)
    for _ in range(2):
        blocked(ask(pair, verb))
    assert before == (settings(pair), pair.sim.states(BLUE), pair.sim.states(GREEN), release_tags(pair))
    pair.store = MemoryStore()
    assert Status.OK == pair.service().adopt().status
    assert (Status.OK, 2) == (pair.service().rollback().status, len(pair.sim.healthy(BLUE)))
    assert "v1" == pair.sim.groups[BLUE].tags["image"][0]


@pytest.mark.parametrize("sick", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_with_a_release_planted_beside_it_what_is_parked_comes_back(swapped: bool, sick: bool) -> None:
    """A rollback brings it back whatever the record says, ends nothing, and writes no image of the record's."""
    pair = planted_beside(swapped=swapped)
    if sick:
        sicken(pair)
        pair.run_for(30)
    serving, tags = set(pair.sim.states(GREEN)), release_tags(pair)
    end = blocked(ask(pair, "rollback"))
    assert (2, serving, tags) == (len(pair.sim.healthy(BLUE)), set(pair.sim.states(GREEN)), release_tags(pair)), end
    assert ("v1", "v2") == tuple(pair.sim.groups[name].tags["image"][0] for name in (BLUE, GREEN))


@pytest.mark.parametrize("swapped", [False, True])
def test_unasked_what_is_parked_comes_back_where_new_dies_beside_a_planted_release(swapped: bool) -> None:
    """A clean-up does what a rollback would, by AWS's own rows alone."""
    pair = planted_beside(swapped=swapped)
    sicken(pair)
    pair.run_for(30)
    end = blocked(ask(pair, "cleanup"))
    assert 2 == len(pair.sim.healthy(BLUE)), end


# ---- an honest one ----


def killed(pair: Pair, image: str) -> None:
    """Kill a run between its first write of the record and its first tag; nobody asks for a minute and a half."""

    def crash(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags":
            raise Crash

    pair.sim.faults.before.append(crash)
    with pytest.raises(Crash):
        pair.service(bake=5.0).deploy(image)
    pair.sim.faults.before.remove(crash)
    assert pair.release is not None
    assert [] == [name for name, group in pair.sim.groups.items() if ID in group.tags]
    pair.run_for(90)


def test_the_same_deployment_again_takes_its_picture_anew() -> None:
    """What an owner has changed since the run was killed is what a rollback brings back."""
    pair = world()
    killed(pair, "v3")
    tagged(pair, BLUE, "v1.1")
    edit(pair, BLUE, MinSize=2, MaxSize=20)
    ended = pair.service(bake=5.0).deploy("v3")
    blue = pair.sim.groups[BLUE]
    assert (Status.OK, "v1.1") == (ended.status, blue.tags[WAS][0]), ended
    assert Status.OK == pair.service(bake=5.0).rollback().status
    assert ("v1.1", 2, 20) == (blue.tags["image"][0], blue.minimum, blue.maximum)


@pytest.mark.parametrize("verb", ["resume", "cleanup"])
def test_a_release_that_nothing_was_done_for_is_over(verb: str) -> None:
    """It is said that nothing was changed yet, which is true of what is done now as well; then v3 can be deployed."""
    pair = world()
    before = pair.picture()
    killed(pair, "v3")
    writes: list[str] = []
    reads = ("Describe", "Get", "List", "Lookup")
    note = lambda call: None if call.operation.startswith(reads) else writes.append(call.operation)  # noqa: E731
    pair.sim.faults.before.append(note)
    ended = getattr(pair.service(bake=5.0), verb)()
    assert ended is not None
    assert (True, None, []) == ("had changed nothing yet" in ended.sentence, pair.release, writes), ended
    assert before == pair.picture()
    assert Status.OK == pair.service(bake=5.0).deploy("v3").status
