"""What one look costs, how many calls it makes, and what a whole deployment in the simulator costs."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bluegreen.targets.pair.aws.adapter import Aws
from bluegreen.targets.pair.model.fleet import Question
from tests.support.virtual import BLUE, GREEN, Pair, Plugged, virtual

GROUPS = "DescribeAutoScalingGroups"
HEALTH = {"target-group": "DescribeTargetHealth", "classic": "DescribeInstanceHealth"}


@define
class Calls:
    """Counts the calls that reach a simulator."""

    pair: Pair
    counts: Counter[str] = field(factory=Counter)

    def __attrs_post_init__(self) -> None:
        answer = self.pair.sim.call

        def counted(service: str, operation: str, parameters: Any = None) -> Any:
            self.counts[operation] += 1
            return answer(service, operation, parameters)

        self.pair.sim.call = counted  # type: ignore[method-assign]


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Return the median of ``times`` runs."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return 1000 * statistics.median(took)


def look(balancer: str, instances: int, times: int) -> str:
    """Measure a look beside the same calls by bare boto3, and beside the model that answers both."""
    pair = virtual(balancers=(balancer,), instances=instances)
    sim, aws, question = pair.sim, Aws(Plugged(pair.sim), pair.clock, parallel=1), Question((BLUE, GREEN))
    asked = Calls(pair)
    whole = milliseconds(lambda: aws.ask(question), times)
    calls = asked.counts.total() / times
    scaling, balancing = (Plugged(sim).client(name) for name in ("autoscaling", service_of(balancer)))
    health = health_call(balancer, pair)

    def bare() -> None:
        scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[BLUE, GREEN])
        getattr(balancing, method_of(balancer))(**health)

    def model() -> None:
        sim.call("autoscaling", GROUPS, {"AutoScalingGroupNames": [BLUE, GREEN]})
        sim.call(service_of(balancer), HEALTH[balancer], health)

    floor, alone = milliseconds(bare, times), milliseconds(model, times)
    return f"{whole:8.2f} ms{floor:9.2f} ms{alone:9.2f} ms{whole / floor:8.2f}x{calls:8.1f}"


def service_of(balancer: str) -> str:
    return "elb" if balancer == "classic" else "elbv2"


def method_of(balancer: str) -> str:
    return "describe_instance_health" if balancer == "classic" else "describe_target_health"


def health_call(balancer: str, pair: Pair) -> dict[str, Any]:
    group = pair.sim.call("autoscaling", GROUPS, {})["AutoScalingGroups"][0]
    if balancer == "classic":
        return {"LoadBalancerName": group["LoadBalancerNames"][0]}
    return {"TargetGroupArn": group["TargetGroupARNs"][0]}


def deployment(balancer: str, instances: int, times: int) -> str:
    """Measure a deployment and its finish in virtual time."""
    took, calls, lasted = [], Counter[str](), 0.0
    for number in range(times):
        pair = virtual(number, balancers=(balancer,), instances=instances)
        asked, service, begin = Calls(pair), pair.service(), pair.clock.now()
        started = time.perf_counter()
        ended = [service.deploy("v2"), service.finish()]
        took.append(time.perf_counter() - started)
        if any(each.status for each in ended):
            sys.exit(f"it did not end well: {[each.sentence for each in ended]}")
        calls, lasted = asked.counts, pair.clock.now() - begin
    looks, all_calls = calls[GROUPS], calls.total()
    middle = statistics.median(took)
    figures = f"{1000 * middle:8.0f} ms{lasted:9.0f} s {lasted / middle:9.0f}x{looks:8}{all_calls:8}"
    return f"{figures}{all_calls / looks:9.2f}{all_calls / lasted:9.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200, help="looks per row (200)")
    parser.add_argument("--deployments", type=int, default=5, help="deployments per row (5)")
    parser.add_argument("--instances", type=int, nargs="+", default=[3, 40], help="a row each (3 40)")
    given = parser.parse_args()
    rows = [(balancer, instances) for balancer in HEALTH for instances in given.instances]
    print("One look, beside the same calls by bare boto3, and beside the model that answers both")
    print(f"{'':<31}    a look  bare boto3   the model   ratio   calls")
    for balancer, instances in rows:
        print(f"  {balancer:<14}{instances:>4} instances{look(balancer, instances, given.times)}")
    print("\nA deployment and its finish in virtual time, a look each second")
    print(f"{'':<31}   it took    it lasted      ratio   looks   calls a look  a second")
    for balancer, instances in rows:
        print(f"  {balancer:<14}{instances:>4} instances{deployment(balancer, instances, given.deployments)}")


if __name__ == "__main__":
    main()
