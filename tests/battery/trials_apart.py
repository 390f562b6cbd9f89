"""More small stories: balancers that disagree, proof of health, and what others do in sections that look no more.

A trial is a function from a stage to what was wrong; its name is its key in row 16.
"""

from __future__ import annotations

from typing import Any

from bluegreen.flow.limits import Pace
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.ec2.faults import NO_IMAGE
from bluegreen.targets.pair.model.fleet import AUTOSCALER
from tests.battery.stage import Stage
from tests.battery.trials import TRIALS, _emptied, alarm, at_door, begun, behind, deployed, ended, once, through
from tests.support.hands import asked, edit, tagged
from tests.support.virtual import BLUE, GREEN

__all__ = ["TRIALS"]

GUARDED = {"alarms": ("web-5xx",)}


def trial(function: Any) -> Any:
    """Register a trial under its name."""
    TRIALS[function.__name__] = function
    return function


def parked(stage: Stage) -> list[str]:
    """Return that an old instance left the balancers, if any did."""
    sent = [line for line in stage.trace if line[1] == "call" and line[2] == "EnterStandby"]
    return ["old instances were parked"] if sent else []


@trial
def an_alarm_while_new_boots(watch: Any) -> list[str]:
    """An alarm that fires with the first healthy new instance takes the deployment back: no other one is waited for."""
    boots = iter([1.0, 1.0, 1.0, 120.0, 120.0])
    stage = begun(watch, size=2, boot=lambda _: next(boots, 1.0), tool={**GUARDED, "progress_deadline": 300.0})
    alarm(stage, "OK")
    fired: list[float] = []

    def fire(one: Stage) -> None:
        fired.append(one.now)
        alarm(one, "ALARM")

    once(stage, lambda side, what: side == "before" and bool(stage.pair.sim.healthy(GREEN)), fire)
    wrong = ended(stage.run("deploy", "v2"), 3, "web-5xx")
    turned = [line[0] + 1.7e9 for line in stage.trace if line[1:3] == ("event", "turned")]
    late = [f"turned {at - fired[0]:.0f} s after the alarm" for at in turned if at > fired[0] + 30]
    return [*wrong, *late, *stage.verdict("v1")]


@trial
def an_alarm_before_the_first_wave(watch: Any) -> list[str]:
    """An alarm that fires when the traffic may move keeps every old instance where it is."""
    stage = begun(watch, tool=GUARDED)
    alarm(stage, "OK")
    at_door(stage, "moving", lambda one: alarm(one, "ALARM"))
    return [*ended(stage.run("deploy", "v2"), 3, "web-5xx"), *parked(stage), *stage.verdict("v1")]


@trial
def a_balancer_in_which_nothing_gets_well(watch: Any) -> list[str]:
    """Where neither version is ever healthy nothing is waited for for ever, and everybody is told."""
    stage = begun(watch, balancers="pair", fails_in={"v": ("web-1",)})
    stage.judge.watch.floor = {_key(stage, "web-0"): 2}
    return [*ended(stage.run("deploy", "v2"), 0, "web-1"), *stage.judge.wrong]


def _key(stage: Stage, name: str) -> str:
    return next(key for key, found in stage.pair.sim.balancers.items() if found.name == name)


@trial
def a_first_deployment_that_dies_after_its_first_check(watch: Any) -> list[str]:
    """It has never served: it goes back to zero, and is not left standing."""
    stage = begun(watch, size=2, tool={"healthy_for": None})
    _emptied(stage)
    told = stage.run("deploy", "crash-2", capacity=2)
    stage.pair.run_for(120)
    left = stage.pair.sim.states(BLUE) | stage.pair.sim.states(GREEN)
    return [*ended(told, 3), *(["instances are left standing"] if left else [])]


@trial
def an_old_side_armed_in_the_bake(watch: Any) -> list[str]:
    """Somebody lets old's policies and schedules work again while new bakes: they rest."""
    stage = begun(watch, tool={"bake": 30.0})
    at_door(stage, "moved", lambda one: _arm(one, BLUE))
    wrong = ended(stage.run("deploy", "v2"), 0)
    armed = AUTOSCALER - stage.pair.sim.groups[BLUE].suspended.keys()
    return [*wrong, *stage.judge.wrong, *([f"{', '.join(sorted(armed))} of old work"] if armed else [])]


def _arm(stage: Stage, group: str) -> None:
    asked(stage.pair, "ResumeProcesses", group, ScalingProcesses=sorted(AUTOSCALER))


