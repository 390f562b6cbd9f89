"""A service's status and a check's findings, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from bluegreen.flow.snapshot import Member
from bluegreen.report.symbols import counted, mark
from bluegreen.report.tables import NARROW, WIDEST, table
from bluegreen.report.text import clean, wrapped
from bluegreen.sentences.status import UNDER_WAY, back_in, in_all, release_at_a_glance


class StatusReport(Protocol):
    """What is said of a service; ``live`` and ``idle`` are group names, ``rollback`` says how fast it would be."""

    @property
    def service(self) -> str:
        """The service's name."""

    @property
    def live(self) -> str | None:
        """The group that serves."""

    @property
    def image(self) -> str | None:
        """The image that serves."""

    @property
    def parked(self) -> int:
        """How many instances are kept for a rollback."""

    @property
    def missing(self) -> str:
        """What is missing, as a sentence, or nothing."""

    @property
    def groups(self) -> Sequence[Mapping[str, Any]]:
        """Both groups: ``name``, ``healthy``, ``desired``, ``instances``."""

    @property
    def at_work(self) -> str:
        """Who is at work, and at what, or nothing."""

    @property
    def locked(self) -> str:
        """Who has locked the service by hand, since when and why, or nothing."""

    @property
    def waits(self) -> str:
        """Who has stopped the release under way, since when and why, or nothing."""

    @property
    def underway(self) -> str:
        """Which release is open and whether it was interrupted, or nothing."""

    @property
    def troubles(self) -> Sequence[str]:
        """Faults seen."""

    @property
    def rollback(self) -> str:
        """What a rollback would do, and how fast."""

    @property
    def back_in(self) -> float | None:
        """After how many seconds of a rollback the first instance of what ran before would serve, if one is kept."""

    @property
    def release(self) -> Mapping[str, Any] | None:
        """The open release: ``goal``, ``image``, ``previous_image``."""

    @property
    def state(self) -> str:
        """How it is, in a word."""

    @property
    def sentence(self) -> str:
        """How it is, in a sentence."""

    @property
    def beside(self) -> str:
        """What is worth knowing with that, or nothing."""

    @property
    def next(self) -> Sequence[str]:
        """The commands that lead on."""


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


def status_text(report: StatusReport, width: int = WIDEST) -> str:
    """Return a few lines about one service: how it is, both groups, then what is open, and what to type next.

    ``width`` is how many columns there are: in few, only what matters most is shown. Words are not cut, and what may be
    typed is not broken.
    """
    narrow = width < NARROW
    rows = [("release", report.underway)] if report.underway and not narrow else []
    rows += [("missing", report.missing)] if report.missing and not narrow else []
    rows += [("rollback", _way_back(report, narrow))]
    rows += [("run by", report.at_work or "nobody")] if report.at_work or not narrow else []
    rows += [("locked", report.locked)] if report.locked else []
    rows += [("stopped", report.waits)] if report.waits and not narrow else []
    rows += [("trouble", trouble) for trouble in report.troubles]
    rows += [("next" if number == 0 else "", command) for number, command in enumerate(report.next)]
    told = (f"  {key:<9} {clean(value)}" for key, value in rows)
    return "\n".join((*_head(report, width), *_groups(report, width), *told))


def _way_back(report: StatusReport, narrow: bool) -> str:
    """Return how fast a rollback would be, as far as that can be told, and what it would do."""
    seconds = report.back_in
    what = report.rollback or "not possible"
    if narrow:
        return what.partition(":")[0] if seconds is None else back_in(seconds)
    return what if seconds is None else f"{back_in(seconds)}; {what}"


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


def _head(report: StatusReport, width: int) -> Iterator[str]:
    sign, first = SIGNS.get(report.state, "?"), f"{clean(report.service)}: {clean(report.sentence)}"
    for told in (first, clean(report.beside)):
        yield from wrapped(told, width - 3, f"{sign} ", "  ", whole=True)


GLANCE = ("SERVICE", "LIVE", "IMAGE", "HEALTHY", "RELEASE", "ROLLBACK")
WORST = ("down", "unclear", "unknown", "interrupted", "gate", *UNDER_WAY)
"""States in the order in which services are shown; all others come behind."""


