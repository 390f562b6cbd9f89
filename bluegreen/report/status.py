"""A service's status as text: how it is, its sides, what is open, and what to type next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from attrs import frozen

from bluegreen.flow.snapshot import Cleanup, OpenRelease, Side, Snapshot, State, WayBack
from bluegreen.report.ink import WITHOUT, Ink
from bluegreen.report.symbols import Mark, counted, marks
from bluegreen.report.tables import NARROW, WIDEST, table
from bluegreen.report.text import wrapped
from bluegreen.sentences.status import (
    back_in,
    begun,
    cleanup,
    cleanup_is_late,
    open_release,
    process,
    run_by,
    since,
    took_until,
)

INDENT = 13
"""Columns before what is told in a row."""


@frozen
class Sign:
    """What stands before a service's first line, told apart without colours too."""

    sign: str
    plain: str
    style: str


WELL, BUSY = Sign("✓", "OK", "green"), Sign("◌", "..", "yellow")
SIGNS = {
    State.IDLE: WELL,
    State.PARKED: WELL,
    State.DEPLOYING: BUSY,
    State.ROLLING_BACK: BUSY,
    State.FINISHING: BUSY,
    State.GATE: Sign("◷", "??", "yellow"),
    State.INTERRUPTED: Sign("!", "!!", "yellow"),
    State.DOWN: Sign("✗", "XX", "bold red"),
    State.UNCLEAR: Sign("✗", "XX", "bold red"),
    State.EMPTY: Sign("-", "--", "dim"),
    State.UNKNOWN: Sign("?", "??", "yellow"),
}


def sign_of(state: State, ink: Ink) -> str:
    """Return the sign of a state as it is painted."""
    found = SIGNS[state]
    return ink.paints(found.plain if ink.plain else found.sign, found.style)


def status_text(seen: Snapshot, width: int = WIDEST, *, explained: bool = False, ink: Ink = WITHOUT) -> str:
    """Return a few lines about one service: how it is, both groups, then what is open, and what to type next.

    ``width`` is how many columns there are: in few, only what matters most is shown. Words are not cut, and what may be
    typed is not broken. ``explained`` says that what a prediction rests on is told, too.
    """
    rows = _few(seen) if width < NARROW else _rows(seen, explained)
    told = (line for key, value in rows for line in _row(key, value, width, ink))
    return "\n".join((*_head(seen, width, ink), *sides_text(seen, width, ink), *told, *_next(seen, width, ink)))


def _row(key: str, value: str, width: int, ink: Ink) -> list[str]:
    """Return a row; one in which something may be typed is not broken."""
    text, first = ink.says(value), f"  {key:<10} "
    return [f"{first}{text}"] if "`" in text else _broken(text, width, first, " " * INDENT)


HELD = re.compile(r"(?<=[\d≈~]) (?=\d|s\b|min\b|h\b|UTC\b)")
"""The space in a figure with its unit, at which no line ends."""
NO_BREAK = "\xa0"


def _broken(text: str, width: int, first: str, rest: str) -> list[str]:
    lines = wrapped(HELD.sub(NO_BREAK, text), width - 1, first, rest, whole=True)
    return [line.replace(NO_BREAK, " ") for line in lines]


# ---- how it is ----


def _head(seen: Snapshot, width: int, ink: Ink) -> Iterator[str]:
    """Yield how it is, and what is worth knowing with that; where there is room, in which region."""
    sign, plain = SIGNS[seen.state], ink.plain
    late = cleanup_is_late(seen.cleanup.last_run_at or 0.0, seen.at) if seen.cleanup and seen.cleanup.late else ""
    first = f"{seen.service}: {seen.sentence}"
    for mark, told, beside in (
        (sign, first, seen.region),
        (sign, seen.beside, ""),
        (SIGNS[State.INTERRUPTED], late, ""),
    ):
        begin = f"{mark.plain if plain else mark.sign} "
        for line in _beside(_broken(ink.says(told), width, begin, "  "), ink.says(beside), width):
            painted = ink.paints(begin.strip(), mark.style) + line.removeprefix(begin.strip())
            yield painted if line.startswith(begin) else line


def _beside(lines: list[str], text: str, width: int) -> list[str]:
    """Return lines with ``text`` at the end of a single one, if there is room for it."""
    if width < NARROW or len(lines) != 1 or not text or len(lines[0]) + len(text) + 2 >= width:
        return lines
    return [f"{lines[0]}{text:>{width - 1 - len(lines[0])}}"]


# ---- its sides ----

HEADS = ("GROUP", "IMAGE", "HEALTHY", "MIN-MAX", "SCALING", "INSTANCES")
FALLING = ("SCALING", "MIN-MAX", "IMAGE")
"""Columns that fall away where there is no room for them, the first one first."""
MOST_MARKS = 24
"""Members of a side that have a mark each; of more there is only how many are in which condition."""


def sides_text(seen: Snapshot, width: int, ink: Ink) -> Iterable[str]:
    """Return the sides as a table: a pointer stands before what serves.

    Where there is no room for all, the counts behind the marks go first.
    """
    if not seen.sides:
        return ()
    gone = FALLING[:2] if width < NARROW else ()
    whole = [_line_of(side, width < NARROW, ink) for side in seen.sides]
    lines = table(HEADS, whole, min(width, WIDEST), gone=gone)
    if max(map(len, lines)) >= width:
        lines = table(HEADS, [_line_of(side, True, ink) for side in seen.sides], width, FALLING, gone=gone)
    heads = lines[: len(lines) - len(whole)] if width >= NARROW else []
    rows = lines[len(lines) - len(whole) :]
    return (*heads, *(_painted(line, side, ink) for line, side in zip(rows, seen.sides, strict=True)))


