"""Laws of the seal: the same before a record is written and after it was read, another one with each thing decided."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as some

from bluegreen.clock import VirtualClock
from bluegreen.declared import declared
from bluegreen.errors import Unreachable
from bluegreen.flow import release as flow
from bluegreen.flow.limits import Pace, Share
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.targets.pair.at_work.sealing import SealedBook
from bluegreen.targets.pair.model.actions import WriteReleaseTags
from bluegreen.targets.pair.model.fleet import Tag
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ID, ROLLBACK, SEAL, Bounds, Hold, Release
from bluegreen.targets.pair.model.seal import (
    SEALED,
    UNSEALED,
    decide_alike,
    either,
    fits_seal,
    seal,
    sealed_as,
    seals_told,
    turned,
)
from bluegreen.targets.pair.model.terms import Settled
from tests.record.values import RELEASES
from tests.support.records import from_bytes
from tests.support.values import NOW, evolved, fleet, group, release

OF = release(id="web:19700101-000000-aaaa")
OTHER: dict[str, Any] = {
    "picture": attrs.evolve(OF.picture, old=attrs.evolve(OF.picture.old, max=99)),
    "pace": Pace(50, 200),
    "max_surge": Share(1),
    "max_unavailable": Share(25, percent=True),
    "bounds": Bounds(0, 99),
    "idle": Bounds(0, 99),
    "milestones": {"moving": NOW},
    "retire": ("i-0",),
    "alarms": ("web-5xx",),
    "without": ("web",),
    "processes": {"HealthCheck": True},
    "written": {"old min": (1, 2)},
    "edits": {"old max": 9},
    "passed_by": ("web",),
}
"""Another value of what is no text, flag or number."""
DECIDED = (*(name for name in SEALED if name != "terms"), *declared(Settled))
"""What a release decides by, each of its terms by itself."""


@given(RELEASES)
def test_what_was_read_has_the_seal_of_what_was_written(of: Release) -> None:
    """Numbers, moments and sets are the same in a file and in memory."""
    kept = from_bytes(to_bytes(Document(service=of.service, release=of)), "web.json").release
    assert kept is not None
    assert seal(of) == seal(kept)


def another(name: str) -> Any:
    """Return another value of a member."""
    value = getattr(OF.terms if name in declared(Settled) else OF, name)
    if name in OTHER:
        return OTHER[name]
    return not value if isinstance(value, bool) else f"{value}x" if isinstance(value, str) else value_of(value)


def value_of(number: float) -> float:
    """Return another number."""
    return 7.0 if number == float("inf") else number + 7


@pytest.mark.parametrize("name", DECIDED)
def test_each_thing_decided_has_a_part_in_it(name: str) -> None:
    """One that was left out could be written by whoever may write the record."""
    changed = evolved(OF, **{name: another(name)})
    assert (False, True, True) == (
        fits_seal(changed, {seal(OF)}) and name not in ("goal", "urgent"),
        fits_seal(OF, {seal(OF)}),
        fits_seal(changed, {*either(OF, changed).split()}),
    )


def test_releases_decide_alike_where_their_seals_are_the_same() -> None:
    """They are compared by what is sealed, before any seal is made; what a look teaches, and 1 or 1.0, is no matter."""
    apart = {name: evolved(OF, **{name: another(name)}) for name in DECIDED}
    same = {"learned": attrs.evolve(OF, reason="else", progress=(9,)), "read": evolved(OF, bake=float(OF.terms.bake))}
    expected = {name: seal(OF) == seal(one) for name, one in {**apart, **same}.items()}
    assert expected == {name: decide_alike(OF, one) for name, one in {**apart, **same}.items()}
    assert [*same] == [name for name, alike in expected.items() if alike]


def test_what_every_target_has_of_a_release_is_sealed_as_well() -> None:
    """A member that a pair inherits is decided by as its own are."""
    inherited = {one.name for one in attrs.fields(flow.Release)}
    assert inherited == inherited & {*SEALED, *UNSEALED}
    assert {"image", "terms", "milestones", "instead_of"} <= inherited & {*SEALED}


def test_a_release_that_was_sealed_in_format_5_fits() -> None:
    """Its tag holds what the version before has computed, member by member in the order that they stood in."""
    tag = "1c11e1481b2c599864f20da849417617"
    assert (True, False) == (fits_seal(OF, {tag}), fits_seal(evolved(OF, bake=OF.terms.bake + 1), {tag}))
    assert seal(OF) != tag


@given(goal=some.sampled_from([DEPLOY, FINISH]), urgent=some.booleans(), doors=some.sets(some.sampled_from(["back"])))
def test_a_rollback_of_what_was_sealed_fits(goal: str, urgent: bool, doors: set[str]) -> None:
    """It is put on record whatever AWS answers; that it is anywhere already is not vouched for."""
    before = attrs.evolve(OF, goal=goal)
    back = attrs.evolve(before.toward(ROLLBACK, NOW, urgent=urgent), milestones=dict.fromkeys(doors, NOW))
    assert (not doors) == fits_seal(back, {seal(before)})
    assert not fits_seal(attrs.evolve(back, goal=FINISH if goal == DEPLOY else DEPLOY), {seal(before)})


def test_where_no_tag_has_one_nothing_speaks_against_a_record() -> None:
    """Releases of older versions have none; another release's speaks against this one, whose own tags come first."""
    bare, foreign = group("old"), group("new", tags={ID: Tag("web:19700101-000000-bbbb"), SEAL: Tag("x y")})
    assert (frozenset(), True) == (seals_told(fleet(bare, group("new"))), fits_seal(OF, ()))
    assert (frozenset({"x", "y"}), False) == (seals_told(fleet(bare, foreign)), fits_seal(OF, ("x", "y")))


