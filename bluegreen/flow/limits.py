"""How few may serve and how many may run while a release replaces what serves: two functions of demand. Pure.

Demand is counted in members at each look, so that a count stays a count and a percentage one of what is needed then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from bluegreen import arguments
from bluegreen.ranges import MOST, Faults
from bluegreen.words import shown


class Limits(Protocol):
    """Two functions of how many members the traffic needs."""

    def least(self, demand: int) -> int:
        """Return how many of ``demand`` must serve at all times."""

    def most(self, demand: int) -> int:
        """Return how many may run together where ``demand`` are needed."""


@frozen
class Pace:
    """How few may serve and how many may run, in percent of demand (100/200 is blue-green).

    ``least`` is rounded up, ``most`` down, as Amazon ECS rounds minimumHealthyPercent and maximumPercent.
    """

    least: int = 100
    most: int = 200

    def __str__(self) -> str:
        return f"{self.least}/{self.most}"

    @property
    def limits(self) -> PaceLimits:
        """The two functions."""
        return PaceLimits(self)


@frozen
class PaceLimits:
    """The limits of a pace."""

    pace: Pace

    def __str__(self) -> str:
        return str(self.pace)

    def least(self, demand: int) -> int:
        """Return how many of ``demand`` must serve."""
        return -(-demand * self.pace.least // 100)

    def most(self, demand: int) -> int:
        """Return how many may run together."""
        return demand * self.pace.most // 100


@frozen
class Share:
    """So many members, or so many percent of demand."""

    number: int
    percent: bool = False

    def __str__(self) -> str:
        return f"{self.number}%" if self.percent else str(self.number)

    def of(self, demand: int, *, up: bool = False) -> int:
        """Return how many members that is; a part of one is none, or with ``up`` a whole one."""
        if not self.percent:
            return self.number
        return -(-demand * self.number // 100) if up else demand * self.number // 100


NONE, ALL = Share(0), Share(100, percent=True)


@frozen
class Rolling:
    """How many may run beside what is needed, and how many of it may be missing.

    ``surge`` is rounded up and ``unavailable`` down; where both come to nothing, one may be missing, as Kubernetes has
    it (kubernetes/kubernetes, pkg/controller/deployment/util: ResolveFenceposts).
    """

    surge: Share = ALL
    unavailable: Share = NONE

    def __str__(self) -> str:
        return f"surge {self.surge}, unavailable {self.unavailable}"

    def least(self, demand: int) -> int:
        """Return how many of ``demand`` must serve."""
        missing = self.unavailable.of(demand)
        if missing == 0 and self.surge.of(demand, up=True) == 0:
            missing = 1
        return max(0, demand - missing)

    def most(self, demand: int) -> int:
        """Return how many may run together."""
        return demand + self.surge.of(demand, up=True)


BLUE_GREEN, ROLLING, RECREATE = "blue-green", "rolling", "recreate"
STRATEGIES: Mapping[str, Rolling] = {
    BLUE_GREEN: Rolling(),
    ROLLING: Rolling(Share(25, percent=True), NONE),
    RECREATE: Rolling(NONE, ALL),
}
"""What each strategy allows where nothing else is said. Kubernetes' rolling update has 25 % unavailable as well."""


def limits_of(strategy: str, pace: Pace, max_surge: Share | None, max_unavailable: Share | None) -> Limits:
    """Return the limits of a release: its strategy's, with what is said of them; else its pace's."""
    if strategy == BLUE_GREEN and max_surge is None and max_unavailable is None:
        return pace.limits
    usual = STRATEGIES[strategy]
    return Rolling(
        usual.surge if max_surge is None else max_surge,
        usual.unavailable if max_unavailable is None else max_unavailable,
    )


COMPARED = 1000
"""Demands up to which two limits are compared: beyond them percentages decide, as they do there."""


def is_lower(one: Limits, other: Limits) -> bool:
    """Whether fewer may serve within one's limits than within the other's, whatever the demand is."""
    return any(one.least(demand) < other.least(demand) for demand in range(1, COMPARED + 1))


# ---- as people write them ----


