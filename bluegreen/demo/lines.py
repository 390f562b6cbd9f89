"""The story as plain lines, for logs and pipes."""

from __future__ import annotations

import time

from attrs import define, field

from bluegreen.demo.ledger import Played
from bluegreen.demo.scene import Part, Scene
from bluegreen.demo.story import Act
from bluegreen.report.streams import SafeStream
from bluegreen.report.symbols import counted as conditions
from bluegreen.report.symbols import marks
from bluegreen.report.text import clean


@define
class Lines:
    """Writes a line for whatever the tool says, and one for whatever changes in the groups."""

    stream: SafeStream
    _began: float = field(factory=time.monotonic)
    _last: str = ""

    def begin(self, act: Act) -> None:
        """Say which command runs now."""
        self.stream.line("")
        self.stream.line(f"== {' '.join(('bluegreen', *act.argv)) if act.argv else act.name}")

    def say(self, sentence: str) -> None:
        """Write what the tool said."""
        self.stream.line(f"{self._elapsed()} {clean(sentence)}")

    def see(self, scene: Scene) -> None:
        """Write what the groups look like, if that changed."""
        told = "; ".join(part_line(part) for part in scene.parts)
        if told != self._last:
            self._last = told
            self.stream.line(f"{self._elapsed()}   | {told}; {counted(scene)}")

    def end(self, played: Played) -> None:
        """Say how the command ended."""
        if played.act.argv:
            self.stream.line(f"{self._elapsed()} exit status {played.status}, {played.ended - played.began:.1f} s")

    def close(self) -> None:
        """Do nothing: every line is written."""

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self._began:5.1f} s"


def counted(scene: Scene) -> str:
    """Return what became of the requests so far; those cut by a death only where there are any."""
    cut = f", {scene.cut} cut by a death" if scene.cut else ""
    return f"{scene.sent} sent, {scene.lost} lost{cut}"


def part_line(part: Part) -> str:
    """Return one group in words; its share of the answers in steps of ten, or every line would be another."""
    held = conditions(marks(part.side.members))
    return clean(f"{part.side.name} {part.side.image or ''}: {held}, {round(part.share * 10) * 10} % of requests")
