"""Tags of a pair that tell of a release which the record does not know: somebody else's, or nobody's. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.errors import Refused
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.told import foreign, shown, unclaimed
from bluegreen.words import shown as quoted


def strangers(fleet: Fleet, service: str) -> Iterator[str]:
    """Yield a warning for each tag that names no release that ``service`` can have, and how it goes."""
    for name, tag in foreign(fleet, service):
        yield f"the tag {ID}={quoted(tag)} of {name} names no release of {service}: {hints.untagged(name, ID)}"


def refuse_stranger(document: Document, fleet: Fleet) -> None:
    """Raise ``Refused``, naming release and owner, when the tags tell of a release that the record does not know."""
    told = shown(fleet, document.service)
    known = {past.id for past in document.history} | {document.release.id if document.release else ""}
    if told is None or told.id in known:
        return
    raise Refused(
        f"{document.service}: {' and '.join(fleet.groups)} are in a release that this record does not know: "
        f"the {told.goal} of {told.image} by {told.by} ({told.id})",
        f"use the record that knows it (`state`, --state); `bluegreen adopt {document.service}` rebuilds a lost one; "
        f"where there is no such release, {unclaimed(fleet, told)}",
    )
