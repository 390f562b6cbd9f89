"""What each verb refuses, carries on, or leaves alone: a pair in virtual time, the tool as users run it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status, Unreachable, Unrecorded
from bluegreen.flow.limits import Pace
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.report.status import status_text
from bluegreen.service import Ended, Service
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.at_work.pair import kind_of
from bluegreen.targets.pair.aws.adapter import Aws
from bluegreen.targets.pair.model.fleet import Machine
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, MARK, ROLLBACK
from bluegreen.targets.seam.finding import REFUSED
from tests.battery.troubles import no_connection
from tests.support.hands import edit, type_in, unseal
from tests.support.story import Crash, unlike
from tests.support.virtual import BLUE, GREEN, Pair, Plugged, virtual
from tests.support.watching import colours_serving, left_over

LONG = 5000.0
"""Seconds that are longer than every deadline here."""


def writes(pair: Pair) -> list[str]:
    """Return a list that gets the name of each writing call from now on."""
    found: list[str] = []
    pair.sim.faults.before.append(lambda call: None if call.reads else found.append(call.operation))
    return found


def cut(pair: Pair, when: Callable[[], bool], verb: str = "deploy", *words: Any, **settings: Any) -> Ended:
    """Run a verb until ``when`` holds, and stop it there with a signal."""
    service = pair.service(stop=lambda: 15 if when() else None, **settings)
    ended: Ended = getattr(service, verb)(*words)
    assert Status.TERMINATED == ended.status
    return ended


def passed(pair: Pair, milestone: str) -> Callable[[], bool]:
    """Return whether the record has passed a milestone, to be asked later."""
    return lambda: pair.release is not None and pair.release.passed(milestone)


def begun(pair: Pair) -> Callable[[], bool]:
    """Return whether anything has been written to the new group, to be asked later."""
    return lambda: pair.sim.groups[GREEN].minimum > 0


def silence(pair: Pair, *, under_lease: bool = False) -> list[str]:
    """Let AWS not answer, where so asked only while somebody has the lease; return the goals on record meanwhile."""
    seen: list[str] = []

    def away(call: Call) -> None:
        document, _ = pair.store.read("web")
        if document is not None and document.release is not None and (document.lease or not under_lease):
            seen.append(document.release.goal)
            raise no_connection(call)

    pair.sim.faults.before.append(away)
    return seen


def epoch(pair: Pair) -> int:
    """Return how often the lease was taken."""
    document, _ = pair.store.read("web")
    return 0 if document is None else document.epoch


def rewrite(pair: Pair, **changes: Any) -> None:
    """Change the record as nobody should."""
    document, version = pair.store.read("web")
    unseal(pair)
    pair.store.write("web", attrs.evolve(document, **changes), version)


def served(image: str = "v2", **settings: Any) -> Pair:
    """Return a pair whose green side serves ``image``, the old instances gone."""
    pair = virtual(instances=2, **settings)
    pair.service().deploy(image)
    pair.service().finish()
    return pair


def parked(**settings: Any) -> Pair:
    """Return a pair whose green side serves v2, the old instances parked."""
    pair = virtual(instances=2, **settings)
    pair.service().deploy("v2")
    pair.run_for(30)
    return pair


# ---- deploy ----


def test_what_serves_already_is_not_deployed_again() -> None:
    """With the record and the tag agreeing there is nothing to do, and nothing is written."""
    pair = served()
    done = writes(pair)
    ended = pair.service().deploy("v2")
    assert (Status.OK, True, []) == (ended.status, "nothing to do" in ended.sentence, done)


def test_a_tag_without_a_record_is_not_believed() -> None:
    """The tag may say v1, but no record says that v1 was released: it is deployed."""
    pair = virtual(instances=2)
    assert (Status.OK, [GREEN]) == (pair.service().deploy("v1").status, colours_serving(pair))


def test_a_record_without_the_tag_is_not_believed() -> None:
    """With another tag the next launch would run another version: the image is deployed again."""
    pair = served()
    tag = {"Key": "image", "Value": "v1", "ResourceId": GREEN, "ResourceType": "auto-scaling-group"}
    pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**tag, "PropagateAtLaunch": False}]})
    assert (Status.OK, [BLUE]) == (pair.service().deploy("v2").status, colours_serving(pair))


def test_a_tag_that_disagrees_with_the_record_is_not_believed() -> None:
    """The tag says v1 again, but v2 was released last: v1 is deployed."""
    pair = served()
    tag = {"Key": "image", "Value": "v1", "ResourceId": GREEN, "ResourceType": "auto-scaling-group"}
    pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**tag, "PropagateAtLaunch": False}]})
    assert (Status.OK, {"v1"}) == (pair.service().deploy("v1").status, pair.images(BLUE))


def test_what_was_rolled_back_is_not_serving() -> None:
    """The newest release that was finished counts, not the newest that was tried."""
    pair = served()
    pair.service().deploy("v3")
    pair.service().rollback()
    done = writes(pair)
    assert ("nothing to do" in pair.service().deploy("v2").sentence, done) == (True, [])
    assert (Status.OK, {"v3"}) == (pair.service().deploy("v3").status, pair.images(BLUE))


def test_another_image_is_refused_while_instances_are_parked() -> None:
    """What is parked is kept for a rollback until a person lets it go; the same image is served already."""
    pair = parked()
    done = writes(pair)
    with pytest.raises(Refused, match="still parked") as refusal:
        pair.service().deploy("v3")
    assert ("finish web` first" in refusal.value.hint, "--finish-first" in refusal.value.hint) == (True, True)
    ended = pair.service().deploy("v2")
    assert (Status.OK, True, []) == (ended.status, "nothing to do" in ended.sentence, done)


def test_another_image_is_refused_while_a_release_is_under_way() -> None:
    """A deployment does not take the place of one that was cut off; finish-first changes nothing about that."""
    pair = virtual(instances=2)
    cut(pair, begun(pair), "deploy", "v2")
    done = writes(pair)
    for finish_first in (False, True):
        with pytest.raises(Refused, match="the deploy of v2, begun by test@here, is not over"):
            pair.service().deploy("v3", finish_first=finish_first)
    assert [] == done


def test_the_same_image_is_refused_while_it_is_rolled_back() -> None:
    """A rollback is carried on or taken back by name, not turned around by a deployment of the same image."""
    pair = parked()
    cut(pair, lambda: pair.release.goal == ROLLBACK, "rollback")
    with pytest.raises(Refused, match="the rollback of v2"):
        pair.service().deploy("v2")
    assert ROLLBACK == pair.release.goal


def test_the_same_command_carries_on_however_late() -> None:
    """What was cut off before lunch is carried on after it, by the same release, with its deadlines begun anew."""
    pair = virtual(instances=2)
    cut(pair, begun(pair), "deploy", "v2")
    identity = pair.release.id
    pair.run_for(LONG)
    ended = pair.service().deploy("v2")
    assert (Status.OK, identity, [GREEN]) == (ended.status, ended.release.id, colours_serving(pair))


def test_a_hotfix_brings_new_up_before_it_touches_the_broken_group() -> None:
    """Where no target is healthy a balancer may ask them all: the broken group stays until a new instance serves."""
    pair = virtual(instances=4, minimum=1)
    for instance in pair.sim.healthy(BLUE):
        pair.sim.sicken(instance)
    pair.run_for(20.0)
    healthy: list[int] = []
    waves = {"EnterStandby"}
    pair.sim.faults.before.append(
        lambda call: healthy.append(len(pair.sim.healthy(GREEN))) if call.operation in waves else None
    )
    assert (Status.OK, [4]) == (pair.service().deploy("v2").status, healthy)


def test_finish_first_retires_and_then_deploys() -> None:
    """One word makes room for the next image."""
    pair = parked()
    ended = pair.service().deploy("v3", finish_first=True)
    assert (Status.OK, {"v3"}, [BLUE]) == (ended.status, pair.images(BLUE), colours_serving(pair))
    pair.run_for(30.0)
    assert {"Standby"} == set(pair.sim.states(GREEN).values())


def test_finish_first_of_the_same_image_retires_nothing() -> None:
    """Nothing is let go for a deployment that there is no need of."""
    pair = parked()
    done = writes(pair)
    assert ("nothing to do" in pair.service().deploy("v2", finish_first=True).sentence, done) == (True, [])


def test_finish_first_looks_whether_the_deployment_is_refused() -> None:
    """What could be rolled back to is not let go for a deployment that will not begin."""
    pair = parked()
    suspended = {"AutoScalingGroupName": GREEN, "ScalingProcesses": ["Launch"]}
    pair.sim.call("autoscaling", "SuspendProcesses", suspended)
    done = writes(pair)
    with pytest.raises(Refused, match="Launch of web-green is suspended"):
        pair.service().deploy("v3", finish_first=True)
    assert (["Standby", "Standby"], []) == (list(pair.sim.states(BLUE).values()), done)


def test_finish_first_does_not_deploy_over_a_finish_that_was_stopped() -> None:
    """How the finish ended is how the command ends."""
    pair = parked()
    service = pair.service(stop=lambda: 15 if pair.release.goal == FINISH else None)
    ended = service.deploy("v3", finish_first=True)
    assert (Status.TERMINATED, "v2") == (ended.status, pair.release.image)


@pytest.mark.parametrize("when", ["begun", "retiring"])
def test_finish_first_that_was_cut_off_is_carried_on_by_the_same_command(when) -> None:
    """Cut off while it retires, it goes on retiring, and then deploys."""
    pair = parked()
    cut(pair, lambda: pair.release.goal == FINISH and (when == "begun" or pair.release.passed(when)), "finish")
    ended = pair.service().deploy("v3", finish_first=True)
    assert (Status.OK, {"v3"}, [BLUE]) == (ended.status, pair.images(BLUE), colours_serving(pair))


# ---- rollback ----


def test_a_first_release_that_serves_is_not_rolled_back() -> None:
    """There is nothing to go back to: it is carried on, never taken to zero."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    service = pair.service(stop=lambda: 15 if passed(pair, "moving")() else None)
    service.deploy("v1", capacity=2)
    with pytest.raises(Refused, match="v1 is the first release"):
        pair.service().rollback()
    assert (Status.OK, [BLUE]) == (pair.service().resume().status, colours_serving(pair))


