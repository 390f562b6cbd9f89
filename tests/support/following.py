"""A pair that lives: load, policies, schedules and people; a release in the midst of it, and the same without one."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from attrs import define, field, frozen

from bluegreen.errors import INT, BluegreenError, Status
from bluegreen.simulator.autoscaling.capacity import emptiest_zone
from bluegreen.simulator.autoscaling.launching import launch_one
from bluegreen.simulator.autoscaling.registration import attached
from bluegreen.simulator.autoscaling.state import AUTOSCALING, Group
from bluegreen.simulator.build import run_for, tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.operations import find
from bluegreen.simulator.core.options import Options
from bluegreen.simulator.core.world import World
from bluegreen.simulator.elb.balancing import healthy_everywhere
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.model.fleet import AUTOSCALER
from tests.support.hands import asked
from tests.support.virtual import BLUE, GREEN, Pair, virtual

MINUTE, HOUR = 60.0, 3600.0
NOON = 1_700_001_600.0
"""When the story begins: the pair has been alone for more than twenty minutes, and its alarms are at rest."""

EACH = 10.0
"""Requests a second that one instance is to have: 600 a minute, and half a processor."""

MOMENT = 10.0
"""Seconds in which both sides may be armed: from the call that arms one to the call that disarms the other."""

TAIL = 15 * MINUTE
REST = 20.0
"""Seconds that a person takes to type the next command."""

LOWS = (0.7, 0.9)
"""At which part of the target the low alarm on requests per target may be: nobody here knows."""

LOADS = ("steps", "ramps", "sine", "spike")
POLICIES = ("requests", "cpu", "steps")
BROKEN_OFF = ("deploy broken off at a time, rollback", "deploy broken off after a write, rollback")
TALES = ("deploy", "deploy, finish", "deploy, rollback", "deploy, finish, deploy back", *BROKEN_OFF)
EDITS = ("MinSize", "MaxSize", "DesiredCapacity", "rebalance")


# ---- what the world does ----


@frozen
class Load:
    """Requests a second, given by the instances that they need at some times; straight lines between those."""

    knots: tuple[tuple[float, float], ...]

    def __call__(self, now: float) -> float:
        """Return the requests per second."""
        return EACH * self.instances(now)

    def instances(self, now: float) -> float:
        """Return how many instances the load keeps at the policy's target."""
        after = bisect_right(self.knots, now, key=lambda knot: knot[0])
        if after in (0, len(self.knots)):
            return self.knots[after - 1 if after else 0][1]
        (begin, low), (end, high) = self.knots[after - 1 : after + 1]
        return low + (high - low) * (now - begin) / (end - begin)


def a_load(dice: random.Random, kind: str, low: float, high: float) -> Load:
    """Return a load of ``kind`` between two sizes that begins to move at noon or somewhat later."""
    return Load(tuple(_knots(dice, kind, low, high)))


def _knots(dice: random.Random, kind: str, low: float, high: float) -> Iterator[tuple[float, float]]:
    now, level = NOON, dice.uniform(low, high)
    yield now, level
    while now < NOON + 180 * MINUTE:
        calm, top = dice.uniform(1, 12) * MINUTE, dice.uniform(low, high)
        match kind:
            case "steps":
                yield now + calm, level
                now, level = now + calm + 1, top
            case "ramps":
                yield now + calm, level
                now, level = now + calm + dice.uniform(3, 30) * MINUTE, top
            case "sine":  # every quarter of a wave, bent enough
                now, level = now + dice.choice([4, 8, 16]) * MINUTE, low if level > (low + high) / 2 else high
            case "spike":
                lasting, peak = dice.uniform(2, 10) * MINUTE, dice.uniform((low + high) / 2, high)
                yield now + calm, level
                yield now + calm + 1, peak
                yield now + calm + lasting, peak
                now += calm + lasting + 1
        yield now, level


@frozen
class Setting:
    """A world before the story begins: everything that the seed chooses but the story itself."""

    smallest: int
    largest: int
    load_kind: str
    load: Load
    policy: str
    boot: float
    interval: float
    drain: float
    bake: float
    look_every: float
    idle_maximum: int
    latency: float

    @property
    def reaction(self) -> float:
        """Seconds from a wish for more to their health: some looks, the launch, the boot, the checks."""
        return 5 * self.look_every + 2 + self.boot + 3 * self.interval

    @property
    def patience(self) -> float:
        """Seconds by which capacity may be later than without a release: no more than any scale-out needs.

        An alarm begins anew when its side takes over: it may be seen through. What a step policy wants cannot be known
        while both sides share the load, and it climbs step by step: once more.
        """
        return (self.reaction + EVALUATION * MINUTE) * (2 if self.policy == "steps" else 1)


EVALUATION = 3
"""Minutes that a high alarm looks at."""


