"""What the sandbox looks like at one moment, by its own account and not by the tool's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field, frozen

from bluegreen.flow.snapshot import Member
from bluegreen.report.symbols import SERVES, Symbol, counted, mark
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.traffic import Traffic

COLOURS = {"web-blue": "blue", "web-green": "green"}


@frozen
class Side:
    """One group; ``marks`` stand for its instances, ``share`` is its part of the last second's answers."""

    name: str
    image: str
    marks: tuple[Symbol, ...] = ()
    share: float = 0.0

    @property
    def counted(self) -> str:
        """How many instances are in which condition: ``3 serving, 1 parked``."""
        return counted(self.marks)


@frozen
class Scene:
    """Both groups, and the requests so far, those lost and those cut by a death apart; ``longest`` in seconds."""

    sides: tuple[Side, ...] = ()
    sent: int = 0
    lost: int = 0
    cut: int = 0
    longest: float = 0.0


@define
class Observer:
    """Looks at a sandbox and the load that runs through it."""

    box: Sandbox
    traffic: Traffic
    homes: dict[str, str] = field(factory=dict)
    served: set[str] = field(factory=set)

    def scene(self) -> Scene:
        """Look once."""
        answer = self.box.simulator.call("autoscaling", "DescribeAutoScalingGroups", {})
        groups = sorted(answer["AutoScalingGroups"], key=lambda group: str(group["AutoScalingGroupName"]))
        for group in groups:
            self.homes |= {row["InstanceId"]: group["AutoScalingGroupName"] for row in group["Instances"]}
        rows, failures = self.traffic.seconds(), self.traffic.failures()
        shares = self._shares(rows[-1]["instances"] if rows else {})
        return Scene(
            tuple(self._side(group, shares) for group in groups),
            sum(row["sent"] for row in rows),
            sum(request.lost for request in failures),
            sum(request.cut for request in failures),
            max((row["slowest"] for row in rows), default=0.0),
        )

    def _shares(self, answered: dict[str, int]) -> dict[str, float]:
        counts: Counter[str] = Counter()
        for instance, count in answered.items():
            counts[self.homes.get(instance, "")] += count
        return {name: count / counts.total() for name, count in counts.items()}

    def _side(self, group: dict[str, Any], shares: dict[str, float]) -> Side:
        name = group["AutoScalingGroupName"]
        image = next((tag["Value"] for tag in group["Tags"] if tag["Key"] == "image"), "")
        members = sorted(group["Instances"], key=lambda row: str(row["InstanceId"]))
        return Side(name, image, tuple(self._mark(row) for row in members), shares.get(name, 0.0))

    def _mark(self, row: dict[str, Any]) -> Symbol:
        instance, state = row["InstanceId"], row["LifecycleState"]
        verdicts = [self.box.body.health(balancer).get(instance) for balancer in self.box.balancers()]
        health = "unhealthy" if False in verdicts else "healthy" if all(verdicts) else "initial"
        serves = state == "InService" and health == "healthy"
        found = mark(Member(id=instance, state=state, health=health, serves=serves), fresh=instance not in self.served)
        if found is SERVES:
            self.served.add(instance)
        return found
