"""The record is lost while a release is under way: nobody guesses, and the tags of the groups bring it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import Refused, Status
from bluegreen.flow.limits import STRATEGIES, Pace
from bluegreen.record.memory import MemoryStore
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.fleet import Instance, Tag
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ID, ROLLBACK, Bounds, Picture, Release, Side
from bluegreen.targets.pair.model.terms import Settled
from bluegreen.targets.pair.release_tags.rebuilt import Adoption, rebuild
from bluegreen.targets.pair.release_tags.written import KEYS, LONGEST, TERMS, tags_of, tidy
from tests.battery.ledger import Ledger
from tests.battery.row_01_crash import go, ready
from tests.battery.stage import KILLED, Crash, Stage, Told
from tests.record.values import IMAGES, LIMITS
from tests.support import values
from tests.support.copies import Copies
from tests.support.hands import tagged, type_in
from tests.support.story import unlike
from tests.support.values import NOW, fleet, group
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import left_over

VERBS = ("deploy", "rollback", "finish")
ASKED: tuple[tuple[str, ...], ...] = (
    ("deploy", "v2"),
    ("resume",),
    ("rollback",),
    ("finish",),
    ("cleanup",),
    ("check",),
)
SHARES = 4


def _named_new(side: Side) -> Side:
    return attrs.evolve(side, name="new")


def lost(verb: str, share: int, goes_on: Callable[[Stage], list[Any]]) -> dict[int, list[Any]]:
    """Return what is wrong where ``verb`` was killed behind a write and the record is lost, by the point's number.

    Each point is one write in :data:`SHARES`; ``goes_on`` says what is wrong in the end.
    """
    stage = ready(verb, "tg")
    copies = Copies(lambda: killed(stage))

    def point(here: Stage, side: str, what: Any) -> None:
        changes = not (isinstance(what, Call) and what.reads)
        if side == "after" and changes and here.writes % SHARES == share:
            copies.point()

    def told() -> None:
        go(stage, verb)
        if stage.told[-1].sentence == KILLED:
            raise Crash

    def lost_by_then() -> list[Any]:
        stage.strikes.clear()
        another_record(stage)
        return goes_on(stage)

    stage.strikes.append(point)
    return copies.play(told, lost_by_then)


def killed(stage: Stage) -> Crash:
    """Let the process be gone."""
    stage.dead = True
    return Crash()


def another_record(stage: Stage) -> None:
    """Let the next verbs use an empty record."""
    empty = Ledger()
    empty.before, empty.after = stage._write, stage._written
    stage.ledger = stage.judge.ledger = stage.pair.store = empty


def told_of(stage: Stage) -> str:
    """Return the release that the groups' tags tell of, or nothing."""
    tags = [stage.pair.sim.groups[name].tags.get(ID, ("", False))[0] for name in (BLUE, GREEN)]
    return next((tag for tag in tags if tag), "")


def aws_writes(stage: Stage) -> list[str]:
    """Return a list in which every write from now on appears."""
    done: list[str] = []
    stage.pair.sim.faults.before.append(lambda call: _noted(done, call))
    return done


def _noted(done: list[str], call: Call) -> None:
    if not call.reads:
        done.append(call.operation)


def odd_refusals(stage: Stage) -> list[Any]:
    """Return the verbs that did not refuse as they should: with 4, by name, before the first write."""
    done, release = aws_writes(stage), told_of(stage)
    told = [stage.run(*words) for words in ASKED]
    return [one for one in told if not _refuses(one, release)] + done


def _refuses(told: Told, release: str) -> bool:
    named = all(word in told.sentence for word in (release, "test@here", "does not know"))
    return told.status == 4 and told.sentence.startswith("Refused") and named


