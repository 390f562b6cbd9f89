"""The scenarios of docs/rules.md in which the autoscaler lives: the same ones as in ``test_rules``, under real load."""

from __future__ import annotations

import pytest

from bluegreen.errors import INT, Refused, Status
from bluegreen.simulator.autoscaling.capacity import emptiest_zone
from bluegreen.simulator.autoscaling.launching import launch_one
from bluegreen.simulator.ec2.faults import NO_CAPACITY
from tests.support.hands import asked, edit, follow
from tests.support.moments import once
from tests.support.scaling import nothing_of, settings_of
from tests.support.story import unlike
from tests.support.traffic import WAYS, Alive, alive, runs, scheduled, writes, writing
from tests.support.virtual import BLUE, GREEN, Pair
from tests.support.watching import Watch, colours_serving, left_over

MINUTE, HOUR = 60.0, 3600.0

BOTH_WAYS = pytest.mark.parametrize("way", WAYS)


def sharing(one: Alive) -> bool:
    """Whether both sides serve."""
    return bool(one.healthy(GREEN) and one.healthy(BLUE))


# ---- a ----


@BOTH_WAYS
def test_scenario_a_forty_a_schedule_in_the_middle_and_half_as_much_load_again(way) -> None:
    """What the traffic and the schedule want is there as soon as without a release; the floor of forty holds."""
    one = alive(way, instances=40, maximum=100)
    due, done, watch = scheduled(one, way, 30.0, MinSize=45), runs(one), Watch(one.pair, 40)
    once(one.pair, lambda _: sharing(one), lambda: one.comes(60))
    ended = one.service(bake=10 * MINUTE, look_every=2.0).deploy("v2")
    assert (ended.status, watch.broken, one.late, one.asleep) == (Status.OK, [], [], [])
    assert (one.sizes(GREEN), one.healthy(GREEN), [(BLUE, due)]) == ((45, 100, 60), 60, done)


@BOTH_WAYS
def test_scenario_a_back_again_with_a_schedule_in_the_middle_and_half_as_much_load_again(way) -> None:
    """The same in a rollback: forty are parked, sixty serve in the end, and the schedule has run once."""
    one = alive(way, instances=40, maximum=100)
    one.service(look_every=2.0).deploy("v2")
    one.pair.run_for(30.0)
    due, done, watch = scheduled_on_both(one, 1.0, MinSize=45), runs(one), Watch(one.pair, 40)
    one.pair.run_for(due - one.pair.clock.now() - 3.0)
    once(one.pair, lambda _: sharing(one), lambda: one.comes(60))
    ended = one.service(look_every=2.0).rollback()
    one.pair.run_for(10 * MINUTE)
    assert (ended.status, watch.broken, one.late, one.asleep) == (Status.OK, [], [], [])
    assert (one.sizes(BLUE), one.healthy(BLUE), [due]) == ((45, 100, 60), 60, [at for _, at in done])


def scheduled_on_both(one: Alive, after: float, **sizes: int) -> float:
    """Put a scheduled action onto both sides, as they both have it during a release, whichever way."""
    return scheduled(one, "twins", after, **sizes)


# ---- d ----


@pytest.mark.parametrize("room", [True, False])
@BOTH_WAYS
def test_scenario_d_rollback_after_the_traffic_has_doubled(way, room) -> None:
    """Eight serve where four were parked: eight come back; without room for the rest nothing needed is taken away."""
    one = alive(way)
    one.service().deploy("v2")
    one.comes(8)
    one.pair.run_for(10 * MINUTE)
    watch = Watch(one.pair, 8)
    if not room:
        one.pair.sim.fail_launches(BLUE, NO_CAPACITY)
    ended = one.service(progress_deadline=5 * MINUTE, look_every=5.0).rollback()
    first = (ended.status, one.healthy(BLUE), watch.broken)
    one.pair.sim.launches.failures.clear()
    last = (one.service().resume().status, one.healthy(BLUE), watch.broken)
    assert ((Status.OK, 8, []) if room else (Status.BLOCKED, 4, []), (Status.OK, 8, [])) == (first, last)
    assert (colours_serving(one.pair), one.pair.images(BLUE), one.asleep) == ([BLUE], {"v1"}, [])


