"""two to four operators and cron at once

Each operator is on a machine of its own, with one record, one pair and one time for all; the turn is handed over at
every call to AWS, every touch of the record and every sleep. They begin at moments, and with verbs and images, of the
seed's choice, on a pair that serves, that has instances parked, or that a dead run left half-way. Some wait their
turn, some lock the service, some have a date that is a few seconds off.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen

from tests.battery.rows import Scale
from tests.battery.telling import Watching
from tests.battery.together import Done, Operator, Room, met

MUST = "one works, the others leave with 75 and the holder's name"
SCHEDULES = 2000
ASKED = "asked "
"""How a schedule is called in which some ask the run at work, from elsewhere, to pause or to turn back."""
FOUND = (774, 798, 1977)
NAMES = ("anna@laptop", "ben@desk", "carl@ci", "dora@home")
CRON = "cron@server"
VERBS = ("deploy",) * 5 + ("rollback", "rollback --now", "finish", "finish", "resume", "cleanup", "lock", "replace")
ASKING = ("deploy",) * 5 + ("pause", "abort", "abort", "resume", "rollback", "finish")
RESTLESS = (1.0, 0.5, 0.1, 0.02)
PATIENCE = (0.0, 0.0, 0.0, 20.0, 120.0, 900.0)
FITS = (
    *("is not over", "still parked", "no earlier version", "begun while this waited its turn"),
    *("nothing is under way", "is deployed", "the way back never waits", "serves alone already", "had come too far"),
)
"""What a refusal is about where several work on one service."""


@frozen
class Play:
    """What one operator does: verbs with their words, and how long it waits before each."""

    operator: Operator
    verbs: tuple[tuple[float, str, tuple[Any, ...], dict[str, Any]], ...]

    def live(self) -> None:
        """Do it all."""
        for gap, verb, words, flags in self.verbs:
            self.operator.wait(gap)
            self.operator.run(verb, *words, **flags)


def cases(scale: Scale) -> list[str]:
    """Return the schedules; in a few of them, those that once found something."""
    asked = [f"{ASKED}{seed}" for seed in (scale.seeds(SCHEDULES // 2) if scale.full else range(30))]
    return [*(str(seed) for seed in (scale.seeds(SCHEDULES) if scale.full else (*range(60), *FOUND))), *asked]


def run(key: str, watch: Watching = None) -> list[str]:
    """Let all of them work at once, then end what is open."""
    seed = key.removeprefix(ASKED)
    room = played(int(seed), watch, VERBS if seed == key else ASKING)
    room.tidy()
    return [*room.verdict(), *wrong(room)]


def played(seed: int, watch: Watching = None, verbs: tuple[str, ...] = VERBS) -> Room:
    """Return the room after everybody has gone."""
    dice = random.Random(f"operators {seed}")
    room = met(watch, seed=seed, restless=dice.choice(RESTLESS), balancers=dice.choice(("tg", "tg", "classic")))
    begin(room, dice)
    plays = [play(room, dice, name, verbs) for name in NAMES[: dice.randint(2, 4)]]
    lives: list[tuple[Operator, Callable[[], None]]] = [(one.operator, one.live) for one in plays]
    room.play(*lives, cron(room, dice, [one.operator for one in plays]))
    return room


def begin(room: Room, dice: random.Random) -> None:
    """Let the pair serve, have instances parked, or be left half-way by a run on a machine that is gone."""
    how = dice.choice(("serves", "serves", "parked", "cut", "cut rollback", "cut finish"))
    if how == "serves":
        return
    dead = room.operator("dead@gone")
    if how != "cut":
        room.play((dead, lambda: dead.run("deploy", "v2")))
    verb, _, second = how.partition(" ")
    if verb == "cut":
        dead.crash = ("look", dice.randint(8, 40)) if not second else ("look", dice.randint(2, 20))
        room.play((dead, lambda: dead.run(second or "deploy", *(() if second else ("v2",)))))


def play(room: Room, dice: random.Random, who: str, known: tuple[str, ...]) -> Play:
    """Return what one operator does in this schedule."""
    ahead = dice.choice((0.0, 0.0, 0.0, dice.uniform(-5, 5)))
    one = room.operator(who, ahead=ahead, patience=dice.choice(PATIENCE))
    verbs = [dice.choice(known) for _ in range(dice.choice((1, 1, 2, 3)))]
    gaps = [dice.choice((0.0, dice.uniform(0, 5), dice.uniform(0, 60))) for _ in verbs]
    done = [(gap, *spelt(dice, verb)) for gap, verb in zip(gaps, verbs, strict=True)]
    if "lock" in verbs:
        done.append((dice.uniform(0, 60), "unlock", (), {}))
    return Play(one, tuple(done))


def spelt(dice: random.Random, verb: str) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Return a verb with its words."""
    match verb:
        case "deploy" | "replace":
            image = dice.choice(("v2", "v2", "v3", "v4", "v5", "v6", "bad-v7"))
            return "deploy", (image,), {"finish_first": verb == "replace" or dice.random() < 0.2}
        case "rollback --now":
            return "rollback", (), {"urgent": True}
        case "lock":
            return "lock", ("the database moves",), {}
    return verb, (), {}


def cron(room: Room, dice: random.Random, others: list[Operator]) -> tuple[Operator, Callable[[], None]]:
    """Return somebody who cleans up every minute for as long as any other is there."""
    one = room.operator(CRON)
    names, offset = {other.who for other in others}, dice.uniform(0, 30)

    def life() -> None:
        one.wait(offset)
        while any(not actor.done for actor in room.turns.actors if actor.name in names):
            one.run("cleanup")
            one.wait(60.0)

    return one, life


# ---- what must be ----


def wrong(room: Room) -> list[str]:
    """Return what was wrong with how the verbs ended, and with the order of releases."""
    found = [f"{done.who} {done.verb}: {sentence}" for done in room.done if (sentence := odd(done))]
    return [*found, *overtaken(room)]


def odd(done: Done) -> str:
    """Return what is wrong with how one verb ended."""
    match done.status:
        case 0 | 3:
            return ""
        case 6:
            return "" if "paused by" in done.sentence else done.sentence
        case None:
            return "" if done.verb == "cleanup" or done.who == "dead@gone" else done.sentence
        case 75:
            return unnamed(done)
        case 4 if done.verb in ("pause", "abort") and "had come too far" in done.sentence:
            return ""
        case 4 if done.sentence.startswith("Refused") and any(word in done.sentence for word in FITS):
            return f"refused after {done.writes} writes" if done.writes else ""
    return f"ended with {done.status}: {done.sentence}"


def unnamed(done: Done) -> str:
    """Whoever leaves has written nothing and says who is at work, or who has locked the service."""
    if done.writes and "lost to" not in done.sentence:
        return f"held after {done.writes} writes"
    named = any(who in done.sentence for who in done.at_work)
    return "" if named or done.verb == "lock" else f"does not name {done.at_work}: {done.sentence}"


def overtaken(room: Room) -> Iterator[str]:
    """PAIN 15, two deployments, the older lands last: none begins after one that was asked for later."""
    begun = sorted(room.releases.values(), key=lambda one: one.begun)
    for first, second in itertools.combinations(begun, 2):
        if second.asked < first.asked and second.image != first.image:
            yield f"{second.image} of {second.who} landed over {first.image} of {first.who}, asked for later"
