"""What others do in the middle of a story: the owner, AWS's health calls, and applications that answer only some.

Each move happens once, at a moment that the seed chooses: at any call, before the switch, or in the bake.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field

from bluegreen.simulator.build import Check, balancer
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.elb.faults import UNKNOWN
from tests.support.hands import asked, edit
from tests.support.scaling import settings_of
from tests.support.virtual import BLUE, GREEN, Pair
from tests.support.watching import Watch, lost_balancers

SIZES = (1, 2, 3, 5, 8, 25, 40)
TG, NLB, CLASSIC = "target-group", "nlb", "classic"
BALANCERS = ((TG, TG), (CLASSIC, TG), (NLB, TG), (CLASSIC, CLASSIC), (TG, NLB, CLASSIC), (TG, TG, TG))
ODDS = 0.05
"""How probable a move is at a call that suits it."""
NOTED = 10.0
"""Seconds after which a run has seen that health is not known: a look is followed by what was decided before it."""
SPLIT = "split-"
"""How an image begins that one of the balancers never finds healthy."""


@define
class Unknown:
    """A balancer of which nothing is known from one time to another."""

    key: str
    begin: float
    end: float


@define
class Moves:
    """The moves of one story; ``to_come`` those that are due, ``told`` those that happened, with their times.

    ``before`` is the picture that is to be found again in the end: what an owner changes is changed in it, too.
    ``taken`` lists what a run took away although it could not know.
    """

    pair: Pair
    watch: Watch
    dice: random.Random
    before: dict[str, Any]
    to_come: list[str] = field(factory=list)
    told: list[tuple[float, str]] = field(factory=list)
    unknown: list[Unknown] = field(factory=list)
    taken: list[str] = field(factory=list)
    ignored: set[str] = field(factory=set)
    urgent: bool = False
    busy: bool = False

    def __call__(self, call: Call) -> None:
        """Let what is due happen ahead of a call of the tool's."""
        if self.busy:
            return
        self._judge(call)
        for name in list(self.to_come):
            moment, move = MOVES[name]
            if moment(self) and self.dice.random() < ODDS:
                self.to_come.remove(name)
                self._happen(name, move)

    def _happen(self, name: str, move: Callable[[Moves], str]) -> None:
        self.busy = True
        try:
            self.told.append((round(self.now - 1.7e9, 2), f"{name} {move(self)}"))
        except AwsError as refusal:
            self.told.append((round(self.now - 1.7e9, 2), f"{name} refused: {refusal.message}"))
        finally:
            self.busy = False

    def _judge(self, call: Call) -> None:
        """Note what a run takes away from a balancer of which it cannot know how its instances are."""
        gone = set(leaving(self.pair, call))
        for one in self.unknown:
            known = self.now < one.begin + NOTED or self.now >= one.end or one.key not in self.watch.users.answering
            if known or self.urgent or not self.watch.users.had.get(one.key):
                continue
            if lost := gone & set(self.pair.sim.answering(one.key)):
                self.taken.append(f"{self.now - 1.7e9:.2f}: {call.operation} takes {len(lost)} away, unknown")

    @property
    def now(self) -> float:
        """The time."""
        return self.pair.clock.now()

    def balancers(self) -> list[str]:
        """Return the balancers that blue is attached to and that are there."""
        known = self.pair.sim.balancers
        return [key for key in self.pair.sim.groups[BLUE].balancers if key in known]

    def baking(self) -> bool:
        """Whether a deployment has moved the traffic, and nothing else has begun."""
        release = self.pair.release
        return release is not None and release.goal == "deploy" and release.passed("moved")

    def moving(self) -> bool:
        """Whether a deployment has begun and not yet moved the traffic."""
        release = self.pair.release
        return release is not None and release.goal == "deploy" and not release.passed("moved")

    def calm(self) -> None:
        """Let everything be known, everybody be well, and what was deleted be detached: nothing launches behind it."""
        self.pair.sim.blurs.all.clear()
        for instance in {one for _, one, *_ in self.pair.sim.sicknesses}:
            self.pair.sim.cure(instance)
        for key in lost_balancers(self.pair, BLUE):
            _detach(self, key)


def leaving(pair: Pair, call: Call) -> Iterator[str]:
    """Return the instances that a call takes out of service, as far as the call tells."""
    name, asks = call.parameters.get("AutoScalingGroupName"), call.parameters
    if call.operation in ("EnterStandby", "DetachInstances"):
        yield from asks["InstanceIds"]
    elif call.operation == "UpdateAutoScalingGroup" and "MaxSize" in asks:
        group = pair.sim.groups[str(name)]
        if asks["MaxSize"] < group.desired:
            yield from (member.id for member in group.in_service())


# ---- the moves ----


def _any_time(_: Moves) -> bool:
    return True


def _members(one: Moves) -> list[str]:
    return [i for name in (BLUE, GREEN) for i, state in one.pair.sim.states(name).items() if state == "InService"]


def _sick_in_one(one: Moves) -> str:
    """An instance answers one balancer no more; it is cured there after a while, or stays so."""
    members, keys = _members(one), one.balancers()
    if not members or not keys:
        return "nobody"
    instance, key = one.dice.choice(members), one.dice.choice(keys)
    one.pair.sim.sicken(instance, key)
    one.ignored |= {"MaxSize"}  # a rollback makes up for the sick beyond it; it is never put below what the group has
    if one.dice.random() < 0.7:
        one.pair.sim.world.later(one.dice.uniform(10, 300), lambda world: world.body.cure(instance, key))
    return f"{instance} in {_name(one, key)}"


