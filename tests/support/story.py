"""A random story of releases on a pair in virtual time, with things going wrong, from one seed."""

from __future__ import annotations

import random
from typing import Any

from attrs import define, field

from bluegreen.errors import BluegreenError
from bluegreen.service import Ended, Service
from bluegreen.simulator.core.calls import Call
from tests.support import moves
from tests.support.moves import SPLIT, Moves
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

SIZES = (1, 2, 2, 3, 3, 5, 8, 20)
BALANCERS = (("target-group",), ("classic",), ("nlb",), ("classic", "target-group"), ("target-group", "target-group"))
PATIENCE = 5


class Crash(BaseException):
    """The process is gone: nothing of ours runs any more."""


@define
class Story:
    """What happened: ``told`` holds each verb with how it ended, ``calls`` every call with its time."""

    seed: int
    troubled: bool
    dice: random.Random
    pair: Pair
    size: int
    before: dict[str, Any]
    watch: Watch
    told: list[tuple[str, str]] = field(factory=list)
    calls: list[tuple[float, str, dict[str, Any]]] = field(factory=list)
    image: int = 1
    moves: Moves | None = None
    bake: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.pair.sim.faults.before.append(self._called)

    def _called(self, call: Call) -> None:
        self.calls.append((self.pair.clock.now(), call.operation, dict(call.parameters)))

    @property
    def trace(self) -> list[str]:
        """Everything that was asked of AWS and everything that was said, each with its time, as lines."""
        calls = [f"{at:.3f} {operation} {parameters}" for at, operation, parameters in self.calls]
        return [
            *calls,
            *(f"{event} {event.fleet}" for event in self.pair.events),
            *map(repr, self.told),
            repr(self.pair.picture()),
        ]

    def act(self) -> None:
        """Do one thing that an operator, or cron, might do now."""
        under_way = ("rollback", "rollback --now", "finish", "resume", "cleanup", "wait")
        beginning = ("deploy", "deploy", "deploy", "deploy bad")
        if self.moves is not None:
            beginning = ("deploy", "deploy", "deploy bad", "deploy split", "deploy crash")
        verb = self.dice.choice(under_way if self.pair.release else beginning)
        if self.pair.release is None:
            self.watch.users.bear()
        self.image += 1
        try:
            self.told.append((verb, _sentence(self._do(verb))))
        except BluegreenError as error:
            self.told.append((verb, f"{type(error).__name__}: {error.message}"))
            self.pair.run_for(30)
        except Crash:
            self.told.append((verb, "killed"))

    def _do(self, verb: str) -> Ended | None:
        proof = {"healthy_for": None} if verb == "deploy crash" else {}
        service = self.pair.service(bake=self.bake, **proof)
        match verb:
            case "deploy split":
                return service.deploy(f"{SPLIT}{self.image}")
            case "deploy crash":
                return service.deploy(f"crash-{self.image}")
            case "deploy":
                return service.deploy(f"v{self.image}")
            case "deploy bad":
                return service.deploy(f"bad-{self.image}")
            case "rollback --now":
                return self._urgently(service)
            case "wait":
                self.pair.run_for(self.dice.uniform(0, 40))
                return None
        return getattr(service, verb)()  # type: ignore[no-any-return]

    def _urgently(self, service: Service) -> Ended:
        """Take back at once: the floor is what is parked, and where old was never well there is none."""
        if self.moves is None:
            return service.rollback(urgent=True)
        self.moves.urgent, release = True, self.pair.release
        if release is not None:
            self.watch.urgent(release.old)
        try:
            return service.rollback(urgent=True)
        finally:
            self.moves.urgent = False

    def end(self) -> None:
        """Let everything calm down, and whatever is open come to its end."""
        self.pair.sim.faults.before[:] = [self._called]
        self.pair.sim.faults.after.clear()
        self.pair.sim.launches.failures.clear()
        if self.moves is not None:
            self.moves.calm()
        self.pair.run_for(120)
        for attempt in range(PATIENCE):
            if self.pair.release is None:
                break
            last = ("rollback --now",) if self.moves is not None and attempt == PATIENCE - 2 else ()
            for verb in ("resume", *last, "finish"):
                if self.pair.release is not None:
                    self._try(verb)
        self.pair.run_for(120)

    def _try(self, verb: str) -> None:
        try:
            self.told.append((verb, _sentence(self._do(verb))))
        except BluegreenError as error:
            self.told.append((verb, f"{type(error).__name__}: {error.message}"))
            self.pair.run_for(60)

    def wrong(self) -> dict[str, Any]:
        """Return everything that did not hold; empty when the story is clean."""
        found = dict(left_over(self.pair))
        if self.watch.broken:
            found["floor"] = self.watch.broken[:3]
        if self.moves is not None and self.moves.taken:
            found["taken"] = self.moves.taken[:3]
        if difference := self._unlike():
            found["picture"] = difference
        if len(serving := colours_serving(self.pair)) != 1:
            found["colours"] = serving
        moved = {} if self.moves is None else {"moves": self.moves.told}
        return {**found, **moved, "told": self.told} if found else {}

    def _unlike(self) -> list[Any]:
        ignored = set() if self.moves is None else self.moves.ignored
        pictures = (self.before, self.pair.picture())
        return unlike(*({g: {k: v for k, v in one[g].items() if k not in ignored} for g in one} for one in pictures))