def test_a_first_release_that_does_not_serve_yet_goes_back_to_zero() -> None:
    """Until it serves, a first release can be taken back."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    before = pair.picture()
    pair.service(stop=lambda: 15 if pair.sim.groups[BLUE].minimum else None).deploy("v1", capacity=2)
    ended = pair.service().rollback()
    assert (Status.OK, [], []) == (ended.status, colours_serving(pair), unlike(before, pair.picture()))
    assert ("back to zero" in ended.sentence, left_over(pair)) == (True, {})


def test_rollback_with_nothing_parked_deploys_what_ran_before() -> None:
    """A second rollback goes further back, and not forward again to what the first one undid."""
    pair = served("v2")
    pair.service().deploy("v3")
    pair.service().finish()
    assert "v2" == pair.service().previous_image()
    ended = pair.service().rollback()
    assert (Status.OK, "v3", {"v2"}) == (ended.status, ended.release.instead_of, pair.images(BLUE) | pair.images(GREEN))
    pair.service().finish()
    pair.service().rollback()
    pair.service().finish()
    assert ({"v1"}, None) == (pair.images(BLUE) | pair.images(GREEN), pair.service().previous_image())
    with pytest.raises(Refused, match="no earlier version"):
        pair.service().rollback()


def test_what_was_rolled_back_is_not_gone_back_to() -> None:
    """A release that was taken back never was what ran before."""
    pair = served("v2")
    pair.service().deploy("v3")
    pair.service().rollback()
    assert "v1" == pair.service().previous_image()


def test_rollback_without_a_record_is_refused() -> None:
    """A pair that the tool never released to has nothing to go back to."""
    pair = virtual(instances=2)
    done = writes(pair)
    with pytest.raises(Refused, match="no earlier version is on record"):
        pair.service().rollback()
    assert [] == done


def test_an_urgent_rollback_is_on_record_as_one() -> None:
    """Cut off, it is carried on as urgently."""
    pair = parked()
    pair.service(stop=lambda: 15).rollback(urgent=True)
    assert (True, ROLLBACK) == (pair.release.urgent, pair.release.goal)


def test_a_rollback_is_on_record_whatever_aws_answers() -> None:
    """What a person asked for is not lost with a run that AWS does not answer: it looks for the seal alone before."""
    pair = parked()
    seen = silence(pair)
    stopped = pair.service(stop=lambda: 15 if seen else None).rollback()
    assert (Status.TERMINATED, ROLLBACK) == (stopped.status, pair.release.goal)
    assert "that v2 is taken back is on record" in stopped.sentence


# ---- finish ----


@pytest.mark.parametrize("milestone", ["moving", "moved"])
def test_a_deployment_under_way_is_not_finished(milestone) -> None:
    """Nothing is retired before the new image has proved itself."""
    pair = virtual(instances=2)
    cut(pair, passed(pair, milestone), "deploy", "v2", bake=100.0)
    done = writes(pair)
    with pytest.raises(Refused, match="the deploy of v2 is not over, so nothing can be retired"):
        pair.service().finish()
    assert [] == done


def test_a_rollback_under_way_is_not_finished() -> None:
    """What is on its way back is not retired."""
    pair = parked()
    cut(pair, lambda: pair.release.goal == ROLLBACK, "rollback")
    with pytest.raises(Refused, match="the rollback of v2 is not over"):
        pair.service().finish()


def test_a_finish_that_was_cut_off_is_finished() -> None:
    """The same command again carries on."""
    pair = parked()
    cut(pair, passed(pair, "retiring"), "finish")
    assert (Status.OK, {}) == (pair.service().finish().status, left_over(pair))


def test_finish_with_keep_leaves_them_running_unmarked() -> None:
    """Kept instances are nobody's any more: in no group, in no balancer, without our mark, alive."""
    pair = parked()
    ids = set(pair.sim.states(BLUE))
    ended = pair.service().finish(keep=True)
    told = f"{len(ids)} instances of v1 run on in no group, kept: {', '.join(sorted(ids)[:3])}"
    assert (Status.OK, told) == (ended.status, ended.sentence.partition("; ")[2])
    assert (ids, []) == (set(pair.sim.orphans()), marked(pair))
    pair.run_for(LONG)
    assert (None, ids) == (pair.service().cleanup(), set(pair.sim.orphans()))


