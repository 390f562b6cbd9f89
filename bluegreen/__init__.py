"""Zero-downtime deployment with two EC2 Auto Scaling groups behind one load balancer.

Observe the fleet, ask the plan what is still missing, do that one thing, look again.

**How it works.** A plan (deploy, rollback, finish) is a tuple of steps; a step is a condition on one look at both
groups and their load balancers. The position in a plan is the first condition that does not hold, found anew in each
look; only what AWS cannot show is recorded, before the write that it explains. The engine carries out one action per
look, each after guards that can only make it more careful. First run, resume and cron are the same code.

**Rooms.** ``flow`` (the engine; knows no AWS, and no target) ← ``record`` (the document and its lease) ←
``targets.seam`` (what is asked of any target) ← ``service`` (the verbs, which know nothing else of one) and
``targets.pair`` (what a pair is and what may be done to it; in its ``aws`` actions become calls and answers a fleet) ←
``cli``, which alone chooses. Beside them stand ``registry`` (whether an image is there), ``credentials`` (the keyring),
``instance`` (what runs on an instance) and ``settings`` (``bluegreen.toml``). ``aws`` sets AWS's library up for all of
them. ``report`` turns events into what people and programs read. ``simulator`` speaks AWS's operations in memory, and
``sandbox`` gives it processes, a load balancer and HTTP.

**What holds.** No action takes the healthy instances below min(floor, what is healthy now). One side that serves is
armed, and its minimum is held up before it is. Desired capacity is never written. Nothing is written without a live
lease, nor before its reason is on record. Only instances that the record lists, marked, in no group and in no load
balancer, are terminated. Whoever is killed leaves a service that serves, and can be carried on. ``docs/guarantees.md``
says more, and what does not hold.

**The library in five names**, each imported when it is first asked for: :class:`Service` (one service and its verbs),
:class:`ServiceSettings` (what is settled about it), :class:`Ended` (how a verb ended), :class:`Status` (the exit
statuses), :class:`BluegreenError` (every error that a user may meet). A wrong argument of theirs is an error of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bluegreen.errors import BluegreenError, Status
    from bluegreen.service import Ended, Service
    from bluegreen.targets.pair.settings import ServiceSettings

__all__ = ["BluegreenError", "Ended", "Service", "ServiceSettings", "Status"]

_HOMES = {
    "BluegreenError": "bluegreen.errors",
    "Ended": "bluegreen.service",
    "Service": "bluegreen.service",
    "ServiceSettings": "bluegreen.targets.pair.settings",
    "Status": "bluegreen.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