def ended(stage: Stage, verb: str) -> list[str]:
    """Adopt the release, go on with ``verb``, end what then rests, and return what was wrong."""
    stage.judge.doors = stage.judge.trusting = False  # a release that is adopted may stand anywhere
    told = [stage.run("adopt")]
    stage.judge.doors = stage.judge.trusting = True
    told.append(stage.run(verb))
    if stage.release is not None:
        told.append(stage.run("finish"))
    wrong = stage.verdict("v1", "v2")
    return [*wrong, *(repr(one) for one in told)] if wrong or any(one.status for one in told) else []


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("then", ["resume", "rollback"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_lost_record_is_adopted_at_every_point(verb: str, then: str, share: int) -> None:
    """Whatever was written last, all verbs refuse as soon as a tag tells of the release; adopted, it ends clean."""
    found = lost(verb, share, lambda stage: odd(stage, then))
    assert ({}, True) == ({number: wrong for number, wrong in found.items() if wrong}, len(found) > 3)


def odd(stage: Stage, then: str) -> list[Any]:
    """Return what is wrong with a lost release that is asked for, adopted if a tag tells of it, and ended."""
    return [*odd_refusals(stage), *ended(stage, then)] if told_of(stage) else stage.verdict("v1", "v2")


# ---- the first run was not dead ----


@define
class Elsewhere:
    """Lets somebody with a record of their own adopt the release at look ``number`` behind the first tag."""

    pair: Pair
    number: int
    looks: int = 0
    adopted: bool = False
    late: list[str] = field(factory=list)
    theirs: MemoryStore = field(factory=MemoryStore)

    def __call__(self, call: Call) -> None:
        """Count, adopt, and from then on note what is written."""
        if self.adopted:
            _noted(self.late, call)
        elif call.operation == "DescribeAutoScalingGroups" and ID in self.pair.sim.groups[BLUE].tags:
            self.looks += 1
            if self.looks == self.number:
                self._adopt()

    def _adopt(self) -> None:
        mine, self.pair.store = self.pair.store, self.theirs
        self.pair.sim.faults.before.remove(self)
        self.pair.service().adopt()
        self.pair.sim.faults.before.append(self)
        self.pair.store, self.adopted = mine, True


@pytest.mark.parametrize("number", [1, 2, 4, 7, 9])
def test_a_run_whose_release_somebody_adopts_stops_and_writes_nothing_more(number: int) -> None:
    """It was on another machine, with a record of its own: it says who is in charge, and the other one carries on."""
    pair = virtual(instances=2)
    before, other = pair.picture(), Elsewhere(pair, number)
    pair.sim.faults.before.append(other)
    ended = pair.service().deploy("v2")
    assert (Status.BLOCKED, True, []) == (ended.status, "is in charge" in ended.sentence, other.late)
    pair.sim.faults.before.remove(other)
    pair.store = other.theirs
    told = [pair.service().resume().status, pair.service().finish().status]
    assert ([Status.OK, Status.OK], {}, []) == (told, left_over(pair), unlike(before, pair.picture()))


def test_somebody_elses_tags_are_not_taken_for_ones_own() -> None:
    """With nothing open in the record, an adoption needs tags; with a release open, there is nothing to adopt."""
    pair = virtual(instances=2)
    with pytest.raises(Refused, match="name no release, there is nothing to adopt"):
        pair.service().adopt()
    pair.service().deploy("v2")
    with pytest.raises(Refused, match="the deploy of v2 is open in this record"):
        pair.service().adopt()


# ---- what the tags keep ----

WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-._", min_size=1, max_size=30)
SIZES = st.integers(0, 5000)
SECONDS = st.integers(0, 10**6).map(float)
PROCESSES = st.frozensets(st.sampled_from(("AZRebalance", "AlarmNotification", "Launch", "ScheduledActions")))
SIDES = st.builds(
    Side,
    name=st.just(""),
    min=st.integers(0, 9),
    max=st.integers(9, 5000),
    desired=SIZES,
    suspended=PROCESSES,
    image=st.none() | WORDS,
    propagate=st.booleans(),
)
RELEASES = st.builds(
    Release,
    id=st.integers(0, 65535).map("web:19700112-134640-{:04x}".format),
    service=st.just("web"),
    image=IMAGES,
    old=st.just("old"),
    new=st.just("new"),
    picture=st.builds(Picture, SIDES.map(lambda s: attrs.evolve(s, name="old")), SIDES.map(_named_new)),
    bounds=st.builds(Bounds, st.integers(0, 9), st.integers(9, 5000)),
    idle=st.builds(Bounds, st.integers(0, 9), st.integers(9, 5000)),
    capacity=st.integers(1, 5000),
    begun_at=SECONDS,
    by=st.text(max_size=60),
    first=st.booleans(),
    goal=st.sampled_from((DEPLOY, ROLLBACK, FINISH)),
    terms=st.builds(
        Settled,
        pace=st.builds(Pace, st.integers(1, 100), st.integers(100, 200)),
        strategy=st.sampled_from(list(STRATEGIES)),
        max_surge=st.none() | LIMITS,
        max_unavailable=st.none() | LIMITS,
        bake=SECONDS,
        keep_parked=SECONDS,
        progress_deadline=SECONDS,
        deadline=SECONDS,
        stabilization=SECONDS,
        healthy_for=SECONDS,
        alarms=st.just(()),
        image_tag_key=st.just("image"),
    ),
    drain=SECONDS,
    take=st.integers(0, 99),
)
ESSENTIALS = (
    *("id", "service", "image", "old", "new", "picture", "bounds", "idle", "capacity", "begun_at", "first", "goal"),
    *("terms", "drain"),
)


@given(RELEASES)
def test_what_is_rebuilt_from_the_tags_keeps_the_essentials(release: Release) -> None:
    """Sizes, processes, images, goal and terms survive; it is one take further on, and somebody else's now."""
    groups = {
        name: group(name, tags={key: Tag(value, False) for key, value in tags.items()})
        for name, tags in tags_of(release).items()
    }
    found = rebuild(
        fleet(groups["old"], groups["new"]), Adoption(service="web", by="b@c", now=NOW, image_tag_key="image")
    )
    assert [getattr(release, name) for name in ESSENTIALS] == [getattr(found, name) for name in ESSENTIALS]
    assert (release.take + 1, "b@c") == (found.take, found.by)


@pytest.mark.parametrize(
    ("states", "marked", "goal"),
    [
        (("InService", "InService"), (), DEPLOY),
        (("InService", "InService", "Standby"), (), DEPLOY),
        (("InService", "Standby"), (), FINISH),
        (("InService", "Standby", "Standby"), (), FINISH),
        (("InService",), ("i-0000000a",), FINISH),
        (("Standby",), (), FINISH),
        ((), (), FINISH),
    ],
)
def test_a_finish_is_one_only_where_the_switch_can_have_been(
    states: tuple[str, ...], marked: tuple[str, ...], goal: str
) -> None:
    """The tag of the goal alone retires nothing: more of old serve than are parked, and none carries the mark."""
    tags = {
        name: {key: Tag(value, False) for key, value in told.items()}
        for name, told in tags_of(values.release(id="web:20231114-221320-0001", goal=FINISH, deadline=600.0)).items()
    }
    instances = tuple(Instance(f"i-0000000{number}", state) for number, state in enumerate(states))
    old, new = group("old", instances=instances, tags=tags["old"]), group("new", tags=tags["new"])
    known = Adoption(service="web", by="b@c", now=NOW, image_tag_key="image", marked=marked)
    assert goal == rebuild(fleet(old, new), known).goal


@given(RELEASES)
def test_the_tags_are_such_as_aws_takes(release: Release) -> None:
    """Keys are the known ones; values have nothing in them that a tag must not have, and are short enough."""
    for tags in tags_of(release).values():
        assert set(tags) <= set(KEYS)
        assert all(len(value) <= LONGEST and tidy(value) == value for value in tags.values())


@pytest.mark.parametrize(("sizes", "told"), [("1/8", False), ("9/9", True), ("0/8", True), ("1/4", True)])
def test_other_sizes_than_before_are_said(sizes: str, told: bool) -> None:
    """Of two tags one may be forged: an adoption says both, and the command that puts it right in the end."""
    pair = virtual(instances=2, maximum=8)
    pair.service().deploy("v2")
    pair.store = MemoryStore()
    for name in (BLUE, GREEN):
        terms = pair.sim.groups[name].tags[TERMS][0]
        tagged(pair, name, terms.replace("bounds=1/8", f"bounds={sizes}"), TERMS)
    adopted, said = pair.service().adopt(), f"{BLUE} had 1 to 8 when it began, and what serves in the end is to have"
    assert told == (f"{said} {sizes.replace('/', ' to ')}" in adopted.hint)
    pair.service().rollback()
    for command in [one for one in adopted.hint.split("`") if one.startswith("aws") and f"name {BLUE}" in one]:
        type_in(pair, command)
    assert (1, 8) == (pair.sim.groups[BLUE].minimum, pair.sim.groups[BLUE].maximum)
