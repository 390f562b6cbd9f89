"""A setting, declared once: how it is written, its flag, what people read of it, and what a record may say.

A setting is a field of an attrs class, made by :func:`setting`. What ``bluegreen.toml`` may say, the flags and their
help, the table in the documentation, the terms of a release, their ranges on record and how the groups' tags tell them
follow from that one declaration; :func:`declared` lists those of a class. Quick to import: flags are made from here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from bluegreen import arguments
from bluegreen.ranges import Faults, lasting
from bluegreen.words import shown

EVERY_VERB = frozenset({"*"})
"""The flag is understood by every command about a service."""
BEGINNING = frozenset({"deploy", "check"})
"""The commands that begin a release, or tell whether one could begin."""
FILE_ALONE = frozenset[str]()
"""No command has a flag for it: nobody but the file may say it."""

_KEY = "bluegreen"
_DECLARED: dict[type, Mapping[str, Setting]] = {}


@frozen(kw_only=True)
class Value:
    """A kind of value: how a person writes it, and what a record or a tag may say.

    ``read`` returns the value of what stands in the file, or behind a flag, and raises ``ValueError`` with a sentence.
    ``write`` is the way back, of a value that a caller of the library hands in under a name: it raises ``Usage`` for
    one of another type. ``spell`` is how a page of the documentation writes a value, ``what`` is what a sentence calls
    it. ``faults`` yields what keeps one on record from being believed. ``tell`` and ``learn`` write it into a tag and
    read it there.
    """

    metavar: str
    what: str = ""
    read: Callable[[object], Any]
    write: Callable[[str, Any], object] = lambda name, value: value
    spell: Callable[[Any], str] = str
    faults: Callable[[str, Any], Faults] = lambda name, value: iter(())
    tell: Callable[[Any], str] = str
    learn: Callable[[str], Any] = str


@frozen(kw_only=True)
class Setting:
    """What is declared of a setting: its kind of value, and all that people read of it.

    ``help`` stands beside its flag, ``meaning`` in the table of the documentation, ``example`` in the whole file there
    (as TOML has it); ``unsaid`` says there what holds without it, where that is no value. ``verbs`` are the commands
    that understand its flag. ``tag`` is what the groups' tags call it, of a release; nothing where they do not tell it.
    ``lasts`` says that a release waits for so many seconds, which no record may shorten; ``quiet`` that a tag tells it
    only where it is not the default; ``instead`` that it says in
    another way what others say, so that a file has either. ``name`` and ``default`` are those of the field.
    """

    value: Value
    help: str = ""
    meaning: str
    example: str
    unsaid: str = ""
    verbs: frozenset[str] = BEGINNING
    tag: str = ""
    lasts: bool = False
    quiet: bool = False
    instead: bool = False
    name: str = ""
    default: Any = attrs.NOTHING

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is attrs.NOTHING

    @property
    def flag(self) -> str:
        """The flag of the command line."""
        return f"--{self.name.replace('_', '-')}"

    def read(self, value: object) -> Any:
        """Return the value of what stands in the file; raise ``ValueError`` with a sentence."""
        return self.value.read(value)

    def understood_by(self, verb: str) -> bool:
        """Whether a command about a service has the flag."""
        return self.verbs == EVERY_VERB or verb in self.verbs

    def refuse_unfit(self, value: Any) -> None:
        """Raise ``Usage``, or ``ValueError`` with a sentence, for a value that could not stand in the file."""
        if value is None and self.default is None:
            return
        self.read(self.value.write(self.name, value))


def setting(value: Value, *, default: Any = attrs.NOTHING, **declaration: Any) -> Any:
    """Return a field of an attrs class that is a setting; ``declaration`` has the members of :class:`Setting`."""
    return attrs.field(default=default, metadata={_KEY: Setting(value=value, default=default, **declaration)})


def declared(kind: type) -> Mapping[str, Setting]:
    """Return the settings that a class declares, its bases' among them, in their order."""
    if kind not in _DECLARED:
        found = ((one.name, one.metadata[_KEY]) for one in attrs.fields(kind) if _KEY in one.metadata)
        _DECLARED[kind] = {name: attrs.evolve(made, name=name) for name, made in found}
    return _DECLARED[kind]


def values_of(settings: Any) -> Iterator[tuple[Setting, Any]]:
    """Yield each setting of an instance with its value."""
    yield from ((one, getattr(settings, name)) for name, one in declared(type(settings)).items())


def faults_of(terms: Any) -> Faults:
    """Yield everything that keeps settings on record from being believed."""
    for one, value in values_of(terms):
        yield from one.value.faults(one.name, value)


def to_tags(terms: Any) -> dict[str, str]:
    """Return what tags tell of settings, by what they are called there."""
    told = ((one, value) for one, value in values_of(terms) if one.tag and not (one.quiet and value == one.default))
    return {one.tag: one.value.tell(value) for one, value in told}


def from_tags(kind: type, tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that tags tell, by name.

    Raise ``KeyError`` for one that they do not tell and that has no default, ``ValueError`` for one that is none.
    """
    wanted = [one for one in declared(kind).values() if one.tag]
    told = [one for one in wanted if one.tag in tags or (one.default in (None, attrs.NOTHING) and not one.quiet)]
    return {one.name: one.value.learn(tags[one.tag]) for one in told}


# ---- kinds of values ----

LONGEST_DURATION = 10 * 366 * 86400.0
"""Seconds that a person may write."""
SHOWN = 60
"""Characters of a duration."""

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?", re.A)
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def parse_duration(text: object) -> float:
    """Return the seconds in ``"1h30m"``, ``"90s"`` or ``"100ms"``, to the nanosecond; raise ``ValueError``."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) and 0 < len(text) <= SHOWN else None
    if found is None:
        raise ValueError(f'{shown(text)} is not a duration such as "90s", "10m" or "1h30m"')
    parts = zip(found.groups(), _UNITS.values(), strict=True)
    seconds = round(sum(float(part) * unit for part, unit in parts if part), 9)
    if seconds > LONGEST_DURATION:
        raise ValueError(f"{shown(text)} is longer than ten years")
    return seconds


def positive_duration(value: object) -> float:
    """Return a duration above zero in seconds; raise ``ValueError``."""
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError("must be longer than nothing")
    return seconds


def written_duration(name: str, value: object) -> str:
    """Return a number of seconds as the file has it; raise ``Usage`` for what is none."""
    return f"{arguments.seconds(name, value):.9f}s"


def spelled_duration(seconds: float) -> str:
    """Return seconds as a person would write them: whole numbers of the largest unit that allows it."""
    unit = next((unit for unit, each in _UNITS.items() if seconds and seconds % each == 0), "s")
    return f'"{seconds / _UNITS[unit]:g}{unit}"'


def yes_or_no(value: object) -> bool:
    """Return ``true`` or ``false``; raise ``ValueError``."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"{shown(value)} is neither true nor false")


def _told_seconds(seconds: float) -> str:
    return f"{seconds:g}"


DURATION = Value(
    metavar="DURATION",
    read=parse_duration,
    write=written_duration,
    spell=spelled_duration,
    faults=lasting,
    tell=_told_seconds,
    learn=float,
)
POSITIVE_DURATION = attrs.evolve(DURATION, read=positive_duration)
YES_OR_NO = Value(metavar="", read=yes_or_no, spell=lambda value: str(value).lower())
