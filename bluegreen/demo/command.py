"""``bin/demo``: play the story, count the requests, and fail when one was lost."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click
from attrs import frozen

from bluegreen.demo.ledger import Played, Row, faults, rows, total
from bluegreen.demo.lines import Lines
from bluegreen.demo.page import page
from bluegreen.demo.scene import Observer
from bluegreen.demo.screen import Screen
from bluegreen.demo.stage import Stage
from bluegreen.demo.story import STORY, Act, Times
from bluegreen.demo.table import table
from bluegreen.demo.words import explanation, verdict
from bluegreen.errors import BluegreenError, Status
from bluegreen.report.pictures import console
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean_lines
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.box import require_extra
from bluegreen.sandbox.traffic import Sent
from bluegreen.settings.configuration import load
from bluegreen.settings.kind import SettingsKind
from bluegreen.targets.pair.settings import ServiceSettings

SECONDS = click.FloatRange(0.5, 10)
INTERVAL = 0.25
PATIENCE = 45.0
"""Seconds that a good deployment may stand still: a busy machine boots several processes at once."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--balancer", type=click.Choice(["target-group", "classic"]), default="target-group", show_default=True)
@click.option("--instances", type=click.IntRange(1, 10), default=3, show_default=True, help="How many serve.")
@click.option("--rate", type=click.FloatRange(1, 500), default=260.0, show_default=True, help="Requests a second.")
@click.option("--boot", type=SECONDS, default=1.5, show_default=True, help="Seconds until an instance listens.")
@click.option("--drain", type=SECONDS, default=2.0, show_default=True, help="Seconds of draining.")
@click.option("--html", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write a page, too.")
def demo(balancer: str, instances: int, rate: float, boot: float, drain: float, html: Path | None) -> int:
    """Deploy, roll back, deploy, finish, fail and crash, under load, in a sandbox on this machine; never on AWS.

    Ends with a table, and with status 0 only if no request was lost and every command ended as it should.
    """
    require_extra()
    began = time.monotonic()
    stream = SafeStream(sys.stdout)
    stream.line("Starting a sandbox (a simulation on this machine, not AWS) …")
    box = Sandbox(balancer=balancer, instances=instances, boot=boot, drain=drain, interval=INTERVAL)
    told = tell(box, rate, stream)
    return conclude(told, stream, html, time.monotonic() - began)


@frozen
class Told:
    """The story as it went."""

    played: Sequence[Played]
    requests: Sequence[Sent]
    times: Times
    balancer: str = "target-group"

    @property
    def rows(self) -> list[Row]:
        """A row for each act."""
        return rows(self.played, self.requests, self.times)


def tell(box: Sandbox, rate: float, stream: SafeStream, story: Sequence[Act] = STORY) -> Told:
    """Start the sandbox and its load, play the story, and end both."""
    with tempfile.TemporaryDirectory(prefix="bluegreen-demo-") as folder, box:
        file = box.write_configuration(Path(folder), progress_deadline=f"{PATIENCE:g}s")
        traffic, times = box.load(rate), times_of(box, file)
        show = Screen(stream) if _draws(stream) else Lines(stream)
        with contextlib.closing(show):
            played = Stage(box, Path(folder), times, Observer(box, traffic), show).play(story)
            traffic.stop()
        return Told(played, traffic.requests(), times, box.balancer)


def _draws(stream: SafeStream) -> bool:
    unicode = stream.encoding.lower().replace("-", "") == "utf8"
    return stream.isatty() and unicode and os.environ.get("TERM", "dumb") != "dumb"


def times_of(box: Sandbox, configuration: Path) -> Times:
    """Return what nobody can hurry, from the sandbox and from its configuration."""
    pair = SettingsKind("pair", ServiceSettings)
    settings = cast(ServiceSettings, load(str(configuration), (pair,), box.environment()).services["web"])
    needed = box.threshold if box.balancer == "classic" else 1
    proof = settings.healthy_for or 0.0
    return Times(boot=box.boot, checks=needed * box.interval, proof=proof, drain=box.drain, bake=settings.bake)


def conclude(told: Told, stream: SafeStream, html: Path | None, seconds: float) -> Status:
    """Show the table, write the page, and return the exit status: not 0 if anything was not as promised."""
    found, wrong = told.rows, faults(told.rows, STORY)
    sentence = verdict(total(found), wrong, seconds)
    note = explanation(told.times, told.balancer)
    _report(stream, found, sentence, note)
    if html is not None:
        html.write_text(page(found, told.played, told.requests, sentence, note), encoding="utf-8")
    return Status.BUG if wrong else Status.OK


def _report(stream: SafeStream, found: Sequence[Row], sentence: str, note: str) -> None:
    paper = console(stream, None if stream.isatty() else 100)
    paper.print()
    paper.print(table(found))
    paper.print(sentence, style="bold")
    paper.print(note, style="dim")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration and return its exit status."""
    try:
        return int(cast(Any, demo.main(argv, prog_name="demo", standalone_mode=False)) or 0)
    except BluegreenError as error:
        return _said(error.status, f"{error.message}\n  {error.hint}")
    except click.ClickException as error:
        return _said(Status.USAGE, error.format_message())
    except (KeyboardInterrupt, click.Abort):
        return _said(Status.INTERRUPTED, "interrupted; the sandbox is gone")


def _said(status: Status, sentence: str) -> Status:
    SafeStream(sys.stderr).line(clean_lines(sentence))
    return status


def heed() -> None:
    """Let the first signal unwind, so that the sandbox goes; a second one ends the process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(number: int, _: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(int(Status.TERMINATED))
