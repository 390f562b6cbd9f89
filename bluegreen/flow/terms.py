"""The terms that every release has, whatever it runs on: each declared once, here.

*Asked* they are as somebody wrote them, a deadline ``None`` where nobody said one; *settled* they are those that the
release began with. A target declares its own beside them.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Generic, TypeVar

import attrs
from attrs import frozen

from bluegreen import arguments
from bluegreen.declared import BEGINNING, DURATION, POSITIVE_DURATION, Value, declared, setting
from bluegreen.ranges import MANY, Faults, each, few, lasting_or_endless, printable
from bluegreen.words import shown

Derived = TypeVar("Derived", bound=float | None)
"""What is worked out where nobody says it: ``float | None`` asked, ``float`` settled."""


@frozen
class Pace:
    """How few may serve and how many may run, in percent of demand (100/200 is blue-green)."""

    least: int = 100
    most: int = 200

    def __str__(self) -> str:
        return f"{self.least}/{self.most}"


def parse_pace(value: object) -> Pace:
    """Return the pace in ``"100/200"`` or ``{ least = 100, most = 200 }``, in percent; raise ``ValueError``."""
    found = re.fullmatch(r"(\d{1,3})/(\d{1,4})", value, re.A) if isinstance(value, str) else None
    match {"least": int(found[1]), "most": int(found[2])} if found else value:
        case {"least": int(least), "most": int(most), **rest} if not rest and 0 <= least <= 100 <= most <= 1000:
            if not isinstance(least, bool):
                return Pace(least, most)
    raise ValueError(f"{shown(value)} is not a pace such as 75/150 or {{ least = 75, most = 150 }} (percent)")


def _written_pace(name: str, value: object) -> object:
    return {word: _percent(name, value, word) for word in ("least", "most")}


def _percent(name: str, pace: object, word: str) -> int:
    share = getattr(pace, word, None)
    if not isinstance(share, int) or isinstance(share, bool):
        raise arguments.wrong(name, pace, "a Pace of two whole numbers")
    return share


def _pace_faults(name: str, pace: Pace) -> Faults:
    if not 0 <= pace.least <= 100 <= pace.most <= 1000:
        yield f"{name} is no pace: {shown(pace.least)}/{shown(pace.most)}"


def _learned_pace(text: str) -> Pace:
    least, _, most = text.partition("/")
    return Pace(int(least), int(most))


def alarm_names(value: object) -> tuple[str, ...]:
    """Return the names of CloudWatch alarms in a list, or in ``"one,other"``; raise ``ValueError``."""
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if isinstance(names, list) and len(names) <= 20 and all(map(_is_alarm_name, names)):
        return tuple(dict.fromkeys(names))
    raise ValueError(f'{shown(value)} is not a list of at most 20 names of alarms such as ["web-5xx"]')


def _is_alarm_name(name: object) -> bool:
    return printable(name)


def _written_names(name: str, value: object) -> list[object]:
    return list(arguments.kind(name, value, tuple))


def _alarm_faults(name: str, names: tuple[str, ...]) -> Faults:
    yield from few(name, names, MANY)
    yield from each(name, names, printable, "name of an alarm")


def _counted(names: tuple[str, ...]) -> str:
    return str(len(names))


def _unnamed(_: str) -> tuple[str, ...]:
    """A tag tells how many alarms there were, and not which: the configuration names them."""
    return ()


ALARMS = Value(
    metavar="NAME,…",
    read=alarm_names,
    write=_written_names,
    faults=_alarm_faults,
    tell=_counted,
    learn=_unnamed,
)
PACE = Value(
    metavar="LEAST/MOST",
    read=parse_pace,
    write=_written_pace,
    spell=lambda pace: f"{{ least = {pace.least}, most = {pace.most} }}",
    faults=_pace_faults,
    learn=_learned_pace,
)
DEADLINE = attrs.evolve(POSITIVE_DURATION, faults=lasting_or_endless)


@frozen(kw_only=True)
class Terms(Generic[Derived]):
    """What was said of a release, durations in seconds."""

    bake: float = setting(
        DURATION,
        default=600.0,
        help="How long the new image must serve well alone before it counts as deployed.",
        meaning='how long the new side serves alone before the deployment returns; `"0s"` for not at all. '
        "A new side that falls below the floor meanwhile is taken back.",
        example='"10m"',
        tag="bake",
        lasts=True,
    )
    keep_parked: float = setting(
        DURATION,
        default=3600.0,
        help="How long `cleanup` leaves the parked instances.",
        meaning="how long after the deployment `cleanup` leaves the old instances parked",
        example='"1h"',
        tag="keep",
    )
    deadline: Derived = setting(
        DEADLINE,
        default=None,
        help="Roll back when it takes longer in all.",
        meaning="a deployment that has not moved the traffic by then is taken back; counted from its beginning, and "
        "anew when a person resumes it",
        unsaid="derived: `20m`, or [longer](deployment.md#when-something-fails) where three launches of this pair, or "
        "the waves of its pace, take longer",
        example='"20m"',
        tag="allowed",
    )
    progress_deadline: Derived = setting(
        POSITIVE_DURATION,
        default=None,
        help="Roll back after so long without progress.",
        meaning="a deployment without progress for so long is taken back; a rollback or finish is blocked",
        unsaid="[derived from the pair](deployment.md#when-something-fails)",
        example='"5m"',
        tag="progress",
    )
    pace: Pace = setting(
        PACE,
        default=Pace(),
        help="How few may serve and how many may run, in percent of demand.",
        meaning="how few may serve and how many may run meanwhile, in percent of demand: see "
        "[paces](deployment.md#paces)",
        example="{ least = 100, most = 200 }",
        verbs=BEGINNING | {"resume"},
        tag="pace",
    )
    alarms: tuple[str, ...] = setting(
        ALARMS,
        default=(),
        help="CloudWatch alarms of which none may fire in the bake.",
        meaning="CloudWatch alarms that guard a release, at most 20: one that fires from the first healthy new "
        "instance to the end of the bake takes the deployment back, and keeps `finish` and `cleanup` from retiring "
        "what is parked. One that fires already when the release begins does not guard it.",
        unsaid="none",
        example='["web-5xx"]',
        tag="alarms",
    )


@frozen(kw_only=True)
class Settled(Terms[float]):
    """The terms that a release began with: nothing is left to be derived, and the alarms are those that guard it."""

    def __attrs_post_init__(self) -> None:
        if lacking := [name for name in declared(type(self)) if getattr(self, name) is None]:
            raise ValueError(f"not settled: {', '.join(lacking)}")


@frozen(kw_only=True)
class Asked(Terms[float | None]):
    """The terms as somebody wants them: what may be derived may be left open."""

    SETTLED: ClassVar[type[Settled]] = Settled
    """What they become when a release begins."""

    def settled(self, **found: Any) -> Any:
        """Return the terms of a release, an instance of ``SETTLED``, with what was ``found``."""
        kept = {name: getattr(self, name) for name in declared(self.SETTLED)}
        return self.SETTLED(**{**kept, **found})
