"""What keeps a pair from going on until AWS, or a person, has done something."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, few, of
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN, IDS
from bluegreen.words import are, as_word, fits, plural, the, they

# ---- a group ----


@example(GREEN, ("Launch",))
@example(GREEN, ("AddToLoadBalancer", "Launch"))
def are_suspended(group: str, processes: Collection[str]) -> str:
    """Processes that are needed are suspended."""
    return f"{', '.join(sorted(processes))} of {group} {fits(processes, 'is', 'are')} suspended"


@example(GREEN, 3, "Pending:Wait", "launch hook", ("scan",))
@example(GREEN, 1, "Terminating:Wait", "terminating hook", ())
def hook_holds(group: str, count: int, state: str, hook: str, names: Collection[str]) -> str:
    """Lifecycle hooks hold instances."""
    which = the(hook, names) if names else f"a {hook}"
    return f"{plural(count, 'instance')} of {group} {fits(count, 'waits', 'wait')} in {state} for {which}"


@example(GREEN, IDS[:1], ("Standby",))
@example(GREEN, IDS, ("Quarantined", "Standby"))
def lasting(group: str, ids: Collection[str], states: Collection[str]) -> str:
    """Members are in a state that nothing but a person ends."""
    return f"{few(ids)} of {group} {fits(ids, 'is', 'are')} {' and '.join(states)}, which does not end by itself"


@example(GREEN, 2)
def in_standby(group: str, count: int) -> str:
    """A group that is to be emptied has instances in Standby."""
    return f"{group} has {plural(count, 'instance')} in Standby, which its own scale-in never takes"


@example(GREEN, 0, 0)
@example(GREEN, 1, 2)
def not_empty(group: str, launching: int, leaving: int) -> str:
    """A group that is to be emptied has instances yet."""
    parts = ((launching, "launching"), (leaving, "leaving"))
    told = " and ".join(f"{are(count, 'instance')} still {word}" for count, word in parts if count)
    return f"{group} is not empty{': ' if told else ''}{told}"


# ---- load balancers ----


@example(GREEN)
def behind_nothing(group: str) -> str:
    """A group is attached to no load balancer that exists."""
    return f"no load balancer can send requests to {group}"


@example(GREEN, "target group", "web-tg")
def balancer_is_gone(group: str, kind: str, balancer: str) -> str:
    """A group is attached to what somebody has deleted."""
    return f"the {kind} {balancer}, to which {group} is attached, does not exist"


@example(BLUE, "web-tg", GREEN, True)
@example(GREEN, "web-tg", BLUE, False)
def not_attached(group: str, balancer: str, other: str, was: bool) -> str:
    """Somebody has taken a group off a load balancer, or has attached the other one alone."""
    return f"{group} is not attached to {balancer}{' any more' if was else ''}, and {other} is"


@example(GREEN, 2, "web-tg")
def not_registered(group: str, count: int, balancer: str) -> str:
    """Nothing has registered what came into service."""
    who = f"{plural(count, 'instance')} of {group} {fits(count, 'is', 'are')}"
    return f"{who} in service and not registered in {balancer}"


@example("2 instances of web-green")
@example("1 other")
def shifted(whom: str) -> str:
    """A zonal shift keeps requests from instances; the end of a sentence."""
    return f"; a zonal shift keeps requests from {whom}"


@example(("web-api",))
def unknown_whether_any(balancers: Collection[str]) -> str:
    """A load balancer in which nothing was healthy does not answer."""
    return f"it is not known whether anything is healthy in {', '.join(balancers)}"


@example(GREEN, ("web-api",))
def not_yet_the_first(new: str, balancers: Collection[str]) -> str:
    """New has the time of its checks to be the first that is healthy somewhere."""
    return of(new, because(f"not healthy in {', '.join(balancers)} yet", "nothing was before"))


@example(BLUE, GREEN, ("web-api",))
def passed_by(old: str, new: str, balancers: Collection[str]) -> str:
    """The time is over: the release goes on without that load balancer."""
    return f"no instance of {old} or {new} is healthy in {', '.join(balancers)}: it does not count from now on"


# ---- a rollback that cannot take new away ----


@example(GREEN, BLUE)
def nothing_to_lose(new: str, old: str) -> str:
    """New is healthy nowhere, and stays until old is."""
    return of(new, because("healthy nowhere, stays for now", f"it goes once {old} is healthy wherever it was before"))


@example(BLUE, GREEN)
def not_where_new_serves(old: str, new: str) -> str:
    """Old has to hold each load balancer that new serves."""
    return of(old, f"not healthy yet where {new} serves")


@example(BLUE, ("web-api",), GREEN)
def never_where_new_serves(old: str, balancers: Collection[str], new: str) -> str:
    """Old has never been healthy where new is: taken away, nothing would serve there."""
    where = ", ".join(balancers)
    return of(new, because("not taken away", f"{old} was never healthy in {where}, where {new} serves; both serve"))


@example(BLUE, ("web-api",), GREEN)
def off_where_new_serves(old: str, balancers: Collection[str], new: str) -> str:
    """Somebody has taken old off a load balancer: taken away, nothing would serve there."""
    where = ", ".join(balancers)
    return of(
        new, because("not taken away", f"{old} is not attached to {where} any more, where {new} serves; both serve")
    )


# ---- what is parked ----


@example(BLUE, IDS, "are stopped")
@example(BLUE, IDS[:1], "is not known to EC2")
def lost(old: str, ids: Collection[str], what: str) -> str:
    """Parked instances do not run, or are no members any more."""
    fresh = f"a rollback launches {fits(ids, 'a fresh one', 'fresh ones')} in place of what is needed"
    return f"{few(ids)} of {old}, parked for a rollback, {what}; {fresh}"


@example(BLUE, IDS[:1])
def impaired(old: str, ids: Collection[str]) -> str:
    """Parked instances run, and EC2 says that something is wrong with them."""
    fail, it = fits(ids, "fails", "fail"), fits(ids, "it", "them")
    told = f"{few(ids)} of {old}, parked for a rollback, {fail} EC2's status checks"
    return f"{told}: back in service, its group may replace {it}"


@example("3 instances of web-green wait in Pending:Wait for the launch hook scan")
def rollback_waits(told: str) -> str:
    """A rollback empties new, and what a hook holds does not leave."""
    return f"{told}, and the rollback waits until they are gone"


@example(BLUE)
def being_deleted(old: str) -> str:
    """Somebody is deleting the group that a rollback goes back to."""
    return f"{old} is being deleted: nothing comes back"


@example("Launch of web-blue is suspended")
def cannot_come_back(why: str) -> str:
    """A process is suspended without which nothing leaves Standby."""
    return f"{why}, so parked instances cannot come back"


@example("Terminate of web-green is suspended")
def would_serve_on(why: str) -> str:
    """A process is suspended without which new does not leave."""
    return f"{why}, so its instances would serve on beside those that come back"


@example(BLUE, "image", "v9", "v1")
@example(BLUE, "image", None, "v1")
def tag_is_another(old: str, key: str, tag: str | None, image: str) -> str:
    """A rollback puts the tag right."""
    says = "is not there" if tag is None else f"says {as_word(tag)}"
    return f"the tag {key} of {old} {says}, and its instances run {image}; a rollback writes that back"


@example(BLUE, 2, 6)
def maximum_too_low(old: str, maximum: int, room: int) -> str:
    """A rollback raises the maximum."""
    told = f"somebody set the maximum of {old} to {maximum}, and what is parked needs {room}"
    return f"{told}; a rollback raises it first"


@example(BLUE)
def attached_to_nothing(old: str) -> str:
    """Parked instances would come back, and get no requests."""
    return f"{old} is attached to no load balancer"


# ---- parked instances that cannot go ----


@example(GREEN)
def only_parked_could_serve(new: str) -> str:
    """The owner wants no instance of what serves: what is parked is all that there is."""
    return f"desired of {new} is 0: only parked instances could serve"


@example("alarm web-5xx is in ALARM")
def may_be_needed(why: str) -> str:
    """A finish waits while an alarm fires."""
    return f"{why}: the parked instances may be needed"


@example(BLUE, IDS[:1], "")
@example(BLUE, IDS[:1], "a user request executed SetDesiredCapacity")
def came_back_twice(old: str, ids: Collection[str], cause: str) -> str:
    """What was parked again is in service once more."""
    return of(old, because(f"{few(ids)} came into service again, the second time since the switch", cause))


@example(2)
def still_in_balancer(count: int) -> str:
    """Detached instances still get requests."""
    return f"{are(count, 'detached instance')} still in the load balancer"


@example(2)
def lingers(count: int) -> str:
    """A network load balancer ends connections late."""
    return f"a network load balancer may still send requests to {plural(count, 'instance')}"


@example(2)
def tag_not_seen(count: int) -> str:
    """The tag was put a moment ago."""
    return f"AWS does not show the tag of {plural(count, 'detached instance')} yet"


@example(2)
def activities_not_seen(count: int) -> str:
    """The detachment was a moment ago."""
    return f"AWS does not show the activities of {plural(count, 'detached instance')} yet"


@example(IDS[:1], "web:20261129-211157-34bb")
def listed_without_tag(ids: Collection[str], release: str) -> str:
    """Somebody has removed the tag by which an instance is known to be the release's."""
    return f"{they(ids, 'is', 'are')} on the list of release {release}, without its mark"


@example(BLUE, IDS[:1])
def no_member_of(old: str, ids: Collection[str]) -> str:
    """AWS does not know that listed instances were in the group."""
    were = fits(ids, "was an instance", "were instances")
    return f"the record says that {', '.join(ids)} {were} of {old}, and AWS knows no such member of it"
