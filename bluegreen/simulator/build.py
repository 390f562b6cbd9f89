"""A pair of groups behind shared balancers, ready to be deployed to: for tests, rehearsals and the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from attrs import Factory, frozen

from bluegreen.clock import Clock, VirtualClock

from .core.body import Body
from .core.options import REGION, Options
from .ec2.state import EC2
from .ec2.templates import put_template
from .elb.load import Rate, constant
from .elb.state import ELB
from .simulator import IMAGE_KEY, Simulator
from .virtual import Seconds, VirtualBody

BLUE, GREEN = "web-blue", "web-green"
PATIENCE = 4000
PORT = 8080
ROUNDING = 1e-6


@frozen(kw_only=True)
class Pair:
    """What a pair is to look like; times in seconds.

    ``balancers`` holds any of ``classic``, ``target-group`` and ``nlb``, in any number; they are called ``web-0``,
    ``web-1`` and so on. ``settings`` go to both groups' CreateAutoScalingGroup. Where ``ready``, the time is moved
    on until every live instance is healthy wherever it answers; that needs a virtual clock.

    ``load`` is what arrives at the service: requests per second, or a function of the POSIX time; its balancers share
    it evenly, and ``power`` requests a second bring an instance's processor to 100 percent. ``policies`` are put onto
    the live group (PutScalingPolicy; see :func:`tracking`); where ``twins``, onto the idle one as well, which then
    begins with its AlarmNotification and ScheduledActions suspended.

    ``fails_in`` says by image which balancers it never answers (see :class:`~bluegreen.simulator.virtual.VirtualBody`),
    such as ``{"v2": ("web-1",)}``; ``fail_open`` is the option of that name, unless ``options``
    are given.
    """

    balancers: Sequence[str] = ("target-group",)
    instances: int = 3
    image: str = "v1"
    minimum: int | None = None
    maximum: int | None = None
    idle_minimum: int = 0
    idle_maximum: int = 0
    boot: Seconds = 2.0
    interval: float = 1.0
    threshold: int = 2
    drain: float = 5.0
    zones: int = 2
    seed: int = 0
    body: Body | None = None
    bridge: str = "completes"
    name: str = "web"
    options: Options | None = None
    lock: AbstractContextManager[Any] | None = None
    ready: bool = True
    image_key: str = IMAGE_KEY
    load: float | Rate | None = None
    power: float = 100.0
    policies: Sequence[Mapping[str, Any]] = ()
    twins: bool = False
    fails_in: Mapping[str, tuple[str, ...]] = Factory(dict)
    fail_open: bool = True
    settings: Mapping[str, Any] = Factory(dict)

    def build(self, clock: Clock) -> Simulator:
        """Return the simulator, with the live group's instances in service and healthy."""
        sim = Simulator(
            clock,
            body=self.body or VirtualBody(boot=self.boot, seed=self.seed, fails_in=self.fails_in),
            seed=self.seed,
            options=self.options or Options(bridge=self.bridge, fail_open=self.fail_open),
            lock=self.lock,
            image_key=self.image_key,
        )
        self.add_to(sim)
        if self.ready and isinstance(clock, VirtualClock):
            until(sim, lambda: self._is_ready(sim))
        self.begin(sim)
        return sim

    def _is_ready(self, sim: Simulator) -> bool:
        """Whether all serve, and every balancer finds each of them healthy, or sick where it never answers."""
        live = sim.groups[f"{self.name}-blue"]
        found = [sim.world[ELB].balancers[key] for key in live.balancers]
        never = {name for begin, names in self.fails_in.items() if self.image.startswith(begin) for name in names}
        told = [[t.verdict is (each.name not in never) for t in each.targets.values()] for each in found]
        return len(live.in_service()) == self.instances and all(len(e) == self.instances and all(e) for e in told)

    def begin(self, sim: Simulator) -> None:
        """Put the policies onto the groups, and let the load arrive; for a second service, after ``add_to``."""
        blue, green = f"{self.name}-blue", f"{self.name}-green"
        if self.twins:
            processes = {"ScalingProcesses": ["AlarmNotification", "ScheduledActions"]}
            sim.call("autoscaling", "SuspendProcesses", {"AutoScalingGroupName": green, **processes})
        for name in (blue, green) if self.twins else (blue,):
            for policy in self.policies:
                request = {"AutoScalingGroupName": name, **labelled(sim, name, policy)}
                sim.call("autoscaling", "PutScalingPolicy", request)
        if self.load is not None:
            share(sim, sim.groups[blue].balancers, constant(self.load), self.power)

    def add_to(self, sim: Simulator) -> None:
        """Create the balancers and both groups; a second service can live in the same simulator."""
        check = Check(self.interval, self.threshold, self.drain)
        keys = [balancer(sim, kind, f"{self.name}-{n}", check, self.zones) for n, kind in enumerate(self.balancers)]
        common = {**placing(sim, self.zones), **self.settings}
        low = self.minimum if self.minimum is not None else min(1, self.instances)
        high = self.maximum if self.maximum is not None else 2 * self.instances
        live, idle = (low, high, self.instances), (self.idle_minimum, self.idle_maximum, self.idle_minimum)
        group(sim, f"{self.name}-blue", keys, sizes=live, image=self.image, **common)
        group(sim, f"{self.name}-green", keys, sizes=idle, image=self.image, **common)


