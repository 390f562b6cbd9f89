"""Find the image version this instance is to run, and be sure that it is one before anybody sees it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from attrs import asdict, frozen

from bluegreen.clock import Clock
from bluegreen.errors import Misconfigured
from bluegreen.image import checked
from bluegreen.instance import cache
from bluegreen.instance.client import Patient
from bluegreen.instance.lookup import WAIT, Lookup

TAG_KEY = "image"


class Source(enum.StrEnum):
    """Whose tag is read."""

    GROUP = "group-tag"
    INSTANCE = "instance-metadata"


@frozen
class Asked:
    """What is asked for: the tag's key, whose tag, how long (seconds), and where the answer is kept."""

    key: str = TAG_KEY
    source: Source = Source.GROUP
    wait: float = WAIT
    cache: Path | None = None
    refresh: bool = False


@frozen
class Found:
    """The version, and whose it is; ``group`` is ``None`` where only the instance's own tag was read."""

    version: str
    instance: str
    region: str
    group: str | None
    key: str
    source: Source
    cached: bool = False


class Facts(Protocol):
    """What the metadata service tells; see :class:`~bluegreen.instance.metadata.Metadata`."""

    def instance(self) -> str:
        """Return this instance's id."""

    def region(self) -> str:
        """Return its region."""

    def tag(self, key: str) -> str | None:
        """Return its own tag, if that is told."""


@frozen
class Surroundings:
    """Where the command runs; ``autoscaling`` opens a client in a region, ``tell`` is for what people should know."""

    metadata: Facts
    clock: Clock
    autoscaling: Callable[[str], Any]
    tell: Callable[[str], None] = lambda _: None


def find(asked: Asked, here: Surroundings) -> Found:
    """Return the version this instance is to run; what was kept for this very instance goes first."""
    instance = here.metadata.instance()
    kept = None if asked.refresh else _kept(asked, instance, here)
    if kept:
        return kept
    found = _read(asked, instance, here)
    if asked.cache:
        fields = asdict(found)
        del fields["cached"]
        cache.keep(asked.cache, fields)
    return found


def _kept(asked: Asked, instance: str, here: Surroundings) -> Found | None:
    """Return what was kept for this instance and this very question."""
    if asked.cache is None:
        return None
    try:
        kept = cache.load(asked.cache)
        if kept is None or (kept["instance"], kept["key"], kept["source"]) != (instance, asked.key, asked.source):
            return None
        return Found(kept["version"], instance, kept["region"], kept["group"], asked.key, asked.source, cached=True)
    except (ValueError, KeyError):
        here.tell(f"the cache {asked.cache} is damaged; the tag is read again")
        return None


def _read(asked: Asked, instance: str, here: Surroundings) -> Found:
    region = here.metadata.region()
    if asked.source is Source.INSTANCE:
        version = checked(_own(asked.key, here.metadata), f"this instance's own tag {asked.key!r}")
        return Found(version, instance, region, None, asked.key, asked.source)
    lookup = Lookup(Patient(lambda: here.autoscaling(region)), here.clock, asked.wait)
    group = lookup.group(instance)
    version = checked(lookup.tag(group, asked.key), f"the tag {asked.key!r} of the group {group}")
    return Found(version, instance, region, group, asked.key, asked.source)


def _own(key: str, metadata: Facts) -> str:
    value = metadata.tag(key)
    if value is None:
        hint = "propagate the tag at launch, and switch InstanceMetadataTags on in the launch template"
        raise Misconfigured(f"the metadata service shows no tag {key!r} of this instance", hint)
    return value
