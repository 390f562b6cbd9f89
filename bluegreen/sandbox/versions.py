"""What an image's name says: the versions that go wrong on purpose, so that one can see what becomes of them."""

from __future__ import annotations

BAD, SLOW, CRASH, HALF, LATE, PORT, QUOTA = "bad-", "slow-", "crash-", "half-", "late-", "port-", "quota-"
HOOK = "hook-"
LATER = 1.0
"""Seconds after its first passed check at which ``late-…`` begins to answer every balancer."""


def answers(version: str, balancer: int, since: float) -> bool:
    """Say whether a version answers a balancer's checks, ``since`` seconds after its first passed check (0: none yet).

    ``balancer`` is its number, 0 for the first. ``bad-…`` and ``port-…`` never do, ``half-…`` answers the first one
    only, ``late-…`` the others later.
    """
    if version.startswith((BAD, PORT)):
        return False
    if balancer == 0:
        return True
    return not version.startswith(HALF) and not (version.startswith(LATE) and since < LATER)


def hangs(version: str) -> bool:
    """Say whether a version takes every request, and answers none in time."""
    return version.startswith(SLOW)


def listens(version: str) -> bool:
    """Say whether a version listens on the port that the balancers check."""
    return not version.startswith(PORT)


def has_room(version: str) -> bool:
    """Say whether the account has room for instances of a version."""
    return not version.startswith(QUOTA)


def is_held(version: str) -> bool:
    """Say whether a launch hook that nobody completes holds instances of a version."""
    return version.startswith(HOOK)


def crashes(version: str) -> bool:
    """Say whether a version dies some time after its first passed check."""
    return version.startswith(CRASH)
