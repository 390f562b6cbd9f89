"""Whose requests a balancer cuts when it has given a target up: those of before, never those of one that is back."""

from __future__ import annotations

import threading
from signal import SIGUSR1
from typing import Any

import pytest
from attrs import define, field

from bluegreen.sandbox.body import RealBody
from bluegreen.simulator.core.body import HealthCheck


@define
class House:
    """Notes whom which signal was sent."""

    sent: list[tuple[str, int]] = field(factory=list)

    def kill(self, name: str, number: int) -> None:
        """Note it."""
        self.sent.append((name, number))


class Front:
    """Takes every configuration."""

    def configure(self, balancer: str, check: Any) -> None:
        """Do nothing."""

    def assign(self, balancer: str, endpoints: Any) -> None:
        """Do nothing."""


def given_up(*again: str) -> list[tuple[str, int]]:
    """Return the signals that follow when one balancer has given an instance up that ``again`` have then."""
    house, none = House(), None
    body = RealBody(house, Front(), none, "eu-west-1")  # type: ignore[arg-type]
    body.places["i-1"] = "127.0.0.9"
    for balancer in ("one", "other"):
        body.configure(balancer, HealthCheck(0.2, 2, 2))
    body.register("one", "i-1")
    body.drain("one", "i-1")
    body.deregister("one", "i-1")
    for balancer in again:
        body.register(balancer, "i-1")
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join()
    return house.sent


@pytest.mark.parametrize(("again", "sent"), [((), [("i-1", SIGUSR1)]), (("one",), []), (("other",), [])])
def test_what_a_balancer_has_again_is_not_cut(again: tuple[str, ...], sent: list[tuple[str, int]]) -> None:
    """A rollback takes an instance back right after its drain: its requests are new ones, and none is lost."""
    assert sent == given_up(*again)
