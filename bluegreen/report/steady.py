"""What tells people may fail; what it tells of goes on, and is told in another way."""

from __future__ import annotations

import contextlib
from typing import Protocol

from attrs import define

from bluegreen.flow.events import Event
from bluegreen.flow.telling import prompt


class Reporter(Protocol):
    """A listener that can also say something, and gives the terminal back."""

    def __call__(self, event: Event) -> None:
        """Tell ``event``."""

    def say(self, text: str) -> None:
        """Tell people something else."""

    def close(self) -> None:
        """Give the terminal back."""


@prompt
@define
class Steady:
    """Tells through ``reporter`` until that fails once, from then on through ``plain``; raises nothing.

    It waits for nobody for long: the streams behind it have a patience of their own.
    """

    reporter: Reporter
    plain: Reporter

    def __call__(self, event: Event) -> None:
        """Tell ``event``."""
        try:
            self.reporter(event)
        except Exception as error:
            self._fall_back(error)
            with contextlib.suppress(Exception):
                self.plain(event)

    def say(self, text: str) -> None:
        """Tell ``text``."""
        try:
            self.reporter.say(text)
        except Exception as error:
            self._fall_back(error)
            with contextlib.suppress(Exception):
                self.plain.say(text)

    def close(self) -> None:
        """Give the terminal back."""
        with contextlib.suppress(Exception):
            self.reporter.close()

    def _fall_back(self, error: Exception) -> None:
        self.close()
        self.reporter = self.plain
        with contextlib.suppress(Exception):
            self.plain.say(f"the screen failed ({type(error).__name__}); what happens is told in lines")
