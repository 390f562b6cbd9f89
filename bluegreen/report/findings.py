"""A check's findings, as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bluegreen.report.text import clean


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


def findings_text(service: str, findings: Iterable[Finding]) -> str:
    """Return a line for each finding and one for its hint, or one sentence when there is none."""
    lines = [line for finding in findings for line in _finding(service, finding)]
    return "\n".join(lines or [f"{clean(service)}: the pair is fit to be deployed to"])


def _finding(service: str, finding: Finding) -> list[str]:
    line = f"{clean(service)}: {finding.level}: {clean(finding.sentence)}"
    return [line, f"  {clean(finding.hint)}"] if finding.hint else [line]