def pair(clock: Clock, **options: Any) -> Simulator:
    """Return a simulator with ``web-blue`` live and ``web-green`` empty; ``options`` are the fields of :class:`Pair`.

    What is no field of it goes to both groups' CreateAutoScalingGroup, such as ``HealthCheckType="ELB"``.
    """
    settings = {key: options.pop(key) for key in list(options) if key[0].isupper()}
    return Pair(settings={**options.pop("settings", {}), **settings}, **options).build(clock)


def share(sim: Simulator, balancers: Sequence[str], rate: Rate, power: float) -> None:
    """Let a load arrive at ``balancers``, an even part at each."""
    for key in balancers:
        sim.put_load(key, lambda now: rate(now) / len(balancers), power)


def tracking(metric: str, target: float, name: str = "tracking", **more: Any) -> dict[str, Any]:
    """Return a target tracking policy on ``requests`` (per target and minute) or on ``cpu`` (percent).

    ``DisableScaleIn`` belongs to the configuration; whatever else is in ``more`` belongs to the policy.
    """
    kind = {"requests": "ALBRequestCountPerTarget", "cpu": "ASGAverageCPUUtilization"}[metric]
    own = {"DisableScaleIn": more.pop("DisableScaleIn")} if "DisableScaleIn" in more else {}
    specification = {"PredefinedMetricSpecification": {"PredefinedMetricType": kind}}
    configuration = {**specification, "TargetValue": float(target), **own}
    base = {"PolicyName": name, "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": configuration}
    return {**base, **more}


