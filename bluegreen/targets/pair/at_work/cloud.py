"""What is asked of AWS; :class:`bluegreen.targets.pair.aws.adapter.Aws` is the one thing that answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from bluegreen.targets.pair.model.actions import Action
from bluegreen.targets.pair.model.fleet import Balancer, Fleet, HealthCheck, Machine, Question, Survey
from bluegreen.targets.pair.model.more import More


def at_once() -> None:
    """Nothing speaks against the write."""


class Cloud(Protocol):
    """A pair as it can be looked at and acted on."""

    def ask(self, question: Question, pause: Callable[[float], None] | None = None) -> Fleet:
        """Take one look; with ``pause`` a busy AWS is asked again, ``pause`` called with the seconds in between."""

    def more(self, fleet: Fleet, more: More) -> Fleet:
        """Return the same look with what is asked beyond it."""

    def survey(
        self,
        groups: tuple[str, str],
        alarms: tuple[str, ...] = (),
        pause: Callable[[float], None] | None = None,
        service: str = "",
    ) -> Survey:
        """Take a deeper look at the groups of ``service``."""

    def act(self, action: Action, sure: Callable[[], None] = at_once) -> None:
        """Do one action, once; ``sure`` is asked right before each write, and what it raises keeps it from being sent.

        An action may be several calls, and a process may sleep between them for long.
        """

    def machines_marked(self, key: str, prefix: str = "") -> tuple[Machine, ...]:
        """Return the instances that carry a mark."""

    def members(self, ids: Iterable[str]) -> frozenset[str]:
        """Return those of ``ids`` that are in any Auto Scaling group."""

    def closer(self, fleet: Fleet, ids: tuple[str, ...]) -> Fleet:
        """Return the same look with what EC2 tells of instances, its status checks included, as far as it does."""

    def checks(self, balancers: Iterable[Balancer]) -> Mapping[str, HealthCheck]:
        """Return what balancers ask their instances, by their ids, as far as they tell."""

    def console(self, instance: str, most: int) -> tuple[str, ...]:
        """Return the last lines of an instance's serial console."""


class Beyond:
    """What stands before a cloud and judges its looks only: all else is that cloud's."""

    cloud: Cloud

    def more(self, fleet: Fleet, more: More) -> Fleet:
        """Return the same look with what is asked beyond it."""
        return self.cloud.more(fleet, more)

    def act(self, action: Action, sure: Callable[[], None] = at_once) -> None:
        """Do one action, once."""
        self.cloud.act(action, sure)

    def machines_marked(self, key: str, prefix: str = "") -> tuple[Machine, ...]:
        """Return the instances that carry a mark."""
        return self.cloud.machines_marked(key, prefix)

    def members(self, ids: Iterable[str]) -> frozenset[str]:
        """Return those of ``ids`` that are in any Auto Scaling group."""
        return self.cloud.members(ids)

    def closer(self, fleet: Fleet, ids: tuple[str, ...]) -> Fleet:
        """Return the same look with what EC2 tells of instances."""
        return self.cloud.closer(fleet, ids)

    def checks(self, balancers: Iterable[Balancer]) -> Mapping[str, HealthCheck]:
        """Return what balancers ask their instances, by their ids."""
        return self.cloud.checks(balancers)

    def console(self, instance: str, most: int) -> tuple[str, ...]:
        """Return the last lines of an instance's serial console."""
        return self.cloud.console(instance, most)
