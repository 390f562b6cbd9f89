"""What people ask of the run that is at work on a release, from another terminal or another machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from bluegreen.flow.release import DEPLOY, Release

PAUSE = "pause"
BACK = "back"
ASKED = (BACK, PAUSE)
"""What can be asked for; what takes a release back goes before all else."""

R_contra = TypeVar("R_contra", bound=Release, contravariant=True)


@frozen(kw_only=True)
class Request:
    """``what`` somebody, ``by`` name, asks of the release with the id ``release``, since ``at`` (POSIX seconds).

    ``id`` is its own; ``why`` is what was said to it.
    """

    id: str
    what: str
    release: str
    by: str
    at: float
    why: str = ""


class Desk(Protocol[R_contra]):
    """Where requests lie: they are taken in the very write that acts on them."""

    def asked(self, release: R_contra) -> Request | None:
        """Return what is asked of a release now; what is asked of another one is no matter of its."""

    def take(self, request: Request) -> None:
        """Let the next write of the record take a request from it."""


class Nobody(Generic[R_contra]):
    """Nobody asks for anything."""

    def asked(self, release: R_contra) -> Request | None:
        """Return nothing."""
        return None

    def take(self, request: Request) -> None:
        """Take nothing."""


def first_of(requests: Iterable[Request], release: Release) -> Request | None:
    """Return what is asked of a release first: to take it back goes before all else."""
    ours = [one for one in requests if one.release == release.id and one.what in ASKED]
    return min(ours, key=lambda one: (ASKED.index(one.what), one.at), default=None)


def may_pause(release: Release) -> bool:
    """Whether a run can leave a release where it stands for a request."""
    return release.may_pause


def may_go_back(release: Release) -> bool:
    """Whether a run can turn back for a request: it deploys, is not over, and something ran before."""
    return release.goal == DEPLOY and not release.rests and release.can_go_back
