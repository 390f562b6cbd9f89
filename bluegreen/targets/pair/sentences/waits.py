"""What a pair waits for, and what somebody else has changed of it."""

from __future__ import annotations

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, clock, duration, of
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN
from bluegreen.words import are, plural

NOON = 1_795_953_600.0


# ---- the move to Standby ----


@example(BLUE, 6, 130.0)
def nothing_serves(old: str, count: int, seconds: float) -> str:
    """All old instances go before any new one comes, so that nothing serves for as long as those need."""
    return of(
        old, f"{plural(count, 'instance')} to Standby first, so that nothing serves for about {duration(seconds)}"
    )


@example(BLUE, 5, 3, GREEN)
def next_wait_for_more(old: str, wave: int, lacking: int, new: str) -> str:
    """Before the next instances go, more have to be healthy on the other side."""
    return of(old, f"the next {wave} to Standby wait for {lacking} more healthy on {new}")


@example(BLUE, 5, GREEN, 75.0)
def next_wait_for_proof(old: str, wave: int, new: str, needed: float) -> str:
    """Before the next instances go, those on the other side have to stay healthy."""
    return of(old, f"the next {wave} to Standby wait until {new} has been healthy for {duration(needed)}")


@example(BLUE, 1)
def launching_to_go(old: str, count: int) -> str:
    """Instances that old launches meanwhile go to Standby once they are in service."""
    return of(old, f"{are(count, 'instance')} launching, then to Standby")


@example(BLUE, 2)
def on_the_way_to_standby(old: str, count: int) -> str:
    """Instances are being moved to Standby."""
    return of(old, f"{are(count, 'instance')} on the way to Standby")


@example(BLUE, 2)
def on_the_way_back(old: str, count: int) -> str:
    """Instances are leaving Standby, or are launched."""
    return of(old, f"{are(count, 'instance')} on the way back into service")


@example(BLUE, 2)
def standby_had_no_effect(old: str, count: int) -> str:
    """What was sent to Standby is seen in service: it counts again."""
    return of(old, because(f"{are(count, 'instance')} still in service", "EnterStandby had no effect"))


@example(BLUE, 2)
def standby_not_seen(old: str, count: int) -> str:
    """What was sent to Standby is seen in service, by a look that may be too old."""
    return of(old, because(f"{are(count, 'instance')} still in service", "EnterStandby was sent a moment ago"))


# ---- the moment of the switch ----


@example(NOON + 120.0, "noon", NOON)
def scheduled(until: float, name: str, at: float) -> str:
    """A scheduled action would run at the moment at which the one side begins to scale the service."""
    return because(f"wait until {clock(until)}", f'scheduled action "{name}" runs at {clock(at)}')


@example(GREEN)
def alarms_not_yet(group: str) -> str:
    """A minimum is kept until the alarms know the load that the side has alone."""
    return of(group, because("the minimum stays for now", "its alarms have not seen the whole load yet"))


@example(GREEN, "cpu-low")
def would_scale_in(group: str, alarms: str) -> str:
    """A minimum is kept while an alarm would scale the side in at once."""
    return of(group, because("the minimum stays for now", f"{alarms} would scale it in, still from the shared load"))


# ---- what somebody else has changed ----


@example(GREEN, "minimum", 1, True)
@example(BLUE, "minimum", 1, False)
def size_set(group: str, size: str, value: int, kept: bool) -> str:
    """Somebody else has changed a size: it is kept for whoever serves at the end, or not at all."""
    end = "applied when this release ends" if kept else "not kept: an idle group has no minimum"
    return of(group, f"{size} set to {value} by somebody else, {end}")


@example(GREEN, "minimum", 9, "")
def size_set_again(group: str, size: str, value: int, cause: str) -> str:
    """Somebody else has changed it once more: a person is needed."""
    told = of(group, f"somebody else changed the {size} to {value}, the second time in this release")
    return because(told, cause)


# ---- parked instances that go ----


@example(2)
def listed(count: int) -> str:
    """Parked instances are on record as those that are retired."""
    return f"{plural(count, 'parked instance')} to terminate"


@example(2)
def unknown_to_ec2(count: int) -> str:
    """EC2 does not know instances that the group lists."""
    return f"EC2 does not know {plural(count, 'parked instance')}"


@example(BLUE, 2)
def leaving(old: str, count: int) -> str:
    """Instances are on their way out of their group."""
    return of(old, f"{are(count, 'instance')} leaving")


@example(GREEN)
def may_retire(new: str) -> str:
    """A finish has seen that the parked instances are not needed."""
    return f"{new} serves alone: the parked instances can go"


@example(BLUE)
def retired(old: str) -> str:
    """A finish has reached its end."""
    return f"no parked instance is left in {old}"


@example()
def previous_not_seen() -> str:
    """A release begins right after another one: AWS's answers are older than its end."""
    return "wait for AWS to show the end of the previous release"