# ---- j ----


@BOTH_WAYS
def test_scenario_j_arming_under_dilution(way) -> None:
    """Every scale-in alarm of new is in breach when its alarms resume: none of its instances goes."""
    one = alive(way, instances=6)
    halves: list[str] = []
    one.pair.sim.body.boot = lambda group: halves.append(group) or (20 * MINUTE if len(halves) % 2 else 30.0)
    low = f"TargetTracking-{GREEN}-AlarmLow-tracking"
    alarms, breach = one.pair.sim.alarms, []
    note = lambda: breach.append((alarms[low]["StateValue"], one.sizes(GREEN)[2]))  # noqa: E731
    armed = once(one.pair, writing("ResumeProcesses", GREEN), note)
    fewest: list[int] = []
    one.pair.sim.on_event(lambda: fewest.append(one.sizes(GREEN)[2]) if armed else None)
    ended = one.service(look_every=5.0).deploy("v2")
    one.pair.run_for(30 * MINUTE)
    assert (ended.status, [("ALARM", 6)], 6) == (Status.OK, breach, min(fewest))


@BOTH_WAYS
def test_scenario_j_arming_old_again_under_dilution(way) -> None:
    """In a rollback that waits long for room, every scale-in alarm of old is in breach when its alarms resume."""
    one = alive(way, instances=6)
    one.service().deploy("v2")
    one.comes(9)
    one.pair.run_for(10 * MINUTE)
    low = f"TargetTracking-{BLUE}-AlarmLow-tracking"
    alarm, breach = one.pair.sim.alarms[low], []
    once(one.pair, writing("ResumeProcesses", BLUE), lambda: breach.append(set_off(one, low) or alarm["StateValue"]))
    fewest: list[int] = []
    one.pair.sim.on_event(lambda: fewest.append(one.healthy(BLUE) + one.healthy(GREEN)))
    ended = one.service().rollback()
    one.pair.run_for(20 * MINUTE)
    assert (ended.status, ["ALARM"], 9, 9) == (Status.OK, breach, min(fewest), one.healthy(BLUE))


def set_off(one: Alive, alarm: str) -> None:
    """Let an alarm be in breach, as minutes of shared load would."""
    state = {"AlarmName": alarm, "StateValue": "ALARM", "StateReason": "a test"}
    one.pair.sim.call("cloudwatch", "SetAlarmState", state)


# ---- letting go of a minimum ----


@BOTH_WAYS
def test_after_a_rollback_old_is_not_scaled_in_below_demand_and_has_its_minimum_back_within_five_minutes(way) -> None:
    """Its scale-in alarms are in breach from the shared load: held up until they are not, five minutes at most."""
    one = alive(way, instances=6)
    one.service().deploy("v2")
    one.pair.run_for(2 * MINUTE)
    keep_firing(one, f"TargetTracking-{BLUE}-AlarmLow-tracking")
    watch = Watch(one.pair, 6)
    ended = one.service().rollback()
    held = one.pair.clock.now() - one.at("back")
    assert (ended.status, watch.broken, one.sizes(BLUE)) == (Status.OK, [], (1, 24, 6))
    assert (True, 6) == (280 < held <= 5 * MINUTE + 15, one.healthy(BLUE))


def keep_firing(one: Alive, alarm: str) -> None:
    """Let an alarm be in breach as long as the shared load is in its fifteen minutes; until it is let go of."""
    record = one.pair.sim.alarms[alarm]

    def fire() -> None:
        if one.sizes(BLUE)[0] >= 6:
            record["StateValue"] = "ALARM"

    one.pair.sim.on_event(fire)


@BOTH_WAYS
def test_a_minimum_is_let_go_after_three_minutes_where_no_alarm_would_scale_in(way) -> None:
    """Nobody waits five minutes for alarms that rest: three, until they have seen the load of one side."""
    one = alive(way, instances=6)
    one.service().deploy("v2")
    one.pair.run_for(2 * MINUTE)
    ended = one.service().rollback()
    assert (ended.status, one.sizes(BLUE)) == (Status.OK, (1, 24, 6))
    assert 180 < one.pair.clock.now() - one.at("back") < 200


# ---- k ----


