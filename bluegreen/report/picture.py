"""The picture of a run: its head, its stages, the sides, and what is waited for. Painted from a snapshot alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from bluegreen.flow.release import ROLLBACK
from bluegreen.flow.snapshot import Member, Role, Snapshot, Stage, Symbol
from bluegreen.flow.usual import Timing
from bluegreen.report.ink import WITHOUT, Ink
from bluegreen.report.status import BUSY, sides_text, sign_of
from bluegreen.report.tables import WIDEST
from bluegreen.report.text import duration, wrapped
from bluegreen.sentences.forms import head_and_tail
from bluegreen.sentences.picture import goes, goes_back, how_many, of_usual, others, took

ILL = frozenset({Symbol.UNHEALTHY, Symbol.JOINING, Symbol.STARTING})
"""What a member that is told of by itself does: it has yet to serve, or does not any more."""
LATE = "LATE"
"""Behind what is waited for, where it has never taken so long."""
UNTIMED = Timing()
MOMENT = 1.0
"""Seconds below which nothing is said of a stage's time."""
ITS_OWN = re.compile(r"\d (?:s|min|h) of ")
"""In the words of what is waited for: for how long it has lasted, of how long."""


def frame(
    seen: Snapshot,
    since: float,
    width: int = 80,
    height: int = 24,
    ink: Ink = WITHOUT,
    *,
    over: bool = False,
    timing: Timing = UNTIMED,
) -> list[str]:
    """Return the lines of a picture, each shorter than ``width``, and no more than ``height`` less two.

    ``since`` is when what is under way began (POSIX seconds). What is ill is told by itself as far as there is room.
    Each side keeps its place, old above new. ``over`` says that the run has come to its end, ``timing`` since when it
    is in its stages, and what is usual.
    """
    width, most = min(width, WIDEST), max(3, height - 2)
    release = seen.release
    lines = [*_head(seen, since, width, ink, timing, over=over)]
    if release is not None and release.stage is not None:
        lines += (_took(seen, timing, width, ink) if over else []) or stages(release.stage, width, ink, over=over)
    steady = attrs.evolve(seen, sides=tuple(sorted(seen.sides, key=lambda one: one.role is Role.NEW)))
    lines += sides_text(steady, width, ink)
    if seen.figures is not None:
        lines.append(f"  {how_many(seen.figures.healthy, seen.figures.needed)}")
    lines += [] if over else _block(seen, width, ink, timing)
    return [*lines[:most], *_ill(seen, most - len(lines), width, ink)]


def _head(seen: Snapshot, since: float, width: int, ink: Ink, timing: Timing, *, over: bool) -> Iterator[str]:
    if (release := seen.release) is None:
        yield ink.says(f"{seen.service}  {seen.sentence}")[: width - 1]
        return
    turned = release.goal == ROLLBACK and bool(release.reason)
    told = goes_back(release.before, release.to) if turned else goes(release.goal, release.before, release.to)
    by = f"  by {release.by}" if release.by and not turned else ""
    passed, whole = max(0.0, seen.at - since), timing.usual.whole
    first = f"{seen.service}  {told}"
    if over and not turned:
        yield ink.says(f"✓ {first} {took(passed, whole.median if whole else None)}")[: width - 1]
        return
    right = ink.says(of_usual(passed, whole.median)) if whole else duration(passed)
    right = right if len(first) + len(right) + 3 < width else duration(passed)
    left = ink.says(first + by) if len(first + by) + len(right) + 3 < width else ink.says(first)
    if len(left) + len(right) + 2 < width:
        yield f"{left}{right:>{width - 1 - len(left)}}"
    else:
        yield left[: width - 1]
    if turned:
        yield from wrapped(ink.says(release.reason), width - 1, ink.says("✗ "), "  ", whole=True)[:2]