def test_nothing_to_finish() -> None:
    """Without a release there is nothing to retire, and that is fine."""
    assert Status.OK == virtual(instances=2).service().finish().status


def test_parked_counts_what_is_kept_for_a_rollback() -> None:
    """Two are parked once deployed, none before and none after the finish."""
    pair = virtual(instances=2)
    counts = [pair.service().parked().count]
    cut(pair, passed(pair, "moved"), "deploy", "v2", bake=100.0)
    counts.append(pair.service().parked().count)
    pair.service().resume()
    counts.append(pair.service().parked().count)
    pair.service().finish()
    assert [0, 0, 2, 0] == [*counts, pair.service().parked().count]


# ---- resume ----


def test_nothing_to_resume() -> None:
    """With nothing under way, or only parked instances, nothing is written."""
    pair = virtual(instances=2)
    assert Status.OK == pair.service().resume().status
    pair.service().deploy("v2")
    done = writes(pair)
    ended = pair.service().resume()
    assert (Status.OK, True, []) == (ended.status, "are parked" in ended.sentence, done)


def test_resume_begins_the_deadlines_anew() -> None:
    """However long nobody worked on it, a person wants it carried on, not rolled back."""
    pair = virtual(instances=2)
    cut(pair, begun(pair), "deploy", "v2")
    pair.run_for(LONG)
    assert (Status.OK, [GREEN]) == (pair.service().resume().status, colours_serving(pair))


