"""A pair whose tags tell of a release that the record does not know: refused, or taken into the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from bluegreen.errors import Refused
from bluegreen.pair.fleet import Fleet
from bluegreen.pair.mirror import Adoption, Tags, rebuild, shown
from bluegreen.pair.release import MARK, Release
from bluegreen.service.cloud import Cloud
from bluegreen.state.document import Document


def adopted(cloud: Cloud, groups: tuple[str, str], adoption: Adoption, pause: Callable[[float], None]) -> Release:
    """Return the release that the tags of ``groups`` tell of; raise ``Refused`` when they tell of none."""
    survey = cloud.survey(groups, pause=pause)
    told = shown(survey.fleet)
    if told is None:
        raise Refused(
            f"{adoption.service}: the tags of {' and '.join(groups)} tell of no release, there is nothing to adopt",
            f"`bluegreen status {adoption.service}` shows how the pair stands",
        )
    marked = tuple(machine.id for machine in cloud.machines_marked(MARK, told.id) if not machine.gone)
    return rebuild(survey.fleet, attrs.evolve(adoption, marked=marked, scaling=survey.scaling))


def listed(mirror: Mapping[str, Tags]) -> tuple[tuple[str, str, str], ...]:
    """Return the tags of all groups as an action takes them."""
    return tuple((group, key, value) for group, tags in mirror.items() for key, value in tags.items())


def refuse_stranger(document: Document, fleet: Fleet) -> None:
    """Raise ``Refused``, naming release and owner, when the tags tell of a release that the record does not know."""
    told = shown(fleet)
    known = {past.id for past in document.history} | {document.release.id if document.release else ""}
    if told is None or told.id in known:
        return
    raise Refused(
        f"{document.service}: {' and '.join(fleet.groups)} are in a release that this record does not know: "
        f"the {told.goal} of {told.image} by {told.by} ({told.id})",
        f"use the record that knows it (`state`, --state); `bluegreen adopt {document.service}` rebuilds a lost one",
    )
