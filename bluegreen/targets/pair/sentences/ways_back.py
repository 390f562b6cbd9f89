"""What is told of the instances that are parked for a rollback, below how fast it would be."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import at_distance, duration, seconds_of_day
from bluegreen.sentences.status import back_in
from bluegreen.targets.pair.sentences.acts import BLUE
from bluegreen.words import fits, plural


@example(3, "v1", BLUE, 160.0)
@example(3, "v1", BLUE, None)
def none_left(count: int, image: str, old: str, seconds: float | None) -> str:
    """What was parked is gone."""
    how = "cold" if seconds is None else back_in(seconds)
    return f"{how}: none of the {plural(count, 'instance')} of {image} is left, {old} launches fresh ones"


@example(12.0, 160.0)
def slower(first_s: float | None, all_s: float | None) -> str:
    """What it costs that some of what was parked is gone, as the end of a sentence; nothing where that is not known."""
    if first_s is None or all_s is None or all_s <= first_s:
        return ""
    return f"; a rollback takes {back_in(all_s)} instead of {back_in(first_s)}"


@example(3, "v1", 12.0)
def none_passes(count: int, image: str, seconds: float) -> str:
    """What is parked runs, and is not well."""
    return f"{back_in(seconds)} to {plural(count, 'instance')} of {image}, none of which passes EC2's status checks"


@example(5, "ok", 1_795_953_720.0, "")
@example(1, "ok", 1_795_953_720.0, "")
@example(2, "initializing", 1_795_953_720.0, "")
@example(6, None, 1_795_953_720.0, "permission ec2:DescribeInstanceStatus")
def parked_run(count: int, checks: str | None, at: float, unchecked: str) -> str:
    """What is known of the parked instances that run."""
    run = f"{plural(count, 'parked instance')} {fits(count, 'runs', 'run')}"
    if checks == "ok":
        return f"{run} and {fits(count, 'passes', 'pass')} EC2's status checks ({seconds_of_day(at)})"
    told = f"they say {checks}" if checks else f"not checked: {unchecked}" if unchecked else "they say nothing"
    return f"{run}; EC2's status checks: {told}"


@example(6, "permission ec2:DescribeInstances")
def parked_unknown(count: int, unchecked: str) -> str:
    """Whether parked instances run is not known."""
    return f"whether {plural(count, 'parked instance')} {fits(count, 'runs', 'run')} is not checked: {unchecked}"


@example("i-0af31…81c9", "stopped", 1_795_953_720.0, 1_795_953_960.0)
@example("i-0af31…81c9", "not known to EC2", None, 1_795_953_960.0)
def parked_dead(instance: str, machine: str, since: float | None, now: float) -> str:
    """A parked instance that does not come back."""
    when = "" if since is None else f" since {at_distance(since, now)}"
    return f"{instance} is {machine}{when}: one must be launched"


@example("i-0af31…81c9")
def parked_failing(instance: str) -> str:
    """A parked instance that runs, and is not well."""
    return f"{instance} fails EC2's status checks: back in service, its group may replace it"


@example("i-0af31…81c9")
def parked_left(instance: str) -> str:
    """What was parked is no member any more."""
    return f"{instance} is no member of its group any more: one must be launched"


@example()
def limit_of_checks() -> str:
    """What none of it can tell."""
    return "EC2's checks do not ask the application; the load balancer does, once the instance is back"


WORDS = {
    "exit": ("leaving Standby", "assumed: AWS gives no figure"),
    "checks": ("the load balancer's checks", "from their settings"),
    "launch": ("a launch until it is healthy", "as in this release"),
}


@example({"checks": 7.0, "exit": 5.0, "launch": 160.0})
def rests_on(terms: Mapping[str, float]) -> str:
    """On what the seconds of a rollback rest."""
    return "; ".join(f"{WORDS[term][0]}: {duration(seconds)}, {WORDS[term][1]}" for term, seconds in terms.items())


@example()
def cleanup_retires() -> str:
    """What cron does with what is parked."""
    return "terminates the parked instances"


@example()
def cleanup_carries_on() -> str:
    """What cron does with what was cut off."""
    return "carries it on"


@example()
def cleanup_leaves() -> str:
    """What cron does with what a person has stopped, or is to approve."""
    return "leaves it alone"