def test_resume_of_a_rollback_that_nobody_asked_for_is_no_success() -> None:
    """A deployment that turned around ends with exit status 3, whoever carries it to its end."""
    pair = virtual(instances=2)
    cut(pair, lambda: pair.release is not None and pair.release.goal == ROLLBACK, "deploy", "bad-v2")
    assert (Status.ROLLED_BACK, [BLUE]) == (pair.service().resume().status, colours_serving(pair))


def test_resume_of_a_rollback_that_was_asked_for_is_one() -> None:
    """What was wanted is what is there."""
    pair = parked()
    cut(pair, lambda: pair.release.goal == ROLLBACK, "rollback")
    assert (Status.OK, [BLUE]) == (pair.service().resume().status, colours_serving(pair))


def test_the_release_is_on_record_before_the_first_write() -> None:
    """Killed right behind it, the record knows what was meant."""
    pair = virtual(instances=2)
    known: list[bool] = []
    pair.sim.faults.before.append(lambda call: None if call.reads else known.append(pair.release is not None))
    pair.service().deploy("v2")
    assert {True} == set(known)
    pair.service(stop=lambda: 15).finish()
    assert FINISH == pair.release.goal


# ---- clean-up ----


def test_a_cleanup_with_nothing_to_do_takes_no_lease() -> None:
    """Cron looks first: with nothing open, or parked ones within their time, nobody is kept out."""
    pair = virtual(instances=2)
    assert (None, 0) == (pair.service().cleanup(), epoch(pair))
    pair.service().deploy("v2")
    assert (None, 1) == (pair.service().cleanup(), epoch(pair))


