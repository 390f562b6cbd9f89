"""What a person was asked about before it is done: an answer is good for that alone."""

from __future__ import annotations

from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.sentences import verbs as sentences
from bluegreen.sentences.forms import of
from bluegreen.words import fits


@frozen
class Parked:
    """What was parked at one moment: of the release with the id ``release``, of ``image``, ``count`` instances.

    ``count`` is 0 where nobody needs to be asked: without a release, and while one is under way. ``unserved`` says that
    nothing else serves: the owner wants no instance of the other group.
    """

    release: str = ""
    image: str = ""
    count: int = 0
    unserved: bool = False

    def __str__(self) -> str:
        return sentences.asked_about(self.count, self.image, self.release)


def refuse_other(service: str, asked: Parked, found: Parked, again: str) -> None:
    """Raise ``Refused`` when more is ``found`` than was ``asked`` about, or that of another release.

    ``again`` is the command that asks anew.
    """
    if found.unserved and not asked.unserved:
        raise Refused(
            of(service, sentences.asked_about_less(str(asked), "no instance of the other group serves")),
            f"`{again}` asks again",
        )
    if found.release == asked.release and found.count <= asked.count:
        return
    there = f"there {fits(found.count, 'is', 'are')} {found.count}"
    now = there if found.release == asked.release else f"it would be {found}"
    raise Refused(
        of(service, sentences.asked_about_less(str(asked), now)),
        f"`{again}` asks again",
    )
