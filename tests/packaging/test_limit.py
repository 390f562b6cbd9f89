"""A test that hangs is ended after a while, and named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import time

from hypothesis import given
from hypothesis import strategies as st

@given(st.just(0))
def test_of_a_property_that_hangs(number):
    while True:
        time.sleep(0.01)

def test_quick():
    pass

def test_that_hangs():
    while True:
        time.sleep(0.01)

def test_behind_it():
    time.sleep(0.1)
"""


def test_a_test_that_hangs_is_ended_and_named(tmp_path: Path) -> None:
    """The others are run all the same, each with the whole limit."""
    shutil.copy(CONFTEST, tmp_path / "conftest.py")
    (tmp_path / "test_some.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-rA",
        "--rootdir",
        str(tmp_path),
        tmp_path,
    ]
    environment = {**os.environ, "BLUEGREEN_TEST_LIMIT": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60)
    assert ("test_some.py::test_that_hangs takes longer than 1 s" in ended.stdout, 1) == (True, ended.returncode)
    assert "test_some.py::test_of_a_property_that_hangs takes longer than 1 s" in ended.stdout
    assert "2 failed, 2 passed" in ended.stdout


def test_a_property_is_not_timed_and_one_that_fails_is_told_of_soon() -> None:
    """What is drawn slowly on a busy machine fails nothing; why an input fails is not traced, for minutes."""
    assert (None, False) == (settings.default.deadline, Phase.explain in settings.default.phases)
    assert HealthCheck.too_slow in settings.default.suppress_health_check
