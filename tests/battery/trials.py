"""Small stories in which one step, or one guard, is what keeps things right: each is clean with it.

A trial is a function from a stage to what was wrong; its name is its key in row 16.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bluegreen.flow.limits import Pace
from bluegreen.record.document import Document
from bluegreen.simulator.build import share, tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.fleet import ALARMS, SCHEDULES
from bluegreen.targets.pair.model.release import FINISH
from tests.battery.stage import Stage, Told, opened
from tests.battery.troubles import no_connection
from tests.support.hands import asked, edit, tagged
from tests.support.virtual import BLUE, GREEN

Do = Callable[[Stage], Any]
Trial = Callable[[Any], list[str]]
TRIALS: dict[str, Trial] = {}


def trial(function: Trial) -> Trial:
    """Register a trial under its name."""
    TRIALS[function.__name__] = function
    return function


# ---- what happens, and when ----


def once(stage: Stage, when: Callable[[str, Any], bool], do: Do) -> None:
    """Let ``do`` happen once, as somebody else's doing, when ``when`` holds of a side and a call or a document."""
    done: list[bool] = []

    def strike(one: Stage, side: str, what: Any) -> None:
        if not done and when(side, what):
            done.append(True)
            one.running = False
            do(one)
            one.running = True

    stage.strikes.append(strike)


def behind(stage: Stage, operation: str, do: Do) -> None:
    """Let ``do`` happen right after the first call of ``operation``."""
    once(stage, lambda side, what: side == "after" and isinstance(what, Call) and what.operation == operation, do)


def at_door(stage: Stage, milestone: str, do: Do) -> None:
    """Let ``do`` happen when ``milestone`` has just been recorded."""

    def reached(side: str, what: Any) -> bool:
        release = what.release if isinstance(what, Document) else None
        return side == "after" and release is not None and release.passed(milestone)

    once(stage, reached, do)


def ended(told: Told, status: int, *words: str) -> list[str]:
    """Return what is wrong when a run ends in another way, or without these words."""
    right = told.status == status and all(word in told.sentence for word in words)
    return [] if right else [f"{told.verb} ended with {told.status}: {told.sentence}"]


def begun(watch: Any, **settings: Any) -> Stage:
    """Return a stage with a bake of four seconds and patience for a minute."""
    tool = {"bake": 4.0, "progress_deadline": 60.0, **settings.pop("tool", {})}
    return opened(watch, **settings, tool=tool)


def deployed(watch: Any, **settings: Any) -> Stage:
    """Return a stage on which v2 has just been deployed."""
    stage = begun(watch, **settings)
    stage.run("deploy", "v2")
    return stage


def bounds(stage: Stage, group: str, **wanted: int) -> list[str]:
    """Return what is wrong with a group's bounds."""
    found = stage.pair.sim.groups[group]
    seen = {"min": found.minimum, "max": found.maximum}
    return [f"{name} of {group} is {seen[name]}, not {value}" for name, value in wanted.items() if seen[name] != value]


def through(stage: Stage, *verbs: str) -> list[str]:
    """Run verbs to their ends; return what was wrong until now, but for sizes that somebody wished."""
    wrong = [sentence for verb in verbs for sentence in ended(stage.run(*verb.split()), 0)]
    stage.pair.run_for(60)
    return [*wrong, *stage.judge.wrong]


# ---- wishes ----


def _min_zero(stage: Stage) -> None:
    edit(stage.pair, BLUE, MinSize=0)


@trial
def a_minimum_wished_before_the_switch(watch: Any) -> list[str]:
    """Somebody lowers old's minimum while new boots: whoever serves in the end has that minimum."""
    stage = begun(watch)
    behind(stage, "SuspendProcesses", _min_zero)
    return [*ended(stage.run("deploy", "v2"), 0), *through(stage, "finish"), *bounds(stage, GREEN, min=0)]


@trial
def a_maximum_wished_while_the_traffic_moves(watch: Any) -> list[str]:
    """Somebody raises old's maximum between the doors: the service keeps it, the idle side does not get it."""
    stage = begun(watch, size=3)
    at_door(stage, "moving", lambda one: edit(one.pair, BLUE, MaxSize=9))
    wrong = [*ended(stage.run("deploy", "v2"), 0), *through(stage, "finish")]
    return [*wrong, *bounds(stage, GREEN, max=9), *bounds(stage, BLUE, max=0)]


