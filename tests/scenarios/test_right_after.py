"""A look that is older than the end of a release, or than its first tags, is no reason to say something false."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.release import ROLLBACK
from bluegreen.targets.pair.release_tags.written import KEYS
from tests.scenarios.test_sealed_again import blocked, current, cut, told
from tests.scenarios.test_strange_records import forge, rewrite
from tests.support.story import Crash
from tests.support.virtual import BLUE, GREEN, Pair, virtual

LONG = {"bake": 5.0, "progress_deadline": 300.0, "deadline": 3000.0}


def old_answers(pair: Pair) -> list[float]:
    """Let AWS's answers be as old as the one number says, which may be changed."""
    age = [0.0]
    pair.sim.read_stale(lambda _: age[0])
    return age


@pytest.mark.parametrize(("seconds", "skew"), [(0.0, 0.0), (10.0, 0.0), (50.0, 0.0), (20.0, 120.0), (50.0, -120.0)])
@pytest.mark.parametrize("verb", ["cleanup", "adopt"])
@pytest.mark.parametrize("end", ["finish", "rollback"])
def test_what_has_just_ended_is_not_taken_for_open(end: str, verb: str, seconds: float, skew: float) -> None:
    """Nobody is told to end instances that serve, and no release is taken in again that is over."""
    pair = virtual(instances=2, minimum=1, maximum=8)
    age = old_answers(pair)
    pair.service(**LONG).deploy("v2")
    pair.run_for(30)
    getattr(pair.service(**LONG), end)()
    pair.run_for(2)
    document, version = pair.store.read("web")
    assert document is not None
    ended_then = attrs.evolve(document.history[-1], ended_at=document.history[-1].ended_at + skew)
    pair.store.write("web", attrs.evolve(document, history=(*document.history[:-1], ended_then)), version)
    before = pair.picture()
    age[0] = seconds
    ended = told(getattr(pair.service(**LONG), verb))
    age[0] = 0.0
    assert ended is None or "still parked" not in ended[1]
    assert (None, before) == (pair.release, pair.picture())


@pytest.mark.parametrize("later", [-1e5, 1e6])
def test_a_closed_record_takes_no_tag_off_while_new_is_launched(later: float) -> None:
    """New has no instance in service yet; the tags are the only word of what was pinned and silenced."""
    pair = virtual(instances=2, minimum=1, maximum=8)
    launched = lambda: 15 if pair.release and pair.release.launched_at else None  # noqa: E731
    pair.service(stop=launched, **LONG).deploy("v2")
    document, version = pair.store.read("web")
    assert document is not None
    over = current(pair).as_past("restored", pair.clock.now() + later)
    pair.store.write("web", document.closed(over), version)
    tags = {name: dict(group.tags) for name, group in pair.sim.groups.items()}
    _, _, hint = blocked(told(pair.service(**LONG).cleanup))
    assert (True, tags) == ("adopt" in hint, {name: dict(group.tags) for name, group in pair.sim.groups.items()})


def killed_before_the_image(pair: Pair, silent: float) -> None:
    """Deploy where AWS takes no tag for ``silent`` seconds, and be killed as new is about to get its image."""
    begun = pair.clock.now()

    def strike(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags":
            if pair.clock.now() < begun + silent:
                raise throttled(call)
            if any(tag["Key"] == "image" for tag in call.parameters["Tags"]):
                raise Crash

    pair.sim.faults.before.append(strike)
    with pytest.raises(Crash):
        pair.service(**LONG).deploy("v2")
    pair.sim.faults.before.clear()


@pytest.mark.parametrize("tags", ["not shown yet", "taken off"])
@pytest.mark.parametrize("verb", ["resume", "rollback", "cleanup"])
def test_what_has_changed_something_is_not_over(verb: str, tags: str) -> None:
    """Old is pinned and new silenced by then: the release stays on record, and with its tag it is taken back whole."""
    pair = virtual(instances=2, minimum=1, maximum=8)
    before = pair.picture()
    age = old_answers(pair)
    killed_before_the_image(pair, 75.0)
    if tags == "taken off":
        for group in pair.sim.groups.values():
            for key in KEYS:
                group.tags.pop(key, None)
    else:
        age[0] = 50.0
    ended = told(getattr(pair.service(**LONG), verb))
    assert ended is None or "had changed nothing yet" not in ended[1]
    age[0] = 0.0
    pair.run_for(70)
    if pair.release is not None:
        if tags == "taken off":
            pair.sim.groups[GREEN].tags["bluegreen:release"] = (current(pair).id, False)
        pair.service(**LONG).rollback()
    assert (None, before) == (pair.release, pair.picture())


@pytest.mark.parametrize("verb", ["resume", "rollback", "cleanup"])
def test_a_planted_rollback_launches_nothing(verb: str) -> None:
    """No tag names it, and nothing is parked: what serves serves alone, and the hint says how the record ends."""
    pair = virtual(instances=2, minimum=1, maximum=8)
    pair.service(**LONG).deploy("v2")
    planted = current(pair)
    pair.service(**LONG).finish()
    pair.run_for(120)
    doors = {"moving": planted.begun_at, "moved": planted.begun_at}
    rewrite(pair, sealed=True, release=attrs.evolve(planted, goal=ROLLBACK, milestones=doors, progress=()))
    _, _, hint = blocked(told(getattr(pair.service(**LONG), verb)))
    assert ({}, 2) == (pair.sim.states(BLUE), len(pair.sim.healthy(GREEN)))
    assert "`bluegreen close --reason TEXT web`" in hint


def test_a_silence_that_this_run_has_not_seen_moves_no_bake() -> None:
    """What is on record since when AWS does not tell is no word for it."""
    pair = cut("moved")
    before = current(pair)
    forge(pair, sealed=True, unsure_since=pair.clock.now() - 1e6)
    pair.service(bake=100.0).cleanup()
    assert (Status.OK, before.terms.bake) == (pair.service(bake=100.0).resume().status, current(pair).terms.bake)
