"""Capacity is counted for each balancer alone, unknown is no answer, and one passed check is not health.

The fleets are drawn with one to three balancers that agree in nothing. What an action takes is counted here anew, from
AWS's words alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.flow.answers import DONE, Answer, Blocked, Due, Failed, Recorded, Unsure, Waiting
from bluegreen.flow.limits import Pace
from bluegreen.flow.plans import sections
from bluegreen.targets.pair.model.actions import Action, Detach, EnterStandby, ExitStandby, Register, Resize, Terminate
from bluegreen.targets.pair.model.fleet import AUTOSCALER, REBALANCE, TARGET_GROUP, Balancer, Fleet, Group, Tag
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.proof import GAP, Witness, remember
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK, Release
from bluegreen.targets.pair.plans.deploy import pass_dead_by
from bluegreen.targets.pair.plans.guards.at_all_times import GUARDS, overdue, sinking
from bluegreen.targets.pair.plans.parking import may_leave, park_old
from bluegreen.targets.pair.plans.plan import ALL_GUARDS, PLANS, learn, missing
from bluegreen.targets.pair.plans.rollback import return_old
from bluegreen.targets.pair.plans.steps import Step
from bluegreen.targets.pair.release_tags.written import tags_of
from tests.support.values import ALL, NOW, again, fleet, group, look, release

NAMES = ("web", "api", "ops")
MIXED = ("healthy", "healthy", "healthy", "unhealthy", "initial", "draining", "unknown", "unused", "shifted")
CALM = ("healthy",) * 12 + ("unknown", "unhealthy")
ILL = ("unhealthy",) * 8 + ("unused", "unknown")
SILENT = AUTOSCALER | {REBALANCE}
STATES = ("InService",) * 6 + ("Pending", "Standby", "EnteringStandby", "Terminating")
DOORS = {
    DEPLOY: ((), ("moving",), ("moving", "moved"), ("moving", "moved", "deployed")),
    ROLLBACK: ((), ("moving",), ("moving", "moved"), ("moving", "moved", "back")),
    FINISH: (("moving", "moved", "deployed"), ("moving", "moved", "deployed", "retiring")),
}
PACES = (Pace(), Pace(), Pace(75, 125), Pace(50, 100), Pace(50, 150))
MANY = settings(deadline=None, max_examples=400)


# ---- what is drawn ----


@st.composite
def sides(draw: Any, name: str, balancers: frozenset[Balancer], of: dict[str, Any]) -> Group:
    """Return a group: a few members in any state, bounds and desired capacity that fit; ``of`` is what is in order."""
    states = draw(st.lists(st.sampled_from(STATES), max_size=5))
    wanted = sum(state in ("InService", "Pending") for state in states)
    desired = max(0, wanted + draw(st.sampled_from((0, 0, 0, 0, 1, 3, -1))))
    low, high = draw(st.integers(0, desired)), desired + draw(st.integers(0, 4))
    resting = draw(st.sampled_from((frozenset(), AUTOSCALER, SILENT)))
    image = {"image": Tag("v1" if name == "old" else "v2")}
    drawn = {"desired": desired, "min": low, "max": high, "suspended": resting, "tags": image, "balancers": balancers}
    return group(name, *states, **drawn | {key: change(drawn) for key, change in of.items()})


def order(goal: str, doors: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return how both groups are where only capacity is in question: who is armed, who is pinned."""
    pinned, loose = (lambda drawn: drawn["desired"]), (lambda _: 0)
    if goal == DEPLOY and not doors:
        return {"old": {"suspended": _rests(), "min": pinned}, "new": {"suspended": _rests(*SILENT), "min": pinned}}
    if goal == ROLLBACK:
        return {"old": {"suspended": _rests(), "min": pinned}, "new": {"suspended": _rests(*AUTOSCALER), "min": loose}}
    return {"old": {"suspended": _rests(*SILENT), "min": loose}, "new": {"suspended": _rests(), "min": pinned}}


def _rests(*processes: str) -> Any:
    return lambda _: frozenset(processes)


@st.composite
def fleets(draw: Any, of: dict[str, dict[str, Any]]) -> Fleet:
    """Return a fleet behind one to three balancers, each of which says of each member what it likes."""
    names = NAMES[: draw(st.integers(1, 3))]
    balancers = frozenset(Balancer(TARGET_GROUP, name) for name in names)
    old, new = (draw(sides(name, balancers, of.get(name, {}))) for name in ("old", "new"))
    told: dict[str, dict[str, str]] = {name: {} for name in names}
    for name in names:
        for one in (old, new):
            mood = st.sampled_from(draw(st.sampled_from((MIXED, CALM, CALM, ILL))))
            told[name] |= {i.id: draw(mood) for i in one.instances}
    known = {name: {i: state for i, state in found.items() if state != "unused"} for name, found in told.items()}
    silent = frozenset(draw(st.sampled_from(((), (), (), (), (), names[:1]))))
    return Fleet({"old": old, "new": new}, known, at=NOW, silent=silent, known=ALL)


