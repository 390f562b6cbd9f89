"""Why instances are not healthy: the first link that decides is told, whatever else is seen."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.report.why import why_text, why_value
from bluegreen.targets.pair.model.fleet import (
    CLASSIC,
    TARGET_GROUP,
    Balancer,
    Fleet,
    Group,
    HealthCheck,
    Instance,
    Machine,
    Reason,
    Tag,
)
from bluegreen.targets.pair.model.more import NOTHING
from bluegreen.targets.pair.sentences import causes
from bluegreen.targets.pair.telling.why import Evidence, why
from bluegreen.targets.seam.why import Link, Why, meant
from tests.support.values import ALL, BALANCER, NOW, activity, fleet, group, release

V2 = {"image": Tag("v2")}
ILL = "i-new-0"
MISMATCH = Reason("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")
HOOK = {
    "LifecycleHookName": "warm-cache",
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "HeartbeatTimeout": 600,
    "DefaultResult": "ABANDON",
}
NEVER = "The AMI ID 'ami-0123' does not exist. Launching EC2 instance failed."
SPACE = "You have requested more vCPU capacity than your current vCPU limit of 32 allows."
TAKEN_OUT = "an instance was taken out of service in response to an ELB system health check failure."


def asked(*states: str, health: str = "unhealthy", desired: int | None = None, **more: Any) -> Why:
    """Return why new, in these states and with what is seen besides, is not healthy."""
    given_tags = more.pop("tags", V2)
    since = more.pop("since", {})
    new = group("new", *states, tags=given_tags)
    new = attrs.evolve(new, desired=len(new.instances) if desired is None else desired)
    ill = {i.id: health for i in new.in_service}
    seen = fleet(group("old", "InService"), new, ill, **more)
    opened = release(launched_at=NOW)
    check = {BALANCER.id: HealthCheck("GET :8080/health", 10.0, "200")}
    names = ("old", "new")
    told: dict[str, Any] = {"names": names, "tag_key": "image", "release": opened, "checks": check, "since": since}
    return why("web", Evidence(fleet=seen, now=NOW + 60, **told))


def machines(**changes: Any) -> dict[str, Any]:
    """Return that EC2 was asked of the one that is ill, and said this."""
    return {"asked": (ILL,), "machines": {ILL: Machine(ILL, **{"state": "running", **changes})}}


REASONS = {"reasons": {BALANCER.id: {ILL: MISMATCH}}}
FAILED = {"activities": (activity("new", NEVER, at=NOW + 1),)}
FULL = {"activities": (activity("new", SPACE, at=NOW + 1),)}
LOST = {"activities": (activity("new", "", at=NOW + 1, status="InProgress", cause=TAKEN_OUT),)}

CHAIN = [
    (Link.LAUNCH, True, asked("InService", desired=2, **FAILED, **machines(state="stopped"), **REASONS)),
    (Link.ROOM, False, asked("InService", desired=2, **FULL, **machines(state="stopped"), **REASONS)),
    (Link.HOOK, False, asked("Pending:Wait", hooks={"new": (HOOK,)}, **machines(state="stopped"))),
    (Link.MACHINE, False, asked("InService", **LOST, **machines(state="stopped"), **REASONS)),
    (Link.MACHINE, False, asked("InService", **machines(checks="impaired"), **REASONS)),
    (Link.MACHINE, False, asked("InService", asked=(ILL,), **REASONS)),
    (Link.REPLACED, False, asked("InService", **LOST, **machines(), **REASONS, tags={"image": Tag("v1")})),
    (Link.IMAGE, False, asked("InService", tags={"image": Tag("v1")}, **machines(), **REASONS)),
    (Link.IMAGE, False, asked("InService", tags={}, **machines(), **REASONS)),
    (Link.BALANCER, False, asked("InService", **machines(), **REASONS)),
    (Link.BALANCER, False, asked("InService", health="unused")),
    (Link.UNKNOWN, False, asked("Pending", **machines())),
    (Link.UNKNOWN, False, asked("InService", **machines())),
    (Link.UNKNOWN, False, asked(desired=2)),
    (Link.NOTHING, False, asked("InService", health="healthy")),
]
"""Each link, while all that comes behind it in the chain is seen, too."""


@pytest.mark.parametrize(("link", "terminal", "found"), CHAIN)
def test_the_first_link_decides(link: Link, terminal: bool, found: Why) -> None:
    """What waiting does not help goes before what a person does, and that before the load balancer's own words."""
    assert (link, terminal) == (found.cause.link, found.cause.terminal)


