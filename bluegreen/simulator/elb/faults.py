"""What health calls do not tell, though the balancers know."""

from __future__ import annotations

from collections.abc import Collection

from attrs import Factory, define, frozen

from ..core.faults import kind

NO_ANSWER = "no answer"
UNKNOWN = ("unavailable", "Elb.InternalError", "Unknown", NO_ANSWER)
"""How a health call may fail to tell: the state, the reason of ``unhealthy``, a classic balancer's state, an error."""


@frozen
class Blur:
    """What a health call of a balancer (key or name) answers is not known until a POSIX time, of all or of some."""

    balancer: str
    until: float
    how: str
    instances: frozenset[str] | None

    def hides(self, names: tuple[str, str], instance: str, now: float) -> bool:
        """Whether the balancer of these names does not tell how ``instance`` is."""
        concerned = self.instances is None or instance in self.instances
        return concerned and self.balancer in names and now < self.until


@define
class Blurs:
    """What hides from health calls how instances are; who is sent requests does not change."""

    all: list[Blur] = Factory(list)

    def add(
        self, balancer: str, *, until: float, how: str = "unavailable", instances: Collection[str] | None = None
    ) -> None:
        """Let health calls of a balancer (key or name) not tell how instances are, until a POSIX time.

        ``how`` is one of :data:`UNKNOWN`; a classic balancer has the state ``Unknown`` only, a target group has none of
        that name and says ``unavailable``; ``no answer`` fails the call itself.

        :raises ValueError: for another ``how``.
        """
        if how not in UNKNOWN:
            raise ValueError(f"{how} is none of {', '.join(UNKNOWN)}")
        self.all.append(Blur(balancer, until, how, frozenset(instances) if instances is not None else None))

    def hidden(self, names: tuple[str, str], instance: str, now: float) -> str:
        """Return how health calls do not tell of an instance, by the balancer's key and name; nothing: they do."""
        return next((blur.how for blur in self.all if blur.hides(names, instance, now)), "")


BLURS = kind("blurs", Blurs)
