"""What people are shown, made by hand: a service with its sides, each member in a state of one letter."""

from __future__ import annotations

from typing import Any

from bluegreen.flow.snapshot import (
    Cleanup,
    Figures,
    Member,
    OpenRelease,
    Role,
    Side,
    Snapshot,
    State,
    Symbol,
    Way,
    WayBack,
)

OLD, NEW = "web-blue", "web-green"
NOW = 1_795_953_720.0
KINDS = {
    "s": ("InService", "healthy", Symbol.SERVING),
    "p": ("Standby", "unused", Symbol.PARKED),
    "j": ("InService", "initial", Symbol.JOINING),
    "u": ("InService", "unhealthy", Symbol.UNHEALTHY),
    "b": ("Pending", "unused", Symbol.STARTING),
    "e": ("EnteringStandby", "draining", Symbol.PARKING),
    "l": ("Terminating", "draining", Symbol.LEAVING),
}


def members(states: str) -> tuple[Member, ...]:
    """Return members in ``states``: ``s`` serves, ``p`` is parked, ``j`` joins, ``u`` is unhealthy, ``b`` boots."""
    found = [KINDS[one] for one in states]
    return tuple(Member(id=f"i-{n}", state=s, health=h, symbol=symbol) for n, (s, h, symbol) in enumerate(found))


def side(name: str, image: str | None, states: str = "", desired: int | None = None, **changes: Any) -> Side:
    """Return a side that wants as many as serve, and scales."""
    plain: dict[str, Any] = {
        "name": name,
        "min": 0,
        "max": 12,
        "desired": states.count("s") if desired is None else desired,
        "image": image,
        "scales": True,
        "healthy": states.count("s"),
        "members": members(states),
    }
    return Side(**{**plain, **changes})


def opened(**changes: Any) -> OpenRelease:
    """Return a release that ana has begun."""
    plain: dict[str, Any] = {
        "id": "web:20261129-205800-34bb",
        "goal": "deploy",
        "before": "v1",
        "to": "v2",
        "by": "ana@laptop",
        "begun_at": NOW - 240,
        "phase": "deployed",
    }
    return OpenRelease(**{**plain, **changes})


def snapshot(service: str = "web", **changes: Any) -> Snapshot:
    """Return a service with v1 parked."""
    plain: dict[str, Any] = {
        "service": service,
        "at": NOW,
        "state": State.PARKED,
        "sides": (
            side(NEW, "v2", "ssssss", min=2, live=True, role=Role.NEW),
            side(OLD, "v1", "pppppp", scales=False, role=Role.OLD),
        ),
        "figures": Figures(demand=6, needed=6, healthy=6),
        "region": "ap-northeast-2",
        "sentence": "v2 is live on web-green, 6 of 6 healthy",
        "release": opened(deployed_at=NOW - 19.0),
        "rollback": WayBack(
            kind="warm",
            sentence="≈ 12 s to all 6 instances of v1",
            to="v1",
            ready=6,
            of=6,
            first_s=12.0,
            all_s=12.0,
            basis={"exit": "assumed", "checks": "derived"},
            details=("6 parked instances run and pass EC2's status checks (12:02:00)",),
            explained=("EC2's checks do not ask the application",),
        ),
        "cleanup": Cleanup(does="terminates the parked instances", due_at=NOW + 2640, last_run_at=NOW - 240),
        "next": (
            Way("bluegreen rollback web", "back to v1"),
            Way("bluegreen finish web", "terminates the parked instances now"),
        ),
    }
    return Snapshot(**{**plain, **changes})