@BOTH_WAYS
def test_scenario_k_a_hold_of_hours_in_the_bake_while_the_load_grows(way) -> None:
    """Stopped with Ctrl-C after the switch and left for three hours: new follows the load, cron leaves it alone."""
    one = alive(way)
    stopped = one.service(lambda: INT if one.healthy(BLUE) == 0 else None).deploy("v2")
    one.comes(8, after=HOUR)
    one.comes(11, after=2 * HOUR)
    one.pair.run_for(3 * HOUR)
    assert (Status.INTERRUPTED, None, 11) == (stopped.status, one.service().cleanup(), one.healthy(GREEN))
    ended = one.service().resume()
    assert (ended.status, one.sizes(GREEN), one.healthy(GREEN)) == (Status.OK, (1, 16, 11), 11)
    assert ([], []) == (one.late, one.asleep)


def held_before_the_switch(way: str) -> tuple[Alive, Status, Status]:
    """Return a pair whose deployment was stopped while new booted, for three hours in which the load grew."""
    one = alive(way, boot=60.0)
    stopped = one.service(lambda: INT if one.pair.sim.states(GREEN) else None).deploy("v2")
    one.comes(8, after=HOUR)
    one.comes(11, after=2 * HOUR)
    one.pair.run_for(3 * HOUR)
    return one, stopped.status, one.service(bake=10 * MINUTE).resume().status


@BOTH_WAYS
def test_scenario_k_a_hold_of_hours_before_the_switch_while_the_load_grows(way) -> None:
    """Stopped with Ctrl-C while new boots: both share the load for three hours, and new alone is enough at the end."""
    one, *statuses = held_before_the_switch(way)
    assert ([Status.INTERRUPTED, Status.OK], (1, 16, 11)) == (statuses, one.sizes(GREEN))
    assert (11, [], []) == (one.healthy(GREEN), one.asleep, one.pair.sim.terminated_while_serving)


@BOTH_WAYS
def test_scenario_k_a_hold_before_the_switch_loses_nothing_that_the_load_needs(way) -> None:
    """Eleven serve together when it is carried on, and the load needs them: no fewer do during the switch."""
    one, *_ = held_before_the_switch(way)
    assert 11 <= one.history.least(one.at("moving") - MINUTE, one.at("deployed"))


@BOTH_WAYS
def test_scenario_k_a_hold_of_hours_in_a_rollback_while_the_load_grows(way) -> None:
    """Stopped when the first of old are back: both sides serve for three hours, and enough of them."""
    one = alive(way)
    one.service().deploy("v2")
    stopped = one.service(lambda: INT if sharing(one) else None).rollback()
    one.comes(8, after=HOUR)
    one.pair.run_for(3 * HOUR)
    ended = one.service().resume()
    one.pair.run_for(5 * MINUTE)
    assert ((Status.INTERRUPTED, Status.OK), 8) == ((stopped.status, ended.status), one.healthy(BLUE))
    assert ([], [], (1, 16, 8)) == (one.late, one.asleep, one.sizes(BLUE))


@BOTH_WAYS
def test_scenario_k_a_person_edits_the_minimum_while_the_load_grows(way) -> None:
    """The wish is kept for whoever serves at the end, and what the traffic needs beyond it is there."""
    one = alive(way)
    once(one.pair, lambda _: sharing(one), lambda: [edit(one.pair, BLUE, MinSize=3), one.comes(8)])
    ended = one.service(bake=10 * MINUTE).deploy("v2")
    assert (ended.status, one.sizes(GREEN), one.late, one.asleep) == (Status.OK, (3, 16, 8), [], [])


# ---- l ----


