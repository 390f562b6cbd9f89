"""Ghosts and dirty starts: mended, or refused with a command that helps; never worse than before."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import denied
from bluegreen.targets.pair.model.release import Bounds
from tests.support.hands import asked, edit, follow, tagged, unseal
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over


def haunted(dead: int, size: int = 3, after: float = 30.0, **settings: float) -> tuple[Pair, Watch, dict]:
    """Return a pair whose parked instances were terminated by hand, ``dead`` of them, some time ago."""
    pair = virtual(instances=size, **settings)
    before = pair.picture()
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": list(pair.sim.states(BLUE))[:dead]})
    pair.run_for(after)
    assert ["Standby"] * size == list(pair.sim.states(BLUE).values())
    return pair, Watch(pair, size), before


@pytest.mark.parametrize("after", [0.0, 30.0, 4000.0])
@pytest.mark.parametrize("dead", [1, 3])
def test_a_rollback_onto_parked_instances_that_were_terminated(dead, after) -> None:
    """The group still lists them as healthy: those that are replaced count as launches, and new stays until then."""
    pair, watch, before = haunted(dead, after=after, boot=8.0)
    ended = pair.service().rollback()
    assert (ended.status, watch.broken, unlike(before, pair.picture())) == (Status.OK, [], [])
    assert (left_over(pair), colours_serving(pair), pair.images(BLUE)) == ({}, [BLUE], {"v1"})


@pytest.mark.parametrize("after", [0.0, 30.0, 4000.0])
@pytest.mark.parametrize("dead", [1, 3])
def test_a_finish_over_parked_instances_that_were_terminated(dead, after) -> None:
    """What EC2 calls gone, or does not know any more, is detached and not waited for."""
    pair, watch, before = haunted(dead, after=after)
    ended = pair.service().finish()
    pair.run_for(30)
    assert (ended.status, watch.broken, unlike(before, pair.picture())) == (Status.OK, [], [])
    assert (left_over(pair), pair.sim.states(BLUE)) == ({}, {})


def test_a_finish_over_ghosts_asks_ec2_for_nothing_that_a_policy_must_refuse() -> None:
    """Only marked instances may be terminated, and the dead are not marked: they are detached without a dry run."""
    pair, _, _ = haunted(2)

    def only_marked(call: Call) -> None:
        if call.operation == "TerminateInstances":
            found = [pair.sim.machines[i] for i in call.parameters["InstanceIds"]]
            if any("bluegreen:retire" not in machine.tags for machine in found):
                raise denied(call)

    pair.sim.faults.before.append(only_marked)
    assert (pair.service().finish().status, left_over(pair)) == (Status.OK, {})


def test_an_instance_that_ec2_forgets_once_is_not_let_go_unmarked() -> None:
    """One answer without it proves nothing: it is marked, detached and terminated as the others."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    pair.run_for(30)
    (missing, *_), machines = pair.sim.states(BLUE), pair.sim.machines
    hidden, asked = [machines[missing]], []

    def forget(call: Call) -> None:
        if call.operation == "DescribeInstances":
            asked.append(call.number)
            machines.pop(missing, None) if len(asked) in (1, 2) else machines.setdefault(missing, *hidden)

    pair.sim.faults.before.append(forget)
    ended = pair.service().finish()
    pair.run_for(30)
    assert (ended.status, hidden[0].state, left_over(pair)) == (Status.OK, "terminated", {})


def test_a_deployment_over_a_ghost_is_refused_with_a_command_that_helps() -> None:
    """Without a record nobody knows whose it is; the hint names it, and the way out."""
    pair = virtual(instances=3)
    (ghost, *_) = pair.sim.states(GREEN) or pair.sim.states(BLUE)
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": BLUE, "MinSize": 0})
    parking = {"AutoScalingGroupName": BLUE, "InstanceIds": [ghost], "ShouldDecrementDesiredCapacity": True}
    pair.sim.call("autoscaling", "EnterStandby", parking)
    pair.run_for(30)
    pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": [ghost]})
    pair.run_for(30)
    (finding,) = [one for one in pair.service().check() if "in Standby" in one.sentence]
    assert (True, True) == (
        f"exit-standby --auto-scaling-group-name {BLUE} --instance-ids {ghost}" in finding.hint,
        f"detach-instances --auto-scaling-group-name {BLUE}" in finding.hint,
    )


