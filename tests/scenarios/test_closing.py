"""A release that nobody can end any more, since its groups were renamed or destroyed: closed on record alone."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from bluegreen.errors import Held, Refused, Status
from bluegreen.service import Service
from bluegreen.simulator.core.calls import Call
from tests.support.hands import asked, follow
from tests.support.scaling import put_settings
from tests.support.story import Crash, unlike
from tests.support.virtual import BLUE, GREEN, Pair, configured, virtual
from tests.support.watching import Users, colours_serving, left_over

WHY = "the groups are called otherwise now"


def killed(pair: Pair, operation: str, verb: Callable[[Service], object]) -> None:
    """Let a verb die right after the first call of ``operation``."""

    def strike(call: Call, *_: object) -> None:
        if call.operation == operation:
            raise Crash

    pair.sim.faults.after.append(strike)
    with pytest.raises(Crash):
        verb(pair.service())
    pair.sim.faults.after.clear()
    pair.run_for(60)


def in_the_middle() -> Pair:
    """Return a pair whose deployment died when its first old instances were parked, its scaling settings copied."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    killed(pair, "EnterStandby", lambda service: service.deploy("v2"))
    return pair


def renamed(pair: Pair) -> Service:
    """Return the service with two other groups."""
    return configured(pair.service(), blue="shop-blue", green="shop-green")


def calls(pair: Pair) -> list[str]:
    """Return a list in which every request to AWS from now on appears."""
    made: list[str] = []
    pair.sim.faults.before.append(lambda call: made.append(call.operation))
    return made


def test_a_release_of_groups_that_are_called_otherwise_is_closed() -> None:
    """Every verb is refused and names the way; `close` asks nothing of AWS, and the record is free."""
    pair = in_the_middle()
    assert pair.release is not None
    name, before, made = pair.release.id, pair.picture(), calls(pair)
    made.clear()
    with pytest.raises(Refused) as caught:
        renamed(pair).resume()
    ended = renamed(pair).close(WHY)
    past = renamed(pair).history()[-1]
    assert "`bluegreen close web --reason TEXT`" in caught.value.hint
    assert (Status.OK, [], None) == (ended.status, made, pair.release)
    assert (name, "closed", WHY, "test@here") == (past.id, past.outcome, past.reason, past.by)
    assert before == pair.picture()


def test_a_release_of_groups_that_are_gone_is_closed() -> None:
    """Both groups were destroyed in the middle: nothing can be looked at, and the release is closed all the same."""
    pair = in_the_middle()
    for group in (BLUE, GREEN):
        pair.sim.call("autoscaling", "DeleteAutoScalingGroup", {"AutoScalingGroupName": group, "ForceDelete": True})
    pair.run_for(300)
    assert (Status.OK, None) == (pair.service().close(WHY).status, pair.release)


def test_a_release_of_another_account_and_region_is_closed() -> None:
    """Where its groups were is forgotten with it: the next look says where they are now."""
    pair = in_the_middle()
    document, version = pair.store.read("web")
    assert document is not None
    pair.store.write("web", attrs.evolve(document, account="999999999999", region="eu-west-1"), version)
    pair.service().close(WHY)
    after, _ = pair.store.read("web")
    assert after is not None
    assert ("", "") == (after.account, after.region)


