"""One deployment of a pair from intent to end: both groups, what they were before, and what we have written since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import attrs
from attrs import field, frozen

from bluegreen.flow import release as flow
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK, Hold
from bluegreen.targets.pair.model.phase import Phase, phase_of
from bluegreen.targets.pair.model.terms import Settled

__all__ = ["DEPLOY", "FINISH", "ROLLBACK", "Bounds", "Hold", "Picture", "Release", "Side"]

TWINS = "twins"
MOVE = "move"
"""How scaling settings come to serve on the new side: both groups have them, or they are copied, and later removed."""

PLAN_VERSION = 2
EVERY = "*"
"""Stands for every balancer, where only a figure of all of them together is on record."""
MARK = "bluegreen:retire"
"""The EC2 tag put on instances before they are detached."""
ID = "bluegreen:release"
"""The tag of both groups that names the release."""
SEAL = "bluegreen:seal"
"""The tag of both groups that seals its record."""
TAKEN_UP = "bluegreen:taken-up"
"""The tag of both groups that says when a run last took up a release that another one has begun."""


@frozen
class Bounds:
    """A group's minimum and maximum size."""

    min: int
    max: int


@frozen
class Side:
    """One group as it was when the release began; ``template`` is what its instances were launched from, for people."""

    name: str
    min: int
    max: int
    desired: int
    suspended: frozenset[str] = frozenset()
    image: str | None = None
    propagate: bool = True
    policies: tuple[Mapping[str, object], ...] = ()
    schedules: tuple[Mapping[str, object], ...] = ()
    alarms: tuple[Mapping[str, object], ...] = ()
    template: str = ""


@frozen
class Picture:
    """Both groups as they were when the release began."""

    old: Side
    new: Side


KIND = "pair"


@frozen(kw_only=True)
class Past(flow.Past):
    """A release of a pair that has come to its end."""

    kind: ClassVar[str] = KIND

    old: str
    new: str


