"""What others do to a parked group between a switch and a rollback: told beforehand, and met by the rollback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status
from bluegreen.flow.events import EventKind
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import denied
from tests.battery.troubles import no_connection
from tests.scenarios.test_service import rewrite
from tests.support.hands import COMMAND, asked, edit, tagged, type_in
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, left_over

BOTH = ("target-group", "target-group")
LAUNCHES = "Launch of web-blue is suspended, so parked instances cannot come back"


def resting(**settings: Any) -> tuple[Pair, Watch]:
    """Return a pair whose green side serves v2 while three instances of v1 are parked, with a watch on the users."""
    pair = virtual(instances=3, **settings)
    watch = Watch(pair, 3)
    pair.service().deploy("v2")
    pair.run_for(60)
    return pair, watch


def bounds(pair: Pair, name: str) -> tuple[int, int]:
    """Return a group's minimum and maximum."""
    group = pair.sim.groups[name]
    return group.minimum, group.maximum


def target_groups(pair: Pair) -> list[str]:
    """Return the target groups of the blue side."""
    found = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": [BLUE]})
    arns: list[str] = found["AutoScalingGroups"][0]["TargetGroupARNs"]
    return arns


def cut_off(pair: Pair) -> None:
    """Take blue off its first target group, as an apply with the attachment inline does (terraform 14540)."""
    asked(pair, "DetachLoadBalancerTargetGroups", BLUE, TargetGroupARNs=target_groups(pair)[:1])


def cut_off_wholly(pair: Pair) -> None:
    """Take blue off all its target groups."""
    asked(pair, "DetachLoadBalancerTargetGroups", BLUE, TargetGroupARNs=target_groups(pair))


def one_dies(pair: Pair) -> None:
    """End one parked instance: its group goes on to call it Healthy."""
    pair.sim.kill(min(pair.sim.states(BLUE)))


def all_die(pair: Pair) -> None:
    """End all parked instances."""
    for instance in pair.sim.states(BLUE):
        pair.sim.kill(instance)


def all_fail(pair: Pair) -> None:
    """Let EC2's status checks of all parked instances fail."""
    for instance in pair.sim.states(BLUE):
        pair.sim.impair(instance)


def one_is_taken(pair: Pair) -> None:
    """Detach one parked instance."""
    asked(
        pair,
        "DetachInstances",
        BLUE,
        InstanceIds=[min(pair.sim.states(BLUE))],
        ShouldDecrementDesiredCapacity=False,
    )


def launches_rest(pair: Pair) -> None:
    """Suspend Launch of the parked group."""
    asked(pair, "SuspendProcesses", BLUE, ScalingProcesses=["Launch"])


def endings_rest(pair: Pair) -> None:
    """Suspend Terminate of the group that serves: AWS takes none of its instances away."""
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["Terminate"])


def retagged(pair: Pair) -> None:
    """Write another image into the parked group's tag (terraform 39594)."""
    tagged(pair, BLUE, "v9")


def made_small(pair: Pair) -> None:
    """Leave the parked group room for one."""
    edit(pair, BLUE, MaxSize=1)


def deleted(pair: Pair) -> None:
    """Delete the last target group, which both groups stay attached to."""
    arn, listeners = target_groups(pair)[-1], pair.sim.listeners
    for name in [name for name, one in listeners.items() if arn in repr(one)]:
        del listeners[name]
    pair.sim.call("elbv2", "DeleteTargetGroup", {"TargetGroupArn": arn})


MET: dict[str, tuple[Callable[[Pair], None], tuple[str, ...], tuple[str, int], Status | None]] = {
    "nothing": (lambda _: None, BOTH, ("warm", 3), None),
    "cut off": (cut_off, BOTH, ("partly", 3), Status.BLOCKED),
    "cut off wholly": (cut_off_wholly, BOTH, ("blocked", 0), Status.BLOCKED),
    "one dies": (one_dies, BOTH, ("partly", 2), Status.OK),
    "all die": (all_die, BOTH, ("cold", 0), Status.OK),
    "all fail status checks": (all_fail, BOTH, ("partly", 0), Status.OK),
    "one is taken": (one_is_taken, BOTH, ("partly", 2), Status.OK),
    "launches rest": (launches_rest, BOTH, ("blocked", 0), Status.BLOCKED),
    "new cannot go": (endings_rest, BOTH, ("partly", 3), Status.BLOCKED),
    "another tag": (retagged, BOTH, ("warm", 3), None),
    "no room": (made_small, BOTH, ("warm", 3), None),
    "deleted": (deleted, BOTH, ("partly", 3), Status.BLOCKED),
    "deleted, the only one": (deleted, BOTH[:1], ("blocked", 0), Status.BLOCKED),
}