def unlike(before: dict[str, Any], after: dict[str, Any]) -> list[Any]:
    """Return what differs between two pictures, colours swapped or not (docs/rules.md, rule 12)."""
    swapped = {BLUE: before[GREEN], GREEN: before[BLUE]}
    if after in (before, swapped):
        return []
    return [(g, key, before[g].get(key), after[g].get(key)) for g in after for key in after[g]
            if before[g].get(key) != after[g].get(key)]  # fmt: skip


def moved_story(seed: int, *, troubled: bool) -> Story:
    """Return how the story of ``seed`` went in which others act too (see :mod:`tests.support.moves`)."""
    dice = random.Random(f"moved {seed}")
    size, behind = dice.choice(moves.SIZES), dice.choice(moves.BALANCERS)
    checks, split = dice.choice(["EC2", "EC2", "ELB"]), f"web-{dice.randrange(len(behind))}"
    pair = virtual(
        seed,
        instances=size,
        balancers=behind,
        image=dice.choice(["v1", "v1", "v1", f"{SPLIT}1"]),
        fails_in={SPLIT: (split,)} if checks == "EC2" else {},  # a group that asks its balancers ends such a version
        fail_open=dice.random() < 0.5,
        boot=(1.0, dice.choice([2.0, 15.0])),
        interval=dice.choice([1.0, 2.0, 5.0]),
        drain=dice.choice([1.0, 5.0, 20.0]),
        bridge=dice.choice(["completes", "deregisters"]),
        HealthCheckType=checks,
        HealthCheckGracePeriod=60,
    )
    _put_settings(pair)
    watch, before = Watch(pair, size), pair.picture()
    one = Story(seed, troubled, dice, pair, size, before, watch, bake=dice.choice([0.0, 30.0, 90.0]))
    one.moves = Moves(pair, watch, dice, before, dice.sample(sorted(moves.MOVES), dice.randint(1, 3)))
    pair.sim.faults.before.append(one.moves)
    if troubled:
        _trouble(one)
    return _told(one)


def _put_settings(pair: Pair) -> None:
    """One policy and one schedule, hours away, that somebody may delete."""
    name = {"AutoScalingGroupName": BLUE}
    policy = {"PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": -1}
    pair.sim.call("autoscaling", "PutScalingPolicy", {**name, **policy, "PolicyName": "fewer"})
    night = {"ScheduledActionName": "night", "Recurrence": "0 3 * * *", "MinSize": 1}
    pair.sim.call("autoscaling", "PutScheduledUpdateGroupAction", {**name, **night})


def _told(one: Story) -> Story:
    for _ in range(one.dice.randint(1, 5)):
        one.act()
    one.end()
    return one


def story(seed: int, *, troubled: bool) -> Story:
    """Return how the story of ``seed`` went, to its end."""
    dice = random.Random(seed)
    size = dice.choice(SIZES)
    pair = virtual(
        seed,
        instances=size,
        balancers=dice.choice(BALANCERS),
        boot=(1.0, dice.choice([2.0, 15.0])),
        interval=dice.choice([1.0, 2.0]),
        drain=dice.choice([1.0, 5.0, 20.0]),
        bridge=dice.choice(["completes", "deregisters"]),
        HealthCheckType=dice.choice(["EC2", "ELB"]),
        HealthCheckGracePeriod=60,
    )
    one = Story(seed, troubled, dice, pair, size, pair.picture(), Watch(pair, size))
    if troubled:
        _trouble(one)
    return _told(one)


def _trouble(one: Story) -> None:
    """Let instances die, launches fail or come late, and the tool be killed, at moments that the seed chooses."""
    deaths, kills = [one.dice.choice([0, 1, 2, 4])], [one.dice.choice([0, 1, 2])]

    def strike(_: Call) -> None:
        if one.moves is not None and one.moves.busy:
            return
        if deaths[0] and one.dice.random() < 0.02 and (members := _members(one.pair)):
            deaths[0] -= 1
            one.pair.sim.kill(one.dice.choice(members))
        if kills[0] and one.dice.random() < 0.02:
            kills[0] -= 1
            raise Crash

    one.pair.sim.faults.before.append(strike)
    if one.dice.random() < 0.3:
        one.pair.sim.fail_launches(GREEN, count=one.dice.randint(1, 3))
    if one.dice.random() < 0.3:
        late = one.pair.clock.now() + one.dice.uniform(5, 40)
        room = one.size + one.dice.randint(0, one.size)
        one.pair.sim.launches.capacity = lambda now: room if now < late else 10_000


def _members(pair: Pair) -> list[str]:
    alive = ("InService", "Standby", "EnteringStandby", "Pending")
    return [i for name in (BLUE, GREEN) for i, state in pair.sim.states(name).items() if state in alive]


def _sentence(ended: Ended | None) -> str:
    return "nothing was due" if ended is None else f"{int(ended.status)} {ended.sentence}"
