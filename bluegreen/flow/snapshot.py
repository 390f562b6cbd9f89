"""What listeners are told of a look: both sides, their members, and the figures behind what is done."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Member:
    """One of a side's: its ``id``, the ``state`` that AWS calls it, and the worst that a balancer says of its health.

    ``serves`` says that it can be counted on, ``leaves`` that it is in service, and about to go.
    """

    id: str
    state: str
    health: str = ""
    serves: bool = False
    leaves: bool = False


@frozen(kw_only=True)
class Side:
    """What serves, or is to: ``tag`` is the image version that its next members run, ``armed`` that it scales."""

    name: str
    min: int
    max: int
    desired: int
    tag: str | None
    armed: bool
    instances: tuple[Member, ...] = ()


@frozen(kw_only=True)
class Snapshot:
    """Both sides of a release, and figures in members: the demand, how many must serve, and how many do.

    ``live`` is the name of the side that serves with more.
    """

    old: Side
    new: Side
    demand: int
    floor: int
    serving: int
    live: str

    @property
    def sides(self) -> tuple[Side, Side]:
        """Old, and new."""
        return (self.old, self.new)
