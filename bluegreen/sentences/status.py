"""The one sentence that tells how a service is, whatever it runs on: the first line of ``status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import at_distance, clock, day_and_clock, duration
from bluegreen.words import as_word, fits, plural

BLUE, GREEN = "web-blue", "web-green"


# ---- at rest ----


@example("v2", GREEN, 6, 6)
@example(None, GREEN, 6, 6)
def live(image: str | None, side: str, healthy: int, desired: int) -> str:
    """A version serves, and nothing is open; or what ran before is parked."""
    return f"{image or 'a version without a tag'} is live on {side}, {healthy} of {desired} healthy"


@example(GREEN)
def asleep(side: str) -> str:
    """The owner has put what would serve to nothing."""
    return f"nothing serves while desired of {side} is 0"


@example(True)
@example(False)
def empty(ever: bool) -> str:
    """No side has anything; ``ever`` says that a release is on record."""
    return "both groups are empty" if ever else "both groups are empty: never deployed"


# ---- a release is open ----


Step = tuple[int, int, str]
"""A stage: which, of how many, and its name."""


@example("deploy", "v1", "v2", 102.0, (4, 7, "healthy"))
@example("rollback", "v1", "v2", 8.0)
@example("finish", "v1", "v2", 8.0)
def under_way(goal: str, was: str | None, image: str, seconds: float, stage: Step | None = None) -> str:
    """Somebody's command works on it; ``seconds`` is for how long it runs."""
    where = f"{_in(stage)}, {duration(seconds)}" if stage else f" under way for {duration(seconds)}"
    return f"{_goal(goal, was, image)}{where}"


def _in(stage: Step | None) -> str:
    return "" if stage is None else f" in stage {stage[0]} of {stage[1]} ({stage[2]})"


@example()
def overtaken() -> str:
    """A command was faster than each look at what it does."""
    return "a command has changed more than a look shows: look again"


@example("deploy", "v2", 120.0, (5, 7, "move"))
@example("deploy", "v2", 120.0)
def cut_off(goal: str, image: str, seconds: float, stage: Step | None = None) -> str:
    """The command has died; ``seconds`` is since when nothing is heard of it."""
    return f"the {goal} of {image} was cut off {duration(seconds)} ago{_in(stage)}"


@example("deploy", "v2", "ana@laptop", 240.0, "", (3, 7, "launch"))
@example("deploy", "v2", "ana@laptop", 240.0, "the night is over")
def stopped(goal: str, image: str, who: str, seconds: float, why: str, stage: Step | None = None) -> str:
    """A person has stopped it: cleanup leaves it alone."""
    told = f"the {goal} of {image} was stopped by {as_word(who)} {duration(seconds)} ago{_in(stage)}"
    return f"{told}: {as_word(why)}" if why else told


@example("deploy", "v2", "switch", 1_795_953_720.0)
def at_gate(goal: str, image: str, gate: str, since: float) -> str:
    """It waits for a person."""
    return f'the {goal} of {image} waits at gate "{gate}" since {clock(since)}'


@example("v1", "v2")
def both_serve(one: str | None, other: str | None) -> str:
    """In the middle of a move nobody works on."""
    return f"both groups serve: some requests are answered by {one or 'none'}, some by {other or 'none'}"


@example("idle", "", "", None)
@example("parked", "deploy", "v2", "v1")
@example("deploying", "deploy", "v2", "v1")
@example("interrupted", "deploy", "v2", "v1")
@example("stopped", "deploy", "v2", "v1")
@example("gate", "deploy", "v2", "v1")
def release_at_a_glance(state: str, goal: str, image: str, before: str | None) -> str:
    """What is open, in the few words of a table of several services."""
    if not goal:
        return "none open"
    if state == "parked":
        return f"{before or 'nothing'} parked"
    where = {"gate": "waits at a gate", "interrupted": "cut off", "stopped": "stopped"}.get(state, "open")
    return f"{goal} of {image} {'under way' if state in UNDER_WAY else where}"


@example("deploy", "v1", "v2", "ana@laptop", "")
@example("deploy", "v1", "v2", "root@vm", "process 4711 is gone")
@example("finish", "v1", "v2", "", "")
def open_release(goal: str, was: str | None, image: str, by: str, process: str) -> str:
    """Which release is open, and whose it is."""
    return f"{_goal(goal, was, image)} by {by or 'somebody'}{f' ({process})' if process else ''}"


@example("", 4711, True)
@example("root@vm", 4711, False)
def process(who: str, number: int, gone: bool) -> str:
    """Whose process it was that carried it on last, where that is another one's than whose the release is."""
    return f"{f'last run by {who}, ' if who else ''}process {number}{' is gone' if gone else ''}"


@example(221.0, 1_795_953_720.0, 1_795_954_720.0)
def took_until(seconds: float, until: float, now: float) -> str:
    """How long it took until what it has brought up served alone, as the end of a sentence."""
    return f", took {duration(seconds)}, until {day_and_clock(until, now)}"


@example(1_795_953_720.0, 1_795_953_960.0)
def begun(at: float, now: float) -> str:
    """When it was begun, as the end of a sentence."""
    return f", {day_and_clock(at, now)}"


@example("v1")
@example(None)
def back_to(image: str | None) -> str:
    """What a rollback does."""
    return f"back to {image or 'what ran before'}"


