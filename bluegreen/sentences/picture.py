"""What the picture of a run says beside its table, whatever the service runs on."""

from __future__ import annotations

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import duration
from bluegreen.words import plural


@example("deploy", "v1", "v2")
@example("rollback", "v1", "v2")
@example("finish", "v1", "v2")
def goes(goal: str, was: str | None, image: str) -> str:
    """Where a release is going."""
    before = was or "nothing"
    return {"deploy": f"deploy {before} → {image}", "rollback": f"rollback {image} → {before}"}.get(
        goal, f"{goal} of {image}"
    )


@example("v1", "v2")
def goes_back(was: str | None, image: str) -> str:
    """A deployment that has turned back by itself."""
    before = was or "nothing"
    return f"deploy {before} → {image}  ROLLING BACK to {before}"


@example(9, 6)
@example(9, None)
def how_many(healthy: int, needed: int | None) -> str:
    """What serves, and what must."""
    return f"{healthy} healthy{'' if needed is None else f', {needed} needed'}"


@example(34)
@example(1)
def others(count: int) -> str:
    """Instances that are ill, too, and for which there is no room."""
    return f"… and {count} more {plural(count, 'instance').split(' ', 1)[1]}"


@example(102.0, 220.0)
def of_usual(seconds: float, usual: float) -> str:
    """For how long something has been under way, and how long it takes usually."""
    return f"{duration(seconds)} of ≈ {duration(usual)}"


@example(221.0, 220.0)
@example(221.0, None)
def took(seconds: float, usual: float | None) -> str:
    """How long a run took, and how long it does usually."""
    return f"took {duration(seconds)}{'' if usual is None else f' (usually {duration(usual)})'}"


FRESH = 5.0
"""Seconds for which what a run has said is as good as new."""


@example("bake: 0 s of 10 min", 190.0)
@example("bake: 0 s of 10 min", 1.0)
def said_ago(reason: str, seconds: float) -> str:
    """What a run that is followed from outside has said last; figures in it are as old as that."""
    return f"{reason} ({duration(seconds)} ago)" if seconds >= FRESH else reason


@example("web", "deploy", "v2")
def view_ended(service: str, goal: str, image: str) -> str:
    """Who watched has pressed Ctrl-C, or has gone."""
    return f"the view of {service} ended, the {goal} of {image} goes on: `bluegreen watch {service}`"


@example("web")
def view_of_nothing_ended(service: str) -> str:
    """Who watched has pressed Ctrl-C, and nothing was open."""
    return f"the view of {service} ended, nothing was changed"
