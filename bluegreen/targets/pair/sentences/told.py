"""What the groups' tags and the record tell of a release when they are read, and how what serves stands at rest."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import both, few
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN, IDS
from bluegreen.words import as_word, fits, plural, shown, they

ID = "web:20261129-211157-34bb"
SIDES = (BLUE, GREEN)
MARK = "bluegreen:retire"

# ---- the groups' tags name a release ----


@example(SIDES, "deploy", "v9", "bob@ci", ID)
def not_known_here(groups: Collection[str], goal: str, image: str, by: str, release: str) -> str:
    """Another record has the release, or has lost it."""
    what = f"the {goal} of {as_word(image)} by {as_word(by)} ({release})"
    return f"{both(groups)} are in a release that this record does not know: {what}"


@example(BLUE, "bluegreen:release", "shop:1")
def nobodys(group: str, key: str, value: str) -> str:
    """A tag names no release that the service can have."""
    return f"{group}: tag {key} is {shown(value)}, which is no release of this service"


@example(ID)
def has_ended(release: str) -> str:
    """A release is to be taken in that is over."""
    return f"{release} has ended, says this record; only its tags were left"


@example(SIDES)
def nothing_to_adopt(groups: Collection[str]) -> str:
    """No tag names a release."""
    return f"the tags of {both(groups)} name no release, there is nothing to adopt"


@example(SIDES)
def not_of_one(groups: Collection[str]) -> str:
    """The two groups name different releases, or one names none."""
    return f"the tags of {both(groups)} are not those of one release"


@example("v2", BLUE, 2)
def served_before(image: str, old: str, instances: int) -> str:
    """By its tags a release is the first, and what is there says otherwise."""
    says = f"the groups' tags say that nothing served before {image}"
    return f"{says}, and {old} has {plural(instances, 'instance')}"


@example(("capacity is not within 1 and 10000: 0",))
def cannot_be(faults: Collection[str]) -> str:
    """No release can be as the tags say."""
    return f"no release can be as the groups' tags say: {'; '.join(faults)}"


@example(BLUE, "bluegreen:side", "old 1/2")
def not_written_by_us(group: str, key: str, value: str | None) -> str:
    """A newer version has written a tag, or somebody else has."""
    return f"the tag {key} of {group} is not one that this version writes: {shown(value)}"


@example("bluegreen:terms")
def terms_not_written_by_us(key: str) -> str:
    """The same of the tag with a release's terms."""
    return f"the tag {key} is not one that this version writes"


@example()
def over_on_record() -> str:
    """AWS may not show yet that the tags were removed."""
    return "looking again, for a minute: the tags name a release that is over on record"


@example("v1", ID, (BLUE,))
@example("v1", ID, ())
def not_over(image: str, release: str, parked: Collection[str]) -> str:
    """Nothing is open on record, and the groups are in the middle of a release."""
    still = f"instances of {both(parked)} are still parked" if parked else "both groups have instances"
    return f"nothing is open on record, and {still}; the groups' tags name {image} ({release}): nothing was changed"


@example("deploy", "v2")
def looked_for_again(goal: str, image: str) -> str:
    """A release was begun a moment ago, and its tags are not to be seen yet."""
    return f"looking again, for a minute at most: no tag of the groups names the {goal} of {image} yet"


@example("bluegreen:taken-up", "AWS does not answer")
def tag_not_put(key: str, why: str) -> str:
    """AWS does not take a tag by which it would be known how old its answers are."""
    return f"the tag {key} cannot be put ({why}): AWS's answers may be old ones for a minute"


@example()
def taken_up_not_seen() -> str:
    """AWS's answers are older than the moment at which the command began."""
    return "AWS does not show yet that the release was taken up"


@example()
def another_seal() -> str:
    """Another command has written the groups' tags meanwhile."""
    return "nothing was done: the seal in the groups' tags is another one than a moment ago"


@example()
def too_old() -> str:
    """The record took so long that the look is no basis any more."""
    return "the look is too old by now, for what the record took"


@example()
def asking_again() -> str:
    """AWS does not answer a look with which a command begins."""
    return "AWS is busy or does not answer; asking again"


@example(("web-tg",))
@example(("web-a", "web-b"))
def do_not_answer(balancers: Collection[str]) -> str:
    """Load balancers do not answer, and nothing is begun without them."""
    return f"{they(balancers, 'does not', 'do not')} answer"


# ---- a release goes back ----


@example("v2")
def goes_back(image: str) -> str:
    """The seal says so, and the record is older."""
    return f"the groups' tags say that {image} is to be taken back"


@example("v2")
def goes_back_not_yet(image: str) -> str:
    """A look beside it sees the same."""
    return f"{goes_back(image)}, and the record does not yet"


@example("AWS does not answer", "v2", False)
@example("AWS does not answer", "v2", True)
def back_on_record(why: str, image: str, stopped: bool) -> str:
    """A rollback was put on record while AWS was silent."""
    recorded = f"{why}; that {image} is taken back is on record"
    if stopped:
        return f"{recorded}, and was stopped before: ask for it again once AWS answers"
    return f"{recorded}, and `bluegreen cleanup` does it, too, once AWS answers"