def test_a_cleanup_finishes_what_is_past_its_time() -> None:
    """Parked instances stay for the time that they are kept, to the second, and no longer."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    ends = pair.release.milestones["deployed"] + 600.0
    pair.run_for(ends - pair.clock.now() - 1.0)
    assert (None, 2) == (pair.service().cleanup(), len(pair.sim.states(BLUE)))
    pair.run_for(2.0)
    ended = pair.service().cleanup()
    assert (Status.OK, {}, None) == (ended and ended.status, left_over(pair), pair.release)


@pytest.mark.parametrize("under_lease", [False, True])
def test_a_cleanup_retires_nothing_while_aws_does_not_answer(under_lease) -> None:
    """Whether new serves is not known: no finish is put on record either, which would be carried on as asked for."""
    pair = parked()
    pair.run_for(700.0)
    seen = silence(pair, under_lease=under_lease)
    with pytest.raises(Unreachable):
        pair.service().cleanup()
    assert ({DEPLOY}, DEPLOY, 2) == (set(seen), pair.release.goal, len(pair.sim.states(BLUE)))


def test_a_cleanup_looks_again_under_the_lease() -> None:
    """What somebody else did between the first look and the lease is not undone."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.run_for(700.0)

    class Late(MemoryStore):
        """A record whose keep time somebody makes longer right after the first look."""

        reads = 0

        def read(self, service: str) -> tuple[Document | None, Version]:
            document, version = pair.store.read(service)
            self.reads += 1
            if self.reads == 1 or document is None or document.release is None:
                return document, version
            return attrs.evolve(document, release=document.release.with_terms(keep_parked=1e6)), version

        def write(self, service: str, document: Document, expected: Version) -> Version:
            return pair.store.write(service, document, expected)

    service = pair.service()
    service.session.store = Late()
    unseal(pair)
    assert (None, 2) == (service.cleanup(), len(pair.sim.states(BLUE)))