@trial
def a_maximum_wished_in_the_bake(watch: Any) -> list[str]:
    """Somebody raises new's maximum while it bakes: it stays."""
    stage = begun(watch)
    at_door(stage, "moved", lambda one: edit(one.pair, GREEN, MaxSize=9))
    return [*ended(stage.run("deploy", "v2"), 0), *through(stage, "finish"), *bounds(stage, GREEN, max=9)]


@trial
def a_maximum_wished_during_a_rollback(watch: Any) -> list[str]:
    """Somebody raises old's maximum while it comes back: it stays."""
    stage = deployed(watch)
    behind(stage, "ExitStandby", lambda one: edit(one.pair, BLUE, MaxSize=9))
    return [*through(stage, "rollback"), *bounds(stage, BLUE, max=9)]


@trial
def a_minimum_wished_during_a_rollback(watch: Any) -> list[str]:
    """Somebody lowers old's minimum while it holds the floor again: it is held up once more, and the wish stays."""
    stage = deployed(watch, size=3)

    def held(side: str, what: Any) -> bool:
        wanted = {"AutoScalingGroupName": BLUE, "MinSize": 3}
        return side == "after" and isinstance(what, Call) and wanted.items() <= dict(what.parameters).items()

    once(stage, held, lambda one: edit(one.pair, BLUE, MinSize=2))
    return [*through(stage, "rollback"), *bounds(stage, BLUE, min=2)]


@trial
def a_maximum_wished_while_new_goes(watch: Any) -> list[str]:
    """Somebody raises old's maximum when it serves alone again: it stays."""
    stage = deployed(watch)
    at_door(stage, "back", lambda one: edit(one.pair, BLUE, MaxSize=9))
    return [*through(stage, "rollback"), *bounds(stage, BLUE, max=9)]


# ---- runs that die between the two calls of a flip ----


@trial
def a_deployment_that_dies_with_both_armed(watch: Any) -> list[str]:
    """New is armed, and the run dies before old is disarmed: the next run does that."""
    stage = begun(watch)
    behind(stage, "ResumeProcesses", _dies)
    stage.run("deploy", "v2")
    return [*ended(stage.patiently("resume"), 0), *stage.judge.wrong]


@trial
def a_rollback_that_dies_with_both_armed(watch: Any) -> list[str]:
    """The same on the way back."""
    stage = deployed(watch)
    behind(stage, "ResumeProcesses", _dies)
    stage.run("rollback")
    return [*ended(stage.patiently("rollback"), 0), *stage.verdict("v1")]


# ---- tags that Terraform resets ----


def _reset(door: str, group: str, verb: str) -> Trial:
    def run(watch: Any) -> list[str]:
        stage = begun(watch) if verb == "deploy" else deployed(watch)
        at_door(stage, door, lambda one: tagged(one.pair, group, "v0"))
        told = stage.run(verb, *(("v2",) if verb == "deploy" else ()))
        return [*ended(told, 0), *stage.judge.wrong]

    run.__doc__ = f"The image tag of {group} is reset when {door} has been reached."
    return run


TRIALS["a_tag_reset_while_the_traffic_moves"] = _reset("moving", GREEN, "deploy")
TRIALS["a_tag_reset_in_the_bake"] = _reset("moved", GREEN, "deploy")
TRIALS["a_tag_reset_while_old_is_retired"] = _reset("retiring", GREEN, "finish")
TRIALS["a_tag_reset_while_new_goes"] = _reset("back", BLUE, "rollback")


@trial
def a_plain_rollback(watch: Any) -> list[str]:
    """Everything is as it was, tags included."""
    stage = deployed(watch)
    return [*through(stage, "rollback"), *stage.verdict("v1")]


@trial
def a_rollback_of_the_image_that_idle_had(watch: Any) -> list[str]:
    """No tag has to change, and yet nothing is over before the last new instance has gone."""
    stage = begun(watch, drain=30.0)
    tagged(stage.pair, GREEN, "v2")
    stage.run("deploy", "v2")
    return [*through(stage, "rollback"), *stage.verdict("v1")]


@trial
def a_slow_boot(watch: Any) -> list[str]:
    """New takes half a minute to boot: the traffic does not move before."""
    stage = begun(watch, boot=(30.0, 35.0))
    return [*ended(stage.run("deploy", "v2"), 0), *stage.judge.wrong]


