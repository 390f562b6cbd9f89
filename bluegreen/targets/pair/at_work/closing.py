"""What the groups' tags say of a release that a person has closed: no record from before it is to fit them any more."""

from __future__ import annotations

from attrs import frozen

from bluegreen.errors import BluegreenError
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.fleet import Question
from bluegreen.targets.pair.model.release import SEAL, Release
from bluegreen.targets.pair.model.seal import CLOSED, is_named
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.pair.release_tags.told import is_left_to_others
from bluegreen.targets.pair.release_tags.written import KEYS


@frozen
class Closing:
    """Puts a seal that no record fits, where the groups' tags name the release; a person is told where it cannot."""

    looks: Looks

    def seal(self, book: ServiceBook, release: Release) -> tuple[str, ...]:
        """Ask for one look, and put the seal if it is this release's; return what a person is to know of it.

        Groups that are gone, or an AWS that does not answer, are what `close` is for: that ends nothing.
        """
        names, ground = self.looks.names, self.looks.other_ground()
        ground.known = (book.document.account, book.document.region)
        if {release.old, release.new} != set(names):
            return ()
        try:
            fleet = ground.ask(Question(names, patchy=True))
            if is_named(fleet, release) and not is_left_to_others(fleet, release):
                closed = tuple((name, SEAL, CLOSED) for name in names)
                ground.act(WriteReleaseTags(closed), book.assure)
        except BluegreenError as error:
            off = " and ".join(hints.untagged(name, *KEYS) for name in names)
            return (
                f"the groups' tags may still fit a record from before ({error.message}): written again, it would be "
                f"carried on; where the groups are there yet, {off} first",
            )
        return ()
