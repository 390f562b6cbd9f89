"""What a machine whose date is ahead, or whoever forges a record, has written of the time to come holds nobody up."""

from __future__ import annotations

import attrs
import pytest

from bluegreen.errors import Status
from bluegreen.targets.pair.model.release import Release
from tests.scenarios.test_strange_records import rewrite
from tests.support.virtual import Pair, virtual
from tests.support.watching import Watch, left_over

DAY = 86_400.0


def dated_ahead(balancer: str) -> Pair:
    """Return a pair whose deployment is on record as one of tomorrow."""
    pair = virtual(instances=2, balancers=(balancer,))
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    tomorrow = {name: at + DAY for name in Release.moments if (at := getattr(release, name))}
    milestones = {milestone: at + DAY for milestone, at in release.milestones.items()}
    rewrite(pair, release=attrs.evolve(release, milestones=milestones, **tomorrow))  # type: ignore[arg-type]
    return pair


@pytest.mark.parametrize("verb", ["finish", "rollback"])
@pytest.mark.parametrize("balancer", ["nlb", "classic"])
def test_a_deployment_of_tomorrow_is_ended_today(balancer: str, verb: str) -> None:
    """A wait counts from now at the latest, and nothing is lost by that."""
    pair = dated_ahead(balancer)
    watch, began = Watch(pair, 2), pair.clock.now()
    assert (Status.OK, [], {}) == (getattr(pair.service(), verb)().status, watch.broken, left_over(pair))
    assert 600 > pair.clock.now() - began


def test_a_release_keeps_its_past_and_loses_its_future() -> None:
    """What was is left as it is; what lies ahead becomes now; a deadline is one whole allowance ahead at most."""
    release = dated_ahead("classic").release
    assert release is not None
    yesterday, now = release.not_after(release.begun_at + DAY), release.not_after(release.begun_at - DAY)
    assert release == attrs.evolve(yesterday, deadline_at=release.deadline_at)
    assert {now.begun_at} == {*now.milestones.values(), now.progressed_at, now.told_at}
    assert (
        now.begun_at + now.terms.deadline == attrs.evolve(release, deadline_at=9e9).not_after(now.begun_at).deadline_at
    )
