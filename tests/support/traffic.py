"""A pair under traffic that a test raises and lowers, with target tracking, and the same world without a release."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from attrs import define, field

from bluegreen.simulator.build import run_for, tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.simulator import Simulator
from tests.support.following import EACH, HOUR, MINUTE, MOMENT, NOON, Arms, History
from tests.support.hands import asked
from tests.support.virtual import BLUE, GREEN, Pair, virtual

WAYS = ("twins", "move")
"""How the scaling settings come to serve on the other side: defined on both, or moved by the tool."""


@define
class Traffic:
    """Requests a second, told by how many instances they keep at the policy's target; a copy is the same traffic."""

    times: list[float]
    levels: list[float]

    def __call__(self, now: float) -> float:
        """Return the requests per second."""
        return EACH * self.levels[max(0, bisect_right(self.times, now) - 1)]

    def __deepcopy__(self, _: dict[int, Any]) -> Traffic:
        """A world that is branched off has the traffic that comes, too."""
        return self


@define
class Alive:
    """A pair that has followed its traffic for a while; ``alone`` is the same world, in which nothing is released."""

    pair: Pair
    traffic: Traffic
    arms: Arms
    history: History
    alone: Simulator
    boot: float
    control: History = field(factory=History)

    def service(self, stop: Callable[[], int | None] = lambda: None, **settings: Any) -> Any:
        """Return the service, patient enough for slow boots."""
        return self.pair.service(stop, **{"progress_deadline": HOUR, "deadline": 4 * HOUR, "bake": 60.0, **settings})

    def comes(self, instances: float, after: float = 0.0) -> None:
        """Let the traffic of so many instances come from now on, or after some seconds."""
        self.traffic.times.append(self.pair.clock.now() + after)
        self.traffic.levels.append(instances)

    def healthy(self, group: str) -> int:
        """Return how many of a group serve."""
        return len(self.pair.sim.healthy(group))

    def sizes(self, group: str) -> tuple[int, int, int]:
        """Return a group's minimum, maximum and desired capacity."""
        found = self.pair.sim.groups[group]
        return (found.minimum, found.maximum, found.desired)

    def at(self, milestone: str) -> float:
        """Return when a milestone was reached last."""
        return [event.at for event in self.pair.events if event.milestone == milestone][-1]

    @property
    def late(self) -> list[tuple[float, int, int]]:
        """Each minute with fewer healthy than in the same world without a release, but for what a scale-out takes."""
        if not self.control.times:
            self.control.of(self.alone)
        run_for(self.alone, self.pair.clock.now() - self.alone.clock.now())
        patience, found = self.boot + 30.0, []
        for minute in range(int(NOON), int(self.pair.clock.now()) + 1, int(MINUTE)):
            due = self.control.least(max(NOON, minute - patience), minute)
            if (healthy := self.history.at(minute)) < due:
                found.append((minute - NOON, healthy, due))
        return found

    @property
    def asleep(self) -> list[tuple[float, float]]:
        """Each time in which neither side was armed, or both for longer than two calls take."""
        self.arms.close()
        wrong = [*self.arms.none, *(one for one in self.arms.both if one[1] - one[0] > MOMENT)]
        return [(begin - NOON, end - NOON) for begin, end, _ in wrong]


def alive(
    way: str = "twins", instances: int = 4, boot: float = 30.0, metric: str = "requests", **options: Any
) -> Alive:
    """Return a pair at noon whose autoscaler has followed a steady traffic; ``options`` are those of ``virtual``."""
    traffic = Traffic([0.0], [float(instances)])
    policy = tracking(metric, {"requests": 60 * EACH, "cpu": 50.0}[metric], EstimatedInstanceWarmup=int(boot))
    common = {"minimum": 1, "maximum": 4 * instances, "boot": boot, "power": 2 * EACH, "policies": [policy]}
    warm = {"DefaultInstanceWarmup": int(boot)}
    pair = virtual(instances=instances, load=traffic, twins=way == "twins", **{**common, **warm, **options})
    pair.run_for(NOON - pair.clock.now())
    alone = deepcopy(pair.sim)
    return Alive(pair, traffic, Arms(pair.sim), History().of(pair.sim), alone, boot)


def scheduled(one: Alive, way: str, after: float, name: str = "shift", **sizes: int) -> float:
    """Put a daily scheduled action, on both groups where they are twins, due so many seconds after now; return when.

    Cron knows whole minutes: it is the next one. The world without a release has it, too.
    """
    due = -(-(one.pair.clock.now() + after) // MINUTE) * MINUTE
    hour, minute = int(due // HOUR % 24), int(due // MINUTE % 60)
    action = {"ScheduledActionName": name, "Recurrence": f"{minute} {hour} * * *", **sizes}
    for group in (BLUE, GREEN) if way == "twins" else (BLUE,):
        asked(one.pair, "PutScheduledUpdateGroupAction", group, **action)
    one.alone.call("autoscaling", "PutScheduledUpdateGroupAction", {"AutoScalingGroupName": BLUE, **action})
    return due


def runs(one: Alive) -> list[tuple[str, float]]:
    """Return a list that gets the group and the time of each scheduled action that runs from now on, at work or not."""
    found: list[tuple[str, float]] = []
    due: dict[tuple[str, str], float] = {}

    def look() -> None:
        for name, group in one.pair.sim.groups.items():
            for called, action in group.schedules.items():
                passed = due.get((name, called), action["due"]) < action["due"]
                if passed and not group.suspends("ScheduledActions"):
                    found.append((name, due[name, called]))
                due[name, called] = action["due"]

    one.pair.sim.on_event(look)
    look()
    return found


def writing(operation: str, group: str = "") -> Callable[[Call], bool]:
    """Return whether a call is that write, of that group."""
    return lambda call: call.operation == operation and group in ("", call.parameters.get("AutoScalingGroupName"))


def writes(pair: Pair) -> list[str]:
    """Return a list that gets the name of each call from now on that changes anything."""
    found: list[str] = []
    pair.sim.faults.before.append(lambda call: None if call.reads else found.append(call.operation))
    return found
