"""What speaks against a deployment to a pair, before anything is written, and what is warned of."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bluegreen.sentences.examples import example
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN, IDS
from bluegreen.words import fits, plural, they

TG = "web-tg"

# ---- which group serves ----


def _has(group: str, instances: int, registered: int, parked: int) -> str:
    """What one group has, as a part of a refusal."""
    standby = f", {parked} in Standby" if parked else ""
    return f"{group} has {plural(instances, 'instance')} ({registered} in the load balancer{standby})"


@example(((BLUE, 4, 4, 0), (GREEN, 3, 0, 3)))
def each_has(groups: Iterable[tuple[str, int, int, int]]) -> str:
    """What both groups have."""
    return "; ".join(_has(*group) for group in groups)


@example("web-blue has 4 instances (0 in the load balancer); web-green has 0 instances (0 in the load balancer)")
def unclear_who_serves(facts: str) -> str:
    """Instances are there, and it cannot be said which group is live."""
    return f"it is not clear which group serves: {facts}"


@example("web-blue has 0 instances (0 in the load balancer); web-green has 0 instances (0 in the load balancer)")
def nothing_serves_yet(facts: str) -> str:
    """A first deployment says how many instances it begins with."""
    return f"nothing serves yet: {facts}"


@example(BLUE)
def serves_already(live: str) -> str:
    """How many instances a first deployment begins with is said to a pair that serves."""
    return f"{live} serves already: --capacity is for an empty pair"


# ---- tags ----


@example(BLUE, "image", ("app", "stage"))
@example(BLUE, "image", ())
def no_image_tag(group: str, key: str, tags: Collection[str]) -> str:
    """What serves has no tag of that name: another one is meant."""
    own = ", ".join(sorted(tags)) or "none"
    return f"{group} has no tag {key}, where its instances are to read their version; its tags: {own}"


@example(BLUE, 46, 6, 50)
def too_many_tags(group: str, has: int, more: int, most: int) -> str:
    """A group has no room for the tags of a release."""
    return f"{group} has {has} tags, and a release adds {more}: AWS allows {most}"


@example(IDS[:1], 50)
@example(IDS, 50)
def no_room_for_the_mark(ids: Collection[str], most: int) -> str:
    """Instances have no room for the tag by which a finish knows them."""
    have = they(ids, "has", "have")
    return f"{have} {most} tags, as many as EC2 allows: a finish cannot mark {fits(ids, 'it', 'them')}"


# ---- a group ----


@example(BLUE)
def is_being_deleted(group: str) -> str:
    """Nothing can be deployed to it."""
    return f"{group} is being deleted"


@example(GREEN)
def has_a_warm_pool(group: str) -> str:
    """What waits there would serve with a version of before."""
    return f"{group} has a warm pool: its instances started under another image tag"


@example(GREEN)
def is_refreshing(group: str) -> str:
    """It replaces instances on its own."""
    return f"an instance refresh of {group} is under way"


@example(GREEN, 2)
@example(GREEN, 1)
def standby_unexplained(group: str, count: int) -> str:
    """Instances are parked, and nothing is on record."""
    return (
        f"{plural(count, 'instance')} of {group} {fits(count, 'is', 'are')} in Standby and no release explains "
        f"{fits(count, 'it', 'them')}"
    )


@example(BLUE)
def protected(live: str) -> str:
    """A finish terminates by EC2, which no scale-in protection stops."""
    return f"instances of {live} are protected from scale-in; a finish terminates them all the same"


@example("i-0b7130fd5c2c12e64 of web-blue is Quarantined, which does not end by itself", BLUE, 1)
def kept_there(told: str, live: str, count: int) -> str:
    """What stays in a group that is to be emptied is in the way of the next deployment."""
    return f"{told}: {fits(count, 'it is', 'they are')} kept there once {live} is idle, and no deployment can begin"


@example(BLUE, ("AlarmNotification",), GREEN)
def suspended_will_be_too(live: str, processes: Collection[str], idle: str) -> str:
    """The owner's own suspensions go over to whoever serves."""
    listed, are = ", ".join(sorted(processes)), fits(processes, "is", "are")
    return f"{listed} of {live} {are} suspended and will be on {idle}, too"