@pytest.mark.parametrize("milestone", ["moving", "moved"])
def test_a_cleanup_carries_on_what_was_cut_off(milestone) -> None:
    """Within the total deadline, or after the switch, patience begins anew; the release is not finished by that."""
    pair = virtual(instances=2)
    cut(pair, passed(pair, milestone), "deploy", "v2")
    pair.run_for(200.0)
    ended = pair.service().cleanup()
    pair.run_for(30.0)
    assert (Status.OK, [GREEN], {"Standby"}) == (
        ended and ended.status,
        colours_serving(pair),
        set(pair.sim.states(BLUE).values()),
    )


def test_a_cleanup_begins_patience_anew() -> None:
    """The time in which nobody worked on it is not held against what was cut off."""
    pair = virtual(instances=2)
    pair.sim.fail_launches(GREEN, until=pair.clock.now() + 105.0)
    cut(pair, begun(pair), "deploy", "v2")
    pair.run_for(100.0)
    ended = pair.service().cleanup()
    assert (Status.OK, [GREEN]) == (ended and ended.status, colours_serving(pair))


def test_a_cleanup_rolls_back_what_is_past_its_total_deadline() -> None:
    """Cron is nobody who wants it carried on however late: before the switch, the deadline stands."""
    pair = virtual(instances=2)
    before = pair.picture()
    cut(pair, begun(pair), "deploy", "v2")
    pair.run_for(LONG)
    ended = pair.service().cleanup()
    assert (Status.ROLLED_BACK, []) == (ended and ended.status, unlike(before, pair.picture()))
    assert "the deadline has passed before the switch" in ended.sentence


def test_a_cleanup_after_the_switch_carries_on_however_late() -> None:
    """Once the traffic has moved, the total deadline does not count any more."""
    pair = virtual(instances=2)
    cut(pair, passed(pair, "moved"), "deploy", "v2")
    pair.run_for(LONG)
    ended = pair.service().cleanup()
    assert (Status.OK, [GREEN]) == (ended and ended.status, colours_serving(pair))


def tag(pair: Pair, ids: Any, value: str) -> None:
    """Mark instances."""
    pair.sim.call("ec2", "CreateTags", {"Resources": list(ids), "Tags": [{"Key": MARK, "Value": value}]})


def marked(pair: Pair) -> list[str]:
    """Return the marked instances that are not gone."""
    return [machine.id for machine in pair.aws.machines_marked(MARK) if not machine.gone]


def lost(value: str = "") -> tuple[Pair, list[str]]:
    """Return a pair with two detached instances that carry the mark of a finish, or ``value``, and their ids."""
    pair = parked()
    pair.service().finish(keep=True)
    ids = sorted(pair.sim.orphans())
    tag(pair, ids, value or past_id(pair))
    return pair, ids


def past_id(pair: Pair) -> str:
    """Return the id of the release that ended last, which is what its mark says."""
    document, _ = pair.store.read("web")
    return document.history[-1].id


def balanced(pair: Pair, ids: list[str], call: str) -> None:
    """Register instances in the pair's target group, or take them out."""
    arn = pair.sim.call("elbv2", "DescribeTargetGroups", {})["TargetGroups"][0]["TargetGroupArn"]
    pair.sim.call("elbv2", call, {"TargetGroupArn": arn, "Targets": [{"Id": i} for i in ids]})


