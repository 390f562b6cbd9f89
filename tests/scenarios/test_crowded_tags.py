"""Groups that have no room for the tags of a release: fifty, those of AWS itself not counted."""

from __future__ import annotations

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.errors import AwsError
from bluegreen.simulator.faults import Call
from tests.building.hands import tagged
from tests.building.story import unlike
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.building.watching import colours_serving


def crowd(pair: Pair, group: str, count: int) -> None:
    """Give a group so many tags, its image tag among them."""
    for number in range(count - len(pair.sim.groups[group].tags)):
        tagged(pair, group, "x", key=f"team:{number}")


@pytest.mark.parametrize("group", [BLUE, GREEN])
def test_a_group_without_room_is_refused_before_anything_is_written(group: str) -> None:
    """Seven of ours beside 44 are one too many (clouddriver PR 315)."""
    pair = virtual(instances=1)
    crowd(pair, group, 44)
    before = {name: dict(one.tags) for name, one in pair.sim.groups.items()}
    told = f"{group} has 44 tags, and a release adds 7: AWS allows 50"
    with pytest.raises(Refused, match=told) as refused:
        pair.service().deploy("v2")
    after = {name: dict(one.tags) for name, one in pair.sim.groups.items()}
    assert (before, None, "take 1 of its tags off") == (after, pair.release, refused.value.hint)
    assert told in [finding.sentence for finding in pair.service().check()]


def test_a_group_with_just_enough_room_is_deployed_to() -> None:
    """What is counted is what is written."""
    pair = virtual(instances=1)
    crowd(pair, BLUE, 43)
    crowd(pair, GREEN, 43)
    most: list[int] = []
    pair.sim.faults.after.append(lambda call, _: most.append(max(len(one.tags) for one in pair.sim.groups.values())))
    assert (Status.OK, 50) == (pair.service().deploy("v2").status, max(most))


def test_a_release_that_never_got_its_tags_is_taken_back_without_them() -> None:
    """Somebody is quicker: nothing was launched, so no tag has to tell of the way back."""
    pair = virtual(instances=1, minimum=1)
    before, crowded = pair.picture(), False

    def fill(call: Call) -> None:
        nonlocal crowded
        if call.operation == "CreateOrUpdateTags" and not crowded:
            crowded = True
            crowd(pair, GREEN, 50)

    pair.sim.faults.before.append(fill)
    ended = pair.service().deploy("v2")
    after = pair.picture()
    before[GREEN]["Tags"] = after[GREEN]["Tags"]
    assert (Status.ROLLED_BACK, None, [BLUE]) == (ended.status, pair.release, colours_serving(pair))
    assert [] == unlike(before, after)


def test_the_stand_in_counts_the_tags_of_one_call_together() -> None:
    """Twenty-four beside 49 are not let in one by one."""
    pair = virtual(instances=1)
    crowd(pair, BLUE, 49)
    base = {"ResourceId": BLUE, "ResourceType": "auto-scaling-group", "Value": "x", "PropagateAtLaunch": False}
    with pytest.raises(AwsError, match="may have 50 tags"):
        pair.sim.call("autoscaling", "CreateOrUpdateTags", {"Tags": [{**base, "Key": f"k{n}"} for n in range(2)]})
    assert 49 == len(pair.sim.groups[BLUE].tags)
