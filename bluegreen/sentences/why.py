"""What is told of a deployment that was taken back, once its instances are gone."""

from __future__ import annotations

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import clock

NOON = 1_795_953_600.0


@example("v2", "web:20261129-211157-34bb", NOON)
@example("v2", "web:20261129-211157-34bb", None)
def was_taken_back(image: str, release: str, until: float | None) -> str:
    """The release is over; ``until`` is when its trouble was seen last."""
    seen = f"; seen until {clock(until)}" if until is not None else ""
    return f"{image} was rolled back ({release}): its instances are gone{seen}"


@example("v2", "web:20261129-211157-34bb", NOON)
def is_taken_back(image: str, release: str, until: float | None) -> str:
    """The release is on its way back."""
    seen = f"; seen until {clock(until)}" if until is not None else ""
    return f"{image} is being rolled back ({release}){seen}"


@example()
def healthy_or_gone() -> str:
    """What kept an instance from being healthy is over, or the instance is."""
    return "no longer: it is healthy, or gone"


@example("v2", "web:20261129-211157-34bb")
def is_over(image: str, release: str) -> str:
    """Another release that is asked for."""
    return f"{image} was deployed ({release}): what follows was seen on the way"


@example()
def nothing_kept() -> str:
    """Nothing was unhealthy in a release, or its events were not kept."""
    return "none is on record"