# ---- load, health and what comes back ----


@trial
def a_scale_out_while_the_traffic_moves(watch: Any) -> list[str]:
    """Old's autoscaler asks for two more at the door: new has them before old goes."""
    stage = begun(watch)
    at_door(stage, "moving", lambda one: asked(one.pair, "SetDesiredCapacity", BLUE, DesiredCapacity=4))
    wrong = ended(stage.run("deploy", "v2"), 0)
    desired = stage.pair.sim.groups[GREEN].desired
    return [*wrong, *stage.judge.wrong, *([] if desired >= 4 else [f"new wants {desired} of 4"])]


@trial
def a_first_deployment_that_falls_ill(watch: Any) -> list[str]:
    """All of a first deployment fall ill at the door and recover: it has not moved before they have."""
    stage = begun(watch, size=2)
    _emptied(stage)
    at_door(stage, "moving", _all_ill)
    seen: list[int] = []
    at_door(stage, "moved", lambda one: seen.append(len(one.pair.sim.healthy(BLUE))))
    told = stage.run("deploy", "v2", capacity=2)
    return [*ended(told, 0), *stage.judge.wrong, *([] if seen == [2] else [f"moved with {seen} healthy"])]


def _emptied(stage: Stage) -> None:
    stage.judge.watch.floor = 0
    edit(stage.pair, BLUE, MinSize=0, MaxSize=0)
    stage.pair.run_for(60)
    edit(stage.pair, BLUE, MinSize=0, MaxSize=4)


def _all_ill(stage: Stage) -> None:
    sim, ill = stage.pair.sim, stage.pair.sim.healthy(BLUE)
    stage.judge.watch.floor = 0
    for instance in ill:
        sim.sicken(instance)
    until = stage.now + 30.0

    def recover(one: Stage, _: str, __: Any) -> None:
        if one.now > until:
            one.strikes.remove(recover)
            one.judge.watch.floor = 1
            for instance in ill:
                sim.cure(instance)

    stage.strikes.append(recover)


@trial
def a_slow_half(watch: Any) -> list[str]:
    """At half the floor the traffic moves early; the deployment ends when all of new are healthy."""
    stage = begun(watch, size=4, tool={"pace": Pace(50, 150), "bake": 0.0})
    stage.judge.watch.floor = 2
    at_door(stage, "moved", lambda one: _ill_for(one, GREEN, 25.0))
    seen: list[int] = []
    at_door(stage, "deployed", lambda one: seen.append(len(one.pair.sim.healthy(GREEN))))
    wrong = ended(stage.run("deploy", "v2"), 0)
    return [*wrong, *stage.judge.wrong, *([] if seen == [4] else [f"deployed with {seen} healthy"])]


def _ill_for(stage: Stage, group: str, seconds: float) -> None:
    sim, (ill, *_) = stage.pair.sim, stage.pair.sim.healthy(group)
    sim.sicken(ill)
    until = stage.now + seconds

    def recover(one: Stage, _: str, __: Any) -> None:
        if one.now > until:
            one.strikes.remove(recover)
            sim.cure(ill)

    stage.strikes.append(recover)


def _back_by_hand(stage: Stage) -> None:
    parked = [i for i, state in stage.pair.sim.states(BLUE).items() if state == "Standby"]
    asked(stage.pair, "ExitStandby", BLUE, InstanceIds=parked[:1])
    stage.pair.run_for(8)


@trial
def an_old_one_comes_back_in_the_bake(watch: Any) -> list[str]:
    """Somebody takes an old instance out of Standby while new bakes: it is parked again."""
    stage = begun(watch, drain=2.0, tool={"bake": 40.0})
    once(stage, lambda *_: "Standby" in stage.pair.sim.states(BLUE).values() and _passed(stage, "moved"), _back_by_hand)
    return [*ended(stage.run("deploy", "v2"), 0), *stage.judge.wrong]


def _passed(stage: Stage, milestone: str) -> bool:
    return stage.release is not None and stage.release.passed(milestone)


@trial
def an_old_one_comes_back_before_a_finish(watch: Any) -> list[str]:
    """Somebody takes an old instance out of Standby before the finish: it is parked again, and goes with the rest."""
    stage = deployed(watch)
    _back_by_hand(stage)
    return [*through(stage, "finish"), *stage.verdict("v2")]


