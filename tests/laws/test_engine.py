"""The engine's loop, over a plan that answers what it is told to: what is saved, sent, believed and given up when."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import attrs
import pytest
from attrs import define, field, frozen

from bluegreen.clock import VirtualClock
from bluegreen.errors import Refused, Unreachable, Unrecorded
from bluegreen.flow.answers import DONE, Answer, Blocked, Due, Failed, Paused, Reached, Recorded, Unseen, Waiting
from bluegreen.flow.engine import BURST, REFUSALS, REMEMBERED, Engine, Stopped
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.guards import AGREEING, fresh
from bluegreen.flow.ports import ActionRefused, Listener, Plan, Withheld
from bluegreen.flow.view import View


@frozen
class Deed:
    """An action of which the engine knows its name, and whether it may be repeated."""

    name: str
    relative: bool = False

    def __str__(self) -> str:
        return self.name


ONE, OTHER = Due(Deed("one"), "one is missing", None), Due(Deed("other"), "other is missing", None)
AWAY = Unreachable("AWS is away")


@frozen
class Settled:
    """The terms of a release of which the engine knows one."""

    progress_deadline: float = 60.0


@frozen
class Paper:
    """A release of which the engine knows nothing but that it can be compared."""

    note: str = "begun"
    service: str = "web"
    id: str = "web:1"
    goal: str = "deploy"
    terms: Settled = Settled()
    previous_image: str | None = "v1"
    milestones: tuple[str, ...] = ()
    instead_of: str = ""

    def reach(self, milestone: str, at: float) -> Paper:
        """Return what tells of it."""
        return Paper(f"reached {milestone}")


@frozen
class Fleet:
    """A fleet of which is known what it was asked for."""

    known: str


@define
class Bench:
    """The world, the book and the plan in one; ``diary`` has all that was done to them, in order.

    ``says`` are the plan's answers, one after the other, the last one for ever; ``sees`` what an observation meets,
    ``meets_questions`` what a question beyond it meets, ``meets`` what an action meets, ``None`` where nothing is in
    the way.
    """

    says: list[Answer]
    sees: list[Exception | None] = field(factory=list)
    meets_questions: list[Exception | None] = field(factory=list)
    meets: Callable[[Any], Exception | None] = lambda _: None
    learns: bool = False
    teaches: bool = False
    refuses: Callable[[float], bool] = lambda _: False
    explains: bool = False
    turns: Paper | None = None
    guard: Callable[[Answer, Any], Answer] = lambda answer, _: answer
    stop: Callable[[], int | None] = lambda: None
    unreachable_after: float = 300.0
    clock: VirtualClock = field(factory=VirtualClock)
    diary: list[str] = field(factory=list)
    looks: list[View] = field(factory=list)
    told: list[Event] = field(factory=list)
    acted: list[tuple[Any, float]] = field(factory=list)
    left: float = 5000.0
    lost_saves: int = 0
    takes: float = 0.0
    interval: float = 1.0
    listeners: tuple[Listener, ...] = ()

    def observe(self, release: Paper) -> Fleet:
        """Show nothing, or fail."""
        self.diary.append("observe")
        self.clock.sleep(self.takes)
        if self.sees and (error := self.sees.pop(0)):
            raise error
        return Fleet("fleet")

    def more(self, fleet: Fleet, question: str) -> Fleet:
        """Show what is asked beside what is known, or fail."""
        self.diary.append(f"ask {question}")
        self.clock.sleep(self.takes)
        if self.meets_questions and (error := self.meets_questions.pop(0)):
            raise error
        return Fleet(f"{fleet.known} {question}")

    def act(self, action: Any) -> None:
        """Note the action."""
        self.diary.append(f"act {action}")
        self.acted.append((action, self.clock.now()))
        if error := self.meets(action):
            raise error

    def save(self, release: Paper) -> None:
        """Note the release."""
        self.diary.append(f"save {release.note}")
        self.lost_saves -= 1
        if self.lost_saves >= 0:
            raise Unreachable("the record is away")
        if release.note.startswith("reached") and self.refuses(self.clock.now()):
            raise ActionRefused("AWS takes no tag")

    def renew(self) -> float:
        """Note it, and return a lease that ends."""
        self.diary.append("renew")
        self.left -= 1.0
        return self.left

    def missing(self, look: View) -> Answer:
        """Return the next answer; an action with what is to be on record before it."""
        self.looks.append(look)
        answer = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if not isinstance(answer, Due):
            return answer
        return attrs.evolve(answer, record=Paper(f"explains {answer.action}") if self.explains else look.release)

    def learned(self, release: Paper) -> Paper:
        """Return what a look teaches: nothing, once the same, or something new each time."""
        return Paper(f"learned {len(self.diary)}") if self.teaches else Paper("learned") if self.learns else release

    def run(self, release: Paper | None = None) -> Any:
        """Run the engine to its end."""
        plan = Plan(
            look=View,
            seen=lambda look: look.fleet,
            missing=self.missing,
            guards=(self.guard,),
            learn=lambda look: self.learned(look.release),
            turn=lambda look, failed: self.turns,
            summary=lambda look: None,
        )
        engine = Engine(
            self, self, plan, self.clock, listeners=self.listeners or (self.told.append,), stop=self.stop,
            unreachable_after=self.unreachable_after, interval=self.interval,
        )  # fmt: skip
        return engine.run(release or Paper())


def test_the_release_is_saved_before_the_action_that_it_explains() -> None:
    """Killed right behind the write, the record already knows of it."""
    bench = Bench([ONE, DONE], explains=True)
    outcome = bench.run()
    assert ["renew", "observe", "save explains one", "renew", "act one", "renew", "observe"] == bench.diary
    assert (Paper("explains one"), DONE) == (outcome.release, outcome.answer)


MORE = Unseen("more", "more is not read yet")


def test_what_a_step_has_not_seen_is_asked_of_the_same_look() -> None:
    """One observation, learned from at once; then questions, until there is an answer; the looks before are whole."""
    bench = Bench([MORE, Unseen("still more", "still more is not read yet"), DONE], learns=True)
    bench.run()
    assert ["renew", "observe", "save learned", "ask more", "ask still more"] == bench.diary
    bench = Bench([MORE, Waiting("for it"), DONE])
    bench.run()
    assert (["fleet more"], ["fleet"]) == (
        [seen.view.fleet.known for seen in bench.looks[-1].past],
        [bench.looks[-1].fleet.known],
    )


def test_a_look_is_as_old_as_its_first_call() -> None:
    """An action rests on all of it: questions take their time, and the time is that after the last one."""
    bench = Bench([MORE, ONE, DONE], takes=2.0, guard=fresh)
    bench.run()
    assert [2.0, 4.0, 2.0] == [round(one.now - one.taken, 3) for one in bench.looks]
    slow = Bench([MORE, ONE, DONE], takes=3.0, guard=fresh)
    slow.run()
    assert ([1, 0], "the look took 6 s, too long to act on it") == (
        [len(each.acted) for each in (bench, slow)],
        slow.told[0].reason,
    )


def test_a_question_that_finds_no_answer_is_a_look_without() -> None:
    """Silence is waited for as that of an observation, and the next look asks anew."""
    bench = Bench([MORE, MORE, DONE], meets_questions=[AWAY])
    bench.run()
    asked = [entry for entry in bench.diary if entry != "renew"]
    assert ["observe", "ask more", "observe", "ask more"] == asked
    assert [EventKind.UNREACHABLE, EventKind.DONE] == [event.kind for event in bench.told]


@pytest.mark.parametrize(("times", "ends"), [(AGREEING - 1, EventKind.DONE), (AGREEING, None)])
def test_a_question_that_is_refused_is_believed_of_several_looks_in_a_row(times: int, ends: EventKind | None) -> None:
    """A single answer may lack a group that is there, whichever call it is."""
    bench = Bench([MORE] * (times + 1) + [DONE], meets_questions=[Refused("no such group", "") for _ in range(times)])
    if ends is None:
        with pytest.raises(Refused, match="no such group"):
            bench.run()
    else:
        bench.run()
    waits = [("no such group", (n, AGREEING)) for n in range(1, AGREEING)]
    assert waits == [(event.reason, event.agreed) for event in bench.told if event.kind is EventKind.WAITING]


def test_what_needs_no_explanation_is_not_saved() -> None:
    """A record that would say the same again is not written."""
    bench = Bench([ONE, DONE])
    bench.run()
    assert ["renew", "observe", "renew", "act one", "renew", "observe"] == bench.diary


def test_what_a_look_teaches_is_saved_first() -> None:
    """Progress that is only remembered is lost with the process; the plan sees it in the same look."""
    bench = Bench([DONE], learns=True)
    outcome = bench.run()
    assert (["renew", "observe", "save learned"], Paper("learned")) == (bench.diary, outcome.release)
    assert Paper("learned") == bench.looks[0].release


def test_what_is_recorded_and_reached_is_saved() -> None:
    """A wish and a milestone are on record before the next look."""
    bench = Bench([Recorded(Paper("a wish"), "somebody wishes"), Reached("moved", "it moved"), DONE])
    outcome = bench.run()
    assert ["save a wish", "save reached moved"] == [entry for entry in bench.diary if entry.startswith("save")]
    assert Paper("reached moved") == outcome.release


def test_each_look_renews_the_lease() -> None:
    """The lease is looked after between any two observations, and in the pauses, second by second."""
    bench = Bench([Waiting("for it"), DONE])
    bench.run()
    beats = 1 + (bench.clock.now() - VirtualClock().now() > 1.0)
    assert ["renew", "observe", *["renew"] * beats, "renew", "observe"] == bench.diary


def test_a_lease_that_ran_short_while_the_record_was_written_stops_the_action() -> None:
    """Between the look and the call there may have been a stop of the whole machine: nothing is sent then."""
    bench = Bench([ONE, DONE], explains=True, left=14.0)
    with pytest.raises(Unreachable, match="lease"):
        bench.run()
    assert ["renew", "observe", "save explains one", "renew"] == bench.diary[:4]
    assert "act one" not in bench.diary


def test_a_record_out_of_reach_is_waited_for_like_a_silent_aws() -> None:
    """A milestone that could not be recorded is reached at a later look; nothing is done meanwhile."""
    bench = Bench([Reached("moved", "it moved"), Reached("moved", "it moved"), ONE, DONE], lost_saves=1)
    outcome = bench.run()
    assert (Paper("reached moved"), DONE) == (outcome.release, outcome.answer)
    assert ["save reached moved", "save reached moved", "act one"] == [
        entry for entry in bench.diary if entry.startswith(("save", "act"))
    ]


def test_a_look_says_how_long_it_took() -> None:
    """The time before the observation is what the look shows, the time after it is now."""
    bench = Bench([DONE], takes=7.0)
    begun = bench.clock.now()
    bench.run()
    assert (begun, begun + 7.0) == (bench.looks[0].taken, bench.looks[0].now)


def test_a_signal_stops_between_two_calls() -> None:
    """Asked to stop, the engine does not look again, let alone act, and says so."""
    signals = [None, 15]
    bench = Bench([ONE], stop=lambda: signals.pop(0))
    outcome = bench.run()
    assert (["renew", "observe", "renew", "act one"], 15) == (bench.diary, outcome.answer.signal)
    assert (True, EventKind.STOPPED) == (isinstance(outcome.answer, Stopped), bench.told[-1].kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (DONE, EventKind.DONE),
        (Paused("a gate", "canary"), EventKind.PAUSED),
        (Blocked("odd", "look"), EventKind.BLOCKED),
    ],
)
def test_an_end_ends(answer, kind) -> None:
    """These answers end a run, and listeners hear of them."""
    bench = Bench([answer])
    outcome = bench.run()
    assert (answer, [kind]) == (outcome.answer, [event.kind for event in bench.told])


def test_looks_before_this_one_are_at_hand() -> None:
    """Newest first, a few, none of them dragging its own past along, with what the plan alone answered."""
    waits = [Waiting(str(n)) for n in range(REMEMBERED + 3)]
    bench = Bench([*waits, DONE], guard=lambda answer, _: answer if answer == DONE else Waiting("doubtful"))
    bench.run()
    past = bench.looks[-1].past
    assert list(reversed(waits))[:REMEMBERED] == [seen.answer for seen in past]
    assert {()} == {seen.view.past for seen in past}
    assert past[0].view == attrs.evolve(bench.looks[-2], past=())


@pytest.mark.parametrize("door", [Reached("moved", "it moved"), Failed("it broke")])
def test_behind_a_door_the_past_begins_anew(door) -> None:
    """What agreed before a milestone, or before the goal changed, is no evidence for what comes after."""
    bench = Bench([Waiting("for it"), door, DONE], turns=Paper("rollback"))
    bench.run()
    assert [0, 1, 0] == [len(look.past) for look in bench.looks]


def test_a_failure_turns_the_release_around() -> None:
    """What undoes the release is on record before the next look, and listeners hear why."""
    bench = Bench([Failed("it broke"), DONE], turns=Paper("rollback"))
    outcome = bench.run()
    assert (["renew", "observe", "save rollback", "renew", "observe"], Paper("rollback")) == (
        bench.diary,
        outcome.release,
    )
    assert (EventKind.TURNED, "to v1: it broke") == (bench.told[0].kind, bench.told[0].reason)


def test_a_failure_with_nothing_to_go_back_to_blocks() -> None:
    """A human gets the reason and the next command."""
    outcome = Bench([Failed("it broke")]).run()
    assert ("it broke", True) == (outcome.answer.reason, "bluegreen resume web" in outcome.answer.hint)


def refused(_: Any) -> ActionRefused:
    """Refuse any action."""
    return ActionRefused("AWS says no")


def lost(_: Any) -> Unreachable:
    """Lose any answer."""
    return Unreachable("no answer")


def test_an_action_that_is_refused_again_and_again_has_failed() -> None:
    """A few refusals may be the moment's; then AWS is believed, and its words are passed on."""
    bench = Bench([ONE], meets=refused)
    outcome = bench.run()
    told = "refused again and again: one (AWS says no)"
    assert (REFUSALS, told) == (len(bench.acted), outcome.answer.reason)
    said = [event.reason for event in bench.told if event.kind == EventKind.REFUSED]
    assert [f"one (AWS: AWS says no), try {number} of {REFUSALS}" for number in range(1, REFUSALS + 1)] == said


