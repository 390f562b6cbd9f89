"""A record that somebody else has written does not fit the seal in the groups' tags: it is not carried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.errors import Status, Unreachable
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.fleet import AUTOSCALER
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, SEAL, Bounds
from tests.scenarios.test_strange_records import forge
from tests.support.hands import asked as ask
from tests.support.hands import tagged
from tests.support.virtual import BLUE, GREEN, Pair, told_once, virtual
from tests.support.watching import Watch

Forged = Callable[[Pair], dict[str, Any]]


def doors(*names: str) -> Forged:
    """Return what forges milestones, beside those that there are."""
    return lambda pair: {"milestones": {**known(pair), **dict.fromkeys(names, pair.clock.now())}}


def known(pair: Pair) -> dict[str, float]:
    """Return the milestones on record."""
    assert pair.release is not None
    return dict(pair.release.milestones)


def aside(pair: Pair) -> dict[str, Any]:
    """Forge that no balancer counts."""
    return {"without": tuple(sorted(pair.sim.groups[BLUE].balancers))}


FORGED: dict[str, Forged] = {
    "no balancer counts": aside,
    "it is back": doors("back"),
    "all is as it was": doors("back", "restored"),
    "it is a finish": lambda pair: {"goal": FINISH, **doors("moved", "deployed")(pair), "progress": ()},
    "it is over": lambda pair: {"goal": FINISH, **doors("moved", "deployed", "retiring", "finished")(pair)},
    "a rollback is over": lambda pair: {"goal": ROLLBACK, **doors("back", "restored")(pair), "progress": ()},
    "more than there is room for": lambda _: {"capacity": 9},
    "no patience": lambda pair: {"progress_deadline": 0.0, "returning": frozenset(pair.sim.states(BLUE))},
    "fewer at most": lambda _: {"bounds": Bounds(0, 2)},
    "instead of another": lambda _: {"instead_of": "v9"},
    "nothing before": lambda _: {"first": True},
    "another image": lambda _: {"image": "v9"},
    "no time to prove": lambda _: {"healthy_for": 0.0, "bake": 0.0},
    "no alarm": lambda _: {"keep_parked": 0.0, "alarms": ()},
}
"""What somebody writes who may write the record alone."""


@told_once
def cut_off(door: str) -> Pair:
    """Return a pair whose release was cut off behind a milestone; it rests behind the last one."""
    pair = virtual(instances=2, minimum=1, maximum=8, policies=[tracking("requests", 3600.0)])
    stop = lambda: 15 if pair.release and pair.release.passed(door) else None  # noqa: E731
    pair.service(bake=100.0, stop=stop).deploy("v2")
    return pair


def settings(pair: Pair) -> dict[str, Any]:
    """Return what both groups are like, in truth."""
    return {name: (g.minimum, g.maximum, frozenset(g.suspended)) for name, g in pair.sim.groups.items()}


@pytest.mark.parametrize("what", FORGED)
@pytest.mark.parametrize("door", ["moving", "moved", "deployed"])
def test_unasked_a_forged_record_changes_nothing(door: str, what: str) -> None:
    """New is well: nobody loses capacity, no size or process is another one, nothing is retired; a person is told."""
    pair = cut_off(door)
    before, alive, watch = settings(pair), {*pair.sim.states(BLUE), *pair.sim.states(GREEN)}, Watch(pair, 2)
    forge(pair, sealed=True, **FORGED[what](pair))
    told = [pair.service(bake=100.0).cleanup() for _ in range(2)]
    assert ([], before, alive) == (
        watch.broken,
        settings(pair),
        {*pair.sim.states(BLUE), *pair.sim.states(GREEN)},
    )
    assert [Status.BLOCKED] * 2 == [one.status for one in told if one is not None]


@pytest.mark.parametrize("what", FORGED)
@pytest.mark.parametrize("door", ["moved", "deployed"])
@pytest.mark.parametrize("verb", ["cleanup", "resume", "rollback"])
def test_what_is_parked_comes_back_when_new_dies(verb: str, door: str, what: str) -> None:
    """Whatever the record says, by AWS's own rows alone, unasked as well."""
    pair = cut_off(door)
    forge(pair, sealed=True, **FORGED[what](pair))
    for one in list(pair.sim.states(GREEN)):
        pair.sim.sicken(one)
    pair.run_for(30)
    ended = getattr(pair.service(bake=100.0), verb)()
    assert (Status.BLOCKED, 2) == (ended.status, len(pair.sim.healthy(BLUE))), ended


