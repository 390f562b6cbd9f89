"""Detached instances that carry our mark and are in no group: what a release that is lost has left running."""

from __future__ import annotations

from collections.abc import Callable

from bluegreen.errors import Status
from bluegreen.flow.guards import AGREEING
from bluegreen.flow.sound import is_release_id
from bluegreen.sentences.forms import of
from bluegreen.targets.pair.at_work.cloud import Cloud
from bluegreen.targets.pair.hints import ended, unmarked
from bluegreen.targets.pair.model.fleet import Machine, Question
from bluegreen.targets.pair.model.release import MARK
from bluegreen.targets.pair.sentences import told as sentences
from bluegreen.targets.seam.ended import Ended
from bluegreen.words import fits


def leftovers(cloud: Cloud, service: str, groups: tuple[str, str], pause: Callable[[], None]) -> Ended | None:
    """Return which instances carry a mark of this service and are in no group and no balancer, where looks agree.

    Nothing is done to them: a finish ends when all that it lists is terminated, or kept. That one has ended without
    that is the record's word, and what a person has stopped, or wants kept, carries the mark as well. ``pause`` waits
    between two looks; what it raises ends it all.
    """
    left = _agreed(cloud, service, groups, pause)
    if not left:
        return None
    they_are = fits(left, "it is", "they are")
    ways = f"{ended(left)}, or if {they_are} to stay: {unmarked(left, MARK)}"
    return Ended(
        Status.BLOCKED, of(service, sentences.left_over(left, MARK)), f"see whose {they_are}; if nobody's: {ways}"
    )


def marked(cloud: Cloud, service: str) -> tuple[Machine, ...]:
    """Return the instances that run and carry the mark of a release that ``service`` can have had."""
    found = cloud.machines_marked(MARK, f"{service}:")
    return tuple(one for one in found if not one.gone and is_release_id(one.tags[MARK], service))


def _agreed(cloud: Cloud, service: str, groups: tuple[str, str], pause: Callable[[], None]) -> list[str]:
    found: set[str] | None = None
    for _ in range(AGREEING):
        seen = _detached(cloud, service, groups)
        found = seen if found is None else found & seen
        if not found:
            break
        pause()
    return sorted(found or ())


def _detached(cloud: Cloud, service: str, groups: tuple[str, str]) -> set[str]:
    ids = {machine.id for machine in marked(cloud, service)}
    if not ids:
        return set()
    health = cloud.ask(Question(groups)).health
    balanced = {instance for states in health.values() for instance in states}
    return ids - cloud.members(sorted(ids)) - balanced
