"""Every exit status, its sentence, and what a signal does."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bluegreen.errors import BluegreenError, Denied, Held, Misconfigured, Refused, Status, Unreachable
from bluegreen.image import FORM
from bluegreen.service import Ended
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK
from tests.cli.fakes import SERVES, FakeWiring, interrupt, run

Capture = pytest.CaptureFixture[str]

CASES = {
    Status.OK: SERVES,
    Status.BUG: RuntimeError("oops"),
    Status.USAGE: None,
    Status.ROLLED_BACK: Ended(Status.ROLLED_BACK, "rolled back"),
    Status.BLOCKED: Refused("refused"),
    Status.PAUSED: Ended(Status.PAUSED, "paused"),
    Status.UNFINISHED: Ended(Status.UNFINISHED, "not finished"),
    Status.UNREACHABLE: Unreachable("AWS is away"),
    Status.UNWRITTEN: Ended(Status.UNWRITTEN, "no room"),
    Status.HELD: Held("held"),
    Status.DENIED: Denied("autoscaling:EnterStandby is missing"),
    Status.CONFIGURATION: Misconfigured("wrong"),
    Status.INTERRUPTED: interrupt(signal.SIGINT, ended=Ended(Status.INTERRUPTED, "stopped")),
    Status.TERMINATED: interrupt(signal.SIGTERM, ended=Ended(Status.TERMINATED, "stopped")),
}


@pytest.mark.parametrize("status", Status)
def test_status(status: Status) -> None:
    """Each status is reached, by what the service layer answers or by what was typed."""
    words = ("deploy", "web") if status is Status.USAGE else ("deploy", "web", "v2")
    assert status == run(FakeWiring({"deploy": CASES[status]}), *words)


@pytest.mark.parametrize("words", [(), ("deploy",), ("sandbox", "up"), ("deply",)])
def test_help_is_understood_as_a_word(words: tuple[str, ...], capsys: Capture) -> None:
    """`help COMMAND` is `COMMAND --help`, also for a command that there is none of."""
    found = [(run(FakeWiring(), *typed), capsys.readouterr()) for typed in (("help", *words), (*words, "--help"))]
    assert found[0] == found[1]


def test_our_bug_leaves_a_traceback(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours is one sentence and the place of the traceback, which only its owner reads."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert 1 == run(FakeWiring({"deploy": RuntimeError("oops")}), "deploy", "web", "v2")
    (path,) = tmp_path.iterdir()
    assert [
        "checking web",
        "web: bluegreen has a bug: RuntimeError: oops",
        f"  the traceback is in {path}; please report it",
    ] == capsys.readouterr().err.splitlines()
    assert (True, 0o600) == ("RuntimeError: oops" in path.read_text(), path.stat().st_mode & 0o777)


@pytest.mark.parametrize("error", [RuntimeError("oops"), Refused("oops"), BluegreenError("oops")])
def test_debug_shows_tracebacks(error: Exception, capsys: Capture) -> None:
    """With --debug the traceback of any error is shown."""
    run(FakeWiring({"deploy": error}), "--debug", "deploy", "web", "v2")
    assert "Traceback (most recent call last):" in capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("deply",), 'there is no command "deply"; did you mean "deploy"?'),
        (("xyzzy",), 'there is no command "xyzzy"'),
        (("undo", "web"), 'there is no command "undo"; here it is called "rollback"'),
        (("init",), 'there is no command "init": write bluegreen.toml by hand, then look with "check"'),
        (("statsu",), 'there is no command "statsu"; did you mean "status"?'),
        (("finsh", "web"), 'there is no command "finsh"\n'),
        (("unlok", "web"), 'there is no command "unlok"\n'),
        (("undeploy", "web"), 'there is no command "undeploy"\n'),
        (("Destroy", "web"), 'there is no command "Destroy"\n'),
        (("remove", "web"), 'there is no command "remove"\n'),
        (("deploy", "web", "v2", "--pace", "50"), "'50' is not a pace such as 75/150"),
        (("deploy", "web", "v2", "--region", "eu-west1"), "'eu-west1' is not an AWS region"),
        (("deploy", "web", "web:v2"), "'web:v2' is not an image version, but a name with one"),
        (("deploy", "web", "web:v2"), "  give the version alone: `bluegreen deploy web v2`\n"),
        (("deploy", "web", "v 2"), "  give a version as the registry has it, such as v2 or 2026.11.1\n"),
        (("cleanup", "web", "--all"), "  `bluegreen cleanup --help` shows what is understood\n"),
        (("deploy", "web", "sha256:abc"), f"'sha256:abc' is not an image version, which is {FORM}"),
        (("deploy", "web", "SHA512:abc"), f"'SHA512:abc' is not an image version, which is {FORM}"),
        (("deploy",), "Missing argument 'SERVICE'."),
        (("status", "--outptu", "json"), "--outptu"),
        (("deploy", "web", "v2", "--bake", "soon"), "Invalid value for '--bake': 'soon' is not a duration"),
        (("deploy", "web", "v2", "--capacity", "0"), "Invalid value for '--capacity': 0 is not in the range x>=1."),
    ],
)
def test_usage(words: tuple[str, ...], sentence: str, capsys: Capture) -> None:
    """A command line that makes no sense gets one sentence and where to read more."""
    assert 2 == run(FakeWiring(), *words)
    talk = capsys.readouterr().err
    helped = "--help` shows what is understood" in talk or "is not an image version" in talk
    assert (True, True) == (sentence in talk, helped)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_first_signal_asks(number: int, capsys: Capture) -> None:
    """The first signal is handed to the engine, and the person hears so at once."""
    run(FakeWiring({"deploy": interrupt(number)}), "deploy", "web", "v2", "--output", "json")
    captured = capsys.readouterr()
    assert (True, True) == (
        "web: stopping after this call; press Ctrl-C again to leave at once" in captured.err,
        f"the engine was told {number}" in captured.out,
    )


LEFT = [
    "web: left at once, in the middle",
    "  go on with `bluegreen resume web`, or go back with `bluegreen rollback web`",
]
WAITED = [
    "web: left at once; no release was begun or carried on",
    "  `bluegreen status web` shows how it stands",
]


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        ({"release": "web:1", "goal": DEPLOY}, LEFT),
        ({"release": "web:1", "goal": FINISH}, LEFT),
        ({"release": "web:1", "goal": ROLLBACK}, [LEFT[0], "  go on with `bluegreen resume web`"]),
        (None, WAITED),
    ],
)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_second_signal_leaves(
    number: int, status: int, begun: dict[str, str] | None, told: list[str], capsys: Capture
) -> None:
    """The second signal leaves at once and says how to go on; the handlers are the old ones again.

    Who only waited for somebody else's run is told of no way back from that one.
    """
    before = signal.getsignal(number)
    answer = interrupt(number, times=2, begun=begun)
    assert status == run(FakeWiring({"deploy": answer}), "deploy", "web", "v2")
    assert told == capsys.readouterr().err.splitlines()[-2:]
    assert before == signal.getsignal(number)


def test_ignored_signals_stay_ignored() -> None:
    """Under nohup a hang-up stays ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert 0 == run(FakeWiring({"deploy": interrupt(signal.SIGHUP)}), "deploy", "web", "v2")
    finally:
        signal.signal(signal.SIGHUP, before)


def test_interrupted_cleanup_stops() -> None:
    """A cleanup that was asked to stop does not begin with the next service."""
    answer = interrupt(signal.SIGTERM, ended=Ended(Status.TERMINATED, "stopped"))
    wiring = FakeWiring({"cleanup": answer})
    assert (143, [("web", "cleanup")]) == (run(wiring, "cleanup"), wiring.asked)