def stages(stage: Stage, width: int, ink: Ink = WITHOUT, *, over: bool = False) -> list[str]:
    """Return the line of a run's stages: what is behind it, where it is, what comes; where there is no room, that."""
    at = len(stage.names) + 1 if over else stage.index
    each = [_staged(number, name, at, ink) for number, name in enumerate(stage.names, 1)]
    count = f"{stage.index} of {stage.of}"
    for between in ("  ", " "):
        line = between.join(each)
        if len(line) + len(count) + 2 < width:
            return [f"{line}{count:>{width - 1 - len(line)}}"]
    return [f"{ink.says('✓')} {stage.name}  {count}" if over else f"{ink.says('◌')} {stage.name.upper()}  {count}"]


def _staged(number: int, name: str, at: int, ink: Ink) -> str:
    if number < at:
        return ink.says(f"✓ {name}")
    return ink.says(f"◌ {name.upper()}" if number == at else f"· {name}")


def _took(seen: Snapshot, timing: Timing, width: int, ink: Ink) -> list[str]:
    """Return how long each stage took, as far as a line has room; what took no time is left out."""
    each = timing.took(seen.at).items()
    told = ink.says("   ".join(f"{name} {duration(seconds)}" for name, seconds in each if seconds >= MOMENT))
    return [f"  {told}"] if told and len(told) + 2 < width else []


def _block(seen: Snapshot, width: int, ink: Ink, timing: Timing) -> list[str]:
    """Return what is waited for, for how long, of how long usually; what ails is told below it."""
    if not seen.missing:
        return []
    late, seen = _timed(seen, timing)
    sign = sign_of(seen.state, ink)
    plain = BUSY.plain if ink.plain else BUSY.sign
    lines = wrapped(ink.says(seen.missing), width - 1, f"{plain} ", "  ", whole=True)
    lines = [line.replace(plain, sign, 1) if number == 0 else line for number, line in enumerate(lines[:3])]
    if not late:
        return lines
    last = len(lines[-1]) - (len(sign) - len(plain) if len(lines) == 1 else 0)
    room = width - 1 - last
    return [*lines[:-1], f"{lines[-1]}{LATE:>{room}}"] if room > len(LATE) + 1 else [*lines, f"{LATE:>{width - 1}}"]


def _timed(seen: Snapshot, timing: Timing) -> tuple[bool, Snapshot]:
    """Return whether the stage has taken longer than ever, and a look whose words say how long it has.

    What says for how long it lasts by itself (``bake: 2 min of 10 min``) is compared with nothing.
    """
    stage = None if seen.release is None else seen.release.stage
    began = None if stage is None else timing.since.get(stage.name)
    span = None if stage is None else timing.usual.stages.get(stage.name)
    if began is None or span is None or ITS_OWN.search(seen.missing):
        return False, seen
    passed = max(0.0, seen.at - began)
    told = f"{seen.missing}, {of_usual(passed, span.median)}"
    return passed > max(span.worst, MOMENT), attrs.evolve(seen, missing=told)


def _ill(seen: Snapshot, room: int, width: int, ink: Ink) -> list[str]:
    """Return a line for each member that is ill for a reason, and how many more there are."""
    found = [one for side in seen.sides for one in side.members if one.reasons and one.symbol in ILL]
    found.sort(key=lambda one: (one.symbol is not Symbol.UNHEALTHY, one.id))
    if room < 1 or not found:
        return []
    told = found if len(found) <= room else found[: room - 1]
    lines = [_told(one, width, ink) for one in told]
    return [*lines, ink.says(f"  {others(len(found) - len(told))}")] if len(told) < len(found) else lines


def _told(one: Member, width: int, ink: Ink) -> str:
    reason, first = one.reasons[0], f"  {head_and_tail(one.id):<11}  {one.state}: "
    for why in filter(None, (f"{reason.cause.sentence} ({reason.code})", reason.cause.sentence, reason.code)):
        if len(line := ink.says(f"{first}{why}")) < width:
            return line
    return ink.says(first)[: width - 1]


def began(seen: Snapshot) -> float:
    """Return when what is under way began, as far as a snapshot tells: the lease, or else the release."""
    if seen.lease is not None and seen.lease.in_force:
        return seen.lease.taken_at
    return seen.at if seen.release is None else seen.release.begun_at