@pytest.mark.parametrize(("others", "balancers", "told", "cron"), MET.values(), ids=MET)
def test_status_check_and_cron_tell_what_a_rollback_would_meet(others, balancers, told, cron) -> None:
    """Warm is what is warm; cron says what rots, once a minute at most (terraform-provider-aws 14540, 39594)."""
    pair, _ = resting(balancers=balancers)
    others(pair)
    pair.run_for(5)
    report = pair.service().status()
    warned = [finding.sentence for finding in pair.service().check()[1:]]
    ended = pair.service().cleanup()
    way = report.rollback
    assert (told, 3, cron) == ((way.kind, way.ready), way.of, None if ended is None else ended.status)
    known = (*report.troubles, *(one.id for one in report.parked if one.alive is False))
    assert [] == [sentence for sentence in warned if not any(sentence in one or one in sentence for one in known)]
    assert (others is not MET["nothing"][0]) == bool(warned)


COMES_BACK = {
    "one dies": one_dies,
    "all die": all_die,
    "all fail status checks": all_fail,
    "one is taken": one_is_taken,
    "another tag": retagged,
    "another tag, and one dies": lambda pair: (retagged(pair), one_dies(pair)),
    "no room": made_small,
}


@pytest.mark.parametrize("others", COMES_BACK.values(), ids=COMES_BACK)
def test_a_rollback_brings_back_what_can_come_back(others) -> None:
    """Three of v1 serve in the end whatever was done to the parked ones, and no request finds nobody."""
    pair, watch = resting()
    others(pair)
    pair.run_for(5)
    ended = pair.service().rollback()
    pair.run_for(60)
    assert (Status.OK, 3, {"v1"}, []) == (ended.status, len(pair.sim.healthy(BLUE)), pair.images(BLUE), watch.broken)


NEEDS_A_PERSON = {"launches rest": launches_rest, "cut off wholly": cut_off_wholly, "cut off": cut_off}


@pytest.mark.parametrize("others", NEEDS_A_PERSON.values(), ids=NEEDS_A_PERSON)
def test_what_only_a_person_can_put_right_is_named_with_the_command(others) -> None:
    """4, nothing is taken away, and what the hint says leads to the end."""
    pair, watch = resting(balancers=BOTH)
    others(pair)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, 3) == (ended.status, len(pair.sim.healthy(GREEN)))
    for command in COMMAND.findall(ended.hint.partition("; or")[0]):
        type_in(pair, command)
    pair.run_for(20)
    ended = pair.service().resume()
    assert (Status.OK, 3, []) == (ended.status, len(pair.sim.healthy(BLUE)), watch.broken)
    pair.run_for(60)
    assert {} == left_over(pair)


def test_old_that_is_cut_off_from_one_balancer_serves_in_the_other() -> None:
    """What can come back is back before a person is asked; --now goes on without the one."""
    pair, _ = resting(balancers=BOTH)
    cut_off(pair)
    first, second = (arn for arn in target_groups_of(pair, GREEN))
    assert Status.BLOCKED == pair.service().rollback().status
    assert (0, 3) == (len(healthy_in(pair, first, BLUE)), len(healthy_in(pair, second, BLUE)))
    assert Status.OK == pair.service().rollback(urgent=True).status
    assert ({"v1"}, set()) == (pair.images(BLUE), pair.images(GREEN))


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("later", [False, True], ids=["before", "in the middle"])
def test_new_that_cannot_go_is_named_with_the_command_while_old_serves_again(later, urgent) -> None:
    """Old is back at once, both versions serve, and the hint leads to the end; so it does from resume and from cron."""
    pair, watch = resting()
    if later:
        pair.sim.faults.before.append(lambda call: endings_rest(pair) if call.operation == "ExitStandby" else None)
    else:
        endings_rest(pair)
    ended = pair.service().rollback(urgent=urgent)
    assert (Status.BLOCKED, 3, 3) == (ended.status, len(pair.sim.healthy(BLUE)), len(pair.sim.healthy(GREEN)))
    way = "`aws autoscaling resume-processes --auto-scaling-group-name web-green --scaling-processes Terminate`"
    asleep = "Terminate of web-green is suspended"
    assert (True, f"{way}, then `bluegreen resume web`") == (asleep in ended.sentence, ended.hint)
    assert way in pair.service().resume().hint
    assert way in pair.service().cleanup().hint
    pair.sim.faults.before.clear()
    type_in(pair, COMMAND.findall(ended.hint)[0])
    assert (Status.OK, []) == (pair.service().resume().status, watch.broken)
    pair.run_for(60)
    assert {} == left_over(pair)


