"""The judge has teeth: each thing that must hold is broken once, on purpose, and is seen."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.flow.answers import Answer, Due
from bluegreen.simulator.build import Check, balancer
from bluegreen.simulator.cloudwatch.state import CLOUDWATCH
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import TWINS
from bluegreen.targets.pair.plans.guards.at_all_times import one_side_armed
from bluegreen.targets.pair.plans.plan import ALL_GUARDS, build_plan
from tests.battery.doors import broken as kept
from tests.battery.row_01_crash import ready
from tests.battery.row_16_taken_out import positions
from tests.battery.rows import ALL, FEW, rows
from tests.battery.saboteurs import changed_on_record
from tests.battery.stage import Stage, Told, opened, plan_in_use
from tests.battery.tides import late, told
from tests.support.following import History
from tests.support.virtual import BLUE, GREEN, virtual
from tests.support.watching import Users, Watch

SIMPLE = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1}


def broken(stage: Stage) -> str:
    """Return what the judge has noted so far."""
    return " | ".join(stage.judge.wrong)


def acting(stage: Stage, service: str, operation: str, **asked: Any) -> str:
    """Let a process without a record and a lease ask for something, and return what the judge has noted."""
    stage.running = True
    stage.pair.sim.call(service, operation, asked)
    stage.running = False
    return broken(stage)


def members(stage: Stage, group: str = BLUE) -> list[str]:
    """Return the members of a group."""
    return list(stage.pair.sim.groups[group].members)


def test_a_quiet_release_is_clean() -> None:
    """Nothing is held against a run that meets no trouble."""
    stage = opened()
    statuses = [stage.run("deploy", "v2").status, stage.run("finish").status]
    assert ([Status.OK, Status.OK], []) == (statuses, stage.verdict("v2"))


def test_a_write_without_a_lease_and_without_a_release_is_seen() -> None:
    """Both are asked of each write."""
    found = acting(opened(), "autoscaling", "UpdateAutoScalingGroup", AutoScalingGroupName=BLUE, MinSize=1)
    assert (True, True) == ("without a lease" in found, "without a release on record" in found)


def test_a_write_with_too_short_a_lease_is_seen() -> None:
    """A call that may outlast the lease is as bad as none."""
    stage = opened()
    stage.judge.renewed = stage.now - 35
    lease = type("Lease", (), {"holder": "", "length": 40.0})()
    document = type("Document", (), {"lease": lease})()
    assert "the lease lasts for 5 s only" == stage.judge._unleased(document)  # type: ignore[arg-type]


@pytest.mark.parametrize("explained", ["leaving", "written"])
def test_a_write_that_the_record_does_not_explain_is_seen(explained) -> None:
    """A plan that forgets to record what it is about to do is caught, whichever figure it forgets."""
    stage, good = opened(), build_plan()

    def forgetful(look: Any) -> Answer:
        answer = good.missing(look)
        if not isinstance(answer, Due):
            return answer
        record = attrs.evolve(answer.record, **{explained: getattr(look.release, explained)})
        return attrs.evolve(answer, record=record)

    service = stage.pair.service(plan=attrs.evolve(good, missing=forgetful), deadline=100.0)
    stage._begin("deploy")
    service.deploy("v2")
    words = {"leaving": "nobody told to leave", "written": "the record does not know"}
    assert (words[explained] in broken(stage)) is True


def test_desired_capacity_is_never_explained() -> None:
    """It belongs to the autoscaler alone."""
    stage = ready("finish", "tg")
    asked = {"AutoScalingGroupName": GREEN, "DesiredCapacity": 2}
    assert "desired capacity of web-green is written" in acting(stage, "autoscaling", "UpdateAutoScalingGroup", **asked)


def test_an_end_before_the_drain_is_seen() -> None:
    """Terminating what serves is the oldest mistake."""
    stage = opened()
    found = acting(stage, "ec2", "TerminateInstances", InstanceIds=members(stage)[:1])
    assert "before it was drained" in found


def test_a_floor_that_does_not_hold_is_seen() -> None:
    """An instance taken out of service is missed; a death that was injected is not."""
    stage, dead = opened(), opened()
    dead.pair.sim.kill(members(dead)[0])
    asked = {"AutoScalingGroupName": BLUE, "InstanceIds": members(stage)[:1], "ShouldDecrementDesiredCapacity": True}
    found = acting(stage, "autoscaling", "EnterStandby", **asked)
    assert ("1 answer in web-0, 2 must" in found, "") == (True, broken(dead))


def test_a_balancer_that_nothing_answers_is_seen() -> None:
    """What the other one has is no help to its users; a death that concerns one is forgiven there only."""
    pair = virtual(instances=2, balancers=("target-group", "target-group"))
    watch, (first, second) = Watch(pair, 2), pair.sim.groups[BLUE].balancers
    sick, other = list(pair.sim.groups[BLUE].members)
    pair.sim.sicken(sick, first)
    forgiven = list(watch.broken)
    pair.sim.world.body.sick.add((second, other, None))
    watch.look()
    assert ([], ["1 answer in web-1, 2 must (0 died)"]) == (forgiven, [one.split(": ")[1] for one in watch.broken])


def test_a_version_that_died_does_not_count() -> None:
    """From the moment when it answers nobody, whatever its balancer still says, failing open or not."""
    pair = virtual(instances=1, image="crash-1", interval=5.0)
    watch = Watch(pair, 1)
    pair.run_for(9)
    assert (1, "0 answer in web-0, 1 must (0 died)") == (
        len(pair.sim.receiving(watch.users.balancers()[0])),
        watch.short()[0],
    )


def test_a_death_is_forgiven_for_a_while() -> None:
    """Afterwards whoever died was to be replaced."""
    pair = virtual(instances=2)
    watch, (dead, _) = Watch(pair, 2), pair.sim.groups[BLUE].members
    pair.sim.call("autoscaling", "SuspendProcesses", {"AutoScalingGroupName": BLUE, "ScalingProcesses": ["Launch"]})
    pair.sim.kill(dead)
    said = []
    for seconds in (145, 10):
        pair.run_for(seconds)
        said.append(watch.short())
    assert [[], ["1 answer in web-0, 2 must (0 died)"]] == said


def test_a_sickness_that_lasts_is_forgiven_while_the_group_holds_it_for_well() -> None:
    """Nobody replaces it; out of service it is missed as any other."""
    pair = virtual(instances=2)
    watch, (sick, _) = Watch(pair, 2), pair.sim.groups[BLUE].members
    pair.sim.sicken(sick, "web-0")
    pair.run_for(155)
    forgiven = watch.short()
    pair.sim.groups[BLUE].members[sick].state = "Standby"
    assert ([], ["1 answer in web-0, 2 must (0 died)"]) == (forgiven, watch.short())


@pytest.mark.parametrize(("checks", "said"), [("ELB", ""), ("EC2", "1 answer in web-0, 2 must (0 died)")])
def test_whoever_its_group_ends_for_one_balancer_is_missed_in_all(checks, said) -> None:
    """Where the group goes by the balancers' word; elsewhere nobody ends it but the tool."""
    pair = virtual(instances=2, balancers=("target-group", "target-group"), HealthCheckType=checks)
    watch, (sick, _) = Watch(pair, 2), pair.sim.groups[BLUE].members
    pair.sim.sicken(sick, "web-1")
    pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": [sick]})
    pair.run_for(0.5)
    assert said == "".join(watch.short()[:1])


