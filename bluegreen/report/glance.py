"""Several services at a glance: a line for each, the worst first."""

from __future__ import annotations

from collections.abc import Iterable

from bluegreen.flow.snapshot import Side, Snapshot, State
from bluegreen.report.ink import WITHOUT, Ink
from bluegreen.report.status import in_short, sign_of
from bluegreen.report.tables import WIDEST, table
from bluegreen.sentences.status import UNDER_WAY, in_all, release_at_a_glance

HEADS = ("SERVICE", "LIVE", "IMAGE", "HEALTHY", "RELEASE", "ROLLBACK")
FALLING = ("ROLLBACK", "IMAGE", "LIVE")
WORST = tuple(map(State, ("down", "unclear", "unknown", "interrupted", "gate", *UNDER_WAY)))
"""States in the order in which services are shown; all others come behind."""


def glance_text(
    seen: Iterable[Snapshot], untold: Iterable[str] = (), width: int = WIDEST, *, ink: Ink = WITHOUT
) -> str:
    """Return a line for each service, the worst first, how many are how, and what to look at next.

    ``untold`` are services of which nothing could be seen.
    """
    rows = [(one.state, _glanced(one, ink)) for one in seen]
    rows += [(State.UNKNOWN, (ink.says(name), "-", "-", "-", "-", "-")) for name in untold]
    rows.sort(key=lambda row: WORST.index(row[0]) if row[0] in WORST else len(WORST))
    lines = table(HEADS, [(" ", cells) for _, cells in rows], width, FALLING)
    heads = lines[: len(lines) - len(rows)]
    told = [_signed(line, state, ink) for line, (state, _) in zip(lines[len(heads) :], rows, strict=True)]
    worst = [f"next: bluegreen status {cells[0]}" for state, cells in rows[:1] if state in WORST]
    return "\n".join((*_wider(heads, ink), *told, in_all([str(state) for state, _ in rows]), *worst))


def _signed(line: str, state: State, ink: Ink) -> str:
    """Return a line with the sign of the state at its beginning; a plain sign takes a column more."""
    return sign_of(state, ink) + line[1:]


def _wider(heads: list[str], ink: Ink) -> list[str]:
    return [f" {line}" for line in heads] if ink.plain else heads


def _glanced(seen: Snapshot, ink: Ink) -> tuple[str, ...]:
    serving, release = seen.live, seen.release
    stopped = release is not None and release.interrupted is not None and release.interrupted.kind == "stopped"
    told = release_at_a_glance(
        "stopped" if stopped else seen.state,
        "" if release is None else release.goal,
        "" if release is None else release.to,
        None if release is None else release.before,
    )
    return (
        ink.says(seen.service),
        "both" if len(serving) > 1 else ink.says(serving[0].name if serving else "-"),
        ", ".join(ink.says(side.image or "-") for side in serving) or "-",
        " + ".join(_healthy(side, len(serving) == 1) for side in serving) or "-",
        ink.says(told),
        ink.says(in_short(seen.rollback)),
    )


def _healthy(side: Side, alone: bool) -> str:
    return f"{side.healthy} of {side.desired}" if alone else str(side.healthy)
