"""stopped past its lease and continued; clock ± 24 h

A process is stopped (as by SIGSTOP, or by a lid that is closed) for a quarter of a minute to half an hour, at any
read, touch of the record, sleep, event or glance at the clock. Meanwhile nobody, cron, or somebody else on a machine
whose date may be a day off comes by. *Not* a point: between the last look at the lease, made right before each write,
and the moment the request leaves the machine. What is stopped there sends its one request when it goes on, and nothing
outside AWS can keep it from that: AWS knows no condition for these writes.

``dead`` are the other cases: a run is killed on a machine whose date is off, and holds nothing for longer than that.
"""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Callable

from bluegreen.record.book import LENGTH
from tests.battery.rows import Scale
from tests.battery.telling import Watching
from tests.battery.together import Operator, Room, met

MUST = "no write afterwards"
STOPPED, DEAD = 200, 60
DAY = 86_400.0
DATES = (0.0, DAY, -DAY)
VERBS = ("deploy", "rollback", "finish", "cleanup")
KINDS = ("look", "dry", "store", "sleep", "event", "clock")
MEANWHILE = ("nobody", "cron", "cron", "resume", "rollback", "finish", "deploy")
FOUND_OUT = 2.0
"""Seconds that a watcher with patience takes beyond the length of the lease."""

Life = tuple[Operator, Callable[[], None]]


def cases(scale: Scale) -> list[str]:
    """Return the seeds of both kinds."""
    stopped, dead = (STOPPED, DEAD) if scale.full else (30, 8)
    return [*(f"stopped-{seed}" for seed in range(stopped)), *(f"dead-{seed}" for seed in range(dead))]


def run(key: str, watch: Watching = None) -> list[str]:
    """Run one case."""
    kind, seed = key.split("-")
    return {"stopped": stopped, "dead": dead}[kind](int(seed), watch)


# ---- stopped ----


def stopped(seed: int, watch: Watching) -> list[str]:
    """Stop a verb somewhere, let somebody else come, and end what is open."""
    dice = random.Random(f"stopped {seed}")
    verb = dice.choice(VERBS)
    kind, number = somewhere(verb, dice)
    room, late = ready(verb, seed, dice.choice(DATES), watch)
    late.stop = (kind, number, dice.uniform(15.0, dice.choice((120.0, 1800.0))))
    room.play((late, lambda: go(late, verb)), *meanwhile(room, dice))
    found = judged(room, late)
    room.tidy()
    return [*room.verdict(), *found]


def ready(verb: str, seed: int, ahead: float, watch: Watching = None) -> tuple[Room, Operator]:
    """Return a room in which ``verb`` is the next thing to do, and who does it."""
    room = met(watch, seed=seed)
    if verb != "deploy":
        first = room.operator("first@here")
        room.play((first, lambda: go(first, "deploy")))
    if verb == "cleanup":
        room.pair.run_for(601.0)
    return room, room.operator("late@laptop", ahead=ahead)


def go(one: Operator, verb: str) -> None:
    """Run ``verb``."""
    one.run(verb, *(("v2",) if verb == "deploy" else ()))


def somewhere(verb: str, dice: random.Random) -> tuple[str, int]:
    """Return a point of ``verb``."""
    counted = points(verb)
    kind = dice.choice([kind for kind in KINDS if counted[kind]])
    return kind, dice.randint(1, counted[kind])


@functools.cache
def points(verb: str) -> Counter[str]:
    """Return how many points of each kind an undisturbed ``verb`` has."""
    room, one = ready(verb, 0, 0.0)
    room.play((one, lambda: go(one, verb)))
    return Counter(one.points)