def test_what_it_lists_puts_the_pair_right() -> None:
    """Each command, typed for blue to serve: bounds, processes, tags, copies and what is parked are as before."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    before = pair.picture()
    killed(pair, "EnterStandby", lambda service: service.deploy("v2"))
    follow(pair, pair.service().close(WHY).hint, BLUE)
    assert ([], [BLUE]) == (unlike(before, pair.picture()), colours_serving(pair))


def deployed(pair: Pair) -> None:
    """Let v2 serve, and v1 be parked."""
    pair.service().deploy("v2")
    pair.run_for(60)


def parked_then_killed(pair: Pair, operation: str, verb: Callable[[Service], object]) -> None:
    """Let a verb die once v2 serves."""
    deployed(pair)
    killed(pair, operation, verb)


LEFT: dict[str, Callable[[Pair], None]] = {
    "moving": lambda pair: killed(pair, "EnterStandby", lambda service: service.deploy("v2")),
    "deployed": deployed,
    "returning": lambda pair: parked_then_killed(pair, "ExitStandby", lambda service: service.rollback()),
    "returned": lambda pair: parked_then_killed(pair, "DeleteTags", lambda service: service.rollback()),
    "detached": lambda pair: parked_then_killed(pair, "DetachInstances", lambda service: service.finish()),
}
"""Where a release can be when it is closed."""


@pytest.mark.parametrize("serving", [BLUE, GREEN])
@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize(
    ("bounds", "balancers", "pause"),
    [
        ((1, 6), ("target-group",), 0.0),
        ((3, 4), ("classic",), 10.0),
        ((3, 3), ("classic", "target-group"), 0.0),
        ((2, 3), ("nlb",), 20.0),
    ],
)
def test_what_it_lists_typed_in_its_order_loses_nothing(
    bounds: tuple[int, int], balancers: tuple[str, ...], pause: float, left: str, serving: str
) -> None:
    """At each second all three answer everywhere, whether the commands are typed slowly or pasted at once.

    In the end both groups are as they are to be, nothing is parked, and no tag tells of the release. What a finish had
    detached runs on where it did not come back: whether it may go is a person's to say.
    """
    pair = virtual(instances=3, minimum=bounds[0], maximum=bounds[1], balancers=balancers)
    before, first = pair.picture(), sorted(pair.sim.states(BLUE))
    LEFT[left](pair)
    hint, users = pair.service().close(WHY).hint, Users(pair).watch()
    follow(pair, hint, serving, pause)
    pair.run_for(120)
    sizes = {name: (one.minimum, one.maximum, one.desired) for name, one in pair.sim.groups.items()}
    rests = next(name for name in (BLUE, GREEN) if name != serving)
    image = {BLUE: {"v1"}, GREEN: {"v2"}}[serving]
    assert {3} == set(users.least.values())
    assert {serving: (*bounds, 3), rests: (0, 0, 0)} == sizes
    assert (["InService"] * 3, [], image) == (
        [*pair.sim.states(serving).values()],
        [*pair.sim.states(rests)],
        pair.images(serving),
    )
    runs_on = {"orphans": first} if (left, serving) == ("detached", BLUE) else {}
    assert ([], runs_on) == (unlike(before, pair.picture()), left_over(pair))


def test_what_serves_keeps_its_image() -> None:
    """Each command, typed for green to serve: what it launches next runs what it serves, not what it ran before."""
    pair = virtual(instances=2)
    put_settings(pair.sim)
    pair.service().deploy("v2")
    follow(pair, pair.service().close(WHY).hint, GREEN)
    asked(pair, "SetDesiredCapacity", GREEN, DesiredCapacity=4)
    pair.run_for(60)
    assert (4, {"v2"}) == (len(pair.sim.healthy(GREEN)), pair.images(GREEN))


def test_parked_and_marked_ones_are_named_and_never_terminated_for_it() -> None:
    """Its finish had detached them when it died: cron reports them, and leaves them alone."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    parked = sorted(pair.sim.states(BLUE))
    killed(pair, "DetachInstances", lambda service: service.finish())
    hint = pair.service().close(WHY).hint
    swept = [pair.service().cleanup() for _ in range(3)]
    found = pair.sim.call("ec2", "DescribeInstances", {"InstanceIds": parked})
    states = {i["State"]["Name"] for row in found["Reservations"] for i in row["Instances"]}
    assert (True, {"running"}) == (all(hint.count(one) >= 4 for one in parked), states)
    assert [Status.OK, Status.BLOCKED, Status.BLOCKED] == [one.status for one in swept if one is not None]


def test_the_pair_is_deployed_to_afterwards() -> None:
    """Once it was put right by hand, with new emptied, the next deployment is one like any other."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.service().close(WHY)
    pair.run_for(60)
    ids = sorted(pair.sim.states(BLUE))
    detach = {"InstanceIds": ids, "ShouldDecrementDesiredCapacity": False}
    pair.sim.call("autoscaling", "DetachInstances", {"AutoScalingGroupName": BLUE, **detach})
    pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": ids})
    pair.run_for(60)
    swept = pair.service().cleanup()
    assert swept is not None
    assert (Status.OK, Status.OK) == (swept.status, pair.service().deploy("v3").status)
    assert [BLUE] == colours_serving(pair)


def test_only_what_was_asked_about_is_closed() -> None:
    """The release went on between the question and the answer."""
    pair = in_the_middle()
    asked = pair.service().closable()
    pair.service().resume()
    with pytest.raises(Refused, match="has moved on since it was asked about"):
        pair.service().close(WHY, answered=asked)
    assert pair.release is not None


def test_nothing_open() -> None:
    """There is nothing to close, which is no error."""
    assert Status.OK == virtual(instances=2).service().close(WHY).status


def test_somebody_is_at_work() -> None:
    """A living run is not closed under its hands."""
    pair = in_the_middle()
    with pair.service()._leased("deploy v2"), pytest.raises(Held):
        pair.service().close(WHY)


def test_the_groups_that_only_a_record_names_are_said_to_be_no_more_than_that() -> None:
    """Whoever can write the record can write a name into it: the commands say whose word that is."""
    pair = in_the_middle()
    told = renamed(pair).close(WHY).hint.splitlines()
    assert f"{BLUE} and {GREEN} are the record's word alone, shop-blue and shop-green are configured: " in told[2]
    pair = in_the_middle()
    assert "the record's word" not in pair.service().close(WHY).hint


def test_of_tags_that_are_gone_it_is_not_said_that_they_are_there() -> None:
    """What may be left is named with the command for where it is; ``close`` knows of it by the record alone."""
    pair = in_the_middle()
    for group in (BLUE, GREEN):
        for key in [key for key in pair.sim.groups[group].tags if key.startswith("bluegreen:")]:
            del pair.sim.groups[group].tags[key]
    ended = pair.service().close("its tags are gone")
    lines = [line for line in ended.hint.splitlines() if "tags bluegreen:…" in line]
    assert ["where the tags bluegreen:…"] * 2 == [line.split(" of ")[0] for line in lines]
