"""The terms that every release has, whatever it runs on: each declared once, here.

*Asked* they are as somebody wrote them, a deadline ``None`` where nobody said one; *settled* they are those that the
release began with. A target declares its own beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import attrs
from attrs import frozen

from bluegreen import arguments
from bluegreen.declared import BEGINNING, DURATION, POSITIVE_DURATION, Value, declared, setting
from bluegreen.flow import limits
from bluegreen.flow.limits import BLUE_GREEN, RECREATE, ROLLING, STRATEGIES, Limits, Pace, Share
from bluegreen.ranges import MANY, Faults, each, few, lasting_or_endless, printable
from bluegreen.words import shown

Derived = TypeVar("Derived", bound=float | None)
"""What is worked out where nobody says it: ``float | None`` asked, ``float`` settled."""


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
    read=limits.parse_pace,
    write=limits.written_pace,
    spell=lambda pace: f"{{ least = {pace.least}, most = {pace.most} }}",
    faults=limits.pace_faults,
    learn=limits.learned_pace,
)
STRATEGY = Value(
    metavar="STRATEGY",
    read=limits.strategy,
    spell=lambda name: f'"{name}"',
    faults=limits.strategy_faults,
)
SURGE = Value(
    metavar="SHARE",
    read=limits.parse_share,
    write=limits.written_share,
    spell=lambda share: f'"{share}"',
    faults=limits.share_faults,
    tell=limits.told_share,
    learn=limits.learned_share,
)
MISSING = attrs.evolve(SURGE, read=limits.parse_missing, faults=limits.missing_faults)
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
        instead=True,
        verbs=BEGINNING | {"resume"},
        tag="pace",
    )
    strategy: str = setting(
        STRATEGY,
        default=BLUE_GREEN,
        help=f"How the new version takes the old one's place: {', '.join(STRATEGIES)}.",
        meaning="how the new version takes the old one's place: see [strategies](deployment.md#strategies)",
        example='"rolling"',
        verbs=BEGINNING | {"resume"},
        tag="strategy",
        quiet=True,
    )
    max_surge: Share | None = setting(
        SURGE,
        default=None,
        help="How many may run beside what is needed: 2, or 25%.",
        meaning='how many may run beside what is needed: a count, or a percentage of demand (`"25%"`), rounded up',
        unsaid="the strategy's",
        example='"25%"',
        verbs=BEGINNING | {"resume"},
        tag="surge",
        quiet=True,
    )
    max_unavailable: Share | None = setting(
        MISSING,
        default=None,
        help="How many of those needed may be missing: 0, or 25%.",
        meaning='how many of those needed may be missing: a count, or a percentage of demand (`"25%"`), rounded down',
        unsaid="the strategy's",
        example="0",
        verbs=BEGINNING | {"resume"},
        tag="gone",
        quiet=True,
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

    @property
    def limits(self) -> Limits:
        """How few may serve and how many may run, of any demand."""
        return limits.limits_of(self.strategy, self.pace, self.max_surge, self.max_unavailable)


LIMITING = ("strategy", "pace", "max_surge", "max_unavailable")
"""The terms that limit how few may serve and how many may run."""


def limiting(terms: Terms[Any]) -> tuple[str, ...]:
    """Return the flags that say the limits of a release again."""
    known, pace = declared(Terms), terms.limits == terms.pace.limits
    names = ("pace",) if pace else tuple(name for name in LIMITING if name != "pace")
    return tuple(f"{known[name].flag} {getattr(terms, name)}" for name in names if getattr(terms, name) is not None)


def limits_told(tags: Mapping[str, str]) -> Limits:
    """Return the limits that tags tell; raise ``ValueError`` where they tell what no release can have."""
    known = {one.name: one for one in (declared(Terms)[name] for name in LIMITING)}
    told = {name: one.value.learn(tags[one.tag]) for name, one in known.items() if one.tag in tags}
    if faults := [fault for name, value in told.items() for fault in known[name].value.faults(name, value)]:
        raise ValueError(faults[0])
    return limits.limits_of(**{name: told.get(name, one.default) for name, one in known.items()})


@frozen(kw_only=True)
class Settled(Terms[float]):
    """The terms that a release began with: nothing is left to be derived, and the alarms are those that guard it."""

    def __attrs_post_init__(self) -> None:
        open_ = {name for name, one in declared(type(self)).items() if not one.quiet}
        if lacking := [name for name in declared(type(self)) if name in open_ and getattr(self, name) is None]:
            raise ValueError(f"not settled: {', '.join(lacking)}")


@frozen(kw_only=True)
class Asked(Terms[float | None]):
    """The terms as somebody wants them: what may be derived may be left open."""

    SETTLED: ClassVar[type[Settled]] = Settled
    """What they become when a release begins."""

    @classmethod
    def at_odds(cls, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the key of each of some values that does not go with the others, with a sentence."""
        strategy = said.get("strategy", BLUE_GREEN)
        shares = [key for key in ("max_surge", "max_unavailable") if key in said]
        if "pace" in said and shares:
            yield "pace", f"pace and {' and '.join(shares)} both say how many may serve and run: leave one of them out"
        if strategy == RECREATE and (limited := [key for key in ("pace", *shares) if key in said]):
            yield "strategy", f"recreate takes all out before any comes up, so that {' and '.join(limited)} cannot hold"
        if "pace" in said and strategy == ROLLING:
            yield "strategy", "pace says how many may serve and run, and so does rolling: leave one of them out"
        if all(said.get(key) in (Share(0), Share(0, percent=True)) for key in ("max_surge", "max_unavailable")):
            yield "max_unavailable", "max_surge and max_unavailable are both 0: nothing could ever move"

    def settled(self, **found: Any) -> Any:
        """Return the terms of a release, an instance of ``SETTLED``, with what was ``found``."""
        kept = {name: getattr(self, name) for name in declared(self.SETTLED)}
        return self.SETTLED(**{**kept, **found})
