"""The same story told by another process, whose sets and dictionaries have another order of their own."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys

from tests.support.story import story

HASH_SEED = "4711"


def digest(seed: int) -> str:
    """Return a fingerprint of all that a story calls and says."""
    lines = "\n".join(story(seed, troubled=seed % 2 == 1).trace)
    return hashlib.sha256(lines.encode()).hexdigest()


def elsewhere(seed: int) -> str:
    """Return the fingerprint as another process finds it."""
    other = _other()
    assert other.stdin is not None
    assert other.stdout is not None
    print(seed, file=other.stdin, flush=True)
    return other.stdout.readline().strip()


@functools.cache
def _other() -> subprocess.Popen[str]:
    """Start the other process; it ends when its input does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.battery.again"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": HASH_SEED},
    )


if __name__ == "__main__":
    for line in sys.stdin:
        print(digest(int(line)), flush=True)