def a_setting(dice: random.Random) -> Setting:
    """Return what the dice choose."""
    smallest, largest = dice.choice([1, 2]), dice.choice([6, 10, 14])
    kind = dice.choice(LOADS)
    return Setting(
        smallest=smallest,
        largest=largest,
        load_kind=kind,
        load=a_load(dice, kind, smallest, largest - 0.5),
        policy=dice.choice(POLICIES),
        boot=float(dice.choice([30, 60, 120, 300])),
        interval=dice.choice([1.0, 5.0, 10.0]),
        drain=float(dice.choice([0, 5, 60])),
        bake=float(dice.choice([60, 180, 600])),
        look_every=dice.choice([2.0, 5.0]),
        idle_maximum=dice.choice([0, largest]),
        latency=dice.choice([0.0, 0.1, 0.4]),
    )


def living(seed: int, setting: Setting) -> Pair:
    """Return the pair at noon: blue has followed its load for a while, green is its resting twin."""
    policies: dict[str, Any] = {
        "requests": tracking("requests", 60 * EACH, EstimatedInstanceWarmup=int(setting.boot)),
        "cpu": tracking("cpu", 50.0, EstimatedInstanceWarmup=int(setting.boot)),
    }
    pair = virtual(
        seed,
        instances=max(setting.smallest, math.ceil(setting.load.instances(NOON))),
        minimum=setting.smallest,
        maximum=setting.largest,
        idle_maximum=setting.idle_maximum,
        boot=setting.boot,
        interval=setting.interval,
        drain=setting.drain,
        load=setting.load,
        power=2 * EACH,
        policies=[policies[setting.policy]] if setting.policy in policies else [],
        twins=True,
        options=Options(low_of_requests=LOWS[seed % 2]),
        DefaultInstanceWarmup=int(setting.boot),
    )
    if setting.policy == "steps":
        for group in (BLUE, GREEN):
            _put_steps(pair, group, setting)
    pair.run_for(NOON - pair.clock.now())
    return pair


