"""Which failed requests no balancer could have spared: those with an instance that had died, and nobody else's."""

from __future__ import annotations

import pytest

from bluegreen.sandbox.deaths import STALE, Death, unforeseen

DEATH = Death("i-1", "127.0.1.1:8080", 100.0, {"web-0": 100.5})


@pytest.mark.parametrize(
    ("target", "sent", "failed", "balancer", "expected"),
    [
        ("127.0.1.1:8080", 100.1, 100.2, "web-0", True),
        ("127.0.1.1:8080", 99.0, 100.0, "web-0", True),
        ("127.0.1.1:8080", 100.1, 100.2, "web-1", True),
        ("127.0.1.1:8080", 100.5 + 2 * STALE, 100.9, "web-0", False),
        ("127.0.1.1:8080", 99.0, 100.0 - 2 * STALE, "web-0", False),
        ("127.0.1.2:8080", 100.1, 100.2, "web-0", False),
        ("", 100.1, 100.2, "web-0", False),
    ],
    ids=[
        "sent to a dead one",
        "cut under way",
        "the other balancer does not know yet",
        "the balancer knew",
        "failed before the death",
        "another instance",
        "nowhere to send it to",
    ],
)
def test_a_request_is_cut_by_a_death(target: str, sent: float, failed: float, balancer: str, expected: bool) -> None:
    """Only where it was with the dead instance, from the death until its own balancer knew."""
    assert expected is unforeseen(target, sent, failed, balancer, [DEATH])


def test_a_balancer_that_had_given_it_up_before_forgives_nothing() -> None:
    """An instance that failed its checks and then died was known to be unwell: failing open is no excuse."""
    known = Death("i-1", "127.0.1.1:8080", 100.0, {"web-0": 90.0})
    expected = False
    assert expected is unforeseen("127.0.1.1:8080", 100.1, 100.2, "web-0", [known])


def test_without_deaths_everything_is_lost() -> None:
    """Nothing is forgiven on its own."""
    expected = False
    assert expected is unforeseen("127.0.1.1:8080", 100.1, 100.2, "web-0", [])
