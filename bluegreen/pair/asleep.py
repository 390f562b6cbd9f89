"""What the owner puts to nothing, at night or for good: it is no failure, and says nothing of an image. Pure."""

from __future__ import annotations

from bluegreen.pair.fleet import Group
from bluegreen.pair.look import Look


def wants_none(look: Look) -> bool:
    """Whether the owner has put new to nothing."""
    return put_to_nothing(look.new)


def put_to_nothing(group: Group) -> bool:
    """Whether a group is wanted as nothing, and not emptied by parking what it had."""
    return group.desired == 0 and not group.parked and not group.parking


def sleeps(look: Look) -> bool:
    """Whether new, since the switch, is at nothing by its owner's wish, or woken, and none has come to serve yet."""
    served = look.release.after_wave
    return look.release.passed("moved") and (wants_none(look) or (bool(served) and not any(served.values())))