@example(BLUE, "$Latest")
def launches_the_newest(group: str, version: str) -> str:
    """What comes back after a rollback need not be what ran."""
    return (
        f"{group} launches from version {version} of its launch template: what it launches in a deployment, or after a "
        "rollback, is of the template as it is then"
    )


# ---- sizes ----


@example(4, 4, 4)
def nothing_can_move(desired: int, least: int, most: int) -> str:
    """The limits leave no room for a single instance."""
    limits = f"at least {least} serving and at most {most} running"
    return f"with {plural(desired, 'instance')}, {limits}, nothing can ever move"


@example(BLUE, 8)
def at_its_maximum(live: str, maximum: int) -> str:
    """A deployment does not mind, and load that grows does."""
    return f"{live} is at its maximum of {maximum}: it cannot scale out while it is live"


# ---- load balancers ----


@example(BLUE, GREEN, "web-a, web-b")
def other_balancers(live: str, idle: str, differ: str) -> str:
    """Both groups have to be behind the same ones."""
    return f"{live} and {idle} are not attached to the same balancers: {differ}"


@example(("web-x",))
def no_such_balancer(names: Collection[str]) -> str:
    """A person sets aside what the pair does not have."""
    return f"no balancer of the pair is called {', '.join(names)}"


@example(BLUE, TG, 2)
def health_unknown(live: str, balancer: str, count: int) -> str:
    """A load balancer does not answer."""
    return f"{balancer} does not tell whether {plural(count, 'instance')} of {live} {fits(count, 'is', 'are')} healthy"


@example(BLUE, TG)
def nothing_healthy(live: str, balancer: str) -> str:
    """New is given the time of its checks to be the first that is."""
    return f"no instance of {live} is healthy in {balancer}: it does not count unless new is healthy there"


@example(BLUE, 4, 3, TG)
def fewer_healthy(live: str, desired: int, healthy: int, balancer: str) -> str:
    """A release counts what was healthy, for each load balancer alone."""
    there = f"{healthy} {fits(healthy, 'is', 'are')} healthy in {balancer}"
    return f"desired of {live} is {desired}, and {there}: a release needs {healthy} new ones there"


@example(TG)
def gets_no_requests(balancer: str) -> str:
    """No listener leads to a target group."""
    return f"{balancer} gets no requests: no load balancer uses it"


@example(TG, 300.0)
def drains_long(balancer: str, drain: float) -> str:
    """What leaves is waited for."""
    return f"{balancer} drains for {drain:.0f} s: a finish, and an instance that goes, takes as long"


@example(TG, 30.0, 180.0)
def drains_short(balancer: str, drain: float, lingers: float) -> str:
    """A network load balancer is slow to send elsewhere."""
    return (
        f"{balancer} drains for {drain:.0f} s, and a network load balancer may send connections for {lingers:.0f} s to "
        "what was taken out: those to an instance that its group ends are lost"
    )


@example(BLUE, 30, 60.0, TG)
def grace_too_short(group: str, grace: float, needed: float, balancer: str) -> str:
    """A group that asks the load balancer ends what has had no time to get well."""
    return (
        f"the health check grace period of {group} is {grace} s, shorter than the {needed:.0f} s that {balancer} needs"
    )


# ---- deadlines ----


@example(60.0, 180.0)
def progress_too_short(deadline: float, needed: float) -> str:
    """No launch can be in time."""
    return (
        f"the progress deadline of {deadline:.0f} s is shorter than the {needed:.0f} s that a launch of this pair takes"
    )


@example(300.0, 600.0, 1)
@example(300.0, 1800.0, 3)
def deadline_too_short(deadline: float, needed: float, launches: int) -> str:
    """No deployment can be in time."""
    takes = "a launch of this pair takes" if launches == 1 else f"{launches} launches, one after the other, take"
    return (
        f"the deadline of {deadline:.0f} s is shorter than the {needed:.0f} s that {takes}, with the time for which "
        "instances have to stay healthy first"
    )


# ---- alarms that guard a release ----


@example("web-5xx")
def no_such_alarm(name: str) -> str:
    """The configuration names an alarm that there is not."""
    return f"there is no alarm {name} in this region"


@example("web-5xx")
def fires_already(name: str) -> str:
    """A hotfix is deployed while an alarm fires."""
    return f"the alarm {name} fires already: it does not guard a release that begins now"


