"""How long ``bluegreen status`` takes beyond what any program on boto3 does, both in one run, taken in turn.

The whole command, a process of its own, is answered by a simulator that this process serves, with four instances
parked; on each balancer once.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.start import seconds, serve
from bluegreen.record.file import FileStore
from bluegreen.sandbox.api import Api
from bluegreen.sandbox.loop import LoopThread
from tests.support.records import KINDS
from tests.support.virtual import virtual

ROOT = Path(__file__).resolve().parents[1]
RUNS = 9
BALANCERS = (("target-group",), ("target-group", "classic", "nlb"))
LOADED = ("-c", "import boto3; boto3.client('autoscaling'); boto3.client('ec2'); boto3.client('elbv2')")


def main() -> None:
    """Print minimum, median and maximum in milliseconds, the ratio to bare boto3, and how often AWS was asked."""
    print(f"{'milliseconds':30}{'min':>8}{'median':>8}{'max':>8}{'ratio':>8}{'calls':>8}")
    for balancers in BALANCERS:
        measure(balancers)


def measure(balancers: tuple[str, ...]) -> None:
    """Measure a status on so many balancers."""
    loop, pair, calls = LoopThread(), virtual(balancers=balancers, instances=4), Counter[str]()
    pair.service().deploy("v2")
    pair.run_for(60)
    answer = pair.sim.call

    def counted(service: str, operation: str, parameters: Any = None) -> Any:
        calls[operation] += 1
        return answer(service, operation, parameters)

    loop.start()
    with tempfile.TemporaryDirectory() as folder:
        document, _ = pair.store.read("web")
        assert document is not None
        FileStore(Path(folder) / "records", KINDS).write("web", document, None)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": serve(loop, Api(counted, {})),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1",
            "BLUEGREEN_CONFIG": written(Path(folder)),
        }
        times: dict[str, list[float]] = {"clients": [], "status": []}
        for _ in range(RUNS):
            times["clients"].append(1000 * seconds(LOADED, environment))
            times["status"].append(1000 * seconds(("-m", "bluegreen", "status", "web"), environment))
        shown = subprocess.run(
            [sys.executable, "-m", "bluegreen", "status", "web"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
    bare = statistics.median(times["clients"])
    names = {"clients": "three clients of boto3", "status": f"status, {len(balancers)} balancers"}
    for name, found in times.items():
        middle = statistics.median(found)
        count = calls.total() / (RUNS + 1) if name == "status" else 0
        print(f"{names[name]:30}{min(found):8.0f}{middle:8.0f}{max(found):8.0f}{middle / bare:8.1f}{count:8.0f}")
    assert b"parked instances run" in shown.stdout, shown.stdout


def written(folder: Path) -> str:
    """Write a configuration, and return where it is."""
    path = folder / "bluegreen.toml"
    path.write_text(f'state = "file:{folder}/records"\n[services.web]\nblue = "web-blue"\ngreen = "web-green"\n')
    return str(path)


if __name__ == "__main__":
    main()
