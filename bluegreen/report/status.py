"""A service's status and a check's findings, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from bluegreen.flow.snapshot import OpenRelease, Side, Snapshot, WayBack
from bluegreen.report.symbols import Mark, counted, marks
from bluegreen.report.tables import NARROW, WIDEST, table
from bluegreen.report.text import clean, wrapped
from bluegreen.sentences.ends import is_at_it, last_sign
from bluegreen.sentences.status import (
    UNDER_WAY,
    back_in,
    cleanup,
    cleanup_is_late,
    in_all,
    open_release,
    release_at_a_glance,
    since,
)


class Finding(Protocol):
    """One thing that a check found."""

    @property
    def level(self) -> str:
        """``refused`` or ``warned``."""

    @property
    def sentence(self) -> str:
        """What is wrong."""

    @property
    def hint(self) -> str:
        """What to do about it."""


def status_text(seen: Snapshot, width: int = WIDEST, *, explained: bool = False) -> str:
    """Return a few lines about one service: how it is, both groups, then what is open, and what to type next.

    ``width`` is how many columns there are: in few, only what matters most is shown. Words are not cut, and what may be
    typed is not broken. ``explained`` says that what a prediction rests on is told, too.
    """
    narrow, release = width < NARROW, seen.release
    rows = [("release", _open(release))] if release and not narrow else []
    rows += [("missing", seen.missing)] if seen.missing and not narrow else []
    rows += [("rollback", _way_back(seen.rollback, narrow))]
    if seen.rollback and not narrow:
        rows += [("", told) for told in (*seen.rollback.details, *(seen.rollback.explained if explained else ()))]
    if seen.cleanup and not narrow:
        one = seen.cleanup
        rows += [("cleanup", cleanup(one.does, one.due_at, one.last_run_at, seen.at))]
    rows += [("run by", _run_by(seen))] if _is_at_work(seen) or not narrow else []
    rows += [("locked", since(seen.lock.who, seen.lock.since, seen.at, seen.lock.why))] if seen.lock else []
    if release and release.interrupted and release.interrupted.by and not narrow:
        told = release.interrupted
        rows += [("stopped", since(told.by, told.since, seen.at, told.why))]
    rows += [("trouble", trouble) for trouble in seen.troubles]
    rows += [("next" if number == 0 else "", command) for number, command in enumerate(seen.next)]
    told_rows = (f"  {key:<9} {clean(value)}" for key, value in rows)
    return "\n".join((*_head(seen, width), *_groups(seen, width), *told_rows))


def _open(release: OpenRelease) -> str:
    told = open_release(release.goal, release.before, release.to, release.by, release.id)
    return f"{told}: {release.ways}" if release.ways else told


def _is_at_work(seen: Snapshot) -> bool:
    return seen.lease is not None and seen.lease.in_force


def _run_by(seen: Snapshot) -> str:
    lease = seen.lease
    if lease is None or not lease.in_force:
        return "nobody"
    told = is_at_it(lease.who, lease.pid, lease.why, max(0.0, seen.at - lease.taken_at))
    return last_sign(told, max(0.0, seen.at - lease.renewed_at))


def _way_back(way: WayBack | None, narrow: bool) -> str:
    """Return how fast a rollback would be, as far as that can be told, and what it would do."""
    if way is None:
        return "not possible"
    if narrow:
        return way.kind if way.first_s is None else back_in(way.first_s)
    return way.sentence


SIGNS = {
    "idle": "✓",
    "parked": "✓",
    "deploying": "◌",
    "rolling-back": "◌",
    "finishing": "◌",
    "gate": "◷",
    "interrupted": "!",
    "down": "✗",
    "unclear": "✗",
    "empty": "-",
}
"""What stands before a service's first line, told apart without colours too."""


def _head(seen: Snapshot, width: int) -> Iterator[str]:
    sign, first = SIGNS.get(seen.state, "?"), f"{clean(seen.service)}: {clean(seen.sentence)}"
    late = cleanup_is_late(seen.cleanup.last_run_at or 0.0, seen.at) if seen.cleanup and seen.cleanup.late else ""
    for mark, told in ((sign, first), (sign, clean(seen.beside)), ("!", late)):
        yield from wrapped(told, width - 3, f"{mark} ", "  ", whole=True)


