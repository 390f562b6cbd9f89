"""A picture in place, and the terminal that is given back at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field
from rich.live import Live
from rich.text import Text

from bluegreen.report.pictures import console
from bluegreen.report.streams import SafeStream
from bluegreen.report.unechoed import Unechoed


def painted(lines: list[str]) -> Text:
    """Return lines that are painted already, as they are to stand."""
    return Text.from_ansi("\n".join(lines), no_wrap=True, overflow="crop", end="")


@define
class InPlace:
    """What stands on the terminal behind ``stream`` while it is ``live``; what is typed is not shown meanwhile."""

    stream: SafeStream
    live: Live | None = None
    _quiet: Unechoed = field(factory=Unechoed)

    def begin(self, **how: Any) -> Live:
        """Begin to show a picture, in the way that rich takes it."""
        self._quiet.begin()
        self.live = Live(console=console(self.stream), **how)
        self.live.start()
        return self.live

    def close(self) -> None:
        """Leave the last picture standing and give the terminal back."""
        live, self.live = self.live, None
        if live is None:
            return
        try:
            live.stop()
        except BaseException:
            live.console.show_cursor(True)
            raise
        finally:
            self._quiet.end()


@define
class View:
    """Shows lines on the terminal behind ``stream``; new ones take the place of those before."""

    stream: SafeStream
    _place: InPlace = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._place = InPlace(self.stream)

    def show(self, lines: Callable[[int, int], list[str]]) -> None:
        """Show what ``lines`` returns for so many columns and lines of a terminal."""
        live = self._place.live or self._place.begin(auto_refresh=False)
        size = live.console.size
        live.update(painted(lines(size.width, size.height)[: max(3, size.height - 2)]), refresh=True)

    def close(self) -> None:
        """Leave the last lines standing and give the terminal back."""
        self._place.close()
