"""Why what a release waits for does not come: what a plan finds in a look, and which of it is news."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum

from attrs import define, field, frozen

from bluegreen.sentences import why as sentences

MOST = 20
"""Instances of which a run tells why they are not healthy."""
CHANGES = 60
"""Causes that a run tells at most: one that comes and goes for ever fills no history."""


class Link(StrEnum):
    """What decides, in the order in which it is asked; ``TURNED``: why a release was taken back; ``NOTHING``: none."""

    LAUNCH = "launch"
    ROOM = "room"
    HOOK = "hook"
    MACHINE = "machine"
    REPLACED = "replaced"
    IMAGE = "image"
    BALANCER = "balancer"
    UNKNOWN = "unknown"
    TURNED = "turned"
    NOTHING = "nothing"


@frozen(kw_only=True)
class Cause:
    """One thing that decides, as a sentence; ``terminal`` says that waiting does not help."""

    link: Link
    sentence: str
    terminal: bool = False


@frozen(kw_only=True)
class Ailment:
    """Why one ``instance`` is not healthy, or, without one, why there is none: ``code`` and ``text`` as they were told.

    ``since`` is when it showed first (POSIX seconds), where that is known.
    """

    cause: Cause
    instance: str = ""
    code: str = ""
    text: str = ""
    since: float = 0.0

    @property
    def whose(self) -> str:
        """The instance, or what stands for it."""
        return self.instance or str(self.cause.link)


@define
class Told:
    """What one run has told of causes by now."""

    _known: dict[str, tuple[str, str, str]] = field(factory=dict)
    _seen: set[str] = field(factory=set)
    _count: int = 0

    def news(self, found: Iterable[Ailment] | None, there: Collection[str] | None = None) -> Iterator[Ailment]:
        """Yield what shows for the first time, or has changed, and what is over; once enough was told, nothing new.

        ``None`` is that nothing is known: then nothing is over, either. Nor is it for what is not ``there`` any more,
        where that is known: what was replaced has never been healthy; nor for what a wrong image tag has launched.
        """
        if found is None:
            return
        found = tuple(found)
        gone = self._known.keys() - {one.whose for one in found}
        for one in found:
            said = (one.cause.sentence, one.code, one.text)
            full = self._count >= CHANGES or (one.whose not in self._known and len(self._seen) >= MOST)
            if not full and self._known.get(one.whose) != said:
                self._known[one.whose], self._count = said, self._count + 1
                self._seen.add(one.whose)
                yield one
        for whose in sorted(gone):
            del self._known[whose]
            if whose == Link.IMAGE or (there is not None and whose not in there and whose not in list(Link)):
                continue
            over = Cause(link=Link.NOTHING, sentence=sentences.healthy_or_gone())
            yield Ailment(cause=over, instance=whose)

    def turned(self) -> None:
        """Another goal waits for something else: what was told of the one before is neither over nor told again."""
        self._known.clear()
