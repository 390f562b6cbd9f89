"""A pair of groups behind shared balancers, ready to be deployed to: for tests, rehearsals and the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from bluegreen.clock import Clock, VirtualClock

from .body import Body
from .simulator import IMAGE_KEY, Simulator
from .virtual import Seconds, VirtualBody
from .world import Options

BLUE, GREEN = "web-blue", "web-green"
PATIENCE = 4000


def pair(
    clock: Clock,
    *,
    balancers: Sequence[str] = ("target-group",),
    instances: int = 3,
    image: str = "v1",
    minimum: int | None = None,
    maximum: int | None = None,
    idle_minimum: int = 0,
    idle_maximum: int = 0,
    boot: Seconds = 2.0,
    interval: float = 1.0,
    threshold: int = 2,
    drain: float = 5.0,
    zones: int = 2,
    seed: int = 0,
    body: Body | None = None,
    bridge: str = "completes",
    name: str = "web",
    options: Options | None = None,
    lock: AbstractContextManager[Any] | None = None,
    settled: bool = True,
    image_key: str = IMAGE_KEY,
    **settings: Any,
) -> Simulator:
    """Return a simulator with ``web-blue`` live on ``image``, and ``web-green`` empty, behind shared balancers.

    ``balancers`` holds any of ``classic``, ``target-group`` and ``nlb``, in any number; they are called ``web-0``,
    ``web-1`` and so on. ``settings`` go to both groups' CreateAutoScalingGroup. Where ``settled``, the time has been
    moved on until every live instance is healthy everywhere; that needs a virtual clock.
    """
    chosen = options or Options(bridge=bridge)
    sim = Simulator(
        clock, body=body or VirtualBody(boot=boot, seed=seed), seed=seed, options=chosen, lock=lock, image_key=image_key
    )
    keys = [
        balancer(sim, kind, f"{name}-{index}", interval=interval, threshold=threshold, drain=drain, zones=zones)
        for index, kind in enumerate(balancers)
    ]
    common = {**placing(sim, zones), **settings}
    low = minimum if minimum is not None else min(1, instances)
    high = maximum if maximum is not None else 2 * instances
    group(sim, f"{name}-blue", keys, sizes=(low, high, instances), image=image, **common)
    group(sim, f"{name}-green", keys, sizes=(idle_minimum, idle_maximum, idle_minimum), image=image, **common)
    if settled and isinstance(clock, VirtualClock):
        until(sim, lambda: len(sim.healthy(f"{name}-blue")) == instances)
    return sim


def placing(sim: Simulator, zones: int) -> dict[str, Any]:
    """Return where a group's instances go: so many zones, a subnet each."""
    names = [f"{sim.world.options.region}{chr(ord('a') + index)}" for index in range(zones)]
    subnets = ",".join(f"subnet-{index + 1:017x}" for index in range(zones))
    return {"AvailabilityZones": names, "VPCZoneIdentifier": subnets}


def group(
    sim: Simulator, name: str, balancers: Sequence[str], *, sizes: tuple[int, int, int], image: str, **settings: Any
) -> None:
    """Create a group of ``sizes`` (minimum, maximum, desired) with the image tag, registered with ``balancers``."""
    template = {"LaunchTemplateId": "lt-00000000000000001", "LaunchTemplateName": "web", "Version": "1"}
    request: dict[str, Any] = {
        "AutoScalingGroupName": name,
        "MinSize": sizes[0],
        "MaxSize": sizes[1],
        "DesiredCapacity": sizes[2],
        "LaunchTemplate": template,
        "LoadBalancerNames": [key for key in balancers if not key.startswith("arn:")],
        "TargetGroupARNs": [key for key in balancers if key.startswith("arn:")],
        "Tags": [{"Key": sim.image_key, "Value": image, "PropagateAtLaunch": False}],
        **settings,
    }
    sim.world.state.launch_templates.setdefault(template["LaunchTemplateId"], {
        "LaunchTemplateId": template["LaunchTemplateId"],
        "LaunchTemplateName": template["LaunchTemplateName"],
        "DefaultVersionNumber": 1,
        "LatestVersionNumber": 1,
    })
    sim.call("autoscaling", "CreateAutoScalingGroup", request)


