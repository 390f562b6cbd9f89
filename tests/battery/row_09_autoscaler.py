"""autoscaler, scheduled action, AZ rebalance, a human's edit, after each write of deploy, rollback, finish

Whoever acts does so where AWS would let them: alarms and schedules only on a group that is armed, sizes only within
its bounds. What was asked for on top must be there in the end, on the side that serves then. At every other write the
service's settings are its own and move with it. And the simulator's own autoscaler acts at each write, because the load
rose or fell minutes before, and its own schedules: capacity follows as it does without the verb. At two of four writes
there are two target groups that disagree: an instance of what serves is sick in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field

from bluegreen.simulator.autoscaling.capacity import emptiest_zone
from bluegreen.simulator.autoscaling.launching import launch_one
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.targets.pair.model.fleet import ALARMS, REBALANCE, SCHEDULES
from tests.battery import tides
from tests.battery.rows import Scale
from tests.battery.stage import Stage, opened, told_once
from tests.battery.telling import Watching
from tests.support.hands import asked, edit, follow
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair

MUST = "safe; capacity follows the larger need"
SIZE, FEW, LATER, ROUNDS = 4, 90, 3, 3
VERBS = ("deploy", "rollback", "finish")
TOOL = {"bake": 4.0, "progress_deadline": 120.0, "deadline": 900.0}
ORDER = {"up": 1, "up-max": 8, "down": -1, "down-min": -8}
EDITS: dict[str, dict[str, Callable[[Any], int]]] = {
    "min+1": {"MinSize": lambda group: group.minimum + 1},
    "min-0": {"MinSize": lambda group: 0},
    "max+2": {"MaxSize": lambda group: group.maximum + 2},
    "max-now": {"MaxSize": lambda group: max(group.desired, 1)},
    "schedule-up": {"MinSize": lambda _: 3, "MaxSize": lambda _: 10, "DesiredCapacity": lambda _: 6},
    "schedule-down": {"MinSize": lambda _: 1, "MaxSize": lambda _: 6, "DesiredCapacity": lambda _: 2},
}
NOBODY = -1000
"""A floor for the moment in which somebody else acts."""

HANDS = ("standby", "detach", "desired+1", "desired-1")
WHO = (*ORDER, *EDITS, "rebalance", *HANDS)


@define
class Other:
    """Somebody else, who acts once: ``wanted`` is how many instances they asked for, ``took`` how many they took."""

    who: str
    after: int
    side: str
    group: str
    writes: int = 0
    looks: int = 0
    done: bool = False
    wanted: int = 0
    took: int = 0
    touched: list[str] = field(factory=list)

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Act when the moment has come; not as the tool, whose calls are judged."""
        if self.done or side != "after" or not isinstance(what, Call):
            return
        self.writes += not what.reads
        if self.writes < self.after:
            return
        self.looks += what.operation == "DescribeAutoScalingGroups"
        if self.side == "later" and self.looks < LATER:
            return
        self.done, stage.running = True, False
        try:
            self.act(stage)
        except AwsError as refusal:
            stage.note("other refused", refusal.message)
        stage.running = True

    def act(self, stage: Stage) -> None:
        """Do it, as far as AWS lets one."""
        pair, group = stage.pair, stage.pair.sim.groups[self.group]
        before, serving, watch = group.desired, pair.sim.healthy(self.group), stage.judge.watch
        floor, watch.floor = watch.floor, NOBODY
        stage.note("other", self.who, self.group)
        stage.judge.doors = self.who not in EDITS  # whose minimum it is then cannot be told from the outside
        if self.who in ORDER:
            self._order(pair, ORDER[self.who], forbidden=ALARMS)
        elif self.who in EDITS:
            self._edit(pair)
        elif self.who == "rebalance":
            self._rebalance(pair)
        elif self.who == "desired+1":
            self._order(pair, 1)
        elif self.who == "desired-1":
            self._order(pair, -1)
        else:
            self._take(pair)
        after = group.desired
        if serving and after > before:
            self.wanted = after
        self.took += max(0, before - after) if serving else 0
        watch.floor = floor - self.took

    def _order(self, pair: Pair, by: int, forbidden: str = "") -> None:
        group = pair.sim.groups[self.group]
        desired = min(max(group.desired + by, group.minimum), group.maximum)
        if group.desired and desired != group.desired and forbidden not in group.suspended:
            asked(pair, "SetDesiredCapacity", self.group, DesiredCapacity=desired)

    def _edit(self, pair: Pair) -> None:
        group = pair.sim.groups[self.group]
        if self.who.startswith("schedule") and (SCHEDULES in group.suspended or not group.desired):
            return
        edit(pair, self.group, **{name: value(group) for name, value in EDITS[self.who].items()})

    def _rebalance(self, pair: Pair) -> None:
        group = pair.sim.groups[self.group]
        if group.in_service() and REBALANCE not in group.suspended:
            launch_one(pair.sim.world, group, emptiest_zone(group), "instances were launched to balance zones.")
            self.took += 1  # the group ends one that serves as soon as the new one is in service, healthy or not

    def _take(self, pair: Pair) -> None:
        operation = {"standby": "EnterStandby", "detach": "DetachInstances"}[self.who]
        ids = [i for i, state in pair.sim.states(self.group).items() if state == "InService"][:1]
        if ids:
            asked(pair, operation, self.group, InstanceIds=ids, ShouldDecrementDesiredCapacity=False)
            self.touched, self.took = ids, self.took + 1


