"""What a release on record takes away: never what serves by AWS's rows, whatever the record says."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as some

from bluegreen.flow.answers import DONE, Due, Waiting
from bluegreen.flow.limits import Pace
from bluegreen.targets.pair.model.actions import Action, Detach, EnterStandby, ExitStandby, Resize, Terminate
from bluegreen.targets.pair.model.fleet import HEALTHY, TARGET_GROUP, UNKNOWN, Balancer, Fleet, Group, Tag
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ROLLBACK, Release
from bluegreen.targets.pair.plans.guards.serving import Said, serving_stays, when_carried_on
from bluegreen.targets.pair.plans.guards.suspended import suspended_as_told
from bluegreen.targets.pair.plans.guards.switch import not_too_soon, switch_was
from bluegreen.targets.pair.release_tags.written import TERMS, tags_of
from tests.support.values import BALANCER, fleet, group, look, release

TWO = ("InService", "InService")
NEW_IDS = ("i-new-0", "i-new-1")
API = Balancer(TARGET_GROUP, "api")
GONE: tuple[Action, ...] = (
    EnterStandby("new", NEW_IDS),
    Detach("new", NEW_IDS[:1]),
    Terminate(NEW_IDS),
    Resize("new", min=0, max=0),
    Resize("new", max=1),
)


def answered(action: Action, seen: Look, said: Said = Said()) -> Any:  # noqa: B008
    """Return what the guard makes of an action."""
    return serving_stays(Due(action, "for a test", None), seen, said)


def spared(action: Action, seen: Look, **said: Any) -> bool:
    """Whether an action is made to wait; ``said`` is what is said to the run, by default that half may serve."""
    return isinstance(answered(action, seen, Said(**{"limits": Pace(50).limits, **said})), Waiting)


def serving(health: dict[str, str] | None = None, **forged: Any) -> Look:
    """Return a look at a pair whose new side serves alone, with a record that says something else."""
    return look(fleet(group("old"), group("new", *TWO), health), release(**{"goal": ROLLBACK, "best": {}, **forged}))


def told(seen: Fleet, of: Release, *groups: str, **terms: str) -> Look:
    """Return a look at a pair on which the tags of some groups tell of the release, some terms being others."""
    tags = {name: dict(tags) for name, tags in tags_of(of).items()}
    for name in groups:
        words = dict(part.split("=") for part in tags[name][TERMS].split()) | terms
        said = {**tags[name], TERMS: " ".join(f"{key}={value}" for key, value in words.items())}
        one = attrs.evolve(seen.groups[name], tags={key: Tag(value, False) for key, value in said.items()})
        seen = attrs.evolve(seen, groups={**seen.groups, name: one})
    return look(seen, of)


@pytest.mark.parametrize("action", GONE, ids=str)
@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"pace": Pace(0, 1000)},
        {"leaving": frozenset(NEW_IDS)},
        {"without": (BALANCER.id,)},
        {"passed_by": (BALANCER.id,)},
        {"urgent": True},
        {"first": True},
        {"capacity": 0},
    ],
    ids=lambda forged: ", ".join(forged) or "nothing",
)
def test_no_word_of_a_record_lets_go_what_serves(action: Action, forged: dict[str, Any]) -> None:
    """Each way in which a record may tell that nothing is needed; the saboteurs are the actions."""
    assert spared(action, serving(**forged))


def test_the_reason_names_what_would_be_lost() -> None:
    """Who reads the end of the run learns what was not done, and why."""
    answer = answered(Resize("new", min=0, max=0), serving(pace=Pace(0, 1000)))
    assert isinstance(answer, Waiting)
    assert "0 of 2 healthy would remain in web; only the record says that is enough" in answer.reason


@pytest.mark.parametrize("action", [Resize("new", min=0), ExitStandby("old", ("i-old-0",)), Resize("new", max=2)])
def test_what_takes_nothing_away_passes(action: Action) -> None:
    """What brings back, and a minimum, is no loss."""
    assert Due(action, "for a test", None) == answered(action, serving())


@pytest.mark.parametrize("answer", [DONE, Waiting("for health")])
def test_a_careful_answer_passes(answer: Any) -> None:
    """Only an action is held."""
    assert answer == serving_stays(answer, serving(), Said())


@pytest.mark.parametrize("action", GONE, ids=str)
def test_what_the_other_side_serves_as_well_may_go(action: Action) -> None:
    """A release that a clean-up carries on goes its way."""
    assert not spared(action, look(fleet(group("old", *TWO), group("new", *TWO)), release()))


@pytest.mark.parametrize(
    ("health", "waits"), [("unhealthy", False), ("initial", False), (UNKNOWN, True), (HEALTHY, True)]
)
def test_what_is_not_known_counts_as_lost(health: str, waits: bool) -> None:
    """Where nothing is healthy nothing is lost; what AWS does not tell may be healthy."""
    seen = serving(dict.fromkeys(NEW_IDS, health))
    assert waits == spared(Resize("new", min=0, max=0), seen)


def test_a_balancer_set_aside_that_does_not_answer_may_serve() -> None:
    """What a record sets aside, and AWS tells nothing of, is not known to be empty."""
    seen = fleet(group("old"), group("new", *TWO), silent=frozenset({BALANCER.id}))
    assert spared(Resize("new", max=0), look(seen, release(without=(BALANCER.id,))))


def test_each_balancer_keeps_what_it_has() -> None:
    """Old is healthy in one balancer and not in the other, which new serves alone."""
    both = frozenset({BALANCER, API})
    old, new = (group(name, *TWO, balancers=both) for name in ("old", "new"))
    states = dict.fromkeys((*old.ids, *new.ids), HEALTHY)
    seen = attrs.evolve(fleet(old, new), health={BALANCER.id: states, API.id: dict.fromkeys(new.ids, HEALTHY)})
    assert spared(Resize("new", max=0), look(seen, release(without=(API.id,))))
    assert not spared(Resize("new", max=0), look(attrs.evolve(seen, out_of_use=frozenset({API.id})), release()))


def test_what_a_group_ends_anyway_is_not_counted_on() -> None:
    """Two of four are about to go: the others are all that will serve."""
    seen = fleet(group("old"), group("new", *TWO, *TWO, desired=2))
    assert spared(Resize("new", max=0), look(seen, release()))


def test_no_more_is_kept_than_either_group_wants() -> None:
    """An owner who puts the service to nothing has it put to nothing."""
    seen = fleet(group("old", desired=0, instances=()), group("new", *TWO, desired=0))
    assert not spared(Resize("new", min=0, max=0), look(seen, release()))


@pytest.mark.parametrize(
    ("groups", "pace", "waits"),
    [
        (("old", "new"), "50/150", False),
        (("old", "new"), "60/150", True),
        (("old",), "50/150", False),
        ((), "50/150", True),
        (("old", "new"), "none", True),
        (("old", "new"), "900/1000", True),
    ],
)
def test_the_pace_is_that_of_the_tags(groups: tuple[str, ...], pace: str, waits: bool) -> None:
    """Half may go where a tag of the release says so; where none does, all stay."""
    seen = fleet(group("old", *TWO), group("new"))
    of = release(id="web:19700101-000000-aaaa", pace=Pace(0, 1000))
    assert waits == spared(EnterStandby("old", ("i-old-0",)), told(seen, of, *groups, pace=pace))


@pytest.mark.parametrize(("least", "waits"), [(0, False), (50, False), (51, True), (100, True), (1000, True)])
def test_no_tag_says_that_fewer_are_enough_than_the_configuration(least: int, waits: bool) -> None:
    """Whoever forges a record may forge the groups' tags as well; where the traffic needs all, all stay."""
    of = release(id="web:19700101-000000-aaaa", pace=Pace(0, 1000))
    seen = told(fleet(group("old", *TWO), group("new")), of, "old", "new", pace="0/1000")
    assert waits == spared(EnterStandby("old", ("i-old-0",)), seen, limits=Pace(least).limits)