@st.composite
def releases(draw: Any, fleet: Fleet, goal: str, passed: tuple[str, ...]) -> Release:
    """Return a release that stands anywhere in its plan, with marks that may be higher than what is there now."""
    doors = dict.fromkeys(passed, NOW - 50.0)
    marks = {f"{name} {one}": draw(st.integers(0, 6)) for name in ("old", "new") for one in fleet.health}
    ids = sorted(fleet.groups["old"].ids)
    told = draw(st.lists(st.sampled_from(ids), max_size=1)) if ids and goal != FINISH else []
    made = release(
        goal=goal,
        capacity=draw(st.integers(1, 6)),
        best={key: count for key, count in marks.items() if key.startswith("old") or "moved" in doors},
        milestones=doors,
        pace=draw(st.sampled_from(PACES)),
        leaving=frozenset(told),
        after_wave={one: draw(st.integers(0, 6)) for one in fleet.health},
        healthy_for=draw(st.sampled_from((0.0, 60.0))),
        check_time=10.0,
        well_at=draw(st.sampled_from((0.0, NOW - 5.0, NOW - 90.0))),
        launched_at=NOW - 90.0,
        told_at=NOW - 90.0,
        without=draw(st.sampled_from(((), (), (), NAMES[:1]))),
        deadline_at=draw(st.sampled_from((NOW - 1.0, NOW + 600.0, NOW + 600.0, NOW + 600.0))),
        progressed_at=draw(st.sampled_from((NOW - 900.0, NOW - 50.0, NOW - 50.0, NOW))),
    )
    for one in fleet.groups.values():
        made = made.write(one.name, min=one.min, max=one.max)
    return made


@st.composite
def looks(draw: Any, *goals: str) -> Look:
    """Return a look in a row of three that show the same, its release knowing what it shows, its tags telling of it."""
    goal = draw(st.sampled_from(goals or (DEPLOY, ROLLBACK, FINISH)))
    doors = draw(st.sampled_from(DOORS[goal]))
    fleet = draw(fleets(draw(st.sampled_from(({}, order(goal, doors), order(goal, doors))))))
    made = draw(releases(fleet, goal, doors))
    ages = {
        (one, i): NOW - draw(st.sampled_from((10.0, 100.0, 100.0, 100.0)))
        for one, all_ in fleet.health.items()
        for i in all_
    }
    return seen(fleet, made, Witness(NOW - 1.0, ages))


def seen(fleet: Fleet, made: Release, memory: Witness) -> Look:
    """Return the third of three equal looks."""
    told = tags_of(made)
    tagged = {
        name: attrs.evolve(one, tags={**one.tags, **{key: Tag(value, False) for key, value in told[name].items()}})
        for name, one in fleet.groups.items()
    }
    first = look(attrs.evolve(fleet, groups=tagged), made)
    first = attrs.evolve(first, memory=remember(memory, first))
    known = attrs.evolve(first, release=attrs.evolve(learn(first), progressed_at=made.progressed_at))
    return again(known, missing(known))


def guarded(answer: Answer, one: Look) -> Answer:
    """Return the answer with every guard."""
    for guard in ALL_GUARDS:
        answer = guard(answer, one)
    return answer


def answered(one: Look) -> Answer:
    """Return what the plan says, with every guard."""
    return guarded(missing(one), one)


def steps(one: Look) -> Iterator[Step]:
    """Yield the steps of the section in which the release stands: any may be the first that is not done."""
    for found, milestone in sections(PLANS[one.release.goal]):
        if not one.release.passed(milestone.name):
            yield from found
            return


def actions(one: Look) -> Iterator[Action]:
    """Yield all that any of these steps is allowed to do at this look."""
    for step in steps(one):
        match guarded(step(one), one):
            case Due(action):
                yield action


# ---- what is counted here ----


def states(one: Look, balancer: str, name: str, *wanted: str) -> set[str]:
    """Return the members in service, not told to leave, of which a balancer says one of these words.

    Behind `back` what was told to leave, and is in service, has come back.
    """
    members = one.fleet.groups[name].in_service
    leaving = frozenset[str]() if one.release.passed("back") else one.release.leaving
    return {i.id for i in members if i.id not in leaving and one.fleet.state(balancer, i.id) in wanted}


