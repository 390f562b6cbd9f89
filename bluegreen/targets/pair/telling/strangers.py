"""Tags of a pair that tell of a release which the record does not know: somebody else's, or nobody's. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.errors import Refused
from bluegreen.sentences.forms import of
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.told import foreign, shown, unclaimed
from bluegreen.targets.pair.sentences import told as sentences


def strangers(fleet: Fleet, service: str) -> Iterator[str]:
    """Yield a warning for each tag that names no release that ``service`` can have, and how it goes."""
    for name, tag in foreign(fleet, service):
        yield f"{sentences.nobodys(name, ID, tag)}: {hints.untagged(name, ID)}"


def refuse_stranger(document: Document, fleet: Fleet) -> None:
    """Raise ``Refused``, naming release and owner, when the tags tell of a release that the record does not know."""
    told = shown(fleet, document.service)
    known = {past.id for past in document.history} | {document.release.id if document.release else ""}
    if told is None or told.id in known:
        return
    raise Refused(
        of(document.service, sentences.not_known_here(fleet.groups, told.goal, told.image, told.by, told.id)),
        f"use the record that knows it (`state`, --state); `bluegreen adopt {document.service}` rebuilds a lost one; "
        f"where there is no such release, {unclaimed(fleet, told)}",
    )
