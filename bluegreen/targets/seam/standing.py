"""Where a release stands, for whoever is asked to do something with it: of any target."""

from __future__ import annotations

from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK, Release


def finishable(release: Release) -> bool:
    """Whether what a release keeps for a rollback can be retired, or some of it is already."""
    return release.rests or release.goal == FINISH


def cold(release: Release) -> bool:
    """Whether the release is a rollback that deploys the previous image, and has not come to serve alone yet."""
    return bool(release.instead_of) and release.goal == DEPLOY and not release.passed("deployed")


def cut_off_on_the_way_back(release: Release) -> bool:
    """Whether a rollback asked again means this one: it deploys, or it failed and turned around by itself."""
    failed = bool(release.instead_of and release.reason) and release.goal == ROLLBACK
    return cold(release) or failed


def taken_back_by(release: Release, image: str) -> bool:
    """Whether ``image`` is what a cold rollback under way, or one that turned around, takes the place of."""
    turned = bool(release.instead_of) and release.goal == ROLLBACK
    return image == release.instead_of == release.previous_image and (cold(release) or turned)


def asked_for(release: Release) -> str:
    """Return the goal that a person had asked for, whatever it has turned to since by itself."""
    return DEPLOY if release.reason else release.goal
