"""The documented permissions are those of the calls in the code, in both directions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from bluegreen.targets.pair.aws import queries
from bluegreen.targets.pair.aws.errors import permission
from bluegreen.targets.pair.aws.requests import Call, rehearsals, request
from bluegreen.targets.pair.model import actions
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer
from bluegreen.targets.pair.model.more import Metric
from bluegreen.targets.pair.model.release import MARK

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
IDS = ("i-1",)
SETTING = ({"PolicyName": "p"},)
BALANCERS = (Balancer(CLASSIC, "web"), Balancer(TARGET_GROUP, "arn"))
ACTIONS: tuple[actions.Action, ...] = (
    actions.Suspend("g", ("AZRebalance",)),
    actions.Resume("g", ("AZRebalance",)),
    actions.Flip(actions.Resume("g", ("AZRebalance",)), actions.Suspend("h", ("AZRebalance",))),
    actions.Resize("g", 1, 2),
    actions.TagGroup("g", "image", "v1"),
    actions.UntagGroup("g", "image"),
    actions.WriteReleaseTags((("g", "bluegreen:release", "web:1"),)),
    actions.RemoveReleaseTags((("g", "bluegreen:release"),)),
    actions.EnterStandby("g", IDS),
    actions.ExitStandby("g", IDS),
    actions.Detach("g", IDS),
    actions.Terminate(IDS),
    actions.Mark(IDS, MARK, "web"),
    actions.Unmark(IDS, MARK),
    *(actions.Register(balancer, IDS) for balancer in BALANCERS),
    actions.Unprotect("g", IDS),
    actions.PutPolicies("g", SETTING),
    actions.PutAlarms("g", SETTING),
    actions.PutSchedules("g", SETTING),
    actions.RemovePolicies("g", ("p",)),
    actions.RemoveAlarms("g", ("a",)),
    actions.RemoveSchedules("g", ("s",)),
)
BESIDE = {"cloudwatch:TagResource": ("cloudwatch", "PutMetricAlarm", "Tags")}
"""Permissions that a parameter needs beside the one of its operation."""
READS: tuple[Call, ...] = (
    queries.groups(("g",)),
    *map(queries.health, BALANCERS),
    *queries.machines(IDS),
    *queries.statuses(IDS),
    queries.tagged(MARK),
    queries.termination_protection("i-1"),
    queries.console("i-1", latest=True),
    *queries.members(IDS),
    queries.activities("g"),
    *queries.alarms(("a",)),
    queries.policies("g"),
    queries.schedules("g"),
    queries.hooks("g"),
    queries.notifications("g"),
    queries.refreshes("g"),
    queries.alarm_tags("arn"),
    queries.composites(),
    queries.metrics((Metric("AWS/EC2", "CPUUtilization", (), "Sum"),), 0.0),
    *(call for balancer in BALANCERS for call in queries.balancer(balancer)),
    queries.classic_balancers(),
    queries.target_groups(),
    queries.targets("arn"),
)


def statements() -> list[dict[str, Any]]:
    policy = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)[0]
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


def listed() -> list[str]:
    actions_of = [statement["Action"] for statement in statements()]
    return sorted(action for found in actions_of for action in ([found] if isinstance(found, str) else found))


def test_every_call_is_listed_and_every_listed_one_is_called() -> None:
    """Nothing is missing, and nothing too much is asked for."""
    calls = (*READS, *(call for action in ACTIONS for call in (*rehearsals(action), *request(action))))
    assert sorted({permission(call) for call in calls} | BESIDE.keys()) == listed()


@pytest.mark.parametrize("beside", BESIDE)
def test_what_a_parameter_needs_is_as_the_service_model_says(beside: str) -> None:
    """A permission without a call of its own is one that AWS documents for a parameter that is written."""
    service, operation, parameter = BESIDE[beside]
    shape = Session().get_service_model(service).operation_model(operation).input_shape
    assert shape
    assert beside in shape.members[parameter].documentation


def test_every_action_and_every_question_was_compared() -> None:
    """A new action or question cannot be forgotten in the comparison."""
    questions = {name for name, value in vars(queries).items() if getattr(value, "__module__", "") == queries.__name__}
    asked = {
        "groups",
        "health",
        "machines",
        "statuses",
        "tagged",
        "termination_protection",
        "console",
        "members",
        "activities",
        "policies",
        "alarms",
    }
    asked |= {
        "alarms",
        "schedules",
        "hooks",
        "notifications",
        "refreshes",
        "balancer",
        "alarm_tags",
        "composites",
        "metrics",
        "classic_balancers",
        "target_groups",
        "targets",
    }
    asked |= {"_instances", "_metric"}
    assert (questions, set(actions.Action.__args__)) == (asked, {type(action) for action in ACTIONS})


def test_only_marked_instances_can_be_terminated() -> None:
    """The condition names the mark that the release puts on them."""
    (statement,) = (found for found in statements() if found["Action"] == "ec2:TerminateInstances")
    assert {"StringLike": {f"aws:ResourceTag/{MARK}": "web:*"}} == statement["Condition"]
