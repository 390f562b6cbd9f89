"""What the owner takes off the group that serves while a release is under way does not come back with the other one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status
from bluegreen.simulator.build import tracking as target
from bluegreen.simulator.core.calls import Call
from tests.scenarios.test_settings_reviewed import stopped_behind
from tests.support.hands import asked, type_in
from tests.support.scaling import nothing_of, put_settings, settings_of
from tests.support.virtual import BLUE, GREEN, Pair, virtual

NIGHT: dict[str, Any] = {"ScheduledActionName": "night"}
PATIENT = {"progress_deadline": 300.0, "deadline": 3600.0}
Deletes = Callable[[Pair, str], None]


def night(pair: Pair, group: str) -> None:
    """Delete a scheduled action of a group."""
    asked(pair, "DeleteScheduledAction", group, **NIGHT)


def tracking(pair: Pair, group: str) -> None:
    """Delete a target-tracking policy of a group."""
    asked(pair, "DeletePolicy", group, PolicyName="processors")


def stepping(pair: Pair, group: str) -> None:
    """Delete a policy of a group that an alarm acts through; AWS keeps the alarm."""
    asked(pair, "DeletePolicy", group, PolicyName="more")


def alarm(pair: Pair, group: str) -> None:
    """Delete an alarm of a group whose policy stays."""
    name = "little to do" if group == BLUE else "little to do-bluegreen"
    pair.sim.call("cloudwatch", "DeleteAlarms", {"AlarmNames": [name]})


DELETIONS = pytest.mark.parametrize("delete", [night, tracking, stepping, alarm])


def everything() -> Pair:
    """Return a pair whose blue side has settings of every kind."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    return pair


def twins() -> Pair:
    """Return a pair of which both sides have the same policy and the same scheduled action."""
    pair = virtual(instances=2)
    for group in (BLUE, GREEN):
        asked(pair, "PutScalingPolicy", group, **target("cpu", 70.0, name="processors"))
        asked(pair, "PutScheduledUpdateGroupAction", group, **NIGHT, Recurrence="0 3 * * *", MaxSize=9)
    asked(pair, "SuspendProcesses", GREEN, ScalingProcesses=["ScheduledActions", "AlarmNotification"])
    return pair


def once(pair: Pair, operation: str, group: str, do: Callable[[], None]) -> None:
    """Do something right before the first call of ``operation`` that concerns ``group``."""
    done: list[bool] = []

    def hook(call: Call) -> None:
        about = (call.parameters.get("AutoScalingGroupName"), call.parameters.get("Tags"))
        if not done and call.operation == operation and group in str(about):
            done.append(True)
            do()

    pair.sim.faults.before.append(hook)


def kept(pair: Pair, group: str, delete: Deletes) -> dict[str, Any]:
    """Return the settings that blue would have were it alone, with one of them deleted."""
    alone = everything()
    delete(alone, BLUE)
    return settings_of(alone.sim, BLUE)


@DELETIONS
@pytest.mark.parametrize("at", ["CreateOrUpdateTags", "UpdateAutoScalingGroup"])
def test_taken_off_blue_before_the_switch(delete, at) -> None:
    """Its copy goes from green before that is armed; after the finish nobody has it."""
    pair = everything()
    wanted = kept(pair, BLUE, delete)
    once(pair, at, GREEN, lambda: delete(pair, BLUE))
    ended = [pair.service(**PATIENT).deploy("v2").status, pair.service(**PATIENT).finish().status]
    assert [Status.OK, Status.OK] == ended
    assert wanted == strays(settings_of(pair.sim, GREEN), delete)


def strays(found: dict[str, Any], delete: Deletes) -> dict[str, Any]:
    """Return what was found; of a policy deleted by hand AWS keeps the alarm, which names it still on blue alone."""
    if delete is stepping:
        found["alarms"] = {**found["alarms"], **kept_alarm()}
    return found


def kept_alarm() -> dict[str, Any]:
    """Return the alarm that AWS keeps when its policy is deleted."""
    alone = everything()
    stepping(alone, BLUE)
    alarms = settings_of(alone.sim, BLUE)["alarms"]
    return {name: alarms[name] for name in alarms if "busy" in name}


