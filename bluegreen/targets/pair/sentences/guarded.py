"""Why a guard holds an act back: a correct plan meets few of them."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import few, of
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN, IDS
from bluegreen.words import fits


@example(GREEN, ("web-tg",))
def yet_to_prove(new: str, balancers: Collection[str]) -> str:
    """An instance would go on the account of one that has not stayed healthy for long enough."""
    return of(new, f"has yet to prove that it stays healthy in {', '.join(balancers)}")


@example(IDS[:1])
def not_to_be_terminated(ids: Collection[str]) -> str:
    """An instance would be terminated that the release does not list, or that is still a member, or gets requests."""
    return f"not terminated: {few(ids)} (not listed, tagged, detached and out of every load balancer)"


@example(GREEN, "v3")
def tag_stays(group: str, image: str) -> str:
    """A tag would change beneath instances that run another version."""
    return of(group, f"its image tag must not become {image} while it has instances")


@example(GREEN)
def minimum_first(group: str) -> str:
    """Alarms would be resumed that act at once on what they see."""
    return of(group, "its minimum must be raised before its alarms are resumed")


@example(("web-tg",), "web-green: 1 of 2 healthy")
@example(("web-a", "web-b"), "web-green: 1 of 2 healthy")
def health_not_known(balancers: Collection[str], meanwhile: str) -> str:
    """Nothing is concluded from a wait while load balancers do not answer."""
    does = fits(balancers, "does", "do")
    return f"{', '.join(balancers)} {does} not say whether instances are healthy; meanwhile: {meanwhile}"


@example(GREEN, BLUE)
def other_side_first(other: str, group: str) -> str:
    """No side would scale the service."""
    return f"scaling of {other} must be resumed before that of {group} is suspended"