def ami_gone(pair: Pair) -> None:
    """Deregister the AMI of the parked group's template."""
    pair.sim.fail_launches(BLUE, message="The AMI ID ami-1 does not exist. Launching EC2 instance failed.")


def abandoned(pair: Pair) -> None:
    """Give the parked group a launch hook that nobody answers (moonshot 7)."""
    hook = {"LifecycleHookName": "h", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    asked(pair, "PutLifecycleHook", BLUE, **hook, HeartbeatTimeout=30, DefaultResult="ABANDON")


FAILING = {
    "the AMI is gone": (ami_gone, "web-blue cannot launch: The AMI ID ami-1 does not exist."),
    "a hook abandons": (abandoned, "ABANDON Result"),
}
ALONE = "`bluegreen rollback --now web` takes web-green away all the same: 2 instances of web-blue then serve alone"


@pytest.mark.parametrize(("others", "told"), FAILING.values(), ids=FAILING)
def test_a_fresh_launch_that_fails_in_a_rollback_is_told_in_awss_words(others, told) -> None:
    """By its end and by status, with the way out and what it costs; that one leads to the end."""
    pair, _ = resting()
    one_dies(pair)
    others(pair)
    pair.run_for(5)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, True, True) == (ended.status, told in ended.sentence, ALONE in ended.hint)
    assert told in pair.service().status().missing
    assert Status.OK == pair.service().rollback(urgent=True).status
    assert ({"v1"}, set()) == (pair.images(BLUE), pair.images(GREEN))


def test_a_rollback_goes_on_once_its_launches_were_put_right() -> None:
    """What failed before the person carried on does not block again."""
    pair, watch = resting()
    one_dies(pair)
    ami_gone(pair)
    assert Status.BLOCKED == pair.service().rollback().status
    pair.sim.launches.failures.clear()
    assert (Status.OK, 3, []) == (pair.service().resume().status, len(pair.sim.healthy(BLUE)), watch.broken)


def test_a_group_that_launches_nothing_is_named_while_a_deployment_waits_for_it() -> None:
    """Launch of the new group is suspended in the middle: what is waited for says so, with the command."""
    pair = virtual(instances=3)
    done: list[str] = []

    def strike(call: Call) -> None:
        if call.operation == "UpdateAutoScalingGroup" and not done:
            done.append(call.operation)
            asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["Launch"])

    pair.sim.faults.before.append(strike)
    ended = pair.service().deploy("v2")
    assert (Status.ROLLED_BACK, True) == (ended.status, "; Launch of web-green is suspended" in ended.sentence)


def target_groups_of(pair: Pair, group: str) -> list[str]:
    """Return the target groups of one side."""
    found = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": [group]})
    return sorted(found["AutoScalingGroups"][0]["TargetGroupARNs"])


def healthy_in(pair: Pair, arn: str, group: str) -> set[str]:
    """Return the members of a group that are healthy in one target group."""
    rows = pair.sim.call("elbv2", "DescribeTargetHealth", {"TargetGroupArn": arn})["TargetHealthDescriptions"]
    well = {row["Target"]["Id"] for row in rows if row["TargetHealth"]["State"] == "healthy"}
    return well & set(pair.sim.states(group))