def test_the_schedule_that_cut_the_fleet() -> None:
    """A nightly cut to one instance, deleted in the deployment: the night passes, and all serve."""
    pair = virtual(instances=4)
    asked(pair, "PutScheduledUpdateGroupAction", BLUE, **NIGHT, Recurrence="0 3 * * *", MinSize=1, MaxSize=1)
    once(pair, "UpdateAutoScalingGroup", GREEN, lambda: night(pair, BLUE))
    assert Status.OK == pair.service(**PATIENT).deploy("v2").status
    pair.run_for(86_400)
    assert ({}, 4) == (pair.sim.groups[GREEN].schedules, len(pair.sim.healthy(GREEN)))


@DELETIONS
def test_taken_off_green_once_it_serves(delete) -> None:
    """The sides are flipped, the waves are on their way: what goes from green is not put there again."""
    pair = everything()
    once(pair, "EnterStandby", BLUE, lambda: delete(pair, GREEN))
    assert Status.OK == pair.service(**PATIENT).deploy("v2").status
    assert kept(pair, GREEN, delete) == settings_of(pair.sim, GREEN)


@DELETIONS
def test_taken_off_green_and_then_rolled_back(delete) -> None:
    """Green served when its owner took it off: it does not come back with blue."""
    pair = everything()
    pair.service(**PATIENT).deploy("v2")
    pair.run_for(90)
    delete(pair, GREEN)
    pair.run_for(90)
    told = pair.service(**PATIENT).rollback()
    if delete is stepping:  # AWS keeps the alarm, which acts through nothing: whose it is, only its owner knows
        assert (Status.BLOCKED, True) == (told.status, "delete-alarms" in told.hint)
        type_in(pair, told.hint.split("`")[1])
        told = pair.service(**PATIENT).resume()
    assert Status.OK == told.status
    assert kept(pair, BLUE, delete) == settings_of(pair.sim, BLUE)


@DELETIONS
def test_taken_off_green_and_then_finished(delete) -> None:
    """Green served when its owner took it off: the finish ends, green has the rest, and blue nothing."""
    pair = everything()
    pair.service(**PATIENT).deploy("v2")
    pair.run_for(90)
    delete(pair, GREEN)
    pair.run_for(90)
    assert Status.OK == pair.service(**PATIENT).finish().status
    assert kept(pair, GREEN, delete) == settings_of(pair.sim, GREEN)
    assert nothing_of(settings_of(pair.sim, BLUE))


@DELETIONS
def test_taken_off_green_in_the_middle_of_a_finish(delete) -> None:
    """The parked ones have ended already when green's owner takes it off: it ends all the same."""
    pair = everything()
    pair.service(**PATIENT).deploy("v2")
    pair.run_for(90)
    pair.service(**PATIENT, stop=stopped_behind(pair, "TerminateInstances")).finish()
    delete(pair, GREEN)
    assert Status.OK == pair.service(**PATIENT).resume().status
    assert kept(pair, GREEN, delete) == settings_of(pair.sim, GREEN)
    assert nothing_of(settings_of(pair.sim, BLUE))


def test_a_rollback_keeps_what_nobody_took_off() -> None:
    """Cut off at every removal and carried on: what we take off green is not taken for the owner's wish."""
    for operation in ("DeletePolicy", "DeleteAlarms", "BatchDeleteScheduledAction"):
        pair = everything()
        before = settings_of(pair.sim, BLUE)
        pair.service(**PATIENT).deploy("v2")
        pair.run_for(90)
        pair.service(**PATIENT, stop=stopped_behind(pair, operation)).rollback()
        pair.run_for(90)
        assert Status.OK == pair.service(**PATIENT).rollback().status
        assert (operation, before) == (operation, settings_of(pair.sim, BLUE))


def test_taken_off_green_in_a_finish_that_is_taken_back() -> None:
    """Blue's were off already when green's owner deleted one: it does not come back with blue."""
    pair = everything()
    pair.service(**PATIENT).deploy("v2")
    pair.run_for(90)
    pair.service(**PATIENT, stop=stopped_behind(pair, "BatchDeleteScheduledAction")).finish()
    night(pair, GREEN)
    assert Status.OK == pair.service(**PATIENT).rollback().status
    assert kept(pair, BLUE, night) == settings_of(pair.sim, BLUE)


