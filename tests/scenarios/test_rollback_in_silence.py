"""A `rollback` that AWS refuses, or does not answer: what is on record then, and what the one who typed it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import denied, throttled
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK
from bluegreen.targets.pair.model.seal import seal
from tests.scenarios.test_replayed import told_seals
from tests.scenarios.test_sealed_again import blocked, current, resting, seals, told
from tests.support.hands import TYPED
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair


def held() -> Pair:
    """Return a pair whose finish a person has stopped with Ctrl-C before anything was retired."""
    pair = resting()
    pair.service(bake=100.0, stop=lambda: 2 if pair.release and pair.release.goal == FINISH else None).finish()
    assert current(pair).hold is not None
    return pair


def elsewhere(pair: Pair) -> Pair:
    """Return the record of a pair as it is met with a profile of an account that has no such groups."""
    other = pair.branch()
    other.store = pair.store
    for group in (BLUE, GREEN):
        parameters = {"AutoScalingGroupName": group, "ForceDelete": True}
        other.sim.call("autoscaling", "DeleteAutoScalingGroup", parameters)
    other.run_for(300)
    return other


def answers(pair: Pair, error: Callable[[Call], AwsError], seconds: float, first: str = "Describe") -> None:
    """Let AWS answer every call with an error for so many seconds."""
    until = pair.clock.now() + seconds

    def strike(call: Call) -> None:
        if call.operation.startswith(first) and pair.clock.now() < until:
            raise error(call)

    pair.sim.faults.before.append(strike)


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("urgent", [False, True])
def test_with_a_profile_that_has_no_such_groups_nothing_is_put_on_record(urgent: bool, silent: bool) -> None:
    """Refused with 4: a hold stays where it was, and cron with the right profile does nothing."""
    pair = held()
    before = current(pair)
    other = elsewhere(pair)
    seen: set[str] = set()
    other.sim.faults.before.append(lambda _: seen.add(current(pair).goal))
    if silent:
        answers(other, throttled, 20.0)
    blocked(told(lambda: other.service(bake=100.0).rollback(urgent=urgent)))
    assert (before, {FINISH, *([ROLLBACK] if silent else [])}) == (current(pair), seen)
    pair.run_for(400)
    assert None is pair.service(bake=100.0).cleanup()


@pytest.mark.parametrize("silent", [0.0, 20.0])
def test_where_aws_denies_it_nothing_is_put_on_record(silent: float) -> None:
    """77, as said, whether it is denied at once or behind a silence: a hold stays."""
    pair = held()
    before = current(pair)
    answers(pair, denied, 500.0)
    if silent:
        pair.sim.faults.before.clear()
        begun = pair.clock.now()
        mixed = lambda call: (throttled if pair.clock.now() < begun + silent else denied)(call)  # noqa: E731
        answers(pair, mixed, 500.0)
    end = told(lambda: pair.service(bake=100.0).rollback())
    assert (Status.DENIED, before) == (end and end[0], current(pair)), end


def test_of_a_silence_to_the_end_is_told_that_it_is_on_record_and_how_it_is_stopped() -> None:
    """69 says so: cron brings old back when AWS answers, unless it is locked as the hint says."""
    pair = resting()
    answers(pair, throttled, 400.0)
    end = told(lambda: pair.service(bake=100.0).rollback())
    assert end is not None
    status, sentence, hint = end
    assert (Status.UNREACHABLE, ROLLBACK) == (status, current(pair).goal)
    assert (True, True) == ("that v2 is taken back is on record" in sentence, "`bluegreen lock web" in hint), end
    assert "bluegreen lock web --reason TEXT" in TYPED.findall(hint)
    pair.run_for(200)
    locked = pair.branch()
    locked.service().lock("not now")
    assert None is locked.service(bake=100.0).cleanup()
    assert (Status.OK, 2) == (told(pair.service(bake=100.0).cleanup)[0], len(pair.sim.healthy(BLUE)))  # type: ignore[index]


@pytest.mark.parametrize("attended", [False, True])
def test_ctrl_c_in_a_silence_keeps_cron_from_it(attended: bool) -> None:
    """It is stopped by a person: on record, held, and told; where nobody is there, cron carries it on."""
    pair = resting()
    answers(pair, throttled, 60.0)
    at = pair.clock.now() + 30
    service = pair.service(bake=100.0, stop=lambda: 2 if pair.clock.now() > at else None)
    service.session.attended = attended
    end = told(service.rollback)
    assert end is not None
    assert (Status.INTERRUPTED, True) == (end[0], "is on record" in end[1]), end
    assert (ROLLBACK, attended) == (current(pair).goal, current(pair).hold is not None)
    pair.run_for(60)
    assert attended == (pair.service(bake=100.0).cleanup() is None)
    pair.service(bake=100.0).resume()
    assert 2 == len(pair.sim.healthy(BLUE))


@pytest.mark.parametrize("busy", [0, 2])
@pytest.mark.parametrize("met", [held, resting])
def test_what_was_asked_for_in_a_silence_is_done_as_soon_as_aws_answers(met: Callable[[], Pair], busy: int) -> None:
    """The process dies meanwhile, and first the old seal goes; of what was held before a person asks again.

    So it is where AWS is busy for some tags.
    """
    pair = met()
    answers(pair, throttled, 60.0)
    at = pair.clock.now() + 30
    pair.service(bake=100.0, stop=lambda: 15 if pair.clock.now() > at else None).rollback()
    assert (ROLLBACK, None) == (current(pair).goal, current(pair).hold)
    pair.run_for(60)
    alone: list[bool] = []
    refused: list[Call] = []

    def strike(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags" and len(refused) < busy:
            refused.append(call)
            raise throttled(call)

    sealed: list[Call] = []
    pair.sim.faults.before += [strike, lambda call: sealed.append(call) if seals(call) else None]
    back = lambda call: call.operation == "ExitStandby"  # noqa: E731
    once(pair, back, lambda: alone.append({seal(current(pair))} == told_seals(pair) and len(sealed) == 1))
    if met is held:
        assert Status.BLOCKED == (told(pair.service(bake=100.0).cleanup) or (None,))[0]
    end = told(getattr(pair.service(bake=100.0), "rollback" if met is held else "cleanup"))
    assert end is not None
    assert (Status.OK, 2, [True]) == (end[0], len(pair.sim.healthy(BLUE)), alone), end