def test_what_still_drains_serves_although_launches_rest() -> None:
    """Registered again at once: nothing but what is in Standby needs Launch."""
    pair = virtual(instances=3, drain=40.0)
    pair.service().deploy("v2")
    launches_rest(pair)
    ended = pair.service().rollback()
    assert (Status.BLOCKED, 3) == (ended.status, len(pair.sim.healthy(BLUE)))


def test_a_deleted_target_group_is_named_with_its_groups() -> None:
    """With no release open, too: check and status name it, and a deployment is refused."""
    pair = virtual(instances=3, balancers=BOTH)
    deleted(pair)
    told = [f"the target group web-1, to which {group} is attached, does not exist" for group in (BLUE, GREEN)]
    assert told == [one.sentence for one in pair.service().check() if "web-1" in one.sentence]
    assert told == [one.partition(":")[0] for one in pair.service().status().troubles]
    with pytest.raises(Refused, match=told[0]):
        pair.service().deploy("v2")


def test_the_only_target_group_that_was_deleted_is_named() -> None:
    """Nothing is registered anywhere, and that is why."""
    pair = virtual(instances=3)
    deleted(pair)
    with pytest.raises(Refused, match="the target group web-0, to which web-blue is attached, does not exist"):
        pair.service().check()


def test_what_waits_behind_a_deleted_target_group_is_told_so() -> None:
    """An instance dies in a release, and nothing launches in its place: why, and the commands that help, come along."""
    pair = virtual(instances=3, balancers=BOTH)
    done: list[str] = []

    def strike(call: Call) -> None:
        if call.operation == "SuspendProcesses" and not done:
            done.append(call.operation)
            deleted(pair)
            pair.sim.kill(next(iter(pair.sim.states(BLUE))))

    pair.sim.faults.before.append(strike)
    ended = pair.service().deploy("v2")
    told = [f"the target group web-1, to which {group} is attached, does not exist" for group in (BLUE, GREEN)]
    assert (Status.BLOCKED, told) == (ended.status, ended.sentence.split("; ")[-2:])
    assert "web-blue cannot launch: One or more target groups not found." in ended.sentence
    for command in COMMAND.findall(ended.hint):
        type_in(pair, command)
    assert (True, Status.ROLLED_BACK) == ("`bluegreen resume web`" in ended.hint, pair.service().resume().status)


def test_what_is_only_worth_knowing_stops_no_rollback() -> None:
    """Whether the parked instances run cannot be read: status says what it knows, and the rollback goes its way."""
    pair, watch = resting()

    def deny(call: Call) -> None:
        if call.operation == "DescribeInstances":
            raise denied(call)

    pair.sim.faults.before.append(deny)
    way = pair.service().status().rollback
    told = "whether 3 parked instances run is not checked: permission ec2:DescribeInstances"
    assert ("≈ 6 s to all 3 instances of v1", (told,)) == (way.sentence, way.details)
    assert (None, Status.OK) == (pair.service().cleanup(), pair.service().rollback().status)
    assert [] == watch.broken


@pytest.mark.parametrize("kind", ["target-group", "classic"])
def test_one_that_dies_while_it_drains_keeps_no_other_from_coming_back(kind: str) -> None:
    """AWS refuses to register all of a call for one that does not run: the others serve, and a fresh one."""
    pair = virtual(instances=3, balancers=(kind,), drain=60.0)
    pair.service().deploy("v2")
    one, *others = sorted(pair.sim.states(BLUE))
    assert "EnteringStandby" == pair.sim.states(BLUE)[one]
    pair.sim.kill(one)
    pair.run_for(3)
    watch = Watch(pair, 2)
    ended = pair.service().rollback()
    assert (Status.OK, 3, set(others), []) == (
        ended.status,
        len(pair.sim.healthy(BLUE)),
        set(others) & set(pair.sim.healthy(BLUE)),
        watch.broken,
    )


def test_status_checks_that_may_not_be_read_are_said_not_to_be() -> None:
    """Whether they run is known, and no more; why, too."""
    pair, _ = resting()

    def deny(call: Call) -> None:
        if call.operation == "DescribeInstanceStatus":
            raise denied(call)

    pair.sim.faults.before.append(deny)
    way = pair.service().status().rollback
    told = "3 parked instances run; EC2's status checks: not checked: permission ec2:DescribeInstanceStatus"
    assert ("warm", 3, (told,)) == (way.kind, way.ready, way.details)