def test_nothing_is_due_where_nothing_ever_answered() -> None:
    """But once the side that serves alone is well there, it is to stay so."""
    pair = virtual(instances=1, image="split-1", fails_in={"split-": ("web-1",)}, balancers=("classic", "classic"))
    watch, (only,) = Watch(pair, 1), pair.sim.groups[BLUE].members
    pair.run_for(30)
    before = list(watch.dues().values())
    pair.sim.world.body.fails_in = {}
    pair.sim.cure(only)
    pair.run_for(30)
    assert ([1, 0], [1, 1]) == (before, list(watch.dues().values()))


def test_a_balancer_without_a_listener_has_no_users() -> None:
    """Nor has one that neither group is attached to."""
    pair = virtual(balancers=("classic", "target-group"))
    pair.sim.listeners.clear()
    spare = balancer(pair.sim, "classic", "spare", Check())
    assert (["web-0"], True) == (Users(pair).balancers(), spare in pair.sim.listening())


def test_silence_is_counted() -> None:
    """The seconds in which nothing answers, and those in which somebody is sent to one that does not."""
    pair = virtual(instances=1, interval=2.0)
    users, (only,) = Users(pair).watch(), pair.sim.groups[BLUE].members
    (key,) = users.balancers()
    pair.run_for(5)
    pair.sim.sicken(only)
    pair.run_for(20)
    pair.sim.cure(only)
    assert (20.0, 20.0) == (users.silent[key], users.mute[key])


