"""How a command ended, for the one who asked: an exit status, one sentence, the next thing to do."""

from __future__ import annotations

from attrs import field, frozen

from bluegreen import arguments
from bluegreen.errors import Status
from bluegreen.flow.release import Release
from bluegreen.words import clean, sentences


def _cleaned(words: object) -> object:
    return clean(words) if isinstance(words, str) else words


def _several(words: object) -> object:
    if isinstance(words, tuple) and all(isinstance(one, str) for one in words):
        return sentences(words)
    return _cleaned(words)


@frozen
class Ended:
    """How a command ended: its exit status, one sentence, and the next thing to do; several in a tuple, a line each."""

    status: Status
    sentence: str = field(converter=_cleaned)
    hint: str = field(default="", converter=_several)
    release: Release | None = None

    def __attrs_post_init__(self) -> None:
        """Raise ``Usage`` for what is of another type."""
        arguments.kind("status", self.status, Status)
        arguments.kind("sentence", self.sentence, str)
        arguments.kind("hint", self.hint, str)
        arguments.kind("release", self.release, Release | None)
