"""Exit status 0 says what several looks have shown, never what the record alone says."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status, Unreachable
from bluegreen.service import Ended
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK
from tests.scenarios.test_service import parked, passed, rewrite, served, writes
from tests.support.hands import asked, follow, tagged
from tests.support.virtual import BLUE, GREEN, Pair, virtual

VERBS = pytest.mark.parametrize("verb", [("deploy", "v2"), ("resume",)], ids=["deploy", "resume"])


def said(pair: Pair, *words: str, **settings: Any) -> Ended:
    """Return how a verb ends."""
    verb, *rest = words
    ended: Ended = getattr(pair.service(**settings), verb)(*rest)
    return ended


def take_back_by_hand(pair: Pair) -> None:
    """Bring the parked instances back and empty the new group, in the console."""
    asked(pair, "ExitStandby", BLUE, InstanceIds=list(pair.sim.states(BLUE)))
    pair.run_for(60)
    asked(pair, "UpdateAutoScalingGroup", GREEN, MinSize=0, MaxSize=0, DesiredCapacity=0)
    pair.run_for(120)


def sicken(pair: Pair, group: str = GREEN) -> None:
    """Let every instance of a group fail its checks."""
    for instance in pair.sim.healthy(group):
        pair.sim.sicken(instance)
    pair.run_for(30)


@VERBS
def test_what_stands_is_looked_at_several_times(verb) -> None:
    """Healthy, tagged, alone: 0, after three looks and without a write."""
    pair = parked()
    done, looks = writes(pair), []
    pair.sim.faults.before.append(lambda call: looks.append(1) if call.operation == "DescribeTargetHealth" else None)
    assert (Status.OK, [], True) == (said(pair, *verb).status, done, len(looks) >= 3)


@VERBS
def test_taken_back_by_hand(verb) -> None:
    """Blue serves again, green is empty: 4, not "v2 serves"; the command that the hint names helps."""
    pair = parked()
    take_back_by_hand(pair)
    done = writes(pair)
    ended = said(pair, *verb)
    assert (Status.BLOCKED, []) == (ended.status, done)
    assert ("web-blue" in ended.sentence, "`bluegreen rollback web`" in ended.hint) == (True, True)
    assert Status.OK == pair.service().rollback().status
    assert (Status.OK, {"v2"}) == (pair.service().deploy("v2").status, pair.images(GREEN))


@VERBS
def test_all_sick(verb) -> None:
    """No instance of green passes its checks: 4, and a rollback brings the parked ones back."""
    pair = parked()
    sicken(pair)
    ended = said(pair, *verb)
    assert (Status.BLOCKED, True) == (ended.status, "0 of " in ended.sentence)
    assert "`bluegreen rollback web`" in ended.hint
    assert (Status.OK, 2) == (pair.service().rollback().status, len(pair.sim.healthy(BLUE)))


@VERBS
def test_some_sick(verb) -> None:
    """Of four three are needed no less than four: what is left does not hold the floor."""
    pair = virtual(instances=4)
    pair.service().deploy("v2")
    pair.run_for(30)
    for instance in pair.sim.healthy(GREEN)[:2]:
        pair.sim.sicken(instance)
    pair.run_for(30)
    ended = said(pair, *verb)
    assert (Status.BLOCKED, True) == (ended.status, "2 of 4" in ended.sentence)


@VERBS
def test_both_serve(verb) -> None:
    """Somebody brought one old instance back beside the new ones: 4, and a finish ends it under v2."""
    pair = parked()
    asked(pair, "ExitStandby", BLUE, InstanceIds=list(pair.sim.states(BLUE))[:1])
    pair.run_for(120)
    ended = said(pair, *verb)
    assert (Status.BLOCKED, True) == (ended.status, "`bluegreen finish web`" in ended.hint)
    assert (Status.OK, []) == (pair.service().finish().status, pair.sim.healthy(BLUE))


@VERBS
def test_another_tag(verb) -> None:
    """The next scale-out would launch another version: 4, and the command to type puts it right."""
    pair = parked()
    tagged(pair, GREEN, "v1")
    pair.run_for(90)
    ended = said(pair, *verb)
    assert (Status.BLOCKED, True) == (ended.status, "v1" in ended.sentence)
    assert follow(pair, ended.hint, GREEN)
    pair.run_for(60)
    assert Status.OK == said(pair, *verb).status


@VERBS
def test_one_that_boots_is_waited_for(verb) -> None:
    """A fresh instance is on its way into service: it is waited for, not called a fault."""
    pair = parked(boot=40.0)
    pair.sim.kill(pair.sim.healthy(GREEN)[0])
    pair.run_for(20)
    assert Status.OK == said(pair, *verb).status
    assert 2 == len(pair.sim.healthy(GREEN))


@VERBS
def test_a_balancer_that_does_not_know_is_no_no(verb) -> None:
    """For a minute AWS says "unavailable": looked at until it knows."""
    pair = parked()
    until = pair.clock.now() + 60.0
    pair.sim.faults.after.append(lambda call, answer: unavailable(call, answer) if pair.clock.now() < until else None)
    assert (Status.OK, True) == (said(pair, *verb).status, pair.clock.now() >= until)


@VERBS
def test_a_balancer_that_never_knows_is_named(verb) -> None:
    """For some minutes, and no longer: 69, with its name, since nobody can say that v2 serves."""
    pair = parked()
    pair.sim.faults.after.append(lambda call, answer: unavailable(call, answer))
    began = pair.clock.now()
    with pytest.raises(Unreachable, match="web-0 does not know") as error:
        said(pair, *verb)
    assert (Status.UNREACHABLE, True) == (error.value.status, 120 < pair.clock.now() - began < 900)


def unavailable(call: Call, answer: Any) -> None:
    """Change the health of each target to what AWS says when it does not know."""
    for row in answer.get("TargetHealthDescriptions", ()) if call.operation == "DescribeTargetHealth" else ():
        row["TargetHealth"] = {"State": "unavailable", "Reason": "Elb.InternalError"}


@VERBS
def test_old_answers_do_not_make_a_fault(verb) -> None:
    """Right after the release, on answers of 50 seconds ago, it still stands: they are waited out."""
    pair, age = virtual(instances=2), [0.0]
    pair.sim.read_stale(lambda _: age[0])
    pair.service().deploy("v2")
    age[0] = 50.0
    assert Status.OK == said(pair, *verb).status


@VERBS
def test_a_release_of_tomorrow_is_not_waited_for(verb) -> None:
    """The machine that ended it may have had another date: an old answer is a minute old by our own clock."""
    pair = parked()
    tomorrow = {**pair.release.milestones, "deployed": pair.clock.now() + 86_400}
    rewrite(pair, release=attrs.evolve(pair.release, milestones=tomorrow))
    take_back_by_hand(pair)
    began = pair.clock.now()
    assert (Status.BLOCKED, True) == (said(pair, *verb).status, 60 <= pair.clock.now() - began < 120)


@VERBS
def test_a_silent_aws_is_asked_again(verb) -> None:
    """For half a minute there is no answer about health: that is no end."""
    pair = parked()
    until = pair.clock.now() + 30.0

    def silent(call: Call) -> None:
        if call.operation == "DescribeTargetHealth" and pair.clock.now() < until:
            raise throttled(call)

    pair.sim.faults.before.append(silent)
    assert (Status.OK, True) == (said(pair, *verb).status, pair.clock.now() >= until)


# ---- with no release open ----


def test_what_was_finished_and_is_sick_is_no_success() -> None:
    """The record and the tag agree, and no instance is healthy: 4, and the rollback that is named helps."""
    pair = served()
    sicken(pair)
    ended = said(pair, "deploy", "v2")
    assert (Status.BLOCKED, True) == (ended.status, "`bluegreen rollback web`" in ended.hint)
    assert (Status.OK, {"v1"}) == (pair.service().rollback().status, pair.images(BLUE))


@pytest.mark.parametrize("verb", ["finish", "resume"])
@pytest.mark.parametrize(("well", "status"), [(True, Status.OK), (False, Status.BLOCKED)])
def test_a_finish_cut_off_before_its_last_word_is_looked_at(verb, well, status) -> None:
    """Ended but for the closing of its record: it is closed now, and whether v2 serves is seen, not read."""
    pair = parked()
    release = pair.release
    pair.service().finish()
    ends = dict.fromkeys(("retiring", "finished"), pair.clock.now())
    turned = release.toward(FINISH, pair.clock.now(), milestones={**release.milestones, **ends})
    rewrite(pair, release=turned, history=())
    if not well:
        sicken(pair)
    assert (status, None) == (said(pair, verb).status, pair.release)


@pytest.mark.parametrize(("well", "status"), [(True, Status.OK), (False, Status.BLOCKED)])
def test_a_rollback_cut_off_before_its_last_word_is_looked_at(well, status) -> None:
    """The same of a rollback: whether blue serves is seen."""
    pair = parked()
    release = pair.release
    pair.service().rollback()
    ends = dict.fromkeys(("back", "restored"), pair.clock.now())
    turned = release.toward(ROLLBACK, pair.clock.now(), milestones={**release.milestones, **ends})
    rewrite(pair, release=turned, history=())
    if not well:
        sicken(pair, BLUE)
    assert (status, None) == (said(pair, "rollback").status, pair.release)


@pytest.mark.parametrize("verb", ["finish", "resume"])
def test_instances_in_standby_are_not_nothing(verb) -> None:
    """No release is open, two instances are parked: "nothing is parked" would be a lie; the hint's command helps."""
    pair = virtual(instances=3)
    ids = list(pair.sim.states(BLUE))[:2]
    asked(pair, "EnterStandby", BLUE, InstanceIds=ids, ShouldDecrementDesiredCapacity=True)
    pair.run_for(60)
    ended = said(pair, verb)
    assert (Status.BLOCKED, True) == (ended.status, "2 instances of web-blue" in ended.sentence)
    assert follow(pair, ended.hint, BLUE)
    assert (Status.OK, 3) == (said(pair, verb).status, len(pair.sim.healthy(BLUE)))


@pytest.mark.parametrize("verb", ["finish", "resume"])
def test_a_stranger_is_still_refused(verb) -> None:
    """The tags tell of a release that no record knows."""
    pair = parked()
    document, version = pair.store.read("web")
    pair.store.write("web", attrs.evolve(document, release=None), version)
    with pytest.raises(Refused, match="does not know"):
        said(pair, verb)
    assert passed(pair, "deployed")() is False
