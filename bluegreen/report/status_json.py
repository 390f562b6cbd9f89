"""A service's status as plain values: ``bluegreen.status/2``, see its schema. Nothing is added to the snapshot."""

from __future__ import annotations

import shlex
from typing import Any

import attrs

from bluegreen.flow.causes import Ailment
from bluegreen.flow.snapshot import Kept, Member, OpenRelease, Side, Snapshot, Way


def service_value(seen: Snapshot) -> dict[str, Any]:
    """Return one service as plain values; times in POSIX seconds."""
    figures = seen.figures
    return {
        "service": seen.service,
        "region": seen.region or None,
        "state": str(seen.state),
        "sentence": seen.sentence,
        "beside": seen.beside or None,
        "live": [side.name for side in seen.live],
        "demand": None if figures is None else figures.demand,
        "needed": None if figures is None else figures.needed,
        "healthy": None if figures is None else figures.healthy,
        "groups": list(map(_side, seen.sides)),
        "release": None if seen.release is None else _opened(seen.release),
        "missing": seen.missing or None,
        "rollback": None if seen.rollback is None else attrs.asdict(seen.rollback),
        "parked": list(map(_kept, seen.parked)),
        "cleanup": None if seen.cleanup is None else attrs.asdict(seen.cleanup),
        "lease": None if seen.lease is None else attrs.asdict(seen.lease),
        "lock": None if seen.lock is None else attrs.asdict(seen.lock),
        "troubles": list(seen.troubles),
        "next": list(map(_words, seen.next)),
    }


def _words(way: Way) -> list[str]:
    try:
        return shlex.split(way.command)
    except ValueError:  # an image of somebody's with half a quotation in it
        return way.command.split()


def untold_value(service: str, sentence: str, hint: str, status: int) -> dict[str, Any]:
    """Return a service of which nothing could be seen: why, and the exit status that stands for that."""
    return {"service": service, "state": "unknown", "error": sentence, "hint": hint, "status": status}


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "role": None if side.role is None else str(side.role),
        "image": side.image,
        "min": side.min,
        "max": side.max,
        "desired": side.desired,
        "healthy": side.healthy,
        "scaling": "resumed" if side.scales else "suspended",
        "suspended": list(side.suspended),
        "instances": list(map(_member, side.members)),
    }


def _member(one: Member) -> dict[str, Any]:
    told = {"id": one.id, "state": one.state, "symbol": str(one.symbol), "health": one.health, "since": one.since}
    return {**told, "reasons": list(map(_reason, one.reasons))}


def _reason(one: Ailment) -> dict[str, Any]:
    return {"link": str(one.cause.link), "sentence": one.cause.sentence, "code": one.code, "text": one.text}


def _kept(one: Kept) -> dict[str, Any]:
    told = attrs.asdict(one)
    return {"id": told.pop("id"), "alive": told.pop("alive"), "ec2": told.pop("machine"), **told}


def _opened(one: OpenRelease) -> dict[str, Any]:
    told = attrs.asdict(one)
    return {"id": told.pop("id"), "goal": told.pop("goal"), "from": told.pop("before"), **told}
