"""How the demonstration ends: its exit status is what a pipeline looks at."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bluegreen.configuration import parse
from bluegreen.demo.command import PATIENCE, Told, conclude, main, patient, tell
from bluegreen.demo.ledger import ENOUGH, total
from bluegreen.demo.story import STORY, Act
from bluegreen.errors import Status
from bluegreen.report.streams import SafeStream
from bluegreen.sandbox import Sandbox, configuration
from tests.demo.told import TIMES, played, sent


def ended(told: Told, html: Path | None = None) -> tuple[int, str]:
    """Return the exit status and what was written."""
    stream = io.StringIO()
    return int(conclude(told, SafeStream(stream), html, 40.0)), stream.getvalue()


def test_a_good_story_ends_well() -> None:
    """Status 0, and the sentence says how many requests there were."""
    status, text = ended(Told(played(), sent(), TIMES))
    expected = 0
    assert expected == status
    assert f"{ENOUGH} requests, some of them longer than a second, and none failed, in 40 s." in text


@pytest.mark.parametrize(
    "told",
    [
        Told(played(), sent(lost=1), TIMES),
        Told(played(), sent(ENOUGH - 1), TIMES),
        Told(played(), sent(longest=0.5), TIMES),
        Told(played(statuses={"deploy bad-v4": 0}), sent(), TIMES),
        Told(played(statuses={"finish": None}), sent(), TIMES),
        Told(played()[:3], sent(), TIMES),
    ],
    ids=["one request lost", "too few requests", "no long request", "not rolled back", "did not end", "cut short"],
)
def test_whatever_was_not_as_promised_is_a_failure(told: Told) -> None:
    """One thing is enough for an exit status other than 0, and it is named."""
    status, text = ended(told)
    expected = int(Status.BUG)
    assert expected == status
    assert "This is not what was promised" in text


def test_the_page_is_written_when_asked_for(tmp_path: Path) -> None:
    """The same sentence stands on it."""
    file = tmp_path / "demo.html"
    ended(Told(played(), sent(), TIMES), file)
    expected = f"{ENOUGH} requests, some of them longer than a second"
    assert expected in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("argv", [["--balancer", "round-robin"], ["--rate", "0"], ["--instances", "99"], ["more"]])
def test_what_is_not_understood_is_said(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2 and a sentence, before any sandbox is started."""
    expected = int(Status.USAGE)
    assert expected == main(argv)
    assert capsys.readouterr().err.strip()


def test_good_deployments_have_the_time_that_a_busy_machine_needs(tmp_path: Path) -> None:
    """The sandbox's own patience is replaced, everything else stays as it wrote it."""
    text = configuration.text(tmp_path, "ap-northeast-2", configuration.Timing(1.0, 0.5, 2), "http://127.0.0.1:1")
    expected = (PATIENCE, 1.0, "web-blue")
    web = parse(patient(text), tmp_path).services["web"]
    assert expected == (web.progress_deadline, web.bake, web.blue)


@pytest.mark.sandbox
@pytest.mark.xdist_group("sandbox")
def test_a_short_story_for_real() -> None:
    """A deployment and its rollback: both versions answer, nothing is lost, and the lines say what happened."""
    stream = io.StringIO()
    box = Sandbox(instances=2, boot=1.0, interval=0.2)
    found = tell(box, 120.0, SafeStream(stream), STORY[:3]).rows
    expected = [("v1 serves", None, 0), ("deploy v2", 0, 0), ("rollback", 0, 0)]
    assert expected == [(row.name, row.status, row.failed) for row in found]
    assert {"v1", "v2"} == set(total(found).versions)
    assert "web-green v2: 2 serving" in stream.getvalue()


@pytest.mark.sandbox
@pytest.mark.xdist_group("sandbox")
def test_a_command_that_ends_otherwise_ends_the_story() -> None:
    """What follows is not played, and the exit status is kept."""
    wrong = Act("refused", ("rollback", "web"))
    found = tell(
        Sandbox(instances=1, boot=0.5, interval=0.2), 60.0, SafeStream(io.StringIO()), (wrong, *STORY[1:])
    ).rows
    expected = [("refused", int(Status.BLOCKED))]
    assert expected == [(row.name, row.status) for row in found]
