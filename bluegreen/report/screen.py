"""A terminal's live picture of a run; what is done scrolls by above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from attrs import define, field
from rich.live import Live
from rich.text import Text

from bluegreen.clock import Clock
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.snapshot import Snapshot
from bluegreen.flow.usual import Timing, Usual
from bluegreen.report.ink import Ink, ink_of
from bluegreen.report.picture import frame
from bluegreen.report.pictures import console, words
from bluegreen.report.repeats import Repeats
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean_lines, duration, wrapped
from bluegreen.report.view import InPlace, painted
from bluegreen.report.words import ENDINGS, WIDEST, sentence

_STYLES = {
    EventKind.REACHED: "green",
    EventKind.TURNED: "bold red",
    EventKind.REFUSED: "yellow",
    EventKind.WARNED: "yellow",
    EventKind.UNREACHABLE: "yellow",
    EventKind.RECORDED: "dim",
}
_PASSING = frozenset({EventKind.WAITING}) | (ENDINGS - {EventKind.STOPPED})
BEHIND_KIND = WIDEST + 1
"""Columns before what is done."""
STILL = 1
"""Pictures a second while nothing happens."""
QUICK = 0.25
"""Seconds between two pictures at least."""


@define
class Screen:
    """Shows events on the terminal behind ``stream``; ``colours`` maps a group's name to its colour's style.

    ``usual`` says how long a run with a goal takes, as far as that is known by now.
    """

    stream: SafeStream
    clock: Clock
    title: str
    colours: Mapping[str, str] = field(factory=dict)
    repeats: Repeats = field(factory=Repeats)
    usual: Callable[[str], Usual] = lambda _: Usual()
    _began: float | None = None
    _event: Event | None = None
    _seen: Snapshot | None = None
    _goal: str = ""
    _turned: bool = False
    _since: dict[str, float] = field(factory=dict)
    _drawn: float = float("-inf")
    _place: InPlace = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._place = InPlace(self.stream)

    def __call__(self, event: Event) -> None:
        """Show ``event``; what is more than a wait stays above the picture."""
        if event.kind is EventKind.CAUSE:
            return  # the picture says it of each instance
        live = self._place.live or self._start()
        self._event, self._seen = event, event.fleet or self._seen
        self._clock(event)
        if event.kind not in _PASSING and self.repeats.passes(event):
            style = _STYLES.get(event.kind, "")
            lines = wrapped(sentence(event), live.console.width - 1, rest=" " * BEHIND_KIND, whole=True)
            live.console.print(Text("\n").join(words(line, style) for line in lines), soft_wrap=True)
        if event.kind in ENDINGS:
            self.close()
        elif self.clock.monotonic() - self._drawn >= QUICK:
            self._drawn = self.clock.monotonic()
            live.refresh()

    def close(self) -> None:
        """Leave the last picture standing and give the terminal back."""
        self._place.close()

    def picture(self) -> Text:
        """Return what is shown now."""
        size = (self._place.live.console if self._place.live else console(self.stream)).size
        return painted(self._lines(size.width, size.height, ink_of(self.stream, self.colours)))

    def _lines(self, width: int, height: int, ink: Ink) -> list[str]:
        event, now = self._event, self.clock.now()
        since = now if self._began is None else self._began
        if event is None or self._seen is None:
            told = "" if event is None else event.reason
            first = f"{ink.says(self.title)}, {duration(now - since)}"
            return [first[: width - 1], *([ink.says(f"◌ {told}")[: width - 1]] if told else [])]
        over = event.kind in ENDINGS
        seen = attrs.evolve(self._seen, at=now, missing="" if over else event.reason)
        timing = Timing(since=self._since, usual=Usual() if self._turned else self.usual(self._goal))
        return frame(seen, since, width, height, ink, over=event.kind is EventKind.DONE, timing=timing)

    def _clock(self, event: Event) -> None:
        """Keep when each stage began; a run that has turned to another goal is compared with none."""
        if event.goal and event.goal != self._goal:
            self._turned, self._goal, self._since = bool(self._goal), event.goal, {}
        if event.stage is not None:
            self._since.setdefault(event.stage.name, self.clock.now())

    def _start(self) -> Live:
        self._began = self.clock.now() if self._began is None else self._began
        return self._place.begin(get_renderable=self.picture, refresh_per_second=STILL)

    def say(self, text: str) -> None:
        """Write ``text`` above the picture."""
        if self._place.live is None:
            self.stream.line(clean_lines(text))
        else:
            self._place.live.console.print(Text(clean_lines(text)))
