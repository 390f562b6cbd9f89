"""The acts, how each must end, and the seconds that it needs in any case."""

from __future__ import annotations

from attrs import evolve, frozen

LINGER = 2.0
"""Seconds for which v1 only serves, before the first command."""

GIVE_UP = 3.0
"""Seconds beyond boot without progress after which a bad version is given up; the good ones may take their time."""

USUAL = 3.0
"""Seconds beyond what it needs in any case that a deployment takes on a machine that has nothing else to do."""


@frozen(kw_only=True)
class Times:
    """What nobody can hurry, in seconds.

    ``checks`` is what makes a new target healthy: as many checks as the balancer asks for, an interval each.
    ``proof`` is how long a new instance must stay healthy before an old one goes.
    """

    boot: float
    checks: float
    proof: float
    drain: float
    bake: float

    @property
    def patience(self) -> float:
        """How long a bad deployment goes on without progress before it is given up, where the machine is not busy."""
        return self.boot + GIVE_UP

    @property
    def rest(self) -> float:
        """What is left of the drain when a deployment has ended: it began with the bake."""
        return max(0.0, self.drain - self.bake)


@frozen
class Act:
    """One command; ``needs`` names the :class:`Times` that pass while it works, however fast it is.

    ``dies`` is the version of which instances die while they serve: requests that are with them may be cut.
    """

    name: str
    argv: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    status: int = 0
    dies: str = ""

    def least(self, times: Times) -> float:
        """Return how many seconds the act needs in any case."""
        return sum(float(getattr(times, name)) for name in self.needs) if self.argv else LINGER

    def given(self, patience: float) -> Act:
        """Return the act with the seconds of patience written into its command."""
        return evolve(self, argv=tuple(word.format(patience=patience) for word in self.argv))


_IMPATIENT = ("--progress-deadline", "{patience:.0f}s")
_GOOD, _CRASHING = ("boot", "checks", "proof", "bake"), ("boot", "checks", "patience", "drain")
STORY = (
    Act("v1 serves"),
    Act("deploy v2", ("deploy", "web", "v2"), _GOOD),
    Act("rollback", ("rollback", "web"), ("checks", "drain")),
    Act("deploy v3", ("deploy", "web", "v3"), _GOOD),
    Act("finish", ("finish", "web", "--yes"), ("rest",)),
    Act("deploy bad-v4", ("deploy", "web", "bad-v4", *_IMPATIENT), ("patience", "drain"), 3),
    Act("deploy crash-v5", ("deploy", "web", "crash-v5", *_IMPATIENT), _CRASHING, 3, "crash-v5"),
    Act("cleanup", ("cleanup", "web")),
)
