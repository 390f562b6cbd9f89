"""The picture of a run as a terminal shows it: what stands there in the end, above it what was done."""

from __future__ import annotations

import io

import pyte
import pytest

from bluegreen.flow.events import EventKind
from bluegreen.report.screen import Screen
from bluegreen.report.streams import SafeStream
from tests.support.virtual import Pair, virtual

HEIGHT = 50


class Played(io.StringIO):
    """A terminal that plays what is written to it, some ``columns`` wide."""

    encoding = "utf-8"

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.screen = pyte.Screen(columns, HEIGHT)
        self.stream = pyte.Stream(self.screen)

    def isatty(self) -> bool:
        """Say that a person reads along."""
        return True

    def write(self, text: str) -> int:
        """Play ``text``; the terminal's driver returns to the first column with each line."""
        self.stream.feed(text.replace("\n", "\r\n"))
        return len(text)

    def lines(self) -> list[str]:
        """Return what is shown."""
        return [line.rstrip() for line in self.screen.display if line.strip()]


def played(pair: Pair, monkeypatch: pytest.MonkeyPatch, *, ascii_alone: bool = False) -> list[str]:
    """Return what is shown after a run."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LINES", str(HEIGHT))
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Played(80)
    stream = SafeStream(terminal)
    stream.wants_plain = ascii_alone
    live = Screen(stream, pair.clock, "web", {"web-blue": "blue"})
    for event in pair.events:
        live(event)
        pair.clock.sleep(1.0)
    live.close()
    return terminal.lines()


LAST = """\
  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING    INSTANCES
  web-blue   v1     -        0-6      suspended  ◇◇◇  3 parked
▶ web-green  v2     3 of 3   1-6      resumed    ●●●
  3 healthy, 3 needed"""


@pytest.mark.parametrize("plain", [False, True])
def test_what_a_run_leaves_on_a_terminal(plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each act once, then the last picture alone: no other one is left of it, without colours as with them."""
    if plain:
        monkeypatch.setenv("NO_COLOR", "1")
    pair = virtual(instances=3)
    pair.service(bake=3.0).deploy("v2")
    shown = played(pair, monkeypatch)
    assert LAST.splitlines() == shown[-4:]
    stages = "✓ check ✓ prepare ✓ launch ✓ healthy ✓ prove ✓ move ✓ bake ✓ handover    8 of 8"
    assert (stages, 1) == (shown[-5], sum("web  deploy v1 → v2" in line for line in shown))
    acts = [one for one in pair.events if one.kind is EventKind.ACTING]
    assert len(acts) == sum(line.startswith("do ") for line in shown)


IN_ASCII = """\
  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING    INSTANCES
  web-blue   v1     -        0-6      suspended  ---  3 parked
> web-green  v2     3 of 3   1-6      resumed    OOO
  3 healthy, 3 needed"""


def test_a_terminal_that_shows_ascii_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person asks for ASCII, nothing else is ever written, and the last picture is the same one."""
    pair = virtual(instances=3)
    pair.service(bake=3.0).deploy("v2")
    shown = played(pair, monkeypatch, ascii_alone=True)
    assert (IN_ASCII.splitlines(), []) == (shown[-4:], [line for line in shown if not line.isascii()])