KEPT = OF.write("old", min=1)


def test_what_is_about_to_be_written_is_known_though_no_tag_was_taken() -> None:
    """The record explains it, and fits all the same; what an edit has changed is learnt anew."""
    made = attrs.evolve(KEPT.write("old", min=3), edits={"old max": 20}, bounds=Bounds(1, 20))
    back = sealed_as(made, KEPT)
    assert (True, True, False) == (
        fits_seal(back, {seal(KEPT)}),
        3 in back.known("old", "min"),
        20 in back.known("old", "max"),
    )
    assert back == sealed_as(back, KEPT)


@define
class Session:
    """A record in which somebody else has written, and a cloud that keeps the tags which it is given."""

    document: Document
    saved: list[Release] = field(factory=list)
    tags: list[str] = field(factory=list)
    clock: VirtualClock = field(factory=VirtualClock)
    tries: list[float] = field(factory=list)
    takes_tags_at: float = 0.0
    answers: bool = True

    def save(self, release: Release) -> None:
        """Keep what is saved."""
        if not self.answers:
            raise Unreachable("the record is away")
        self.saved.append(release)

    def assure(self) -> None:
        """The lease is ours."""

    def renew(self) -> float:
        """Return that the lease lasts."""
        return 40.0

    def act(self, action: WriteReleaseTags, _: Any) -> None:
        """Keep the tag, where AWS takes one."""
        self.tries.append(self.clock.now())
        if self.clock.now() < self.takes_tags_at:
            raise Unreachable("AWS is busy")
        self.tags += {value for _, key, value in action.tags if key == SEAL}


def test_what_somebody_else_wrote_meanwhile_is_not_sealed() -> None:
    """Before and after are what this run has saved, and saves."""
    forged, moved = attrs.evolve(OF, goal=FINISH), OF.reach("moving", NOW)
    desk = Session(Document(service="web", release=forged))
    SealedBook(desk, desk, lambda: True, OF).save(moved)  # type: ignore[arg-type]
    assert ([either(OF, moved)], [moved]) == (desk.tags, desk.saved)


def test_what_is_owed_is_tried_before_each_look_ever_more_rarely_until_aws_takes_it() -> None:
    """Of ten minutes in which AWS takes no tag few calls are made of it; then the seal stands alone."""
    desk, back = Session(Document(service="web", release=OF)), OF.toward(ROLLBACK, NOW)
    begun = desk.clock.now()
    desk.takes_tags_at = begun + 600.0
    book = SealedBook(desk, desk, lambda: True, OF)  # type: ignore[arg-type]
    book.save(back)
    for _ in range(700):
        assert 40.0 == book.renew()
        desk.clock.sleep(1.0)
    tries = [at - begun for at in desk.tries]
    assert ([0.0, 0.0, 0.0], True, True) == (tries[:3], len(tries) < 20, 600.0 <= tries[-1] < 661.0), tries
    assert ([seal(back)], False) == (desk.tags, book.owed)