def _line_of(side: Side, narrow: bool, ink: Ink) -> tuple[str, tuple[str, ...]]:
    return ink.says("▶") if side.live else " ", (
        ink.says(side.name),
        ink.says(side.image or "-"),
        f"{side.healthy} of {side.desired}" if side.desired or side.healthy else "-",
        f"{side.min}-{side.max}",
        "resumed" if side.scales else "suspended",
        _marked(marks(side.members), narrow, ink),
    )


def _marked(found: Sequence[Mark], narrow: bool, ink: Ink) -> str:
    """Return a mark for each member, and how many are in which condition, unless all are in the best one."""
    signs = _signs(found, ink) if len(found) <= MOST_MARKS else ""
    if signs and (narrow or {one.word for one in found} == {"serving"}):
        return signs
    return f"{signs}  {counted(found)}" if signs else counted(found)


def _signs(found: Sequence[Mark], ink: Ink) -> str:
    return "".join(one.plain if ink.plain else one.sign for one in found)


def _painted(line: str, side: Side, ink: Ink) -> str:
    """Return a line of the table with the group's name and the marks in their colours."""
    name, found = ink.says(side.name), marks(side.members)
    signs = _signs(found, ink) if len(found) <= MOST_MARKS else ""
    begin, middle = line[:2], line[2 + len(name) :]
    at = middle.rfind(signs) if signs else len(middle)
    runs = [list(run) for _, run in groupby(found, key=lambda one: one.style)] if signs else []
    painted = "".join(ink.paints(_signs(run, ink), run[0].style) for run in runs)
    name = ink.paints(name, ink.names.get(side.name, ""))
    return f"{begin}{name}{middle[:at]}{painted}{middle[at + len(signs) :]}"


# ---- what is open ----


def _few(seen: Snapshot) -> list[tuple[str, str]]:
    """Return what matters most, for a narrow terminal."""
    rows = [("rollback", in_short(seen.rollback))]
    rows += [("run by", _run_by(seen))] if seen.lease and seen.lease.in_force else []
    rows += [("locked", since(seen.lock.who, seen.lock.since, seen.at, seen.lock.why))] if seen.lock else []
    return [*rows, *(("trouble", trouble) for trouble in seen.troubles)]


def _rows(seen: Snapshot, explained: bool) -> list[tuple[str, str]]:
    release, way, cron = seen.release, seen.rollback, seen.cleanup
    rows = [("release", _open(release, seen))] if release else []
    rows += [("missing", seen.missing)] if seen.missing else []
    rows += [("rollback", "not possible" if way is None else way.sentence)]
    if way is not None:
        rows += [("", told) for told in (*way.details, *(way.explained if explained else ()))]
    rows += [("cleanup", _cron(cron, seen.at))] if cron else []
    rows += [("run by", _run_by(seen))]
    rows += [("locked", since(seen.lock.who, seen.lock.since, seen.at, seen.lock.why))] if seen.lock else []
    stop = release.interrupted if release else None
    rows += [("stopped", since(stop.by, stop.since, seen.at, stop.why))] if stop and stop.by else []
    return [*rows, *(("trouble", trouble) for trouble in seen.troubles)]


def _cron(cron: Cleanup, now: float) -> str:
    return cleanup(cron.does, cron.due_at, cron.last_run_at, now) if cron.acts else cron.does


def _open(release: OpenRelease, seen: Snapshot) -> str:
    lease, cut = seen.lease, release.interrupted is not None and release.interrupted.kind == "cut-off"
    other = lease.who if lease and lease.who != release.by else ""
    who = process(other, lease.pid, lease.gone) if lease and cut else ""
    told = open_release(release.goal, release.before, release.to, release.by, who)
    if release.deployed_at is not None:
        return told + took_until(release.deployed_at - release.begun_at, release.deployed_at, seen.at)
    return told + begun(release.begun_at, seen.at)


def _run_by(seen: Snapshot) -> str:
    lease = seen.lease
    if lease is None or not lease.in_force:
        return "nobody"
    its = seen.release is not None and lease.why.partition(" ")[0] == seen.release.goal
    return run_by(lease.who, lease.pid, "" if its else lease.why, max(0.0, seen.at - lease.renewed_at))


def in_short(way: WayBack | None) -> str:
    """Return how fast a rollback would be, or what it would be where that is not known."""
    if way is None:
        return "-"
    return way.kind if way.first_s is None else back_in(way.first_s)


def _next(seen: Snapshot, width: int, ink: Ink) -> Iterator[str]:
    """Yield the commands that lead on, and where there is room what each does."""
    typed = [ink.says(way.command) for way in seen.next]
    longest = max(map(len, typed), default=0)
    for number, (command, way) in enumerate(zip(typed, seen.next, strict=True)):
        line = f"  {'next' if number == 0 else '':<10} {command}"
        more = f"  {command:<{longest}}  {ink.says(way.does)}"[2 + len(command) :] if way.does else ""
        yield line + more if len(line + more) < width and width >= NARROW else line
