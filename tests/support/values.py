"""Small fleets, releases and looks, as plain values."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from typing import Any

import attrs
from attrs import frozen

from bluegreen.declared import declared
from bluegreen.flow.answers import DONE, Answer
from bluegreen.flow.view import Seen
from bluegreen.targets.pair.model.fleet import (
    TARGET_GROUP,
    Activity,
    Balancer,
    BalancerFacts,
    Fleet,
    Group,
    Instance,
    Machine,
    Survey,
    Tag,
)
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.more import Metric, More
from bluegreen.targets.pair.model.release import EVERY, Bounds, Picture, Release, Side
from bluegreen.targets.pair.model.terms import Settled
from bluegreen.targets.pair.plans.plan import look_at

BALANCER = Balancer(TARGET_GROUP, "web")
NOW = 1_000_000.0
TERMS = Settled(bake=0.0, deadline=inf, progress_deadline=300.0, healthy_for=0.0)
"""Those of a release that waits for nothing."""


class Whatever(tuple[Any, ...]):
    """Every name that there may be."""

    def __contains__(self, _: object) -> bool:
        return True


@frozen(kw_only=True)
class Everything(More):
    """What is known of a look that was asked for all there is, but the EC2 instances and groups' settings it names."""

    alarms: tuple[str, ...] = Whatever()
    metrics: tuple[Metric, ...] = Whatever()

    def since(self, group: str) -> float:
        """Whatever there was."""
        return 0.0


ALL = Everything()


def members(prefix: str, *states: str) -> tuple[Instance, ...]:
    """Return one instance per state, with ids ``i-<prefix>-<n>``."""
    return tuple(Instance(f"i-{prefix}-{n}", state) for n, state in enumerate(states))


def group(name: str, *states: str, **changes: Any) -> Group:
    """Return a group whose instances are in ``states``; its desired capacity counts those not parked or leaving."""
    instances = members(name, *states)
    desired = sum(i.in_service or i.arriving for i in instances)
    made = Group(name, 0, 10, desired, instances, tags={"image": Tag("v1")}, balancers=frozenset({BALANCER}))
    return attrs.evolve(made, **changes)


def fleet(blue: Group, green: Group, health: dict[str, str] | None = None, **more: Any) -> Fleet:
    """Return a fleet in which everything in service is healthy, but for what ``health`` says of single instances.

    It was asked for everything: what ``more`` does not bring is not there; of EC2 instances for those ``asked``, of
    settings for those of the groups that ``scaling`` brings.
    """
    known = Everything(machines=tuple(more.pop("asked", ())), scaling=tuple(more.get("scaling", ())))
    more = {"known": known, **more}
    states = {i.id: "healthy" for g in (blue, green) for i in g.in_service}
    states.update(health or {})
    registered = {instance: state for instance, state in states.items() if state != "unused"}
    return Fleet({blue.name: blue, green.name: green}, {BALANCER.id: registered}, **more)


def release(capacity: int = 2, **changes: Any) -> Release:
    """Return a release of v2 from ``old`` to ``new``, whose old side had ``capacity`` instances."""
    made = Release(
        id="web:1",
        service="web",
        image="v2",
        old="old",
        new="new",
        picture=Picture(Side("old", 0, 10, capacity, image="v1"), Side("new", 0, 0, 0, image="v0")),
        bounds=Bounds(0, 10),
        idle=Bounds(0, 0),
        capacity=capacity,
        begun_at=NOW,
        terms=TERMS,
        progressed_at=NOW,
        deadline_at=NOW + 600,
    )
    for name in ("old", "new"):
        made = made.write(name, min=0, max=10)
    changes.setdefault("best", capacity)
    return evolved(made, **{key: _everywhere(key, value) for key, value in changes.items()})


def evolved(of: Release, **changes: Any) -> Release:
    """Return the release with these members, or terms, changed."""
    terms = {key: changes.pop(key) for key in list(changes) if key in declared(Settled)}
    return attrs.evolve(of.with_terms(**terms), **changes)


def _everywhere(key: str, value: Any) -> Any:
    """Let a plain count stand for every balancer, as a record of an older format does."""
    wholes = {"best": f"old {EVERY}", "after_wave": EVERY}
    return {wholes[key]: value} if key in wholes and isinstance(value, int) else value


def look(seen: Fleet, of: Release, at: float = NOW, past: tuple[Seen, ...] = (), **more: Any) -> Look:
    """Return a look at ``seen`` for the release ``of``."""
    return look_at(**{"fleet": seen, "release": of, "taken": at, "now": at, "past": past, **more})


def again(one: Look, answer: Answer = DONE, times: int = 2) -> Look:
    """Return the look with ``times`` earlier looks that saw the same and got ``answer``."""
    return attrs.evolve(one, past=tuple(Seen(attrs.evolve(one, past=()), answer) for _ in range(times)))


def moment(posix: float) -> datetime:
    """Return the moment ``posix`` (POSIX seconds) as AWS's answers have it."""
    return datetime.fromtimestamp(posix, UTC)


def activity(name: str, message: str = "", status: str = "Failed", cause: str = "", at: float = NOW) -> Activity:
    """Return one scaling activity of the group ``name``."""
    return Activity("a-1", name, status, at, "Launching a new EC2 instance", cause, message)


def detached(name: str, *ids: str, at: float = NOW) -> tuple[Activity, ...]:
    """Return what AWS tells of instances that were detached from the group ``name``."""
    return tuple(Activity(f"a-{i}", name, "Successful", at, f"Detaching EC2 instance: {i}") for i in ids)


def machine(instance: str, state: str = "running", **tags: str) -> Machine:
    """Return an EC2 instance; underscores of tag names stand for colons."""
    return Machine(instance, state, {key.replace("_", ":"): value for key, value in tags.items()})


def survey(seen: Fleet, **more: Any) -> Survey:
    """Return a survey of ``seen`` with one quick target group."""
    facts = (BalancerFacts(BALANCER, 5.0, 2, 10.0),)
    return Survey(**{"fleet": seen, "balancers": facts, "boot": 30.0, **more})