@pytest.mark.parametrize("verb", ["finish", "rollback"])
def test_a_record_in_which_the_idle_side_has_a_minimum(verb) -> None:
    """As an earlier version may have written it: an idle group gets none, or it would launch for ever."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.run_for(30)
    document, version = pair.store.read("web")
    old = attrs.evolve(document.release, idle=Bounds(2, 6))
    unseal(pair)
    pair.store.write("web", attrs.evolve(document, release=old), version)
    assert getattr(pair.service(), verb)().status == Status.OK
    pair.run_for(60)
    idle = pair.sim.groups[GREEN if verb == "rollback" else BLUE]
    assert (idle.minimum, dict(idle.members), left_over(pair), len(colours_serving(pair))) == (0, {}, {}, 1)


def test_an_instance_that_somebody_parked_on_the_side_that_goes() -> None:
    """Scale-in never takes what is in Standby: the rollback asks for a person, and its hint ends it."""
    pair = virtual(instances=3)
    before, watch = pair.picture(), Watch(pair, 3)
    pair.service().deploy("v2")
    pair.run_for(30)
    one = list(pair.sim.states(GREEN))[:1]
    asked(pair, "EnterStandby", GREEN, InstanceIds=one, ShouldDecrementDesiredCapacity=False)
    pair.run_for(30)
    watch.broken.clear()
    ended = pair.service().rollback()
    assert (ended.status, "in Standby" in ended.sentence, one[0] in ended.hint) == (Status.BLOCKED, True, True)
    follow(pair, ended.hint, BLUE)
    assert (pair.service().resume().status, watch.broken, unlike(before, pair.picture())) == (Status.OK, [], [])
    assert (left_over(pair), colours_serving(pair)) == ({}, [BLUE])


def wanting(*, serving: bool) -> Pair:
    """Return a pair whose idle group wants one more of an old version than it may launch; it may have one already."""
    pair = virtual(instances=2, image="v1")
    tagged(pair, GREEN, "v0-ancient")
    edit(pair, GREEN, MinSize=0, MaxSize=2, DesiredCapacity=int(serving))
    pair.run_for(20)
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["Launch"])
    edit(pair, GREEN, DesiredCapacity=1 + serving)
    pair.run_for(20)
    return pair


@pytest.mark.parametrize("pause", [0.0, 20.0])
@pytest.mark.parametrize("serving", [False, True])
def test_what_a_refusal_says_typed_in_its_order_launches_no_old_version(serving: bool, pause: float) -> None:
    """Where Launch of the other group is suspended and it wants more, what it wants goes before Launch is resumed."""
    pair = wanting(serving=serving)
    launched, seen = [], set(pair.sim.states(GREEN))
    pair.sim.on_event(lambda: launched.extend(set(pair.sim.states(GREEN)) - seen))
    with pytest.raises(Refused) as refusal:
        pair.service().deploy("v2")
    follow(pair, refusal.value.hint, BLUE, pause)
    pair.run_for(60)
    assert ([], [BLUE], {}) == (launched, colours_serving(pair), pair.sim.states(GREEN))
    assert pair.service().deploy("v2").status == Status.OK


def test_what_check_says_typed_in_its_order_launches_nothing() -> None:
    """With twins whose schedules are at work the same holds: nothing of idle is resumed before they rest."""
    pair = wanting(serving=False)
    schedule: dict[str, Any] = {"Recurrence": "* * * * *", "MinSize": 1, "DesiredCapacity": 1}
    for group in (BLUE, GREEN):
        asked(pair, "PutScheduledUpdateGroupAction", group, ScheduledActionName="each minute", **schedule)
    hints = [one.hint for one in pair.service().check() if one.level == "refused"]
    follow(pair, "\n".join(hints), BLUE, 70.0)
    pair.run_for(300)
    assert (3, {}) == (len(hints), pair.sim.states(GREEN))
