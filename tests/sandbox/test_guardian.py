"""Guardian's experiment: a group that scales out from 3 to 8 in mid-deployment has 8 at the end, and loses nothing.

Theirs (guardian/testing-asg-rolling-update) had 3: the tool wrote the size from before. Here the real command line
deploys on a sandbox under load, onto twins that track requests per target; the idle one's policy rests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, frozen
from conftest import until

from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.traffic import Count, Traffic
from bluegreen.simulator import tracking
from tests.battery.ground import BLUE, GREEN, Ground
from tests.battery.processes import Run

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]

FEW, MANY = 3, 8
TARGET = 20.0
"""Requests per target in one of the sandbox's minutes, as the policy has it."""


@define
class Experiment:
    """A pair of twins under the load of three instances, and how it goes on."""

    ground: Ground
    case: Case
    loads: list[Traffic]

    @property
    def scaling(self) -> Any:
        """Return a client of Auto Scaling."""
        return self.ground.client("autoscaling")

    def rise(self) -> None:
        """Let the traffic rise to what eight instances are needed for."""
        self.loads.append(self.ground.box.load(rate=(MANY - FEW) * TARGET / self.case.minute))

    def ask_for_many(self, group: str) -> None:
        """Want eight by hand, as a scheduled action would."""
        self.scaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=MANY, HonorCooldown=False)

    def many_serve(self) -> bool:
        """Whether green wants eight, and has them all healthy."""
        return (MANY, MANY) == (self.ground.groups()[GREEN]["DesiredCapacity"], len(self.healthy(GREEN)))

    def healthy(self, group: str) -> list[str]:
        """Return the group's instances that get requests."""
        return self.ground.box.simulator.healthy(group)

    def lost(self) -> list[Count]:
        """End the loads, and return those that lost anything."""
        counts = [load.stop() for load in self.loads]
        return [count for count in counts if count.failed or count.ok != count.sent]


def booting(this: Experiment, run: Run) -> bool:
    """Whether the new instances have been asked for."""
    return len(this.ground.box.simulator.groups[GREEN].members) == FEW


def about_to_switch(this: Experiment, run: Run) -> bool:
    """Whether the new instances are healthy, and the old ones still serve."""
    return (FEW, FEW) == (len(this.healthy(GREEN)), len(this.healthy(BLUE)))


def baking(this: Experiment, run: Run) -> bool:
    """Whether no old instance serves any more."""
    return run.passed("moved")


@frozen
class Case:
    """When and how the group is scaled out; times in seconds.

    ``minute`` is short enough for three of them to pass while new instances boot or bake, or AWS's own: then no alarm
    fires, neither for more nor for less.
    """

    when: Callable[[Experiment, Run], bool]
    scale: Callable[[Experiment], None]
    minute: float
    boot: float
    bake: float


CASES = {
    "traffic-while-new-boots": Case(booting, Experiment.rise, minute=1.0, boot=4.5, bake=1.0),
    "traffic-in-the-bake": Case(baking, Experiment.rise, minute=1.0, boot=2.0, bake=6.0),
    "by-hand-before-the-switch": Case(
        about_to_switch, lambda this: this.ask_for_many(BLUE), minute=60.0, boot=1.5, bake=1.0
    ),
    "by-hand-in-the-bake": Case(baking, lambda this: this.ask_for_many(GREEN), minute=60.0, boot=1.5, bake=1.0),
}


@contextmanager
def experiment(folder: Path, case: Case) -> Iterator[Experiment]:
    """Yield the experiment at its beginning."""
    policy = tracking("requests", TARGET, EstimatedInstanceWarmup=0)
    times = {"boot": case.boot, "interval": 0.2, "drain": 2.0, "minute": case.minute}
    with Sandbox(instances=FEW, maximum=MANY, policies=[policy], **times) as box:
        yield Experiment(Ground(box, folder), case, [box.load(rate=(FEW - 0.3) * TARGET / case.minute)])


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_eight_wanted_eight_at_the_end(tmp_path: Path, case: Case) -> None:
    """Whenever the group is scaled out, by its policy or by hand: eight at the end, and every request answered."""
    with experiment(tmp_path, case) as this:
        pace = ("--bake", f"{case.bake:g}s", "--look-every", "200ms")
        run = this.ground.run("deploy", "web", "v2", *pace, "--output", "json")
        assert run.until(lambda: case.when(this, run)), run.said
        case.scale(this)
        status = run.end()
        wanted = this.ground.groups()[GREEN]["DesiredCapacity"]
        until(this.many_serve, 40)
        assert (0, MANY, []) == (status, wanted, this.lost()), reasons(run)


def reasons(run: Run) -> list[str]:
    """Return what it told, in short."""
    return [f"{event['reason']} {event['action']}" for event in run.events if "reason" in event]
