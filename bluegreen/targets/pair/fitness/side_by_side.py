"""Two groups side by side, field by field, and one thing in which they differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import field, frozen

from bluegreen.targets.pair.model.fleet import Group, Scaling
from bluegreen.targets.pair.model.release import MOVE
from bluegreen.targets.pair.model.twins import (
    ACTIONS,
    ALARM,
    OWN_TO_A_GROUP,
    OWN_TO_AN_ALARM,
    Setting,
    are_twins,
    name_of,
    way_of,
)
from bluegreen.targets.seam.finding import REFUSED

NOTED = "noted"
NATURAL = "natural"

EXISTS = "exists"

Row = tuple[str, object, object]
"""What it is, blue's value, green's."""


@frozen
class Difference:
    """One thing that is not the same on blue and on green; ``None`` where a side has nothing.

    ``level`` is ``refused`` (no deployment begins), ``noted`` (what serves changes in it with every deployment) or
    ``natural`` (a live and an idle group differ in it). ``detail`` says what of the topic it is.
    """

    topic: str
    detail: str
    blue: object
    green: object
    level: str
    why: str = ""

    @property
    def matters(self) -> bool:
        """Whether a deployment is refused for it."""
        return self.level == REFUSED


@frozen
class Sides:
    """A pair to be compared, blue first; ``idle`` is ``None`` when it is not clear, or when a release is open."""

    blue: Group
    green: Group
    live: Group | None
    idle: Group | None
    scaling: Mapping[str, Scaling] = field(factory=dict)

    @property
    def groups(self) -> tuple[Group, Group]:
        """Both, blue first."""
        return (self.blue, self.green)

    @property
    def settings(self) -> tuple[Scaling, Scaling]:
        """What makes each scale, blue's first."""
        first, second = (self.scaling.get(group.name, Scaling()) for group in self.groups)
        return (first, second)

    @property
    def way(self) -> tuple[str, str]:
        """Whether settings that are not the same on both sides keep a deployment from beginning, and why."""
        ours, theirs = self.settings if self.live is self.blue else self.settings[::-1]
        names = (self.blue.name, self.green.name) if self.live is self.blue else (self.green.name, self.blue.name)
        if self.live is not None and way_of(ours, theirs, names) == MOVE:
            return NATURAL, "it moves with the service"
        return REFUSED, "scaling must not change with the side"

    def alike(self, one: object, other: object) -> bool:
        """Whether blue's and green's value are the same, but for the group's own name in them."""
        return self.twins(Scaling(({"": one},)), Scaling(({"": other},)))

    def twins(self, blue: Scaling, green: Scaling) -> bool:
        """Whether settings are the same in the way that ``check`` asks: live's first."""
        if self.live is self.green:
            return are_twins(green, blue, (self.green.name, self.blue.name))
        return are_twins(blue, green, (self.blue.name, self.green.name))


# ---- settings with a name, field by field ----


def rows_apart(sides: Sides, blue: tuple[Setting, ...], green: tuple[Setting, ...], key: str) -> Iterator[Row]:
    """Yield name and field, and both values, of what differs; what only one side has is one row."""
    left = list(green)
    for one in blue:
        name = name_of(one, key)
        partner = next((other for other in left if sides.alike(name, name_of(other, key))), None)
        if partner is None:
            yield name, EXISTS, None
        else:
            left.remove(partner)
            fields = leaves(sides, _shared(one), _shared(partner))
            yield from ((f"{name} {path.removeprefix('.')}", a, b) for path, a, b in fields)
    yield from ((name_of(other, key), None, EXISTS) for other in left)


def _shared(setting: Setting) -> Setting:
    own = OWN_TO_A_GROUP | (OWN_TO_AN_ALARM | set(ACTIONS) if ALARM in setting else frozenset())
    return {key: value for key, value in setting.items() if key not in own}


def leaves(sides: Sides, one: object, other: object, path: str = "") -> Iterator[Row]:
    """Yield path and both values of every field that differs; lists of unequal lengths differ as a whole."""
    match one, other:
        case Mapping(), Mapping():
            for key in sorted(one.keys() | other.keys()):
                yield from leaves(sides, one.get(key), other.get(key), f"{path}.{key}")
        case list(), list() if len(one) == len(other) and path:
            for at, (a, b) in enumerate(zip(one, other, strict=True)):
                yield from leaves(sides, a, b, f"{path}[{at}]")
        case _ if not sides.alike(one, other):
            yield path, one, other