@example("v2", False)
@example("v2", True)
def stopped_on_record(image: str, before: bool) -> str:
    """Ctrl-C came in that silence."""
    again = ": it was stopped before, so ask for it again" if before else ""
    return f"stopped; that {image} is taken back is on record, and nothing was done yet{again}"


@example("the record does not answer", "v2")
def back_in_the_tags(why: str, image: str) -> str:
    """The record is away; the tags have the rollback."""
    return f"{why}; {goes_back(image)}: it will be"


@example("the record does not answer", "v2")
def back_nowhere(why: str, image: str) -> str:
    """Neither of both has taken it."""
    return f"{why}; neither tags nor record have confirmed that {image} is to be taken back: ask for it again"


@example("AWS does not answer")
def keep_not_on_record(why: str) -> str:
    """A finish goes on as it was on record."""
    return f"{why}; the record does not say yet that what is detached is kept"


# ---- instances with a mark ----


@example(IDS[:1])
@example(IDS)
def marked_elsewhere(ids: Collection[str]) -> str:
    """Instances of another group carry the mark."""
    left = fits(ids, "is in a group: it is", "are in a group: they are")
    return f"{few(ids)} {fits(ids, 'has', 'have')} its mark too, and {left} left alone"


@example("i-0b7130fd5c2c12e64 (of the group web-blue, 30.5 h old)")
def may_they_go(listed: str) -> str:
    """What a person is asked before a release is taken in."""
    return f"its mark is on {listed}: may a finish or a rollback terminate them?"


@example(IDS, MARK)
def left_over(ids: Collection[str], mark: str) -> str:
    """Instances of a past release run on, in no group."""
    carry, are = fits(ids, "carries", "carry"), fits(ids, "is", "are")
    return f"{', '.join(ids)} {carry} the mark {mark} and {are} in no group and no balancer"


@example()
def tags_removed() -> str:
    """Cleanup has taken off what a past release has left."""
    return "removed tags left over from an earlier release"


# ---- a release that is closed on record ----


@example("bluegreen:seal")
def sealed_as_closed(key: str) -> str:
    """No record from before fits any more."""
    return f"the groups' tags say that it is closed ({key})"


@example("AWS does not answer")
def may_still_fit(why: str) -> str:
    """AWS has not taken the tag that says so."""
    return f"the groups' tags may still fit a record from before ({why}): put back, it would be carried on"


# ---- limits ----


@example("v2", "50/150", "100/200", ())
@example("v2", "", "", ("web-api",))
def may_leave_fewer(image: str, limits: str, configured: str, without: Collection[str]) -> str:
    """Whether as few may serve as the record says, a person says again."""
    fewer = f"fewer may serve ({limits}) than is configured ({configured})" if limits else ""
    aside = f"it does without {', '.join(without)}, where instances are healthy" if without else ""
    return f"the record says of the deploy of {image} that {' and '.join(filter(None, (fewer, aside)))}"


# ---- how what serves stands at rest ----


@example(BLUE, 1, GREEN, 2)
@example(BLUE, 2, GREEN, 0)
def other_serves(old: str, serving: int, new: str, beside: int) -> str:
    """The group that is to be parked serves, beside the other one or alone."""
    told = f"{plural(serving, 'instance')} of {old} {'serve' if serving > 1 else 'serves'}"
    return f"{told}, " + (f"beside {beside} of {new}" if beside else f"and none of {new} is in a load balancer")


@example("1 instance of web-blue serves, beside 2 of web-green", BLUE, 1)
def since_minimum(told: str, old: str, minimum: int) -> str:
    """Somebody has raised the parked group's minimum."""
    return f"{told}: the minimum of {old} is {minimum}" if minimum else told


@example(BLUE)
def unknown_whether_serves(old: str) -> str:
    """A load balancer does not answer."""
    return f"whether {old} serves is not known"


@example(GREEN)
def none_registered(new: str) -> str:
    """What is to serve gets no requests."""
    return f"no instance of {new} is in a load balancer"


@example(GREEN, "image", "v1")
@example(GREEN, "image", None)
def next_runs(new: str, key: str, tag: str | None) -> str:
    """The tag of what serves was changed."""
    says = as_word(f"{tag}")
    return f"the tag {key} of {new} says {says}: its next launch runs {says if tag else 'nothing'}"


@example("web-green: 1 of 2 healthy", 60.0, ("web-tg",))
@example("", 60.0, ())
def not_agreed(fact: str, seconds: float, balancers: Collection[str]) -> str:
    """Looks do not agree for as long as is waited."""
    who = f": {they(balancers, 'does', 'do')} not know" if balancers else ""
    return f"nothing was changed: {fact or 'the looks do not agree'}, for {seconds:.0f} s{who}"


@example("no instance of web-green is in a load balancer")
def unchanged(fact: str) -> str:
    """What is seen speaks against what was asked for."""
    return f"{fact}; nothing was changed"


@example(GREEN, "")
def stay_parked(new: str, shift: str) -> str:
    """Cleanup retires nothing while what serves is sick."""
    return f"no instance of {new} is healthy{shift}: the parked instances stay"


@example("v2", f"{IDS[0]} of {BLUE}, parked for a rollback, is stopped", "")
def not_whole(image: str, rotten: str, slower: str) -> str:
    """Cleanup tells when the way back rots."""
    return f"the way back from {image} is not whole: {rotten}{slower}"