def test_what_was_not_sent_is_not_told_as_refused() -> None:
    """Nobody looks for what AWS has against it; at last it says that it was not done."""

    def withheld(_: Any) -> Withheld:
        return Withheld("it is somebody else's", "")

    bench = Bench([ONE], meets=withheld)
    outcome = bench.run()
    said = {event.reason for event in bench.told if event.kind is EventKind.REFUSED}
    told = "one (it is somebody else's)"
    assert ({f"not sent: {told}"}, f"not done: {told}") == (said, outcome.answer.reason)


def test_a_silence_says_for_how_long_it_is_tried() -> None:
    """Each line tells what is left, and two of them have the same gist."""
    bench = Bench([DONE], sees=[Unreachable("no answer")] * 2)
    bench.run()
    said = [(event.reason, event.gist) for event in bench.told if event.kind is EventKind.UNREACHABLE]
    assert ["no answer; trying for 5 min more", "no answer"] == [said[0][0], said[1][1]]


def test_a_relative_action_is_refused_for_longer_before_it_has_failed() -> None:
    """An answer may be a minute old: what was done already is refused, and the look does not show it yet."""
    bench = Bench([Due(Deed("one", relative=True), "one is missing", None)], meets=refused)
    begun = bench.clock.now()
    outcome = bench.run()
    told = "refused again and again: one (AWS says no)"
    assert (told, True) == (outcome.answer.reason, 60.0 < bench.clock.now() - begun < 63.0)


