"""What a run tells of causes, and what is made of it once it is kept: bounded, and never raising."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.flow.causes import CHANGES, MOST, Ailment, Cause, Link, Told
from bluegreen.record.history import Entry
from bluegreen.report.history import events_text
from bluegreen.report.why import why_text, why_value
from bluegreen.service.recalled import causes, recalled, since
from bluegreen.targets.pair.model.fleet import Reason, Tag
from bluegreen.targets.pair.plans.ailing import ailing
from tests.support.values import BALANCER, NOW, activity, fleet, group, look, release

ILL = Cause(link=Link.BALANCER, sentence="it is ill")
ENTRY = Entry(
    id="web:1", image="v2", previous_image="v1", goal="rollback", outcome="restored",
    by="ana", reason="", begun_at=NOW, ended_at=NOW + 60,
)  # fmt: skip


def ill(instance: str, text: str = "") -> Ailment:
    """Return that an instance is not healthy."""
    return Ailment(cause=ILL, instance=instance, code="Target.Timeout", text=text)


def kept(found: Iterable[Ailment], goal: str = "deploy") -> list[dict[str, Any]]:
    """Return what the history keeps of causes."""
    return [
        {
            "kind": "cause", "goal": goal, "since": NOW, "reason": one.cause.sentence, "link": str(one.cause.link),
            "instance": one.instance, "code": one.code, "text": one.text, "terminal": one.cause.terminal,
        }
        for one in found
    ]  # fmt: skip


def test_a_cause_is_news_when_it_shows_first_changes_or_is_over() -> None:
    """The same again is none; nor is anything over while nothing is known."""
    told = Told()
    looks: list[list[Ailment] | None] = [[ill("i-1")], [ill("i-1")], None, [ill("i-1", "other")], [], []]
    news = [[(one.instance, one.text, one.cause.link) for one in told.news(found)] for found in looks]
    shown, changed, over = ("i-1", "", Link.BALANCER), ("i-1", "other", Link.BALANCER), ("i-1", "", Link.NOTHING)
    assert [[shown], [], [], [changed], [over], []] == news


@given(st.lists(st.lists(st.builds(ill, st.sampled_from([f"i-{n}" for n in range(40)]), st.text(max_size=1)))))
def test_a_run_tells_of_so_many_instances_at_most(looks: list[list[Ailment]]) -> None:
    """However often they come and go: a start that is told has one end at most."""
    told = Told()
    news = [one for found in looks for one in told.news(found)]
    starts = [one for one in news if one.cause.link is not Link.NOTHING]
    assert (True, True) == (len({one.instance for one in news}) <= MOST, len(starts) <= CHANGES)


def test_many_changes_are_cut_off() -> None:
    """One that flaps for ever fills no history."""
    told = Told()
    assert CHANGES == sum(len(list(told.news([ill("i-1", str(number))]))) for number in range(2 * CHANGES))


def test_what_is_over_is_no_cause() -> None:
    """The last word of each instance counts, and the first time of it."""
    told = Told()
    events = kept(one for found in ([ill("i-1"), ill("i-2")], [ill("i-2")]) for one in told.news(found))
    assert ["i-2"] == [one.instance for one in causes(events)]
    assert "it is ill" == recalled("web", ENTRY, events).cause.sentence


def test_what_is_replaced_was_never_well() -> None:
    """An instance that is gone is not healthy; one that is there is, once nothing is said against it."""
    told = Told()
    looks = [(["i-1", "i-2"], {"i-1", "i-2"}), ([], {"i-2"})]
    found = [one for names, there in looks for one in told.news(map(ill, names), there)]
    assert [("i-1", Link.BALANCER), ("i-2", Link.BALANCER), ("i-2", Link.NOTHING)] == [
        (one.instance, one.cause.link) for one in found
    ]


def test_what_was_ill_before_a_milestone_explains_nothing_behind_it() -> None:
    """All that was waited for came: a rollback later has another reason, though what was replaced is on record."""
    reached = {"kind": "reached", "goal": "deploy"}
    events = [*kept([ill("i-1")]), reached]
    assert ((), {"i-1": NOW}) == (causes(events), since(events))
    assert ["i-2"] == [one.instance for one in causes([*events, *kept([ill("i-2")])])]


def test_what_ailed_on_the_way_back_does_not_hide_what_it_was_taken_back_for() -> None:
    """Old instances that come back are at their first checks, too."""
    events = [*kept([ill("i-new")]), *kept([ill("i-old")], "rollback")]
    assert ["i-new"] == [one.instance for one in causes(events)]


def test_without_a_cause_on_record_it_is_what_it_was_taken_back_for() -> None:
    """An alarm, for one."""
    found = recalled("web", attrs.evolve(ENTRY, reason="alarm web-5xx is in ALARM"), [])
    assert (Link.TURNED, "alarm web-5xx is in ALARM") == (found.cause.link, found.cause.sentence)


DAMAGED = st.dictionaries(
    st.sampled_from(["kind", "goal", "since", "reason", "link", "instance", "code", "text", "terminal", "at"]),
    st.one_of(
        st.none(),
        st.text(max_size=9),
        st.floats(),
        st.sampled_from(["cause", "turned", "reached", "deploy", "launch", "x" * 999, [], {}]),
    ),
)


@given(st.lists(DAMAGED, max_size=5), st.text(max_size=5))
def test_damaged_events_are_passed_over(events: list[dict[str, Any]], word: str) -> None:
    """The history belongs to whoever may write there: it is shown, and nothing in it is obeyed."""
    found = recalled("web", ENTRY, events, word)
    assert found.cause.sentence == why_value(found)["cause"]["sentence"]
    assert [] == [line for line in why_text(found, NOW).splitlines() if not line.isprintable()]


def test_a_look_shows_what_ails_the_side_that_is_waited_for() -> None:
    """A reason of old is none while new comes up; where a load balancer is silent nothing is known."""
    reasons = {BALANCER.id: {"i-new-0": Reason("Target.Timeout", "so"), "i-old-0": Reason("Target.Timeout", "so")}}
    health = {"i-new-0": "unhealthy", "i-old-0": "unhealthy"}
    seen = fleet(
        group("old", "InService"),
        group("new", "InService", "Pending:Wait", tags={"image": Tag("v2")}),
        health,
        reasons=reasons,
    )
    found = ailing(look(seen, release(launched_at=NOW)))
    assert found is not None
    assert [("i-new-1", "Pending:Wait"), ("i-new-0", "Target.Timeout")] == [(one.instance, one.code) for one in found]
    assert None is ailing(look(attrs.evolve(seen, silent=frozenset({"x"})), release()))


def test_a_launch_that_cannot_succeed_ails_the_whole_side() -> None:
    """It is of no instance, and waiting does not help."""
    never = activity("new", "The AMI ID 'ami-0123' does not exist. Launching EC2 instance failed.")
    new = group("new", desired=1, tags={"image": Tag("v2")})
    seen = fleet(group("old", "InService"), new, activities=(never,))
    found = ailing(look(seen, release(launched_at=NOW)))
    assert [("", Link.LAUNCH, True)] == [(one.instance, one.cause.link, one.cause.terminal) for one in found or ()]


def test_the_history_shows_whose_cause_it_is() -> None:
    """Among events that are of no instance."""
    events = [{"kind": "begun", "at": NOW, "reason": "deploy v2"}, {**kept([ill("i-1")])[0], "at": NOW}]
    told = events_text("web", ENTRY, events).splitlines()[1:]
    assert ["  13:46:40  begin    deploy v2", "  13:46:40  cause    i-1: it is ill"] == told


def test_of_many_with_the_same_cause_few_are_shown_whole() -> None:
    """Of the others there are the ids."""
    told = why_text(recalled("web", ENTRY, kept(ill(f"i-{n}") for n in range(5))), NOW)
    assert "and 2 more: i-3, i-4: it is ill" == told.splitlines()[-1]