def meanwhile(room: Room, dice: random.Random) -> tuple[Life, ...]:
    """Return who comes by, if anybody."""
    verb, ahead = dice.choice(MEANWHILE), dice.choice(DATES)
    if verb == "nobody":
        return ()
    if verb == "cron":
        return (cron(room, ahead, dice.uniform(0.0, 60.0)),)
    other = room.operator("other@desk", ahead=ahead, patience=dice.choice((0.0, 900.0)))
    words = (dice.choice(("v2", "v3")),) if verb == "deploy" else ()

    def life() -> None:
        for _ in range(dice.randint(1, 3)):
            other.wait(dice.uniform(1.0, 90.0))
            other.run(verb, *words)

    return ((other, life),)


def cron(room: Room, ahead: float, offset: float) -> Life:
    """Return somebody who cleans up every minute for as long as another is there."""
    one = room.operator("cron@server", ahead=ahead)

    def life() -> None:
        one.wait(offset)
        while any(not actor.done for actor in room.turns.actors if actor.name != one.who):
            one.run("cleanup")
            one.wait(60.0)

    return one, life


def judged(room: Room, late: Operator) -> list[str]:
    """Return what was wrong with how the stopped one went on."""
    done = next(done for done in room.done if done.who == late.who)
    stop = late.stopped
    if stop is None:
        return []
    if not stop.lost:
        fits = done.status in (0, 3) or "lost to" in done.sentence or (not stop.held and done.status in (75, 4, None))
        return [] if fits else [f"nobody took it, and it ended with {done.status}: {done.sentence}"]
    if done.status in (0, 3) and done.writes == stop.writes and (stop.release is None or stop.release.rests):
        return []  # its work was done, and only the lease was to be given back
    found = [f"{done.writes - stop.writes} writes afterwards"] if done.writes > stop.writes else []
    named = "lost to" in done.sentence and any(who in done.sentence for who in (*done.at_work, "somebody"))
    if done.status != 75 or not named:
        found.append(f"lost the lease, and ended with {done.status}: {done.sentence}; at work: {done.at_work}")
    return found


# ---- dead ----


def dead(seed: int, watch: Watching) -> list[str]:
    """Kill a verb somewhere, and see how soon somebody else has the lease, with patience or as cron."""
    dice = random.Random(f"dead {seed}")
    verb = dice.choice(VERBS)
    crash = somewhere(verb, dice)
    room, late = ready(verb, seed, dice.choice(DATES), watch)
    late.crash = crash
    room.play((late, lambda: go(late, verb)))
    if room.document.lease is None:
        return room.verdict() if room.document.release is None else ended(room)
    room.pair.run_for(dice.choice((0.0, dice.uniform(0.0, 60.0), 4 * 7 * DAY)) if dice.random() < 0.5 else 0.0)
    found = (patient if dice.random() < 0.5 else minutely)(room, dice.choice(DATES))
    return [*ended(room), *found]


def ended(room: Room) -> list[str]:
    """End what is open and return what was wrong."""
    room.tidy()
    return room.verdict()


def patient(room: Room, ahead: float) -> list[str]:
    """Somebody with patience has it within the length of a lease."""
    one, epoch, began = room.operator("other@desk", ahead=ahead, patience=900.0), room.document.epoch, room.now
    room.play((one, lambda: go(one, "resume")))
    took = one.taken_at - began
    if room.document.epoch != epoch + 1 or took > LENGTH + FOUND_OUT:
        return [f"patience had it after {took:.0f} s, {room.done[-1].sentence}"]
    return []


def minutely(room: Room, ahead: float) -> list[str]:
    """Cron, that has none, has it at its second run at the latest."""
    one, epoch = room.operator("cron@server", ahead=ahead), room.document.epoch

    def life() -> None:
        for _ in range(2):
            began = room.now
            one.run("cleanup")
            one.wait(began + 60.0 - room.now)

    service = room.pair.service()
    due = not room.document.freeze and service.target.is_due(service._document())
    room.play((one, life))
    took = room.document.epoch > epoch
    return [f"cron never had it: {[done.sentence for done in room.done[-2:]]}"] if due and not took else []
