"""Signals and closed outputs, as a terminal, a shell or a machine that shuts down send them to a real process."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from attrs import define

from bluegreen.cli.signals import Signalled, Stop
from bluegreen.errors import Status
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from tests.battery.ground import Ground, opened
from tests.battery.processes import PIPE, SHUT, TERMINAL, Run
from tests.support.virtual import virtual

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]

SOON = 8.0
"""Seconds: within one call and two seconds on a machine that has nothing else to do; others have."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Ground]:
    """A sandbox on which one test follows another."""
    with opened() as ground:
        yield ground


@pytest.fixture
def ground(shared: Ground) -> Iterator[Ground]:
    """The sandbox with nothing under way; what a test leaves is ended."""
    yield shared
    if shared.document.release is not None:
        assert 0 == shared.done("rollback", "web").status


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for 64 thousand bytes, where disks can be mounted."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", tmp_path], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


def deploying(ground: Ground, *flags: str, shape: str = PIPE) -> Run:
    """Start a deployment of an image that was never used."""
    return ground.run("deploy", "web", ground.next_image(), *flags, shape=shape)


def waits(run: Run, words: str) -> None:
    """Read along until the process has said ``words``."""
    assert run.until(lambda: words in run.said), run.said


@pytest.mark.parametrize("shape", [SHUT, PIPE])
def test_a_closed_stdout_does_not_stop_a_deployment(ground: Ground, shape: str) -> None:
    """Closed from the beginning, or in the middle when its reader leaves: the image serves in the end."""
    run = deploying(ground, shape=shape)
    if shape == PIPE:
        waits(run, " healthy")
        run.strike("gone")
    status, release = run.end(), ground.document.release
    assert release is not None
    assert (0, True) == (status, release.rests)


def test_sigterm_wakes_a_long_pause(ground: Ground) -> None:
    """Between two looks that are thirty seconds apart, it stops at once, and says how to go on."""
    run = deploying(ground, "--look-every", "20s")
    waits(run, "0 of 2 healthy")
    run.strike("term")
    status = run.end()
    said = "stopped at a safe point" in run.said and "bluegreen resume web" in run.said
    assert (Status.TERMINATED, True, True) == (status, said, run.took < SOON)


def test_the_second_interrupt_leaves_at_once(ground: Ground) -> None:
    """On a terminal it leaves in the middle with 130, whatever it is about, and cron leaves the release alone."""
    run = deploying(ground, "--look-every", "20s", shape=TERMINAL)
    waits(run, "0 of 2")
    run.strike("twice", 0.05)
    status = run.end()
    before = ground.document.release
    cron = ground.done("cleanup", "--all")
    quiet = (cron.status, cron.said, before is not None and before == ground.document.release)
    assert (Status.INTERRUPTED, (0, "", True), True) == (status, quiet, run.took < SOON)


def test_ctrl_c_on_a_terminal_stops_at_a_safe_point(ground: Ground) -> None:
    """Typed at a terminal with the live picture on it, it ends with 130 and gives the terminal back."""
    run = deploying(ground, shape=TERMINAL)
    waits(run, " healthy")
    run.strike("typed")
    status = run.end()
    shown = run.said.rpartition("\x1b[?25")[2]
    assert (Status.INTERRUPTED, "h", True) == (status, shown[:1], "stopped at a safe point" in run.said)


def test_a_terminal_that_is_gone_stops_at_a_safe_point(ground: Ground) -> None:
    """The window is closed: the shell's hang-up ends it with 143, and cron carries it on."""
    run = deploying(ground, shape=TERMINAL)
    waits(run, " healthy")
    run.strike("hangup")
    status, cron = run.end(), ground.done("cleanup", "--all")
    release = ground.document.release
    assert release is not None
    assert (Status.TERMINATED, 0, True) == (status, cron.status, release.rests)


def filled(file: IO[bytes]) -> bool:
    """Fill the disk once more, with what a record that was replaced gave back; nobody is to stop waiting for that."""
    with contextlib.suppress(OSError):
        while file.write(b"-" * 512):
            pass
    return False


def test_a_full_disk_stops_before_what_it_would_explain(small_disk: Path) -> None:
    """It ends with 69, each write that was made explained by the record, and goes on once there is room."""
    with opened(f"file:{small_disk}") as ground:
        run = deploying(ground, "--output", "json")
        assert run.until(lambda: run.passed("moving")), run.said
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file:
            assert not run.until(lambda: filled(file))
        statuses = [run.end()]
        filler.unlink()
        statuses += [ground.done(*verb).status for verb in (("resume", "web"), ("finish", "web", "--yes"))]
        assert ([69, 0, 0], []) == (statuses, ground.strange + ground.settled("v2"))
        assert "No space left on device" in run.said


@define
class Impatient(MemoryStore):
    """Somebody types Ctrl-C again while a hold is being written; ``late`` is when it is there already."""

    late: bool = False
    typed: int = 0

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Write, and be interrupted before or after."""
        holds = document.release is not None and document.release.hold is not None and not self.typed
        self.typed += holds
        if holds and not self.late:
            signal.raise_signal(signal.SIGINT)
        version = super().write(service, document, expected)
        if holds:
            signal.raise_signal(signal.SIGINT)
        return version


@pytest.mark.parametrize("late", [False, True])
def test_a_second_interrupt_does_not_undo_what_the_first_one_says(late: bool) -> None:
    """It comes while the hold is written that keeps cron from carrying on: the hold is there all the same."""
    pair = virtual()
    pair.store = Impatient(late=late)
    with Stop(lambda: None) as stop:
        service = pair.service(stop=stop)
        service.session.listeners = (
            lambda event: signal.raise_signal(signal.SIGINT) if "0 of" in event.reason else None,
        )
        with pytest.raises(Signalled):
            service.deploy("v2")
    assert pair.release is not None
    assert "stopped with Ctrl-C" == (pair.release.hold and pair.release.hold.why)