def healthy(one: Look, balancer: str) -> set[str]:
    """Return all that a balancer says to be healthy."""
    return states(one, balancer, "old", "healthy") | states(one, balancer, "new", "healthy")


def taken(one: Look, action: Action, balancer: str) -> int:
    """Return how many of those that may serve in a balancer an action takes away at most."""
    may = {name: states(one, balancer, name, "healthy", "unknown") for name in one.fleet.groups}
    match action:
        case EnterStandby(_, ids) | Detach(_, ids) | Terminate(ids):
            return len((may["old"] | may["new"]) & set(ids))
        case Resize(name, _, top) if top is not None:
            return min(len(may[name]), max(0, one.fleet.groups[name].desired - top))
    return 0


def adds(answer: Answer) -> bool:
    """Whether an answer is to launch, to unpark or to register, and takes nothing."""
    match answer:
        case Due(ExitStandby() | Register()):
            return True
        case Due(Resize(_, low, top)):
            return (low or 0) > 0 or (low is None and bool(top))
    return False


def instead(fleet: Fleet, word: str) -> Fleet:
    """Return the fleet in which every balancer tells, with ``word`` where it did not."""
    ids = [i for one in fleet.groups.values() for i in one.ids]
    health = {
        name: {i: word if fleet.state(name, i) == "unknown" else fleet.state(name, i) for i in ids}
        for name in fleet.health
    }
    known = {name: {i: s for i, s in all_.items() if s != "unused"} for name, all_ in health.items()}
    return attrs.evolve(fleet, health=known, silent=frozenset())


def otherwise(one: Look, word: str) -> Look:
    """Return the same look, with ``word`` for whatever is not known: of it, and of the looks before."""
    memory = one.memory or Witness(NOW)
    bare = {name: attrs.evolve(g, tags={"image": g.tags["image"]}) for name, g in one.fleet.groups.items()}
    return seen(attrs.evolve(instead(one.fleet, word), groups=bare), one.release, memory)


# ---- the laws ----


def holds(one: Look, action: Action) -> bool:
    """Whether an action leaves each balancer what is healthy there now, or its floor."""
    for balancer in one.balancers:
        before, going = len(healthy(one, balancer)), taken(one, action, balancer)
        if going and max(0, before - going) < min(one.floor(balancer), before):
            return False
    return True


@MANY
@given(looks())
def test_no_step_goes_below_a_balancers_floor(one: Look) -> None:
    """What is healthy there now, or the floor: what is not known counts where it goes, and not where it stays."""
    for action in actions(one):
        assert holds(one, action), action


@st.composite
def deeds(draw: Any, one: Look) -> Action:
    """Return any action that takes something from a balancer, as no plan would ask for it."""
    name = draw(st.sampled_from(("old", "new")))
    ids = sorted(one.fleet.groups[name].ids)
    some = tuple(draw(st.lists(st.sampled_from(ids), unique=True))) if ids else ()
    return draw(
        st.sampled_from((EnterStandby(name, some), Detach(name, some), Terminate(some)))
        | st.builds(Resize, st.just(name), min=st.none(), max=st.integers(0, 5))
    )


@MANY
@given(st.data())
def test_no_wrong_plan_goes_below_a_balancers_floor(data: Any) -> None:
    """Whatever is asked for, the guards let only that through."""
    one = data.draw(looks())
    action = data.draw(deeds(one))
    match guarded(Due(action, "for a test", None), one):
        case Due(allowed):
            assert holds(one, allowed)


@MANY
@given(looks(ROLLBACK))
def test_a_rollback_never_takes_the_last_that_serves_somewhere(one: Look) -> None:
    """Where old has never been healthy, and new is, nothing is taken; nor where one side alone is left."""
    for action in actions(one):
        for balancer in one.balancers:
            before = len(healthy(one, balancer))
            assert not before or before - taken(one, action, balancer) > 0, action


GIVEN_UP = Failed | Blocked


@MANY
@given(looks())
def test_not_known_turns_no_goal(one: Look) -> None:
    """Nothing fails and nothing is blocked that would not be if all that is not known were healthy."""
    sure = otherwise(one, "healthy")
    for step in steps(one):
        answer = guarded(step(one), one)
        assert not isinstance(answer, GIVEN_UP) or isinstance(guarded(step(sure), sure), GIVEN_UP), (step, answer)