def test_all_that_was_seen_is_told_as_it_reads() -> None:
    """Of one instance: what decides, the balancer's code and words, what the check asks, EC2 and the tag."""
    seen = asked("InService", "InService", **machines(), reasons={BALANCER.id: {ILL: MISMATCH, "i-new-1": MISMATCH}})
    one = attrs.evolve(seen, instances=(attrs.evolve(seen.instances[0], since=NOW - 125),))
    assert (
        why_text(one, NOW + 60)
        == """\
new v2: 0 of 2 healthy after 1 min
old v1: 1 of 1 healthy
cause: the application answers health checks with 503 (2 instances)

i-new-0  unhealthy for 3 min 5 s
  load balancer  web: Target.ResponseCodeMismatch
                 "Health checks failed with these codes: [503]"
                 asks GET :8080/health every 10 s, wants 200
  group          InService in new
  EC2            running
  image          the tag image of new is v2, as released
  look at        the application's log, and what it answers at the path of the
                 check"""
    )


def test_a_launch_that_is_lacking_is_told_in_aws_words() -> None:
    """With the time of the activity, and how many are lacking."""
    found = asked("InService", desired=3, health="healthy", **FULL)
    told = [(fact.label, fact.text) for fact in found.launches]
    assert [("new: 2 not launched", f"activity of 13:46 UTC Failed: {SPACE}")] == told


def test_a_hook_is_named_with_the_command_that_completes_it() -> None:
    """Nobody but the owner knows what it waits for."""
    found = asked("Pending:Wait", hooks={"new": (HOOK,)}, **machines())
    facts = {fact.label: fact.text for fact in found.instances[0].facts}
    assert (
        "nobody has completed the launch hook warm-cache",
        "warm-cache; it gives up after 10 min, then the instance is terminated",
        True,
    ) == (found.cause.sentence, facts["hook"], "--lifecycle-action-result CONTINUE" in facts["look at"])


HELD = {"hooks": {"new": (HOOK,)}, **machines()}


def launch(at: float, status: str = "MidLifecycleAction") -> dict[str, Any]:
    """Return that the instance's launch has begun."""
    one = activity("new", "", at=at, status=status)
    return {"activities": (attrs.evolve(one, description=f"Launching a new EC2 instance: {ILL}"),)}


@pytest.mark.parametrize(
    ("began", "since", "told"),
    [
        (launch(NOW), {}, "ends at about 13:56 UTC, then the instance is terminated"),
        (launch(NOW), {ILL: NOW + 40}, "ends by 13:57 UTC, then the instance is terminated"),
        ({}, {ILL: NOW + 40}, "ends by 13:57 UTC, then the instance is terminated"),
        ({}, {}, "it gives up after 10 min, then the instance is terminated"),
        (launch(NOW, "Successful"), {}, "it gives up after 10 min, then the instance is terminated"),
        ({}, {ILL: NOW - 600}, "it gives up after 10 min, then the instance is terminated"),
    ],
)
def test_when_a_hook_ends_is_told_where_it_is_known(began: Any, since: dict[str, float], told: str) -> None:
    """From the moment at which it was seen to wait, else from its launch; one that has passed was put off."""
    found = asked("Pending:Wait", **began, **HELD, since=since)
    assert [f"warm-cache; {told}"] == [fact.text for fact in found.instances[0].facts if fact.label == "hook"]


def test_what_failed_before_the_release_says_nothing_of_it() -> None:
    """A person has put it right meanwhile."""
    before = {"activities": (activity("new", NEVER, at=NOW - 1),)}
    assert Link.BALANCER == asked("InService", desired=2, **before, **machines(), **REASONS).cause.link


def test_what_is_parked_or_leaves_is_nobodys_trouble() -> None:
    """It gets no requests, and is to get none."""
    states = ("InService", "Standby", "EnteringStandby", "Terminating", "Detaching")
    assert () == asked(*states, health="healthy", desired=1).instances