def balancer(
    sim: Simulator, kind: str, name: str, *, interval: float, threshold: int, drain: float, zones: int = 2
) -> str:
    """Create a balancer of ``kind`` in use, and return its key: the classic one's name or the target group's ARN."""
    makers: dict[str, Callable[..., str]] = {
        "classic": _classic,
        "target-group": _target_group,
        "application": _target_group,
        "nlb": _target_group,
        "network": _target_group,
    }
    return makers[kind](sim, kind, name, check=(interval, threshold), drain=drain, zones=zones)


def _classic(
    sim: Simulator, _: str, name: str, *, check: tuple[float, int], drain: float, zones: int
) -> str:
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    names = placing(sim, zones)["AvailabilityZones"]
    sim.call("elb", "CreateLoadBalancer", {"LoadBalancerName": name, "Listeners": [listener], "AvailabilityZones": names})
    interval, threshold = check
    sim.call("elb", "ConfigureHealthCheck", {"LoadBalancerName": name, "HealthCheck": {
        "Target": "HTTP:8080/health", "Interval": _whole(interval), "Timeout": 1,
        "UnhealthyThreshold": threshold, "HealthyThreshold": threshold,
    }})
    draining = {"Enabled": drain > 0, "Timeout": max(1, _whole(drain))}
    sim.call("elb", "ModifyLoadBalancerAttributes", {
        "LoadBalancerName": name, "LoadBalancerAttributes": {"ConnectionDraining": draining},
    })
    return name


def _target_group(
    sim: Simulator, kind: str, name: str, *, check: tuple[float, int], drain: float, zones: int
) -> str:
    protocol, owner_kind = ("TCP", "network") if kind in ("nlb", "network") else ("HTTP", "application")
    interval, threshold = check
    request: dict[str, Any] = {
        "Name": name, "Protocol": protocol, "Port": 8080, "VpcId": "vpc-00000000000000001",
        "HealthCheckIntervalSeconds": _whole(interval), "HealthCheckTimeoutSeconds": 1,
        "HealthyThresholdCount": threshold, "UnhealthyThresholdCount": threshold, "HealthCheckPath": "/health",
    }
    arn: str = sim.call("elbv2", "CreateTargetGroup", request)["TargetGroups"][0]["TargetGroupArn"]
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(_whole(drain))}
    sim.call("elbv2", "ModifyTargetGroupAttributes", {"TargetGroupArn": arn, "Attributes": [delay]})
    subnets = placing(sim, zones)["VPCZoneIdentifier"].split(",")
    created = sim.call("elbv2", "CreateLoadBalancer", {"Name": name, "Type": owner_kind, "Subnets": subnets})
    sim.call("elbv2", "CreateListener", {
        "LoadBalancerArn": created["LoadBalancers"][0]["LoadBalancerArn"], "Port": 80, "Protocol": protocol,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": arn}],
    })
    return arn


def _whole(seconds: float) -> int:
    """AWS takes whole seconds, and so does the model."""
    return max(0, round(seconds))


def until(sim: Simulator, holds: Callable[[], bool], patience: int = PATIENCE) -> bool:
    """Step a virtual clock from event to event until ``holds``; False if nothing more happens."""
    for _ in range(patience):
        sim.advance()
        if holds():
            return True
        due = sim.next_event_at()
        if due == float("inf"):
            return False
        sim.clock.sleep(due - sim.clock.now())
    return False


def settle(sim: Simulator, seconds: float) -> None:
    """Let ``seconds`` pass, event by event."""
    end = sim.clock.now() + seconds
    while sim.next_event_at() <= end:
        sim.clock.sleep(sim.next_event_at() - sim.clock.now())
        sim.advance()
    sim.clock.sleep(end - sim.clock.now())
    sim.advance()
