"""Why instances do not become healthy: what a target of any kind answers, and ``why`` tells."""

from __future__ import annotations

from attrs import field, frozen

from bluegreen.flow.causes import Cause as Cause
from bluegreen.flow.causes import Link as Link

CONSOLE_LINES = 40
"""Lines of a console that are shown."""
CLOSEST = 4
"""Characters that the end of an instance's id has to have, to stand for the whole of it."""


@frozen(kw_only=True)
class Fact:
    """One thing that is seen: ``label`` says where, ``text`` what, on several lines where there is more to it."""

    label: str
    text: str


@frozen(kw_only=True)
class Unwell:
    """An instance, the ``state`` that it is in, since when that is known (POSIX seconds), why, and what is seen."""

    id: str
    state: str
    cause: Cause
    facts: tuple[Fact, ...] = ()
    since: float | None = None


@frozen(kw_only=True)
class Console:
    """The end of what an instance has written to its console: shown, and kept nowhere. ``untold`` says why it is not.

    There may be secrets in it.
    """

    instance: str
    lines: tuple[str, ...] = field(default=(), repr=False)
    untold: str = ""


@frozen(kw_only=True)
class Why:
    """The answer: ``heads`` say how each side stands, ``cause`` what decides, ``count`` for how many instances.

    ``instances`` are those that are not well, ``known`` all that could be asked about, ``launches`` what AWS says of
    those that are not there. Of a release that is ``over``, that is what was kept of it, seen ``until`` a POSIX second.
    """

    service: str
    cause: Cause
    heads: tuple[str, ...] = ()
    count: int = 0
    instances: tuple[Unwell, ...] = ()
    launches: tuple[Fact, ...] = ()
    known: frozenset[str] = field(factory=frozenset, repr=False)
    release: str = ""
    over: bool = False
    until: float | None = None
    next: str = ""
    console: Console | None = None


def decisive(causes: tuple[Cause, ...]) -> Cause | None:
    """Return what comes first in the order of links, the one that most have; ``None`` of none."""
    order = list(Link)
    return min(causes, key=lambda one: (order.index(one.link), -causes.count(one)), default=None)


def meant(word: str, known: frozenset[str]) -> str:
    """Return the one instance that ``word`` names, by its id or by the end of it; nothing where there is none."""
    ends = [one for one in known if len(word) >= CLOSEST and one.endswith(word)]
    return word if word in known else ends[0] if len(ends) == 1 else ""
