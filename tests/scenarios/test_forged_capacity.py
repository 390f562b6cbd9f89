"""What is forged in form, on record or in tags, takes no capacity away: how many are healthy is AWS's to say."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status
from bluegreen.flow.limits import Pace
from bluegreen.targets.pair.model.release import ROLLBACK
from bluegreen.targets.pair.release_tags.written import GOAL, TERMS
from tests.scenarios.test_forged_tags import terms_told, write_release_tags
from tests.scenarios.test_strange_records import rewrite
from tests.support.hands import type_in
from tests.support.values import evolved
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch

OPEN = {"moving": 1.0, "moved": 2.0, "deployed": 3.0}


def target_groups(pair: Pair) -> tuple[str, ...]:
    """Return the ARNs of all target groups."""
    return tuple(row["TargetGroupArn"] for row in pair.sim.call("elbv2", "DescribeTargetGroups", {})["TargetGroups"])


FORGED: dict[str, Callable[[Pair], dict[str, Any]]] = {
    "no pace": lambda pair: {"pace": Pace(0, 1000)},
    "all are leaving": lambda pair: {"leaving": frozenset(pair.sim.states(GREEN))},
    "no balancer counts": lambda pair: {"without": target_groups(pair)},
    "nothing ever served, and in a hurry": lambda pair: {"urgent": True, "best": {}, "after_wave": {}},
    "it is the first": lambda pair: {"first": True, "best": {}, "after_wave": {}},
}


def forged(kind: str, *, over: bool) -> tuple[Pair, Watch]:
    """Return a pair that serves v2, and whose record says that v1 is back, and something else that is not so."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    if over:
        pair.service().finish()
    pair.run_for(120)
    watch = Watch(pair, 2)
    said = {"goal": ROLLBACK, "progress": (), "milestones": {**({} if over else OPEN), "back": 4.0}}
    rewrite(pair, release=evolved(release, **said, **FORGED[kind](pair)))  # type: ignore[arg-type]
    return pair, watch


def healthy(pair: Pair) -> int:
    """Return how many instances of both groups are healthy in truth."""
    return len({*pair.sim.healthy(BLUE), *pair.sim.healthy(GREEN)})


@pytest.mark.parametrize("over", [True, False], ids=["nothing open", "at rest"])
@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_rollback_takes_nothing_away_unasked(kind: str, over: bool) -> None:
    """What two serve before a clean-up two serve behind it, at every moment, and a person is told."""
    pair, watch = forged(kind, over=over)
    told = [pair.service().cleanup() for _ in range(2)]
    pair.run_for(120)
    assert ([], 2) == (watch.broken, healthy(pair))
    assert {Status.BLOCKED} == {one and one.status for one in told}


@pytest.mark.parametrize("over", [True, False], ids=["nothing open", "at rest"])
@pytest.mark.parametrize("verb", ["resume", "rollback"])
@pytest.mark.parametrize("kind", FORGED)
def test_nor_does_it_where_a_person_asks(kind: str, verb: str, over: bool) -> None:
    """Whoever types ``resume`` or ``rollback`` wants the service to serve: two do at least, at every moment."""
    pair, watch = forged(kind, over=over)
    try:
        told = getattr(pair.service(), verb)().status
    except Refused as error:
        told = error.status
    pair.run_for(120)
    assert ([], True) == (watch.broken, healthy(pair) >= 2)
    assert told in (Status.BLOCKED, Status.OK)


