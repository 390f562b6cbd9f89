"""The story on a terminal: what was played, both groups, who answers, and what the tool said last."""

from __future__ import annotations

import time

from attrs import define, field
from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bluegreen.demo.ledger import Played
from bluegreen.demo.scene import COLOURS, Part, Scene
from bluegreen.demo.story import STORY, Act
from bluegreen.report.pictures import console, words
from bluegreen.report.streams import SafeStream
from bluegreen.report.symbols import counted, marks
from bluegreen.report.text import clean

BAR = 20


@define
class Screen:
    """A picture that keeps its shape from the first act to the last."""

    stream: SafeStream
    _began: float = field(factory=time.monotonic)
    _act: Act | None = None
    _since: float = 0.0
    _played: dict[str, Played] = field(factory=dict)
    _scene: Scene = field(factory=Scene)
    _said: str = ""
    _spinner: Spinner = field(factory=lambda: Spinner("dots"))
    _live: Live | None = None

    def begin(self, act: Act) -> None:
        """Show that ``act`` is played now."""
        self._act, self._since, self._said = act, time.monotonic(), ""
        if self._live is None:
            shown = console(self.stream)
            self._live = Live(console=shown, get_renderable=self.picture, refresh_per_second=8, transient=True)
            self._live.start()

    def say(self, sentence: str) -> None:
        """Show what the tool said last."""
        self._said = sentence

    def see(self, scene: Scene) -> None:
        """Show the groups."""
        self._scene = scene

    def end(self, played: Played) -> None:
        """Tick the act off."""
        self._played[played.act.name] = played

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def picture(self) -> RenderableType:
        """Return what is shown now."""
        elapsed = f"{time.monotonic() - self._began:.0f} s"
        title = Text.assemble(("bluegreen in a sandbox", "bold"), (f" (on this machine, not AWS)  {elapsed}", "dim"))
        said = Text(clean(self._said), no_wrap=True, overflow="ellipsis")
        parts: list[RenderableType] = [
            title,
            Text(),
            self._acts(),
            Text(),
            self._sides(),
            Text(),
            self._figures(),
            said,
        ]
        return Padding(Group(*parts), (1, 1, 0, 1))

    def _acts(self) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for act in STORY:
            grid.add_row(*self._line(act))
        return grid

    def _line(self, act: Act) -> tuple[RenderableType, RenderableType, RenderableType]:
        if played := self._played.get(act.name):
            well = played.status == act.status
            sign = Text("✓", "green") if well else Text("✗", "bold red")
            return sign, Text(act.name), Text(_ended(played), "dim")
        if act is self._act:
            return self._spinner, Text(act.name, "bold"), Text(f"{time.monotonic() - self._since:.0f} s", "dim")
        return Text(" "), Text(act.name, "dim"), Text()

    def _sides(self) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for part in self._scene.parts:
            grid.add_row(*_part(part))
        return grid

    def _figures(self) -> Text:
        scene = self._scene
        lost = (f"{scene.lost} lost", "bold red" if scene.lost else "green")
        cut = (f", {scene.cut} cut by a death", "yellow") if scene.cut else ""
        return Text.assemble(f"{scene.sent} requests sent, ", lost, cut, f", the longest took {scene.longest:.2f} s")


def _ended(played: Played) -> str:
    took = f"{played.ended - played.began:.1f} s"
    return f"{took}, rolled back by itself" if played.status == 3 else took


def _part(part: Part) -> tuple[RenderableType, ...]:
    side, found = part.side, marks(part.side.members)
    signs = Text.assemble(*((mark.sign, mark.style) for mark in found))
    colour = COLOURS.get(side.name, "")
    length = round(BAR * part.share)
    bar = Text.assemble(("█" * length, colour), ("░" * (BAR - length), "dim"), f" {100 * part.share:3.0f} %")
    return words(side.name, colour), words(f"{side.image or '':<8}"), signs, Text(f"{counted(found):<9}", "dim"), bar