def _put_steps(pair: Pair, group: str, setting: Setting) -> None:
    """Step policies on the group's own processors: more above 60 percent, at once; one fewer below 30."""
    more = [{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.0, "ScalingAdjustment": 1}]
    more.append({"MetricIntervalLowerBound": 20.0, "ScalingAdjustment": 3})
    fewer = [{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1}]
    for name, steps, above, threshold in (("more", more, True, 60.0), ("fewer", fewer, False, 30.0)):
        common = {"AutoScalingGroupName": group, "PolicyName": name, "PolicyType": "StepScaling"}
        request = {**common, "AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps}
        warm = {"EstimatedInstanceWarmup": int(setting.boot)}
        arn = pair.sim.call("autoscaling", "PutScalingPolicy", {**request, **warm})["PolicyARN"]
        alarm = {
            "AlarmName": f"{group}-{name}",
            "AlarmActions": [arn],
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/EC2",
            "Dimensions": [{"Name": "AutoScalingGroupName", "Value": group}],
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": EVALUATION if above else 10,
            "Threshold": threshold,
            "ComparisonOperator": f"{'Greater' if above else 'Less'}ThanThreshold",
        }
        pair.sim.call("cloudwatch", "PutMetricAlarm", alarm)


# ---- what others do ----


def disturb(pair: Pair, dice: random.Random, setting: Setting) -> list[str]:
    """Let schedules and people act at random times, with or without a release; return what they will do."""
    told: list[str] = []
    span = setting.boot + setting.bake + 10 * MINUTE
    minutes = dice.sample(range(2, int(span // MINUTE)), dice.choice([0, 0, 1, 2]))
    told += [_schedule(pair, f"schedule-{minute}", dice, minute) for minute in minutes]
    for _ in range(dice.choice([0, 0, 1, 2])):
        after, kind = dice.uniform(0, span), dice.choice(EDITS)
        value = dice.randint(setting.smallest, setting.largest + 4)
        pair.sim.world.later(after, happen, kind, value)
        told.append(f"+{after:.0f} s {kind} {value if kind != 'rebalance' else ''}")
    return told


def _schedule(pair: Pair, name: str, dice: random.Random, minute: int) -> str:
    """Put the same scheduled action onto both groups, so many minutes after noon."""
    when = datetime.fromtimestamp(NOON + minute * MINUTE, UTC)
    smallest = dice.randint(1, 3)
    sizes = {"MinSize": smallest, "MaxSize": dice.randint(8, 16), "DesiredCapacity": dice.randint(smallest, 8)}
    chosen = {key: sizes[key] for key in dice.choice([("MinSize",), ("DesiredCapacity",), tuple(sizes)])}
    action = {"ScheduledActionName": name, "Recurrence": f"{when:%M %H} * * *", **chosen}
    for group in (BLUE, GREEN):
        asked(pair, "PutScheduledUpdateGroupAction", group, **action)
    return f"+{when.timestamp() - NOON:.0f} s schedule {chosen}"


def happen(world: World, kind: str, value: int) -> None:
    """Change the side that serves by hand, or balance its zones; what AWS refuses does not happen."""
    group = max(world[AUTOSCALING].groups.values(), key=lambda group: len(_healthy(world, group)))
    if kind == "rebalance":
        if group.in_service() and not group.suspends("AZRebalance"):
            launch_one(world, group, emptiest_zone(group), "instances were launched to balance zones.")
        return
    name = "SetDesiredCapacity" if kind == "DesiredCapacity" else "UpdateAutoScalingGroup"
    request = {"AutoScalingGroupName": group.name, kind: value}
    try:
        find("autoscaling", name, request).run(world, request)
    except AwsError:
        return


def _healthy(world: World, group: Group) -> list[str]:
    balancers = attached(world, group)
    return [instance for instance in group.members if healthy_everywhere(balancers, instance)]


# ---- what is measured ----


@define
class History:
    """How many instances every balancer sends requests to, on both sides, over time."""

    times: list[float] = field(factory=list)
    counts: list[int] = field(factory=list)

    def of(self, sim: Simulator) -> History:
        """Keep the history of ``sim`` from now on."""

        def look() -> None:
            count = sum(len(_healthy(sim.world, group)) for group in sim.groups.values())
            if not self.counts or self.counts[-1] != count:
                self.times.append(sim.world.time)
                self.counts.append(count)

        sim.on_event(look)
        look()
        return self

    def at(self, time: float) -> int:
        """Return the count at a time."""
        return self.counts[max(0, bisect_right(self.times, time) - 1)]

    def least(self, begin: float, end: float) -> int:
        """Return the smallest count of a time."""
        first, last = (max(0, bisect_right(self.times, time) - 1) for time in (begin, end))
        return min(self.counts[first : last + 1])


@define
class Arms:
    """Which sides are armed, from the simulator's own state after each event and each call.

    ``none`` and ``both`` hold each time without or with both armed: begin, end, looks within.
    """

    sim: Simulator
    none: list[tuple[float, float, int]] = field(factory=list)
    both: list[tuple[float, float, int]] = field(factory=list)
    writes: list[str] = field(factory=list)
    _since: float = 0.0
    _armed: int = 1
    _looks: int = 0

    def __attrs_post_init__(self) -> None:
        self.sim.on_event(self.look)
        self.sim.faults.before.append(self._called)
        self.look()

    def _called(self, call: Call) -> None:
        self._looks += call.operation == "DescribeAutoScalingGroups"
        if not call.reads:
            self.writes.append(call.operation)

    def look(self) -> None:
        """Note a change of how many sides are armed; one without a policy is not."""
        groups = self.sim.groups.values()
        armed = sum(bool(group.policies) and not group.suspends(*AUTOSCALER) for group in groups)
        if armed != self._armed:
            self.close()
            self._armed = armed

    def close(self) -> None:
        """End the time that lasts."""
        now = self.sim.world.time
        if self._armed != 1:
            (self.none if self._armed == 0 else self.both).append((self._since, now, self._looks))
        self._since, self._looks = now, 0


# ---- the story ----


Stop = Callable[[], int | None]


def nobody() -> None:
    """Ask nobody to stop."""


@frozen
class Verdict:
    """What did not hold in a story: times without an armed side, times with two, minutes with too few healthy."""

    tale: str
    asleep: list[str]
    twice: list[str]
    late: list[str]


@define
class Following:
    """One story with what came of it; ``told`` holds each verb with how it ended and when."""

    seed: int
    dice: random.Random
    setting: Setting
    pair: Pair
    tale: str
    others: list[str]
    arms: Arms
    history: History
    control: History = field(factory=History)
    told: list[str] = field(factory=list)
    ended: float = 0.0

    @property
    def minutes(self) -> Iterator[float]:
        """The full minutes of the story."""
        return iter(range(int(NOON), int(self.pair.clock.now()) + 1, int(MINUTE)))

    def late(self) -> Iterator[tuple[float, int, int]]:
        """Yield each minute at which too few were healthy: the time, how many, how many due.

        Due is what is healthy without a release, as far as the load needs it: both may be scaling in, one of them a
        minute ahead. Right after somebody cut the group by hand or by schedule, which instances are left is AWS's
        choice, and how fast they are made up for is the alarm's. Long after the last command it is AWS's alone.
        """
        over = self.ended + self.setting.patience
        for minute in self.minutes:
            if minute > over:
                return
            begin = max(NOON, minute - self.setting.patience)
            due = min(self.control.least(begin, minute), self.needed(minute))
            cut = any(0 <= minute - at <= self.setting.patience + EVALUATION * MINUTE for at in self.cuts)
            if (healthy := self.history.at(minute)) < due and not cut:
                yield minute, healthy, due

    @property
    def cuts(self) -> Iterator[float]:
        """When somebody may have cut the group."""
        for sentence in self.others:
            if "MinSize" not in sentence or "'" in sentence:
                yield NOON + float(sentence.split()[0])

    def needed(self, minute: float) -> int:
        """Return what the load itself needed all the time that a scale-out takes; less than that is felt.

        A step policy lets processors be at 60 percent, where a tracking one has them at 50.
        """
        times = (max(NOON, minute - self.setting.patience * part / 20) for part in range(21))
        part = 50 / 60 if self.setting.policy == "steps" else 1.0
        return min(math.ceil(self.setting.load.instances(time) * part - 1e-6) for time in times)

    @property
    def verdict(self) -> Verdict:
        """What did not hold, each as a sentence with the story's seed and time."""
        return Verdict(
            self.tale,
            [f"{self._between(*one)} without an armed side; {self}" for one in self.arms.none],
            [f"{self._between(*one)} both sides armed; {self}" for one in self.arms.both if one[1] - one[0] > MOMENT],
            [
                f"minute {(minute - NOON) / MINUTE:.0f}: {healthy} healthy, {due} due; {self}"
                for minute, healthy, due in self.late()
            ],
        )

    @staticmethod
    def _between(begin: float, end: float, looks: int) -> str:
        return f"+{begin - NOON:.1f} to +{end - NOON:.1f} s ({looks} looks)"

    def __str__(self) -> str:
        setting = self.setting
        return (
            f"seed {self.seed}: {self.tale}; {setting.load_kind} load, {setting.policy} policy, boot {setting.boot:g}, "
            f"checks {setting.interval:g}, drain {setting.drain:g}, bake {setting.bake:g}, {setting.smallest} to "
            f"{setting.largest}; {', '.join(self.others) or 'nobody else'}; {'; '.join(self.told)}"
        )

    def act(self) -> None:
        """Do what the tale says, to its end."""
        self.pair.sim.faults.after.append(lambda *_: self.pair.clock.sleep(self.setting.latency))
        self.pair.run_for(self.dice.uniform(0, 90))
        stop = self._moment() if self.tale in BROKEN_OFF else nobody
        for verb in self.tale.split(", "):
            word, _, rest = verb.partition(" ")
            self.ask(word, *(("v3" if rest == "back" else "v2",) if word == "deploy" else ()), stop=stop)
            self.pair.run_for(REST if rest else self.dice.choice([REST, REST, 3 * MINUTE, 8 * MINUTE]))
            stop = nobody
        self.pair.run_for(TAIL)
        self.arms.close()

    def _moment(self) -> Stop:
        """Return who presses Ctrl-C at some time, or after some write."""
        clock, writes = self.pair.clock, len(self.arms.writes) + self.dice.randint(1, 9)
        until = clock.now() + self.dice.uniform(0, 2 * self.setting.boot + self.setting.bake)
        if self.tale == BROKEN_OFF[0]:
            return lambda: INT if clock.now() >= until else None
        return lambda: INT if len(self.arms.writes) >= writes else None

    def ask(self, verb: str, *words: str, stop: Stop = nobody) -> None:
        """Let the tool do it, and carry it on as a person would where it asks for one."""
        status = self._do(verb, *words, stop=stop)
        for _ in range(3):
            if status is not Status.BLOCKED:
                return
            self.pair.run_for(REST)
            status = self._do("resume")

    def _do(self, verb: str, *words: str, stop: Stop = nobody) -> Status | None:
        at = self.pair.clock.now() - NOON
        try:
            ended = getattr(self._service(stop), verb)(*words)
            self.ended = self.pair.clock.now()
        except BluegreenError as error:
            self.told.append(f"+{at:.0f} s {verb}: {type(error).__name__}: {error.message}")
            return None
        self.told.append(f"+{at:.0f}-{self.pair.clock.now() - NOON:.0f} s {verb}: {int(ended.status)} {ended.sentence}")
        return Status(ended.status)

    def _service(self, stop: Stop) -> Any:
        setting = self.setting
        chosen = {"bake": setting.bake, "look_every": setting.look_every}
        return self.pair.service(stop, progress_deadline=3 * setting.reaction + 60, deadline=HOUR, **chosen)


def followed(seed: int) -> Following:
    """Return how the story of ``seed`` went, beside the same world without a release."""
    dice = random.Random(seed)
    setting = a_setting(dice)
    pair = living(seed, setting)
    others = disturb(pair, dice, setting)
    alone = deepcopy(pair.sim)
    one = Following(seed, dice, setting, pair, dice.choice(TALES), others, Arms(pair.sim), History().of(pair.sim))
    one.act()
    one.control.of(alone)
    run_for(alone, pair.clock.now() - NOON)
    return one