def test_a_first_release_on_record_leaves_what_serves() -> None:
    """That nothing served before is no reason to end what does; what to do instead is told, for both cases."""
    of = release(id="web:19700101-000000-aaaa", first=True, goal=ROLLBACK)
    seen = told(fleet(group("old"), group("new", *TWO)), of, "old", "new", first="1")
    hint = answered(Resize("new", max=0), seen).hint
    assert all(word in hint for word in ("bluegreen close", "--desired-capacity 0", "bluegreen resume web"))
    assert spared(Resize("new", max=0), seen, urgent=True)


@pytest.mark.parametrize(
    ("old", "goal", "waits"), [("Standby", ROLLBACK, False), ("", ROLLBACK, True), ("Standby", "deploy", True)]
)
def test_at_once_is_a_persons_word_to_this_very_run(old: str, goal: str, waits: bool) -> None:
    """``rollback --now`` takes new away while old comes back, and never where there is no old side."""
    seen = look(fleet(group("old", *filter(None, (old,))), group("new", *TWO)), release(goal=goal, urgent=True))
    assert waits == spared(Resize("new", max=0), seen, urgent=True)
    assert "rollback --now" in answered(Resize("new", max=0), seen).hint or goal != ROLLBACK


def test_what_a_person_sets_aside_in_this_run_does_not_count() -> None:
    """``--without NAME`` is asked about where something is healthy there."""
    assert spared(Resize("new", max=0), serving(without=(BALANCER.id,)))
    assert not spared(Resize("new", max=0), serving(), without=frozenset({BALANCER.id}))


STATES = some.sampled_from([HEALTHY, UNKNOWN, "unhealthy", "initial", "draining"])


def _side(name: str, size: int, desired: int) -> Group:
    return group(name, *("InService",) * size, desired=desired)


@given(some.data(), some.integers(0, 5), some.integers(0, 5), some.integers(0, 5))
def test_some_serve_still_where_some_did(data: Any, old: int, new: int, top: int) -> None:
    """Without tags no action leaves fewer known to be healthy than the larger side has, as far as it is wanted."""
    pair = _side("old", old, old), _side("new", new, new)
    health = {i.id: data.draw(STATES) for one in pair for i in one.instances}
    taken = data.draw(some.sets(some.sampled_from(sorted(health) or ["i-none"])))
    action = data.draw(some.sampled_from([Terminate(tuple(sorted(taken))), Resize("new", max=top)]))
    if spared(action, look(fleet(*pair, health), release(goal=ROLLBACK, urgent=True, best={}, pace=Pace(0, 1000)))):
        return
    well = [[i.id for i in one.instances if health[i.id] == HEALTHY] for one in pair]
    losable = len(well[1]) if isinstance(action, Resize) else 0
    lost = len(taken & {*well[0], *well[1]}) if isinstance(action, Terminate) else min(losable, max(0, new - top))
    assert len(well[0]) + len(well[1]) - lost >= max(map(len, well))


def test_it_is_the_first_guard_of_what_is_carried_on() -> None:
    """What waits lest capacity is lost is known before patience is measured."""
    guard, other, *last = when_carried_on((str,), Said(75))  # type: ignore[arg-type]
    assert (serving_stays, {"said": Said(75)}, str) == (guard.func, guard.keywords, other)  # type: ignore[attr-defined]
    assert [not_too_soon, switch_was, suspended_as_told] == [getattr(one, "func", one) for one in last]
