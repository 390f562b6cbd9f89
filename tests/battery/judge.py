"""What must hold after every event and at the end, judged by the simulator's own truth and never by our adapter."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from bluegreen.calls import LONGEST_CALL
from bluegreen.record.document import Document
from bluegreen.simulator.core.calls import Call
from tests.battery.doors import broken
from tests.battery.explained import unexplained
from tests.battery.ledger import Ledger
from tests.support.scaling import settings_of
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair
from tests.support.watching import Watch, colours_serving, left_over

UNREACHABLE = 69
"""A run that ends so cannot give its lease back when it is the record that is out of reach: it runs out."""

EFFECTIVE = {"EnterStandby": "InService", "ExitStandby": "Standby", "DetachInstances": "Standby"}
"""The state from which each relative write does something; from any other it is one too many."""


@define
class Judge:
    """Watches one pair; ``floor`` as in :class:`~tests.support.watching.Watch`.

    ``trusting`` is whether an exit status 0 must be true at that moment (not while reads are stale). ``holder`` is
    the running process's lease, as it was last written, at ``renewed``. ``strict`` is whether a relative write must
    have an effect. ``lossy``: writes of the record get lost, the one that gives the lease back too.
    """

    pair: Pair
    ledger: Ledger
    floor: int
    before: dict[str, Any] = field(init=False)
    watch: Watch = field(init=False)
    trusting: bool = True
    strict: bool = True
    lossy: bool = False
    doors: bool = True
    passed: set[str] = field(factory=set)
    holder: str = ""
    renewed: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.before, self.watch = self.pair.picture(), Watch(self.pair, self.floor)

    @property
    def wrong(self) -> list[str]:
        """What did not hold so far."""
        return self.watch.broken

    def begin(self) -> None:
        """A process begins: it has no lease yet."""
        self.holder = ""

    def recorded(self, document: Document) -> None:
        """The running process has written the record; what a milestone in it promises must be true."""
        if document.lease is not None:
            self.holder, self.renewed = document.lease.holder, self.pair.clock.now()
        passed = set() if document.release is None else set(document.release.milestones)
        if self.doors and document.release is not None:
            for milestone in sorted(passed - self.passed):
                for sentence in broken(self.pair.sim, document.release, milestone, self.watch.dues()):
                    self.watch.note(sentence)
        self.passed = passed

    def write(self, call: Call) -> None:
        """The running process is about to change something in AWS."""
        document, _ = self.ledger.read("web")
        explained = unexplained(call, document, self.pair.sim)
        for sentence in (self._unleased(document), explained, self._twice(call)):
            if sentence:
                self.watch.note(f"{call.operation}: {sentence}")

    def _unleased(self, document: Document | None) -> str:
        lease = None if document is None else document.lease
        if lease is None or lease.holder != self.holder:
            return "a write without a lease"
        left = self.renewed + lease.length - self.pair.clock.now()
        return "" if left > LONGEST_CALL else f"the lease lasts for {left:.0f} s only"

    def _twice(self, call: Call) -> str:
        wanted = EFFECTIVE.get(call.operation)
        if wanted is None or not self.strict:
            return ""
        states = self.pair.sim.states(call.parameters["AutoScalingGroupName"])
        found = {i: states.get(i, "gone") for i in call.parameters["InstanceIds"]}
        odd = {i: state for i, state in found.items() if state != wanted}
        return f"sent for {odd}" if odd else ""

    def ended(self, verb: str, status: int | None, *, killed: bool = False) -> None:
        """A process has ended: its lease is free, unless it was killed, and 0 and 3 are true of the pair as it is."""
        document, _ = self.ledger.read("web")
        lease = None if document is None else document.lease
        if lease is not None and lease.holder == self.holder and not (killed or self.lossy or status == UNREACHABLE):
            self.watch.note(f"{verb} ended with {status} and kept the lease")
        if status in (0, 3) and self.trusting:
            for sentence in self.disagreeing(verb):
                self.watch.note(f"{verb} ended with {status}, but {sentence}")

    def disagreeing(self, verb: str) -> list[str]:
        """Return what an independent look does not find as a successful end of ``verb`` says."""
        found = self._serving_wrong(())
        if verb in ("rollback", "finish") and (open_one := self.pair.release) and not open_one.rests:
            found.append("a release is open")  # a rollback with nothing parked deploys, and then rests
        if self.pair.release is None:
            idle = [name for name in (BLUE, GREEN) if not self.pair.sim.serving(name)]
            found += [f"{name} still has {states}" for name in idle if (states := self._staying(name))]
            found += self._scaling_wrong()
        return found

    def _scaling_wrong(self) -> list[str]:
        """What policies, alarms and schedules are not where they belong: the service's are where it serves."""
        serving = colours_serving(self.pair)
        if len(serving) != 1:
            return []
        now = (BLUE, GREEN) if serving == [BLUE] else (GREEN, BLUE)
        found = []
        for was, name in zip((BLUE, GREEN), now, strict=True):
            wanted, there = self.before[was]["Scaling"], settings_of(self.pair.sim, name)
            found += [f"{name}: {sentence}" for kind in wanted for sentence in _unlike(wanted[kind], there[kind])]
        return found

    def _ending(self, group: str) -> list[str]:
        return [state for state in self.pair.sim.states(group).values() if state.startswith("Terminating")]

    def _staying(self, group: str) -> list[str]:
        return [state for state in self.pair.sim.states(group).values() if not state.startswith("Terminating")]

    def _serving_wrong(self, images: tuple[str, ...]) -> list[str]:
        sim, serving = self.pair.sim, colours_serving(self.pair)
        if len(serving) != 1:
            return [f"{' and '.join(serving) or 'nobody'} serves"]
        (live,) = serving
        tag, seen = sim.image_of_group(live), (sim.answering(key) for key in self.watch.users.balancers())
        serving_now = dict.fromkeys(instance for found in seen for instance in found)
        found = [f"{i} runs {image}, not {tag}" for i in serving_now if (image := sim.image_of(i)) != tag]
        if images and tag not in images:
            found.append(f"{live} serves {tag}, not {' or '.join(images)}")
        return found + self.watch.short()

    def verdict(self, images: tuple[str, ...] = (), after: float = 120.0) -> list[str]:
        """Return everything that was wrong at any moment, or is wrong now that all is over and time has passed."""
        self.pair.run_for(after)
        document, _ = self.ledger.read("web")
        found = [*self.wrong, *self._serving_wrong(images), *self._scaling_wrong()]
        found += [f"{key}: {value}" for key, value in left_over(self.pair).items() if key != "harm"]
        found += [f"{name} still has {odd}" for name in (BLUE, GREEN) if (odd := self._ending(name))]
        found += [f"left different: {difference}" for difference in unlike(self.before, self.pair.picture())]
        if document is not None and document.lease is not None and document.lease.fresh(self.pair.clock.now()):
            found.append(f"the lease is not free: {document.lease.why}")
        return found + self._untrue(document)

    def _untrue(self, document: Document | None) -> list[str]:
        """What the record's history says otherwise than what serves."""
        past = document.history[-1] if document is not None and document.history else None
        if past is None:
            return []
        wanted = past.image if past.outcome == "finished" else past.previous_image
        return self._serving_wrong((wanted,)) and [f"history says {past.outcome} of {past.image}"] if wanted else []


def _unlike(wanted: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """Say by name which settings of one kind are too many, not there, or not as they are to be."""
    found = [f"{name} should not be there" for name in sorted(there.keys() - wanted.keys())]
    found += [f"{name} is not there" for name in sorted(wanted.keys() - there.keys())]
    for name in sorted(wanted.keys() & there.keys()):
        odd = [key for key in wanted[name] | there[name] if wanted[name].get(key) != there[name].get(key)]
        found += [f"{name} differs in {', '.join(sorted(odd))}"] if odd else []
    return found