@pytest.mark.parametrize("answering", [1, 2])
def test_a_door_is_passed_with_what_answers(answering) -> None:
    """In each balancer: a group that is well in one of two only keeps no promise."""
    stage = deployed_behind_two()
    sim = stage.pair.sim
    second = sim.groups[GREEN].balancers[1]
    if answering == 1:
        sim.world.body.sick.add((second, next(iter(sim.groups[GREEN].members)), None))
    said = kept(sim, stage.release, "deployed", stage.judge.watch.dues())
    assert (answering == 1) == any("1 of web-green answer in web-1" in sentence for sentence in said)


@pytest.mark.parametrize(("minimum", "desired", "seen"), [(4, 4, False), (4, 5, False), (3, 4, True), (3, 5, True)])
def test_what_serves_of_old_cannot_shrink_while_the_traffic_moves(minimum: int, desired: int, seen: bool) -> None:
    """What old's own autoscaler has asked for behind the last look, and is not there yet, nobody can have held."""
    deployed, stage = opened(size=4), opened(size=4)
    deployed.run("deploy", "v2")
    old = stage.pair.sim.groups[BLUE]
    old.minimum, old.desired = minimum, desired
    said = kept(stage.pair.sim, deployed.release, "moving", {})
    assert seen == any("web-blue may shrink" in sentence for sentence in said)


def deployed_behind_two() -> Stage:
    """Return a stage behind two target groups on which v2 has just been deployed."""
    stage = opened(balancers="pair")
    stage.run("deploy", "v2")
    return stage


def test_both_groups_empty_is_seen() -> None:
    """Not one member on either side."""
    stage = opened()
    for instance in members(stage):
        del stage.pair.sim.groups[BLUE].members[instance]
    stage.judge.watch.look()
    assert "both groups are empty" in broken(stage)


@pytest.mark.parametrize(
    ("state", "operation"), [("Standby", "EnterStandby"), ("InService", "ExitStandby"), ("gone", "DetachInstances")]
)
def test_a_relative_write_without_an_effect_is_seen(state, operation) -> None:
    """What was sent once and had its effect is not sent again."""
    stage = opened()
    (first, *_) = members(stage)
    if state == "gone":
        first = "i-gone"
    else:
        stage.pair.sim.groups[BLUE].members[first].state = state
    call = type("Call", (), {"operation": operation, "parameters": {}})()
    call.parameters = {"AutoScalingGroupName": BLUE, "InstanceIds": [first]}
    assert f"sent for {{'{first}': '{state}'}}" == stage.judge._twice(call)


def test_what_is_left_over_is_seen() -> None:
    """A pinned minimum, a suspended process, a parked instance, a wrong tag: each by itself."""
    name = {"AutoScalingGroupName": BLUE}
    tag = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Key": "image", "PropagateAtLaunch": False}
    parked = {"ShouldDecrementDesiredCapacity": True}
    kinds: dict[str, Any] = {
        "MinSize": ("UpdateAutoScalingGroup", {**name, "MinSize": 2}),
        "SuspendedProcesses": ("SuspendProcesses", {**name, "ScalingProcesses": ["AlarmNotification"]}),
        "not v9": ("CreateOrUpdateTags", {"Tags": [{**tag, "Value": "v9"}]}),
        "Standby": ("EnterStandby", {**name, **parked}),
    }
    seen = {}
    for words, (operation, asked) in kinds.items():
        stage = opened(size=3)
        ids = {"InstanceIds": members(stage)[:1]} if operation == "EnterStandby" else {}
        stage.pair.sim.call("autoscaling", operation, {**asked, **ids})
        seen[words] = words in " ".join(stage.verdict())
    assert dict.fromkeys(kinds, True) == seen


def test_an_untrue_exit_status_is_seen() -> None:
    """Success while both sides serve, or while instances run another image than their group's tag, is none."""
    stage = opened()
    name = {"AutoScalingGroupName": GREEN, "MinSize": 1, "MaxSize": 2}
    stage.pair.sim.call("autoscaling", "UpdateAutoScalingGroup", name)
    stage.pair.run_for(30)
    stage.judge.ended("deploy", 0)
    assert "deploy ended with 0, but web-blue and web-green serves" in broken(stage)


def test_a_branch_goes_its_own_way() -> None:
    """What happens to a copy does not happen to the first one, and either is judged by itself."""
    stage = ready("finish", "tg")
    other = stage.branch()
    told = other.run("finish")
    assert isinstance(told, Told)
    assert (None, False) == (other.release, stage.release is None)
    assert ([], []) == (other.verdict("v2"), stage.judge.wrong)
    assert stage.run("rollback").status == Status.OK
    assert [] == stage.verdict("v1")


def test_a_case_can_be_told_twice() -> None:
    """The same key, the same trace."""
    traces: list[list[Any]] = [[], []]
    for trace in traces:
        rows()[5].run("20-3", trace.append)
    assert (traces[0], True) == (traces[1], len(traces[0]) > 100)


