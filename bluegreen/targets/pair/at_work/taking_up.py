"""A tag that says when another one's release was taken up: an answer that shows it is newer than what was before."""

from __future__ import annotations

from datetime import UTC, datetime

from attrs import frozen

from bluegreen.errors import Denied, Refused, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.guards import STALE
from bluegreen.flow.ports import ActionRefused
from bluegreen.sentences.forms import of
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import ROLLBACK, TAKEN_UP, Release
from bluegreen.targets.pair.model.seal import fits_as_it_is, seals_told
from bluegreen.targets.pair.records import ServiceBook
from bluegreen.targets.pair.sentences import told as sentences


@frozen
class TakingUp:
    """Makes sure, before a release is carried on, that its record fits the seal of an answer that is not an old one.

    The record of before a rollback, a stop, or a `--keep`, fits the seal from before it, which an answer may show that
    is some seconds old. That AWS shows tags in the order in which they were written is not known; a minute later the
    answer is believed in any case, and so it is where AWS takes no such tag.
    """

    looks: Looks

    def sure(self, book: ServiceBook, kept: Release) -> frozenset[str]:
        """Take up the release that was found to fit; return the seals that the groups' tags tell by now.

        Raise ``Refused`` where it does not fit them. What goes back is not held up by an AWS that takes no tag.
        """
        clock = self.looks.session.clock
        end, moment = clock.monotonic() + STALE, datetime.fromtimestamp(clock.now(), UTC).isoformat()
        if not self._told(book, moment) and kept.goal == ROLLBACK:
            return seals_told(self.looks.through_silence())
        while not _shows(fleet := self.looks.through_silence(), moment) and clock.monotonic() < end:
            self.looks.session.tell(EventKind.WAITING, sentences.taken_up_not_seen(), kept)
            self.looks.session.pause_between_looks()
        seals = seals_told(fleet)
        if not fits_as_it_is(kept, seals):
            raise Refused(
                of(kept.service, sentences.another_seal()),
                "the same command holds the record against it anew",
            )
        return seals

    def _told(self, book: ServiceBook, moment: str) -> bool:
        """Write the tag of both groups; return whether AWS has taken it."""
        tags = tuple((group, TAKEN_UP, moment) for group in self.looks.names)
        try:
            self.looks.ground.act(WriteReleaseTags(tags), book.assure)
        except (ActionRefused, Denied, Unreachable) as error:
            self.looks.session.tell(EventKind.WARNED, sentences.tag_not_put(TAKEN_UP, error.message))
            return False
        return True


def _shows(fleet: Fleet, moment: str) -> bool:
    return all(group.tag(TAKEN_UP) == moment for group in fleet.groups.values())