def test_a_person_says_which_of_both_is_right() -> None:
    """Where the tag with the seal is taken off, as the hint says, the record is carried on."""
    pair = cut_off("moved")
    forge(pair, sealed=True, alarms=("web-5xx",))
    told = pair.service(bake=100.0).resume()
    assert (Status.BLOCKED, True) == (told.status, "bluegreen:seal" in str(told.hint))
    for group in (BLUE, GREEN):
        tag = {"Key": SEAL, "ResourceId": group, "ResourceType": "auto-scaling-group"}
        pair.sim.call("autoscaling", "DeleteTags", {"Tags": [tag]})
    assert Status.OK == pair.service(bake=100.0).resume().status


@pytest.mark.parametrize("value", ["", "x", "0" * 32, "0" * 32 + " " + "1" * 32])
def test_a_forged_seal_keeps_nothing_from_coming_back(value: str) -> None:
    """On one group it changes nothing; on both it blocks, and what is parked comes back when it is needed."""
    pair = cut_off("moved")
    tagged(pair, BLUE, value, SEAL)
    one = pair.branch()
    assert Status.OK == one.service(bake=100.0).resume().status
    tagged(pair, GREEN, value, SEAL)
    for sick in list(pair.sim.states(GREEN)):
        pair.sim.sicken(sick)
    pair.run_for(30)
    ended = pair.service(bake=100.0).cleanup()
    assert ended is not None
    assert 2 == len(pair.sim.healthy(BLUE)), ended


def test_while_the_owner_wants_none_nothing_comes_back_unasked() -> None:
    """At night nothing serves, and that is no loss."""
    pair = cut_off("deployed")
    forge(pair, sealed=True, bounds=Bounds(0, 2))
    pair.sim.call(
        "autoscaling",
        "UpdateAutoScalingGroup",
        {"AutoScalingGroupName": GREEN, "MinSize": 0, "DesiredCapacity": 0},
    )
    pair.run_for(60)
    assert pair.service(bake=100.0).cleanup() is not None
    assert (0, True) == (len(pair.sim.healthy(BLUE)), frozenset(pair.sim.groups[BLUE].suspended) >= AUTOSCALER)


def test_a_release_is_sealed_from_its_first_tags_to_its_last() -> None:
    """Behind each call of AWS's the record on hand fits what the tags tell, or there is no seal."""
    from bluegreen.targets.pair.model.release import ID
    from bluegreen.targets.pair.model.seal import seal

    pair, strange = virtual(instances=2), []

    def look(_: object) -> None:
        release = pair.release
        tags = [group.tags for group in pair.sim.groups.values()]
        if release is None or not any(one.get(ID, ("",))[0] == release.id for one in tags):
            return
        seals = {word for one in tags if SEAL in one for word in one[SEAL][0].split()}
        if seals and seal(release) not in seals and release.goal != ROLLBACK:
            strange.append((release.goal, sorted(release.milestones)))

    pair.sim.faults.before.append(look)
    pair.service().deploy("v2")
    pair.service().finish()
    pair.service().deploy("v3")
    pair.service().rollback()
    assert [] == strange
    assert [] == [key for group in pair.sim.groups.values() for key in group.tags if key == SEAL]


@pytest.mark.parametrize("door", ["moved", "deployed"])
def test_a_forged_history_takes_no_tag_off_while_instances_are_parked(door: str) -> None:
    """The record says that the release is over: a person is told, and takes it in again, or brings them back."""
    pair = cut_off(door)
    document, version = pair.store.read("web")
    assert document is not None
    assert document.release is not None
    over = document.closed(document.release.as_past("finished", pair.clock.now() - 100.0))
    pair.store.write("web", over, version)
    told = pair.service(bake=100.0).cleanup()
    assert told is not None
    assert (Status.BLOCKED, True) == (told.status, "bluegreen adopt web" in str(told.hint))
    for verb in ("rollback", "cleanup"):
        told = getattr(pair.service(bake=100.0), verb)()
        assert (Status.BLOCKED, True) == (told.status, "bluegreen adopt web" in str(told.hint))
    assert Status.OK == pair.service(bake=100.0).adopt().status
    assert (Status.OK, 2) == (pair.service(bake=100.0).rollback().status, len(pair.sim.healthy(BLUE)))