def test_cron_tells_what_a_dead_instance_costs() -> None:
    """From the same function as status: how long all would take, in place of how long the first one does."""
    pair, _ = resting()
    release = pair.release
    launch = release.check_time + 160.0
    rewrite(pair, release=attrs.evolve(release, well_at=release.launched_at + launch))
    one_dies(pair)
    pair.run_for(5)
    way, ended = pair.service().status().rollback, pair.service().cleanup()
    told = "; a rollback takes ≈ 2 min 41 s instead of ≈ 6 s"
    assert (launch, True) == (way.all_s, ended is not None and ended.sentence.endswith(told))


def test_a_first_look_that_is_lost_costs_no_rollback() -> None:
    """It is only for a warning: the run itself looks again."""
    pair, watch = resting()
    lost = [True]

    def lose(call: Call) -> None:
        if lost and call.operation == "DescribeTargetHealth":
            lost.clear()
            raise no_connection(call)

    pair.sim.faults.before.append(lose)
    assert (Status.OK, [], []) == (pair.service().rollback().status, lost, watch.broken)


def test_a_rollback_says_beforehand_what_it_meets() -> None:
    """Whoever asks for it knows why it takes longer."""
    pair, _ = resting()
    one_dies(pair)
    pair.run_for(5)
    pair.service().rollback()
    warned = [event.reason for event in pair.events if event.kind is EventKind.WARNED]
    assert ["parked for a rollback, is terminated"] == [
        reason.partition(", ")[2].partition(";")[0] for reason in warned
    ]


def test_cron_says_what_it_sees_in_three_looks_only() -> None:
    """A look that shows an attachment missing may be an old one, or somebody is just replacing it."""
    pair, _ = resting(balancers=BOTH)
    arns = target_groups(pair)
    cut_off(pair)
    pair.sim.world.later(1.5, lambda world: asked(pair, "AttachLoadBalancerTargetGroups", BLUE, TargetGroupARNs=arns))
    assert pair.service().cleanup() is None


NOT_PASSED = "Instance has not passed the configured HealthyThreshold number of health checks consecutively."


@pytest.mark.parametrize("words", [NOT_PASSED, "A sentence of next year."])
def test_what_has_just_left_standby_is_not_made_up_for(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A classic balancer calls it OutOfService for threshold times interval, in whatever words (cloudgoat 19)."""
    monkeypatch.setattr("bluegreen.simulator.elb.classic.BOOTING", words)
    pair, watch = resting(balancers=("classic",), interval=3.0, threshold=10, minimum=3)
    before = sorted(pair.sim.states(BLUE))
    ended = pair.service(progress_deadline=300.0).rollback()
    pair.run_for(60)
    assert (Status.OK, before, []) == (ended.status, sorted(pair.sim.states(BLUE)), watch.broken)


@pytest.mark.parametrize("sizes", [{"MaxSize": 1}, {"MinSize": 0, "MaxSize": 0}, {"MinSize": 0, "MaxSize": 9}])
def test_what_is_set_on_the_parked_group_is_no_wish_of_the_service(sizes) -> None:
    """It is kept for the idle side: old, and the release after it, have the service's own bounds."""
    pair, watch = resting()
    edit(pair, BLUE, **sizes)
    pair.run_for(60)
    ended = [pair.service().rollback().status]
    assert ((1, 6), (0, sizes["MaxSize"])) == (bounds(pair, BLUE), bounds(pair, GREEN))
    ended += [pair.service().deploy("v3").status, pair.service().finish().status]
    assert ([Status.OK] * 3, (1, 6), (0, sizes["MaxSize"])) == (ended, bounds(pair, GREEN), bounds(pair, BLUE))
    assert [] == watch.broken


def test_what_is_set_on_both_groups_at_rest_is_wished_of_the_service() -> None:
    """An apply that gives both groups the service's new maximum: whoever comes back has it."""
    pair, _ = resting()
    for group in (BLUE, GREEN):
        edit(pair, group, MaxSize=8)
    pair.run_for(60)
    assert (Status.OK, (1, 8), (0, 8)) == (pair.service().rollback().status, bounds(pair, BLUE), bounds(pair, GREEN))
