"""A service's status and a check's findings, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from bluegreen.report.text import clean
from bluegreen.words import plural


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


def status_text(report: StatusReport) -> str:
    """Return a few lines about one service."""
    rows = list(_groups(report))
    rows += [("release", report.underway)] if report.underway else []
    rows += [
        ("parked", plural(report.parked, "instance") if report.parked else "nothing"),
        ("missing", report.missing or "nothing"),
        ("rollback", report.rollback or "not possible"),
    ]
    rows += [("at work", report.at_work)] if report.at_work else []
    rows += [("locked", report.locked)] if report.locked else []
    rows += [("stopped", report.waits)] if report.waits else []
    rows += [("trouble", trouble) for trouble in report.troubles]
    return "\n".join((clean(report.service), *(f"  {key:<9} {clean(value)}" for key, value in rows)))


def _groups(report: StatusReport) -> Iterator[tuple[str, str]]:
    """Yield a line for each group that serves, and for one that is about to: in the middle of a release both do."""
    serving = [group for group in report.groups if group["name"] == report.live or group["healthy"]]
    for group in sorted(serving, key=lambda group: group["name"] != report.live):
        yield "serves", _group(group)
    if not serving:
        yield "serves", "nothing"
    yield from (("comes up", _group(group)) for group in report.groups if group not in serving and group["desired"])


def _group(group: Mapping[str, Any]) -> str:
    image = f" with {group['image']}" if group.get("image") else ""
    return f"{group['name']}{image}: {group['healthy']} healthy, {group['desired']} wanted"


def findings_text(service: str, findings: Iterable[Finding]) -> str:
    """Return a line for each finding and one for its hint, or one sentence when there is none."""
    lines = [line for finding in findings for line in _finding(service, finding)]
    return "\n".join(lines or [f"{clean(service)}: the pair is fit to be deployed to"])


def _finding(service: str, finding: Finding) -> list[str]:
    line = f"{clean(service)}: {finding.level}: {clean(finding.sentence)}"
    return [line, f"  {clean(finding.hint)}"] if finding.hint else [line]
