"""Going back to a version by its name, and deploying once more what serves already."""

from __future__ import annotations

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.service import Service
from tests.support.virtual import BLUE, GREEN, Pair, virtual

QUICK = {"bake": 0.0, "look_every": 5.0}


def released(*images: str) -> tuple[Pair, Service]:
    """Return a pair that has served v1 and each image after it, with nothing parked."""
    pair = virtual(instances=2, maximum=8)
    service = pair.service(**QUICK)
    for image in images:
        assert (Status.OK, Status.OK) == (service.deploy(image).status, service.finish().status)
    return pair, service


def serving(pair: Pair) -> set[str]:
    """Return the images of the instances that answer."""
    return pair.images(BLUE) | pair.images(GREEN)


@pytest.mark.parametrize("word", ["v1", "v2", "the release of v2"])
def test_back_to_a_version_that_has_served(word: str) -> None:
    """By the version, or by the release that brought it up; it is a deployment, and the way back from it is warm."""
    pair, service = released("v2", "v3")
    image = "v2" if word.startswith("the") else word
    ended = service.rollback(to=service.history()[0].id if word.startswith("the") else word)
    assert (Status.OK, image, "v3") == (ended.status, ended.release.image, ended.release.instead_of)
    assert (Status.OK, Status.OK, {"v3"}) == (service.rollback().status, service.resume().status, serving(pair))


def test_after_going_back_two_versions_nothing_is_before() -> None:
    """A second rollback goes further back than the version that was named, and there is none."""
    _, service = released("v2", "v3")
    service.rollback(to="v1")
    service.finish()
    with pytest.raises(Refused, match="no earlier version is on record"):
        service.rollback()


def test_after_going_back_one_version_by_name_the_next_goes_further() -> None:
    """It is a rollback like any other."""
    pair, service = released("v2", "v3")
    service.rollback(to="v2")
    service.finish()
    assert (Status.OK, {"v1"}) == (service.rollback().status, serving(pair) - {"v3", "v2"})


def test_what_is_parked_comes_back() -> None:
    """The version that the open release has parked is what a plain rollback brings back: nothing is launched."""
    pair, service = released("v2")
    service.deploy("v3")
    launched = len(pair.sim.machines)
    assert (Status.OK, launched) == (service.rollback(to="v2").status, len(pair.sim.machines))


@pytest.mark.parametrize("word", ["v9", "bad", "../v1", "web:19700101-000000-aaaa"])
def test_a_version_that_has_not_served(word: str) -> None:
    """It is refused, with those that have."""
    _, service = released("v2")
    with pytest.raises(Refused, match=r"has not served, by this record; what has: v2, v1$"):
        service.rollback(to=word)


def test_another_version_while_something_is_parked() -> None:
    """The quick way back is named first, then how the other one is come by."""
    _, service = released("v2")
    service.deploy("v3")
    with pytest.raises(Refused, match="goes back to v2, not to v1") as caught:
        service.rollback(to="v1")
    assert caught.value.hint.startswith("`bluegreen rollback web` goes back to v2; `bluegreen finish web`")


def test_cut_off_it_is_carried_on_by_the_same_words() -> None:
    """And refused by another version's name."""
    pair, service = released("v2", "v3")
    stop = pair.service(**QUICK, stop=lambda: 15 if pair.release and pair.release.begun else None)
    stop.rollback(to="v1")
    with pytest.raises(Refused, match="not to v2"):
        service.rollback(to="v2")
    assert (Status.OK, "v1") == (service.rollback(to="v1").status, pair.release.image)


def test_once_more() -> None:
    """What serves already is deployed with `again` alone: onto the other group, with a warm way back."""
    pair, service = released("v2")
    live = BLUE if pair.sim.healthy(BLUE) else GREEN
    assert "nothing to do" in service.deploy("v2").sentence
    ended = service.deploy("v2", again=True)
    assert (Status.OK, "v2", "v2", live) == (
        ended.status,
        ended.release.image,
        ended.release.previous_image,
        ended.release.old,
    )
    assert (Status.OK, 2) == (service.rollback().status, len(pair.sim.healthy(live)))


def test_once_more_is_no_version_to_go_back_to() -> None:
    """A rollback goes back to what ran before the version, however often that was deployed."""
    pair, service = released("v2")
    service.deploy("v2", again=True)
    service.finish()
    assert (Status.OK, "v1") == (service.rollback().status, pair.release.image)


@pytest.mark.parametrize("image", ["v2", "v3"])
def test_once_more_needs_the_release_before_to_be_over(image: str) -> None:
    """Parked instances are finished first; the hint says so."""
    _, service = released()
    service.deploy("v2")
    with pytest.raises(Refused, match="still parked") as caught:
        service.deploy(image, again=True)
    assert f"`bluegreen deploy web {image} --finish-first --again`" in caught.value.hint
    assert Status.OK == service.deploy(image, again=True, finish_first=True).status
