"""A record that speaks of something else: other groups, another service, account or region; a forged one, or a typo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status
from bluegreen.flow.limits import Pace
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import Release
from tests.support.hands import unseal
from tests.support.records import from_bytes
from tests.support.values import evolved
from tests.support.virtual import BLUE, GREEN, Pair, configured, told_once, virtual

FOREIGN = "billing"

VERBS: dict[str, Callable[[Service], Any]] = {
    "deploy": lambda service: service.deploy("v3"),
    "rollback": lambda service: service.rollback(),
    "finish": lambda service: service.finish(),
    "resume": lambda service: service.resume(),
    "cleanup": lambda service: service.cleanup(),
    "adopt": lambda service: service.adopt(),
    "status": lambda service: service.status(),
    "check": lambda service: service.check(),
    "diff": lambda service: service.diff(),
    "history": lambda service: service.history(),
    "previous_image": lambda service: service.previous_image(),
    "parked": lambda service: service.parked(),
    "lock": lambda service: service.lock("forged"),
    "unlock": lambda service: service.unlock(),
}
SILENT = {"history", "previous_image", "lock", "unlock", "parked"}
"""They ask nothing of AWS, or not here."""

EVERY = pytest.mark.parametrize("verb", VERBS)


@told_once
def resting() -> Pair:
    """Return a pair that serves v2, the old instances parked, and a third group that is in no configuration."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    group = {"AutoScalingGroupName": FOREIGN, "MinSize": 2, "MaxSize": 2, "DesiredCapacity": 2}
    template = {"LaunchTemplateName": "web", "Version": "1"}
    rows = pair.sim.call("autoscaling", "DescribeAutoScalingGroups", {})["AutoScalingGroups"]
    zones = [zone for row in rows for zone in row["AvailabilityZones"]]
    request = {**group, "LaunchTemplate": rows[0].get("LaunchTemplate", template), "AvailabilityZones": zones[:1]}
    pair.sim.call("autoscaling", "CreateAutoScalingGroup", request)
    pair.run_for(60)
    return pair


def rewrite(pair: Pair, *, sealed: bool = False, **changes: Any) -> None:
    """Change the record behind the tool's back; unless it stays ``sealed``, its seal is taken off the groups, too."""
    document, version = pair.store.read("web")
    assert document is not None
    if not sealed:
        unseal(pair)
    pair.store.write("web", attrs.evolve(document, **changes), version)


def forge(pair: Pair, *, sealed: bool = False, **changes: Any) -> None:
    """Change the release on record behind the tool's back."""
    assert pair.release is not None
    rewrite(pair, sealed=sealed, release=evolved(pair.release, **changes))


def calls(pair: Pair) -> list[str]:
    """Return a list in which every request to AWS from now on appears."""
    made: list[str] = []

    def note(call: Call) -> None:
        made.append(f"{call.operation} {call.parameters}")

    pair.sim.faults.before.append(note)
    return made


def refusal(service: Service, verb: str) -> Refused:
    """Return how ``verb`` is refused."""
    with pytest.raises(Refused) as caught:
        VERBS[verb](service)
    return caught.value


def named(release: Release, name: str) -> dict[str, Any]:
    """Return what makes the old group of a release another one, throughout."""
    side = attrs.evolve(release.picture.old, name=name)
    return {"old": name, "picture": attrs.evolve(release.picture, old=side), "written": {}, "best": {}}


@EVERY
def test_a_release_of_another_group_is_refused_before_aws_is_asked(verb: str) -> None:
    """Its `old` is in no configuration, nothing holds the floor, it is due: no verb asks AWS, nothing is written."""
    pair = resting()
    assert pair.release is not None
    forge(pair, **named(pair.release, FOREIGN), keep_parked=0.0, pace=Pace(0, 1000))
    before, made = pair.store.read("web"), calls(pair)
    found = refusal(pair.service(), verb)
    assert (Status.BLOCKED, True, True) == (found.status, FOREIGN in found.message, BLUE in found.message)
    assert ("bluegreen status web" in found.hint, [], before) == (True, made, pair.store.read("web"))
    assert {"InService"} == set(pair.sim.states(FOREIGN).values())


