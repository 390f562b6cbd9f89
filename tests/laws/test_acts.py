"""What an action does is said of every action, with the values that it changes and no more than a line of a log."""

from __future__ import annotations

from typing import get_args

import pytest

from bluegreen.sentences.forms import LONGEST
from bluegreen.targets.pair.model.actions import (
    Action,
    Detach,
    EnterStandby,
    ExitStandby,
    Flip,
    Mark,
    PutAlarms,
    PutPolicies,
    PutSchedules,
    Register,
    RemoveAlarms,
    RemovePolicies,
    RemoveReleaseTags,
    RemoveSchedules,
    Resize,
    Resume,
    Suspend,
    TagGroup,
    Terminate,
    Unmark,
    Unprotect,
    UntagGroup,
    WriteReleaseTags,
)
from bluegreen.targets.pair.model.fleet import Balancer, Fleet, Tag
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.sentences.acts import act
from tests.support.values import group

IDS = tuple(f"i-{number:017x}" for number in range(19))
FLEET = Fleet(groups={"web": group("web", min=1, max=8, tags={"image": Tag("v1"), ID: Tag("web:1")})})
ON, OFF = Resume("web", ("AlarmNotification",)), Suspend("api", ("AlarmNotification", "AZRebalance"))
TG = Balancer("target group", "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web-tg/0123456789abcdef")

SAID = [
    (ON, "web: resume AlarmNotification"),
    (OFF, "api: suspend AZRebalance, AlarmNotification"),
    (Flip(ON, OFF), "web: resume AlarmNotification; api: suspend them and AZRebalance"),
    (Flip(ON, Suspend("api", ON.processes)), "web: resume AlarmNotification; api: suspend them"),
    (Resize("web", min=2), "web: minimum 1 → 2"),
    (Resize("web", min=1, max=0), "web: maximum 8 → 0"),
    (Resize("web", min=1, max=8), "web: minimum 1, maximum 8"),
    (Resize("elsewhere", max=4), "elsewhere: maximum 4"),
    (TagGroup("web", "image", "v2"), "web: tag image v1 → v2"),
    (TagGroup("web", "other", "v2"), "web: tag other v2"),
    (UntagGroup("web", "image"), "web: remove tag image"),
    (WriteReleaseTags((("web", ID, "web:2"), ("web", "a", "b"))), "tag web with release web:2"),
    (WriteReleaseTags((("web", "a", "b"),)), "tag web with release web:1"),
    (RemoveReleaseTags((("web", "a"), ("api", "a"))), "remove the release's tags from api and web"),
    (EnterStandby("web", ("i-1", "i-2")), "web: 2 instances to Standby: i-1, i-2"),
    (ExitStandby("web", ("i-1",)), "web: 1 instance back from Standby: i-1"),
    (EnterStandby("web", IDS), f"web: 19 instances to Standby: {', '.join(IDS[:3])} and 16 more"),
    (Detach("web", ("i-1",)), "web: detach 1 instance: i-1"),
    (Terminate(("i-1",)), "terminate 1 instance: i-1"),
    (Mark(("i-1",), "retire", "web:1"), "tag 1 instance retire: i-1"),
    (Unmark(("i-1",), "retire"), "remove tag retire from 1 instance: i-1"),
    (Register(TG, ("i-1",)), "register i-1 again in web-tg"),
    (Unprotect("web", ("i-1",)), "web: remove scale-in protection from 1 instance: i-1"),
    (PutPolicies("web", ({"PolicyName": "cpu"},)), "web: put scaling policy cpu"),
    (PutAlarms("web", ({"AlarmName": "a"}, {"AlarmName": "b"})), "web: put alarms a, b"),
    (PutSchedules("web", ({"ScheduledActionName": "noon"},)), "web: put scheduled action noon"),
    (RemovePolicies("web", ("cpu",)), "web: remove scaling policy cpu"),
    (RemoveAlarms("web", ("a",)), "web: remove alarm a"),
    (RemoveSchedules("web", ("noon",)), "web: remove scheduled action noon"),
]


@pytest.mark.parametrize(("action", "sentence"), SAID, ids=[type(action).__name__ for action, _ in SAID])
def test_what_is_done_is_said(action: Action, sentence: str) -> None:
    """A value that stays as it is is not told beside one that changes; of many instances three are named."""
    assert (sentence, True) == (act(action, FLEET), len(sentence) <= LONGEST)


def test_every_action_is_said() -> None:
    """A new one has a sentence, too."""
    assert set(get_args(Action)) == {type(action) for action, _ in SAID}