@pytest.mark.parametrize("known", [True, False], ids=["of-a-release-on-record", "of-none"])
def test_a_cleanup_terminates_nothing_that_a_release_has_left(known: bool) -> None:
    """A mark says no more than that an instance was to go once: a person is told, with its id and the command."""
    pair, ids = lost()
    if not known:
        rewrite(pair, history=())
    told = [pair.service().cleanup() for _ in range(2)]
    assert [(Status.BLOCKED, True)] * 2 == [(one and one.status, all(i in one.sentence for i in ids)) for one in told]
    assert (ids, ids) == (marked(pair), sorted(pair.sim.orphans()))
    type_in(pair, told[0].hint.split("`")[1])
    assert (None, []) == (pair.service().cleanup(), marked(pair))


@pytest.mark.parametrize("value", ["api:1", "website:1", "web"])
def test_a_cleanup_leaves_what_another_service_marked(value) -> None:
    """A mark names its service."""
    pair, ids = lost(value)
    assert (None, ids) == (pair.service().cleanup(), marked(pair))


def test_a_cleanup_leaves_what_is_in_a_group() -> None:
    """Marked, but somebody attached it: a member is nobody's leftover."""
    pair, ids = lost()
    members = sorted(pair.sim.states(GREEN))
    pair.sim.call("ec2", "DeleteTags", {"Resources": ids, "Tags": [{"Key": MARK}]})
    balanced(pair, members, "DeregisterTargets")
    pair.run_for(30.0)
    tag(pair, members, past_id(pair))
    assert (None, members) == (pair.service().cleanup(), sorted(marked(pair)))


def test_a_cleanup_leaves_what_is_in_a_balancer() -> None:
    """Marked and detached, but it takes requests: somebody needs it."""
    pair, ids = lost()
    balanced(pair, ids, "RegisterTargets")
    assert (None, ids) == (pair.service().cleanup(), marked(pair))


@pytest.mark.parametrize("look", [1, 2, 3])
def test_a_cleanup_needs_three_looks_that_agree(look) -> None:
    """What any of three looks shows in a balancer is left alone; two looks before them are for the groups' tags."""
    pair, ids = lost()
    looks: list[float] = []

    def in_and_out(call: Call) -> None:
        if call.operation == "DescribeTargetHealth":
            looks.append(pair.clock.now())
            if len(looks) == look + 2:
                balanced(pair, ids, "RegisterTargets")

    pair.sim.faults.before.append(in_and_out)
    assert (None, ids, look + 2) == (pair.service().cleanup(), marked(pair), len(looks))
    assert sorted(set(looks[2:])) == looks[2:]


def test_a_cleanup_does_not_see_what_is_going_already() -> None:
    """An instance that shuts down needs nobody."""
    pair, ids = lost()
    pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": ids})
    done = writes(pair)
    assert (None, []) == (pair.service().cleanup(), done)


class Stale(Aws):
    """AWS whose search still finds what is going."""

    def machines_marked(self, key: str, prefix: str = "") -> tuple[Machine, ...]:
        """Return one that shuts down."""
        return (Machine("i-0123", "shutting-down", {key: f"{prefix}1"}),)


def test_a_cleanup_believes_the_state_rather_than_the_search() -> None:
    """EC2 filters by state, and its answers may be late: what shuts down is neither terminated again nor reported."""
    pair = served()
    service = pair.service()
    stale = Stale(Plugged(pair.sim), pair.clock, parallel=1)
    service = Service(service.session, kind_of(stale))
    done = writes(pair)
    assert (None, []) == (service.cleanup(), done)


# ---- check and status ----


def test_check_of_a_pair_that_is_fit() -> None:
    """A fit pair, or an empty one, is told nothing that would be refused."""
    pairs = virtual(instances=2), virtual(instances=0, minimum=0, maximum=4)
    assert [[], []] == [[f for f in pair.service().check() if f.level == REFUSED] for pair in pairs]


def test_check_of_an_open_release() -> None:
    """While a release is open its own doings are not reported as faults: that it is open is."""
    pair = parked()
    (finding,) = pair.service().check()
    assert (REFUSED, True) == (finding.level, "the deploy of v2, begun by test@here, is still open" in finding.sentence)