@MANY
@given(looks())
def test_not_known_stops_nothing_that_only_adds(one: Look) -> None:
    """A launch, a return from Standby, a registration: the guards let it pass, whatever is not known."""
    for step in steps(one):
        answer = step(one)
        if adds(answer):
            for guard in set(GUARDS) - {sinking, overdue}:
                assert answer == guard(answer, one)


@MANY
@given(looks(ROLLBACK))
def test_what_is_parked_comes_back_whatever_is_not_known(one: Look) -> None:
    """A rollback asks no balancer before it unparks; a wish is recorded first, and a suspended launch is in the way."""
    parked = {i.id for i in one.old.parked} - one.release.returning
    if parked and not one.release.passed("back"):
        assert adds(guarded(return_old(one), one)) or isinstance(guarded(return_old(one), one), GIVEN_UP)


@MANY
@given(looks(DEPLOY))
def test_old_goes_on_the_account_of_what_is_proven(one: Look) -> None:
    """Nothing is parked where what stays of old and the proven of new are fewer than the floor (rule 3)."""
    if one.release.passed("moved"):
        return
    for action in actions(one):
        match action:
            case EnterStandby("old", ids):
                for balancer in one.balancers:
                    going = states(one, balancer, "old", "healthy", "unknown") & set(ids)
                    rest = states(one, balancer, "old", "healthy") - set(ids)
                    assert not going or len(rest) + len(stayed(one, balancer)) >= one.floor(balancer)


@pytest.mark.parametrize(("proven", "goes"), [(3, False), (4, True)])
def test_where_old_was_never_known_new_does_alone_before_old_goes(proven: int, goes: bool) -> None:
    """Of four old ones two are not known, and never were: what new has proven must be all that the traffic needs."""
    words = {"i-old-0": "unknown", "i-old-1": "unknown"}
    seen = fleet(group("old", *["InService"] * 4), group("new", *["InService"] * proven), words)
    of = release(4, best={}, milestones={"moving": NOW})
    assert goes == bool(may_leave(look(seen, learn(look(seen, of)))))


def stayed(one: Look, balancer: str) -> set[str]:
    """Return the new instances that were seen healthy for as long as they must be."""
    since = {} if one.memory is None else one.memory.since
    well, needed = states(one, balancer, "new", "healthy"), one.release.terms.healthy_for
    return {i for i in well if needed <= 0 or NOW - since.get((balancer, i), NOW) >= needed}


@MANY
@given(looks(DEPLOY))
def test_what_is_healthy_nowhere_waits_for_another(one: Look) -> None:
    """Until one is healthy in each of its balancers, a balancer may send it requests; or where nothing makes room."""
    if one.release.passed("moved"):
        return
    match park_old(one):
        case Due(EnterStandby("old", ids)) if not set(ids) & one.release.leaving and one.target > 0:
            ill = [i for i in ids if not {one.fleet.state(b, i) for b in one.balancers} & {"healthy", "unknown"}]
            for balancer in one.balancers if ill else ():
                passed = balancer in one.release.passed_by and not one.most_healthy(balancer)
                assert passed or healthy(one, balancer) - set(ids)


# ---- balancers in which nothing is healthy ----


@given(
    st.lists(st.sampled_from(("initial", "unhealthy", "draining", "unused")), min_size=4, max_size=4),
    st.floats(0, 100),
    st.sampled_from((0.0, 10.0, 60.0)),
)
def test_a_dead_balancer_is_passed_by_exactly_after_its_checks(words: list[str], waited: float, needed: float) -> None:
    """Once new is healthy elsewhere it has the time of the checks; three known looks then pass the dead one by."""
    answer = pass_dead_by(beside_a_dead_one(words, waited, needed))
    if NOW + waited < NOW + needed:
        assert isinstance(answer, Waiting)
        assert NOW + needed == answer.until
    elif "initial" in words[2:]:  # it is slower than any that was surveyed, and still at its checks
        assert isinstance(answer, Waiting)
    else:
        assert isinstance(answer, Recorded)
        assert (("api",), 3) == (answer.release.passed_by, answer.agreeing)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("waited", [0.0, 1e5])
def test_what_is_not_known_is_not_dead(place: int, waited: float) -> None:
    """However long it lasts: one member, old or new, of which the balancer does not tell."""
    words = ["unhealthy"] * 4
    words[place] = "unknown"
    one = beside_a_dead_one(words, waited, 10.0)
    assert [Waiting, Unsure] == [type(pass_dead_by(one)), type(answered(one))]


