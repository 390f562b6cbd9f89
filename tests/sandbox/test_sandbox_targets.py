"""When a balancer holds a target for healthy: the model's thresholds over Envoy's single checks."""

from __future__ import annotations

import pytest

from bluegreen.sandbox.targets import Target
from bluegreen.simulator.core.body import HealthCheck

ALB = HealthCheck(interval=1.0, healthy=3, unhealthy=2, fresh=1)
CLASSIC = HealthCheck(interval=1.0, healthy=3, unhealthy=2, fresh=3)


def after(check: HealthCheck, *seen: tuple[float, bool | None]) -> Target:
    """Return a target, registered at time 0, of which Envoy said ``seen`` (time, passes)."""
    target = Target(check, 0.0)
    for now, passes in seen:
        target.see(passes, now)
    return target


def test_a_new_target_is_undecided() -> None:
    """Before its first check a target is neither healthy nor unhealthy."""
    expected = None
    assert expected is after(ALB, (0.5, None)).verdict()


def test_one_passed_check_is_enough_behind_a_target_group() -> None:
    """A new target of a target group is healthy after one passed check, and open to requests before."""
    assert after(ALB, (0.5, True)).verdict() is True
    expected = "HEALTHY"
    assert expected == after(ALB).status


@pytest.mark.parametrize(("now", "expected"), [(1.0, None), (2.5, None), (3.0, True)])
def test_a_classic_balancer_wants_its_whole_threshold(now: float, expected: bool | None) -> None:
    """Three checks, a second apart, take two seconds from the first that passed."""
    assert expected is after(CLASSIC, (1.0, True), (now, True)).verdict()


def test_a_target_that_is_not_proven_is_held_back_from_requests() -> None:
    """Envoy would send requests after one check: the file keeps the target closed until the threshold."""
    expected = ["UNHEALTHY", "HEALTHY"]
    assert expected == [after(CLASSIC, (1.0, True)).status, after(CLASSIC, (1.0, True), (3.0, True)).status]


def test_a_failure_begins_the_count_anew() -> None:
    """Passed checks before a failure do not count."""
    expected = False
    assert expected is after(CLASSIC, (1.0, True), (1.5, False), (2.0, True), (3.0, True)).verdict()
    assert after(CLASSIC, (1.0, True), (1.5, False), (2.0, True), (4.0, True)).verdict() is True


def test_a_recovering_target_needs_the_healthy_threshold() -> None:
    """Once it was healthy and failed, one passed check is not enough, behind a target group either."""
    target = after(ALB, (1.0, True), (2.0, False), (3.0, True))
    assert (target.verdict(), target.status) == (False, "UNHEALTHY")
    target.see(True, 5.0)
    expected = (True, "HEALTHY")
    assert expected == (target.verdict(), target.status)


def test_what_envoy_says_right_after_registration_is_not_believed() -> None:
    """It may be about the registration before."""
    expected = None
    assert expected is after(ALB, (0.05, True)).verdict()


def test_a_draining_target_is_sent_nothing_new() -> None:
    """Draining wins over healthy."""
    target = after(ALB, (1.0, True))
    target.draining = True
    expected = "DRAINING"
    assert expected == target.status
