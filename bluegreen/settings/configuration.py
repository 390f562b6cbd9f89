"""``bluegreen.toml``: what may stand in it, and every fault at once with its line.

Durations are seconds once they are read; in the file they are texts such as ``"90s"``, ``"10m"`` or ``"1h30m"``.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from bluegreen.errors import Misconfigured
from bluegreen.ranges import printable
from bluegreen.settings.file import NAMES, is_service_name, plain, read
from bluegreen.settings.kind import SettingsKind, kind_of
from bluegreen.settings.service import ServiceSettings
from bluegreen.words import is_plain, shown

DEFAULT_STATE = "file:~/.local/state/bluegreen"
NAMED, SHOWN = 50, 60
"""Faults that are told, and characters of a key in them."""
PLACE = 1024
"""Characters of the place of the records."""


@frozen
class Configuration:
    """All that stands in the file; ``state`` is the place of the records, ``sandbox`` the address of one's API."""

    state: str = DEFAULT_STATE
    services: Mapping[str, ServiceSettings] = field(factory=dict)
    path: Path | None = None
    sandbox: str = ""


def load(
    explicit: str | None,
    kinds: tuple[SettingsKind, ...],
    environ: Mapping[str, str] = os.environ,
    directory: Path | None = None,
) -> Configuration:
    """Read the file that ``explicit`` names, or the one that is found; raise ``Misconfigured`` with all its faults.

    ``kinds`` are those of targets that a service may run on.
    """
    return _for_its_sandbox(parse(*read(explicit, environ, directory), kinds), environ)


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


def parse(text: str, path: Path, kinds: tuple[SettingsKind, ...]) -> Configuration:
    """Return what ``text`` says of services of these kinds; raise ``Misconfigured`` with every fault and its line."""
    written = plain(text, path)
    faults = Faults(_lines(text))
    _unknown(written, ("state", "services", "sandbox"), (), faults)
    services = _services(written.get("services", {}), kinds, faults)
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
            raise Misconfigured([*sentences[:NAMED], *more], f"put {path} right and try again")


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


def _services(tables: object, kinds: tuple[SettingsKind, ...], faults: Faults) -> dict[str, ServiceSettings]:
    if not isinstance(tables, dict):
        faults.add(("services",), "write [services.NAME]")
        return {}
    found = {name: _service(name, table, kinds, faults) for name, table in tables.items()}
    return {name: settings for name, settings in found.items() if settings is not None}


def _service(name: str, table: object, kinds: tuple[SettingsKind, ...], faults: Faults) -> ServiceSettings | None:
    keys, before = ("services", name), len(faults.found)
    if not isinstance(table, dict):
        faults.add(keys, f"write [services.{name}]")
        return None
    if not is_service_name(name):
        faults.add(keys, NAMES)
    kind = kind_of(table, kinds)
    _unknown(table, kind.settings, keys, faults)
    values = dict(_values(table, kind, keys, faults))
    for key in kind.naming:
        if key not in table:
            faults.add(keys, f"{key} is missing: {kind.settings[key].value.what}")
    for key, sentence in kind.terms.disagreeing({**table, **values}):
        faults.add((*keys, key), sentence)
    return kind.terms(name=name, **values) if len(faults.found) == before else None


def _values(
    table: Mapping[str, Any], kind: SettingsKind, keys: tuple[str, ...], faults: Faults
) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if setting := kind.settings.get(key):
            try:
                yield key, setting.read(value)
            except ValueError as error:
                faults.add((*keys, key), str(error))


def _shared(services: Iterable[ServiceSettings], faults: Faults) -> None:
    before = Users()
    for settings in services:
        for key, sentence in taken(settings, before.beside(settings)):
            faults.add(("services", settings.name, key), sentence)
        before.add(settings)


@define
class Users:
    """Who uses something already: the first service of each region, which is enough to name one, and soon found."""

    _first: dict[str, dict[str | None, tuple[int, ServiceSettings]]] = field(factory=dict)
    _known: int = 0

    def add(self, settings: ServiceSettings) -> None:
        """Remember a service, behind those before it."""
        self._known += 1
        for owned in settings.owned.values():
            self._first.setdefault(owned, {}).setdefault(settings.region, (self._known, settings))

    def beside(self, settings: ServiceSettings) -> tuple[ServiceSettings, ...]:
        """Return, in their order, a few that tell what all together would of what ``settings`` uses.

        They are two at most for each thing that only one service may use.
        """
        found = dict(one for owned in settings.owned.values() for one in self._of(owned, settings.region))
        return tuple(found[number] for number in sorted(found))

    def _of(self, owned: str, region: str | None) -> Iterator[tuple[int, ServiceSettings]]:
        users = self._first.get(owned, {})
        if region is None:
            yield from islice(users.values(), 1)
        else:
            yield from (users[one] for one in (region, None) if one in users)


def taken(settings: ServiceSettings, others: Iterable[ServiceSettings]) -> Iterator[tuple[str, str]]:
    """Yield the key, with a sentence, of each thing that a service uses and that may be one of ``others``' as well."""
    others = [one for one in others if one.name != settings.name and _may_be_one_region(one.region, settings.region)]
    for key, owned in settings.owned.items():
        if user := next((one for one in others if owned in one.owned.values()), None):
            unless = "" if user.region == settings.region else ", unless both name their region"
            yield key, f'"{owned}" belongs to the service {user.name} already{unless}'


def _may_be_one_region(one: str | None, other: str | None) -> bool:
    """Whether two services may be in the same region: one that names none is where AWS's own configuration says."""
    return one == other or one is None or other is None


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
