"""What the sandbox looks like at one moment, by its own account and not by the tool's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field, frozen

from bluegreen.flow.snapshot import Member, Side
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.traffic import Traffic
from bluegreen.targets.pair.model.showing import symbol_of

COLOURS = {"web-blue": "blue", "web-green": "green"}


@frozen
class Part:
    """One group, and its ``share`` of the last second's answers."""

    side: Side
    share: float = 0.0


@frozen
class Scene:
    """Both groups, and the requests so far, those lost and those cut by a death apart; ``longest`` in seconds."""

    parts: tuple[Part, ...] = ()
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
            tuple(Part(self._side(group), shares.get(group["AutoScalingGroupName"], 0.0)) for group in groups),
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

    def _side(self, group: dict[str, Any]) -> Side:
        members = tuple(self._member(row) for row in group["Instances"])
        return Side(
            name=group["AutoScalingGroupName"],
            min=group["MinSize"],
            max=group["MaxSize"],
            desired=group["DesiredCapacity"],
            image=next((tag["Value"] for tag in group["Tags"] if tag["Key"] == "image"), None),
            scales=not group["SuspendedProcesses"],
            healthy=sum(member.serves for member in members),
            members=members,
        )

    def _member(self, row: dict[str, Any]) -> Member:
        instance, state = row["InstanceId"], row["LifecycleState"]
        verdicts = [self.box.body.health(balancer).get(instance) for balancer in self.box.balancers()]
        health = "unhealthy" if False in verdicts else "healthy" if all(verdicts) else "initial"
        serves = state == "InService" and health == "healthy"
        symbol = symbol_of(state, health, serves=serves, comes=instance not in self.served)
        if serves:
            self.served.add(instance)
        return Member(id=instance, state=state, symbol=symbol, health=health)
