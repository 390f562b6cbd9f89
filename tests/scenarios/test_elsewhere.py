"""A deployment that runs in one terminal is paused, or taken back, from another one, or from another machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.flow.requests import BACK, PAUSE, Request
from tests.battery.together import Done, Operator, Room, met
from tests.support.virtual import BLUE, GREEN, virtual

LIVES = dict[str, Callable[[Operator], None]]


def doing(*verbs: tuple[Any, ...], after: float = 0.0) -> Callable[[Operator], None]:
    """Return a life: some verbs with their words, after so many seconds."""

    def life(one: Operator) -> None:
        one.wait(after)
        for verb, *words in verbs:
            one.run(verb, *words)

    return life


def meeting(lives: LIVES, *, patience: float = 0.0, **settings: Any) -> tuple[Room, dict[str, Done]]:
    """Return the room after everybody has gone, and how the last verb of each ended."""
    room = met(None, seed=1, restless=1.0, balancers="tg")
    room.settings |= settings
    people = [(room.operator(who, patience=patience), life) for who, life in lives.items()]
    room.play(*[(one, lambda one=one, life=life: life(one)) for one, life in people])  # type: ignore[misc]
    return room, {done.who: done for done in room.done}


def serving(room: Room) -> set[str]:
    """Return the images that answer."""
    return room.pair.images(BLUE) | room.pair.images(GREEN)


@pytest.mark.parametrize("after", [3.0, 12.0, 20.0, 45.0])
def test_an_abort_from_elsewhere(after: float) -> None:
    """The run turns back and ends with 3, whoever asked follows it to its end, and v1 serves as before."""
    room, ended = meeting(
        {"ana@laptop": doing(("deploy", "v2")), "ben@desk": doing(("abort", "looks wrong"), after=after)}, bake=60.0
    )
    assert (3, 0) == (ended["ana@laptop"].status, ended["ben@desk"].status)
    assert "v2 was taken back: ben@desk asked for it: looks wrong" in ended["ana@laptop"].sentence
    assert "v2 was taken back by the run that deployed it; v1 is live again" in ended["ben@desk"].sentence
    assert ([], {"v1"}, None, ()) == (room.verdict(), serving(room), room.document.release, room.document.requests)


@pytest.mark.parametrize("after", [3.0, 12.0])
def test_a_pause_from_elsewhere(after: float) -> None:
    """The run ends with 6 and says who asked; v1 serves on, and cron leaves it alone until somebody carries it on."""
    room, ended = meeting(
        {
            "ana@laptop": doing(("deploy", "v2")),
            "ben@desk": doing(("pause", "lunch"), ("cleanup",), after=after),
        }
    )
    assert (6, None) == (ended["ana@laptop"].status, ended["ben@desk"].status)
    assert "web: paused by ben@desk: lunch" == ended["ana@laptop"].sentence
    release = room.document.release
    assert release is not None
    assert release.hold is not None
    assert ("ben@desk", "lunch", ()) == (release.hold.who, release.hold.why, room.document.requests)
    room.tidy()
    assert ([], {"v2"}) == (room.verdict("v2"), serving(room))


def test_a_pause_that_comes_too_late() -> None:
    """New serves alone: nothing is to be waited for, and the run goes on."""
    _, ended = meeting({"ana@laptop": doing(("deploy", "v2")), "ben@desk": doing(("pause",), after=50.0)}, bake=120.0)
    assert (0, 4) == (ended["ana@laptop"].status, ended["ben@desk"].status)
    assert "v2 serves alone already" in ended["ben@desk"].sentence


def test_what_is_asked_of_a_run_that_dies_is_done_by_whoever_asked() -> None:
    """The lease ends, and the asker takes the release back itself."""

    def dying(one: Operator) -> None:
        one.crash = ("look", 14)
        one.run("deploy", "v2")

    room, ended = meeting({"ana@laptop": dying, "ben@desk": doing(("abort",), after=10.0)}, patience=60.0)
    assert (None, 0, [], {"v1"}) == (
        ended["ana@laptop"].status,
        ended["ben@desk"].status,
        room.verdict(),
        serving(room),
    )


def test_of_two_requests_the_way_back_wins() -> None:
    """One asks to pause and one to take it back, at the same moment."""
    room, ended = meeting(
        {
            "ana@laptop": doing(("deploy", "v2")),
            "ben@desk": doing(("pause",), after=10.0),
            "carl@ci": doing(("abort",), after=10.0),
        }
    )
    assert (3, 0, {"v1"}) == (ended["ana@laptop"].status, ended["carl@ci"].status, serving(room))
    assert ended["ben@desk"].status in (0, 4)


QUICK = {"bake": 0.0, "look_every": 5.0}


def test_with_nobody_at_work() -> None:
    """What was cut off is paused, and then taken back, by the commands themselves."""
    pair = virtual(instances=2)
    cut = pair.service(**QUICK, stop=lambda: 15 if pair.release and pair.release.begun else None)
    cut.deploy("v2")
    service = pair.service(**QUICK)
    paused = service.pause("lunch")
    assert (Status.OK, "web: the deploy of v2 is paused; cleanup leaves it alone") == (paused.status, paused.sentence)
    assert ("lunch", None) == (pair.release.hold.why, service.cleanup())
    assert "is stopped already, by test@here" in service.pause().sentence
    assert (Status.OK, 2) == (service.abort().status, len(pair.sim.healthy(BLUE)))


def test_with_nothing_under_way() -> None:
    """There is nothing to pause (4), and nothing to take back (0)."""
    service = virtual(instances=2).service(**QUICK)
    with pytest.raises(Refused, match="nothing is under way"):
        service.pause()
    assert (Status.OK, "web: nothing is under way") == (service.abort().status, service.abort().sentence)


def test_what_is_deployed_is_neither_paused_nor_aborted() -> None:
    """A person who wants the version before says `rollback`: an abort never deploys an older one, nor undoes a day."""
    pair = virtual(instances=2)
    service = pair.service(**QUICK)
    service.deploy("v2")
    for verb in (service.pause, service.abort):
        with pytest.raises(Refused, match="v2 is deployed") as caught:
            verb()
        assert "`bluegreen rollback web` goes back to v1" == caught.value.hint


def test_a_rollback_does_not_wait() -> None:
    """The way back is neither paused nor asked to turn: an abort carries it on."""
    pair = virtual(instances=2)
    service = pair.service(**QUICK)
    pair.service(**QUICK, stop=lambda: 15 if pair.release and pair.release.begun else None).deploy("v2")
    pair.service(**QUICK, stop=lambda: 15 if pair.release.goal == "rollback" else None).rollback()
    with pytest.raises(Refused, match="the way back never waits"):
        service.pause()
    assert Status.OK == service.abort().status


@pytest.mark.parametrize("what", [BACK, PAUSE])
def test_a_request_for_another_release_is_none_of_this_ones(what: str) -> None:
    """It lies there, is not taken, and goes with the release that is open."""
    pair = virtual(instances=2)
    service = pair.service(**QUICK)
    service.deploy("v2")
    service.finish()
    book = service._book()
    other = Request(id="0", what=what, release="web:19700101-000000-aaaa", by="x", at=0.0)
    assert not book.ask(other)
    assert (Status.OK, ()) == (service.deploy("v3").status, service._document().requests)
