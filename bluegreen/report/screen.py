"""A terminal's live picture: both groups, what serves, what is waited for, and for how long."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field
from rich.console import Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bluegreen.clock import Clock
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.release import DEPLOY, ROLLBACK
from bluegreen.flow.snapshot import Side, Snapshot
from bluegreen.report.pictures import console, words
from bluegreen.report.repeats import Repeats
from bluegreen.report.streams import SafeStream
from bluegreen.report.symbols import counted, marks
from bluegreen.report.text import clean_lines, duration
from bluegreen.report.words import ENDINGS, sentence

_STYLES = {
    EventKind.REACHED: "green",
    EventKind.TURNED: "bold red",
    EventKind.REFUSED: "yellow",
    EventKind.WARNED: "yellow",
    EventKind.UNREACHABLE: "yellow",
    EventKind.RECORDED: "dim",
}
_PASSING = frozenset({EventKind.WAITING}) | ENDINGS


@define
class Screen:
    """Shows events on the terminal behind ``stream``; ``colours`` maps a group's name to its colour's style."""

    stream: SafeStream
    clock: Clock
    title: str
    colours: Mapping[str, str] = field(factory=dict)
    repeats: Repeats = field(factory=Repeats)
    _began: float = 0.0
    _goal: str = ""
    _event: Event | None = None
    _fleet: Snapshot | None = None
    _live: Live | None = None
    _spinner: Spinner = field(factory=lambda: Spinner("dots"))

    def __call__(self, event: Event) -> None:
        """Show ``event``; what is more than a wait stays above the picture."""
        if event.kind is EventKind.CAUSE:
            return  # the wait says it for all instances
        live = self._live or self._start()
        self._event, self._fleet, self._goal = event, event.fleet or self._fleet, self._goal or event.goal
        if event.kind not in _PASSING and self.repeats.passes(event):
            live.console.print(
                _row(words(f"{self._elapsed():>12}"), words(sentence(event), _STYLES.get(event.kind, "")))
            )
        if event.kind in ENDINGS:
            self.close()

    def close(self) -> None:
        """Leave the last picture standing and give the terminal back."""
        live, self._live = self._live, None
        if live is None:
            return
        try:
            live.stop()
        except BaseException:
            live.console.show_cursor(True)
            raise

    def picture(self) -> RenderableType:
        """Return what is shown now."""
        ended = self._event is None or self._event.kind in ENDINGS
        parts: list[RenderableType] = [words(f"{self.title}{self._turned()}, {self._elapsed()}", "bold")]
        if self._fleet is not None:
            parts += [self._groups(self._fleet), words(_figures(self._fleet), "dim")]
        if not ended:
            parts.append(self._now())
        return Padding(Group(*parts), (1, 0, 0, 1))

    def _start(self) -> Live:
        self._began = self._began or self.clock.monotonic()
        self._live = Live(console=console(self.stream), get_renderable=self.picture, refresh_per_second=8)
        self._live.start()
        return self._live

    def say(self, text: str) -> None:
        """Write ``text`` above the picture."""
        if self._live is None:
            self.stream.line(clean_lines(text))
        else:
            self._live.console.print(Text(clean_lines(text)))

    def _turned(self) -> str:
        return ", rolling back" if self._goal == DEPLOY and self._event and self._event.goal == ROLLBACK else ""

    def _elapsed(self) -> str:
        return duration(self.clock.monotonic() - self._began)

    def _now(self) -> RenderableType:
        assert self._event is not None
        return _row(self._spinner if self._unicode() else Text("*"), words(self._event.reason))

    def _groups(self, fleet: Snapshot) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        for side in fleet.sides:
            table.add_row(self._name(side), words(side.image or "no image"), self._marks(side))
        return table

    def _name(self, side: Side) -> Text:
        pointer = ("▶ " if self._unicode() else "> ") if side.live else "  "
        return words(f"{pointer}{side.name}", self.colours.get(side.name, ""))

    def _marks(self, side: Side) -> Text:
        found, text = marks(side.members), Text()
        for one in found:
            text.append(one.sign if self._unicode() else one.plain, one.style)
        return text.append(f"{'  ' if found else ''}{counted(found)}; {_size(side)}")

    def _unicode(self) -> bool:
        return not self.stream.is_plain


def _row(left: RenderableType, right: RenderableType) -> Table:
    """Put two things side by side; the right one wraps in its own column."""
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column()
    row.add_row(left, right)
    return row


def _size(side: Side) -> str:
    armed = "" if side.scales else ", scaling suspended"
    return f"desired {side.desired} (minimum {side.min}, maximum {side.max}){armed}"


def _figures(fleet: Snapshot) -> str:
    figures = fleet.figures
    if figures is None:
        return ""
    return f"{figures.healthy} serving, at least {figures.needed} must; demand {figures.demand}"