@BOTH_WAYS
def test_scenario_l_a_launch_hook_of_ten_minutes_in_a_ramp_of_load(way) -> None:
    """Each launch waits ten minutes while the traffic doubles step by step: as many serve as without a release."""
    one = alive(way, boot=630.0)
    hook = {"LifecycleHookName": "warm", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    for sim in (one.pair.sim, one.alone):
        sim.body.boot = 30.0
        for group in (BLUE, GREEN):
            request = {**hook, "AutoScalingGroupName": group, "HeartbeatTimeout": 600, "DefaultResult": "CONTINUE"}
            sim.call("autoscaling", "PutLifecycleHook", request)
    for step in range(1, 5):
        one.comes(4 + step, after=step * 5 * MINUTE)
    ended = one.service(progress_deadline=None, deadline=None, look_every=5.0, bake=30 * MINUTE).deploy("v2")
    assert (ended.status, one.late, one.asleep) == (Status.OK, [], [])
    assert (one.healthy(GREEN), one.pair.images(GREEN)) == (8, {"v2"})


# ---- m ----


@pytest.mark.parametrize("what", ["dies", "is rebalanced"])
@BOTH_WAYS
def test_scenario_m_an_old_instance_comes_anew_during_parking(way, what) -> None:
    """Half of old is parked when one dies, or one is launched to even out zones: all are parked, enough serve."""
    one = alive(way, instances=30, zones=3, drain=20.0)
    happens = {
        "dies": lambda: one.pair.sim.kill(one.pair.sim.healthy(BLUE)[-1]),
        "is rebalanced": lambda: rebalanced(one),
    }
    done = once(one.pair, lambda _: "EnteringStandby" in one.pair.sim.states(BLUE).values(), happens[what])
    watch = Watch(one.pair, 30)
    ended = one.service(bake=5 * MINUTE, look_every=2.0).deploy("v2")
    assert (ended.status, len(done), watch.broken, one.late) == (Status.OK, 1, [], [])
    assert ({"Standby"}, [GREEN]) == (set(one.pair.sim.states(BLUE).values()), colours_serving(one.pair))
    assert (Status.OK, {}) == (one.service().finish().status, left_over(one.pair))


def rebalanced(one: Alive) -> None:
    """Let an instance be launched in the zone with the fewest, as a rebalancing that was under way already."""
    old = one.pair.sim.groups[BLUE]
    launch_one(one.pair.sim.world, old, emptiest_zone(old), "instances were launched to balance zones.")


# ---- f ----


def rich(way: str) -> Alive:
    """Return a pair with a tracking policy, step and simple policies, their tagged alarms and scheduled actions."""
    one = alive(way, idle_maximum=3)
    for group in (BLUE, GREEN) if way == "twins" else (BLUE,):
        put_rich(one.pair, group, way)
    return one


MORE = [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}]
FEWER = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1, "Cooldown": 300}


def put_rich(pair: Pair, group: str, way: str) -> None:
    """Put them onto a group; one alarm's name tells of the group, the other one's only where there must be two."""
    step = {"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity", "StepAdjustments": MORE}
    call = pair.sim.call
    named = {"AutoScalingGroupName": group}
    more = call("autoscaling", "PutScalingPolicy", {**named, "PolicyName": f"{group}-more", **step})["PolicyARN"]
    fewer = call("autoscaling", "PutScalingPolicy", {**named, "PolicyName": "fewer", **FEWER})["PolicyARN"]
    metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Statistic": "Average", "Period": 60}
    dimensions = [{"Name": "AutoScalingGroupName", "Value": group}]
    common = {**metric, "Dimensions": dimensions, "EvaluationPeriods": 3, "Tags": [{"Key": "team", "Value": "web"}]}
    busy = {"AlarmName": f"{group} is busy", "Threshold": 99.0, "ComparisonOperator": "GreaterThanThreshold"}
    calm = {"AlarmName": f"calm {group}" if way == "twins" else "calm", "Threshold": 1.0}
    calm["ComparisonOperator"] = "LessThanThreshold"
    call("cloudwatch", "PutMetricAlarm", {**common, **busy, "AlarmActions": [more], "TreatMissingData": "ignore"})
    call("cloudwatch", "PutMetricAlarm", {**common, **calm, "AlarmActions": [fewer], "DatapointsToAlarm": 2})
    asked(pair, "PutScheduledUpdateGroupAction", group, ScheduledActionName="night", Recurrence="0 3 * * *", MinSize=1)


@BOTH_WAYS
def test_scenario_f_deploy_finish_and_deploy_the_other_way_five_times(way) -> None:
    """What AWS says of policies, tagged alarms, schedules, bounds and processes is the service's, not a colour's."""
    one = rich(way)
    before, names = one.pair.picture(), alarm_names(one.pair)
    for number in range(5):
        statuses = [one.service().deploy(f"v{number + 2}").status, one.service().finish().status]
        assert ([Status.OK] * 2, []) == (statuses, unlike(before, one.pair.picture()))
        assert ([(GREEN, BLUE)[number % 2]], 4, {}) == (colours_serving(one.pair), serving(one), left_over(one.pair))
        assert number % 2 == 0 or (before, names) == (one.pair.picture(), alarm_names(one.pair))
    assert ([], []) == (one.late, one.asleep)