@frozen(kw_only=True)
class Release(flow.Release):
    """The record of one release of a pair. Durations are seconds, times POSIX seconds.

    ``first`` says that ``old`` never served: the release begins on an empty pair. ``bounds`` are the service's
    (whoever serves gets them), ``idle`` the other side's. ``written`` keeps, per ``"group attribute"``, every value
    known to be the group's own or ours, ``unsealed`` those that were put on record while AWS took no tag, and
    ``edits`` what somebody changed once: any other value is an edit. ``best`` keeps, per ``"group balancer"``, the
    most instances of a side that were healthy there at once (a balancer ``*`` stands for all).
    ``drain`` is how long what leaves may take (the longest drain of the balancers, and the terminating hooks): a
    grace for what waits for it.
    ``leaving`` and ``returning`` are the old instances that were told to enter and to exit Standby, ``told_at`` is
    when some were told to enter it, or were marked, last: what looks older than that is not believed for a minute.
    ``reparked`` are those that appeared again after the switch, since ``reparked_at``.
    ``way`` is how scaling settings come to the new side, ``copied`` that they were read there as they are to be.
    ``members`` are those that old had when a rollback began. ``put_at`` is when settings were put last.
    ``after_wave`` is, per balancer, how many instances were to serve after the last wave, and, after the switch,
    the most that new served with of those it wants.
    ``check_time`` is how long the slowest balancer takes to call a new instance healthy, ``lingers`` for
    how long one may send connections to what has left it, ``well_at`` when one of new was first healthy in any.
    ``without`` are balancers that a person has set aside, ``passed_by`` those in which no instance of either side
    was healthy by the time that was given them.
    ``unserved`` says that a person has let the parked instances go although nothing else could serve: the owner
    wants no instance of new. ``returns`` says that a rollback has begun to bring old back: until then it is an idle
    group to whoever changes it. ``needed`` is how many of old had to serve when a rollback first found some unwell:
    what makes up for those is no need.
    ``processes`` says what somebody suspended (or resumed: false) meanwhile, of a group as ``"group process"``, and
    as ``"process"`` for whoever serves at the end. ``under_shift`` is, per balancer from which a zonal shift keeps
    some, the most of one side that were healthy there at once since it began. ``named`` says that a look has shown
    the tags that name the release: what it changes comes after them.
    """

    kind: ClassVar[str] = KIND
    past: ClassVar[type[flow.Past]] = Past
    moments: ClassVar[tuple[str, ...]] = (
        *flow.Release.moments,
        *("launched_at", "told_at", "put_at", "well_at", "reparked_at"),
    )

    terms: Settled
    old: str
    new: str
    picture: Picture
    bounds: Bounds
    idle: Bounds
    capacity: int
    first: bool = False
    drain: float = 0.0
    urgent: bool = False
    keep: bool = False
    written: Mapping[str, tuple[int, ...]] = field(factory=dict)
    unsealed: Mapping[str, tuple[int, ...]] = field(factory=dict)
    edits: Mapping[str, int] = field(factory=dict)
    best: Mapping[str, int] = field(factory=dict)
    launched_at: float = 0.0
    leaving: frozenset[str] = frozenset()
    returning: frozenset[str] = frozenset()
    told_at: float = 0.0
    reparked: frozenset[str] = frozenset()
    reparked_at: float = 0.0
    retire: tuple[str, ...] = ()
    plan_version: int = PLAN_VERSION
    way: str = TWINS
    copied: bool = False
    members: frozenset[str] = frozenset()
    after_wave: Mapping[str, int] = field(factory=dict)
    put_at: float = 0.0
    check_time: float = 0.0
    lingers: float = 0.0
    well_at: float = 0.0
    without: tuple[str, ...] = ()
    passed_by: tuple[str, ...] = ()
    unserved: bool = False
    returns: bool = False
    needed: int = 0
    under_shift: Mapping[str, int] = field(factory=dict)
    processes: Mapping[str, bool] = field(factory=dict)
    named: bool = False

    def most_healthy(self, group: str, balancer: str) -> int:
        """Return the most instances of ``group`` that were healthy in ``balancer`` at once in this release."""
        return max(self.best.get(f"{group} {balancer}", 0), self.best.get(f"{group} {EVERY}", 0))

    def left_serving(self, balancer: str) -> int:
        """Return how many instances have to serve in ``balancer`` since old ones were taken out of it."""
        return self.after_wave.get(balancer, self.after_wave.get(EVERY, 0))

    def known(self, group: str, attribute: str) -> tuple[int, ...]:
        """Return the values of a bound that are not somebody's edit; of a process, 1 where we suspended it, else 0."""
        key = f"{group} {attribute}"
        edited = (self.edits[key],) if key in self.edits else ()
        return (*self.written.get(key, ()), *self.unsealed.get(key, ()), *edited)

    def write(self, group: str, **values: int | None) -> Release:
        """Return the release that knows ``values`` (``min``, ``max``) as ours."""
        written = dict(self.written)
        for attribute, value in values.items():
            if value is not None and value not in self.known(group, attribute):
                key = f"{group} {attribute}"
                written[key] = (*written.get(key, ()), value)
        return attrs.evolve(self, written=written)

    def toward(self, goal: str, at: float, reason: str = "", **changes: object) -> Self:
        """Return the release with another goal; how many of old are needed is found anew."""
        return super().toward(goal, at, reason, **{"needed": 0, **changes})

    def awake(self, at: float, **changes: object) -> Self:
        """Return the release as a person wants it carried on: what others changed twice is known to that person."""
        known = {key: (*self.written.get(key, ()), value) for key, value in self.edits.items()}
        fresh = {"written": {**self.written, **known}, "edits": {}, "reparked": frozenset()}
        return super().awake(at, **{**fresh, **changes})

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return phase_of(self.goal, self.milestones)

    @property
    def rests(self) -> bool:
        """Whether it was deployed and waits, its old instances parked, for a finish or a rollback."""
        return self.phase is Phase.DEPLOYED and not self.first

    @property
    def may_pause(self) -> bool:
        """Whether it can stand where it is: until new serves alone, old does."""
        return super().may_pause and not self.passed("moved")

    @property
    def has_switched(self) -> bool:
        """Whether new came to serve alone, and old is not back; a rollback may be on its way."""
        return self.passed("moved") and not self.passed("back")

    @property
    def alone_since(self) -> float | None:
        """When the one side came to serve alone (POSIX seconds); ``None`` before, and in a finish, which is no move."""
        doors = {DEPLOY: "moved", ROLLBACK: "back"}
        return self.milestones.get(doors.get(self.goal, ""))

    @property
    def kept(self) -> str:
        """What it keeps parked, in words."""
        return f"the instances of {self.old}"

    @property
    def previous_image(self) -> str | None:
        """What old ran; a first release has none before it."""
        return None if self.first else self.picture.old.image

    @property
    def can_go_back(self) -> bool:
        """Whether there is anything to go back to: a first release goes back to nothing until it serves."""
        return not (self.first and self.passed("moving"))

    def remembered(self) -> dict[str, Any]:
        """Return what a past release has of this one."""
        return {**super().remembered(), "old": self.old, "new": self.new}

    @property
    def begun(self) -> bool:
        """Whether it may have changed anything but the groups' tags."""
        return super().begun or self.named or bool(self.launched_at or self.put_at)
