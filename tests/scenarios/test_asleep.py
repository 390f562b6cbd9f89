"""The owner puts the group that serves to nothing at night, while the old instances are parked.

Source: convox 1458, where each clean-up waited for health that nobody wanted.
"""

from __future__ import annotations

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.service import Parked
from bluegreen.targets.pair.model.release import DEPLOY, FINISH
from tests.scenarios.test_service import cut, parked, writes
from tests.support.hands import asked, edit
from tests.support.moments import once
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import left_over

DAY = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2}
NIGHT = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}


def asleep(pair: Pair) -> Pair:
    """Return the pair past its keep time, its live group put to nothing."""
    pair.run_for(700)
    edit(pair, GREEN, **NIGHT)
    pair.run_for(60)
    return pair


def test_cron_is_silent_while_the_owner_wants_no_instance() -> None:
    """Each tick ends at once and changes nothing; in the morning the parked instances are retired."""
    pair = asleep(parked())
    began, done = pair.clock.now(), writes(pair)
    assert ([None, None], [], DEPLOY) == ([pair.service().cleanup() for _ in range(2)], done, pair.release.goal)
    assert pair.clock.now() - began < 10
    edit(pair, GREEN, **DAY)
    pair.run_for(60)
    ended = pair.service().cleanup()
    assert (Status.OK, 2, {}) == (ended and ended.status, len(pair.sim.healthy(GREEN)), left_over(pair))


def test_what_the_owner_put_to_nothing_before_it_was_parked_is_not_told_to_be_parked() -> None:
    """Old goes for the night while new comes up: the end says that none of it is kept, and a rollback launches some."""
    pair = virtual(instances=2)
    once(pair, lambda call: call.operation == "UpdateAutoScalingGroup", lambda: edit(pair, BLUE, **NIGHT))
    told = pair.service().deploy("v2")
    sentence = "web: v2 is live on web-green (2 healthy); no instance of web-blue is parked, a rollback launches others"
    assert (Status.OK, sentence, {}) == (told.status, told.sentence, pair.sim.states(BLUE))
    assert (Status.OK, {"v1"}) == (pair.service().rollback().status, pair.images(BLUE))


def woken(boot: float) -> Pair:
    """Return a pair at its first moment of the morning, whose instances take so many seconds to answer."""
    boots = [2.0]
    pair = virtual(instances=2, boot=lambda _: boots[-1])
    pair.service(progress_deadline=300.0).deploy("v2")
    asleep(pair)
    boots.append(boot)
    edit(pair, GREEN, **DAY)
    return pair


def ticks(pair: Pair, count: int) -> list[Status | None]:
    """Return how so many clean-ups end, twenty seconds apart."""
    found: list[Status | None] = []
    for _ in range(count):
        ended = pair.service().cleanup()
        found.append(ended and ended.status)
        pair.run_for(20)
    return found


def test_cron_is_silent_while_what_was_woken_boots() -> None:
    """What is wanted is on its way, for no longer than the progress deadline; then the parked ones are retired."""
    pair = woken(boot=90.0)
    assert ([None] * 5, DEPLOY) == (ticks(pair, 5), pair.release.goal)
    assert ([Status.OK, None], {}) == (ticks(pair, 2), left_over(pair))


def test_cron_tells_of_what_was_woken_and_does_not_come() -> None:
    """From the progress deadline of the release on, once in each tick, though the group goes on to replace them."""
    pair = woken(boot=9000.0)
    assert [None] * 14 == ticks(pair, 14)
    for instance in list(pair.sim.states(GREEN)):
        pair.sim.kill(instance)
    pair.run_for(40)
    assert ([Status.BLOCKED] * 2, DEPLOY) == (ticks(pair, 2), pair.release.goal)


def test_cron_tells_of_what_was_woken_and_cannot_launch() -> None:
    """With Launch suspended nothing is on its way."""
    pair = parked()
    asleep(pair)
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["Launch"])
    edit(pair, GREEN, **DAY)
    pair.run_for(20)
    assert [Status.BLOCKED] == ticks(pair, 1)