@trial
def an_old_one_comes_back_while_old_is_retired(watch: Any) -> list[str]:
    """Somebody takes an old instance out of Standby behind the door of no return: it is parked, and retired.

    It drains for longer than the others wait to be terminated, so that nothing but its drain holds the finish up.
    """
    stage = deployed(watch, drain=90.0)
    stage.pair.run_for(120)
    at_door(stage, "retiring", _back_by_hand)
    return [*through(stage, "finish"), *stage.verdict("v2")]


@trial
def a_minimum_raised_before_a_finish(watch: Any) -> list[str]:
    """Somebody gives the parked group a minimum: what it launches is parked and goes with the rest."""
    stage = deployed(watch)
    edit(stage.pair, BLUE, MinSize=1)
    stage.pair.run_for(20)
    return [*through(stage, "finish"), *stage.verdict("v2")]


@trial
def a_minimum_raised_while_old_is_retired(watch: Any) -> list[str]:
    """The same behind the door of no return."""
    stage = deployed(watch)

    def raised(one: Stage) -> None:
        edit(one.pair, BLUE, MinSize=1)
        one.pair.run_for(20)

    at_door(stage, "retiring", raised)
    return [*through(stage, "finish"), *stage.verdict("v2")]


@trial
def a_finish_while_old_still_drains(watch: Any) -> list[str]:
    """A finish right behind a deployment waits for the drain."""
    stage = begun(watch, drain=40.0, tool={"bake": 0.0})
    stage.run("deploy", "v2")
    return [*through(stage, "finish"), *stage.verdict("v2")]


@trial
def a_finish_under_a_sick_new_side(watch: Any) -> list[str]:
    """The door of no return is not reached while too few of new are healthy."""
    stage = deployed(watch)
    stage.judge.watch.floor = 1
    stage.pair.sim.sicken(stage.pair.sim.healthy(GREEN)[0])
    told = stage.run("finish")
    gone = ["the door was passed"] if _passed(stage, "retiring") else []
    return [*ended(told, 4, " healthy"), *gone, *stage.judge.wrong]


@trial
def a_new_side_that_falls_ill_behind_the_door(watch: Any) -> list[str]:
    """Behind the door of no return a finish does not end well while too few of new are healthy."""
    stage = deployed(watch)
    stage.judge.watch.floor = 1
    at_door(stage, "retiring", _new_falls_ill)
    return ended(stage.run("finish"), 4, " healthy")


def _new_falls_ill(stage: Stage) -> None:
    """One of new stops to answer, and its balancer has noticed before anything of old is detached."""
    stage.pair.sim.sicken(stage.pair.sim.healthy(GREEN)[0])
    stage.pair.run_for(10)


def _dies(stage: Stage) -> None:
    stage.dead = True


def _taken_back(operation: str) -> Trial:
    def run(watch: Any) -> list[str]:
        stage = deployed(watch)
        behind(stage, operation, _dies)
        stage.run("finish")
        return [*ended(stage.patiently("rollback"), 0), *stage.verdict("v1")]

    run.__doc__ = f"A finish dies behind {operation} and is taken back: nothing is left running, nothing marked."
    return run


TRIALS["a_finish_taken_back_behind_the_marking"] = _taken_back("CreateTags")
TRIALS["a_finish_taken_back_behind_the_detaching"] = _taken_back("DetachInstances")


@trial
def an_old_side_that_falls_ill_on_its_way_back(watch: Any) -> list[str]:
    """New has gone and old falls ill: nothing is over before old holds alone."""
    stage = deployed(watch)
    seen: list[int] = []
    at_door(stage, "back", lambda one: _ill_for(one, BLUE, 25.0))
    at_door(stage, "restored", lambda one: seen.append(len(one.pair.sim.healthy(BLUE))))
    stage.judge.watch.floor = 1
    wrong = ended(stage.run("rollback"), 0)
    return [*wrong, *stage.judge.wrong, *([] if seen == [2] else [f"restored with {seen} healthy"])]


# ---- alarms ----