class Full(MemoryStore):
    """A store that has no room for events."""

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Fail."""
        raise Unrecorded("the disk is full")


def test_a_history_that_cannot_be_kept_stops_what_it_would_announce() -> None:
    """A listener may fail, the history belongs to the record: nothing is done that it cannot tell of."""
    pair = virtual()
    pair.store = Full()
    before = pair.picture()
    with pytest.raises(Unrecorded):
        pair.service().deploy("v2")
    assert before == pair.picture()


@pytest.mark.parametrize(("attended", "after"), [(True, "held"), (False, "carried on")])
def test_a_cancelled_job_is_no_persons_ctrl_c(attended: bool, after: str) -> None:
    """SIGINT without a terminal (actions/runner 1309) ends with 130 as well, and cron carries on what it cut off."""
    pair = virtual(instances=2)
    told: list[int] = []
    pair.sim.faults.before.append(lambda call: told.extend([2] if call.operation == "EnterStandby" else []))
    service = pair.service(stop=lambda: told[0] if told else None)
    service.session.attended = attended
    assert Status.INTERRUPTED == service.deploy("v2").status
    swept = pair.service().cleanup()
    assert after == ("held" if swept is None else "carried on")


def status_of(pair: Pair) -> list[str]:
    """Return what `status` says of both groups and the release, and what may be typed first."""
    told = status_text(pair.service().status()).splitlines()
    return [line for line in told if line[2:].startswith(("web-", "release ", "next "))]


def test_status_of_an_interrupted_deployment() -> None:
    """Killed when both versions serve, in the midst of the first wave: it says both, which release, and what now."""
    pair = virtual(instances=4, drain=30.0)

    def strike(call: Call, *_: object) -> None:
        if call.operation == "EnterStandby":
            raise Crash

    pair.sim.faults.before.append(strike)
    with pytest.raises(Crash):
        pair.service(pace=Pace(75, 125)).deploy("v2")
    pair.sim.faults.before.clear()
    assert [
        f"▶ {BLUE}   v1     4 of 4   0-8      suspended  ●●●●",
        f"▶ {GREEN}  v2     1 of 1   1-8      resumed    ●",
        "  release    deploy v1 → v2 by test@here, 22:13 UTC",
        "  next       bluegreen resume web    carries on",
    ] == status_of(pair)
    pair.service(pace=Pace(75, 125)).resume()
    assert [
        f"▶ {GREEN}  v2     4 of 4   1-8      resumed    ●●●●",
        f"  {BLUE}   v1     -        0-8      suspended  ◒◒◒◒  4 parking",
        "  release    deploy v1 → v2 by test@here, took 42 s, until 22:14 UTC",
        "  next       bluegreen rollback web  back to v1",
    ] == status_of(pair)


def test_status_while_new_comes_up() -> None:
    """Nothing of new is healthy yet: only the live group serves."""
    pair = virtual(instances=2)

    def strike(*_: object) -> None:
        if pair.sim.states(GREEN):
            raise Crash

    pair.sim.faults.before.append(strike)
    with pytest.raises(Crash):
        pair.service().deploy("v2")
    pair.sim.faults.before.clear()
    assert [
        f"▶ {BLUE}   v1     2 of 2   2-4      resumed    ●●",
        f"  {GREEN}  v2     0 of 2   2-4      suspended  ◌◌  2 starting",
    ] == (status_of(pair)[:2])


def test_status_of_two_that_serve_without_a_release() -> None:
    """Somebody has started the idle group by hand: it is not true that nothing serves."""
    pair = virtual(instances=2)
    edit(pair, GREEN, MinSize=1, MaxSize=1)
    pair.run_for(60)
    counts = re.findall(r"\d of \d", " ".join(status_of(pair)))
    assert ["2 of 2", "1 of 1"] == counts
