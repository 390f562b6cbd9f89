"""Why instances do not become healthy, as a person is told it: in the load balancer's own words."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.errors import Status, Usage
from bluegreen.flow.causes import Link
from bluegreen.flow.events import Event, EventKind
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.report.history import history_text
from bluegreen.service import Why
from tests.support.virtual import Pair, virtual


@pytest.mark.parametrize(
    ("image", "reason"),
    [("bad-1", "Target.ResponseCodeMismatch [503]"), ("slow-1", "Target.Timeout")],
)
def test_a_deployment_that_is_taken_back_says_why_it_never_was_healthy(image: str, reason: str) -> None:
    """The result names what the health check met, and how many instances met it."""
    pair = virtual(instances=2)
    ended = pair.service().deploy(image)
    assert (Status.ROLLED_BACK, True) == (ended.status, f"0 of 2 healthy: 2 × {reason}" in ended.sentence), ended


class Watched(MemoryStore):
    """A store that knows what the events said when the record first told of the way back."""

    kept: tuple[str, ...] = ()

    def write(self, service: str, document: Document[Any], expected: Version) -> Version:
        """Write, as any store does."""
        release = document.release
        if release is not None and release.goal == "rollback" and not self.kept:
            self.kept = self.events(service, release.id)
        return super().write(service, document, expected)


def told(pair: Pair) -> list[Event]:
    """Return the causes that a listener heard."""
    return [event for event in pair.events if event.kind is EventKind.CAUSE]


def test_a_cause_is_kept_before_the_rollback_is_recorded() -> None:
    """For each instance once, with the code and the words of the load balancer."""
    pair = virtual(instances=2)
    pair.store = store = Watched()
    pair.service().deploy("bad-1")
    lines = [line for line in store.kept if '"kind": "cause"' in line or '"kind":"cause"' in line]
    codes = ["Target.ResponseCodeMismatch" in line and "[503]" in line and '"since"' in line for line in lines]
    assert [True, True] == codes


def after(image: str) -> tuple[Pair, Why]:
    """Return a pair after an image has failed on it, and why that was."""
    pair = virtual(instances=2)
    assert Status.ROLLED_BACK == pair.service().deploy(image).status
    return pair, pair.service().why()


def test_why_answers_after_the_rollback() -> None:
    """The instances are gone; it says when they were seen last."""
    _, found = after("bad-1")
    assert (True, "the application answers health checks with 503", 2, True, True) == (
        found.over,
        found.cause.sentence,
        found.count,
        found.heads[0].startswith("bad-1 was rolled back (web:20231114-221323-0001): its instances are gone; seen"),
        all(one.since is not None for one in found.instances),
    )


def test_an_instance_that_is_gone_can_still_be_asked_for() -> None:
    """One that never was is a slip, and so is a release that is on no record."""
    pair, found = after("bad-1")
    ill = found.instances[0].id
    assert [ill] == [one.id for one in pair.service().why(ill).instances]
    with pytest.raises(Usage, match="there is no instance 'i-9999'"):
        pair.service().why("i-9999")
    with pytest.raises(Usage, match="no release on record is called 'v9'"):
        pair.service().why(release="v9")


def test_a_release_of_before_is_asked_for_by_its_image() -> None:
    """The one after it went well, so that without a name nothing is wrong."""
    pair, _ = after("slow-1")
    pair.service().deploy("v2")
    asked = pair.service().why(release="slow-1")
    assert ("the application does not answer health checks in time", Link.NOTHING) == (
        asked.cause.sentence,
        pair.service().why().cause.link,
    )


def test_what_was_unhealthy_for_a_while_and_came_right_is_no_cause() -> None:
    """A person has taken back what was healthy: nothing of the way there explains that."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.service().rollback()
    assert Link.NOTHING == pair.service().why().cause.link


def test_a_listener_hears_a_cause_once_for_each_instance() -> None:
    """However many looks show it."""
    pair, found = after("bad-1")
    heard = [event.cause.instance for event in told(pair) if event.cause is not None]
    assert sorted(one.id for one in found.instances) == sorted(heard)


def test_the_history_says_why_below_the_outcome() -> None:
    """Of what was taken back; what went well has nothing to explain."""
    pair, _ = after("bad-1")
    pair.service().deploy("v2")
    service = pair.service()
    lines = history_text("web", service.history(), service.causes()).splitlines()
    why, cause, well = lines[2:]
    assert (True, "    cause  the application answers health checks with 503", True) == (
        why.startswith("    why    no progress"),
        cause,
        "deployed, v1 parked" in well,
    )