@trial
def a_minimum_of_old_raised_in_the_bake(watch: Any) -> list[str]:
    """An apply puts old's minimum back: what it launches is parked, and the deployment stays."""
    stage = begun(watch, tool={"bake": 60.0})
    at_door(stage, "moved", _applied)
    wrong = ended(stage.run("deploy", "v2"), 0)
    return [*wrong, *through(stage, "finish")]


def _applied(stage: Stage) -> None:
    edit(stage.pair, BLUE, MinSize=2)
    stage.pair.run_for(8)


@trial
def a_new_side_armed_while_it_goes(watch: Any) -> list[str]:
    """Somebody lets new's policies and schedules work again while it is held on its way out: they rest."""
    stage = deployed(watch, drain=20.0)
    seen: list[str] = []
    at_door(stage, "back", lambda one: _stay_and_arm(one, seen))
    wrong = through(stage, "rollback")
    return [*wrong, *seen]


def _stay_and_arm(stage: Stage, seen: list[str]) -> None:
    """Let one instance of new come again, held by a hook, and armed: soon nothing there may be at work."""
    _one_more(stage)
    _arm(stage, GREEN)
    since = stage.now

    def look(one: Stage, side: str, what: Any) -> None:
        group = one.pair.sim.groups[GREEN]
        staying = [state for state in one.pair.sim.states(GREEN).values() if not state.startswith("Terminating")]
        late = one.now > since + 5 and isinstance(what, Call)
        if late and staying and not (AUTOSCALER <= group.suspended.keys()) and not seen:
            seen.append("new's policies and schedules work while it goes")

    stage.strikes.append(look)


@trial
def a_late_one_of_the_image_that_idle_had(watch: Any) -> list[str]:
    """No tag has to change, and yet nothing is over before the last new instance has gone."""
    stage = begun(watch)
    tagged(stage.pair, GREEN, "v2")
    stage.run("deploy", "v2")
    at_door(stage, "back", _one_more)
    return [*through(stage, "rollback"), *stage.judge.wrong]


def _one_more(stage: Stage) -> None:
    hook = {"LifecycleHookName": "warm", "HeartbeatTimeout": 30, "DefaultResult": "CONTINUE"}
    asked(stage.pair, "PutLifecycleHook", GREEN, LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING", **hook)
    edit(stage.pair, GREEN, MinSize=1, MaxSize=1)
    stage.pair.run_for(2)


@trial
def a_launch_that_can_never_succeed(watch: Any) -> list[str]:
    """AWS says why: the deployment is taken back at once, with its words."""
    stage = begun(watch)
    stage.pair.sim.fail_launches(GREEN, NO_IMAGE)
    return [*ended(stage.run("deploy", "v2"), 3, "does not exist"), *stage.verdict("v1")]


@trial
def a_later_wave_that_cannot_be_launched(watch: Any) -> list[str]:
    """The first wave moves and AWS can launch no other: the deployment is taken back at once, with its words."""
    stage = begun(watch, size=4, tool={"pace": Pace(75, 125), "progress_deadline": 600.0})
    stage.judge.watch.floor = 1
    behind(stage, "EnterStandby", _no_other)
    since = stage.now
    wrong = ended(stage.run("deploy", "v2"), 3, "does not exist")
    late = [f"taken back after {stage.now - since:.0f} s"] if stage.now - since > 400 else []
    return [*wrong, *late, *stage.verdict("v1")]


def _no_other(stage: Stage) -> None:
    stage.judge.watch.floor = 3
    stage.pair.sim.fail_launches(GREEN, NO_IMAGE)


@trial
def a_protected_one_that_comes_late(watch: Any) -> list[str]:
    """A new instance that is protected, and comes into service when old serves alone again, goes all the same."""
    stage = deployed(watch)
    at_door(stage, "back", _protected_again)
    wrong = through(stage, "rollback")
    left = [state for state in stage.pair.sim.states(GREEN).values() if state == "InService"]
    return [*wrong, *(["a new instance stays"] if left else [])]


def _protected_again(stage: Stage) -> None:
    edit(stage.pair, GREEN, MinSize=1, MaxSize=1)
    stage.pair.run_for(5)
    for instance, state in stage.pair.sim.states(GREEN).items():
        if state == "InService":
            asked(stage.pair, "SetInstanceProtection", GREEN, InstanceIds=[instance], ProtectedFromScaleIn=True)
