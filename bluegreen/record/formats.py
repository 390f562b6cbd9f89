"""A record of an older format, as the next one has it: one function for each step, so that any is read here. Pure.

What a format added, and an older record lacks, has its default. Values are plain: what JSON has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Plain = Mapping[str, Any]


def current(record: Plain) -> dict[str, Any]:
    """Return a record of any format that is read here in the current one; raise what a record that is none gives."""
    known = dict(record)
    while known["format"] != FORMAT:
        known = {**NEXT[known["format"]](known), "format": known["format"] + 1}
    return known


def is_known(number: object) -> bool:
    """Whether records of this format are read here."""
    return type(number) is int and (number == FORMAT or number in NEXT)


def _with_freeze_hold_and_take(record: Plain) -> Plain:
    """Format 2 added the lock and the stop by hand, and how often a release was adopted: before, none was."""
    return record


def _with_way(record: Plain) -> Plain:
    """Format 3 added how scaling settings come to the new side: before, both groups had them."""
    return record


def _for_each_balancer(record: Plain) -> Plain:
    """Format 4 counts capacity for each balancer: what was counted for all together stands for each of them.

    They are called ``*`` together. There was one figure for both sides: old has served with some of it, unless there
    was none, new since the switch.
    """
    release = record.get("release")
    if not isinstance(release, dict):
        return record
    changed = dict(release)
    if isinstance(best := release.get("best"), int):
        sides = (*([] if release["first"] else ["old"]), *(["new"] if "moved" in release["milestones"] else []))
        changed["best"] = {f"{release[side]} *": best for side in sides}
    if isinstance(left := release.get("after_wave"), int):
        changed["after_wave"] = {"*": left}
    return {**record, "release": changed}


RENAMED = {
    "mark": "progress",
    "marked_at": "progressed_at",
    "held": "hold",
    "wishes": "edits",
    "settle": "stabilization",
}
"""What of a release has another name since format 5."""


def _renamed(record: Plain) -> Plain:
    """Format 5 has one meaning for each word; an edit is kept as its value, which was among what is written before."""
    release = record.get("release")
    if not isinstance(release, dict):
        return record
    if strange := release.keys() & set(RENAMED.values()):
        raise ValueError(f"format 4 knows no {', '.join(sorted(strange))}")
    renamed = {RENAMED.get(key, key): value for key, value in release.items()}
    return {**record, "release": {**renamed, "edits": {}}}


KIND = "pair"
"""What every release was of before format 6."""


def _with_kind(record: Plain) -> Plain:
    """Format 6 says of each release what kind of target it is of: before, there were pairs."""
    release, history = record.get("release"), record.get("history", [])
    known = _of_a_pair(release) if isinstance(release, dict) else release
    return {**record, "release": known, "history": [_of_a_pair(past) for past in history]}


def _of_a_pair(release: Plain) -> Plain:
    if "kind" in release:
        raise ValueError("format 5 knows no kind")
    return {"kind": KIND, **release}


TERMS = {
    "tag_key": "image_tag_key",
    "pace": "pace",
    "bake": "bake",
    "keep_parked": "keep_parked",
    "progress_deadline": "progress_deadline",
    "allowed": "deadline",
    "alarms": "alarms",
    "stabilization": "stabilization",
    "healthy_for": "healthy_for",
}
"""What of a release stands among its terms since format 7, each with its name there."""
UNPROVEN = {"healthy_for": 0.0}
"""What formats 1 to 3 did not know."""


def _with_terms(record: Plain) -> Plain:
    """Format 7 keeps the terms of a release together, each called as in the configuration."""
    release = record.get("release")
    if not isinstance(release, dict):
        return record
    if "terms" in release:
        raise ValueError("format 6 knows no terms")
    terms = {name: release[key] for key, name in TERMS.items() if key in release}
    others = {key: value for key, value in release.items() if key not in TERMS}
    return {**record, "release": {**others, "terms": {**UNPROVEN, **terms}}}


def _without_retired(record: Plain) -> Plain:
    """Format 8 lists no instances of a release that is over: nothing is terminated on their account any more."""
    history = record.get("history", [])
    return {**record, "history": [{key: one for key, one in past.items() if key != "retired"} for past in history]}


NEXT: Mapping[int, Callable[[Plain], Plain]] = {
    1: _with_freeze_hold_and_take,
    2: _with_way,
    3: _for_each_balancer,
    4: _renamed,
    5: _with_kind,
    6: _with_terms,
    7: _without_retired,
}
"""What makes a record of each format one of the next."""

FORMAT = 1 + max(NEXT)
"""What is written has this format."""