def parse_pace(value: object) -> Pace:
    """Return the pace in ``"100/200"`` or ``{ least = 100, most = 200 }``, in percent; raise ``ValueError``."""
    found = re.fullmatch(r"(\d{1,3})/(\d{1,4})", value, re.A) if isinstance(value, str) else None
    match {"least": int(found[1]), "most": int(found[2])} if found else value:
        case {"least": int(least), "most": int(most), **rest} if not rest and 0 <= least <= 100 <= most <= 1000:
            if not isinstance(least, bool):
                return Pace(least, most)
    raise ValueError(f"{shown(value)} is not a pace such as 75/150 or {{ least = 75, most = 150 }} (percent)")


def written_pace(name: str, value: object) -> object:
    """Return a pace as the file has it; raise ``Usage`` for what is none."""
    return {word: _percent(name, value, word) for word in ("least", "most")}


def _percent(name: str, pace: object, word: str) -> int:
    share = getattr(pace, word, None)
    if not isinstance(share, int) or isinstance(share, bool):
        raise arguments.wrong(name, pace, "a Pace of two whole numbers")
    return share


def pace_faults(name: str, pace: Pace) -> Faults:
    """Yield what is wrong with a pace on record."""
    if not 0 <= pace.least <= 100 <= pace.most <= 1000:
        yield f"{name} is no pace: {shown(pace.least)}/{shown(pace.most)}"


def learned_pace(text: str) -> Pace:
    """Return the pace that a tag tells; raise ``ValueError``."""
    least, _, most = text.partition("/")
    return Pace(int(least), int(most))


MOST_PERCENT = 900
"""Percent of demand that may run beside it, as a pace allows."""


def parse_share(value: object) -> Share:
    """Return the share in ``3`` or ``"3"`` (members), or ``"25%"`` (of demand); raise ``ValueError``."""
    found = re.fullmatch(r"(\d{1,6})(%?)", value, re.A) if isinstance(value, str) else None
    share = Share(int(found[1]), found[2] == "%") if found else Share(value) if type(value) is int else None
    if share is None or not _is_share(share):
        raise ValueError(f'{shown(value)} is neither a count of 0 or more nor a percentage such as "25%"')
    return share


def parse_missing(value: object) -> Share:
    """Return the share that may be missing: no more than all; raise ``ValueError``."""
    share = parse_share(value)
    if share.percent and share.number > 100:
        raise ValueError(f"{shown(value)} is more than all that serve")
    return share


def _is_share(share: Share) -> bool:
    return 0 <= share.number <= (MOST_PERCENT if share.percent else MOST)


def written_share(name: str, value: object) -> object:
    """Return a share as the file has it; raise ``Usage`` for what is none."""
    number, percent = getattr(value, "number", None), getattr(value, "percent", None)
    if type(number) is not int or type(percent) is not bool:
        raise arguments.wrong(name, value, "a Share of a whole number")
    return str(value)


def share_faults(name: str, share: Share | None) -> Faults:
    """Yield what is wrong with a share on record; none at all is the strategy's."""
    if share is not None and not _is_share(share):
        yield f"{name} is neither a count nor a percentage: {shown(str(share))}"


def missing_faults(name: str, share: Share | None) -> Faults:
    """Yield what is wrong with a share that may be missing."""
    yield from share_faults(name, share)
    if share is not None and share.percent and share.number > 100:
        yield f"{name} is more than all: {shown(str(share))}"


def told_share(share: Share) -> str:
    """Return a share as a tag tells it, which may have no percent sign (Auto Scaling user guide: tag your groups)."""
    return f"p{share.number}" if share.percent else str(share.number)


def learned_share(text: str) -> Share:
    """Return the share that a tag tells; raise ``ValueError``."""
    return Share(int(text.removeprefix("p")), text.startswith("p"))


def strategy(value: object) -> str:
    """Return the name of a strategy; raise ``ValueError``."""
    if isinstance(value, str) and value in STRATEGIES:
        return value
    raise ValueError(f"{shown(value)} is no strategy: {', '.join(STRATEGIES)}")


def strategy_faults(name: str, value: str) -> Faults:
    """Yield what is wrong with a strategy on record."""
    if value not in STRATEGIES:
        yield f"{name} is no strategy: {shown(value)}"
