"""Tags that anybody may have written: on the pair, on instances of other groups; and the mark of another release."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused, Status, Unreachable
from bluegreen.service import Service
from bluegreen.targets.pair.model.actions import Terminate
from bluegreen.targets.pair.model.release import ID, ROLLBACK, SEAL, TAKEN_UP
from bluegreen.targets.pair.release_tags.written import BY, GOAL, IMAGE, KEYS, SIDE, TERMS
from tests.scenarios.test_strange_records import FOREIGN, resting, rewrite
from tests.support.hands import marked, tagged, type_in
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving

FORGED = (
    "zz",
    "web:",
    "web:1",
    "api:20231114-221323-0001",
    "web:29990101-000000-0001",
    "web:20231399-000000-0001",
    "a;b",
)
VERBS: dict[str, Callable[[Service], Any]] = {
    "rollback": lambda service: service.rollback(),
    "finish": lambda service: service.finish(),
    "resume": lambda service: service.resume(),
    "cleanup": lambda service: service.cleanup(),
    "deploy": lambda service: service.deploy("v3"),
}


def members(pair: Pair, group: str) -> list[str]:
    """Return the ids of a group's members."""
    return sorted(pair.sim.states(group))


@pytest.mark.parametrize("tag", FORGED)
@pytest.mark.parametrize("verb", VERBS)
def test_a_tag_that_cannot_be_ours_stops_no_verb(verb: str, tag: str) -> None:
    """Each ends as it does without the tag; with a release open and with none."""
    for is_open in (True, False) if verb != "deploy" else (False,):
        pair = resting()
        if not is_open:
            pair.service().finish()
        tagged(pair, BLUE, tag, ID)
        told = VERBS[verb](pair.service())
        assert told is None or Status.OK == told.status, told


@pytest.mark.parametrize("tag", FORGED)
def test_such_a_tag_is_a_warning_with_the_command_that_removes_it(tag: str) -> None:
    """`status`, `check` and whoever begins anything say it; the command does what it says."""
    pair = resting()
    pair.service().finish()
    tagged(pair, BLUE, tag, ID)
    (trouble,) = [one for one in pair.service().status().troubles if ID in one]
    assert [trouble] == [one.sentence for one in pair.service().check() if ID in one.sentence]
    with pytest.raises(Refused, match="name no release") as caught:
        pair.service().adopt()
    assert trouble in caught.value.hint
    type_in(pair, trouble.split("`")[1])
    assert () == pair.service().status().troubles


@pytest.mark.parametrize("groups", [(BLUE,), (GREEN,), (BLUE, GREEN)])
@pytest.mark.parametrize("verb", VERBS)
def test_a_tag_of_our_very_form_says_how_it_goes(verb: str, groups: tuple[str, ...]) -> None:
    """It may be another record's: 4, which tag, on which group, and the command behind which the same verb goes on."""
    pair = resting()
    if verb in ("deploy", "cleanup"):
        pair.service().finish()
    forged = "web:20231114-235959-0009"
    pair.run_for(7200)
    for group in groups:
        tagged(pair, group, forged, ID)
    if verb == "resume":
        pair.service().rollback()
    try:
        told = VERBS[verb](pair.service())
        sentence, hint, status = told.sentence, told.hint, told.status
    except Refused as error:
        sentence, hint, status = error.message, error.hint, error.status
    assert (Status.BLOCKED, True) == (status, forged in sentence), sentence
    removals = [one for one in hint.split("`") if one.startswith("aws autoscaling delete-tags")]
    assert [f"ResourceId={group}," in one for group, one in zip(groups, removals, strict=True)] == [True] * len(groups)
    for command in removals:
        type_in(pair, command)
    told = VERBS[verb](pair.service())
    assert told is None or Status.OK == told.status, told


LATER: dict[str, dict[str, str]] = {
    "a take": {TERMS: "take=999"},
    "a later release": {ID: "web:20231114-235959-0009"},
}


