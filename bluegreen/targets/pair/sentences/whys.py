"""Why a pair's acts are due: what stands in brackets behind the act. Each is short, and nothing in it is told twice."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN
from bluegreen.words import fits, plural

# ---- sizes ----


@example(2, 0)
@example(2, 2)
def must_have(instances: int, desired: int) -> str:
    """A minimum is raised: what it launches, or what it holds."""
    if instances > desired:
        return f"launches {plural(instances - desired, 'instance')}"
    return f"must keep {plural(instances, 'instance')}"


@example()
def must_not_scale_in() -> str:
    """Old's minimum is raised to its desired capacity while both share the load."""
    return "must not scale in meanwhile"


@example(6)
def room_for(instances: int) -> str:
    """A maximum is raised before instances come back."""
    return f"room for {plural(instances, 'instance')}"


@example()
def standby_needs_it() -> str:
    """Old's minimum goes: EnterStandby fails below it."""
    return "Standby needs it"


@example(1, "v1")
def would_launch(instances: int, image: str) -> str:
    """Old's sizes go: what died on the way to Standby would be replaced."""
    return f"it would launch {plural(instances, 'instance')}{of_image(image)}"


@example(2, 4, 2)
def removes(instances: int, healthy: int, needed: int) -> str:
    """New's sizes go down in a rollback: how many leave, and who is left to serve."""
    return f"removes {plural(instances, 'instance')}; {healthy} healthy, {needed} needed"


@example(1)
def removes_all(instances: int) -> str:
    """A group's sizes go to nothing."""
    return f"removes {plural(instances, 'instance')}"


@example(("minimum",))
@example(("minimum", "maximum"))
def the_services_own(sizes: Collection[str]) -> str:
    """Who serves alone gets the service's own sizes."""
    return f"the service's own {' and '.join(sizes)}"


@example()
def as_before() -> str:
    """A side gets back what it had when the release began."""
    return "as before the release"


@example()
def idle_again() -> str:
    """Old gets what an idle group has, at the end of a finish."""
    return "idle again"


# ---- processes ----


@example()
def until_it_takes_over() -> str:
    """New's own scaling is suspended while it comes up."""
    return "until it takes over"


@example(GREEN)
def scales_now(group: str) -> str:
    """One side's scaling is resumed, and the other's suspended."""
    return f"{group} scales the service now"


@example()
def while_it_empties() -> str:
    """New's own scaling is suspended while a rollback empties it."""
    return "while it is emptied"


@example()
def zones_again() -> str:
    """Zone balancing is resumed once a side serves alone."""
    return "its zones are balanced again"


@example()
def as_the_service() -> str:
    """New's processes become those of the service at the end of a finish."""
    return "as the service has it"


@example()
def while_empty() -> str:
    """What ends instances is resumed before any are there."""
    return "while it is empty: resumed later, it may end instances that serve"


# ---- instances ----


@example(1)
@example(2)
def came_back(instances: int) -> str:
    """Old instances appeared again after the switch."""
    return f"{fits(instances, 'it', 'they')} came back after the switch"


@example("EnterStandby")
def had_no_effect(operation: str) -> str:
    """AWS took an action, and nothing of it is seen: it is sent again."""
    return f"{operation} had no effect"


@example(1)
def still_draining(instances: int) -> str:
    """A rollback registers again what the load balancer has not let go of yet."""
    return f"{fits(instances, 'it is', 'they are')} still draining"


@example(2)
def nothing_registered(instances: int) -> str:
    """What came into service while AddToLoadBalancer was suspended is registered by hand."""
    return f"in service, and nothing has registered {fits(instances, 'it', 'them')}"


@example()
def must_scale_in() -> str:
    """Scale-in protection is removed before new is emptied."""
    return "its scale-in must be able to take them"


@example()
def parked_to_go() -> str:
    """Parked instances are tagged before they are detached."""
    return "parked; they go now"


@example(True)
@example(False)
def detached_to(terminated: bool) -> str:
    """Parked instances leave their group."""
    return "then they are terminated" if terminated else "they stay as they are, in no group"


@example()
def kept_running() -> str:
    """Detached instances that a person keeps lose the tag by which others go."""
    return "kept running, in no group"


@example()
def serves_again() -> str:
    """Instances that came back lose the tag of an interrupted finish."""
    return "back in service"


# ---- tags and settings ----


@example("v2")
def its_instances_run(image: str) -> str:
    """A tag that somebody changed is put right."""
    return f"its instances run {image}"


@example()
def had_none() -> str:
    """A tag goes that was not there before."""
    return "it had none before the release"


@example(())
@example(("TargetValue",))
def lacks(members: Collection[str]) -> str:
    """Scaling settings are copied."""
    return f"it differs in {', '.join(members)}" if members else "not there yet"


@example(GREEN)
def moved_to(group: str) -> str:
    """Old's scaling settings go at the end of a finish."""
    return f"{group} has them now"


@example(BLUE)
def copies_of(group: str) -> str:
    """New's copies go in a rollback."""
    return f"they were copies of what {group} has"


@example(BLUE)
def gone_from(group: str) -> str:
    """What the owner took off the one side goes from the other, too."""
    return f"somebody took it off {group}"


def of_image(image: str | None) -> str:
    """Return of which image instances are, as the end of what tells of them, or nothing where that is not known."""
    return f" of {image}" if image else ""