def labelled(sim: Simulator, group: str, policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the policy; one on requests per target that names no target group is on the first of ``group``."""
    tracked = policy.get("TargetTrackingConfiguration", {})
    metric = tracked.get("PredefinedMetricSpecification", {})
    if metric.get("PredefinedMetricType") != "ALBRequestCountPerTarget" or "ResourceLabel" in metric:
        return policy
    key = next(key for key in sim.groups[group].balancers if key.startswith("arn:"))
    specification = {"PredefinedMetricSpecification": {**metric, "ResourceLabel": resource_label(sim, key)}}
    return {**policy, "TargetTrackingConfiguration": {**tracked, **specification}}


def resource_label(sim: Simulator, target_group: str) -> str:
    """Return how a policy names a target group: the ends of its balancer's ARN and of its own (botocore model)."""
    described = sim.call("elbv2", "DescribeTargetGroups", {"TargetGroupArns": [target_group]})["TargetGroups"][0]
    balancer = described["LoadBalancerArns"][0].partition(":loadbalancer/")[2]
    return f"{balancer}/{target_group.rpartition(':')[2]}"


@frozen
class Check:
    """How a balancer checks and drains, in seconds and in checks."""

    interval: float = 1.0
    threshold: int = 2
    drain: float = 5.0


def placing(sim: Simulator, zones: int) -> dict[str, Any]:
    """Return where a group's instances go: so many zones, a subnet each."""
    names = [f"{sim.world.options[REGION]}{chr(ord('a') + index)}" for index in range(zones)]
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
    if template["LaunchTemplateId"] not in sim.world[EC2].launch_templates:
        put_template(sim.world, template["LaunchTemplateId"], template["LaunchTemplateName"], {})
    sim.call("autoscaling", "CreateAutoScalingGroup", request)


def balancer(sim: Simulator, kind: str, name: str, check: Check, zones: int = 2) -> str:
    """Create a balancer of ``kind`` in use, and return its key: the classic one's name or the target group's ARN."""
    if kind == "classic":
        return _classic(sim, name, check, zones)
    network = {"target-group": False, "application": False, "nlb": True, "network": True}[kind]
    return _target_group(sim, name, check, network=network, zones=zones)


def _classic(sim: Simulator, name: str, check: Check, zones: int) -> str:
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": PORT}
    named = {"LoadBalancerName": name}
    where = {"AvailabilityZones": placing(sim, zones)["AvailabilityZones"]}
    sim.call("elb", "CreateLoadBalancer", {**named, "Listeners": [listener], **where})
    health = {
        "Target": f"HTTP:{PORT}/health",
        "Interval": _whole(check.interval),
        "Timeout": 1,
        "UnhealthyThreshold": check.threshold,
        "HealthyThreshold": check.threshold,
    }
    sim.call("elb", "ConfigureHealthCheck", {**named, "HealthCheck": health})
    draining = {"ConnectionDraining": {"Enabled": check.drain > 0, "Timeout": max(1, _whole(check.drain))}}
    sim.call("elb", "ModifyLoadBalancerAttributes", {**named, "LoadBalancerAttributes": draining})
    return name


def _target_group(sim: Simulator, name: str, check: Check, *, network: bool, zones: int) -> str:
    protocol, kind = ("TCP", "network") if network else ("HTTP", "application")
    request: dict[str, Any] = {
        "Name": name,
        "Protocol": protocol,
        "Port": PORT,
        "VpcId": "vpc-00000000000000001",
        "HealthCheckIntervalSeconds": _whole(check.interval),
        "HealthCheckTimeoutSeconds": 1,
        "HealthyThresholdCount": check.threshold,
        "UnhealthyThresholdCount": check.threshold,
        "HealthCheckPath": "/health",
    }
    arn: str = sim.call("elbv2", "CreateTargetGroup", request)["TargetGroups"][0]["TargetGroupArn"]
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(_whole(check.drain))}
    sim.call("elbv2", "ModifyTargetGroupAttributes", {"TargetGroupArn": arn, "Attributes": [delay]})
    subnets = placing(sim, zones)["VPCZoneIdentifier"].split(",")
    created = sim.call("elbv2", "CreateLoadBalancer", {"Name": name, "Type": kind, "Subnets": subnets})
    listener = {"LoadBalancerArn": created["LoadBalancers"][0]["LoadBalancerArn"], "Port": 80, "Protocol": protocol}
    forward = {"Type": "forward", "TargetGroupArn": arn}
    sim.call("elbv2", "CreateListener", {**listener, "DefaultActions": [forward]})
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
        _sleep_until(sim.clock, due)
    return False


def run_for(sim: Simulator, seconds: float) -> None:
    """Let ``seconds`` pass, event by event."""
    end = sim.clock.now() + seconds
    while sim.next_event_at() <= end:
        _sleep_until(sim.clock, sim.next_event_at())
        sim.advance()
    _sleep_until(sim.clock, end)
    sim.advance()


def _sleep_until(clock: Clock, due: float) -> None:
    """Sleep until ``due`` is reached, however the sum of two floats is rounded."""
    while clock.now() < due:
        clock.sleep(max(due - clock.now(), ROUNDING))
