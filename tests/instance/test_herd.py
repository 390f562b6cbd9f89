"""A thousand instances that start in the same moment, and the one bucket that all callers of the account share.

AWS publishes neither the bucket's size nor its rate. Two calls for each of a thousand instances are 2,000 tokens, so
that within 60 s no rate below (2,000 - size) / 60 a second suffices, whatever anybody does.
"""

from __future__ import annotations

import random
import statistics

import pytest
from attrs import define, field

from bluegreen.clock import VirtualClock
from bluegreen.instance.finding import Asked, Surroundings, find
from bluegreen.simulator import Simulator, pair
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import TokenBucket
from tests.battery.turns import Actor, Turns

from .fakes import GROUP, Known, client

MANY = 1000
IN_TIME = 60.0


@define
class Herd:
    """All instances of web-blue, each in a thread that has its turn; ``ended`` is when each had its version."""

    sim: Simulator
    clock: VirtualClock
    turns: Turns
    ended: dict[str, float] = field(factory=dict)
    versions: set[str] = field(factory=set)
    refused: list[bool] = field(factory=list)

    def now(self) -> float:
        """Return the virtual time."""
        return self.clock.now()

    monotonic = now

    def sleep(self, seconds: float) -> None:
        """Let the others go on."""
        self.turns.sleep(seconds)

    def boot(self, instance: str) -> None:
        """Find the version as the command does."""
        here = Surroundings(Known(instance), self, lambda _: client(self.sim.call))
        self.versions.add(find(Asked(), here).version)
        self.ended[instance] = self.now()

    def deployer(self) -> None:
        """Look once a second or so while they boot, as a deployment does, and count the refusals."""
        while len(self.ended) < MANY:
            self.sleep(self.turns.dice.uniform(0.5, 1.5))
            try:
                self.sim.call("autoscaling", "DescribeAutoScalingGroups", {"IncludeInstances": False})
                self.refused.append(False)
            except AwsError:
                self.refused.append(True)


def herd(size: float, rate: float, seed: int) -> Herd:
    """Let a thousand instances find their version through a bucket of ``size`` that refills ``rate`` a second."""
    random.seed(seed)
    clock = VirtualClock()
    sim = pair(clock, instances=MANY, maximum=MANY)
    sim.faults.before.append(TokenBucket(clock.now, size, rate, {"autoscaling"}))
    many = Herd(sim, clock, Turns(clock.now, lambda until: setattr(clock, "time", until), random.Random(seed), 0.0))
    begin = clock.now()
    instances = list(sim.states(GROUP))
    assert MANY == len(instances)
    lives = [Actor(name, lambda name=name: many.boot(name), begin) for name in instances]  # type: ignore[misc]
    actors = [*lives, Actor("deployer", many.deployer, begin)]
    many.turns.play(*actors)
    assert [] == [actor.failed for actor in actors if actor.failed]
    many.ended = {name: at - begin for name, at in many.ended.items()}
    return many


@pytest.mark.slow
@pytest.mark.parametrize(("size", "rate", "seed"), [(100, 50, 1), (100, 50, 2), (500, 100, 3)])
def test_all_have_their_version_in_time(size: float, rate: float, seed: int) -> None:
    """Within 60 s, and the bucket is left to others: nine of ten calls of a deployment that looks on are answered."""
    many = herd(size, rate, seed)
    assert ({"v1"}, MANY) == (many.versions, len(many.ended))
    assert max(many.ended.values()) <= IN_TIME
    assert statistics.mean(many.refused) <= 0.1


@pytest.mark.slow
def test_a_smaller_bucket_only_takes_longer() -> None:
    """At 20 a second, where 95 s is what 1,900 tokens take, nobody is without a version after the two minutes."""
    many = herd(100, 20, 1)
    assert ({"v1"}, MANY) == (many.versions, len(many.ended))