@pytest.mark.parametrize("of", [{"passed_by": ("api",)}, {"without": ("api",)}])
def test_what_was_passed_by_or_set_aside_is_waited_for_no_more(of: dict[str, Any]) -> None:
    """It is said once; a person's word makes it unnecessary."""
    assert DONE == pass_dead_by(beside_a_dead_one(["unhealthy"] * 4, 0.0, 10.0, **of))


def beside_a_dead_one(words: list[str], waited: float, needed: float, **of: Any) -> Look:
    """Return a look ``waited`` seconds after new was healthy in ``web``; ``api`` says ``words`` of all four members."""
    balancers = frozenset(Balancer(TARGET_GROUP, name) for name in ("web", "api"))
    two = ("InService", "InService")
    old = group("old", *two, min=2, balancers=balancers)
    new = group("new", *two, min=2, balancers=balancers, suspended=AUTOSCALER | {REBALANCE}, tags={"image": Tag("v2")})
    ids = [i.id for one in (old, new) for i in one.instances]
    there = {i: word for i, word in zip(ids, words, strict=True) if word != "unused"}
    health = {"web": dict.fromkeys(ids, "healthy"), "api": there}
    made = release(best={"old web": 2}, well_at=NOW, check_time=needed, progressed_at=NOW + waited, **of)
    for one in (old, new):
        made = made.write(one.name, min=one.min, max=one.max)
    told = tags_of(made)
    groups = {
        one.name: attrs.evolve(one, tags={**one.tags, **{k: Tag(v, False) for k, v in told[one.name].items()}})
        for one in (old, new)
    }
    return look(Fleet(groups, health, at=NOW, known=ALL), attrs.evolve(made, deadline_at=1e12), at=NOW + waited)


# ---- the proof ----


def watched(*told: tuple[float, str]) -> Witness | None:
    """Return what a run has seen of one new instance, of which its balancer said these words at these seconds."""
    memory = None
    for second, word in told:
        memory = remember(memory, one_at(second, word))
    return memory


def one_at(second: float, word: str) -> Look:
    """Return a look at one new instance."""
    new = group("new", "InService", balancers=frozenset({Balancer(TARGET_GROUP, "web")}))
    health = {} if word == "unused" else {"web": {"i-new-0": word}}
    return look(Fleet({"old": group("old"), "new": new}, health, known=ALL), release(healthy_for=60.0), at=NOW + second)


@pytest.mark.parametrize("word", ["unknown", "unhealthy", "initial", "draining", "unused"])
def test_what_is_not_known_to_be_healthy_begins_anew(word: str) -> None:
    """A minute of health is a minute in which every look saw it."""
    memory = watched((0.0, "healthy"), (20.0, word), (40.0, "healthy"), (60.0, "healthy"))
    assert memory is not None
    assert {("web", "i-new-0"): NOW + 40.0} == memory.since


@given(st.lists(st.floats(0.1, 60.0), min_size=1, max_size=8))
def test_a_gap_of_half_a_minute_begins_anew(gaps: list[float]) -> None:
    """What nobody saw for longer may have died and come back."""
    seconds = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    pairs = list(pairwise(seconds))
    began = next((after for before, after in reversed(pairs) if NOW + after - (NOW + before) > GAP), 0.0)
    memory = watched(*((second, "healthy") for second in seconds))
    assert memory is not None
    assert ({("web", "i-new-0"): NOW + began}, NOW + seconds[-1]) == (memory.since, memory.at)


def test_half_a_minute_is_thirty_seconds() -> None:
    """A look that comes in time keeps what was seen; one that comes later does not."""
    kept, lost = (watched((0.0, "healthy"), (later, "healthy")) for later in (30.0, 30.5))
    assert kept is not None
    assert lost is not None
    assert [NOW, NOW + 30.5] == [memory.since[("web", "i-new-0")] for memory in (kept, lost)]


def test_each_balancer_proves_for_itself() -> None:
    """Healthy in one for long, and in the other since now: that is no proof there."""
    balancers = frozenset(Balancer(TARGET_GROUP, name) for name in ("web", "api"))
    new = group("new", "InService", balancers=balancers)
    memory = None
    for second, word in ((0.0, "initial"), (25.0, "healthy"), (50.0, "healthy")):
        health = {"web": {"i-new-0": "healthy"}, "api": {"i-new-0": word}}
        memory = remember(
            memory,
            look(Fleet({"old": group("old"), "new": new}, health, known=ALL), release(), at=NOW + second),
        )
    assert memory is not None
    assert {("web", "i-new-0"): NOW, ("api", "i-new-0"): NOW + 25.0} == memory.since
