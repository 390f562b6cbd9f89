"""Each sentence has an example beside it: the page of sentences is made of them, and a test reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

S = TypeVar("S", bound=Callable[..., str])


class Example(NamedTuple):
    """One sentence as it reads: ``room`` is the module that says it, ``name`` the function."""

    room: str
    name: str
    text: str


_MADE: list[tuple[str, str, Callable[[], str]]] = []


def example(*parameters: object) -> Callable[[S], S]:
    """Keep an example of a sentence: what it says with these parameters. Several are shown as they are written."""

    def kept(sentence: S) -> S:
        _MADE.append((sentence.__module__, sentence.__name__, lambda: sentence(*parameters)))
        return sentence

    return kept


def examples(room: str) -> Iterator[Example]:
    """Yield the examples of one module, in the order in which its functions stand there."""
    order = dict.fromkeys(name for module, name, _ in _MADE if module == room)
    for name in order:
        mine = [make for module, other, make in _MADE if (module, other) == (room, name)]
        yield from (Example(room, name, make()) for make in reversed(mine))
