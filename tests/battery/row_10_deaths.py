"""one to all instances of either colour die; health flaps, at each step

A step is a write of deploy, rollback or finish; what happens, happens right after it. A dead instance is a machine
that ends; a sick one answers no more, and is cured later; flapping ones do so again and again. In some shapes the
autoscaler follows a load, by policies of both groups or by some that move with the service. In others the two target
groups disagree: what falls sick does so in one of them only, or what serves first is never well in one of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from attrs import define

from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.world import World
from tests.battery.rows import Scale
from tests.battery.stage import Stage, opened, told_once
from tests.battery.telling import Watching
from tests.support.virtual import BLUE, GREEN

MUST = "safe"
VERBS = ("deploy", "rollback", "finish")
SHAPES = {
    "1tg": (1, "tg", "EC2", ""),
    "2tg": (2, "tg", "EC2", ""),
    "3both": (3, "both", "EC2", "twins"),
    "2classic": (2, "classic", "ELB", ""),
    "3tg": (3, "tg", "ELB", "moves"),
    "3apart": (3, "pair", "EC2", ""),
    "2half": (2, "pair", "EC2", ""),
}
"""How many instances, behind what, whose word the groups take for an instance's health, and whose policies scale."""
EACH = 10.0
"""Requests a second that one instance is to have."""
APART, HALF, SECOND = "3apart", "2half", "web-1"
COLOURS = {"blue": (BLUE,), "green": (GREEN,), "each": (BLUE, GREEN)}
HARM = ("one-dies", "most-die", "all-die", "one-sick", "all-sick", "one-flaps", "all-flap")
CURED_AFTER = 25.0
FLAPS, BEAT = 4, 6.0


@define
class Harm:
    """Does ``what`` to the members of ``colours`` right after write ``number``, once."""

    number: int
    what: str
    colours: tuple[str, ...]
    balancer: str | None = None
    done: bool = False

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Strike, if it is time."""
        if self.done or side != "after" or getattr(what, "reads", True) or stage.writes != self.number:
            return
        self.done = True
        for colour in self.colours:
            members = list(stage.pair.sim.groups[colour].members)
            count = {"one": 1, "most": len(members) - 1, "all": len(members)}[self.what.partition("-")[0]]
            for instance in members[:count]:
                strike(stage, self.what.partition("-")[2], instance, self.balancer)


def strike(stage: Stage, what: str, instance: str, balancer: str | None = None) -> None:
    """Let an instance die; or fall sick or flap, everywhere or in one balancer only."""
    stage.note("harm", what, instance)
    sim = stage.pair.sim
    if what.startswith("die"):
        sim.kill(instance)
        return
    sim.sicken(instance, balancer)
    key = next((one.key for one in sim.balancers.values() if one.name == balancer), None)
    if what == "sick":
        sim.world.later(CURED_AFTER, cure, instance, key)
        return
    for beat in range(1, 2 * FLAPS):
        sim.world.later(beat * BEAT, cure if beat % 2 else sicken, instance, key)


def cure(world: World, instance: str, balancer: str | None) -> None:
    """Let the application serve again."""
    world.body.cure(instance, balancer)  # type: ignore[attr-defined]


def sicken(world: World, instance: str, balancer: str | None) -> None:
    """Let the application stop once more; its death is counted already."""
    world.body.sicken(instance, balancer)  # type: ignore[attr-defined]


def cases(scale: Scale) -> list[str]:
    """Return every harm at every write of every verb."""
    return scale.some(list(_cases()), 100)


def _cases() -> Iterator[str]:
    for shape in SHAPES:
        for verb in VERBS:
            for number in aws_writes(verb, shape):
                for colour in COLOURS:
                    yield from (f"{verb}-{shape}-{number}-{colour}-{harm}" for harm in HARM)


def run(key: str, watch: Watching = None) -> list[str]:
    """Harm the pair in the middle of a verb, then end what is open."""
    verb, shape, number, colour, harm = key.split("-", 4)
    stage = ready(verb, shape, watch)
    stage.strikes.append(Harm(int(number), harm, COLOURS[colour], SECOND if shape == APART else None))
    told = stage.run(verb, *(("v2",) if verb == "deploy" else ()))
    stage.pair.run_for(60)
    wrong = [] if told.status in (0, 3, 4) else [f"{verb} ended with {told.status}: {told.sentence}"]
    stage.end("resume", "finish", "rollback")
    if shape == HALF and stage.release is not None:
        _urgently(stage, stage.release.old)
    return wrong + stage.verdict("v1", "v2")


def _urgently(stage: Stage, old: str) -> None:
    """Take back at once, as a person does where old was never well in a balancer that new serves."""
    stage.judge.watch.urgent(old)
    stage.run("rollback", urgent=True)


@told_once
def ready(verb: str, shape: str, watch: Watching = None) -> Stage:
    """Return a stage on which ``verb`` is the next thing to do."""
    size, balancers, checks, scaling = SHAPES[shape]
    tool = {"progress_deadline": 120.0, "deadline": 900.0}
    health = {"HealthCheckType": checks, "HealthCheckGracePeriod": 30}
    more = {**health, **(_following(size, scaling) if scaling else {})}
    if shape == HALF:
        more["fails_in"] = {"v1": (SECOND,)}
    stage = opened(watch, size=size, balancers=balancers, tool=tool, **more)
    if verb != "deploy":
        stage.run("deploy", "v2")
    return stage


def _following(size: int, scaling: str) -> dict[str, Any]:
    """Return a load that keeps ``size`` instances busy, and a policy that follows it."""
    policy = tracking("requests", 60 * EACH)
    return {
        "load": 0.95 * EACH * size,
        "power": 2 * EACH,
        "policies": [policy],
        "twins": scaling == "twins",
        "scaling": scaling == "moves",
    }


@functools.cache
def aws_writes(verb: str, shape: str) -> tuple[int, ...]:
    """Return the numbers of the writes that an undisturbed ``verb`` makes in AWS."""
    stage, found = ready(verb, shape), []

    def count(on: Stage, side: str, what: Any) -> None:
        if side == "after" and not getattr(what, "reads", True):
            found.append(on.writes)

    stage.strikes.append(count)
    stage.run(verb, *(("v2",) if verb == "deploy" else ()))
    return tuple(found)
