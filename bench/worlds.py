"""What simulated worlds cost in processor time: calls on the model, and whole stories; beside another checkout."""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
FLEETS = {"3": 3, "40": 40}


def calls(instances: int, balancer: str) -> float:
    """Ask what a look asks, 200 times, of a client as the tests have it."""
    from tests.support.virtual import BLUE, GREEN, Plugged, virtual

    pair = virtual(balancers=(balancer,), instances=instances)
    scaling = Plugged(pair.sim).client("autoscaling")
    key = pair.sim.groups[BLUE].balancers[0]
    balancing = Plugged(pair.sim).client("elb" if balancer == "classic" else "elbv2")

    def look() -> None:
        scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[BLUE, GREEN])
        for name in (BLUE, GREEN):
            scaling.describe_scaling_activities(AutoScalingGroupName=name, MaxRecords=100)
        if balancer == "classic":
            balancing.describe_instance_health(LoadBalancerName=key)
        else:
            balancing.describe_target_health(TargetGroupArn=key)

    look()
    return timed(lambda: [look() for _ in range(200)])


def deployment(instances: int) -> float:
    """Deploy and finish in virtual time."""
    from tests.support.virtual import virtual

    pair = virtual(balancers=("target-group",), instances=instances)
    service = pair.service()
    return timed(lambda: [service.deploy("v2"), service.finish()])


def stories(troubled: bool) -> float:
    """Tell twelve random stories of releases."""
    from tests.support.story import story

    return timed(lambda: [story(seed, troubled=troubled) for seed in range(12)])


def moved() -> float:
    """Tell a story in which others act, too."""
    from tests.support.story import moved_story

    return timed(lambda: moved_story(1, troubled=False))


def followed() -> float:
    """Tell two stories under a load that moves."""
    from tests.support.following import followed

    return timed(lambda: [followed(seed) for seed in (0, 1)])


WORK: dict[str, Callable[[], float]] = {
    **{
        f"calls of 200 looks, {size} behind a target group": lambda n=n: calls(n, "target-group")
        for size, n in FLEETS.items()
    },  # type: ignore[misc]
    **{
        f"calls of 200 looks, {size} behind a classic one": lambda n=n: calls(n, "classic")
        for size, n in FLEETS.items()
    },  # type: ignore[misc]
    **{f"a deployment of {size}, and its finish": lambda n=n: deployment(n) for size, n in FLEETS.items()},  # type: ignore[misc]
    "12 quiet stories": lambda: stories(False),
    "12 troubled stories": lambda: stories(True),
    "a story in which others act": moved,
    "2 stories under a load that moves": followed,
}


def timed(work: Callable[[], object]) -> float:
    """Return the processor time of ``work`` in seconds."""
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measured(checkout: Path, names: list[str]) -> dict[str, float]:
    """Return what each piece of work takes in a checkout, in a process of its own."""
    command = [sys.executable, "-P", __file__, "--root", str(checkout), *names]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return {name: float(seconds) for seconds, name in (line.split(" ", 1) for line in done.stdout.splitlines())}


def rows(names: list[str], here: list[dict[str, float]], there: list[dict[str, float]]) -> Iterator[str]:
    """Yield a line for each piece of work."""
    for name in names:
        mine = min(each[name] for each in here)
        line = f"  {name:<52}{1000 * mine:8.0f} ms"
        if there:
            other = min(each[name] for each in there)
            line += f"{1000 * other:9.0f} ms{mine / other:8.2f}"
        yield line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", nargs="*", help="begin of the names of what is measured (all)")
    parser.add_argument("--beside", type=Path, help="another checkout, measured in turn with this one")
    parser.add_argument("--times", type=int, default=3, help="how often (3)")
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = [name for name in WORK if not given.work or name.startswith(tuple(given.work))]
    if given.root is not None:
        sys.path.insert(0, str(given.root))
        deployment(3)  # what is loaded late is loaded
        for name in names:
            print(WORK[name](), name, flush=True)
        return
    here, there = [], []
    for _ in range(given.times):
        here.append(measured(HERE, names))
        there += [measured(given.beside.resolve(), names)] if given.beside else []
    print(f"{'processor time, the least':<54}{'here':>11}{'beside' if there else '':>12}{'ratio' if there else '':>8}")
    print(*rows(names, here, there), sep="\n")


if __name__ == "__main__":
    main()