def test_one_that_is_asked_for_is_told_of_though_it_is_healthy() -> None:
    """Its facts are seen, and nothing is wrong."""
    seen = fleet(group("old", "InService"), group("new", "InService", tags=V2))
    found = why("web", Evidence(fleet=seen, names=("old", "new"), tag_key="image", now=NOW), "i-old-0")
    assert (Link.NOTHING, ["i-old-0"]) == (found.cause.link, [one.id for one in found.instances])


@pytest.mark.parametrize(
    ("word", "found"),
    [("i-new-0", "i-new-0"), ("ew-0", "i-new-0"), ("w-0", ""), ("", ""), ("i-0000", "")],
)
def test_an_instance_is_named_by_its_id_or_by_the_end_of_it(word: str, found: str) -> None:
    """The end has to be long enough, and one's alone."""
    assert found == meant(word, frozenset({"i-new-0", "i-old-1"}))


TEXTS = st.sampled_from(["", "x", "Target.Timeout", NEVER, SPACE, "\x1b[2J" * 9, "w" * 400])
STATES = st.sampled_from(
    ["InService", "Pending", "Pending:Wait", "Terminating:Wait", "Standby", "EnteringStandby", "Quarantined", "of 2030"]
)
BALANCERS = (BALANCER, Balancer(CLASSIC, "old-fashioned"), Balancer(TARGET_GROUP, "arn:a/b/c"))


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    """Draw any fleet, asked for anything."""
    groups, ids = {}, []
    for name in ("old", "new"):
        members = tuple(Instance(f"i-{name}-{n}", draw(STATES)) for n in range(draw(st.integers(0, 3))))
        ids += [one.id for one in members]
        behind = draw(st.frozensets(st.sampled_from(BALANCERS)))
        tags = draw(st.sampled_from([V2, {}, {"image": Tag("")}]))
        groups[name] = Group(name, 0, 9, draw(st.integers(0, 4)), members, tags=tags, balancers=behind)
    some = st.sampled_from(ids) if ids else st.nothing()
    states = st.sampled_from(["healthy", "unhealthy", "initial", "draining", "shifted", "unknown"])
    looked = st.dictionaries(some, st.builds(Machine, some, st.sampled_from(["running", "stopped", "?"])))
    told = st.builds(activity, st.sampled_from(["old", "new"]), TEXTS, cause=TEXTS, at=st.just(NOW))
    return Evidence(
        fleet=Fleet(
            groups,
            {one.id: draw(st.dictionaries(some, states)) for one in BALANCERS},
            {one.id: draw(st.dictionaries(some, st.builds(Reason, TEXTS, TEXTS))) for one in BALANCERS},
            known=draw(st.sampled_from([NOTHING, attrs.evolve(ALL, machines=tuple(ids))])),
            machines=draw(looked),
            activities=tuple(draw(st.lists(told, max_size=4))),
            hooks=draw(st.sampled_from([{}, {"new": (HOOK,)}, {"new": ({"LifecycleHookName": "x"},)}])),
            silent=draw(st.frozensets(st.sampled_from([one.id for one in BALANCERS]))),
        ),
        names=("old", "new"),
        tag_key="image",
        now=NOW + 60,
        release=draw(st.sampled_from([None, release(), release(launched_at=NOW)])),
        since=draw(st.dictionaries(some, st.just(NOW))),
    )


@given(evidence(), st.sampled_from(["", "i-new-0", "i-of-nobody"]))
def test_there_is_always_a_cause(seen: Evidence, instance: str) -> None:
    """Whatever is seen, or not: it is one sentence, and each instance that is shown has one; nothing is raised."""
    found = why("web", seen, instance)
    sentences = [found.cause.sentence, *(one.cause.sentence for one in found.instances)]
    assert [] == [one for one in sentences if not one or len(one) > 200]
    lines = why_text(found, NOW).splitlines()
    assert [] == [line for line in lines if not line.isprintable() or (len(line) > 79 and "`" not in line)]
    assert found.cause.sentence == why_value(found)["cause"]["sentence"]


@pytest.mark.parametrize("code", [*causes.WORDS, causes.MISMATCH, "Instance", ""])
def test_every_code_has_plain_words(code: str) -> None:
    """None is shown as AWS spells it, but in the line that quotes it."""
    told = causes.unhealthy(Reason(code, "" if code in causes.WORDS else "as AWS says"))
    assert (True, False) == (bool(told), code.partition(".")[0] in told.split() if "." in code else False)
