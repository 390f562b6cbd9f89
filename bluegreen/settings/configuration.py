"""``bluegreen.toml``: what may stand in it, and every fault at once with its line.

Durations are seconds once they are read; in the file they are texts such as ``"90s"``, ``"10m"`` or ``"1h30m"``.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import asdict, define, field, fields, frozen

from bluegreen.errors import Misconfigured
from bluegreen.flow.sound import printable
from bluegreen.registry.reference import repository, token_host
from bluegreen.settings.file import NAMES, is_service_name, plain, read
from bluegreen.settings.handed_in import refuse_unfit
from bluegreen.targets.pair.model.release import Pace
from bluegreen.targets.pair.model.sound import OURS, is_group, is_tag_key
from bluegreen.words import is_plain, shown

DEFAULT_STATE = "file:~/.local/state/bluegreen"
LONGEST = 10 * 366 * 86400.0
"""Seconds of a duration."""
LONGEST_PAUSE = 20.0
"""Seconds between two looks."""
NAMED, SHOWN = 50, 60
"""Faults that are told, and characters of a key in them."""
PLACE = 1024
"""Characters of the place of the records."""

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?", re.A)
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}", re.A)
_UNITS = (3600.0, 60.0, 1.0, 0.001)


@frozen(kw_only=True)
class ServiceSettings:
    """What is settled about one service; durations in seconds, ``region`` ``None`` for AWS's own configuration."""

    name: str
    blue: str
    green: str
    region: str | None = None
    image_tag_key: str = "image"
    bake: float = 600.0
    keep_parked: float = 3600.0
    deadline: float | None = None
    progress_deadline: float | None = None
    look_every: float = 1.0
    pace: Pace = field(factory=Pace)
    alarms: tuple[str, ...] = ()
    stabilization: float = 300.0
    repository: str | None = None
    token_host: str | None = None
    require_image: bool = False
    healthy_for: float | None = None

    def __attrs_post_init__(self) -> None:
        """Raise ``Usage`` for a value that could not stand in the file."""
        refuse_unfit(asdict(self, recurse=False), _DEFAULTS, {"name": service_name, **READERS})


_DEFAULTS = {attribute.name: attribute.default for attribute in fields(ServiceSettings)}


@frozen
class Configuration:
    """All that stands in the file; ``state`` is the place of the records, ``sandbox`` the address of one's API."""

    state: str = DEFAULT_STATE
    services: Mapping[str, ServiceSettings] = field(factory=dict)
    path: Path | None = None
    sandbox: str = ""


def parse_duration(text: object) -> float:
    """Return the seconds in ``"1h30m"``, ``"90s"`` or ``"100ms"``; raise ``ValueError`` with a sentence."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) and 0 < len(text) <= SHOWN else None
    if found is None:
        raise ValueError(f'{shown(text)} is not a duration such as "90s", "10m" or "1h30m"')
    seconds = sum(float(part) * unit for part, unit in zip(found.groups(), _UNITS, strict=True) if part)
    if seconds > LONGEST:
        raise ValueError(f"{shown(text)} is longer than ten years")
    return seconds


def load(explicit: str | None, environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Configuration:
    """Read the file that ``explicit`` names, or the one that is found; raise ``Misconfigured`` with all its faults."""
    return _for_its_sandbox(parse(*read(explicit, environ, directory)), environ)


def _for_its_sandbox(found: Configuration, environ: Mapping[str, str]) -> Configuration:
    """Return what a sandbox wrote only where every call goes to that very sandbox; raise ``Misconfigured`` elsewhere.

    Source: AWS SDKs and Tools reference, "Service-specific endpoints": a service's own variable goes first, and
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, or the same word in a profile, switches them all off.
    """
    if not found.sandbox:
        return found
    addresses = {value for name, value in environ.items() if value and re.fullmatch(r"AWS_ENDPOINT_URL(_\w+)?", name)}
    why = ""
    if not environ.get("AWS_ENDPOINT_URL") or addresses != {found.sandbox}:
        why = f"AWS_ENDPOINT_URL is not {found.sandbox}"
    elif _ignores_addresses(environ):
        why = f"AWS's own configuration ignores AWS_ENDPOINT_URL, which is {found.sandbox}"
    if why:
        raise Misconfigured(
            f"{found.path} is a sandbox's, and for that alone: {why}",
            "paste what `bluegreen sandbox up` has printed; when that sandbox is gone, remove the file",
        )
    return found


def _ignores_addresses(environ: Mapping[str, str]) -> bool:
    from bluegreen.aws.settings import IGNORE, profile_ignores_endpoints

    return environ[IGNORE].lower() == "true" if IGNORE in environ else profile_ignores_endpoints()


def parse(text: str, path: Path) -> Configuration:
    """Return what ``text`` says; raise ``Misconfigured`` with every fault and its line."""
    written = plain(text, path)
    faults = Faults(_lines(text))
    _unknown(written, ("state", "services", "sandbox"), (), faults)
    services = _services(written.get("services", {}), faults)
    configuration = Configuration(_state(written, faults), services, path, _sandbox(written, faults))
    _shared(services.values(), faults)
    faults.raise_any(path)
    return configuration


@define
class Faults:
    """Collects what is wrong; ``lines`` maps the path of a key to its line in the file."""

    lines: Mapping[tuple[str, ...], int]
    found: list[tuple[int, str]] = field(factory=list)

    def add(self, keys: tuple[str, ...], sentence: str) -> None:
        """Remember that at ``keys`` something is wrong."""
        near = next((self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), 1)
        self.found.append((near, f"{'.'.join(map(_short, keys))}: {sentence}"))

    def raise_any(self, path: Path) -> None:
        """Raise ``Misconfigured`` when anything is wrong, the faults in the file's order."""
        if self.found:
            sentences = [f"{path}:{line}: {sentence}" for line, sentence in sorted(self.found)]
            more = [f"{path}: and {len(sentences) - NAMED} more"] if len(sentences) > NAMED else []
            raise Misconfigured([*sentences[:NAMED], *more])