def glance_text(reports: Iterable[StatusReport], untold: Iterable[str] = (), width: int = WIDEST) -> str:
    """Return a line for each service, the worst first, how many are how, and what to look at next.

    ``untold`` are services of which nothing could be seen.
    """
    rows = [(report.state, _glanced(report)) for report in reports]
    rows += [("unknown", (clean(name), "-", "-", "-", "-", "-")) for name in untold]
    rows.sort(key=lambda row: WORST.index(row[0]) if row[0] in WORST else len(WORST))
    told = table(
        GLANCE, [(SIGNS.get(state, "?"), cells) for state, cells in rows], width, ("ROLLBACK", "IMAGE", "LIVE")
    )
    worst = [f"next: bluegreen status {cells[0]}" for state, cells in rows[:1] if state in WORST]
    return "\n".join((*told, in_all([state for state, _ in rows]), *worst))


def _glanced(report: StatusReport) -> tuple[str, ...]:
    serving = [group for group in report.groups if group["name"] == report.live or (report.beside and group["healthy"])]
    release = report.release or {}

    def one_of(group: Mapping[str, Any]) -> str:
        return f" of {group['desired']}" if len(serving) == 1 else ""

    told = release_at_a_glance(
        "stopped" if report.waits else report.state,
        release.get("goal", ""),
        release.get("image", ""),
        release.get("previous_image"),
    )
    return (
        clean(report.service),
        "both" if len(serving) > 1 else clean(report.live or "-"),
        ", ".join(clean(group.get("image") or "-") for group in serving) or "-",
        " + ".join(str(group["healthy"]) + one_of(group) for group in serving) or "-",
        clean(told),
        clean(report.rollback.partition(":")[0] or "-") if report.back_in is None else back_in(report.back_in),
    )


HEADS = ("GROUP", "IMAGE", "HEALTHY", "MIN-MAX", "SCALING", "INSTANCES")
MOST_MARKS = 24
"""Instances of a group that have a mark each; of more there is only how many are in which condition."""


def _groups(report: StatusReport, width: int) -> Iterable[str]:
    """Return both groups as a table: a pointer stands before the one that serves."""
    rows = [("▶" if group["name"] == report.live else " ", _cells(group, width)) for group in report.groups]
    return table(HEADS, rows, width, ("SCALING", "MIN-MAX", "IMAGE")) if rows else ()


def _cells(group: Mapping[str, Any], width: int) -> tuple[str, ...]:
    desired, healthy = group["desired"], group["healthy"]
    return (
        clean(group["name"]),
        clean(group.get("image") or "-"),
        f"{healthy} of {desired}" if desired or healthy else "-",
        f"{group['min']}-{group['max']}",
        group["scaling"],
        _marked(group["instances"], width < NARROW),
    )


def _marked(instances: Sequence[Mapping[str, Any]], narrow: bool) -> str:
    """Return a mark for each instance, and how many are in which condition."""
    marks = [mark(_member(one)) for one in sorted(instances, key=lambda one: str(one["id"]))]
    signs = "".join(one.sign for one in marks) if len(marks) <= MOST_MARKS else ""
    return signs if signs and narrow else f"{signs}  {counted(marks)}" if signs else counted(marks)


def _member(one: Mapping[str, Any]) -> Member:
    serves = one["state"] == "InService" and one["health"] == "healthy"
    return Member(id=one["id"], state=one["state"], health=one["health"], serves=serves)


def findings_text(service: str, findings: Iterable[Finding]) -> str:
    """Return a line for each finding and one for its hint, or one sentence when there is none."""
    lines = [line for finding in findings for line in _finding(service, finding)]
    return "\n".join(lines or [f"{clean(service)}: the pair is fit to be deployed to"])


def _finding(service: str, finding: Finding) -> list[str]:
    line = f"{clean(service)}: {finding.level}: {clean(finding.sentence)}"
    return [line, f"  {clean(finding.hint)}"] if finding.hint else [line]
