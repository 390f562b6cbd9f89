"""Permissions: what is missing is found in time or stops safely, and the documented policy is enough as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from bluegreen.errors import Denied, Status
from bluegreen.pair.finding import REFUSED
from bluegreen.simulator.build import tracking
from bluegreen.simulator.faults import Call, denied
from tests.building.scaling import put_settings, settings_of
from tests.building.story import unlike
from tests.building.virtual import BLUE, GREEN, Pair, virtual
from tests.building.watching import Watch, left_over

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def policy() -> list[dict[str, Any]]:
    """Return the statements of the documented policy."""
    found: list[dict[str, Any]] = json.loads(re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)[0])[
        "Statement"
    ]
    return found


def enforced(pair: Pair) -> Callable[[Call], None]:
    """Return a hook that denies what the documented policy does not permit, its conditions included."""

    def judge(call: Call) -> None:
        mine = [one for one in policy() if call.action in one["Action"] and _holds(pair, one, call)]
        if not mine:
            raise denied(call)

    return judge


def _holds(pair: Pair, statement: dict[str, Any], call: Call) -> bool:
    conditions = {key: value for test in statement.get("Condition", {}).values() for key, value in test.items()}
    machines = pair.sim.world.state.machines
    ids = call.parameters.get("Resources", call.parameters.get("InstanceIds", [])) if call.service == "ec2" else []
    for key, wanted in conditions.items():
        if key == "aws:TagKeys" and {tag["Key"] for tag in call.parameters["Tags"]} != set(wanted):
            return False
        name = key.removeprefix("aws:ResourceTag/")
        patterns = [wanted] if isinstance(wanted, str) else wanted
        if name != key and not all(
            i in machines and any(fnmatchcase(machines[i].tags.get(name, ""), one) for one in patterns) for i in ids
        ):
            return False
    of_groups = statement["Sid"] in ("Groups", "ScalingSettings")
    groups = [one.rpartition("/")[2] for one in statement["Resource"]] if of_groups else []
    named = call.parameters.get("AutoScalingGroupName")
    return not groups or named is None or named in groups


def course(pair: Pair, *, dead: bool = False) -> list[Status]:
    """Run every verb once; ``dead`` lets a parked instance be terminated by hand before each finish."""
    service = pair.service()
    found = [service.deploy("v2").status, service.rollback().status, service.deploy("v3").status]
    pair.run_for(30)
    if dead:
        pair.sim.kill(next(iter(pair.sim.states(BLUE))))
        pair.run_for(10)
    found += [service.finish().status, service.deploy("v4").status]
    pair.run_for(700)
    ended = service.cleanup()
    return [*found, Status.BUG if ended is None else ended.status]


def test_the_documented_policy_is_enough_for_settings_that_move() -> None:
    """Policies, alarms with their tags and scheduled actions go there and back, and metrics are read."""
    pair = virtual(instances=3, load=20.0, policies=[tracking("requests", 600.0)])
    put_settings(pair.sim)
    before = settings_of(pair.sim, BLUE)
    pair.sim.faults.before.append(enforced(pair))
    assert ([Status.OK] * 6, True) == (course(pair), settings_of(pair.sim, BLUE) == before)


def test_without_the_permission_to_read_metrics_nothing_is_begun() -> None:
    """They are needed in the middle of a deployment; the survey before it finds out."""
    pair = virtual(instances=3, load=20.0, policies=[tracking("requests", 600.0)], twins=True)
    before, done = pair.picture(), []
    pair.sim.faults.denied.add("cloudwatch:GetMetricData")
    pair.sim.faults.before.append(lambda call: None if call.reads else done.append(call.operation))
    with pytest.raises(Denied, match="cloudwatch:GetMetricData") as denial:
        pair.service().deploy("v2")
    assert (denial.value.status, done, pair.release, pair.picture()) == (Status.DENIED, [], None, before)


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("balancers", [("target-group",), ("classic", "target-group")])
def test_the_documented_policy_is_enough_for_everything(balancers, dead) -> None:
    """With its conditions on marks and members enforced, every verb ends as if everything were permitted."""
    pair = virtual(instances=3, balancers=balancers, drain=10.0)
    before, watch = pair.picture(), Watch(pair, 3)
    pair.sim.faults.before.append(enforced(pair))
    assert (course(pair, dead=dead), watch.broken, left_over(pair)) == ([Status.OK] * 6, [], {})
    assert unlike(before, pair.picture()) == []


def test_the_documented_policy_forbids_to_terminate_what_is_not_marked() -> None:
    """The hook of these tests is no formality: it denies what the conditions exclude."""
    pair = virtual(instances=1)
    (instance,) = pair.sim.states(BLUE)
    judge = enforced(pair)
    terminate = Call(1, "ec2", "TerminateInstances", {"InstanceIds": [instance]}, False)
    with pytest.raises(Exception, match="UnauthorizedOperation"):
        judge(terminate)
    pair.sim.world.state.machines[instance].tags["bluegreen:retire"] = "web:1"
    assert judge(terminate) is None


def test_without_the_permission_to_mark_nothing_is_begun() -> None:
    """A finish would need it, days later; a dry run tells it now."""
    pair = virtual(instances=3)
    before, done = pair.picture(), []
    pair.sim.faults.denied.add("ec2:CreateTags")
    pair.sim.faults.before.append(lambda call: None if call.reads else done.append(call.operation))
    with pytest.raises(Denied, match="ec2:CreateTags") as denial:
        pair.service().deploy("v2")
    assert (denial.value.status, done, pair.release, pair.picture()) == (Status.DENIED, [], None, before)
    assert ["AWS does not permit ec2:CreateTags"] == [
        finding.sentence.partition(":")[0] + ":CreateTags"
        for finding in pair.service().check()
        if finding.level == REFUSED
    ]


def test_without_the_permission_to_terminate_nothing_is_detached() -> None:
    """Instances that could not be terminated stay parked, ready for a rollback; with the permission it goes on."""
    pair = virtual(instances=3)
    before = pair.picture()
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.faults.denied.add("ec2:TerminateInstances")
    with pytest.raises(Denied, match="ec2:TerminateInstances"):
        pair.service().finish()
    assert (["Standby"] * 3, []) == (list(pair.sim.states(BLUE).values()), pair.sim.orphans())
    pair.sim.faults.denied.clear()
    assert (pair.service().resume().status, unlike(before, pair.picture()), left_over(pair)) == (Status.OK, [], {})


def test_without_the_permission_to_terminate_there_is_still_a_way_back() -> None:
    """Whoever may not end the old instances may let them serve again, and no mark is left on them."""
    pair = virtual(instances=3)
    before = pair.picture()
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.faults.denied.add("ec2:TerminateInstances")
    with pytest.raises(Denied):
        pair.service().finish()
    assert (pair.service().rollback().status, unlike(before, pair.picture()), left_over(pair)) == (Status.OK, [], {})
    assert (len(pair.sim.healthy(BLUE)), pair.sim.states(GREEN)) == (3, {})


def test_who_keeps_the_instances_needs_no_permission_to_terminate() -> None:
    """``finish --keep`` never asks for it."""
    pair = virtual(instances=3)
    pair.service().deploy("v2")
    pair.run_for(30)
    pair.sim.faults.denied.add("ec2:TerminateInstances")
    assert (pair.service().finish(keep=True).status, len(pair.sim.orphans())) == (Status.OK, 3)