def held_up(tags: dict[str, str]) -> Pair:
    """Return a pair with v1 parked, whose tags say that somebody else is in charge."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.run_for(7200)
    for group in (BLUE, GREEN):
        for key, value in tags.items():
            tagged(pair, group, value, key)
    return pair


@pytest.mark.parametrize("tags", LATER.values(), ids=LATER)
def test_no_tag_keeps_old_from_coming_back(tags: dict[str, str]) -> None:
    """It serves again beside new, which is not taken away; the command in the hint ends it."""
    pair = held_up(tags)
    watch = Watch(pair, 2)
    told = pair.service().rollback()
    pair.run_for(60)
    assert (Status.BLOCKED, "is in charge" in told.sentence) == (told.status, True)
    assert (2, 2, []) == (len(pair.sim.healthy(BLUE)), len(pair.sim.healthy(GREEN)), watch.broken)
    for command in [one for one in told.hint.split("`") if one.startswith("aws autoscaling delete-tags")]:
        type_in(pair, command)
    assert (Status.OK, [BLUE]) == (pair.service().rollback().status, colours_serving(pair))


@pytest.mark.parametrize("asked", ["deploy", "cleanup"])
@pytest.mark.parametrize("tags", [*LATER.values(), {IMAGE: "vX"}], ids=[*LATER, "an image"])
def test_no_tag_keeps_a_deployment_that_fails_from_going_back(tags: dict[str, str], asked: str) -> None:
    """In the bake such a tag appears, and new dies: old serves again, whether somebody watched or cron comes by."""
    pair, struck = virtual(instances=2), []

    def strike() -> int | None:
        if pair.release and pair.release.passed("moved") and not struck:
            struck.append(tags)
            for group, (key, value) in product((BLUE, GREEN), tags.items()):
                tagged(pair, group, value, key)
            for one in members(pair, GREEN):
                pair.sim.sicken(one)
        return 15 if struck and asked == "cleanup" else None

    pair.service(bake=300.0, stop=strike).deploy("v2")
    if asked == "cleanup":
        assert pair.release is not None
        rewrite(pair, release=attrs.evolve(pair.release, hold=None))
        pair.service(bake=300.0).cleanup()
    pair.run_for(60)
    assert ([tags], 2) == (struck, len(pair.sim.healthy(BLUE)))


def test_a_release_that_was_taken_a_thousand_times_is_nobodys() -> None:
    """No adoption counts that far: the rollback goes its way."""
    pair = held_up({TERMS: "take=1000"})
    assert (Status.OK, [BLUE]) == (pair.service().rollback().status, colours_serving(pair))


@pytest.mark.parametrize("tags", LATER.values(), ids=LATER)
def test_what_others_are_in_charge_of_is_theirs_where_nobody_asks(tags: dict[str, str]) -> None:
    """A clean-up with an old record brings nothing back into somebody's release."""
    pair = held_up(tags)
    assert pair.release is not None
    rewrite(pair, release=pair.release.toward(ROLLBACK, pair.clock.now()))
    before = pair.picture(), pair.sim.states(BLUE)
    told = pair.service().cleanup()
    assert told is not None
    assert (Status.BLOCKED, before) == (told.status, (pair.picture(), pair.sim.states(BLUE)))


def write_release_tags(pair: Pair, release: str, *, old: str = BLUE, **changes: str) -> None:
    """Forge all tags that tell of a release, on both groups."""
    tags = {ID: release, BY: "eve", GOAL: "finish", IMAGE: "v2", TERMS: terms_told(), **changes}
    for group, word in ((old, "old"), (GREEN if old == BLUE else BLUE, "new")):
        for key, value in {**tags, SIDE: f"{word} 2/4/2 kept nothing"}.items():
            tagged(pair, group, value, key)


def terms_told(**changes: str) -> str:
    """Return the terms of a release as its tags tell them."""
    terms = {
        **{"bounds": "2/4", "idle": "0/0", "capacity": "2", "pace": "100/200", "begun": "1700000000", "bake": "0"},
        **{"keep": "0", "progress": "60", "drain": "5", "allowed": "600", "first": "0", "take": "0"},
        **changes,
    }
    return " ".join(f"{key}={value}" for key, value in terms.items())


