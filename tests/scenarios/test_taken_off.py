"""Somebody takes new off a target group in which it serves: it is said so, with the command that attaches it."""

from __future__ import annotations

import pytest

from bluegreen.errors import Status
from bluegreen.service import Ended
from bluegreen.targets.seam.finding import WARNED
from tests.support.hands import asked, obey
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import left_over

BOTH = ("target-group", "target-group")
BACK = f"`bluegreen rollback web` goes back to {BLUE}"
OFF = f"{GREEN} is not attached to web-0 any more, and {BLUE} is"
LACKS = f"web: {GREEN}: 0 of 3 healthy in web-0; {OFF}"


def rested() -> Pair:
    """Return a pair whose deployment is over, old parked."""
    pair = virtual(instances=3, balancers=BOTH)
    pair.service().deploy("v2")
    pair.run_for(30)
    return pair


def take_off(pair: Pair) -> str:
    """Take new off its first target group; return the command that attaches it."""
    arn = min(pair.sim.groups[GREEN].balancers)
    asked(pair, "DetachLoadBalancerTargetGroups", GREEN, TargetGroupARNs=[arn])
    words = "aws autoscaling attach-load-balancer-target-groups --auto-scaling-group-name"
    return f"`{words} {GREEN} --target-group-arns {arn}`"


@pytest.mark.parametrize("moment", ["CreateOrUpdateTags", "CreateTags"])
def test_a_finish_says_that_new_was_taken_off_and_how_it_is_attached(moment) -> None:
    """Before anything of old is detached: the command, and the finish reaches its end."""
    pair, ways = rested(), []
    done = once(pair, lambda call: call.operation == moment, lambda: ways.append(take_off(pair)))
    ended = pair.service().finish()
    assert done
    assert Ended(Status.BLOCKED, LACKS, f"{ways[0]}, then `bluegreen resume web`; or {BACK}", pair.release) == ended
    over = obey(pair, ended.hint)
    assert over is not None
    assert (Status.OK, None, {}) == (over.status, pair.release, left_over(pair))


def test_a_finish_that_is_not_on_record_yet_says_so_at_once() -> None:
    """It takes three looks, and not five minutes: no look shows it attached by waiting."""
    pair = rested()
    way, began = take_off(pair), pair.clock.now()
    ended = pair.service().finish()
    told = (f"{LACKS}; nothing was changed", f"{way}; or {BACK}")
    assert (*told, True) == (ended.sentence, ended.hint, pair.clock.now() - began < 60)
    obey(pair, ended.hint)
    assert Status.OK == pair.service().finish().status


def test_status_check_and_cron_tell_it_while_the_release_rests() -> None:
    """Who comes through that target group meets nobody, and a rollback is not the only way."""
    pair = rested()
    way = take_off(pair)
    warned = [(one.sentence, one.hint) for one in pair.service().check() if one.level == WARNED]
    cron = pair.service().cleanup()
    assert ([(OFF, way)], (f"{OFF}: {way}",)) == (warned, pair.service().status().troubles)
    assert cron is not None
    assert (Status.BLOCKED, f"web: {OFF}", way) == (cron.status, cron.sentence, cron.hint)
