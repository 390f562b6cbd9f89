"""That the measurement of ``bench/scaling`` starts: nothing else would notice what it imports to be gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench" / "scaling.py"


def test_it_starts() -> None:
    """It finds all that it imports, and says what it can be asked."""
    done = subprocess.run([sys.executable, "-P", BENCH, "--help"], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    assert "--drain" in done.stdout
