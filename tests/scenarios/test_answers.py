"""A question that a person answered is about one release and so many instances: nothing else is done on its account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status
from bluegreen.record.document import Lease
from bluegreen.service import Parked
from tests.scenarios.test_service import cut, parked, passed, writes
from tests.support.virtual import BLUE, GREEN, Pair, virtual

Verb = Callable[[Any, Parked], Any]
FINISH: Verb = lambda service, asked: service.finish(answered=asked)  # noqa: E731
FINISH_FIRST: Verb = lambda service, asked: service.deploy("v9", finish_first=True, answered=asked)  # noqa: E731
RETIRING = pytest.mark.parametrize("verb", [FINISH, FINISH_FIRST], ids=["finish", "finish first"])


def another(pair: Pair) -> None:
    """Finish what is parked, deploy another version and park what ran before."""
    pair.service().finish()
    pair.service().deploy("v3")
    pair.run_for(30)


def standing_by(pair: Pair) -> int:
    """Return how many instances are in Standby."""
    return sum(state == "Standby" for group in (BLUE, GREEN) for state in pair.sim.states(group).values())


@RETIRING
def test_what_was_asked_about_is_retired(verb) -> None:
    """The release and the count are what they were."""
    pair = parked()
    asked = pair.service().parked()
    assert (2, "v2", Status.OK) == (asked.count, asked.image, verb(pair.service(), asked).status)


@RETIRING
def test_another_release_is_not_retired_on_the_same_answer(verb) -> None:
    """Asked about what v2 had parked; by the time of the answer v3 serves, and what it has parked stays."""
    pair = parked()
    asked = pair.service().parked()
    another(pair)
    done = writes(pair)
    with pytest.raises(Refused) as refused:
        verb(pair.service(), asked)
    assert ([], 2) == (done, standing_by(pair))
    assert all(fact in refused.value.message for fact in (asked.release, pair.release.id, "v2", "v3"))


@RETIRING
def test_more_than_was_asked_about_is_not_retired(verb) -> None:
    """Two were asked about, three are parked."""
    pair = parked()
    asked = pair.service().parked()
    fewer = attrs.evolve(asked, count=asked.count - 1)
    done = writes(pair)
    with pytest.raises(Refused, match=r"1 .*, and now there are 2"):
        verb(pair.service(), fewer)
    assert ([], 2) == (done, standing_by(pair))


@RETIRING
def test_fewer_than_were_asked_about_are_retired(verb) -> None:
    """One of them died meanwhile: that is no reason to ask again."""
    pair = parked()
    asked = pair.service().parked()
    assert Status.OK == verb(pair.service(), attrs.evolve(asked, count=asked.count + 1)).status


def test_nobody_was_asked_while_it_was_under_way() -> None:
    """With nothing parked yet nothing was asked; what rests by the time of the lease is not retired for that."""
    pair = virtual(instances=2)
    cut(pair, passed(pair, "moving"), "deploy", "v2")
    asked = pair.service().parked()
    pair.service().resume()
    pair.run_for(30)
    with pytest.raises(Refused, match=r"0 .*, and now there are 2"):
        pair.service().finish(answered=asked)
    assert 2 == standing_by(pair)


def test_nothing_parked_and_nobody_asked() -> None:
    """With no release there was no question; one that somebody has begun and parked since is not retired."""
    pair = virtual(instances=2)
    asked = pair.service().parked()
    pair.service().deploy("v2")
    pair.run_for(30)
    with pytest.raises(Refused):
        pair.service().finish(answered=asked)
    assert 2 == standing_by(pair)


def test_a_finish_under_way_is_carried_on_without_a_question() -> None:
    """It was answered when it began."""
    pair = parked()
    cut(pair, passed(pair, "retiring"), "finish")
    asked = pair.service().parked()
    assert Status.OK == pair.service().finish(answered=asked).status


def test_what_is_gone_meanwhile_is_no_fault() -> None:
    """Somebody else has finished it: what was wanted is so."""
    pair = parked()
    asked = pair.service().parked()
    pair.service().finish()
    assert Status.OK == pair.service().finish(answered=asked).status


# ---- who waited for the lease ----


def overtaken(pair: Pair, verb: str, **words: Any) -> Any:
    """Ask for a verb while somebody is at work, who finishes; another one then deploys v3 before it is our turn."""
    document, version = pair.store.read("web")
    lease = Lease(holder="x", who="ben@desk", host="h", pid=1, started="1", why="look", taken_at=pair.clock.now(),
                  renewed_at=pair.clock.now(), length=40.0)  # fmt: skip
    pair.store.write("web", attrs.evolve(document, lease=lease), version)
    service = pair.service()
    service.session.patience = 1000.0
    turns: list[int] = []

    def meanwhile(_: Any) -> None:
        turns.append(1)
        if len(turns) == 1:
            document, version = pair.store.read("web")
            pair.store.write("web", attrs.evolve(document, lease=None), version)
            another(pair)

    service.session.listeners = (meanwhile,)
    return getattr(service, verb)(**words)


@pytest.mark.parametrize("verb", ["finish", "rollback", "resume"])
def test_whoever_was_overtaken_is_refused(verb) -> None:
    """Waited with --wait-lock, and another release was begun meanwhile: it is not this verb's to end."""
    pair = parked()
    with pytest.raises(Refused, match="v3 by test@here was begun while this waited its turn"):
        overtaken(pair, verb)
    assert (2, "v3") == (standing_by(pair), pair.release.image)