def test_cron_retires_nothing_while_no_new_instance_is_healthy() -> None:
    """What is wanted and sick is told, at once: the parked instances are the only ones that can serve."""
    pair = parked()
    pair.run_for(700)
    for instance in pair.sim.healthy(GREEN):
        pair.sim.sicken(instance)
    pair.run_for(60)
    began, done = pair.clock.now(), writes(pair)
    ended = pair.service().cleanup()
    assert (Status.BLOCKED, "`bluegreen rollback web` goes back to web-blue") == (ended.status, ended.hint)
    assert ("web: no instance of web-green is healthy: the parked instances stay", []) == (ended.sentence, done)
    assert (DEPLOY, True) == (pair.release.goal, pair.clock.now() - began < 10)
    assert Status.OK == pair.service().rollback().status


def test_a_finish_cut_off_before_the_night_is_carried_on_in_the_morning() -> None:
    """Cron is as silent about a finish that is under way as about one that is due."""
    pair = parked()
    cut(pair, lambda: pair.release.goal == FINISH, "finish")
    asleep(pair)
    began = pair.clock.now()
    assert (None, True) == (pair.service().cleanup(), pair.clock.now() - began < 10)
    edit(pair, GREEN, **DAY)
    pair.run_for(60)
    ended = pair.service().cleanup()
    assert (Status.OK, {}) == (ended and ended.status, left_over(pair))


def test_a_person_who_was_told_may_finish_at_night() -> None:
    """The question says that nothing serves; answered, what is parked goes."""
    pair = asleep(parked())
    asked = pair.service().parked()
    assert (2, True) == (asked.count, asked.unserved)
    ended = pair.service().finish(answered=asked)
    assert (Status.OK, {}, {}) == (ended.status, pair.sim.states(BLUE), left_over(pair))
    assert "web: 2 instances of v1 terminated; nothing serves while desired of web-green is 0" == ended.sentence


def test_an_answer_given_by_day_is_not_good_for_the_night() -> None:
    """Who was asked while new served did not say yes to retiring all that could serve."""
    pair = parked()
    asked = pair.service().parked()
    asleep(pair)
    done = writes(pair)
    with pytest.raises(Refused, match="now no instance of the other group serves") as refusal:
        pair.service().finish(answered=asked)
    assert ("`bluegreen finish web` asks again", [], False) == (refusal.value.hint, done, asked.unserved)


def test_a_finish_in_which_the_night_falls_ends_at_once() -> None:
    """Nobody was told that nothing would serve: what is parked stays, and the same command asks."""
    pair = parked()
    cut(pair, lambda: pair.release.goal == FINISH, "finish")
    asleep(pair)
    began = pair.clock.now()
    ended = pair.service().resume()
    assert (Status.BLOCKED, True) == (ended.status, pair.clock.now() - began < 10)
    assert "web: desired of web-green is 0: only parked instances could serve" == ended.sentence
    assert "`bluegreen finish web` asks whether they are to go all the same" == ended.hint
    assert (True, 2) == (pair.service().parked().unserved, pair.service().parked().count)
    assert (Status.OK, {}) == (pair.service().finish().status, left_over(pair))


def test_a_night_in_the_middle_of_cycles_leaves_no_trace() -> None:
    """Finished at night, woken by day and deployed again, everything is the service's own."""
    pair = virtual(instances=2)
    before = pair.picture()
    pair.service().deploy("v2")
    asleep(pair)
    pair.service().finish()
    edit(pair, GREEN, **DAY)
    pair.run_for(60)
    assert Status.OK == pair.service().deploy("v3").status
    assert (Status.OK, []) == (pair.service().finish().status, unlike(before, pair.picture()))


def test_finish_first_is_refused_at_night() -> None:
    """With no group that serves nothing can be deployed, and what is parked is let go for nothing."""
    pair = asleep(parked())
    done = writes(pair)
    with pytest.raises(Refused):
        pair.service().deploy("v3", finish_first=True, answered=Parked(pair.release.id, "v2", 2, unserved=True))
    assert ([], DEPLOY) == (done, pair.release.goal)
