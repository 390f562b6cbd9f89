"""What a balancer makes of its checks on one target: when it is healthy, when it is not, when it is too early.

Envoy marks a host healthy after its first passed check, whatever its threshold says. Where the model asks for
more (a classic balancer's healthy threshold), the target is held back, closed to requests, until it has passed
for as long as that many checks take.
"""

from __future__ import annotations

from attrs import define

from bluegreen.simulator.core.body import HealthCheck

SETTLE = 0.1
"""Seconds after registration in which what Envoy says may still be about an earlier registration."""


@define
class Target:
    """One registered target; times are monotonic seconds."""

    check: HealthCheck
    registered: float
    draining: bool = False
    proven: bool = False
    passing_since: float | None = None
    failed: bool = False

    @property
    def open(self) -> bool:
        """Say whether the balancer may send it requests, as far as the thresholds go."""
        return self.proven and not self.failed if self._held else True

    @property
    def status(self) -> str:
        """Return the status for Envoy's file."""
        if self.draining:
            return "DRAINING"
        return "HEALTHY" if self.open else "UNHEALTHY"

    @property
    def _held(self) -> bool:
        return self._needed > 1

    @property
    def _needed(self) -> int:
        return self.check.healthy if self.proven else self.check.fresh

    def see(self, passes: bool | None, now: float) -> None:
        """Take in what Envoy's own check says at ``now``."""
        if passes is None or now < self.registered + SETTLE:
            return
        if not passes:
            self.passing_since = None
            self.failed = self.failed or self.proven or self._failing_for_long(now)
            return
        self.passing_since = now if self.passing_since is None else self.passing_since
        if now >= self.passing_since + (self._needed - 1) * self.check.interval:
            self.proven, self.failed = True, False

    def verdict(self) -> bool | None:
        """Return healthy, unhealthy, or not decided yet."""
        if self.failed:
            return False
        return True if self.proven else None

    def _failing_for_long(self, now: float) -> bool:
        return now >= self.registered + (self.check.unhealthy - 1) * self.check.interval