def test_refusals_of_different_actions_do_not_add_up() -> None:
    """Each action gets its own chances; another one in between begins them anew."""
    bench = Bench([*[ONE] * (REFUSALS - 1), OTHER, *[ONE] * (REFUSALS - 1), DONE], meets=refused)
    assert (DONE, 2 * REFUSALS - 1) == (bench.run().answer, len(bench.acted))


def test_refusals_of_one_action_do_not_forbid_another() -> None:
    """What AWS refused for good is given up, what comes after it is tried."""
    bench = Bench(
        [*[ONE] * REFUSALS, OTHER, DONE], meets=lambda action: refused(action) if action == Deed("one") else None
    )
    assert (DONE, Deed("other")) == (bench.run().answer, bench.acted[-1][0])


def test_a_lost_answer_is_no_refusal() -> None:
    """After an action without an answer the next look says what is true, however often."""
    bench = Bench([*[ONE] * (3 * REFUSALS), DONE], meets=lost)
    assert (DONE, 3 * REFUSALS) == (bench.run().answer, len(bench.acted))


def test_the_same_action_is_not_sent_twice_in_a_hurry() -> None:
    """A look that does not show the effect yet is given time to; another action need not wait."""
    bench = Bench([ONE, ONE, OTHER, DONE])
    bench.run()
    first, again, other = (at for _, at in bench.acted)
    assert (True, 0.0) == (0.9 <= again - first <= 1.1, other - again)


