"""a record written by the previous release of the tool

A verb is killed behind each call and each write of the record, its record is written anew as format 1 to 6 had it,
with exactly the keys of the records that are kept, and the tags that tell of a release are made those of the older
tool: none in format 1, without the way of the settings in format 2, without the proof of health in 2 and 3.
Then a person, or cron, goes on with the tool of today.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.record.formats import FORMAT, RENAMED
from bluegreen.record.formats import TERMS as TERMS_APART
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.release_tags.written import KEYS, TERMS
from tests.battery.row_01_crash import THEN, VERBS, go, ready, recover
from tests.battery.rows import Scale
from tests.battery.stage import MemoryWrite, Stage
from tests.battery.telling import Watching
from tests.support.hands import tagged, unseal
from tests.support.records import from_bytes
from tests.support.virtual import BLUE, GREEN

MUST = "carried on"
KEPT = Path(__file__).parents[1] / "record" / "records"
FORMATS = tuple(range(1, FORMAT))
LENGTH = 60.0
RETIRED: Plain = {"retired": []}
"""What a past release listed before format 8."""
"""Seconds that a lease lasted then."""
UNKNOWN = {2: ("way", "stabilize", "healthy", "check"), 3: ("healthy", "check"), 4: (), 5: (), 6: (), 7: ()}
"""What the tag with the terms did not say in a format."""
CALLED = {"stabilize": "settle"}
"""What a term was called before format 5."""

Plain = dict[str, Any]


def cases(scale: Scale) -> list[str]:
    """Return every point of every verb, with each way to go on, in each format."""
    keys = [
        f"{verb}-{number}-{then}-{kept}"
        for verb in VERBS
        for number in range(1, points(verb) + 1)
        for then in THEN
        for kept in FORMATS
    ]
    return scale.some(keys, 50)


def run(key: str, watch: Watching = None) -> list[str]:
    """Kill the verb at its point, make its record old, and end what it began."""
    verb, number, then, kept = key.split("-")
    stage = ready(verb, "tg", watch)
    stage.lingers = int(number) % 2 == 0
    stage.crash = ("after", int(number))
    go(stage, verb)
    found = make_old(stage, int(kept))
    if int(kept) == 1:
        if then == "cron":
            stage.run("cleanup")
            then = "resume"
        named(stage)  # nothing but the record tells of it: a person has to say so
    recover(stage, then)
    return [*stage.verdict("v1", "v2"), *found]


@functools.cache
def points(verb: str) -> int:
    """Return how many points an undisturbed ``verb`` has."""
    stage = ready(verb, "tg")
    go(stage, verb)
    return stage.points


def make_old(stage: Stage, kept: int) -> list[str]:
    """Let the record be one of the format ``kept``, and the tags as they were; return how it differs from kept ones."""
    document, version = stage.ledger.read("web")
    retag(stage, kept) if kept > 1 else untag(stage)
    if document is None:
        return []
    plain = aged(document, kept)
    body = json.dumps(plain).encode()
    MemoryWrite(stage.ledger).put(from_bytes(body, "web.json"), version)
    return list(unlike_kept(plain, kept))


def retag(stage: Stage, kept: int) -> None:
    """Let the tags say what they said in the format ``kept``; none had a seal."""
    unseal(stage.pair)
    for group in (BLUE, GREEN):
        terms, _ = stage.pair.sim.groups[group].tags.get(TERMS, ("", False))
        if terms:
            told = (term.partition("=") for term in terms.split())
            called = CALLED if kept < 5 else {}
            known = [f"{called.get(key, key)}={value}" for key, _, value in told if key not in UNKNOWN[kept]]
            tagged(stage.pair, group, " ".join(known), TERMS)


def untag(stage: Stage) -> None:
    """Take the tags off that tell of a release."""
    kind = {"ResourceType": "auto-scaling-group"}
    tags = [{"ResourceId": group, "Key": key, **kind} for group in (BLUE, GREEN) for key in KEYS]
    stage.pair.sim.call("autoscaling", "DeleteTags", {"Tags": tags})


def named(stage: Stage) -> None:
    """Put the tag that names the release, as the hint says."""
    if (release := stage.release) is not None and release.open:
        tagged(stage.pair, BLUE, release.id, ID)


# ---- the older formats ----


def aged(document: Document, kept: int) -> Plain:
    """Return the record as the tool that wrote the format ``kept`` would have written it."""
    plain = json.loads(to_bytes(document))
    old = {key: plain[key] for key in keys("document", kept)}
    old["format"] = kept
    old["history"] = [_only({**RETIRED, **past}, "past", kept) for past in old["history"]]
    if old["lease"] is not None:
        old["lease"] = {**_only(old["lease"], "lease", kept), "length": LENGTH}
    if old["release"] is not None:
        old["release"] = (
            _apart(old["release"])
            if kept < 7
            else {**old["release"], "terms": _only(old["release"]["terms"], "terms", kept)}
        )
        before = {new: old for old, new in RENAMED.items() if kept < 5}
        old["release"] = {before.get(key, key): value for key, value in old["release"].items()}
        old["release"] = _only(old["release"], "release", kept)
        if kept < 4:
            old["release"].update(_for_all_balancers(plain["release"], set(old["release"])))
        sides = old["release"]["picture"].items()
        old["release"]["picture"] = {word: _only(side, "side", kept) for word, side in sides}
    return old


def _apart(release: Plain) -> Plain:
    """Return a release with its terms among all else, as it was before format 7: those that there were."""
    return {**release, **{old: release["terms"][new] for old, new in TERMS_APART.items()}}


def _for_all_balancers(release: Plain, keys: set[str]) -> Plain:
    """Return the figures that were one for all balancers, as old tools had counted them."""
    left = release["after_wave"].values()
    found = {"best": max(release["best"].values(), default=0), "after_wave": min(left, default=0)}
    return {key: count for key, count in found.items() if key in keys}


def _only(plain: Mapping[str, Any], kind: str, kept: int) -> Plain:
    return {key: plain[key] for key in keys(kind, kept)}


@functools.cache
def keys(kind: str, kept: int) -> frozenset[str]:
    """Return the keys that the kept records of a format have in such a part of them."""
    records = sorted((KEPT / f"format-{kept}").glob("*.json"))
    return frozenset(key for path in records for key in _parts(json.loads(path.read_bytes()))[kind])


def _parts(plain: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    release = plain["release"] or {}
    sides = release.get("picture", {}).values()
    return {
        "document": frozenset(plain),
        "release": frozenset(release),
        "lease": frozenset(plain["lease"] or ()),
        "terms": frozenset(release.get("terms", ())),
        "past": frozenset(key for past in plain["history"] for key in past),
        "side": frozenset(key for side in sides for key in side),
    }


def unlike_kept(plain: Mapping[str, Any], kept: int) -> Iterator[str]:
    """Yield where the keys are not exactly those of the kept records."""
    for kind, found in _parts(plain).items():
        if found and found != keys(kind, kept):
            yield f"{kind} has not the keys of format {kept}: {sorted(found ^ keys(kind, kept))}"