def test_forged_tags_terminate_nothing_of_another_group() -> None:
    """The pair's tags and a propagated mark are forged; adopted, resumed and finished, the other group stands."""
    pair, release = _lost(), "web:20231114-221323-0009"
    write_release_tags(pair, release)
    marked(pair, members(pair, FOREIGN), release)
    before = pair.sim.states(FOREIGN)
    ended = pair.service().adopt()
    assert all(word in ended.hint for word in members(pair, FOREIGN))
    assert "left alone" in ended.hint
    for verb in ("resume", "finish", "cleanup"):
        try:
            VERBS[verb](pair.service())
        except Refused:
            continue
    assert before == pair.sim.states(FOREIGN)


def _lost() -> Pair:
    pair = resting()
    pair.service().finish()
    rewrite(pair, history=())
    return pair


@pytest.mark.parametrize(
    "changes",
    [
        {TERMS: terms_told(pace="0/9999")},
        {TERMS: terms_told(capacity="9" * 40)},
        {TERMS: terms_told(bounds="9/2")},
        {TERMS: terms_told(begun="nan")},
        {TERMS: terms_told(bake="inf")},
        {TERMS: terms_told(keep="-1")},
        {TERMS: terms_told(way="x")},
        {TERMS: "x"},
    ],
    ids=lambda changes: str(changes[TERMS])[-30:],
)
def test_what_the_tags_say_is_checked_like_a_record(changes: dict[str, str]) -> None:
    """Out of range, it is refused with 4 and nothing is written; the hint says how the tags go."""
    pair = _lost()
    write_release_tags(pair, "web:20231114-221323-0009", **changes)
    before = pair.store.read("web")[0]
    with pytest.raises(Refused) as caught:
        pair.service().adopt()
    after = pair.store.read("web")[0]
    assert before is not None
    assert after is not None
    assert (before.release, True) == (after.release, "tags" in caught.value.hint)


def test_marked_instances_are_listed_with_owner_and_age_and_no_more_are_taken() -> None:
    """Whoever says yes says it to those instances; one that is marked meanwhile is another question."""
    pair = _lost()
    release = "web:20231114-221323-0009"
    write_release_tags(pair, release)
    group = {"AutoScalingGroupName": FOREIGN, "ShouldDecrementDesiredCapacity": True}
    pair.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": FOREIGN, "MinSize": 0})
    free = members(pair, FOREIGN)
    pair.sim.call("autoscaling", "DetachInstances", {**group, "InstanceIds": free})
    pair.run_for(30)
    marked(pair, free[:1], release)
    found = pair.service().adoptable()
    listed = found.question.removeprefix("its mark is on ")
    assert (set(free[:1]), f"{free[0]} (") == (found.ids, listed[:21])
    assert "h old" in listed
    marked(pair, free[1:], release)
    with pytest.raises(Refused, match="was marked since"):
        pair.service().adopt(answered=found.ids)
    assert pair.release is None


def test_a_terminate_asks_whose_the_instances_are() -> None:
    """Whatever the plan, the guards and the record say: what any group has is not terminated."""
    pair = resting()
    ids = tuple(members(pair, FOREIGN))
    with pytest.raises(Unreachable, match=r"not terminated: i-.* \(AWS says that an Auto Scaling group has them"):
        pair.aws.act(Terminate(ids))
    assert {"InService"} == set(pair.sim.states(FOREIGN).values())


def test_what_was_kept_running_is_not_terminated_for_a_mark() -> None:
    """``finish --keep`` leaves instances to their owner: whoever marks them again makes no leftovers of them."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    release = pair.release
    assert release is not None
    pair.service().finish(keep=True)
    pair.run_for(30)
    kept = sorted(pair.sim.orphans())
    marked(pair, kept, release.id)
    told = pair.service().cleanup()
    pair.run_for(60)
    assert told is not None
    assert (Status.BLOCKED, True) == (told.status, "in no group" in told.sentence)
    assert (2, kept) == (len(kept), sorted(pair.sim.orphans()))


def test_the_keys_that_are_forged_are_those_that_are_read() -> None:
    """Whoever adds a tag forges it here, too."""
    assert {ID, BY, GOAL, IMAGE, SIDE, TERMS} == set(KEYS) - {"bluegreen:was", SEAL, TAKEN_UP}