def test_what_was_seen_before_a_long_pause_is_not_acted_on() -> None:
    """The pause before an action is sent again may be longer than a look is good for: it is looked again first."""
    bench = Bench([ONE, ONE, DONE], interval=8.0)
    assert (DONE, 1, 3) == (bench.run().answer, len(bench.acted), len(bench.looks))


def test_actions_that_undo_each_other_take_their_time() -> None:
    """Two in turn, none of them twice in a row: time passes all the same, so that the progress deadline ends it."""
    bench = Bench([*[ONE, OTHER] * 10, DONE])
    bench.run()
    at = [moment for action, moment in bench.acted if action == Deed("one")]
    assert (20, True) == (len(bench.acted), all(after - before >= 0.9 for before, after in pairwise(at)))


def test_a_long_row_of_actions_takes_its_time_though_each_is_another_one() -> None:
    """Sizes that swing wider each time were never sent before: beyond a burst each takes a pause."""
    bench = Bench([*(Due(Deed(f"size {n}"), "too few", None) for n in range(30)), DONE])
    bench.run()
    began = bench.acted[0][1]
    assert (0.0, True) == (bench.acted[BURST - 1][1] - began, bench.acted[-1][1] - began >= 0.9 * (30 - BURST - 1))


def test_a_refused_action_is_followed_by_a_pause() -> None:
    """A refusal is not answered in the same second."""
    bench = Bench([ONE, OTHER, DONE], meets=refused)
    bench.run()
    assert 0.9 <= bench.acted[1][1] - bench.acted[0][1] <= 1.1


