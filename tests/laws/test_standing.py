"""What one look says of the claim that one side serves an image alone."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.targets.pair.model.fleet import Fleet, Tag
from bluegreen.targets.pair.telling.status import STANDS, Fault, none_parked, serves_alone, supposed
from tests.support.values import fleet, group, look, release

TWO = ("InService", "InService")
PARKED = ("Standby", "Standby")
V2 = {"image": Tag("v2")}
RESTING = dict.fromkeys(("moving", "moved", "deployed"), 1.0)


def seen(old: tuple[str, ...] = PARKED, new: tuple[str, ...] = TWO, health: Any = None, **changes: Any) -> Fleet:
    """Return a pair whose new side serves v2 while the old instances are parked, but for what is said."""
    return fleet(group("old", *old), group("new", *new, **{"tags": V2, **changes}), health)


CASES = {
    "all well": (seen(), Fault.NONE),
    "taken back": (seen(TWO, ()), Fault.OTHER),
    "taken back, new parked": (seen(TWO, PARKED), Fault.OTHER),
    "nothing is registered": (seen(PARKED, ()), Fault.OTHER),
    "one old serves": (seen(("InService", "Standby")), Fault.BOTH),
    "one old is registered and unknown": (seen(health={"i-old-0": "unknown"}), Fault.UNKNOWN),
    "one old still drains": (seen(("EnteringStandby", "Standby"), health={"i-old-0": "draining"}), Fault.NONE),
    "another tag": (seen(tags={"image": Tag("v1")}), Fault.TAG),
    "no tag": (seen(tags={}), Fault.TAG),
    "one is sick": (seen(health={"i-new-0": "unhealthy"}), Fault.SHORT),
    "one is unknown": (seen(health={"i-new-0": "unknown"}), Fault.UNKNOWN),
    "one is unknown, the other sick": (seen(health={"i-new-0": "unknown", "i-new-1": "unhealthy"}), Fault.SHORT),
    "all are sick": (seen(health={"i-new-0": "unhealthy", "i-new-1": "unhealthy"}), Fault.SICK),
    "a zonal shift has one": (seen(health={"i-new-0": "shifted"}), Fault.NONE),
    "a zonal shift has one, the other is sick": (
        seen(health={"i-new-0": "shifted", "i-new-1": "unhealthy"}),
        Fault.SHORT,
    ),
    "a zonal shift has all": (seen(health={"i-new-0": "shifted", "i-new-1": "shifted"}), Fault.SHORT),
    "all are sick, one boots": (
        seen(new=(*TWO, "Pending"), health={"i-new-0": "unhealthy", "i-new-1": "unhealthy"}),
        Fault.SHORT,
    ),
    "all are sick, the group wants more": (
        seen(health={"i-new-0": "unhealthy", "i-new-1": "unhealthy"}, desired=3),
        Fault.SHORT,
    ),
    "more than the floor, one unknown": (seen(new=(*TWO, "InService"), health={"i-new-0": "unknown"}), Fault.NONE),
}


@pytest.mark.parametrize(("fleet", "expected"), CASES.values(), ids=CASES)
def test_a_resting_release(fleet: Fleet, expected: Fault) -> None:
    """Each look has one answer, with a sentence where it is not that all is well."""
    found = serves_alone(look(fleet, release(milestones=RESTING)))
    assert (expected, expected is not Fault.NONE) == (found.fault, bool(found.fact))


def test_who_does_not_know_is_named() -> None:
    """The balancers that say neither yes nor no."""
    found = serves_alone(look(seen(health={"i-new-0": "unknown"}), release(milestones=RESTING)))
    assert ("web",) == found.balancers


@pytest.mark.parametrize(("well", "expected"), [(4, Fault.NONE), (2, Fault.NONE), (1, Fault.SHORT), (0, Fault.SICK)])
def test_with_no_release_half_of_what_is_wanted_is_enough(well: int, expected: Fault) -> None:
    """How many were healthy before is on no record: desired is not capacity, but fewer than half is sick."""
    health = {f"i-new-{n}": "unhealthy" for n in range(well, 4)}
    pair = seen(PARKED, ("InService",) * 4, health)
    assert expected == serves_alone(supposed(pair, ("new", "old"), "v2", "image")).fault


def test_an_image_that_no_record_names_needs_no_tag() -> None:
    """What ran before the first release may have had none."""
    assert STANDS == serves_alone(supposed(seen(tags={}), ("new", "old"), None, "image"))


@pytest.mark.parametrize("state", ["Standby", "EnteringStandby"])
def test_parked(state: str) -> None:
    """On the way to Standby counts as well."""
    assert Fault.PARKED == none_parked(seen((state,))).fault
    assert STANDS == none_parked(attrs.evolve(seen(()), health={}))