def alarm(stage: Stage, state: str) -> None:
    """Make the alarm web-5xx, in a state."""
    rule = {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 1.0}
    metric = {"Namespace": "AWS/ELB", "MetricName": "5XX", "Statistic": "Sum", "Period": 60}
    stage.pair.sim.call("cloudwatch", "PutMetricAlarm", {"AlarmName": "web-5xx", **rule, **metric})
    turn = {"AlarmName": "web-5xx", "StateValue": state, "StateReason": "a test"}
    stage.pair.sim.call("cloudwatch", "SetAlarmState", turn)


@trial
def an_alarm_in_the_bake(watch: Any) -> list[str]:
    """An alarm that fires while new bakes takes the deployment back."""
    stage = begun(watch, tool={"alarms": ("web-5xx",), "bake": 30.0})
    alarm(stage, "OK")
    at_door(stage, "moved", lambda one: alarm(one, "ALARM"))
    return [*ended(stage.run("deploy", "v2"), 3, "web-5xx"), *stage.verdict("v1")]


@trial
def an_alarm_before_a_finish(watch: Any) -> list[str]:
    """Nothing is retired while an alarm fires that began to once the finish was on record."""
    stage = begun(watch, tool={"alarms": ("web-5xx",)})
    alarm(stage, "OK")
    stage.run("deploy", "v2")

    def on_record(side: str, what: Any) -> bool:
        release = what.release if isinstance(what, Document) else None
        return side == "after" and release is not None and release.goal == FINISH

    once(stage, on_record, lambda one: alarm(one, "ALARM"))
    return [*ended(stage.run("finish"), 4, "web-5xx"), *stage.judge.wrong]


# ---- scaling settings that move ----


@trial
def a_rollback_of_settings(watch: Any) -> list[str]:
    """New has old's policies, alarms and schedules before it serves, and none of them in the end."""
    stage = deployed(watch, scaling=True)
    return [*through(stage, "rollback"), *stage.verdict("v1")]


@trial
def a_finish_of_settings(watch: Any) -> list[str]:
    """The policies, alarms and schedules are new's alone in the end."""
    stage = deployed(watch, scaling=True)
    return [*through(stage, "finish"), *stage.verdict("v2")]


@trial
def a_finish_of_settings_taken_back(watch: Any) -> list[str]:
    """A finish dies when old has lost its settings, and is taken back: old has them again."""
    stage = deployed(watch, scaling=True)
    behind(stage, "BatchDeleteScheduledAction", _dies)
    stage.run("finish")
    return [*ended(stage.patiently("rollback"), 0), *stage.verdict("v1")]


def _without_a_schedule(stage: Stage) -> None:
    """Green's owner deletes one of its scheduled actions."""
    asked(stage.pair, "DeleteScheduledAction", GREEN, ScheduledActionName="night")


@trial
def a_schedule_deleted_before_a_finish(watch: Any) -> list[str]:
    """What new's owner deleted is off old before the first of old is detached."""
    stage, left = deployed(watch, scaling=True), list[bool]()
    _without_a_schedule(stage)
    behind(stage, "DetachInstances", lambda one: left.append("night" in one.pair.sim.groups[BLUE].schedules))
    wrong = ended(stage.patiently("finish"), 0)
    return [*wrong, *([] if left == [False] else ["the deleted schedule is still old's when that goes"])]


@trial
def a_schedule_deleted_in_the_middle_of_a_finish(watch: Any) -> list[str]:
    """What new's owner deletes when old has gone already keeps no finish from its end."""
    stage = deployed(watch, scaling=True)
    behind(stage, "TerminateInstances", _without_a_schedule)
    return ended(stage.patiently("finish"), 0)


@trial
def a_schedule_put_onto_new_before_a_rollback(watch: Any) -> list[str]:
    """What new's owner put there while it served is old's in the end."""
    stage = deployed(watch, scaling=True)
    asked(
        stage.pair,
        "PutScheduledUpdateGroupAction",
        GREEN,
        ScheduledActionName="noon",
        Recurrence="0 12 * * *",
        MinSize=1,
    )
    wrong = ended(stage.patiently("rollback"), 0)
    return [*wrong, *([] if "noon" in stage.pair.sim.groups[BLUE].schedules else ["the new schedule is not old's"])]


