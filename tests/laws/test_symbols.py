"""What an instance does for the traffic, in a word: by its lifecycle state and what the load balancer says."""

from __future__ import annotations

import pytest

from bluegreen.targets.pair.model.showing import symbol_of


@pytest.mark.parametrize(
    ("state", "health", "serves", "word"),
    [
        ("InService", "healthy", True, "serving"),
        ("EnteringStandby", "healthy", True, "serving"),
        ("InService", "unhealthy", False, "unhealthy"),
        ("InService", "initial", False, "joining"),
        ("Pending:Wait", "unused", False, "starting"),
        ("EnteringStandby", "draining", False, "parking"),
        ("Standby", "unused", False, "parked"),
        ("Terminating:Wait", "draining", False, "leaving"),
        ("Detaching", "unused", False, "leaving"),
        ("Something new", "unused", False, "leaving"),
    ],
)
def test_mark(state: str, health: str, serves: bool, word: str) -> None:
    """The mark says what an instance does for the traffic."""
    assert word == symbol_of(state, health, serves=serves)


@pytest.mark.parametrize("health", ["healthy", "initial", "unhealthy", "shifted", "draining"])
def test_what_is_about_to_leave_is_marked_so_while_its_group_calls_it_in_service(health: str) -> None:
    """Those of new that a rollback has told to go are not joining."""
    found = [symbol_of("InService", health, serves=False, leaves=True, comes=comes) for comes in (True, False)]
    assert ["leaving"] * 2 == found


def test_what_never_served_is_not_ill() -> None:
    """An instance that fails its checks before it ever served is joining; later on it is unhealthy."""
    found = [symbol_of("InService", "unhealthy", serves=False, comes=comes) for comes in (True, False)]
    assert ["joining", "unhealthy"] == found
