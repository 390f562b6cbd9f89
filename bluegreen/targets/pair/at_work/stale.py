"""A release that begins right after another one must not take its picture from a moment before that one's end.

An answer of AWS's may be a minute old. For so long after the end of a release, only what that release left is believed.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from bluegreen.flow.guards import STALE
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.copies import named
from bluegreen.targets.pair.model.fleet import Fleet, Question, Survey
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.sentences import waits

SETTINGS = "settings"


def left_by(fleet: Fleet) -> Mapping[str, str]:
    """Return what tells a moment from the ones before it: each group's bounds, processes, and whether it serves.

    Where their scaling settings were looked at, what those are called is told, too: they may have moved.
    """
    groups = {
        name: f"{group.min}..{group.max} {','.join(sorted(group.suspended))} {bool(fleet.registered(group))}"
        for name, group in fleet.groups.items()
    }
    return {
        **groups,
        **{f"{name} {SETTINGS}": ", ".join(sorted(named(one).all)) for name, one in fleet.scaling.items()},
    }


def settled_survey(looks: Looks, document: Document) -> Survey:
    """Return a survey that shows what the newest past release left, or one taken a minute after its end.

    A person's change within that minute is waited for as well: what is new then is no older look. It is looked once a
    second, for a minute of our own clock at most, whatever date the machine had that ended the release.
    """
    clock, question = looks.session.clock, Question(looks.names, scaling=looks.names)
    end = clock.monotonic() + STALE
    while True:
        survey = looks.survey()
        seen = attrs.evolve(survey.fleet, scaling=survey.scaling)
        if clock.monotonic() > end or not _contradicts(document, seen, clock.now()):
            return survey
        while clock.monotonic() <= end and _contradicts(document, looks.cloud.ask(question), clock.now()):
            looks.session.wait_a_second(waits.previous_not_seen())


def _contradicts(document: Document, fleet: Fleet, now: float) -> bool:
    past = document.history[-1] if document.history else None
    if past is None or now - past.ended_at >= STALE:
        return False
    seen = left_by(fleet)
    return any(seen.get(name, told) != told for name, told in past.left.items())