@pytest.mark.parametrize("number", [1, 4, 10, 11])
def test_the_few_are_among_all(number) -> None:
    """What the tests run is a part of what the battery runs."""
    row = rows()[number]
    assert set(row.cases(FEW)) <= set(row.cases(ALL))


def test_errors_of_ours_are_unclean() -> None:
    """What is no answer of AWS's is a bug, and a case that ends so is not clean."""
    assert "ValueError" in rows()[5].run("not-a-case")[0]


MOVING_WRONG: dict[str, tuple[str, str, dict[str, Any]]] = {
    "put, and none of the service's: strange": (
        "autoscaling",
        "PutScalingPolicy",
        {"AutoScalingGroupName": GREEN, "PolicyName": "strange", **SIMPLE},
    ),
    "nothing is to be put onto web-green in this deploy": (
        "autoscaling",
        "PutScalingPolicy",
        {"AutoScalingGroupName": GREEN, "PolicyName": "fewer of web-green", **SIMPLE},
    ),
    "nothing is to be taken off web-blue in this deploy": (
        "autoscaling",
        "DeletePolicy",
        {"AutoScalingGroupName": BLUE, "PolicyName": "more"},
    ),
    "nothing is to be taken off web-green in this deploy": (
        "autoscaling",
        "BatchDeleteScheduledAction",
        {"AutoScalingGroupName": GREEN, "ScheduledActionNames": ["night"]},
    ),
    "removed, and none of the service's: web-5xx": ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["web-5xx"]}),
}


@pytest.mark.parametrize("words", MOVING_WRONG)
def test_a_write_of_settings_that_the_record_does_not_explain_is_seen(words) -> None:
    """Only copies of the service's settings, onto the side and at the time that the release says."""
    stage = opened(scaling=True)
    stage.run("deploy", "v2")
    service, operation, asked = MOVING_WRONG[words]
    stage.judge.write(Call(1, service, operation, asked, reads=False))
    assert words in broken(stage)


def test_settings_in_a_release_that_moves_none_are_seen() -> None:
    """Twins keep what they have."""
    stage = ready("finish", "tg")
    changed_on_record(stage, way=TWINS)
    asked = {"AutoScalingGroupName": GREEN, "PolicyName": "more", **SIMPLE}
    assert "a release that moves none" in acting(stage, "autoscaling", "PutScalingPolicy", **asked)


def _another_threshold(stage: Stage) -> None:
    alarms = stage.pair.sim.alarms
    alarms["little to do-bluegreen"]["Threshold"] = 2.0


def _no_alarm_tags(stage: Stage) -> None:
    stage.pair.sim.world[CLOUDWATCH].alarm_tags.clear()


def _no_schedule(stage: Stage) -> None:
    del stage.pair.sim.groups[GREEN].schedules["night"]


def _one_left_behind(stage: Stage) -> None:
    asked = {"AutoScalingGroupName": BLUE, "PolicyName": "more", **SIMPLE}
    stage.pair.sim.call("autoscaling", "PutScalingPolicy", asked)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_another_threshold, "web-green: little to do differs in Threshold"),
        (_no_alarm_tags, "web-green: {group} is busy differs in Tags"),
        (_no_schedule, "web-green: night is not there"),
        (_one_left_behind, "web-blue: more should not be there"),
    ],
)
def test_settings_that_are_not_where_they_belong_are_seen(harm, words) -> None:
    """After a finish they are on the new side alone, field for field."""
    stage = opened(scaling=True)
    stage.run("deploy", "v2")
    stage.run("finish")
    harm(stage)
    assert words in stage.verdict("v2")


@pytest.mark.parametrize(("counts", "seen"), [((6,), False), ((4, 6), True), ((6, 4), True)])
def test_capacity_that_does_not_follow_is_seen(counts, seen) -> None:
    """Fewer than without the verb, from the beginning or later on, once a scale-out has had its time."""
    history, control = History([0.0, 60.0][: len(counts)], list(counts)), History([0.0], [6])
    assert seen == bool([*late(history, control, 0.0, 120.0)])


def test_an_autoscaler_that_sleeps_is_seen() -> None:
    """Nobody arms the new side while the load rises."""
    plans = dict(positions())["deploy 1 arm_new"]
    guards = tuple(guard for guard in ALL_GUARDS if guard is not one_side_armed)
    token = plan_in_use.set(build_plan(plans, guards))
    try:
        _, wrong = told("deploy/13/at once/load-up/moves")
    finally:
        plan_in_use.reset(token)
    assert "without an armed side" in " ".join(wrong)