@pytest.mark.parametrize(("until", "least", "most"), [(None, 0.9, 1.1), (1e12, 0.9, 1.1), (0.25, 0.2, 0.3), (-5, 0, 0)])
def test_a_wait_looks_again_within_the_interval(until, least, most) -> None:
    """Even a planned wait is looked after, and none outlasts what it waits for."""
    bench = Bench([DONE])
    bench.says = [Waiting("for it", None if until is None else bench.clock.now() + until), DONE]
    bench.run()
    assert least <= bench.looks[1].now - bench.looks[0].now <= most


@pytest.mark.parametrize(("times", "believed"), [(1, False), (AGREEING - 1, False), (AGREEING, True)])
def test_what_a_look_refuses_is_believed_when_several_say_so(times, believed) -> None:
    """A single answer without a group ends nothing in the middle of a release."""
    bench = Bench([DONE], sees=[Refused("there is no group")] * times)
    if believed:
        with pytest.raises(Refused, match="there is no group"):
            bench.run()
    else:
        assert DONE == bench.run().answer
    waited = [(event.reason, event.agreed) for event in bench.told if event.kind is EventKind.WAITING]
    assert [("there is no group", (n + 1, AGREEING)) for n in range(min(times, AGREEING - 1))] == waited


def test_answers_without_a_group_do_not_add_up() -> None:
    """What is there again in between has not gone."""
    gone = Refused("there is no group")
    bench = Bench([Waiting("on"), DONE], sees=[gone, gone, None, gone, gone, None])
    assert DONE == bench.run().answer


def test_silence_is_borne_for_a_while() -> None:
    """AWS that does not answer is asked again, a second later at the earliest, and nothing is decided meanwhile."""
    bench = Bench([DONE], sees=[AWAY, AWAY, None])
    begun = bench.clock.now()
    assert (DONE, 1) == (bench.run().answer, len(bench.looks))
    assert [EventKind.UNREACHABLE, EventKind.UNREACHABLE, EventKind.DONE] == [event.kind for event in bench.told]
    assert bench.clock.now() - begun >= 1.8


def test_silence_that_lasts_ends_the_run() -> None:
    """After the time allowed the run gives up, with the record as it stands."""
    bench = Bench([DONE], sees=[AWAY] * 1000)
    begun = bench.clock.now()
    with pytest.raises(Unreachable):
        bench.run()
    assert (True, []) == (300.0 < bench.clock.now() - begun < 303.0, bench.looks)


