"""The acts, how each must end, and the seconds that it needs in any case."""

from __future__ import annotations

from attrs import frozen

LINGER = 2.0
"""Seconds for which v1 only serves, before the first command."""

GIVE_UP = 6.0
"""Seconds without progress after which the bad version is given up; the good ones may take their time."""


@frozen(kw_only=True)
class Times:
    """What nobody can hurry, in seconds.

    ``checks`` is what makes a new target healthy: as many checks as the balancer asks for, an interval each.
    ``patience`` is how long the bad deployment goes on without progress before it is given up.
    """

    boot: float
    checks: float
    drain: float
    bake: float
    patience: float = GIVE_UP

    @property
    def rest(self) -> float:
        """What is left of the drain when a deployment has ended: it began with the bake."""
        return max(0.0, self.drain - self.bake)


@frozen
class Act:
    """One command; ``needs`` names the :class:`Times` that pass while it works, however fast it is."""

    name: str
    argv: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    status: int = 0

    def least(self, times: Times) -> float:
        """Return how many seconds the act needs in any case."""
        return sum(float(getattr(times, name)) for name in self.needs) if self.argv else LINGER


BAD = ("deploy", "web", "bad-v4", "--progress-deadline", f"{GIVE_UP:g}s")
STORY = (
    Act("v1 serves"),
    Act("deploy v2", ("deploy", "web", "v2"), ("boot", "checks", "bake")),
    Act("rollback", ("rollback", "web"), ("checks", "drain")),
    Act("deploy v3", ("deploy", "web", "v3"), ("boot", "checks", "bake")),
    Act("finish", ("finish", "web", "--yes"), ("rest",)),
    Act("deploy bad-v4", BAD, ("patience", "drain"), status=3),
    Act("cleanup", ("cleanup", "web")),
)
