"""Groups that have no room for the tags of a release: fifty, those of AWS itself not counted."""

from __future__ import annotations

import pytest

from bluegreen.errors import Refused, Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from tests.support.hands import tagged
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import colours_serving


def crowd(pair: Pair, group: str, count: int) -> None:
    """Give a group so many tags, its image tag among them."""
    for number in range(count - len(pair.sim.groups[group].tags)):
        tagged(pair, group, "x", key=f"team:{number}")


@pytest.mark.parametrize("group", [BLUE, GREEN])
def test_a_group_without_room_is_refused_before_anything_is_written(group: str) -> None:
    """Nine of ours beside 42 are one too many (clouddriver PR 315)."""
    pair = virtual(instances=1)
    crowd(pair, group, 42)
    before = {name: dict(one.tags) for name, one in pair.sim.groups.items()}
    told = f"{group} has 42 tags, and a release adds 9: AWS allows 50"
    with pytest.raises(Refused, match=told) as refused:
        pair.service().deploy("v2")
    after = {name: dict(one.tags) for name, one in pair.sim.groups.items()}
    assert (before, None, "take 1 of its tags off") == (after, pair.release, refused.value.hint)
    assert told in [finding.sentence for finding in pair.service().check()]


def test_a_group_with_just_enough_room_is_deployed_to() -> None:
    """What is counted is what is written, the tag of whoever takes the release up among it."""
    pair = virtual(instances=1)
    crowd(pair, BLUE, 41)
    crowd(pair, GREEN, 41)
    most: list[int] = []
    pair.sim.faults.after.append(lambda call, _: most.append(max(len(one.tags) for one in pair.sim.groups.values())))
    assert (Status.OK, 49) == (pair.service().deploy("v2").status, max(most))
    assert (Status.OK, 50) == (pair.service().finish().status, max(most))


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


def label(pair: Pair, count: int) -> list[str]:
    """Give each of blue's instances so many tags of its own, and return their ids."""
    ids = sorted(pair.sim.states(BLUE))
    tags = [{"Key": f"k{number}", "Value": "x"} for number in range(count)]
    pair.sim.call("ec2", "CreateTags", {"Resources": ids, "Tags": tags})
    return ids


@pytest.mark.parametrize(("count", "told"), [(49, 0), (50, 1)])
@pytest.mark.parametrize("begun", [False, True])
def test_instances_without_room_for_the_mark_are_told(count: int, told: int, begun: bool) -> None:
    """A finish marks what it retires, and would be blocked: `check` says so before a release, and while it rests."""
    pair = virtual(instances=1)
    (one,) = label(pair, count)
    if begun:
        pair.service().deploy("v2")
        pair.run_for(30)
    sentence = f"{one} has 50 tags, as many as EC2 allows: a finish cannot mark it"
    found = [finding for finding in pair.service().check() if finding.sentence == sentence]
    hint = f"take one off: `aws ec2 delete-tags --resources {one} --tags Key=NAME`"
    assert [("warned", hint)] * told == [(finding.level, finding.hint) for finding in found]


def test_a_finish_goes_on_once_there_is_room() -> None:
    """It is blocked as AWS refuses the mark, and nothing of it is retired."""
    pair = virtual(instances=1)
    (one,) = label(pair, 50)
    pair.service().deploy("v2")
    pair.run_for(30)
    blocked = pair.service().finish()
    pair.sim.call("ec2", "DeleteTags", {"Resources": [one], "Tags": [{"Key": "k7"}]})
    resumed = pair.service().resume()
    assert (Status.BLOCKED, Status.OK, {}) == (blocked.status, resumed.status, pair.sim.states(BLUE))
