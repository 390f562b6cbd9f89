"""A rollback with nothing parked deploys the previous image: what the same words mean while that is under way."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.errors import INT, Refused, Status
from bluegreen.record.memory import MemoryStore
from bluegreen.targets.pair.model.release import DEPLOY, ROLLBACK, Release
from bluegreen.targets.pair.telling.ending import ways_on
from bluegreen.targets.pair.telling.status import Fault, Standing
from tests.scenarios.test_service import cut, passed, served
from tests.scenarios.test_strange_records import rewrite
from tests.support.hands import tagged
from tests.support.virtual import BLUE, GREEN, Pair


def serving(pair: Pair) -> set[str | None]:
    """Return the images that serve."""
    return {pair.sim.image_of(i) for group in (BLUE, GREEN) for i in pair.sim.healthy(group)}


def interrupted(milestone: str = "", **settings: object) -> Pair:
    """Return a pair that served v2, whose rollback to v1 was cut off at ``milestone``, or right after it began."""
    pair = served()
    launched = passed(pair, milestone) if milestone else lambda: pair.sim.groups[BLUE].minimum > 0
    cut(pair, launched, "rollback", bake=100.0, **settings)
    assert "v2" == pair.release.instead_of
    return pair


@pytest.mark.parametrize("milestone", ["", "moving", "moved"])
@pytest.mark.parametrize("urgent", [False, True])
def test_the_same_rollback_carries_it_on(milestone, urgent) -> None:
    """Asked for v1, cut off, asked again: v1 serves, by the same release, wherever it was cut off."""
    pair = interrupted(milestone)
    identity = pair.release.id
    ended = pair.service().rollback(urgent=urgent)
    assert (Status.OK, {"v1"}) == (ended.status, serving(pair))
    assert (identity, DEPLOY) == (ended.release.id, ended.release.goal)


def test_carried_on_however_late() -> None:
    """Its deadlines begin anew, as those of a deployment that is carried on."""
    pair = interrupted()
    pair.run_for(5000.0)
    assert (Status.OK, {"v1"}) == (pair.service().rollback().status, serving(pair))


def test_one_that_rests_is_taken_back() -> None:
    """Once v1 serves alone and v2 is parked, a rollback goes back to v2, warm."""
    pair = served()
    pair.service().rollback()
    ended = pair.service().rollback()
    assert (Status.OK, ROLLBACK, {"v2"}) == (ended.status, ended.release.goal, serving(pair))


def test_one_that_is_being_taken_back_is_carried_on() -> None:
    """The taking back of one that rested, cut off: the same command brings v2 back."""
    pair = served()
    pair.service().rollback()
    cut(pair, lambda: pair.release.goal == ROLLBACK, "rollback")
    assert (Status.OK, {"v2"}) == (pair.service().rollback().status, serving(pair))


@pytest.mark.parametrize("verb", ["rollback", "resume", "cleanup"])
def test_one_that_failed_is_no_success(verb) -> None:
    """v1 did not get well and v2 stays: cut off on the way, whoever carries it on hears 3, not 0."""
    pair = served()
    pair.sim.fail_launches(BLUE)
    cut(pair, lambda: pair.release is not None and pair.release.goal == ROLLBACK, "rollback")
    ended = getattr(pair.service(), verb)()
    assert (Status.ROLLED_BACK, {"v2"}) == (ended.status, serving(pair))


@pytest.mark.parametrize("milestone", ["", "moved"])
def test_status_says_what_a_rollback_would_do(milestone) -> None:
    """It carries on what is under way, although v2 may be parked."""
    assert "cold, and under way: deploys v1" == interrupted(milestone).service().status().rollback.sentence


@pytest.mark.parametrize("verb", ["resume", "cleanup"])
def test_others_carry_it_on_as_well(verb) -> None:
    """Whoever carries it on brings v1."""
    pair = interrupted()
    assert (Status.OK, {"v1"}) == (getattr(pair.service(), verb)().status, serving(pair))


@pytest.mark.parametrize("milestone", ["", "moving", "moved"])
def test_deploying_what_it_takes_the_place_of_takes_it_back(milestone) -> None:
    """There is a way back to v2 in the middle: its name; and the same command again carries that on."""
    pair = interrupted(milestone)
    cut(pair, lambda: pair.release.goal == ROLLBACK, "deploy", "v2")
    ended = pair.service().deploy("v2")
    assert (Status.OK, {"v2"}, None) == (ended.status, serving(pair), pair.release)


def test_no_hint_says_that_a_rollback_takes_it_back() -> None:
    """What is told after Ctrl-C, by a refusal and by an adoption is what the commands do."""
    pair = served()
    stopped = pair.service(stop=lambda: INT if pair.sim.groups[BLUE].minimum else None).rollback()
    with pytest.raises(Refused) as refused:
        pair.service().deploy("v9")
    identity, pair.store = pair.release.id, MemoryStore()
    adopted = pair.service().adopt()
    for hint in (stopped.hint, refused.value.hint, adopted.hint):
        assert ("`bluegreen rollback web`" in hint, "rollback web` takes it back" in hint) == (True, False)
        assert "`bluegreen deploy web v2` takes it back" in hint
    assert (identity, "v2") == (pair.release.id, pair.release.instead_of)
    assert "`bluegreen deploy web IMAGE` takes it back" in ways_on("web", instead_of(pair.release, "v2; id"))
    assert (Status.OK, {"v1"}) == (pair.service().rollback().status, serving(pair))


def instead_of(release: Release, image: str) -> Release:
    """Return a release that took the place of another image, by its record."""
    picture = attrs.evolve(release.picture, old=attrs.evolve(release.picture.old, image=image))
    return attrs.evolve(release, instead_of=image, picture=picture)


def test_a_rollback_under_way_is_not_said_to_be_taken_back() -> None:
    """Of a rollback of the ordinary kind there is nothing to take back: both words carry it on."""
    pair = served()
    pair.service().deploy("v3")
    hint = cut(pair, lambda: pair.release.goal == ROLLBACK, "rollback").hint
    assert ("takes it back" in hint, "`bluegreen resume web`" in hint) == (False, True)
    assert ROLLBACK == pair.release.goal


@pytest.mark.parametrize(("claimed", "tag"), [("evil", "v1"), ("v1", "v0")])
def test_what_the_idle_groups_tag_says_otherwise_is_not_deployed(claimed, tag) -> None:
    """A record that somebody has changed, or a tag: 4 with both, the way on, and nothing is begun."""
    pair = served()
    document, _ = pair.store.read("web")
    rewrite(pair, history=(attrs.evolve(document.history[-1], previous_image=claimed),))
    tagged(pair, BLUE, tag)
    pair.run_for(120)
    with pytest.raises(Refused) as refused:
        pair.service().rollback()
    assert Status.BLOCKED == refused.value.status
    assert f"{claimed} ran before v2, and the tag image of {BLUE}, which ran it, says {tag}" in refused.value.message
    ways = f"`bluegreen deploy web {claimed}` where the record is right, `bluegreen deploy web {tag}` where it is not"
    assert (True, True) == (ways in refused.value.hint, ways in pair.service().status().rollback.sentence)
    assert ({"v2"}, None, "v2") == (serving(pair), pair.release, pair.sim.image_of_group(GREEN))
    assert tag == pair.sim.image_of_group(BLUE)


@pytest.mark.parametrize("image", ["v1", "v0"])
def test_either_way_on_goes_on(image) -> None:
    """Whoever is asked which one ran before deploys that."""
    pair = served()
    tagged(pair, BLUE, "v0")
    pair.run_for(120)
    assert (Status.OK, {image}) == (pair.service().deploy(image).status, serving(pair))


def test_a_tag_that_is_no_version_stands_in_no_command() -> None:
    """It is the person's to say which one it is then."""
    pair = served()
    tagged(pair, BLUE, "v1`; id")
    pair.run_for(120)
    with pytest.raises(Refused) as refused:
        pair.service().rollback()
    assert refused.value.hint.endswith("`bluegreen deploy web IMAGE` where it is not")


