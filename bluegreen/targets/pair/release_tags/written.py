"""The essentials of a release as tags of both groups: seen in the console, and enough to rebuild a record that is lost.

The tags are not propagated to instances. Their values keep to what AWS allows in tags everywhere: letters, digits,
spaces and ``+ - = . _ : / @``, 256 characters at most (Auto Scaling user guide: tag your groups).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bluegreen.declared import to_tags
from bluegreen.targets.pair.model.fleet import Group, called
from bluegreen.targets.pair.model.release import ID, SEAL, TAKEN_UP, Release, Side
from bluegreen.targets.pair.model.seal import seal

BY = "bluegreen:by"
GOAL = "bluegreen:goal"
IMAGE = "bluegreen:image"
SIDE = "bluegreen:side"
TERMS = "bluegreen:terms"
WAS = "bluegreen:was"
"""The image tag that the group had before; absent when it had none."""

KEYS = (ID, BY, GOAL, IMAGE, SIDE, TERMS, WAS, SEAL, TAKEN_UP)
LONGEST = 256

Tags = Mapping[str, str]


def tags_of(release: Release) -> Mapping[str, Tags]:
    """Return the tags of each group, its seal among them."""
    put = {SEAL: seal(release)}
    return {group: {**tags, **put} for group, tags in unsealed(release).items()}


def unsealed(release: Release) -> Mapping[str, Tags]:
    """Return the tags of each group that say what they mean."""
    common = {
        ID: release.id,
        BY: tidy(release.by) or "unknown",
        GOAL: release.goal,
        IMAGE: release.image,
        TERMS: _terms(release),
    }
    picture = release.picture
    return {
        side.name: {**common, SIDE: _side(word, side), **({} if side.image is None else {WAS: side.image})}
        for word, side in (("old", picture.old), ("new", picture.new))
    }


def tidy(text: str) -> str:
    """Return ``text`` with nothing in it that a tag must not have."""
    return re.sub(r"[^A-Za-z0-9 +\-=._:/@]", "_", text)[:LONGEST]


def _side(word: str, side: Side) -> str:
    suspended = "+".join(sorted(side.suspended)) or "nothing"
    kept = "propagated" if side.propagate else "kept"
    return f"{word} {side.min}/{side.max}/{side.desired} {kept} {suspended}"


def _terms(release: Release) -> str:
    terms = {
        "bounds": f"{release.bounds.min}/{release.bounds.max}",
        "idle": f"{release.idle.min}/{release.idle.max}",
        "capacity": release.capacity,
        "begun": f"{release.begun_at:.0f}",
        **to_tags(release.terms),
        "drain": f"{release.drain:g}",
        "first": int(release.first),
        "take": release.take,
        "way": release.way,
        "check": f"{release.check_time:g}",
        **({"linger": f"{release.lingers:g}"} if release.lingers else {}),
        **({"back": 1} if release.instead_of else {}),
    }
    text = " ".join(f"{key}={value}" for key, value in terms.items())
    aside = f" without={tidy('+'.join(map(called, release.without)))}" if release.without else ""
    return text + aside if len(text + aside) <= LONGEST else text


def needed(group: Group, had_image: bool) -> frozenset[str]:
    """Return the keys of the tags that a release adds to a group, which had an image tag or had none."""
    return frozenset(KEYS if had_image else set(KEYS) - {WAS}) - group.tags.keys()