@example("ana@laptop", 4711, "", 2.0)
@example("ana@laptop", 4711, "adopt", 2.0)
def run_by(who: str, process: int, doing: str, seconds: float) -> str:
    """Who runs a command, at what where that is another than the release's, and when it was heard of last."""
    what = f" for {doing}" if doing else ""
    return f"{who} (process {process}){what}, last sign {duration(seconds)} ago"


@example("ana@laptop", 1_795_953_720.0, 1_795_953_960.0, "the night is over")
def since(who: str, at: float, now: float, why: str) -> str:
    """Who has locked or stopped it, since when, and why."""
    return f"by {as_word(who)} since {at_distance(at, now)}: {as_word(why)}"


UNDER_WAY = ("deploying", "rolling-back", "finishing")
KINDS = {
    "down": "down",
    "unclear": "unclear",
    "unknown": "not known",
    "interrupted": "cut off or stopped",
    "gate": "at a gate",
    **dict.fromkeys(UNDER_WAY, "under way"),
}
"""What services are counted as, the worst first; all others are fine."""


@example(("down", "interrupted", "deploying", "idle", "parked"))
def in_all(states: Collection[str]) -> str:
    """How many services are how."""
    counts = Counter(KINDS.get(state, "fine") for state in states)
    order = dict.fromkeys((*KINDS.values(), "fine"))
    return ", ".join(f"{counts[kind]} {kind}" for kind in order if counts[kind])


@example(6, 6, 6, "v1", 12.0, 12.0)
@example(5, 6, 6, "v1", 12.0, 160.0)
@example(5, 6, 6, "v1", 12.0, None)
@example(5, 6, 2, "v1", 12.0, 12.0)
def comes_back(alive: int, wanted: int, needed: int, image: str, first_s: float | None, all_s: float | None) -> str:
    """How fast what is parked comes back, and all that is wanted."""
    first = "not known how soon" if first_s is None else back_in(first_s)
    if alive >= wanted:
        return f"{first} to {f'all {alive} instances' if alive > 1 else 'the instance'} of {image}"
    if alive >= needed:
        return f"{first} to {alive} of {plural(wanted, 'instance')} of {image}, {needed} needed"
    rest = "how long fresh ones take is not known" if all_s is None else f"{back_in(all_s)} to all {wanted}"
    return f"{first} to {plural(alive, 'instance')} of {image}, {rest}"


@example(3, "v1")
@example(1, "v1")
def serves_still(count: int, image: str) -> str:
    """Nothing has to come back."""
    return f"at once: {plural(count, 'instance')} of {image} still {fits(count, 'serves', 'serve')}"


@example(25.0)
@example(0.0)
def back_in(seconds: float) -> str:
    """How fast a rollback would be, until the first instance of what ran before serves."""
    return f"≈ {duration(seconds)}" if seconds else "at once"


@example("terminates the parked instances", 1_795_956_360.0, 1_795_953_000.0, 1_795_953_720.0)
@example("terminates the parked instances", 1_795_953_000.0, None, 1_795_953_720.0)
@example("carries it on", None, 1_795_953_000.0, 1_795_953_720.0)
def cleanup(does: str, due: float | None, last: float | None, now: float) -> str:
    """What cron does, from when on, and when it ran last, as far as that is known."""
    when = "" if due is None else f" after {at_distance(due, now)}" if due > now else " when it runs next"
    ran = "no run of it is known" if last is None else f"it last ran at {clock(last)}"
    return f"{does}{when}; {ran}"


@example(1_795_943_100.0, 1_795_953_720.0)
def cleanup_is_late(last: float, now: float) -> str:
    """Nobody runs it any more."""
    return f"cleanup has not run since {at_distance(last, now)}"


# ---- wrong ----


@example(BLUE, 3)
@example(BLUE, 1)
def none_healthy(side: str, desired: int) -> str:
    """Nothing of what is to serve is healthy."""
    return (
        f"0 of {plural(desired, 'instance')} of {side} are healthy"
        if desired != 1
        else f"no instance of {side} is healthy"
    )


@example(GREEN, "v2", "v1")
@example(GREEN, "v2", None)
def other_tag(side: str, image: str, tag: str | None) -> str:
    """What a side's tag says is not what it runs."""
    says = (
        f"its tag says {as_word(tag)}: the next instance would run {as_word(tag)}"
        if tag
        else "it has no tag: the next instance would run nothing"
    )
    return f"{side} runs {image} but {says}"


@example("deploy", "v9", "bob@ci")
def unknown_release(goal: str, image: str, by: str) -> str:
    """Another record has it, or this one was put back from a copy."""
    whose = f" by {as_word(by)}" if by else ""
    return f"the groups carry a release that this record does not know: {goal} of {as_word(image)}{whose}"


@example(BLUE, GREEN, True)
@example(BLUE, GREEN, False)
def unexplained(one: str, other: str, both: bool) -> str:
    """Which side serves is not clear, and no release explains it."""
    return f"{one} and {other} both serve and no release explains it" if both else f"neither {one} nor {other} serves"


@example(GREEN, "v2", BLUE)
def other_serves(side: str, image: str, live: str | None) -> str:
    """The record tells of one side, and the other one serves."""
    return f"the record says that {side} serves {image}, but {live or 'neither group'} serves"


def _goal(goal: str, was: str | None, image: str) -> str:
    before = was or "nothing"
    return {"deploy": f"deploy {before} → {image}", "rollback": f"rollback {image} → {before}"}.get(
        goal, f"{goal} of {image}"
    )
