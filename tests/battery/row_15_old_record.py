"""a record written by the previous release of the tool

A verb is killed behind each call and each write of the record, its record is written anew as format 1 had it, with
exactly the keys of the records that are kept, and the tags that tell of a release are taken off the groups, since the
older tool wrote none. Then a person, or cron, goes on with the tool of today.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bluegreen.pair.mirror import KEYS
from bluegreen.state.document import Document, from_bytes, to_bytes
from tests.battery.row_01_crash import THEN, VERBS, go, ready, recover
from tests.battery.rows import Scale
from tests.battery.stage import MemoryWrite, Stage
from tests.battery.telling import Watching
from tests.building.virtual import BLUE, GREEN

MUST = "carried on"
KEPT = Path(__file__).parents[1] / "state" / "records" / "format-1"
OLD = 1
LENGTH = 60.0
"""Seconds that a lease lasted then."""

Plain = dict[str, Any]


def cases(scale: Scale) -> list[str]:
    """Return every point of every verb, with each way to go on."""
    keys = [f"{verb}-{number}-{then}" for verb in VERBS for number in range(1, points(verb) + 1) for then in THEN]
    return scale.some(keys, 50)


def run(key: str, watch: Watching = None) -> list[str]:
    """Kill the verb at its point, make its record old, and end what it began."""
    verb, number, then = key.split("-")
    stage = ready(verb, "tg", watch)
    stage.lingers = int(number) % 2 == 0
    stage.crash = ("after", int(number))
    go(stage, verb)
    found = make_old(stage)
    recover(stage, then)
    return [*stage.verdict("v1", "v2"), *found]


@functools.cache
def points(verb: str) -> int:
    """Return how many points an undisturbed ``verb`` has."""
    stage = ready(verb, "tg")
    go(stage, verb)
    return stage.points


def make_old(stage: Stage) -> list[str]:
    """Let the record be one of format 1 and the groups tell of nothing; return how it differs from a kept one."""
    document, version = stage.ledger.read("web")
    untag(stage)
    if document is None:
        return []
    plain = aged(document)
    body = json.dumps(plain).encode()
    MemoryWrite(stage.ledger).put(from_bytes(body, "web.json"), version)
    return list(unlike_kept(plain))


def untag(stage: Stage) -> None:
    """Take the tags off that tell of a release."""
    kind = {"ResourceType": "auto-scaling-group"}
    tags = [{"ResourceId": group, "Key": key, **kind} for group in (BLUE, GREEN) for key in KEYS]
    stage.pair.sim.call("autoscaling", "DeleteTags", {"Tags": tags})


# ---- format 1 ----


def aged(document: Document) -> Plain:
    """Return the record as the older tool would have written it."""
    plain = json.loads(to_bytes(document))
    old = {key: plain[key] for key in keys("document")}
    old["format"] = OLD
    old["history"] = [_only(past, "past") for past in old["history"]]
    if old["lease"] is not None:
        old["lease"] = {**_only(old["lease"], "lease"), "length": LENGTH}
    if old["release"] is not None:
        old["release"] = _only(old["release"], "release")
        sides = old["release"]["picture"].items()
        old["release"]["picture"] = {word: _only(side, "side") for word, side in sides}
    return old


def _only(plain: Mapping[str, Any], kind: str) -> Plain:
    return {key: plain[key] for key in keys(kind)}


@functools.cache
def keys(kind: str) -> frozenset[str]:
    """Return the keys that the kept records have in such a part of them."""
    return frozenset(key for path in sorted(KEPT.glob("*.json")) for key in _parts(json.loads(path.read_bytes()))[kind])


def _parts(plain: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    release = plain["release"] or {}
    sides = release.get("picture", {}).values()
    return {
        "document": frozenset(plain),
        "release": frozenset(release),
        "lease": frozenset(plain["lease"] or ()),
        "past": frozenset(key for past in plain["history"] for key in past),
        "side": frozenset(key for side in sides for key in side),
    }


def unlike_kept(plain: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the keys are not exactly those of the kept records."""
    for kind, found in _parts(plain).items():
        if found and found != keys(kind):
            yield f"{kind} has not the keys of format 1: {sorted(found ^ keys(kind))}"
