"""Signals at any instant, whoever reads along, and however slowly: a run that is told to end is never a bug."""

from __future__ import annotations

import gc
import io
import json
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import define

from bluegreen.cli.signals import CtrlC, Flag, Stop
from bluegreen.errors import Status
from bluegreen.flow.events import EventKind
from bluegreen.report.streams import SafeStream
from bluegreen.service import Ended
from tests.cli.fakes import SERVES, FakeService, FakeWiring, run
from tests.cli.storm import Struck, drawn, narrow_pipe
from tests.cli.test_start import start

SIGNALS = int(os.environ.get("BLUEGREEN_SIGNALS", "8"))
BOTH = pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def plain() -> Iterator[None]:
    """Signals as a process has them in which nobody heeds them."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_process_that_is_struck(tmp_path: Path) -> None:
    """It ends with 143 or 130, by the signal itself, or with 0 when it was done; no traceback; the record is whole."""
    dice = random.Random(os.environ.get("BLUEGREEN_STORM", "a storm"))
    folders = [tmp_path / str(number) for number in range(SIGNALS)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(Struck.run, [Struck(drawn(dice), folder) for folder in folders]))
    for what, times in sorted(Counter((one.blow.name, one.status) for one in ended).items()):
        print(*what, times)
    expected: list[str] = []
    assert expected == [fault for one in ended for fault in one.faults()]


class Strict(io.StringIO):
    """Refuses a write inside a write, as Python's buffers do; in the middle of one with ``words`` a signal comes."""

    def __init__(self, words: str, number: int) -> None:
        super().__init__()
        self.words, self.number, self.writes = words, number, False

    def write(self, text: str) -> int:
        """Write."""
        if self.writes:
            raise RuntimeError("reentrant call inside <_io.BufferedWriter name='<stderr>'>")
        self.writes = True
        if self.words in text:
            signal.raise_signal(self.number)
        written = super().write(text)
        self.writes = False
        return written


def heeding(service: FakeService) -> Ended:
    """Do what the engine does: tell, ask, and stop."""
    for number in range(3):
        service.tell(EventKind.ACTING, f"act {number}")
        if (found := service.stop()) is not None:
            return Ended(Status.INTERRUPTED if found == signal.SIGINT else Status.TERMINATED, "stopped")
    return SERVES


