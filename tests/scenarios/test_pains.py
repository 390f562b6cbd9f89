"""What hurts people who use tools like this one, from their public issue trackers: one test for each such story."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Held, Refused, Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.ec2.faults import NO_CAPACITY, NO_IMAGE
from tests.support.hands import asked, edit, follow
from tests.support.moments import once
from tests.support.story import Crash, unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over


def killed(pair: Pair, when: Callable[[Call], bool], verb: Callable[[], Any]) -> None:
    """Run ``verb``, and kill it before the first call for which ``when`` holds; its lease runs out."""

    def crash() -> None:
        raise Crash

    once(pair, when, crash)
    with pytest.raises(Crash):
        verb()
    pair.sim.faults.before.clear()
    pair.run_for(90)


def calls(pair: Pair) -> list[str]:
    """Return a list that gets the name of each writing call from now on."""
    found: list[str] = []
    pair.sim.faults.before.append(lambda call: None if call.reads else found.append(call.operation))
    return found


def states(pair: Pair, group: str) -> set[str]:
    """Return the lifecycle states in which a group has members."""
    return set(pair.sim.states(group).values())


@pytest.mark.parametrize("wave", ["ResumeProcesses", "EnterStandby", "DetachInstances"])
def test_pain_03_a_pinned_minimum_is_never_unpinned(wave) -> None:
    """Killed while either side's minimum is held up: carried on, the night's scale-in works down to the old minimum."""
    pair = virtual(instances=8, minimum=2, maximum=10)
    before = pair.picture()
    killed(pair, lambda call: call.operation == wave, lambda: [pair.service().deploy("v2"), pair.service().finish()])
    for verb in ("resume", "finish"):
        getattr(pair.service(), verb)()
    assert (unlike(before, pair.picture()), pair.sim.groups[GREEN].minimum) == ([], 2)
    asked(pair, "SetDesiredCapacity", GREEN, DesiredCapacity=2)
    pair.run_for(60)
    assert (len(pair.sim.healthy(GREEN)), pair.sim.states(BLUE)) == (2, {})


def test_pain_05_a_failed_standby_deploy_lowers_min_size_for_ever() -> None:
    """The new side dies in the middle of the waves: old is back with its own minimum, lowered meanwhile."""
    pair = virtual(instances=30, minimum=7, maximum=40, drain=20.0)
    before = pair.picture()
    lowest: list[int] = []
    pair.sim.on_event(lambda: lowest.append(pair.sim.groups[BLUE].minimum))

    def fail() -> None:
        for instance in pair.sim.healthy(GREEN)[:20]:
            pair.sim.sicken(instance)

    once(pair, lambda _: "EnteringStandby" in states(pair, BLUE), fail)
    ended = pair.service().deploy("v2")
    assert (ended.status, unlike(before, pair.picture()), min(lowest)) == (Status.ROLLED_BACK, [], 0)
    assert (pair.sim.groups[BLUE].minimum, len(pair.sim.healthy(BLUE)), left_over(pair)) == (7, 30, {})


def test_pain_07_instances_forgotten_in_standby() -> None:
    """The run that parked them is dead and nobody remembers: cron carries it on, and lets them go in time."""
    pair = virtual(instances=3)
    before = pair.picture()
    killed(pair, lambda _: states(pair, BLUE) == {"Standby"}, lambda: pair.service(bake=30.0).deploy("v2"))
    carried = pair.service().cleanup()
    assert (carried and carried.status, states(pair, BLUE)) == (Status.OK, {"Standby"})
    pair.run_for(700)
    let_go = pair.service().cleanup()
    assert (let_go and let_go.status, unlike(before, pair.picture()), left_over(pair)) == (Status.OK, [], {})


def test_pain_07_instances_forgotten_in_standby_without_a_record() -> None:
    """Nobody can know what they are for: they are named, nothing is written, and the command that is told helps."""
    pair = virtual(instances=3, minimum=1)
    parked = list(pair.sim.states(BLUE))[:2]
    asked(pair, "EnterStandby", BLUE, InstanceIds=parked, ShouldDecrementDesiredCapacity=True)
    pair.run_for(30)
    done = calls(pair)
    with pytest.raises(Refused, match="2 instances of web-blue are in Standby") as refusal:
        pair.service().deploy("v2")
    assert ([], True) == (done, all(i in refusal.value.hint for i in parked))
    follow(pair, refusal.value.hint, BLUE)
    assert (pair.service().deploy("v2").status, pair.service().finish().status) == (Status.OK, Status.OK)
    assert (len(pair.sim.healthy(GREEN)), left_over(pair)) == (3, {})


@pytest.mark.parametrize("verb", ["finish", "rollback"])
def test_pain_08_entering_standby_takes_its_time(verb) -> None:
    """The next verb comes while they still drain: it waits for them, and AWS has nothing to refuse."""
    pair = virtual(instances=3, drain=120.0)
    before, watch = pair.picture(), Watch(pair, 3)
    pair.service().deploy("v2")
    began = pair.clock.now()
    assert {"EnteringStandby"} == states(pair, BLUE)
    ended = getattr(pair.service(), verb)()
    refused = [event.reason for event in pair.events if event.kind.value == "refused"]
    assert (ended.status, watch.broken, refused, unlike(before, pair.picture())) == (Status.OK, [], [], [])
    assert (left_over(pair), pair.clock.now() - began > 100 or verb == "rollback") == ({}, True)


def test_one_that_comes_back_during_a_finish_drains_for_as_long_as_it_must() -> None:
    """Its drain outlasts the progress deadline: once it is parked again the finish goes on to its end."""
    pair = virtual(instances=2, drain=120.0)
    pair.service(progress_deadline=60.0).deploy("v2")
    pair.run_for(180)
    asked(pair, "ExitStandby", BLUE, InstanceIds=list(pair.sim.states(BLUE))[:1])
    pair.run_for(30)
    ended = pair.service().finish()
    assert (Status.OK, {}) == (ended.status, left_over(pair)), ended.sentence


def test_pain_12_old_taken_out_although_new_never_became_healthy() -> None:
    """In service for its group is not healthy in the load balancer: no old instance is touched."""
    pair = virtual(instances=3)
    before, watch, done = pair.picture(), Watch(pair, 3), calls(pair)
    in_service: list[int] = []
    pair.sim.on_event(lambda: in_service.append(len(pair.sim.groups[GREEN].in_service())))
    ended = pair.service().deploy("bad-v2")
    assert (ended.status, watch.broken, max(in_service)) == (Status.ROLLED_BACK, [], 3)
    assert ("EnterStandby" in done, unlike(before, pair.picture()), left_over(pair)) == (False, [], {})


@pytest.mark.parametrize("age", [0.0, 5.0, 20.0])
def test_pain_13_a_human_s_resize_undone_on_a_stale_picture(age) -> None:
    """Somebody makes room for a peak while answers are late: the room is there at the end."""
    pair = virtual(instances=4, maximum=12)
    pair.sim.read_stale(lambda _: age)
    watch = Watch(pair, 4)
    raise_it = {"DesiredCapacity": 7}
    once(pair, lambda _: bool(pair.sim.states(GREEN)), lambda: asked(pair, "SetDesiredCapacity", BLUE, **raise_it))
    ended = pair.service(progress_deadline=300.0, deadline=3000.0).deploy("v2")
    pair.sim.faults.stale = None
    pair.run_for(60)
    assert (ended.status, watch.broken, pair.sim.terminated_while_serving) == (Status.OK, [], [])
    assert (len(pair.sim.healthy(GREEN)), pair.sim.groups[GREEN].maximum) == (7, 12)


def test_pain_15_two_deployments_at_once() -> None:
    """The second one leaves and names the first one; what lands is what is said."""
    pair = virtual(instances=3)
    second = pair.service()
    refused: list[Held] = []

    def too_soon() -> None:
        with pytest.raises(Held, match="test@here") as held:
            second.deploy("v3")
        refused.append(held.value)

    once(pair, lambda call: call.operation == "EnterStandby", too_soon)
    assert (pair.service().deploy("v2").status, len(refused), refused[0].status) == (Status.OK, 1, Status.HELD)
    assert (second.deploy("v3", finish_first=True).status, colours_serving(pair)) == (Status.OK, [BLUE])
    assert {"v3"} == pair.images(BLUE)


def test_pain_15_the_older_of_two_deployments_wakes_up_last() -> None:
    """A laptop sleeps in the middle; somebody deploys the next version; awake, the old run writes nothing."""
    pair = virtual(instances=3)
    watch, later, awake = Watch(pair, 3), pair.service(), []

    def sleep_through_it_all() -> None:
        pair.run_for(900)
        assert (later.resume().status, later.finish().status, later.deploy("v3").status) == (Status.OK,) * 3
        awake.append(True)

    def note(call: Call) -> None:
        if awake and not call.reads:
            awake.append(call.operation)

    once(pair, lambda call: bool(pair.sim.states(GREEN)) and call.reads, sleep_through_it_all)
    pair.sim.faults.before.append(note)
    ended = pair.service().deploy("v2")
    assert (ended.status, "v3 by test@here is in charge" in ended.sentence) == (Status.BLOCKED, True)
    assert (awake, watch.broken, colours_serving(pair), pair.images(BLUE)) == ([True], [], [BLUE], {"v3"})


@pytest.mark.parametrize("trouble", [NO_CAPACITY, NO_IMAGE, "bad image", "too slow"])
def test_pain_16_a_failure_leaves_a_mess_to_clean_up_by_hand(trouble) -> None:
    """However it fails, everything is as before, and the next deployment needs no hand."""
    pair = virtual(instances=3, boot=300.0 if trouble == "too slow" else 2.0)
    before, watch = pair.picture(), Watch(pair, 3)
    if trouble in (NO_CAPACITY, NO_IMAGE):
        pair.sim.fail_launches(GREEN, trouble)
    ended = pair.service().deploy("bad-v2" if trouble == "bad image" else "v2")
    pair.run_for(60)
    assert (ended.status, watch.broken, unlike(before, pair.picture())) == (Status.ROLLED_BACK, [], [])
    assert (left_over(pair), pair.sim.states(GREEN), pair.service().cleanup()) == ({}, {}, None)
    pair.sim.launches.failures.clear()
    patient = pair.service(progress_deadline=900.0, deadline=1800.0)
    assert (patient.deploy("v3").status, patient.finish().status, watch.broken) == (Status.OK, Status.OK, [])
    assert (unlike(before, pair.picture()), left_over(pair)) == ([], {})


@pytest.mark.parametrize("image", ["bad-v2", "crash-v2"])
def test_pain_18_it_says_success_and_it_was_rolled_back(image) -> None:
    """Exit 0 is said only where the new image serves; what went back says so, in its status and in words."""
    pair = virtual(instances=3)
    ended = pair.service(bake=60.0).deploy(image)
    assert (ended.status, "rolled back: v1 is live on web-blue (" in ended.sentence) == (Status.ROLLED_BACK, True)
    (live,) = pair.service().status().live
    assert (colours_serving(pair), pair.images(BLUE), live.image) == ([BLUE], {"v1"}, "v1")


def test_pain_18_it_says_success_and_nothing_runs() -> None:
    """No instance at all is not "all are healthy": a first deployment that launches nothing fails."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    pair.sim.fail_launches(BLUE, NO_CAPACITY)
    ended = pair.service().deploy("v1", capacity=3)
    assert (ended.status, "nothing serves" in ended.sentence) == (Status.ROLLED_BACK, True)
    assert (pair.sim.states(BLUE), left_over(pair)) == ({}, {})