def test_a_change_is_known_when_a_finish_is_taken_back() -> None:
    """Changed on blue in the deployment, taken off blue by a finish: blue gets the changed one back."""
    pair = everything()
    change = {**NIGHT, "Recurrence": "0 4 * * *", "TimeZone": "Asia/Seoul", "MaxSize": 7}
    once(pair, "UpdateAutoScalingGroup", GREEN, lambda: asked(pair, "PutScheduledUpdateGroupAction", BLUE, **change))
    pair.service(**PATIENT).deploy("v2")
    wanted = settings_of(pair.sim, BLUE)
    pair.run_for(90)
    pair.service(**PATIENT, stop=stopped_behind(pair, "BatchDeleteScheduledAction")).finish()
    assert Status.OK == pair.service(**PATIENT).rollback().status
    assert (7, wanted) == (wanted["schedules"]["night"]["MaxSize"], settings_of(pair.sim, BLUE))


def test_an_old_answer_deletes_nothing() -> None:
    """A schedule put right before the release, settings described as they were 45 seconds ago: it moves, whole."""
    pair = virtual(instances=2)
    late = ("DescribePolicies", "DescribeScheduledActions")
    asked(pair, "PutScheduledUpdateGroupAction", BLUE, **NIGHT, Recurrence="0 3 * * *", MaxSize=9)
    once(pair, "UpdateAutoScalingGroup", GREEN, lambda: pair.sim.read_stale(
        lambda call: 25.0 if call.operation in late else 0.0))  # fmt: skip
    assert Status.OK == pair.service(**PATIENT).deploy("v2").status
    assert {"night"} == set(pair.sim.groups[GREEN].schedules)


# ---- what the owner puts where there was nothing ----

FIRST = {"PolicyName": "first", "PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity"}
PUTS = pytest.mark.parametrize(
    ("put", "kind", "name"),
    [
        (("PutScalingPolicy", {**FIRST, "ScalingAdjustment": 1}), "policies", "first"),
        (("PutScheduledUpdateGroupAction", {**NIGHT, "Recurrence": "0 3 * * *", "MaxSize": 9}), "schedules", "night"),
    ],
    ids=["policy", "schedule"],
)


@PUTS
def test_the_first_setting_is_put_in_the_middle_of_a_deployment(put, kind, name) -> None:
    """No setting on either side when the release began: what comes moves with the service, and the next one begins."""
    pair = virtual(instances=2, boot=60.0)
    once(pair, "UpdateAutoScalingGroup", GREEN, lambda: asked(pair, put[0], BLUE, **put[1]))
    ended = [pair.service(**PATIENT).deploy("v2").status, pair.service(**PATIENT).finish().status]
    left = [sorted(settings_of(pair.sim, group)[kind]) for group in (BLUE, GREEN)]
    assert ([Status.OK, Status.OK], [[], [name]]) == (ended, left)
    assert [] == [one.sentence for one in pair.service().check() if one.level == "refused"]


NOON = {"ScheduledActionName": "noon", "Recurrence": "0 12 * * *", "MinSize": 2}


@pytest.mark.parametrize("had", [(), (NOON,)], ids=["nothing before", "others before"])
def test_what_is_put_onto_green_in_the_bake_comes_to_blue(had) -> None:
    """Green served: a rollback brings it to blue, of every kind and once, and the next release begins."""
    pair, alone = virtual(instances=2), virtual(instances=2)
    for schedule in had:
        asked(pair, "PutScheduledUpdateGroupAction", BLUE, **schedule)
        asked(alone, "PutScheduledUpdateGroupAction", BLUE, **schedule)
    pair.service(**PATIENT).deploy("v2")
    put_settings(pair.sim, GREEN)
    put_settings(alone.sim)
    assert Status.OK == pair.service(**PATIENT).rollback().status
    assert nothing_of(settings_of(pair.sim, GREEN))
    assert homely(settings_of(alone.sim, BLUE)) == homely(settings_of(pair.sim, BLUE))
    assert [] == [one.sentence for one in pair.service().check() if one.level == "refused"]


def homely(found: dict[str, Any]) -> dict[str, Any]:
    """Return settings with alarms called as where they were put first, and without tags, which a look does not tell."""
    rows = ({**one, "AlarmName": home(one["AlarmName"]), "Tags": []} for one in found["alarms"].values())
    policies = {name: {**one, "Alarms": [*map(home, one["Alarms"])]} for name, one in found["policies"].items()}
    return {**found, "policies": policies, "alarms": {one["AlarmName"]: one for one in rows}}


def home(alarm: str) -> str:
    """Return the name of an alarm without what tells its copy from it."""
    return alarm.removesuffix("-bluegreen")