def test_while_nobody_knows_what_is_on_record_no_seal_stands_alone() -> None:
    """The tag tells both, the record does not answer: it may have kept either."""
    desk, back = Session(Document(service="web", release=OF)), OF.toward(ROLLBACK, NOW)
    desk.answers = False
    book = SealedBook(desk, desk, lambda: True, OF)  # type: ignore[arg-type]
    with pytest.raises(Unreachable):
        book.save(back)
    book.renew()
    assert [either(OF, back)] == desk.tags


@pytest.mark.parametrize("urgent", [False, True])
def test_the_tag_tells_what_a_record_of_before_is_turned_to(urgent: bool) -> None:
    """Whatever else a person has said of the rollback that could not be put on record."""
    desk = Session(Document(service="web", release=OF))
    desk.answers = False
    back = attrs.evolve(OF.toward(ROLLBACK, NOW, urgent=urgent), without=("lb",))
    with pytest.raises(Unreachable) as caught:
        SealedBook(desk, desk, lambda: True, OF).save(back)  # type: ignore[arg-type]
    ((told,), found) = desk.tags, turned(OF, desk.tags[0].split(), NOW)
    assert OF.toward(ROLLBACK, NOW, urgent=urgent) == found
    assert ({seal(OF), seal(back), seal(found)}, True) == (set(told.split()), "it will be" in caught.value.message)


def test_what_is_newly_left_behind_is_tried_at_once() -> None:
    """However long AWS has taken no tag for the one before."""
    desk, back = Session(Document(service="web", release=OF)), OF.toward(ROLLBACK, NOW)
    desk.takes_tags_at = desk.clock.now() + 900.0
    book = SealedBook(desk, desk, lambda: True, OF)  # type: ignore[arg-type]
    book.save(back)
    for _ in range(100):
        book.renew()
        desk.clock.sleep(1.0)
    tries = len(desk.tries)
    book.save(attrs.evolve(back, hold=Hold("ana", "stopped", NOW)))
    assert tries + 1 == len(desk.tries)


def test_where_no_tag_names_the_release_yet_no_seal_is_put() -> None:
    """Its own tags, which name it, come first."""
    desk = Session(Document(service="web", release=OF))
    book = SealedBook(desk, desk, lambda: False, OF)  # type: ignore[arg-type]
    book.save(OF.toward(ROLLBACK, NOW))
    book.renew()
    assert [] == desk.tags


def test_nothing_is_promised_once_a_later_tag_was_not_answered() -> None:
    """The first one was: what the groups have by now, nobody knows."""
    desk, back = Session(Document(service="web", release=OF)), OF.toward(ROLLBACK, NOW)
    desk.answers, book = False, SealedBook(desk, desk, lambda: True, OF)  # type: ignore[arg-type]
    said = [refusal(book, back)]
    desk.takes_tags_at = desk.clock.now() + 1.0
    said.append(refusal(book, back))
    assert [True, False] == ["it will be" in one for one in said], said


def test_nothing_is_promised_where_the_record_may_be_one_that_the_tag_does_not_turn() -> None:
    """A milestone whose answer was lost may be what is on record: the tag turns the one before."""
    desk = Session(Document(service="web", release=OF))
    desk.answers, book = False, SealedBook(desk, desk, lambda: True, OF)  # type: ignore[arg-type]
    refusal(book, OF.reach("moving", NOW))
    assert "ask for it again" in refusal(book, OF.toward(ROLLBACK, NOW))


def test_a_tag_never_tells_more_seals_than_it_has_room_for() -> None:
    """However many writes of the record were not answered before it turns."""
    desk = Session(Document(service="web", release=OF))
    desk.answers, book = False, SealedBook(desk, desk, lambda: True, OF)  # type: ignore[arg-type]
    for bake in range(9):
        refusal(book, attrs.evolve(OF, terms=attrs.evolve(OF.terms, bake=float(bake))))
    refusal(book, attrs.evolve(OF.toward(ROLLBACK, NOW), without=("lb",)))
    assert 256 >= max(map(len, desk.tags))


def refusal(book: SealedBook, release: Release) -> str:
    """Return what is said of a record that does not answer."""
    with pytest.raises(Unreachable) as caught:
        book.save(release)
    return caught.value.message