@pytest.mark.parametrize("verb", ["rollback", "resume"])
def test_pain_23_half_created_instances_are_invisible_to_the_rollback(verb) -> None:
    """Killed while new instances are held by a launch hook: what came half into being is taken back, or brought up."""
    pair = virtual(instances=3)
    hook = {"LifecycleHookName": "warm", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    for group in (BLUE, GREEN):
        asked(pair, "PutLifecycleHook", group, **hook, HeartbeatTimeout=200, DefaultResult="CONTINUE")
    before, watch = pair.picture(), Watch(pair, 3)
    patient = {"progress_deadline": None, "deadline": None}
    waiting = lambda _: states(pair, GREEN) == {"Pending:Wait"}  # noqa: E731
    killed(pair, waiting, lambda: pair.service(**patient).deploy("v2"))
    assert {"Pending:Wait"} == states(pair, GREEN)
    ended = getattr(pair.service(**patient), verb)()
    pair.run_for(60)
    assert (ended.status, watch.broken) == (Status.OK, [])
    if verb == "resume":
        assert (pair.service(**patient).finish().status, pair.images(GREEN)) == (Status.OK, {"v2"})
    assert (unlike(before, pair.picture()), left_over(pair), len(colours_serving(pair))) == ([], {}, 1)


def test_pain_23_a_half_created_instance_of_a_pair_that_nobody_deployed_to_lately() -> None:
    """On the idle side it is refused and named, on the live side it is waited for."""
    pair = virtual(instances=3, maximum=8)
    edit(pair, GREEN, MaxSize=4)
    asked(pair, "SetDesiredCapacity", GREEN, DesiredCapacity=1)
    pair.run_for(0.5)
    with pytest.raises(Refused, match="web-green is idle, and has 1 instance") as refusal:
        pair.service().deploy("v2")
    follow(pair, refusal.value.hint, BLUE)
    asked(pair, "SetDesiredCapacity", BLUE, DesiredCapacity=4)
    pair.run_for(0.5)
    assert (pair.service().deploy("v2").status, len(pair.sim.healthy(GREEN))) == (Status.OK, 4)


def test_a_process_that_aws_shows_and_does_not_take() -> None:
    """An old group, all of it suspended once, shows one process that no call may name: it stays where it is."""
    pair = virtual(instances=2)
    shown = {"ReplaceUnhealthy": "by hand", "RemoveFromLoadBalancerLowPriority": "by hand"}
    pair.sim.groups[BLUE].suspended.update(shown)
    verbs = [pair.service().deploy("v2"), pair.service().finish(), pair.service().deploy("v3")]
    assert [Status.OK] * 3 == [ended.status for ended in verbs]
    assert (Status.OK, {"ReplaceUnhealthy"}) == (pair.service().rollback().status, suspended(pair, GREEN))
    assert {"RemoveFromLoadBalancerLowPriority"} == suspended(pair, BLUE)


def suspended(pair: Pair, group: str) -> set[str]:
    """Return the processes of a group that AWS shows as suspended."""
    return set(pair.sim.groups[group].suspended)