def test_what_is_changed_on_green_in_the_bake_is_changed_on_blue() -> None:
    """The owner's newest word: a rollback brings it to blue, and what blue's owner changes meanwhile stays."""
    pair = everything()
    pair.service(**PATIENT).deploy("v2")
    pair.run_for(90)
    asked(pair, "PutScheduledUpdateGroupAction", GREEN, **NIGHT, Recurrence="0 4 * * *", MaxSize=7)
    once(pair, "UpdateAutoScalingGroup", GREEN, lambda: asked(
        pair, "PutScheduledUpdateGroupAction", BLUE, ScheduledActionName="morning", Recurrence="0 9 * * *", MinSize=2
    ))  # fmt: skip
    assert Status.OK == pair.service(**PATIENT).rollback().status
    schedules = settings_of(pair.sim, BLUE)["schedules"]
    assert ("0 4 * * *", "0 9 * * *") == (schedules["night"]["Recurrence"], schedules["morning"]["Recurrence"])
    assert nothing_of(settings_of(pair.sim, GREEN))


@PUTS
def test_the_first_setting_is_put_onto_both(put, kind, name) -> None:
    """An apply that defines it on both groups keeps it on both: nothing is copied, nothing is taken off."""
    pair = virtual(instances=2, boot=60.0)
    once(
        pair, "UpdateAutoScalingGroup", GREEN, lambda: [asked(pair, put[0], group, **put[1]) for group in (BLUE, GREEN)]
    )
    ended = [pair.service(**PATIENT).deploy("v2").status, pair.service(**PATIENT).finish().status]
    left = [sorted(settings_of(pair.sim, group)[kind]) for group in (BLUE, GREEN)]
    assert ([Status.OK, Status.OK], [[name], [name]]) == (ended, left)


def test_where_nothing_moves_little_is_asked() -> None:
    """Three looks ask for the settings of a pair that has none: one before the release, two before new is armed."""
    pair, calls = virtual(instances=2), []
    pair.sim.faults.before.append(lambda call: calls.append(call.operation))
    assert [Status.OK] * 2 == [pair.service().deploy("v2").status, pair.service().finish().status]
    assert [6, 6] == [calls.count(operation) for operation in ("DescribePolicies", "DescribeScheduledActions")]


# ---- twins ----


def armings(call: Call) -> set[str]:
    """Return the operation and the group of a call that lets policies or schedules act."""
    acting = {"AlarmNotification", "ScheduledActions"} & set(call.parameters.get("ScalingProcesses", ()))
    resumes = call.operation == "ResumeProcesses" and bool(acting)
    return {call.operation, str(call.parameters["AutoScalingGroupName"])} if resumes else set()


@pytest.mark.parametrize("delete", [night, tracking])
def test_twins_of_which_one_is_deleted(delete) -> None:
    """Only the owner writes there: green is not armed with what blue has no more; it is taken back, and said."""
    pair, before = twins(), settings_of(twins().sim, GREEN)
    once(pair, "UpdateAutoScalingGroup", GREEN, lambda: delete(pair, BLUE))
    resumed: list[Any] = []
    pair.sim.faults.before.append(
        lambda call: resumed.append(call) if {call.operation, GREEN} <= armings(call) else None
    )
    ended = pair.service(**PATIENT).deploy("v2")
    assert (Status.ROLLED_BACK, []) == (ended.status, resumed)
    assert "its scaling settings differ from those of web-blue now" in ended.sentence
    left = settings_of(pair.sim, BLUE)
    assert (before, 1) == (settings_of(pair.sim, GREEN), len(left["policies"]) + len(left["schedules"]))


def test_twins_of_which_both_are_deleted() -> None:
    """An apply takes it off one group and a moment later off the other: waited for, and the release goes on."""
    pair = twins()
    ends: list[float] = []

    def first() -> None:
        night(pair, BLUE)
        ends.append(pair.clock.now() + 45.0)

    def second(_: Call) -> None:
        if ends and pair.clock.now() >= ends[0]:
            ends.clear()
            night(pair, GREEN)

    once(pair, "UpdateAutoScalingGroup", GREEN, first)
    pair.sim.faults.before.append(second)
    assert Status.OK == pair.service(**PATIENT).deploy("v2").status
    assert "night" not in settings_of(pair.sim, GREEN)["schedules"]