def _short(key: str) -> str:
    return key if len(key) <= SHOWN and is_plain(key) else shown(key)


def closest(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean …?" when one of ``words`` is close to ``word``, otherwise nothing."""
    found = [] if len(word) > SHOWN else difflib.get_close_matches(word, tuple(words), 1, 0.6)
    return f'; did you mean "{found[0]}"?' if found else ""


def _unknown(table: Mapping[str, Any], known: Iterable[str], keys: tuple[str, ...], faults: Faults) -> None:
    known = tuple(known)
    for key in table:
        if key not in known and len(faults.found) > NAMED:
            faults.add((*keys, key), "there is no such key")
        elif key not in known:
            faults.add((*keys, key), f"there is no such key{closest(key, known)}")


def _state(plain: Mapping[str, Any], faults: Faults) -> str:
    state = plain.get("state", DEFAULT_STATE)
    if isinstance(state, str) and re.fullmatch(r"(file|s3):.+", state) and printable(state, PLACE):
        return state
    faults.add(("state",), f'{shown(state)} is not a place for records such as "{DEFAULT_STATE}"')
    return DEFAULT_STATE


def _sandbox(plain: Mapping[str, Any], faults: Faults) -> str:
    address = plain.get("sandbox", "")
    if "sandbox" in plain and not (
        isinstance(address, str) and re.fullmatch(r"http://[\w.:\[\]-]{1,100}", address, re.A)
    ):
        faults.add(
            ("sandbox",), f"{shown(address)} is not the address of a sandbox's API, which writes this key itself"
        )
        return ""
    return str(address)


def _services(tables: object, faults: Faults) -> dict[str, ServiceSettings]:
    if not isinstance(tables, dict):
        faults.add(("services",), "write [services.NAME]")
        return {}
    found = {name: _service(name, table, faults) for name, table in tables.items()}
    return {name: settings for name, settings in found.items() if settings is not None}


def _service(name: str, table: object, faults: Faults) -> ServiceSettings | None:
    keys, before = ("services", name), len(faults.found)
    if not isinstance(table, dict):
        faults.add(keys, f"write [services.{name}]")
        return None
    if not is_service_name(name):
        faults.add(keys, NAMES)
    _unknown(table, READERS, keys, faults)
    values = dict(_values(table, keys, faults))
    for key in ("blue", "green"):
        if key not in table:
            faults.add(keys, f"{key} is missing: the name of an Auto Scaling group")
    if "blue" in values and values["blue"] == values.get("green"):
        faults.add((*keys, "green"), f'blue and green are both "{values["blue"]}"; they must be two groups')
    if values.get("require_image") and "repository" not in table:
        faults.add((*keys, "require_image"), "repository is missing: where the image is to be")
    return ServiceSettings(name=name, **values) if len(faults.found) == before else None


def _values(table: Mapping[str, Any], keys: tuple[str, ...], faults: Faults) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if reader := READERS.get(key):
            try:
                yield key, reader(value)
            except ValueError as error:
                faults.add((*keys, key), str(error))


def _shared(services: Iterable[ServiceSettings], faults: Faults) -> None:
    before = Users()
    for settings in services:
        for colour, sentence in taken_groups(settings, before.beside(settings)):
            faults.add(("services", settings.name, colour), sentence)
        before.add(settings)


@define
class Users:
    """Who uses a group already: the first service of each region, which is enough to name one, and soon found."""

    _first: dict[str, dict[str | None, tuple[int, ServiceSettings]]] = field(factory=dict)
    _known: int = 0

    def add(self, settings: ServiceSettings) -> None:
        """Remember a service, behind those before it."""
        self._known += 1
        for group in (settings.blue, settings.green):
            self._first.setdefault(group, {}).setdefault(settings.region, (self._known, settings))

    def beside(self, settings: ServiceSettings) -> tuple[ServiceSettings, ...]:
        """Return, in their order, four at most that tell what all together would of the groups of ``settings``."""
        found = dict(one for group in (settings.blue, settings.green) for one in self._of(group, settings.region))
        return tuple(found[number] for number in sorted(found))

    def _of(self, group: str, region: str | None) -> Iterator[tuple[int, ServiceSettings]]:
        users = self._first.get(group, {})
        if region is None:
            yield from islice(users.values(), 1)
        else:
            yield from (users[one] for one in (region, None) if one in users)


def taken_groups(settings: ServiceSettings, others: Iterable[ServiceSettings]) -> Iterator[tuple[str, str]]:
    """Yield blue or green, with a sentence, for each group of a service that may be one of ``others``' as well."""
    others = [one for one in others if one.name != settings.name and _may_be_one_region(one.region, settings.region)]
    for colour, group in (("blue", settings.blue), ("green", settings.green)):
        if user := next((one for one in others if group in (one.blue, one.green)), None):
            unless = "" if user.region == settings.region else ", unless both name their region"
            yield colour, f'"{group}" belongs to the service {user.name} already{unless}'


def _may_be_one_region(one: str | None, other: str | None) -> bool:
    """Whether two services may be in the same region: one that names none is where AWS's own configuration says."""
    return one == other or one is None or other is None


def service_name(value: object) -> str:
    """Return a service's name; raise ``ValueError``."""
    if isinstance(value, str) and is_service_name(value):
        return value
    raise ValueError(f"{shown(value)} is no name: up to 100 letters, digits, '_', '.' and '-'")


def group_name(value: object) -> str:
    """Return an Auto Scaling group's name (1 to 255 printable characters, no colon); raise ``ValueError``."""
    if isinstance(value, str) and is_group(value):
        return value
    raise ValueError(f"{shown(value)} is not the name of an Auto Scaling group")


def region_name(value: object) -> str:
    """Return an AWS region; raise ``ValueError``."""
    if isinstance(value, str) and _REGION.fullmatch(value):
        return value
    raise ValueError(f'{shown(value)} is not an AWS region such as "ap-northeast-2"')


def tag_key(value: object) -> str:
    """Return a tag's key (1 to 128 characters, not AWS's own, nor ours); raise ``ValueError``."""
    if isinstance(value, str) and is_tag_key(value):
        return value
    if isinstance(value, str) and value.startswith(OURS):
        raise ValueError(f"{shown(value)} begins with {OURS} as bluegreen's own tags do, which it would overwrite")
    raise ValueError(f"{shown(value)} is not the key of a tag")


def positive_duration(value: object) -> float:
    """Return a duration above zero in seconds; raise ``ValueError``."""
    seconds = parse_duration(value)
    if seconds <= 0:
        raise ValueError("must be longer than nothing")
    return seconds


def pause_between_looks(value: object) -> float:
    """Return a pause in seconds, 20 at most; raise ``ValueError``.

    Half a minute without a look is a gap, after which what was seen before proves nothing.
    """
    seconds = positive_duration(value)
    if seconds > LONGEST_PAUSE:
        raise ValueError(f"must be {LONGEST_PAUSE:.0f} s at most: after half a minute without a look nothing is proven")
    return seconds


def parse_pace(value: object) -> Pace:
    """Return the pace in ``"100/200"`` or ``{ least = 100, most = 200 }``, in percent; raise ``ValueError``."""
    found = re.fullmatch(r"(\d{1,3})/(\d{1,4})", value, re.A) if isinstance(value, str) else None
    match {"least": int(found[1]), "most": int(found[2])} if found else value:
        case {"least": int(least), "most": int(most), **rest} if not rest and 0 <= least <= 100 <= most <= 1000:
            return Pace(least, most)
    raise ValueError(f"{shown(value)} is not a pace such as 75/150 or {{ least = 75, most = 150 }} (percent)")


def alarm_names(value: object) -> tuple[str, ...]:
    """Return the names of CloudWatch alarms in a list, or in ``"one,other"``; raise ``ValueError``."""
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if isinstance(names, list) and len(names) <= 20 and all(map(_is_alarm_name, names)):
        return tuple(dict.fromkeys(names))
    raise ValueError(f'{shown(value)} is not a list of at most 20 names of alarms such as ["web-5xx"]')


def yes_or_no(value: object) -> bool:
    """Return ``true`` or ``false``; raise ``ValueError``."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"{shown(value)} is neither true nor false")


def _is_alarm_name(name: object) -> bool:
    return printable(name)


READERS: Mapping[str, Callable[[object], Any]] = {
    "blue": group_name,
    "green": group_name,
    "region": region_name,
    "image_tag_key": tag_key,
    "bake": parse_duration,
    "keep_parked": parse_duration,
    "deadline": positive_duration,
    "progress_deadline": positive_duration,
    "look_every": pause_between_looks,
    "pace": parse_pace,
    "alarms": alarm_names,
    "stabilization": parse_duration,
    "repository": repository,
    "token_host": token_host,
    "require_image": yes_or_no,
    "healthy_for": parse_duration,
}

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Return the line of each key and table that begins a line; tomllib itself does not tell them."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
