"""That the measurements that no test runs do start: nothing else would notice what they import to be gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.mark.parametrize("name", ["scaling", "deaths"])
def test_it_starts(name: str) -> None:
    """It finds all that it imports, and says what it can be asked."""
    program = BENCH / f"{name}.py"
    done = subprocess.run([sys.executable, "-P", program, "--help"], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    assert "--drain" in done.stdout