@pytest.mark.parametrize("verb", ["deploy", "finish", "cleanup"])
def test_a_forged_deployment_parks_nothing_that_serves(verb: str) -> None:
    """The record says that the traffic is moving onto an empty group, which needs nobody."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    pair.service().finish()
    pair.run_for(120)
    watch, swapped = Watch(pair, 2), attrs.evolve(release.picture, old=release.picture.new, new=release.picture.old)
    sides = {
        "old": GREEN,
        "new": BLUE,
        "picture": swapped,
        "written": {},
        "best": {},
        "progress": (),
        "pace": Pace(0, 1000),
    }
    doors = OPEN if verb == "finish" else {"moving": 1.0}
    rewrite(pair, release=evolved(release, **sides, without=target_groups(pair), milestones=doors))
    with contextlib.suppress(Refused):
        getattr(pair.service(), verb)(*(["v2"] if verb == "deploy" else []))
    pair.run_for(120)
    assert ([], 2) == (watch.broken, healthy(pair))


@pytest.mark.parametrize("then", ["cleanup", "resume", "rollback"])
@pytest.mark.parametrize("terms", [{"first": "1"}, {"pace": "0/1000"}, {"pace": "0/1000", "first": "1"}], ids=str)
def test_forged_tags_of_both_groups_take_nothing_away(then: str, terms: dict[str, str]) -> None:
    """The tags tell of a rollback to an empty group; adopted by a person and carried on, the service serves."""
    pair = virtual(instances=2)
    watch = Watch(pair, 2)
    write_release_tags(pair, "web:20231114-221323-0009", old=GREEN, **{GOAL: ROLLBACK, TERMS: terms_told(**terms)})
    pair.service().adopt()
    assert pair.release is not None
    rewrite(pair, release=attrs.evolve(pair.release, hold=None))
    told = getattr(pair.service(), then)()
    pair.run_for(120)
    assert ([], 2, "first" in terms) == (watch.broken, healthy(pair), told.status is Status.BLOCKED)


def test_a_first_release_is_not_adopted_beside_a_group_that_has_instances() -> None:
    """That nothing served before is seen; tags that say so are believed by nobody where it is not so."""
    pair = virtual(instances=2)
    write_release_tags(pair, "web:20231114-221323-0009", old=BLUE, **{GOAL: ROLLBACK, TERMS: terms_told(first="1")})
    with pytest.raises(Refused, match="that nothing served before v2, and web-blue has 2 instances") as caught:
        pair.service().adopt()
    assert "delete-tags" in caught.value.hint


def test_a_first_release_that_was_cut_off_stays_where_it_serves() -> None:
    """Whoever takes it back from another process is told how it goes, and how it stays; the command does it."""
    pair = virtual(instances=0, minimum=0, maximum=4)
    pair.service(stop=lambda: 15 if pair.sim.groups[BLUE].minimum else None).deploy("v1", capacity=2)
    pair.run_for(60)
    told = pair.service().rollback()
    assert (Status.BLOCKED, True) == (told.status, healthy(pair) > 0)
    ((empty,), again) = (told.hint.split("`")[3::4], told.hint.split("`")[5])
    assert "bluegreen resume web" == again
    type_in(pair, empty)
    assert (Status.OK, 0) == (pair.service().resume().status, healthy(pair))


def cut_off(**settings: Any) -> Pair:
    """Return a pair whose deployment of v2 was killed before old instances were parked."""
    pair = virtual(instances=4, balancers=("target-group", "target-group"))
    service = pair.service(stop=lambda: 15 if pair.release and pair.release.passed("moving") else None, **settings)
    service.set_aside(["web-1"])
    service.deploy("v2")
    return pair


@pytest.mark.parametrize("verb", ["resume", "deploy"])
def test_a_pace_and_a_balancer_set_aside_are_said_again(verb: str) -> None:
    """They are a person's word, and whoever can write the record can write it there; a rollback needs none of it."""
    pair = cut_off(pace=Pace(50, 150))
    with pytest.raises(
        Refused, match=r"fewer may serve \(50/150\) than is configured \(100/200\) and it does without web-1"
    ) as caught:
        getattr(pair.service(), verb)(*(["v2"] if verb == "deploy" else []))
    assert "`bluegreen resume --pace 50/150 --without web-1 web`" in caught.value.hint
    with pytest.raises(Refused, match="does without web-1"):
        pair.service(pace=Pace(50, 150)).resume()
    service = pair.service(pace=Pace(50, 150))
    service.set_aside(["web-1"])
    assert (Status.OK, 4) == (service.resume().status, len(pair.sim.healthy(GREEN)))


def test_a_rollback_waits_for_no_word() -> None:
    """Whatever the record says of pace and balancers, old comes back, and new stays where it alone serves."""
    pair = cut_off(pace=Pace(50, 150))
    watch = Watch(pair, 4)
    assert (Status.OK, [], 4) == (pair.service().rollback().status, watch.broken, len(pair.sim.healthy(BLUE)))
