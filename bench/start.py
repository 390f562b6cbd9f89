"""How long ``bluegreen --help`` takes beyond a bare ``python -c pass``, both in one run, taken in turn.

``bluegreen image`` is the whole command, answered by a metadata service and an API that this process serves.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bluegreen.clock import VirtualClock
from bluegreen.sandbox.api import Api
from bluegreen.sandbox.loop import LoopThread
from bluegreen.sandbox.metadata import MetadataService, facts
from bluegreen.simulator import pair

ROOT = Path(__file__).resolve().parents[1]
RUNS = 15
COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "bluegreen --help": ("-m", "bluegreen", "--help"),
    "bluegreen image --help": ("-m", "bluegreen", "image", "--help"),
    "bluegreen image": ("-m", "bluegreen", "image"),
    "import boto3": ("-c", "import boto3"),
}


def serve(loop: LoopThread, handler: Callable[..., Any]) -> str:
    listening = socket.create_server(("127.0.0.1", 0))
    loop.serve(listening, handler).result(10)
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def instance() -> dict[str, str]:
    """Return the environment of an instance that can be asked which version it is to run."""
    loop, sim = LoopThread(), pair(VirtualClock(), instances=1)
    loop.start()
    (name,) = sim.states("web-blue")
    told = MetadataService(facts(name, "ap-northeast-2", "127.0.0.1"))
    addresses = {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": serve(loop, told),
        "AWS_ENDPOINT_URL": serve(loop, Api(sim.call, {})),
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**others, **addresses, "NO_PROXY": "127.0.0.1"}


def seconds(words: tuple[str, ...], environment: dict[str, str]) -> float:
    """Return how long one run of the interpreter takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begin


def main() -> None:
    """Print minimum, median and maximum of each, and what it costs beyond the first."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    environment = instance()
    for _ in range(RUNS):
        for name, words in COMMANDS.items():
            times[name].append(1000 * seconds(words, environment))
    bare = statistics.median(times["python -c pass"])
    print(f"{'milliseconds':26}{'min':>8}{'median':>8}{'max':>8}{'beyond bare':>13}{'ratio':>8}")
    for name, found in times.items():
        middle = statistics.median(found)
        row = f"{name:26}{min(found):8.0f}{middle:8.0f}{max(found):8.0f}"
        print(f"{row}{middle - bare:13.0f}{middle / bare:8.1f}")


if __name__ == "__main__":
    main()
