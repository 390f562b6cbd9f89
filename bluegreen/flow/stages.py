"""Where a run is, for people: the furthest stage that its release has come to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, frozen

from bluegreen.flow.release import Release
from bluegreen.flow.snapshot import Stage


def stage_of(names: Sequence[str], name: str) -> Stage | None:
    """Return the stage called ``name`` among all of a plan; ``None`` where it has none of that name."""
    return Stage(name=name, index=names.index(name) + 1, of=len(names), names=tuple(names)) if name in names else None


@frozen
class Section:
    """The steps between two doors of one release."""

    release: str
    goal: str
    passed: int

    @classmethod
    def where(cls, release: Release) -> Section:
        """Return the section in which a release stands."""
        return cls(release.id, release.goal, len(release.milestones))


@define
class Furthest:
    """Remembers the furthest stage in the section that a release stands in: one that is asked again stays behind it."""

    _section: Section | None = None
    _stage: Stage | None = None

    def of(self, section: Section, stage: Stage | None) -> Stage | None:
        """Return the furthest stage by now, ``stage`` being that of the newest look, if that is known."""
        before = self._stage if section == self._section else None
        self._section = section
        if stage is None or (before is not None and before.index > stage.index):
            self._stage = before
        else:
            self._stage = stage
        return self._stage
