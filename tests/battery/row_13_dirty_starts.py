"""dirty starts: both groups, how many members, in the balancer or not, healthy or not, with leftovers

The tool has no record of how it came about. ``check``, ``resume``, ``cleanup`` and ``deploy`` either mend it, or
refuse and write nothing; what the hint tells is done, with the very commands that it spells out, until the deployment
ends, and it must end clean. No run takes away what serves when it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bluegreen.errors import BluegreenError, Refused, Status
from bluegreen.targets.pair.model.release import MARK
from tests.battery.rows import Scale
from tests.battery.stage import Stage, Told, opened
from tests.battery.telling import Watching
from tests.support.hands import AwsError, asked, edit, follow, in_balancers, tagged
from tests.support.virtual import BLUE, GREEN

MUST = "mended, or refused with the right next command; never worse"
SIZE, FEW, ROUNDS = 4, 100, 8
MEMBERS = {"0": 0, "half": 2, "all": 4}
HEALTH = ("all", "half", "none", "sick", "half-sick")
Dirt = Callable[[Stage], None]


# ---- how many, and where ----


def _size(stage: Stage, group: str, count: int) -> None:
    edit(stage.pair, group, MinSize=0, MaxSize=8, DesiredCapacity=count)


def _health(stage: Stage, group: str, how: str) -> None:
    pair = stage.pair
    ids = list(pair.sim.states(group))
    some = {"all": [], "half": ids[::2], "none": ids, "sick": ids, "half-sick": ids[::2]}[how]
    if not some:
        return
    if "sick" in how:
        for instance in some:
            pair.sim.sicken(instance)
    else:
        in_balancers(pair, group, some, registered=False)


# ---- what is left over ----


def _none(_: Stage) -> None:
    """Nothing is left over."""


def _parked(group: str) -> Dirt:
    def park(stage: Stage) -> None:
        pair, state = stage.pair, stage.pair.sim.groups[group]
        count = max(state.desired, 2)
        edit(pair, group, MinSize=0, MaxSize=8, DesiredCapacity=count)
        pair.run_for(30)
        asked(pair, "EnterStandby", group, InstanceIds=list(pair.sim.states(group))[:2], **{DECREMENT: True})
        pair.run_for(30)

    return park


DECREMENT = "ShouldDecrementDesiredCapacity"


def _ghost(group: str) -> Dirt:
    def end(stage: Stage) -> None:
        _parked(group)(stage)
        parked = [i for i, state in stage.pair.sim.states(group).items() if state == "Standby"]
        stage.pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": parked[:1]})
        stage.pair.run_for(30)

    return end


def _suspended(group: str, *processes: str) -> Dirt:
    return lambda stage: asked(stage.pair, "SuspendProcesses", group, ScalingProcesses=list(processes))


def _pinned(group: str) -> Dirt:
    def pin(stage: Stage) -> None:
        if group == GREEN:
            asked(stage.pair, "SuspendProcesses", group, ScalingProcesses=["Launch"])
        sizes = stage.pair.sim.groups[group]
        edit(stage.pair, group, MinSize=max(2, sizes.desired), MaxSize=8)

    return pin


def _wanting(stage: Stage) -> None:
    """Let the idle group want instances that it cannot launch just now."""
    stage.pair.sim.fail_launches(GREEN, until=stage.now + 20)
    edit(stage.pair, GREEN, MinSize=max(2, stage.pair.sim.groups[GREEN].desired + 1), MaxSize=8)
    stage.pair.run_for(2)


def _wrong_tag(group: str) -> Dirt:
    return lambda stage: tagged(stage.pair, group, "v0")


def _pending(group: str) -> Dirt:
    def launch(stage: Stage) -> None:
        edit(stage.pair, group, MaxSize=8, DesiredCapacity=stage.pair.sim.groups[group].desired + 1)
        stage.pair.run_for(0.5)

    return launch


def _waiting(group: str) -> Dirt:
    def hold(stage: Stage) -> None:
        hook = {"LifecycleHookName": "warm", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
        for name in (BLUE, GREEN):
            asked(stage.pair, "PutLifecycleHook", name, **hook, HeartbeatTimeout=100, DefaultResult="CONTINUE")
        _pending(group)(stage)
        stage.pair.run_for(5)

    return hold


def _terminating(group: str) -> Dirt:
    def end(stage: Stage) -> None:
        for instance in list(stage.pair.sim.states(group))[:1]:
            asked_of = {"InstanceId": instance, DECREMENT: True}
            stage.pair.sim.call("autoscaling", "TerminateInstanceInAutoScalingGroup", asked_of)

    return end


def _marked(stage: Stage) -> None:
    """Leave a marked instance behind whose release no record knows; what a record lists, a clean-up ends at once."""
    pair, ids = stage.pair, _launched(stage)
    mark = {"Key": MARK, "Value": "web:20260101-000000-aaaa"}
    pair.sim.call("ec2", "CreateTags", {"Resources": ids, "Tags": [mark]})
    asked(pair, "DetachInstances", BLUE, InstanceIds=ids, **{DECREMENT: True})
    pair.run_for(30)


def _launched(stage: Stage) -> list[str]:
    """Let one more instance of blue come up, and return it."""
    before = set(stage.pair.sim.states(BLUE))
    edit(stage.pair, BLUE, MinSize=0, MaxSize=8, DesiredCapacity=stage.pair.sim.groups[BLUE].desired + 1)
    stage.pair.run_for(30)
    return sorted(set(stage.pair.sim.states(BLUE)) - before)


LEFT = {
    "nothing": _none,
    "parked-live": _parked(BLUE),
    "parked-idle": _parked(GREEN),
    "ghost-live": _ghost(BLUE),
    "ghost-idle": _ghost(GREEN),
    "alarms-live": _suspended(BLUE, "AlarmNotification", "ScheduledActions"),
    "alarms-idle": _suspended(GREEN, "AlarmNotification", "ScheduledActions"),
    "zones-live": _suspended(BLUE, "AZRebalance"),
    "launch-live": _suspended(BLUE, "Launch"),
    "launch-idle": _suspended(GREEN, "Launch", "HealthCheck"),
    "register-live": _suspended(BLUE, "AddToLoadBalancer"),
    "register-idle": _suspended(GREEN, "AddToLoadBalancer"),
    "terminate-live": _suspended(BLUE, "Terminate", "ReplaceUnhealthy"),
    "terminate-idle": _suspended(GREEN, "Terminate"),
    "pinned-live": _pinned(BLUE),
    "pinned-idle": _pinned(GREEN),
    "wanted-idle": _wanting,
    "tag-live": _wrong_tag(BLUE),
    "tag-idle": _wrong_tag(GREEN),
    "pending-live": _pending(BLUE),
    "pending-idle": _pending(GREEN),
    "waiting-live": _waiting(BLUE),
    "waiting-idle": _waiting(GREEN),
    "terminating-live": _terminating(BLUE),
    "terminating-idle": _terminating(GREEN),
    "marked-lost": _marked,
}


# ---- the row ----


def cases(scale: Scale) -> list[str]:
    """Every number of members and state of health of both groups, with every leftover."""
    some = [(m, h) for m in MEMBERS for h in HEALTH if m != "0" or h == "all"]
    sides = [(f"{m}-{h}", f"{n}-{k}") for m, h in some for n, k in some]
    every = [f"{blue}/{green}/{left}" for left in LEFT for blue, green in sides]
    usual = [f"{m}-{h}/0-all/{left}" for left in LEFT for m, h in some]
    return every if scale.full else scale.some(usual, FEW) + scale.some(every, FEW // 4)


def run(key: str, watch: Watching = None) -> list[str]:
    """Return everything that was wrong with one dirty start."""
    blue, green, left = key.split("/")
    tool = {"bake": 0.0, "deadline": None, "progress_deadline": None}
    stage = opened(watch, size=SIZE, drain=5.0, minimum=1, maximum=8, tool=tool)
    _unwatched(stage)
    for group, side in ((BLUE, blue), (GREEN, green)):
        _size(stage, group, MEMBERS[side.partition("-")[0]])
    stage.pair.run_for(30)
    for group, side in ((BLUE, blue), (GREEN, green)):
        _health(stage, group, side.partition("-")[2])
    stage.pair.run_for(30)
    LEFT[left](stage)
    return [*_quiet(stage), *_ended(stage)]


NOBODY = -1000
"""A floor for when a person is at work, who may take away what they like."""


def _unwatched(stage: Stage) -> None:
    stage.judge.watch.floor, stage.judge.trusting = NOBODY, False


def _begin(stage: Stage, *, trusting: bool = True) -> None:
    """From here on the tool must not make it worse than it is."""
    stage.judge.before, stage.judge.trusting = stage.pair.picture(), trusting
    watch = stage.judge.watch
    wanted = max(stage.pair.sim.groups[name].desired for name in (BLUE, GREEN))
    watch.floor = wanted
    watch.begin()


def _quiet(stage: Stage) -> Iterator[str]:
    """Nothing is on record: ``check``, ``resume`` and ``cleanup`` change nothing and fail with nothing unknown."""
    _begin(stage, trusting=False)
    writes = _writes(stage)
    try:
        stage.pair.service().check()
    except Refused as refusal:
        if not refusal.hint:
            yield f"check has no hint: {refusal.message}"
    for verb in ("resume", "cleanup"):
        told = stage.run(verb)
        if told.status not in (None, 0, int(Status.BLOCKED)):
            yield f"{verb}: {told}"
    yield from stage.judge.wrong
    if writes:
        yield f"nothing was to be done, and yet {writes}"


def _writes(stage: Stage) -> list[str]:
    found: list[str] = []
    stage.pair.sim.faults.before.append(lambda call: None if call.reads else found.append(call.operation))
    return found


def _ended(stage: Stage) -> Iterator[str]:
    """Deploy, do what the hint says, and again, until it is deployed and finished."""
    capacity, hint = None, ""
    for _ in range(ROUNDS):
        _begin(stage)
        told = stage.run("deploy", "v2", capacity=capacity)
        if not told.status:
            break
        if told.status != int(Status.BLOCKED) or stage.release is not None:
            yield f"deploy ended with {told}"
            return
        yield from stage.judge.wrong
        _unwatched(stage)
        hint = _hint(stage, capacity)
        capacity = SIZE if "--capacity N" in hint else None if "leave --capacity out" in hint else capacity
        try:
            follow(stage.pair, hint, _wanted(stage))
        except AwsError as error:
            yield f"AWS refuses what the hint says: {error} ({hint})"
            return
        stage.pair.run_for(60)
    else:
        yield f"no end of hints, the last one: {hint}"
        return
    yield from _finished(stage)


def _hint(stage: Stage, capacity: int | None) -> str:
    writes = _writes(stage)
    try:
        stage.pair.service().deploy("v2", capacity=capacity)
    except BluegreenError as error:
        return error.hint if not writes else f"refused, and {writes} written"
    return "refused once, and not again"


def _wanted(stage: Stage) -> str:
    """The group that a person would keep."""
    blue = [state for state in stage.pair.sim.states(BLUE).values() if not state.startswith("Terminat")]
    return BLUE if blue else GREEN


def _finished(stage: Stage) -> Iterator[str]:
    told = stage.run("finish") if stage.release is not None else Told("finish", 0, "")
    if told.status:
        yield str(told)
    ours = stage.pair.service()
    if (left := ours.cleanup()) is not None and left.hint:
        follow(stage.pair, left.hint, "")
    strangers = stage.pair.sim.orphans()
    if strangers:
        yield f"still running: {strangers}"
    yield from stage.verdict("v2")