@trial
def a_policy_edited_while_the_traffic_moves(watch: Any) -> list[str]:
    """Somebody edits a policy of old between the doors: new has it so."""
    stage = begun(watch, scaling=True)

    def edited(one: Stage) -> None:
        step = {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"}
        adjustments = [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 3}]
        asked(one.pair, "PutScalingPolicy", BLUE, PolicyName="more", **step, StepAdjustments=adjustments)

    at_door(stage, "moving", edited)
    wrong = through(stage, "deploy v2")
    steps = stage.pair.sim.groups[GREEN].policies["more"]["StepAdjustments"]
    return [*wrong, *([] if steps[0]["ScalingAdjustment"] == 3 else [f"new has {steps}"])]


@trial
def a_schedule_due_at_the_switch(watch: Any) -> list[str]:
    """A scheduled action is due a minute after new is healthy: the sides are not flipped near it."""
    stage = begun(watch, tool={"deadline": 900.0})
    due = stage.now + 75.0
    when = f"{datetime.fromtimestamp(due, UTC):%M %H} * * *"
    asked(stage.pair, "PutScheduledUpdateGroupAction", BLUE, ScheduledActionName="soon", Recurrence=when, MinSize=1)
    due -= due % 60
    flips: list[float] = []
    behind(stage, "ResumeProcesses", lambda one: flips.append(one.now - due))
    wrong = through(stage, "deploy v2")
    return [*wrong, *(f"flipped {flip:.0f} s after it" for flip in flips if abs(flip) < 100)]


@trial
def a_new_side_put_to_rest_in_the_bake(watch: Any) -> list[str]:
    """Somebody suspends new's alarms while it bakes: so they are when the deployment ends."""
    stage = begun(watch)
    at_door(stage, "moved", lambda one: asked(one.pair, "SuspendProcesses", GREEN, ScalingProcesses=[ALARMS]))
    return [*through(stage, "deploy v2"), *_rests(stage, GREEN, [ALARMS])]


@trial
def an_old_side_put_to_rest_while_new_goes(watch: Any) -> list[str]:
    """Somebody suspends old's alarms while new still drains: so they are when it is restored."""
    stage = deployed(watch, drain=60.0)
    at_door(stage, "back", lambda one: asked(one.pair, "SuspendProcesses", BLUE, ScalingProcesses=[ALARMS]))
    return [*through(stage, "rollback"), *_rests(stage, BLUE, [ALARMS])]


@trial
def both_sides_set_back_in_the_bake(watch: Any) -> list[str]:
    """An apply sets both autoscalers back while new bakes: new's is at work when the deployment ends."""
    stage, autoscaler = begun(watch), [ALARMS, SCHEDULES]
    asked(stage.pair, "SuspendProcesses", GREEN, ScalingProcesses=autoscaler)

    def applied(one: Stage) -> None:
        asked(one.pair, "SuspendProcesses", GREEN, ScalingProcesses=autoscaler)
        asked(one.pair, "ResumeProcesses", BLUE, ScalingProcesses=autoscaler)

    at_door(stage, "moved", applied)
    return [*through(stage, "deploy v2"), *_rests(stage, GREEN, [])]


@trial
def an_old_side_put_to_rest_before_the_switch(watch: Any) -> list[str]:
    """Somebody suspends live's alarms while new boots: so new's are when the deployment ends."""
    stage = begun(watch)
    behind(
        stage,
        "UpdateAutoScalingGroup",
        lambda one: asked(one.pair, "SuspendProcesses", BLUE, ScalingProcesses=[ALARMS]),
    )
    return [*through(stage, "deploy v2"), *_rests(stage, GREEN, [ALARMS])]


@trial
def replacing_put_to_rest_while_the_traffic_moves(watch: Any) -> list[str]:
    """Somebody keeps live from replacing what is sick: so is new in the end, which serves then."""
    stage = begun(watch)
    at_door(
        stage, "moving", lambda one: asked(one.pair, "SuspendProcesses", BLUE, ScalingProcesses=["ReplaceUnhealthy"])
    )
    wrong = through(stage, "deploy v2")
    return [*wrong, *through(stage, "finish"), *_rests(stage, GREEN, ["ReplaceUnhealthy"])]


@trial
def an_idle_side_that_is_not_checked(watch: Any) -> list[str]:
    """HealthCheck of the idle side alone is suspended: it is at work on what serves in the end."""
    stage = begun(watch)
    asked(stage.pair, "SuspendProcesses", GREEN, ScalingProcesses=["HealthCheck"])
    wrong = through(stage, "deploy v2")
    return [*wrong, *through(stage, "finish"), *_rests(stage, GREEN, [])]


