"""Why instances do not become healthy, as a person is told it: in the load balancer's own words."""

from __future__ import annotations

import pytest

from bluegreen.errors import Status
from tests.support.virtual import virtual


@pytest.mark.parametrize(
    ("image", "reason"),
    [("bad-1", "Target.ResponseCodeMismatch [503]"), ("slow-1", "Target.Timeout")],
)
def test_a_deployment_that_is_taken_back_says_why_it_never_was_healthy(image: str, reason: str) -> None:
    """The result names what the health check met, and how many instances met it."""
    pair = virtual(instances=2)
    ended = pair.service().deploy(image)
    assert (Status.ROLLED_BACK, True) == (ended.status, f"0 of 2 healthy: 2 × {reason}" in ended.sentence), ended
