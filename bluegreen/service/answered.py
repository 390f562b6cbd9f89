"""What a person was asked about, or has to say again, before it is done: an answer is good for that alone."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from bluegreen.errors import Refused
from bluegreen.targets.pair.model.fleet import HEALTHY, Fleet, called
from bluegreen.targets.pair.model.release import DEPLOY, Release
from bluegreen.targets.pair.plans.guards.serving import Said
from bluegreen.words import fits, plural


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
        parked = plural(self.count, "parked instance")
        return f"the {parked} of {self.image} ({self.release})" if self.release else "nothing"


def refuse_other(service: str, asked: Parked, found: Parked, again: str) -> None:
    """Raise ``Refused`` when more is ``found`` than was ``asked`` about, or that of another release.

    ``again`` is the command that asks anew.
    """
    if found.unserved and not asked.unserved:
        raise Refused(
            f"{service}: what was asked about is {asked}, and now no instance of the other group serves: "
            "nothing was changed",
            f"`{again}` asks again",
        )
    if found.release == asked.release and found.count <= asked.count:
        return
    there = f"there {fits(found.count, 'is', 'are')} {found.count}"
    now = f"now {there if found.release == asked.release else f'it would be {found}'}"
    raise Refused(
        f"{service}: what was asked about is {asked}, and {now}: nothing was changed",
        f"`{again}` asks again",
    )


def refuse_unsaid(release: Release, said: Said, look: Callable[[], Fleet]) -> None:
    """Raise ``Refused`` where a deployment on record may leave fewer serving than is ``said`` to the run that resumes.

    A pace under the configured one, and a balancer that is set aside though something is healthy there, are a person's
    word, and a record can be written by others: the flag says it again. ``look`` is taken where that is needed.
    """
    if release.goal != DEPLOY or release.passed("moved"):
        return
    unsaid = sorted(set(release.without) - said.without)
    health = look().health if unsaid else {}
    serving = [called(one) for one in unsaid if HEALTHY in health.get(one, {}).values()]
    slow = release.pace.least < said.least and not release.first
    pace = f"{release.pace.least}/{release.pace.most}"
    flags = [*([f"--pace {pace}"] if slow else []), *(f"--without {name}" for name in serving)]
    if not flags:
        return
    facts = (
        f"its pace is {pace}, under the {said.least} percent that are configured" if slow else "",
        f"it does without {', '.join(serving)}, where instances are healthy" if serving else "",
    )
    raise Refused(
        f"{release.service}: the record says of the deploy of {release.image} that {' and '.join(filter(None, facts))}",
        f"where that was meant: `bluegreen resume {' '.join(flags)} {release.service}`; "
        f"`bluegreen rollback {release.service}` takes it back",
    )
