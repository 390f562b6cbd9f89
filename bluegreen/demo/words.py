"""How the figures are written, on the terminal and on the page alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bluegreen.demo.ledger import Row
from bluegreen.demo.story import Times

HEADINGS = ("act", "sent", "lost", "cut", "longest", "answered by", "exit", "took", "at best", "beyond")


def cells(row: Row) -> tuple[str, ...]:
    """Return one row as texts, in the order of :data:`HEADINGS`."""
    figures = (str(row.sent), str(row.lost), str(row.cut), f"{row.longest:.2f} s", share(row.versions))
    return (row.name, *figures, ending(row), *seconds(row.took, row.least, row.beyond))


def seconds(*values: float) -> tuple[str, ...]:
    """Return seconds with one digit, never a negative zero."""
    return tuple(f"{round(value, 1) + 0.0:.1f} s" for value in values)


def share(versions: Mapping[str, int]) -> str:
    """Return who answered how much: ``v1 71 %, v2 29 %``; who answered anything has 1 % at least."""
    whole = sum(versions.values())
    ordered = sorted(versions.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {percent(count, whole)} %" for name, count in ordered) or "nobody"


def percent(count: int, whole: int) -> int:
    """Return whole percents in which 0 means none and 100 means all."""
    if not count or count == whole:
        return 100 if count else 0
    return min(99, max(1, round(100 * count / whole)))


def ending(row: Row) -> str:
    """Return the exit status, and what it should have been where it was another; a dash where nothing was run."""
    if row.expected is None:
        return "–"
    status = "none" if row.status is None else str(row.status)
    return status if row.as_expected else f"{status}, not {row.expected}"


def verdict(whole: Row, faults: Sequence[str], seconds: float) -> str:
    """Return the one sentence that matters."""
    if faults:
        return "This is not what was promised: " + "; ".join(faults) + "."
    cut = f"{whole.cut} cut with instances that died before their balancer knew"
    return f"{whole.sent} requests in {seconds:.0f} s, some longer than a second: none lost, {cut}, no silent second."


def explanation(times: Times, balancer: str) -> str:
    """Return what the columns mean."""
    kind = {"classic": "a classic balancer", "target-group": "a target group"}[balancer]
    return (
        f"A sandbox on this machine: real processes behind a real Envoy that plays {kind}; nothing of it is AWS. "
        f"“At best” adds up what no tool can hurry: boot {times.boot:g} s, health checks {times.checks:g} s, "
        f"proof that new stays healthy {times.proof:g} s, drain {times.drain:g} s, bake {times.bake:g} s, "
        f"patience with a bad version {times.patience:g} s, each where the act needs it. “Beyond” is the rest: the "
        "tool, the sandbox, and whatever else kept the machine busy. “Cut” are requests that failed because the "
        "instance that had them died by itself and its balancer could not know yet: no tool can spare them; whatever "
        "else fails is “lost”. A second is silent if requests were sent in it and none was answered. Exit status 3 "
        "means: failed, rolled back, the old version serves."
    )
