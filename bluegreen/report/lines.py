"""A line for each thing that happens: for logs, pipes and continuous integration."""

from __future__ import annotations

from attrs import field, frozen

from bluegreen.flow.events import Event
from bluegreen.report.repeats import Repeats
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean, clean_lines, timestamp
from bluegreen.report.words import UNSAID, sentence


@frozen
class Lines:
    """Writes events to ``stream``, one line each; a repeated one every half minute.

    ``ends`` says that how it ended has a line, too: no command says that.
    """

    stream: SafeStream
    repeats: Repeats = field(factory=Repeats)
    ends: bool = False

    def __call__(self, event: Event) -> None:
        """Write ``event``, unless it ends the run, only repeats itself, or a wait says it for all."""
        if (self.ends or event.kind not in UNSAID) and self.repeats.passes(event):
            self.stream.line(f"{timestamp(event.at)} {clean(event.service)} {sentence(event)}")

    def say(self, text: str) -> None:
        """Write ``text``."""
        self.stream.line(clean_lines(text))

    def close(self) -> None:
        """Do nothing: every line is written."""