def alarm_names(pair: Pair) -> list[str]:
    """Return what all alarms are called."""
    return sorted(row["AlarmName"] for row in pair.sim.call("cloudwatch", "DescribeAlarms", {})["MetricAlarms"])


def serving(one: Alive) -> int:
    """Return how many serve, on whichever side."""
    return one.healthy(BLUE) + one.healthy(GREEN)


# ---- h ----


def test_scenario_h_twins_whose_idle_side_has_a_schedule_that_is_not_suspended() -> None:
    """It would launch instances at night: refused with the command that suspends it; then it is deployed."""
    one = alive("twins")
    scheduled(one, "twins", 6 * HOUR, MinSize=2)
    asked(one.pair, "ResumeProcesses", GREEN, ScalingProcesses=["AlarmNotification", "ScheduledActions"])
    called = writes(one.pair)
    with pytest.raises(Refused, match="web-green are not suspended: they would launch instances") as refusal:
        one.service().deploy("v2")
    assert ([], None) == (called, one.pair.release)
    follow(one.pair, refusal.value.hint, BLUE)
    assert (Status.OK, Status.OK) == (one.service().deploy("v2").status, one.service().finish().status)
    assert (4, []) == (one.healthy(GREEN), one.asleep)


def apply(one: Alive) -> None:
    """Write what a Terraform that ignores too little writes of both groups: sizes, processes, and the image tag."""
    edit(one.pair, BLUE, MinSize=2, MaxSize=16)
    edit(one.pair, GREEN, MinSize=0, MaxSize=16)
    for group, verb in ((BLUE, "Resume"), (GREEN, "Suspend")):
        asked(one.pair, f"{verb}Processes", group, ScalingProcesses=["AlarmNotification", "ScheduledActions"])


@pytest.mark.parametrize("moment", ["baking", "parked"])
def test_scenario_h_terraform_apply_at_night(moment) -> None:
    """An apply arms the old side and lets the new one rest: a run that watches, or the next verb, puts it right."""
    one = alive("twins")
    baked = once(one.pair, lambda _: moment == "baking" and one.healthy(BLUE) == 0, lambda: apply(one))
    statuses = [one.service(bake=10 * MINUTE).deploy("v2").status]
    if moment == "parked":
        apply(one)
        one.pair.run_for(MINUTE)
    statuses.append(one.service().finish().status)
    groups = one.pair.sim.groups
    armed = {name for name in (BLUE, GREEN) if not groups[name].suspends("AlarmNotification", "ScheduledActions")}
    assert ([Status.OK] * 2, {GREEN}, moment == "baking") == (statuses, armed, bool(baked))
    one.comes(8)
    one.pair.run_for(10 * MINUTE)
    assert (8, [GREEN], {}) == (one.healthy(GREEN), colours_serving(one.pair), left_over(one.pair))


def test_scenario_h_an_apply_defines_settings_again_that_have_moved() -> None:
    """Terraform puts blue's policy back after it moved to green: seen as twins from then on, and nothing is lost."""
    one = alive("move")
    policy = settings_of(one.pair.sim, BLUE)["policies"]["tracking"]
    one.service().deploy("v2")
    one.service().finish()
    assert nothing_of(settings_of(one.pair.sim, BLUE))
    one.pair.run_for(2 * MINUTE)
    fields = ("PolicyName", "PolicyType", "TargetTrackingConfiguration", "EstimatedInstanceWarmup")
    asked(one.pair, "PutScalingPolicy", BLUE, **{key: policy[key] for key in fields})
    assert (Status.OK, Status.OK) == (one.service().deploy("v3").status, one.service().finish().status)
    assert (4, [], [BLUE]) == (one.healthy(BLUE), one.asleep, colours_serving(one.pair))
    assert policy == settings_of(one.pair.sim, BLUE)["policies"]["tracking"]