@EVERY
def test_another_project_with_the_same_service_and_state_is_refused(verb: str) -> None:
    """The first project's release is open, or has just ended: the second one's groups are others."""
    for end in (False, True):
        pair = resting()
        if end:
            pair.service().finish()
        service = pair.service()
        service = configured(service, blue="shop-blue", green="shop-green")
        made, found = calls(pair), refusal(service, verb)
        assert (True, True, []) == ("shop-blue" in found.message, GREEN in found.message, made)


@EVERY
def test_a_typo_in_a_group_under_an_open_release_names_both(verb: str) -> None:
    """`--blue x` is no bug of ours: 4, with what the record says and what was asked for."""
    pair = resting()
    service = pair.service()
    service = configured(service, blue="x")
    found = refusal(service, verb)
    assert (True, True) == ("says x and web-green" in found.message, "web-blue and web-green" in found.message)


@EVERY
def test_another_service_is_refused(verb: str) -> None:
    """A document that says to be another service's is not this one's, whatever its file is called."""
    pair = resting()
    rewrite(pair, service="api")
    assert "api" in refusal(pair.service(), verb).message


@pytest.mark.parametrize("verb", sorted(set(VERBS) - SILENT))
def test_another_account_or_region_is_refused_with_both(verb: str) -> None:
    """The groups have the same names, and are others: nothing is written there."""
    for changes in ({"account": "999999999999"}, {"region": "eu-west-1"}):
        pair = resting()
        rewrite(pair, **changes)
        before = pair.picture()
        closed = verb in ("deploy", "check", "adopt", "cleanup")
        told = refusal(_without_release(pair) if closed else pair.service(), verb).message
        assert (True, True) == ("123456789012 in us-east-1" in told, next(iter(changes.values())) in told)
        assert before == pair.picture()


def _without_release(pair: Pair) -> Service:
    rewrite(pair, release=None)
    return pair.service()


def test_the_configured_region_is_compared_without_asking() -> None:
    """A region in the configuration that is not the record's is refused before anything is asked."""
    pair = resting()
    made = calls(pair)
    found = refusal(pair.service(region="eu-west-1"), "status")
    assert ([], True) == (made, "us-east-1" in found.message and "eu-west-1" in found.message)


def test_account_and_region_are_gained_at_the_first_write_after_a_look() -> None:
    """A record of an older format does not have them: they come from the groups' ARNs, once a look has agreed."""
    pair = resting()
    rewrite(pair, account="", region="")
    pair.service().status()
    assert ("", "") == _place(pair)
    pair.service().finish()
    assert ("123456789012", "us-east-1") == _place(pair)


def _place(pair: Pair) -> tuple[str, str]:
    document, _ = pair.store.read("web")
    assert document is not None
    return document.account, document.region


def test_colours_may_be_swapped_between_two_releases_and_one_group_renamed() -> None:
    """What is closed is history: it need not know how the pair is called now, as long as it is this pair."""
    pair = resting()
    pair.service().finish()
    service = pair.service()
    service = configured(service, blue=GREEN, green=BLUE)
    assert [Status.OK, Status.OK] == [service.deploy("v3").status, service.finish().status]
    rewrite(pair, history=tuple(attrs.evolve(past, new="web-gone") for past in _history(pair)))
    assert GREEN in {one.name for one in pair.service().status().sides}


def _history(pair: Pair) -> Any:
    document, _ = pair.store.read("web")
    return () if document is None else document.history


def test_colours_may_be_swapped_under_an_open_release_too() -> None:
    """The sides of a release are fixed when it begins, whatever colour they have."""
    pair = resting()
    service = pair.service()
    service = configured(service, blue=GREEN, green=BLUE)
    assert Status.OK == service.finish().status


def test_a_run_of_the_tool_writes_what_it_can_read_again() -> None:
    """Every record that is written in a deploy, a rollback and a finish is one that is believed."""
    pair = virtual(instances=2)
    pair.store = Careful()
    ended = [pair.service().deploy("v2"), pair.service().rollback(), pair.service().deploy("v3")]
    ended += [pair.service().finish(), pair.service().rollback(), pair.service().finish()]
    assert [Status.OK] * 6 == [one.status for one in ended]


class Careful(MemoryStore):
    """A store that reads again what it was given."""

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep the document if it can be read again."""
        assert document == from_bytes(to_bytes(document), "web.json")
        return super().write(service, document, expected)