@pytest.mark.parametrize("what", ["it is a finish", "it is over", "a rollback is over", "all is as it was"])
@pytest.mark.parametrize("verb", ["cleanup", "resume", "rollback"])
def test_another_id_is_no_way_round(verb: str, what: str) -> None:
    """No tag names the release that the record says: the seal beside another name does not fit it."""
    pair = cut_off("moved")
    assert pair.release is not None
    forge(pair, sealed=True, **{**FORGED[what](pair), "id": f"{pair.release.id[:-4]}beef"})
    for one in list(pair.sim.states(GREEN)):
        pair.sim.sicken(one)
    pair.run_for(30)
    ended = getattr(pair.service(bake=100.0), verb)()
    assert (Status.BLOCKED, 2) == (ended.status, len(pair.sim.healthy(BLUE))), ended


def test_what_is_forged_beside_a_living_run_is_never_sealed() -> None:
    """The run seals what it has saved itself, whatever stands in the record meanwhile."""
    pair = virtual(instances=2)
    over = {"goal": FINISH, "milestones": {"moving": 1.0, "moved": 2.0, "deployed": 3.0, "retiring": 4.0}}
    stops: list[int] = []

    def write(_: object) -> None:
        if pair.release is not None and pair.release.passed("moved") and not stops:
            stops.append(15)
            forge(pair, sealed=True, progress=(), **over)

    pair.sim.faults.before.append(write)
    pair.service(bake=100.0, stop=lambda: 15 if pair.release and pair.release.passed("deployed") else None).deploy("v2")
    pair.sim.faults.before.remove(write)
    forge(pair, sealed=True, progress=(), **over)
    told = pair.service(bake=100.0).resume()
    assert (Status.BLOCKED, 2) == (told.status, len(pair.sim.states(BLUE))), told


def test_tags_that_cannot_be_written_hold_up_no_way_back() -> None:
    """What was learned is saved without its seal, which is owed: new dies, and old is back at once."""
    pair = cut_off("moved")
    for one in list(pair.sim.states(GREEN)):
        pair.sim.sicken(one)

    def busy(call: Call) -> None:
        if call.operation == "CreateOrUpdateTags":
            raise throttled(call)

    pair.sim.faults.before.append(busy)
    begun = pair.clock.now()
    pair.service(bake=300.0).cleanup()
    assert 2 == len(pair.sim.healthy(BLUE))
    assert pair.clock.now() - begun < 400


def test_an_instance_of_new_in_standby_keeps_no_old_one_there() -> None:
    """Which side is old the tags tell: the owner may have one of new in Standby, too."""
    pair = cut_off("deployed")
    one = sorted(pair.sim.states(GREEN))[:1]
    ask(pair, "EnterStandby", GREEN, InstanceIds=one, ShouldDecrementDesiredCapacity=True)
    forge(pair, sealed=True, alarms=("web-5xx",))
    for sick in list(pair.sim.states(GREEN)):
        pair.sim.sicken(sick)
    pair.run_for(30)
    assert pair.service(bake=100.0).rollback().status is Status.BLOCKED
    assert (2, "Standby") == (len(pair.sim.healthy(BLUE)), pair.sim.states(GREEN)[one[0]])


def test_a_write_whose_answer_is_lost_may_be_the_one_that_was_kept() -> None:
    """The record keeps a milestone, its answer is lost, and all later writes are: what is kept fits."""
    pair = virtual(instances=2)

    class Deaf(MemoryStore):
        """A record that keeps the first document with a milestone, and answers nothing from then on."""

        kept = False

        def read(self, service: str) -> tuple[Document | None, Version]:
            return pair.store.read(service)

        def write(self, service: str, document: Document, expected: Version) -> Version:
            if self.kept:
                raise Unreachable("the record does not answer", "")
            version = pair.store.write(service, document, expected)
            if document.release is not None and document.release.passed("moving"):
                self.kept = True
                raise Unreachable("the record does not answer", "")
            return version

    service = pair.service()
    service.session.store = Deaf()
    with pytest.raises(Unreachable):
        service.deploy("v2")
    assert pair.release is not None
    assert pair.release.passed("moving")
    told = pair.service().resume()
    assert Status.OK == told.status, told
