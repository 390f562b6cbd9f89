"""The terms of a pair's release: what every release has, and what only a pair knows. Each declared once, here.

Quick to import, and pure: the flags of the command line are made from here.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from bluegreen.declared import DURATION, EVERY_VERB, Value, setting
from bluegreen.flow import terms as flow
from bluegreen.flow.terms import Derived
from bluegreen.ranges import Faults, printable
from bluegreen.words import shown

OURS = "bluegreen:"
"""How the tool's own tags begin."""


def is_group(text: object) -> bool:
    """Whether this can be the name of an Auto Scaling group: 1 to 255 characters without a colon (botocore model)."""
    return printable(text) and ":" not in str(text)


def is_tag_key(text: object) -> bool:
    """Whether an image may stand under this key of a group's tag: neither AWS's own nor one of ours."""
    return printable(text, 128) and not str(text).startswith(("aws:", OURS))


def tag_key(value: object) -> str:
    """Return a tag's key (1 to 128 characters, not AWS's own, nor ours); raise ``ValueError``."""
    if isinstance(value, str) and is_tag_key(value):
        return value
    if isinstance(value, str) and value.startswith(OURS):
        raise ValueError(f"{shown(value)} begins with {OURS} as bluegreen's own tags do, which it would overwrite")
    raise ValueError(f"{shown(value)} is not the key of a tag")


def _key_faults(name: str, key: str) -> Faults:
    if not is_tag_key(key):
        yield f"{name} is no key of an image's tag: {shown(key)}"


TAG_KEY = Value(metavar="KEY", read=tag_key, spell=lambda key: f'"{key}"', faults=_key_faults)


@frozen(kw_only=True)
class Terms(flow.Terms[Derived]):
    """What was said of a release of a pair, durations in seconds."""

    image_tag_key: str = setting(
        TAG_KEY,
        default="image",
        help="The group tag that instances read their version from.",
        meaning="the group tag that instances read their version from; neither `aws:…` nor `bluegreen:…`; the group "
        "that serves has it, or a deployment is refused",
        example='"image"',
        verbs=EVERY_VERB,
    )
    stabilization: float = setting(
        DURATION,
        default=300.0,
        help="How long a minimum is held up at most, for alarms to calm down.",
        meaning="how long at most a minimum that holds a group up stays up after the traffic has moved, for alarms to "
        "see that the load is shared no more ([decision 15](decisions/0015-when-minimums-are-let-go.md)); "
        '`"0s"` for not at all',
        example='"5m"',
        tag="stabilize",
        lasts=True,
    )
    healthy_for: Derived = setting(
        DURATION,
        default=None,
        help="How long new instances must stay healthy first.",
        meaning="how long a new instance must stay healthy, seen without a gap, before an old one goes on its account "
        '([why](deployment.md#one-passed-check-is-not-health)); `"0s"` for not at all',
        unsaid="derived: the longest unhealthy threshold × interval + time-out of the pair's balancers + 10 s; 75 s "
        "with an Application Load Balancer's defaults",
        example='"75s"',
        tag="healthy",
        lasts=True,
    )


@frozen(kw_only=True)
class Settled(Terms[float], flow.Settled):
    """The terms that a release of a pair began with."""


@frozen(kw_only=True)
class Asked(Terms[float | None], flow.Asked):
    """The terms of a release of a pair as somebody wants them."""

    SETTLED: ClassVar[type[flow.Settled]] = Settled