@told_once
def ready(verb: str, moves: bool, watch: Watching = None, *, apart: bool = False) -> Stage:
    """Return a pair on which ``verb`` is next, with settings that move, or schedules on both sides, green's resting."""
    behind = "pair" if apart else "tg"
    stage = opened(watch, size=SIZE, balancers=behind, drain=4.0, minimum=1, maximum=8, tool=TOOL, scaling=moves)
    for group in () if moves else (BLUE, GREEN):
        schedule = {"ScheduledActionName": "morning", "Recurrence": "0 8 * * *", "MinSize": 2, "MaxSize": 8}
        asked(stage.pair, "PutScheduledUpdateGroupAction", group, **schedule)
    if not moves:
        asked(stage.pair, "SuspendProcesses", GREEN, ScalingProcesses=[ALARMS, SCHEDULES])
    stage.judge.before, stage.judge.strict = stage.pair.picture(), False
    if verb != "deploy":
        stage.run("deploy", "v2")
        stage.pair.run_for(20)
    if apart:
        stage.pair.sim.sicken(stage.pair.sim.healthy(GREEN if verb != "deploy" else BLUE)[0], "web-1")
        stage.pair.run_for(20)
    return stage


def writes_of(verb: str, moves: bool, *, apart: bool = False) -> int:
    """Return how many writes a verb makes when nobody else does anything."""
    stage, count = ready(verb, moves, apart=apart), []
    stage.strikes.append(lambda _, side, what: count.append(1) if _is_write(side, what) else None)
    _go(stage, verb)
    return len(count)


def _is_write(side: str, what: Any) -> bool:
    return side == "after" and isinstance(what, Call) and not what.reads


def _go(stage: Stage, verb: str) -> None:
    stage.run(verb, *(("v2",) if verb == "deploy" else ()))


def cases(scale: Scale) -> list[str]:
    """Return everybody, on either group, before the first and after each write, at once and a few looks later."""
    keys = [
        f"{verb}/{number}/{side}/{group}/{who}"
        for verb in VERBS
        for moves in (False, True)
        for apart in (False, True)
        for number in range(moves + 2 * apart, writes_of(verb, moves, apart=apart) + 1, 4)
        for side in ("at once", "later")
        for group in (BLUE, GREEN)
        for who in WHO
    ]
    return scale.some([*keys, *tides.cases(VERBS)], FEW)


def run(key: str, watch: Watching = None) -> list[str]:
    """Return what was wrong when somebody else acted in the middle."""
    verb, number, side, group, who = key.split("/")
    if group in tides.KINDS:
        stage, wrong = tides.told(key, watch)
        _help(stage)
        return [*wrong, *stage.verdict("v1", "v2")]
    stage = ready(verb, int(number) % 2 == 1, watch, apart=int(number) % 4 >= 2)
    other = Other(who, int(number), side, group)
    stage.strikes.append(other)
    _go(stage, verb)
    stage.strikes.clear()
    _help(stage)
    return list(_wrong(stage, other))


def _help(stage: Stage) -> None:
    """End what is open; where the tool asks for a person, do what it says."""
    for _ in range(ROUNDS):
        stage.end("resume", "finish", patience=1)
        if stage.release is None:
            return
        stage.pair.run_for(30)
        stage.judge.watch.floor = NOBODY
        follow(stage.pair, stage.pair.service().resume().hint, stage.release.old)


def _wrong(stage: Stage, other: Other) -> Iterator[str]:
    for sentence in stage.verdict("v1", "v2"):
        if not sentence.startswith("left different") and not _by_hand(stage, other, sentence):
            yield sentence
    edited = ("MinSize", "MaxSize") if other.who in EDITS else ()
    yield from map(str, unlike(_without(stage.judge.before, edited), _without(stage.pair.picture(), edited)))
    if other.side == "later" and other.group == GREEN and stage.told[-1].verb == "rollback":
        return  # asked of the group that goes, between the look and the write that empties it: nobody could see it
    healthy = max(len(stage.pair.sim.healthy(name)) for name in (BLUE, GREEN))
    if healthy < other.wanted:
        yield f"{other.wanted} were wanted, {healthy} are there"


def _without(picture: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return the picture without what somebody edited: tests of the wishes hold what becomes of those."""
    return {name: {key: value for key, value in group.items() if key not in keys} for name, group in picture.items()}


def _by_hand(stage: Stage, other: Other, sentence: str) -> bool:
    """Whether a sentence is about what somebody took out by hand, and is theirs to end."""
    if other.who == "detach":
        return sentence.startswith("orphans") and set(other.touched) == set(stage.pair.sim.orphans())
    parked = [i for name in (BLUE, GREEN) for i, s in stage.pair.sim.states(name).items() if s == "Standby"]
    returned = "never taken out" in sentence and sentence.endswith(other.touched[0])
    return other.who == "standby" and (returned or (parked == other.touched and "Standby" in sentence))
