"""What goes wrong with launches."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define

from ..core.faults import kind

NO_CAPACITY = (
    "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested. "
    "Our system will be working on provisioning additional capacity. InsufficientInstanceCapacity."
)
NO_IMAGE = "The AMI ID 'ami-00000000000000001' does not exist."
NO_QUOTA = (
    "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket "
    "that the specified instance type belongs to. VcpuLimitExceeded."
)


@define
class LaunchFailure:
    """The next ``count`` launches (all, when ``None``) of a group fail with ``message``, until ``until``."""

    message: str = NO_CAPACITY
    count: int | None = None
    until: float = float("inf")

    def strikes(self, now: float) -> bool:
        """Whether this launch fails; counts it."""
        if now >= self.until or self.count == 0:
            return False
        if self.count is not None:
            self.count -= 1
        return True


@define
class Launches:
    """``failures`` has a failure by group; ``capacity`` says how many machines may run in all at a time.

    ``quota`` says whether the account's is used up for a group.
    """

    failures: dict[str, LaunchFailure] = Factory(dict)
    capacity: Callable[[float], float] | None = None
    quota: Callable[[str], bool] | None = None

    def fail(
        self, group: str, message: str = NO_CAPACITY, count: int | None = None, until: float = float("inf")
    ) -> None:
        """Let the next launches of ``group`` fail."""
        self.failures[group] = LaunchFailure(message, count, until)

    def refusal(self, group: str, running: Callable[[], int], now: float) -> str | None:
        """Return why a launch fails now, or nothing; ``running`` counts the machines, where that matters."""
        failure = self.failures.get(group)
        if failure is not None and failure.strikes(now):
            return failure.message
        if self.quota is not None and self.quota(group):
            return NO_QUOTA
        if self.capacity is not None and running() >= self.capacity(now):
            return NO_CAPACITY
        return None


LAUNCHES = kind("launches", Launches)