@BOTH
def test_a_signal_in_the_middle_of_a_write(number: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is whole, what the signal does is said after it, and the run ends as it was asked to."""
    stream = Strict("act 1", number)
    monkeypatch.setattr("sys.stderr", stream)
    assert status == run(FakeWiring({"deploy": heeding}), "deploy", "web", "v2")
    assert ["act 1", "web: stopping after this call; press Ctrl-C again to leave at once", "web: stopped"] == [
        line.rpartition("Z web do       ")[2] for line in stream.getvalue().splitlines()[2:]
    ]


def test_a_handler_tells_nobody() -> None:
    """Whoever asks is told, once."""
    said: list[str] = []
    with Stop(lambda: said.append("stopping")) as stop:
        signal.raise_signal(signal.SIGTERM)
        before = list(said)
        numbers = (stop(), stop())
    assert ([], (signal.SIGTERM, signal.SIGTERM), ["stopping"]) == (before, numbers, said)


def test_a_second_signal_that_is_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a finalizer raises Python only prints: nothing is printed, the first one is heeded, a third would end it."""

    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    handlers: list[Any] = []
    shown: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", shown.append)

    def answer(service: FakeService) -> Ended:
        signal.raise_signal(signal.SIGTERM)
        Dying()
        gc.collect()
        handlers.append(signal.getsignal(signal.SIGTERM))
        return heeding(service)

    assert 143 == run(FakeWiring({"deploy": answer}), "deploy", "web", "v2")
    assert ([signal.SIG_DFL], []) == (handlers, shown)


@BOTH
def test_a_second_signal_that_becomes_an_error(number: int, status: int, capsys: Capture) -> None:
    """Python 3.11 turns whatever is raised in a class that is being made into a RuntimeError: it is no bug of ours."""

    class Interrupting:
        def __set_name__(self, owner: Any, name: str) -> None:
            for _ in range(2):
                signal.raise_signal(number)

    def answer(_: FakeService) -> Ended:
        type("Made", (), {"field": Interrupting()})
        return SERVES

    assert status == run(FakeWiring({"deploy": answer}), "deploy", "web", "v2")
    assert "a bug" not in capsys.readouterr().err


def test_a_reader_who_sleeps_holds_up_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What finds no room is left out and counted; what was begun, and how it ended, is told when somebody reads."""
    ours, theirs = narrow_pipe()
    heard: list[bytes] = []

    def read() -> None:
        while data := os.read(ours, 65536):
            heard.append(data)
        os.close(ours)

    reader = threading.Thread(target=read)

    def answer(service: FakeService) -> Ended:
        for number in range(5):
            service.tell(EventKind.ACTING, f"act {number} {'word ' * 1500}")
        reader.start()
        return SERVES

    monkeypatch.setattr("bluegreen.cli.invocation.PATIENCE", 0.01)
    with open(theirs, "w", encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        assert 0 == run(FakeWiring({"deploy": answer}), "deploy", "web", "v2")
    reader.join()
    told = b"".join(heard).decode().splitlines()
    assert ["checking web", "5 messages left out: nobody read what was written"] == told


def test_what_was_begun_is_ended_first() -> None:
    """A reader never sees the rest of one text behind the beginning of another."""
    ours, theirs = narrow_pipe()
    with open(theirs, "w", encoding="utf-8") as file:
        stream = SafeStream(file)
        stream.patience = 0.0
        heard = b""
        for text in ("a" * 6000, "b", "c"):
            stream.line(text)
        for _ in range(3):
            heard += os.read(ours, 65536)
            stream.line("d")
        os.set_blocking(ours, False)
    while data := os.read(ours, 65536):
        heard += data
    os.close(ours)
    assert ["a" * 6000, "d"] == heard.decode().splitlines()[:2]
    assert 2 <= stream.missed <= 4


def test_the_listeners_of_a_run_may_fail(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A screen that fails gives way to lines, and says so; the run ends as it would have."""

    class Broken:
        def __call__(self, event: Any) -> None:
            raise KeyError(event.reason)

        def say(self, text: str) -> None:
            raise KeyError(text)

        def close(self) -> None:
            raise KeyError

    monkeypatch.setattr("bluegreen.cli.running._reporter", lambda *_: Broken())
    assert 0 == run(FakeWiring({"deploy": heeding}), "deploy", "web", "v2")
    said = capsys.readouterr().err.splitlines()
    assert "the screen failed (KeyError); what happens is told in lines" == said[1]
    assert ["act 0", "act 1", "act 2"] == [line.partition(" web do       ")[2] for line in said[2:]]


def test_outside_of_a_run_ctrl_c_ends_the_process_without_a_word() -> None:
    """From the first statement on Python's own handler, which shows a traceback, is gone."""
    code = (
        "import signal, bluegreen.cli.main as m, bluegreen.__main__ as s\n"
        "m.main = lambda: signal.raise_signal(signal.SIGINT)\n"
        "s.main()"
    )
    done = start(code=f"-c {code}")
    assert (-signal.SIGINT, "", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.usefixtures("plain")
def test_ctrl_c_at_a_question_does_nothing(capsys: Capture) -> None:
    """Nothing has begun, so it leaves at once, and says so; nobody is asked to type it twice."""

    @define
    class Asked(FakeWiring):
        def confirm(self, question: str) -> bool:
            signal.raise_signal(signal.SIGINT)
            return True

    wiring = Asked({"parked": 3}, reply=True)
    assert 130 == run(wiring, "deploy", "web", "v2", "--finish-first")
    assert [("web", "parked")] == wiring.asked
    assert "web: interrupted, nothing was done" == capsys.readouterr().err.splitlines()[-1]


@pytest.mark.usefixtures("plain")
def test_no_answer_to_a_question_is_a_result(capsys: Capture) -> None:
    """A program, too, is told how it ended; the line on which a person typed Ctrl-C is left."""

    class Unanswered(FakeWiring):
        def confirm(self, question: str) -> bool:
            raise click.Abort

    assert 130 == run(Unanswered({"parked": 3}, reply=True), "finish", "web", "--output", "json")
    (line,) = capsys.readouterr().out.splitlines()
    assert (130, "interrupted, nothing was done") == (json.loads(line)["status"], json.loads(line)["sentence"])


@pytest.mark.usefixtures("plain")
def test_ctrl_c_lets_a_command_tidy_up(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Where an echo, a child or a file is to be put right it is raised, and said; the process ends with 130."""

    class Typed(io.StringIO):
        def read(self, size: int | None = -1) -> str:
            signal.raise_signal(signal.SIGINT)
            return ""

    monkeypatch.setattr("sys.stdin", Typed())
    assert 130 == run(FakeWiring(), "login", "registry", "example.com", "-u", "me", "--stdin")
    assert ("\ninterrupted\n", signal.SIG_DFL) == (capsys.readouterr().err, signal.getsignal(signal.SIGINT))


@pytest.mark.usefixtures("plain")
def test_ctrl_c_is_raised_once() -> None:
    """The next one, while the first one unwinds, ends the process; afterwards everything is as before."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with CtrlC():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert signal.SIG_DFL == signal.getsignal(signal.SIGINT)
    assert signal.default_int_handler == signal.getsignal(signal.SIGINT)


def test_a_flag_is_raised_by_its_signals() -> None:
    """Nothing else happens."""
    before = signal.getsignal(signal.SIGTERM)
    flag = Flag(signal.SIGTERM)
    raised = bool(flag)
    signal.raise_signal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, before)
    assert (False, True) == (raised, bool(flag))