GLANCE = ("SERVICE", "LIVE", "IMAGE", "HEALTHY", "RELEASE", "ROLLBACK")
WORST = ("down", "unclear", "unknown", "interrupted", "gate", *UNDER_WAY)
"""States in the order in which services are shown; all others come behind."""


def glance_text(seen: Iterable[Snapshot], untold: Iterable[str] = (), width: int = WIDEST) -> str:
    """Return a line for each service, the worst first, how many are how, and what to look at next.

    ``untold`` are services of which nothing could be seen.
    """
    rows = [(str(one.state), _glanced(one)) for one in seen]
    rows += [("unknown", (clean(name), "-", "-", "-", "-", "-")) for name in untold]
    rows.sort(key=lambda row: WORST.index(row[0]) if row[0] in WORST else len(WORST))
    told = table(
        GLANCE, [(SIGNS.get(state, "?"), cells) for state, cells in rows], width, ("ROLLBACK", "IMAGE", "LIVE")
    )
    worst = [f"next: bluegreen status {cells[0]}" for state, cells in rows[:1] if state in WORST]
    return "\n".join((*told, in_all([state for state, _ in rows]), *worst))


def _glanced(seen: Snapshot) -> tuple[str, ...]:
    serving, release = seen.live, seen.release
    stopped = release is not None and release.interrupted is not None and release.interrupted.kind == "stopped"
    told = release_at_a_glance(
        "stopped" if stopped else seen.state,
        "" if release is None else release.goal,
        "" if release is None else release.to,
        None if release is None else release.before,
    )
    return (
        clean(seen.service),
        "both" if len(serving) > 1 else clean(serving[0].name if serving else "-"),
        ", ".join(clean(side.image or "-") for side in serving) or "-",
        " + ".join(_healthy(side, len(serving) == 1) for side in serving) or "-",
        clean(told),
        clean(_way_back(seen.rollback, narrow=True)),
    )


def _healthy(side: Side, alone: bool) -> str:
    return f"{side.healthy} of {side.desired}" if alone else str(side.healthy)


HEADS = ("GROUP", "IMAGE", "HEALTHY", "MIN-MAX", "SCALING", "INSTANCES")
MOST_MARKS = 24
"""Members of a side that have a mark each; of more there is only how many are in which condition."""


def _groups(seen: Snapshot, width: int) -> Iterable[str]:
    """Return the sides as a table: a pointer stands before what serves."""
    rows = [("▶" if side.live else " ", _cells(side, width)) for side in seen.sides]
    return table(HEADS, rows, width, ("SCALING", "MIN-MAX", "IMAGE")) if rows else ()


def _cells(side: Side, width: int) -> tuple[str, ...]:
    return (
        clean(side.name),
        clean(side.image or "-"),
        f"{side.healthy} of {side.desired}" if side.desired or side.healthy else "-",
        f"{side.min}-{side.max}",
        "resumed" if side.scales else "suspended",
        _marked(marks(side.members), width < NARROW),
    )


def _marked(found: Sequence[Mark], narrow: bool) -> str:
    """Return a mark for each member, and how many are in which condition."""
    signs = "".join(one.sign for one in found) if len(found) <= MOST_MARKS else ""
    return signs if signs and narrow else f"{signs}  {counted(found)}" if signs else counted(found)


def findings_text(service: str, findings: Iterable[Finding]) -> str:
    """Return a line for each finding and one for its hint, or one sentence when there is none."""
    lines = [line for finding in findings for line in _finding(service, finding)]
    return "\n".join(lines or [f"{clean(service)}: the pair is fit to be deployed to"])


def _finding(service: str, finding: Finding) -> list[str]:
    line = f"{clean(service)}: {finding.level}: {clean(finding.sentence)}"
    return [line, f"  {clean(finding.hint)}"] if finding.hint else [line]
