"""CloudWatch's minutes: while anything is measured, metrics are reported and alarms evaluated once in each.

Sources: CloudWatch user guide ("Evaluating an alarm"; "Alarm actions": for Auto Scaling, once a minute for as long as
the state lasts). Where nothing is measured alarms keep the state that they are given.
"""

from __future__ import annotations

from attrs import define

from ..core.signals import Signal, signal
from ..core.state import beside
from ..core.world import World
from .evaluation import BREACHES, asked, judge, reason
from .figures import LENGTH, minute_of
from .metrics import datapoints, metric_of
from .records import Record, turn
from .state import CLOUDWATCH

PACED = {"EvaluationWindow", "WarmUpConfiguration"}

MINUTE_OVER: Signal[[World, int]] = signal("minute over")
"""Whoever reports metrics keeps those of the minute of this number."""
ALARMS_EVALUATED: Signal[[World, list[Record]]] = signal("alarms evaluated")
"""Once a minute; whatever alarms name as their action may act."""


@define
class Minutes:
    """``live``: something is measured, and alarms are evaluated; ``beating``: the end of a minute is due."""

    live: bool = False
    beating: bool = False


MINUTES = beside("minutes", Minutes)


def live(world: World) -> bool:
    """Whether alarms are evaluated."""
    return world.beside[MINUTES].live


def measure_while(world: World, is_live: bool) -> None:
    """Let there be something to measure, or nothing; the first that there is starts the minutes."""
    minutes = world.beside[MINUTES]
    minutes.live = is_live
    if is_live and not minutes.beating:
        minutes.beating = True
        _beat_next(world)


def _beat_next(world: World) -> None:
    length = world.options[LENGTH]
    world.later((minute_of(world.time, length) + 1) * length - world.time, beat)


def beat(world: World) -> None:
    """Measure, evaluate and act, and do so again in a minute."""
    minutes = world.beside[MINUTES]
    minutes.beating = minutes.live
    if not minutes.live:
        return
    try:
        MINUTE_OVER.send(world, minute_of(world.time, world.options[LENGTH]))
        alarms = list(world[CLOUDWATCH].alarms.values())
        for alarm in alarms:
            evaluate(world, alarm)
        ALARMS_EVALUATED.send(world, alarms)
    finally:  # a fault in one minute is none in the next
        _beat_next(world)


def evaluate(world: World, alarm: Record) -> None:
    """Let an alarm take the state that its metric gives; one on a metric unknown to the model keeps its own.

    So does one that is evaluated at another pace: at clock boundaries, or after a warm-up.
    """
    key = metric_of(alarm)
    if key is None or alarm["ComparisonOperator"] not in BREACHES or "Threshold" not in alarm or PACED & set(alarm):
        return
    points = datapoints(world, alarm, key, asked(alarm))
    state = judge(alarm, points)
    if state is not None and state != alarm["StateValue"]:
        turn(world, alarm, state, reason(alarm, points, state))
