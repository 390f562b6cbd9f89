"""A moment at which the autoscaler, or a schedule, really acts in the middle of a verb; the same world without one.

The load rises or falls, and minutes later the alarm of the side that serves makes it larger or smaller; or a scheduled
action is due. The verb begins so much earlier that it is at a certain write just then.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from tests.battery.stage import Stage, opened
from tests.battery.telling import Watching
from tests.support.following import EACH, MINUTE, MOMENT, Arms, History, Load
from tests.support.hands import asked
from tests.support.virtual import BLUE, GREEN

KINDS = ("load-up", "load-down", "schedule")
MODES = ("twins", "moves")
LATENCY = 0.25
"""Seconds that each call takes, so that something can come between two."""
SIDES = {"at once": 0.1, "later": 3.0}
"""Seconds after a write."""

SIZE, SMALLEST, LARGEST = 4, 2, 12
LEVELS = {"load-up": (3.8, 5.8), "load-down": (3.8, 1.8), "schedule": (3.8, 3.8)}
"""Instances that the load needs, before and afterwards."""
SCHEDULED = 6

BEGIN = 1_700_000_000.0
DEPLOYED = BEGIN + 30 * MINUTE
TURN = DEPLOYED + 25 * MINUTE
DUE = 1_700_003_700.0 - 1_700_003_700.0 % MINUTE
"""When the pair is deployed to, where something is to be taken back or finished; when the load turns; a schedule."""

PATIENCE, AFTER = 20.0, 6 * MINUTE
"""Seconds by which capacity may be later than without the verb: looks, launch, boot, checks. And how long is looked."""
TOOL = {"bake": 4.0, "progress_deadline": 400.0, "deadline": 1800.0, "keep_parked": 36000.0}


def ready(verb: str, kind: str, mode: str, watch: Watching = None) -> Stage:
    """Return a pair that has followed its load for a while, on which ``verb`` is the next thing, before the turn."""
    low, high = LEVELS[kind]
    stage = opened(
        watch,
        size=SIZE,
        drain=4.0,
        minimum=SMALLEST,
        maximum=LARGEST,
        tool=TOOL,
        load=Load(((TURN, low), (TURN + 1, high))),
        power=4 * EACH,
        policies=[tracking("requests", MINUTE * EACH)],
        twins=mode == "twins",
        scaling=mode == "moves",
    )
    if kind == "schedule":
        _put_schedule(stage, (BLUE, GREEN) if mode == "twins" else (BLUE,))
        stage.judge.before = stage.pair.picture()
    stage.pair.run_for(DEPLOYED - stage.now)
    if verb != "deploy":
        stage.run("deploy", "v2")
    stage.pair.run_for(TURN - stage.now)
    stage.judge.watch.floor = min(SIZE, int(high) + 1)
    return stage


def _put_schedule(stage: Stage, groups: tuple[str, ...]) -> None:
    when = f"{datetime.fromtimestamp(DUE, UTC):%M %H} * * *"
    for group in groups:
        action = {"ScheduledActionName": "soon", "Recurrence": when, "DesiredCapacity": SCHEDULED}
        asked(stage.pair, "PutScheduledUpdateGroupAction", group, **action)


@functools.lru_cache(maxsize=4)
def base(verb: str, kind: str, mode: str) -> Stage:
    """Return the pair before the turn, to be branched."""
    return ready(verb, kind, mode)


@functools.lru_cache(maxsize=4)
def alone(verb: str, kind: str, mode: str) -> tuple[float, History]:
    """Return when the side that serves first wants another number, without the verb, and its history."""
    stage = base(verb, kind, mode).branch()
    group = stage.pair.sim.groups[BLUE if verb == "deploy" else GREEN]
    history, wanted, end = History().of(stage.pair.sim), group.desired, stage.now + 40 * MINUTE
    turned = 0.0
    while stage.now < end:
        stage.pair.run_for(1.0)
        if not turned and group.desired != wanted:
            turned = stage.now
            end = turned + 2 * AFTER + 5 * MINUTE
    return turned, history


@functools.cache
def writes(verb: str, mode: str) -> tuple[float, ...]:
    """Return when an undisturbed verb makes its writes, in seconds after its begin; 0 is its begin."""
    stage, found = base(verb, "load-up", mode).branch(), [0.0]
    began = stage.now

    def count(on: Stage, side: str, what: Any) -> None:
        if side == "after" and isinstance(what, Call) and not what.reads:
            found.append(on.now - began)

    stage.strikes.append(count)
    go(stage, verb)
    return tuple(found)


def go(stage: Stage, verb: str) -> None:
    """Run ``verb``, on calls that take their time."""
    stage.strikes.append(_slow)
    stage.run(verb, *(("v2",) if verb == "deploy" else ()))


def _slow(stage: Stage, side: str, what: Any) -> None:
    if side == "after" and isinstance(what, Call):
        stage.pair.clock.sleep(LATENCY)


def cases(verbs: tuple[str, ...]) -> Iterator[str]:
    """Yield each write of each verb, with each kind of moment."""
    for verb in verbs:
        for mode in MODES:
            for number in range(len(writes(verb, mode))):
                yield from (f"{verb}/{number}/{side}/{kind}/{mode}" for side in SIDES for kind in KINDS)


def told(key: str, watch: Watching = None) -> tuple[Stage, list[str]]:
    """Return the stage some minutes after the moment, and what was wrong until then."""
    verb, number, side, kind, mode = key.split("/")
    turned, control = alone(verb, kind, mode)
    stage = ready(verb, kind, mode, watch) if watch else base(verb, kind, mode).branch()
    moment = turned - writes(verb, mode)[int(number)] - SIDES[side]
    stage.pair.run_for(moment - stage.now)
    arms, history = Arms(stage.pair.sim), History().of(stage.pair.sim)
    go(stage, verb)
    stage.strikes.clear()
    stage.pair.run_for(max(turned + AFTER, stage.now + MINUTE) - stage.now)
    arms.close()
    found = [f"{verb}: {stage.told[-1].sentence}"] if stage.told[-1].status else []
    return stage, [*found, *_asleep(arms), *late(history, control, moment, stage.now)]


def _asleep(arms: Arms) -> Iterator[str]:
    yield from (f"{end - begin:.1f} s without an armed side" for begin, end, _ in arms.none if end > begin)
    yield from (f"{end - begin:.1f} s both armed" for begin, end, _ in arms.both if end - begin > MOMENT)


def late(history: History, control: History, begin: float, end: float) -> Iterator[str]:
    """Yield the first moment between ``begin`` and ``end`` at which fewer are healthy than without the verb."""
    now = begin + PATIENCE
    while now < end:
        healthy, due = history.at(now), control.least(now - PATIENCE, now)
        if healthy < due:
            yield f"{now - begin:.0f} s after the begin {healthy} are healthy, {due} without the verb"
            return
        now += 2.0