def test_an_answer_ends_the_silence() -> None:
    """Two short silences are not one long one."""
    silence = [AWAY] * 3
    bench = Bench([Waiting("for it"), DONE], sees=[*silence, None, *silence, None], unreachable_after=4.0)
    assert DONE == bench.run().answer


def test_patience_begins_anew_behind_a_planned_wait() -> None:
    """A bake is no lack of progress for what comes after it; a wait that nobody planned is."""
    bench = Bench([DONE])
    bench.says = [Waiting("for it"), Waiting("it bakes", until=bench.clock.now() + 1.0), Waiting("for it"), DONE]
    bench.run()
    assert [0.0, 0.0, bench.looks[1].now, bench.looks[1].now] == [look.rested for look in bench.looks]


@pytest.mark.parametrize(("seconds", "rested"), [(20, False), (40, True)])
def test_patience_begins_anew_behind_a_long_silence(seconds, rested) -> None:
    """What nobody saw for more than half a minute says nothing about progress; a hiccup does not count."""
    silence = [AWAY] * seconds
    bench = Bench([Waiting("for it"), Waiting("for it"), DONE], sees=[None, *silence, None])
    bench.run()
    assert (0.0, rested) == (bench.looks[0].rested, bench.looks[1].rested == bench.looks[1].now)
    assert bench.looks[1].rested == bench.looks[2].rested


def test_nobody_has_rested_at_the_first_look() -> None:
    """A run begins with the patience that the record has."""
    bench = Bench([DONE], sees=[*[AWAY] * 40, None])
    bench.run()
    assert [0.0] == [look.rested for look in bench.looks]


def broken(event: Event) -> None:
    """Fail, as a screen or a webhook does."""
    raise OSError(f"nobody reads {event.reason}")


@define
class Kept:
    """A listener that belongs to the record, and cannot be kept."""

    binding = True

    def __call__(self, event: Event) -> None:
        raise Unrecorded("the disk is full")


def test_what_fails_in_a_listener_is_told_to_the_others() -> None:
    """The run goes on and ends as it would have; the error's own words, which may hold a secret, are not repeated."""
    bench, heard = Bench([ONE, DONE]), list[Event]()
    bench.listeners = (broken, heard.append)
    assert DONE == bench.run().answer
    failed = "broken could not show an event (OSError); nothing else is changed by that"
    assert [(EventKind.ACTING, "one"), (EventKind.WARNED, ""), (EventKind.DONE, ""), (EventKind.WARNED, "")] == [
        (event.kind, event.action) for event in heard
    ]
    assert {failed} == {event.reason for event in heard if event.kind is EventKind.WARNED}


def test_listeners_that_all_fail_end_nothing() -> None:
    """There is nobody left to tell it to."""
    bench = Bench([ONE, DONE])
    bench.listeners = (broken, broken)
    assert DONE == bench.run().answer


def test_what_belongs_to_the_record_ends_a_run() -> None:
    """Where it cannot be kept, nothing is done that it would announce, and nobody hears of it."""
    bench = Bench([ONE, DONE])
    bench.listeners = (Kept(), bench.told.append)
    with pytest.raises(Unrecorded):
        bench.run()
    assert ([], []) == (bench.acted, bench.told)


@pytest.mark.parametrize("teaches", [False, True])
def test_what_is_learned_meanwhile_counts_no_refused_milestone_anew(teaches: bool) -> None:
    """AWS takes no seal for longer than nothing may progress: it ends, though each look teaches something."""
    bench = Bench([Reached("moved", "it moved")], teaches=teaches, refuses=lambda _: True)
    begun = bench.clock.now()
    outcome = bench.run()
    assert ("AWS takes no tag", True) == (outcome.answer.reason, 60.0 < bench.clock.now() - begun < 65.0)


def test_a_refusal_that_is_long_past_is_counted_anew() -> None:
    """The milestone is refused, then there is none to be reached for a while: the next one is tried, and kept."""
    door, wait = Reached("moved", "it moved"), Waiting("the new ones prove themselves")
    bench = Bench([door, *[wait] * 70, door, DONE], teaches=True)
    begun = bench.clock.now()
    bench.refuses = lambda now: now < begun + 30
    assert (DONE, 2) == (bench.run().answer, bench.diary.count("save reached moved"))
