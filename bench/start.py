"""How long ``bluegreen --help`` takes beyond a bare ``python -c pass``, both in one run, taken in turn."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 15
COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "bluegreen --help": ("-m", "bluegreen", "--help"),
    "bluegreen image --help": ("-m", "bluegreen", "image", "--help"),
    "import boto3": ("-c", "import boto3"),
}


def seconds(words: tuple[str, ...]) -> float:
    """Return how long one run of the interpreter takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def main() -> None:
    """Print minimum, median and maximum of each, and what it costs beyond the first."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, words in COMMANDS.items():
            times[name].append(1000 * seconds(words))
    bare = statistics.median(times["python -c pass"])
    print(f"{'milliseconds':26}{'min':>8}{'median':>8}{'max':>8}{'beyond bare':>13}{'ratio':>8}")
    for name, found in times.items():
        middle = statistics.median(found)
        row = f"{name:26}{min(found):8.0f}{middle:8.0f}{max(found):8.0f}"
        print(f"{row}{middle - bare:13.0f}{middle / bare:8.1f}")


if __name__ == "__main__":
    main()