@example("web-green-5xx", "web-blue-5xx")
def guard_is_renamed(name: str, then: str) -> str:
    """An alarm that guards releases moves with the policies that it acts for."""
    return f"the alarm {name} guards releases, and will be called {then} when this one is finished"


# ---- scaling settings ----


@example(BLUE, "forecast")
def predictive(group: str, policy: str) -> str:
    """A predictive policy would scale the idle side, too."""
    return f"the predictive policy {policy} of {group} scales"


@example(BLUE)
def terminating_hooks(live: str) -> str:
    """What is detached meets no hook of its group."""
    return f"{live} has terminating lifecycle hooks: a finish detaches first, and skips them"


@example(BLUE, GREEN, "cpu-out")
def no_twins(live: str, idle: str, difference: str) -> str:
    """Scaling would change with the side."""
    return f"{live} and {idle} differ in scaling policies and scheduled actions: {difference}"


@example((BLUE, GREEN), "launch template", "what instances are launched from changes with the side")
def differ_in(groups: Collection[str], what: str, why: str) -> str:
    """What serves would change in something with every deployment."""
    return f"{' and '.join(groups)} differ in {what}: {why}"


@example(GREEN)
def schedules_at_work(idle: str) -> str:
    """An idle group with schedules has to have them suspended."""
    return f"the scheduled actions of {idle} are not suspended: they would launch instances"


@example(BLUE, "alarm", "cpu-high", GREEN)
def follows_the_other(group: str, kind: str, name: str, other: str) -> str:
    """A setting looks at the other group's metrics."""
    return f"the {kind} {name} of {group} follows the metrics of {other}: it does nothing for {group}"


@example(BLUE, "alarm", "cpu-high", "Stack=web-green", GREEN)
def may_follow_the_other(group: str, kind: str, name: str, dimension: str, other: str) -> str:
    """A setting looks at a dimension of the owner's own, which may be the other group's."""
    follows = f"the {kind} {name} of {group} follows {dimension}"
    return f"{follows}: where that is the group {other}, it does nothing for {group}"


@example(BLUE, "alarm", "cpu-high", "Stack=web-blue", GREEN)
def cannot_be_copied(group: str, kind: str, name: str, dimension: str, other: str) -> str:
    """Whether a copy is to look at the same, only the owner knows."""
    follows = f"the {kind} {name} of {group} follows {dimension}"
    return f"{follows}: a copy on {other} is to follow the same, or its own, and nothing says which"


@example("cpu-high", "a policy of web-other")
def acts_elsewhere(name: str, policy: str) -> str:
    """An alarm that acts for another group, too, cannot move."""
    return f"the alarm {name} acts through a policy of another group, too, and cannot be moved: {policy}"


@example("web-green-cpu", "web-blue-cpu")
def name_is_taken(copy: str, name: str) -> str:
    """A copy would be put over somebody else's alarm."""
    return f"there is an alarm {copy} already: so the copy of {name} would be called"


@example("web-green-cpu")
def name_too_long(copy: str) -> str:
    """CloudWatch would not take it."""
    return f"the copy of an alarm would be called {copy}: too long"


@example("web-blue-cpu", "web-green-cpu", ("web-down",))
def named_in_a_rule(name: str, then: str, composites: Collection[str]) -> str:
    """A composite alarm names one that would be deleted."""
    rules = f"the {fits(composites, 'rule', 'rules')} of {they(composites, 'names', 'name')} it"
    return f"the alarm {name} would move to {then}, and {rules}: CloudWatch deletes no alarm that a rule names"


@example(BLUE, ("cpu-out",))
def demand_not_told(live: str, policies: Collection[str]) -> str:
    """A metric that both groups share tells of neither."""
    return (
        f"what {', '.join(policies)} of {live} would want cannot be told while both groups share the load: the larger "
        "desired capacity of both is kept"
    )


@example(BLUE, "noon", 120.0)
def schedule_is_due(live: str, name: str, seconds: float) -> str:
    """A scheduled action will change sizes in the middle of a deployment."""
    due = f"the scheduled action {name} of {live} is due in {seconds:.0f} s"
    return f"{due}: a deployment that begins now follows it"
