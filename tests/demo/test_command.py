"""How the demonstration ends: its exit status is what a pipeline looks at."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from bluegreen.demo.command import Told, conclude, main
from bluegreen.demo.ledger import ENOUGH
from bluegreen.errors import Status
from bluegreen.report.streams import SafeStream
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


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.xdist_group("sandbox")
def test_the_whole_story(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Played for real, with quick instances and more requests a second, every act passes and no request is lost."""
    html = tmp_path / "demo.html"
    status = main(["--boot", "1", "--rate", "230", "--instances", "2", "--html", str(html)])
    text = capfd.readouterr().out
    assert status == 0, text
    expected = {"v1", "v2", "v3"}
    assert expected == set(re.findall(r"\b(v\d) \d+ %", html.read_text(encoding="utf-8")))
