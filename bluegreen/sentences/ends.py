"""How a run of any target has ended: the one line that it leaves on stdout."""

from __future__ import annotations

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import duration
from bluegreen.words import as_word

GERUNDS = {
    "deploy": "deploying",
    "rollback": "rolling back",
    "finish": "finishing",
    "resume": "resuming",
    "cleanup": "cleaning up",
    "adopt": "adopting",
    "close": "closing",
    "pause": "pausing",
}
"""What a lease is held for, as somebody does it."""


@example("v2", "web-green", 6)
@example("v2", "web-green", None)
def live(image: str, side: str, healthy: int | None) -> str:
    """Which version serves, where, and how many are healthy there, as far as the last look tells."""
    return f"{image} is live on {side}{_healthy(healthy)}"


@example("v1", "web-blue", 6)
def live_again(image: str, side: str, healthy: int | None) -> str:
    """The version before serves again."""
    return f"{image} is live on {side} again{_healthy(healthy)}"


@example("v1 is live on web-blue (2 healthy)", "v2", "no progress for 5 min, web-green: 0 of 2 healthy")
def rolled_back(serves: str, image: str, why: str) -> str:
    """A deployment has been taken back by itself."""
    return f"rolled back: {serves}; {image} failed: {as_word(why)}"


@example("v1 is live on web-blue (2 healthy)", "v2", "ana@laptop asked for it: the numbers look wrong")
def taken_back(serves: str, image: str, why: str) -> str:
    """A deployment has been taken back since somebody asked its run for that, from elsewhere."""
    return f"rolled back: {serves}; {image} was taken back: {why}"


@example("v1 is live on web-blue again (2 healthy)", "v2")
def restored(serves: str, image: str) -> str:
    """A rollback that a person asked for has ended."""
    return f"{serves}; nothing of {image} is left"


@example("v1", "no progress for 5 min, web-green: 0 of 2 healthy")
def nothing_serves(image: str, why: str) -> str:
    """A first deployment has been taken back by itself."""
    return f"back to zero, nothing serves; {image} failed: {as_word(why)}"


@example("v1")
def back_to_zero(image: str) -> str:
    """A first deployment has been taken back by a person."""
    return f"back to zero, as before {image}"


@example("ana@build-1", 4711, "deploy v2", 42.0)
@example("root@vm", 12, "cleanup", 3.0)
def is_at_it(who: str, process: int, why: str, seconds: float) -> str:
    """Somebody else's command is under way, as its own dates tell for how long."""
    verb, _, what = why.partition(" ")
    doing = f"{GERUNDS[verb]} {what}".rstrip() if verb in GERUNDS else f"at it ({as_word(why)})"
    return f"{as_word(who)} (process {process}) has been {doing} for {duration(seconds)}"


def _healthy(count: int | None) -> str:
    return "" if count is None else f" ({count} healthy)"
