"""What somebody else has changed of a pair while a release is under way, and what becomes of it."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, few, of
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN
from bluegreen.words import fits

BY = "by somebody else"

# ---- processes ----


@example(BLUE, ("AlarmNotification",), True, True)
@example(BLUE, ("HealthCheck", "Launch"), False, False)
def processes(group: str, names: Collection[str], suspended: bool, kept: bool) -> str:
    """Somebody has suspended or resumed processes: that goes over to whoever serves in the end, or stays as it is."""
    end = "kept for whoever serves in the end" if kept else "left as it is"
    return of(group, f"{_listed(names)} {'suspended' if suspended else 'resumed'} {BY}, {end}")


@example(BLUE, ("AlarmNotification",))
def processes_changed(group: str, names: Collection[str]) -> str:
    """It was seen once: a look that is older than our own write shows the same."""
    return of(group, f"{_listed(names)} changed {BY}, or this answer is an old one")


@example(BLUE, GREEN)
def processes_set_back(old: str, new: str) -> str:
    """An apply has put both sides back: what was seen of the first one is no edit."""
    return f"{old}, {new}: processes are as before the release (what was suspended in between is not kept)"


@example(BLUE, ("Terminate",))
@example(BLUE, ("HealthCheck", "Terminate"))
def stay_suspended(group: str, names: Collection[str]) -> str:
    """What ends instances is not resumed beneath those that serve."""
    stay, it = fits(names, "stays", "stay"), fits(names, "it", "they")
    return of(group, because(f"{_listed(names)} {stay} suspended", f"resumed, {it} may end instances that serve"))


# ---- scaling settings ----


@example(BLUE, GREEN, "policy cpu-out")
def no_twins_any_more(old: str, new: str, difference: str) -> str:
    """Both sides had the same scaling settings when the release began, and have not now: new would act on its own."""
    return of(new, f"not resumed: its scaling settings differ from those of {old} now: {difference}")


@example(BLUE)
def settings_changed(group: str) -> str:
    """The owner has changed, or put, scaling settings of the side that serves."""
    return of(group, f"scaling settings changed {BY}")


@example(BLUE, ("cpu-out",))
def settings_removed(group: str, names: Collection[str]) -> str:
    """The owner has taken scaling settings off a side."""
    return of(group, f"{_listed(names)} removed {BY}")


@example(GREEN, ("cpu-out",), BLUE)
def to_go_as_well(group: str, names: Collection[str], other: str) -> str:
    """Copies of what the other side has no more are removed as soon as that is certain."""
    return of(group, because(f"{_listed(names)} to be removed", f"{other} does not have {_it(names)} any more"))


@example(BLUE, ("cpu-out",), GREEN)
def to_be_changed(group: str, names: Collection[str], other: str) -> str:
    """What the owner has changed on the side that served is put onto the other one as soon as that is certain."""
    return of(group, because(f"{_listed(names)} to be changed", f"changed on {other} {BY}"))


@example(BLUE, ("cpu-out",), GREEN)
def only_here(group: str, names: Collection[str], other: str) -> str:
    """Scaling settings that one side alone has: a person has to say what becomes of them."""
    are = fits(names, "it is", "they are")
    return of(group, because(f"not removed: {_listed(names)}", f"{are} not on {other} any more"))


@example(GREEN, ("cpu-out",))
def not_seen(group: str, names: Collection[str]) -> str:
    """Scaling settings are missing, by an answer that may be an old one."""
    return of(group, because(f"{_listed(names)} not seen", "this answer may be an old one"))


@example(GREEN)
def may_not_be_seen_yet(group: str) -> str:
    """A list of scaling settings is empty right after some were put."""
    return of(group, "AWS may not show yet what scaling settings were put")


@example(GREEN, BLUE)
def has_settings_of(group: str, other: str) -> str:
    """Scaling settings have been copied."""
    return of(group, f"has the scaling settings of {other}")


@example(GREEN)
def copies_can_go(group: str) -> str:
    """What new lacks from now on was removed by this release."""
    return of(group, "its copies of scaling settings can go")


@example(BLUE, GREEN)
def has_what_was_put(group: str, other: str) -> str:
    """What the owner has put onto the side that served is on the other one as well."""
    return of(group, f"has what was put onto {other} while that served")


@example(GREEN)
def nothing_was_put(group: str) -> str:
    """The owner has put nothing onto the side that served."""
    return of(group, "nothing was put onto it while it served")


def _listed(names: Collection[str]) -> str:
    return few(sorted(names))


def _it(names: Collection[str]) -> str:
    return fits(names, "it", "them")
