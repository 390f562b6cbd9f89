"""What can be asked of a service without changing anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from attrs import define

from bluegreen.record.history import Entry, entries, read
from bluegreen.service.adopting import refuse_stranger, strangers
from bluegreen.service.answered import Parked
from bluegreen.service.ending import resting
from bluegreen.service.image_check import findings
from bluegreen.service.session import Session
from bluegreen.service.status import Report, describe
from bluegreen.targets.pair.fitness.begin import examine, without_room
from bluegreen.targets.pair.fitness.check import live_group
from bluegreen.targets.pair.fitness.diff import Comparison, compare
from bluegreen.targets.pair.fitness.finding import REFUSED, WARNED, Finding
from bluegreen.targets.pair.model.asleep import wants_none
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import FINISH, Release
from bluegreen.targets.pair.plans.plan import look_at, question
from bluegreen.targets.pair.plans.readiness import Lack, Readiness, awaited_of_new, readiness
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.status import beside

Seen = TypeVar("Seen")

TRIES = 5
"""Looks of one status at most, while a command writes the record beside it; the last record is newer than its look."""


@define(kw_only=True)
class Views(Session):
    """A service as it can be looked at."""

    def status(self) -> Report:
        """Return what serves, what is parked, what is missing and how fast a rollback would be.

        A command may be at work: what it has written between the record and the look would seem to be somebody else's.
        So the record is read again behind the look, and both once more where it tells of something new.
        """
        document, fleet = self._with_its_record(
            lambda release: self.aws.ask(Question(self._names) if release is None else self._question(release))
        )
        return describe(document, fleet, self._names, self.settings.image_tag_key, self.clock.now())

    def _with_its_record(self, look: Callable[[Release | None], Seen]) -> tuple[Document, Seen]:
        """Return what a look shows, and a record that has told of the same release before it and behind it."""
        document = self._document()
        for _ in range(TRIES):
            release, seen = document.release, look(document.release)
            document = self._document()
            if document.release == release:
                break
        return document, seen

    def check(self) -> tuple[Finding, ...]:
        """Return everything that is refused or warned of before a deployment; a command may be at work, as above."""
        _, found = self._with_its_record(lambda release: self._unfit() if release is None else self._open(release))
        return found

    def _open(self, release: Release) -> tuple[Finding, ...]:
        sentence = f"the {release.goal} of {release.image}, begun by {release.by or 'somebody'}, is still open"
        still_open = Finding(REFUSED, sentence, f"`bluegreen status {self.name}` shows how it stands")
        fleet = self._kept_alive(release)
        awaited = awaited_of_new(self._look(fleet, release))
        lacks = (*self._beside(release), *awaited, *self._ready(release, fleet).troubles)
        told = (Finding(WARNED, lack.sentence, lack.hint) for lack in lacks)
        return (still_open, *told, *without_room(fleet.machines.values()))

    def _unfit(self) -> tuple[Finding, ...]:
        survey = self._survey()
        refuse_stranger(self._document(), survey.fleet)
        live = live_group(survey.fleet, self._names)
        found = examine(survey, self._asked("check", None if live else 1))
        serves = live.tag(self.settings.image_tag_key) if live else None
        strange = (Finding(WARNED, one) for one in strangers(survey.fleet, self.name))
        return (*found, *strange, *findings(self.images, self.settings, serves, self._heed))

    def diff(self) -> Comparison:
        """Return both groups side by side; raise ``Refused`` for what this tool cannot serve."""
        document, survey = self._with_its_record(lambda _: self._survey())
        release = document.release
        opened = "" if release is None else f"the {release.goal} of {release.image}"
        return compare(survey, self._names, self.settings.image_tag_key, opened)

    def history(self) -> tuple[Entry, ...]:
        """Return the releases on record, oldest first, the open one last."""
        return entries(self._document())

    def events(self, entry: Entry) -> tuple[dict[str, Any], ...]:
        """Return what happened in one release, oldest first; nothing when its events were not kept."""
        return read(self.store.events(self.name, entry.id))

    def previous_image(self) -> str | None:
        """Return the image that a rollback with nothing parked would deploy."""
        return self._document().previous()[0]

    def parked(self) -> Parked:
        """Return what the open release keeps parked for a rollback: what a person is asked about before it goes."""
        return self._parked(self.open_release())

    def _parked(self, release: Release | None) -> Parked:
        if release is None:
            return Parked()
        if not resting(release) and release.goal != FINISH:
            return Parked(release.id, release.image)
        fleet = self._patiently(Question(self._names, patchy=True))
        unserved = wants_none(self._look(fleet, release)) and not release.unserved
        asked = resting(release) or unserved
        return Parked(release.id, release.image, coming(fleet.groups[release.old]) if asked else 0, unserved)

    def _look(self, fleet: Fleet, release: Release) -> Look:
        now = self.clock.now()
        return look_at(fleet=fleet, release=release, taken=now, now=now)

    def _readiness(self, release: Release) -> Readiness:
        """Return what a rollback of an open release would meet now."""
        return self._ready(release, self._kept_alive(release)) if release.leaving else Readiness()

    def _ready(self, release: Release, fleet: Fleet) -> Readiness:
        return readiness(self._look(fleet, release)) if release.leaving else Readiness()

    def _kept_alive(self, release: Release) -> Fleet:
        """Return a look that tells whether what is parked still runs, and what a hook holds."""
        return self._patiently(Question(self._names, patchy=True, lives=tuple(sorted(release.leaving)), hooks=True))

    def _beside(self, release: Release) -> tuple[Lack, ...]:
        """Return that old serves beside new, though the release rests."""
        if not resting(release):
            return ()
        return beside(self._look(self._patiently(Question(self._names, patchy=True)), release))

    def _question(self, release: Release) -> Question:
        """Return what a look at an open release has to tell, whether what is parked still runs included."""
        return attrs.evolve(question(release, self.clock.now()), lives=tuple(sorted(release.leaving)))

    def open_release(self) -> Release | None:
        """Return the release that the record has open, if any."""
        return self._document().release