def test_what_ran_before_is_not_proposed_where_a_rollback_goes_further_back() -> None:
    """The idle group ran v3, which was taken back: where its tag says v9, that is no version to go back to from v2."""
    pair = served()
    for verb in (lambda: pair.service().deploy("v3"), pair.service().finish, pair.service().rollback):
        verb()
    pair.service().finish()
    pair.run_for(120)
    tagged(pair, GREEN if pair.sim.states(BLUE) else BLUE, "v9")
    with pytest.raises(Refused) as refused:
        pair.service().rollback()
    assert "`bluegreen deploy web v1` where the record is right, `bluegreen deploy web IMAGE`" in refused.value.hint


def test_an_idle_group_without_a_tag_says_nothing() -> None:
    """Then the record alone tells what ran before."""
    pair = served()
    tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Key": "image"}
    pair.sim.call("autoscaling", "DeleteTags", {"Tags": [tag]})
    pair.run_for(120)
    assert (Status.OK, {"v1"}) == (pair.service().rollback().status, serving(pair))


@pytest.mark.parametrize(
    ("fault", "way"), [(Fault.OTHER, "`bluegreen deploy web IMAGE`"), (Fault.SICK, "`bluegreen deploy web IMAGE`")]
)
def test_what_is_no_version_stands_in_no_command(fault: Fault, way: str) -> None:
    """A record that somebody else has written can hold a command where an image belongs."""
    pair, forged = served(), "v1`, then `id"
    document, _ = pair.store.read("web")
    rewrite(pair, history=tuple(attrs.evolve(past, previous_image=forged) for past in document.history))
    assert forged == pair.service().previous_image()
    hint = pair.service().target._proof._way_on(Standing(fault, "it is so"), (GREEN, BLUE), forged)
    assert ("`id" in hint, way in hint) == (False, True)
