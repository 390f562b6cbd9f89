"""What an apply in the middle of a release resets, as docs/how-to/terraform.md says that it is put right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bluegreen.errors import Status
from bluegreen.flow.events import Event
from bluegreen.targets.pair.model.release import Release
from tests.support.hands import asked, edit, tagged
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "terraform.md"
AUTOSCALER = ["AlarmNotification", "ScheduledActions"]

When = Callable[[Pair, Release], bool]
Apply = Callable[[Pair], None]


def booting(pair: Pair, release: Release) -> bool:
    """Whether new has instances and the traffic has not begun to move."""
    return bool(pair.sim.states(GREEN)) and not release.passed("moving")


def baking(_: Pair, release: Release) -> bool:
    """Whether the traffic has moved."""
    return release.passed("moved")


def image_reset(pair: Pair) -> None:
    """Set new's image tag back."""
    tagged(pair, GREEN, "v1")


def minimum_set(pair: Pair) -> None:
    """Set the minimum of the live group."""
    edit(pair, BLUE, MinSize=2)


def processes_reset(pair: Pair) -> None:
    """Resume what rests on the side that is not to scale."""
    resting = BLUE if pair.release and pair.release.passed("moved") else GREEN
    asked(pair, "ResumeProcesses", resting, ScalingProcesses=AUTOSCALER)


def release_tags_gone(pair: Pair) -> None:
    """Take a tag of the release off."""
    tag = {"ResourceId": GREEN, "ResourceType": "auto-scaling-group", "Key": "bluegreen:release"}
    pair.sim.call("autoscaling", "DeleteTags", {"Tags": [tag]})


def applied(when: When, apply: Apply) -> tuple[Pair, Watch, dict]:
    """Return a pair that was deployed to and finished, with an apply in the middle, and how it was before."""
    pair = virtual(instances=3, boot=10.0)
    before, watch, service = pair.picture(), Watch(pair, 3), pair.service(bake=60.0)
    done: list[Event] = []

    def listen(event: Event) -> None:
        if not done and pair.release is not None and when(pair, pair.release):
            done.append(event)
            apply(pair)

    service.session.listeners = (*service.session.listeners, listen)
    statuses = (service.deploy("v2").status, pair.service().finish().status)
    assert ((Status.OK, Status.OK), 1) == (statuses, len(done))
    return pair, watch, before


@pytest.mark.parametrize("apply", [image_reset, processes_reset, release_tags_gone])
@pytest.mark.parametrize("when", [booting, baking])
def test_what_is_reset_is_put_right(when: When, apply: Apply) -> None:
    """The release ends as it would have, what runs is the new image, and both groups are as before, colours swapped."""
    pair, watch, before = applied(when, apply)
    assert ([], [], {"v2"}) == (watch.broken, unlike(before, pair.picture()), pair.images(GREEN))
    assert "v2" == pair.sim.image_of_group(GREEN)


def test_an_image_reset_while_new_boots_begins_again() -> None:
    """What was launched while the tag said something else is not trusted: new is emptied and launched once more."""
    pair, _, _ = applied(booting, image_reset)
    written = [str(event.action) for event in pair.events if str(event.action).startswith("web-green: tag image ")]
    assert (2, True) == (len(written), any("(removes " in event.reason for event in pair.events))


def test_a_minimum_is_a_wish() -> None:
    """A minimum that is set on the live group meanwhile belongs to whoever serves at the end."""
    pair, watch, _ = applied(booting, minimum_set)
    assert ([], 2, 0) == (watch.broken, *(pair.picture()[group]["MinSize"] for group in (GREEN, BLUE)))


def test_the_page_ignores_what_is_written() -> None:
    """The example ignores exactly the attributes that this tool, or the autoscaler, writes."""
    block = PAGE.read_text(encoding="utf-8").split("ignore_changes = [")[1].split("]")[0]
    written = ["desired_capacity", "min_size", "max_size", "suspended_processes", "tag"]
    assert written == [name.strip() for name in block.split(",") if name.strip()]
