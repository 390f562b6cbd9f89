"""What the groups' tags say of a release that a person has closed: no record from before it is to fit them any more."""

from __future__ import annotations

from attrs import frozen

from bluegreen.errors import BluegreenError
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.fleet import Fleet, Question
from bluegreen.targets.pair.model.release import SEAL, Release
from bluegreen.targets.pair.model.seal import CLOSED
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.pair.release_tags.told import shown
from bluegreen.targets.pair.release_tags.written import KEYS
from bluegreen.targets.pair.sentences import told as sentences


@frozen
class Closing:
    """Puts a seal that no record fits, where the groups' tags name the release; a person is told what became of it."""

    looks: Looks

    def seal(self, book: ServiceBook, release: Release) -> tuple[str, ...]:
        """Ask for one look, and put the seal if it is this release's; return what a person is to know of it.

        Groups that are gone, or an AWS that does not answer, are what `close` is for: that ends nothing.
        """
        ground = self.looks.other_ground()
        ground.known = (book.document.account, book.document.region)
        if {release.old, release.new} != set(self.looks.names):
            return (self._unsealed(f"the record is of {release.old} and {release.new}"),)
        try:
            fleet = ground.ask(Question(self.looks.names, patchy=True))
            if not any(set(KEYS) & group.tags.keys() for group in fleet.groups.values()):
                return ()
            if whose := _anothers(fleet, release):
                return (self._unsealed(f"they name {whose}"),)
            ground.act(WriteReleaseTags(tuple((name, SEAL, CLOSED) for name in self.looks.names)), book.assure)
        except BluegreenError as error:
            return (self._unsealed(error.message),)
        return (sentences.sealed_as_closed(SEAL),)

    def _unsealed(self, why: str) -> str:
        off = " and ".join(hints.untagged(name, *KEYS) for name in self.looks.names)
        return f"{sentences.may_still_fit(why)}; where nobody works on the groups with another record, {off} first"


def _anothers(fleet: Fleet, release: Release) -> str:
    """Return which release the groups' tags tell of where that is another one, or another record's; else nothing."""
    told = shown(fleet, release.service)
    if told is None:
        return "" if any(SEAL in group.tags for group in fleet.groups.values()) else "no release"
    return "" if told.id == release.id and not told.later_than(release) else f"{told.id}, by {told.by}"
