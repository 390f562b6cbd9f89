"""What a look at a pair can be asked for beyond groups and balancers. Pure.

A step of a plan asks for what it needs, and the answer comes onto the same look. What was not asked for is not known:
it never reads as empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from attrs import frozen

One = TypeVar("One")


@frozen(order=True)
class Metric:
    """A CloudWatch metric, and how it is taken over each minute: ``statistic`` is AWS's name of it."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


class NotAsked(Exception):
    """A step reads what the look was not asked for: an error of ours, since nothing can be concluded from that."""


@frozen(kw_only=True)
class More:
    """What a look can be asked for beyond groups and balancers.

    EC2 ``machines`` by their ids; ``activities`` by group, each since a POSIX second of AWS's clock (0: all that AWS
    remembers); CloudWatch ``alarms`` by name; the ``scaling`` settings of groups; ``metrics``.
    """

    machines: tuple[str, ...] = ()
    activities: tuple[tuple[str, float], ...] = ()
    alarms: tuple[str, ...] = ()
    scaling: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.machines or self.activities or self.alarms or self.scaling or self.metrics)

    def __str__(self) -> str:
        """What it is, as the subject of a sentence."""
        words = (
            ("EC2 instances", self.machines),
            (f"the activities of {_listed(group for group, _ in self.activities)}", self.activities),
            ("alarms", self.alarms),
            (f"the scaling settings of {_listed(self.scaling)}", self.scaling),
            ("metrics", self.metrics),
        )
        return _listed(word for word, asked in words if asked)

    def beyond(self, known: More) -> More:
        """Return what of it is not in ``known``: of a group's activities all, where they are known since later."""
        if not self:
            return NOTHING
        return More(
            machines=_without(self.machines, known.machines),
            activities=tuple((group, since) for group, since in self.activities if known.since(group) > since),
            alarms=_without(self.alarms, known.alarms),
            scaling=_without(self.scaling, known.scaling),
            metrics=_without(self.metrics, known.metrics),
        )

    def also(self, more: More) -> More:
        """Return both together: of a group's activities those since the earlier time."""
        groups = dict.fromkeys(group for group, _ in (*self.activities, *more.activities))
        return More(
            machines=_together(self.machines, more.machines),
            activities=tuple((group, min(self.since(group), more.since(group))) for group in groups),
            alarms=_together(self.alarms, more.alarms),
            scaling=_together(self.scaling, more.scaling),
            metrics=_together(self.metrics, more.metrics),
        )

    def since(self, group: str) -> float:
        """Return since when a group's activities are asked for (POSIX seconds), infinity where they are not."""
        return min((since for name, since in self.activities if name == group), default=math.inf)


NOTHING = More()


def _listed(words: Iterable[str]) -> str:
    return " and ".join(words)


def _without(some: tuple[One, ...], known: tuple[One, ...]) -> tuple[One, ...]:
    return tuple(one for one in some if one not in known)


def _together(some: tuple[One, ...], more: tuple[One, ...]) -> tuple[One, ...]:
    return (*some, *_without(more, some))
