"""A picture in place, of whoever only watches."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from rich.live import Live
from rich.text import Text

from bluegreen.report.pictures import console
from bluegreen.report.streams import SafeStream
from bluegreen.report.unechoed import Unechoed


@define
class View:
    """Shows lines on the terminal behind ``stream``; new ones take the place of those before."""

    stream: SafeStream
    _live: Live | None = None
    _quiet: Unechoed = field(factory=Unechoed)

    def show(self, lines: Callable[[int, int], list[str]]) -> None:
        """Show what ``lines`` returns for so many columns and lines of a terminal."""
        if self._live is None:
            self._quiet.begin()
            self._live = Live(console=console(self.stream), auto_refresh=False)
            self._live.start()
        size = self._live.console.size
        told = "\n".join(lines(size.width, size.height)[: max(3, size.height - 2)])
        self._live.update(Text.from_ansi(told, no_wrap=True, overflow="crop", end=""), refresh=True)

    def close(self) -> None:
        """Leave the last lines standing and give the terminal back."""
        live, self._live = self._live, None
        try:
            if live is not None:
                live.stop()
        finally:
            self._quiet.end()