def _unknown(one: Moves) -> str:
    """AWS does not tell how the instances of a balancer, or some of them, are."""
    keys = one.balancers()
    if not keys:
        return "nowhere"
    key, seconds, how = one.dice.choice(keys), one.dice.choice([5, 5, 20, 60, 200, 600]), one.dice.choice(UNKNOWN)
    some = None if one.dice.random() < 0.7 else [i for i in _members(one) if one.dice.random() < 0.5]
    one.pair.sim.blur(key, until=one.now + seconds, how=how, instances=some)
    if some is None:
        one.unknown.append(Unknown(key, one.now, one.now + seconds))
    return f"{how} in {_name(one, key)} for {seconds} s, {'all' if some is None else len(some)}"


def _detached(one: Moves) -> str:
    """The owner takes both groups from a balancer, if every image has another one."""
    if not (keys := _to_spare(one)):
        return "nothing: the last one"
    key = one.dice.choice(keys)
    _detach(one, key)
    return _name(one, key)


def _to_spare(one: Moves) -> list[str]:
    """Return the balancers without which there still is one that answers whatever is deployed."""
    keys, split = one.balancers(), one.pair.sim.world.body.fails_in.get(SPLIT, ())
    return [key for key in keys if any(_name(one, other) not in split for other in keys if other != key)]


def _detach(one: Moves, key: str) -> None:
    one.watch.users.had[key] = 0
    arn = key.startswith("arn:")
    operation, words = (
        ("DetachLoadBalancerTargetGroups", "TargetGroupARNs") if arn else ("DetachLoadBalancers", "LoadBalancerNames")
    )
    for group in (BLUE, GREEN):
        asked(one.pair, operation, group, **{words: [key]})
        _attachments(one, group)


def _attachments(one: Moves, group: str) -> None:
    """The balancers are to be what they are now."""
    found = one.pair.picture()[group]
    for words in ("TargetGroupARNs", "LoadBalancerNames", "TrafficSources"):
        if words in found:
            one.before[group][words] = found[words]


def _target_group_deleted(one: Moves) -> str:
    """The owner deletes a target group, detached first or not, if every image has another balancer."""
    arns = [key for key in _to_spare(one) if key.startswith("arn:")]
    if not arns:
        return "nothing: the last one"
    key = one.dice.choice(arns)
    name, detached = _name(one, key), one.dice.random() < 0.5
    if detached:
        _detach(one, key)
    listeners = one.pair.sim.listeners
    for arn in [arn for arn, listener in listeners.items() if key in repr(listener)]:
        del listeners[arn]
    one.pair.sim.call("elbv2", "DeleteTargetGroup", {"TargetGroupArn": key})
    return f"{name}{', detached' if detached else ''}"


def _setting_deleted(one: Moves) -> str:
    """The owner deletes a policy or a schedule from the group that serves: it is to stay away."""
    release = one.pair.release
    live = release.old if release is not None else BLUE
    kind = one.dice.choice(["policies", "schedules"])
    names = sorted(settings_of(one.pair.sim, live)[kind])
    if not names:
        return "nothing: there is none"
    name = one.dice.choice(names)
    if kind == "policies":
        asked(one.pair, "DeletePolicy", live, PolicyName=name)
    else:
        asked(one.pair, "DeleteScheduledAction", live, ScheduledActionName=name)
    for group in (BLUE, GREEN):
        one.before[group]["Scaling"][kind].pop(name, None)
    return f"{name} of {live}"


def _minimum(one: Moves) -> str:
    """The owner changes the minimum of either group, as a person or an apply does."""
    group = one.dice.choice([BLUE, GREEN])
    size = one.dice.choice([0, 1, max(1, one.pair.sim.groups[group].maximum)])
    one.ignored |= {"MinSize", "MaxSize"}  # what a minimum launches may be more than the maximum; that follows desired
    edit(one.pair, group, MinSize=size)
    return f"of {group} is {size}"


def _attached(one: Moves) -> str:
    """The owner attaches one more target group to both groups, with a listener or without one."""
    sim, used = one.pair.sim, one.dice.random() < 0.5
    arn = balancer(sim, TG, "web-more", Check())
    if not used:
        listeners = sim.listeners
        for listener in [name for name, found in listeners.items() if arn in repr(found)]:
            del listeners[listener]
    for group in (BLUE, GREEN):
        asked(one.pair, "AttachLoadBalancerTargetGroups", group, TargetGroupARNs=[arn])
        _attachments(one, group)
    return "with a listener" if used else "without a listener"


def _name(one: Moves, key: str) -> str:
    return one.pair.sim.balancers[key].name


Moment = Callable[[Moves], bool]
MOVES: dict[str, tuple[Moment, Callable[[Moves], str]]] = {
    "sick in one": (_any_time, _sick_in_one),
    "sick in one, baking": (Moves.baking, _sick_in_one),
    "unknown": (_any_time, _unknown),
    "unknown, baking": (Moves.baking, _unknown),
    "detached": (_any_time, _detached),
    "deleted": (_any_time, _target_group_deleted),
    "setting deleted": (Moves.moving, _setting_deleted),
    "minimum": (Moves.baking, _minimum),
    "attached": (Moves.baking, _attached),
}