def _put_to_rest(verb: str, group: str) -> Trial:
    def run(watch: Any) -> list[str]:
        stage = deployed(watch)
        asked(stage.pair, "SuspendProcesses", GREEN, ScalingProcesses=[ALARMS])
        return [*through(stage, verb), *_rests(stage, group, [ALARMS])]

    run.__doc__ = f"Somebody suspends new's alarms at rest: so they are of whoever serves after a {verb}."
    return run


TRIALS["a_new_side_put_to_rest_before_a_rollback"] = _put_to_rest("rollback", BLUE)
TRIALS["a_new_side_put_to_rest_before_a_finish"] = _put_to_rest("finish", GREEN)


def _rests(stage: Stage, group: str, wanted: list[str]) -> list[str]:
    """Tell what a group has suspended, where it is anything but ``wanted``."""
    found = sorted(stage.pair.sim.groups[group].suspended)
    return [] if found == wanted else [f"{group} has {found} suspended"]


# ---- a load that rises when one side has it alone again ----

SOON = 110.0
"""Seconds in which the metrics tell of it; an alarm needs three minutes."""


def _rising(door: str, group: str, verb: str) -> Trial:
    def run(watch: Any) -> list[str]:
        load = {"load": 28.0, "power": 40.0, "policies": [tracking("requests", 600.0)], "twins": True}
        stage = (begun if verb == "deploy" else deployed)(watch, size=3, maximum=12, **load)
        found: list[float] = []

        def rises(one: Stage) -> None:
            sim, began = one.pair.sim, one.now
            share(sim, sim.groups[group].balancers, lambda _: 58.0, 40.0)
            once(one, lambda *_: sim.groups[group].desired >= 6, lambda late: found.append(late.now - began))

        at_door(stage, door, rises)
        wrong = through(stage, "deploy v2" if verb == "deploy" else verb)
        return [*wrong, *([] if found and found[0] < SOON else [f"{group} wanted 6 after {found} s"])]

    run.__doc__ = f"The load doubles when {door} has been reached: {group} grows before its alarms could tell."
    return run


TRIALS["a_load_that_rises_in_the_bake"] = _rising("moved", GREEN, "deploy")
TRIALS["a_load_that_rises_while_new_goes"] = _rising("back", BLUE, "rollback")


# ---- ways back ----


@trial
def a_rollback_while_launches_rest(watch: Any) -> list[str]:
    """Launch suspended on old: nothing could leave Standby, so a human is asked at once, with the command to use."""
    stage = deployed(watch)
    asked(stage.pair, "SuspendProcesses", BLUE, ScalingProcesses=["Launch"])
    sent: list[str] = []
    behind(stage, "ExitStandby", lambda _: sent.append("ExitStandby was sent"))
    return [*ended(stage.run("rollback"), 4, "Launch of web-blue is suspended"), *sent]


@trial
def a_wave_that_never_arrived(watch: Any) -> list[str]:
    """The call that parks old never arrives and the run dies: a rollback counts old again after a minute."""
    stage = begun(watch)

    def away(call: Call) -> None:
        if call.operation == "EnterStandby":
            stage.dead = True
            raise no_connection(call)

    stage.pair.sim.faults.before.append(away)
    stage.run("deploy", "v2")
    stage.pair.sim.faults.before.remove(away)
    stage.pair.run_for(60)
    return [*ended(stage.patiently("rollback"), 0), *stage.verdict("v1")]


@trial
def a_protected_new_side(watch: Any) -> list[str]:
    """New instances that are protected from scale-in go all the same."""
    stage = begun(watch)
    stage.run("deploy", "v2")
    for instance in stage.pair.sim.healthy(GREEN):
        asked(stage.pair, "SetInstanceProtection", GREEN, InstanceIds=[instance], ProtectedFromScaleIn=True)
    return [*through(stage, "rollback"), *stage.verdict("v1")]


@trial
def a_service_with_processes_at_rest(watch: Any) -> list[str]:
    """What the service has suspended for good is suspended on the side that serves in the end."""
    stage = begun(watch)
    resting = ["AZRebalance", "ReplaceUnhealthy"]
    asked(stage.pair, "SuspendProcesses", BLUE, ScalingProcesses=resting)
    stage.run("deploy", "v2")
    return [*through(stage, "finish"), *_rests(stage, GREEN, resting)]
