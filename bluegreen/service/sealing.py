"""The record as a run writes it, with its seal in the groups' tags; and whether a record that is read fits its seal."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define

from bluegreen.errors import Denied, Unreachable
from bluegreen.flow.ports import ActionRefused
from bluegreen.pair.actions import Mirror
from bluegreen.pair.release import ROLLBACK, Release
from bluegreen.pair.seal import SEAL, both, seal
from bluegreen.service.cloud import Cloud
from bluegreen.state.book import ServiceBook


@define
class SealedBook:
    """A book whose release is sealed in the tags before it changes; ``tagged`` says whether those tell of it by now."""

    book: ServiceBook
    cloud: Cloud
    tagged: Callable[[], bool]

    def save(self, release: Release) -> None:
        """Make ``release`` what the record says, durably; raise ``Held`` when the lease is not ours any more.

        What goes back is on record whatever AWS answers. Where a seal cannot be put, a later run asks a person.
        """
        before = self.book.document.release
        if before is not None and before.id == release.id and self.tagged() and seal(before) != seal(release):
            self._announce(before, release)
        self.book.save(release)

    def renew(self) -> float:
        """Renew the lease when that is due and return the seconds it still lasts; raise ``Held`` if it is lost."""
        return self.book.renew()

    def _announce(self, before: Release, after: Release) -> None:
        tags = Mirror(tuple((group, SEAL, both(before, after)) for group in (after.old, after.new)))
        try:
            self.cloud.act(tags, self.book.assure)
        except (ActionRefused, Denied):
            return
        except Unreachable:
            if after.goal != ROLLBACK:
                raise
