"""What only the record says, or only the groups' tags, and AWS does not show: nothing is done on such a word."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, duration, few, of
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN, IDS
from bluegreen.words import as_word, fits, the

ID = "web:20261129-211157-34bb"
SIDES = (BLUE, GREEN)


@example(f"the deploy of v2 ({ID}) is named by no tag of {BLUE} or {GREEN}")
def again(told: str) -> str:
    """What was seen may be an old answer of AWS's: it counts once several looks agree, or a minute later."""
    return f"looking again: {told}"


# ---- alarms, policies, instances ----


@example(("cpu-high",))
@example(("cpu-high", "cpu-low"))
def whose_is_not_read(alarms: Collection[str]) -> str:
    """Alarms may be somebody else's: what they do was not asked for yet."""
    return because(
        f"not put: {the('alarm', alarms)}", f"AWS has not told yet whose {fits(alarms, 'it is', 'they are')}"
    )


@example(GREEN, ("cpu-out",), BLUE)
def not_on_the_other(group: str, names: Collection[str], other: str) -> str:
    """Settings would be put that the record has, and the other group has not."""
    return of(
        group, because(f"not put: {few(names)}", f"only the record has {fits(names, 'it', 'them')}, {other} does not")
    )


@example(GREEN, ("cpu-high",), ("a policy of web-other",))
@example(GREEN, ("cpu-high", "cpu-low"), ())
def not_its_alarm(group: str, alarms: Collection[str], acts_through: Collection[str]) -> str:
    """The record says that alarms are a group's, and they act for somebody else, or for nobody."""
    acts = f"{fits(alarms, 'it acts', 'they act')} through {few(acts_through) or 'no policy'}"
    are = fits(alarms, "is its alarm", "are its alarms")
    return of(group, f"only the record says that {few(alarms)} {are}; {acts}")


@example(IDS[:1], BLUE)
@example(IDS, BLUE)
def were_no_members(ids: Collection[str], old: str) -> str:
    """Instances would be terminated of which AWS does not know that they were in the group."""
    were = fits(ids, "it was", "they were")
    return because(f"not terminated: {few(ids)}", f"AWS's activities do not show that {were} in {old}")


# ---- the groups' tags ----


@example("deploy", "v3", "ana@laptop", ID)
def another_is_in_charge(goal: str, image: str, by: str, release: str) -> str:
    """Another record has adopted the release, or has begun one since."""
    return f"by the groups' tags the {goal} of {as_word(image)} by {as_word(by)} is in charge ({release})"


@example(f"by the groups' tags the deploy of v3 by ana@laptop is in charge ({ID})", GREEN)
def watched(told: str, new: str) -> str:
    """Nothing may be done for a release, and its bake is not over: what fails by then is still taken back."""
    return f"{told}; {new} is watched until the bake ends"


@example(BLUE, "bluegreen:was", "v1", "v9")
@example(BLUE, "bluegreen:was", "v1", "")
def tag_and_record_differ(group: str, key: str, tag: str, record: str) -> str:
    """Of what never changes in a release the tags and the record say different things."""
    return of(group, f"tag {key} is {as_word(tag)}, and the record says {as_word(record) or 'nothing'}")


@example("deploy", "v2", ID, SIDES)
def in_no_tag(goal: str, image: str, release: str, groups: Collection[str]) -> str:
    """A release is on record, and AWS does not show that it was begun."""
    return f"the {goal} of {as_word(image)} ({release}) is named by no tag of {' or '.join(groups)}"


@example("web-green: minimum 0 → 9", "minimum 9", SIDES)
@example("web-green: tag image v2 → v9", "image v9", SIDES)
def on_record_alone(act: str, what: str, groups: Collection[str]) -> str:
    """Nobody has asked for it, and no tag vouches for what an act rests on."""
    why = f"only the record says {what}, no tag of {' or '.join(groups)}"
    return f"held back: {because(act, why)}"


@example(f"HealthCheck of {BLUE}", SIDES)
def suspended_on_record_alone(processes: str, groups: Collection[str]) -> str:
    """A process would be suspended since the record says that it was."""
    return f"only the record says that {processes} was suspended before the release, no tag of {' or '.join(groups)}"


@example()
def does_not_fit_its_seal() -> str:
    """The record was written by somebody else, or was put back from a copy."""
    return "the record does not fit the seal in the groups' tags"


@example("the record does not fit the seal in the groups' tags")
def fewer_serve_than_parked(why: str) -> str:
    """What is parked is to come back though nobody has asked for it."""
    return f"fewer serve than are parked, and {why}"


# ---- the switch ----


@example(BLUE, 2)
def switch_never_was(old: str, serving: int) -> str:
    """The record says that the traffic has moved, and more of old serve than were ever parked."""
    serve = fits(serving, "instance serves", "instances serve")
    return of(old, f"{serving} {serve}, and the record says that the traffic has moved")


@example("v2", ID, 600.0)
def cannot_have_baked(image: str, release: str, bake: float) -> str:
    """A finish would retire what is parked sooner than any release can be over."""
    return f"{image} was deployed, says the record, but was begun ({release}) less than {duration(bake)} ago"


# ---- what is needed ----


@example("web-green: minimum 2 → 0, maximum 4 → 0", 1, 3, "web-tg")
def enough_on_record_alone(act: str, left: int, healthy: int, balancer: str) -> str:
    """Healthy instances would go, and only the record says that those that stay are enough."""
    why = f"{left} of {healthy} healthy would remain in {balancer}; only the record says that is enough"
    return f"held back: {because(act, why)}"
