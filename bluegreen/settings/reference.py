"""The reference of the settings for people, in Markdown: made of what is declared, and of nothing else.

A page has a place for each part, between ``<!-- settings: PART -->`` and ``<!-- end -->``; :func:`filled` fills them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bluegreen.declared import EVERY_VERB, FILE_ALONE, Setting, declared
from bluegreen.flow.terms import Terms
from bluegreen.settings.kind import SettingsKind
from bluegreen.settings.service import ServiceSettings

HEAD = "| key | meaning | default | flag |\n|---|---|---|---|"

_PLACE = re.compile(r"(<!-- settings: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, kinds: Iterable[SettingsKind]) -> str:
    """Return the page with every place filled; raise ``KeyError`` for a part that there is not."""
    known = tuple(kinds)
    parts = {
        "any target": lambda: table(ANY.values()),
        "flags": lambda: flags(known),
        "flags of every command": lambda: flags_of("", known),
        "flags of deploy": lambda: flags_of("deploy", known),
        **_of_kinds(known),
    }
    return _PLACE.sub(lambda found: f"{found[1]}{parts[found[2]]()}\n{found[3]}", page)


ANY: Mapping[str, Setting] = {**declared(ServiceSettings), **declared(Terms)}
"""The settings of a service, whatever it runs on."""


def _of_kinds(kinds: Iterable[SettingsKind]) -> dict[str, Callable[[], str]]:
    return {
        part: make
        for kind in kinds
        for part, make in (
            (kind.name, lambda kind=kind: table(one for key, one in kind.settings.items() if key not in ANY)),
            (f"whole {kind.name}", lambda kind=kind: whole(kind)),
            (f"kept by a {kind.name}", lambda kind=kind: kept(kind)),
        )
    }


def table(settings: Iterable[Setting]) -> str:
    """Return a table with a row for each setting, those first that are required."""
    return "\n".join([HEAD, *map(_row, sorted(settings, key=lambda one: not one.required))])


def _row(setting: Setting) -> str:
    flag = "none" if setting.verbs == FILE_ALONE else f"`{used(setting)}`"
    return f"| `{setting.name}` | {setting.meaning} | {_default(setting)} | {flag} |"


def _by_verbs(kinds: Iterable[SettingsKind]) -> dict[frozenset[str], dict[str, Setting]]:
    """Return the settings, by flag, of those commands that understand it; first those that name something."""
    found: dict[frozenset[str], dict[str, Setting]] = {EVERY_VERB: {}}
    settings = (one for kind in kinds for one in kind.settings.values() if one.verbs != FILE_ALONE)
    for one in sorted(settings, key=lambda one: not one.required):
        found.setdefault(one.verbs, {}).setdefault(one.flag, one)
    return found


def flags(kinds: Iterable[SettingsKind]) -> str:
    """Return a list of which commands understand which flags."""
    lines = []
    for verbs, settings in _by_verbs(kinds).items():
        names = [f"`{flag}`" for flag in settings] + (["`--state`"] if verbs == EVERY_VERB else [])
        whose = "every command about a service" if verbs == EVERY_VERB else _listed(f"`{verb}`" for verb in verbs)
        lines.append(f"- {whose}: {', '.join(names)}")
    return "\n".join(lines)


def flags_of(verb: str, kinds: Iterable[SettingsKind]) -> str:
    """Return the flags that a command understands beside those of every command, which are those of none."""
    known = _by_verbs(kinds).items()
    mine = [one for verbs, found in known for one in found.values() if (verb in verbs if verb else verbs == EVERY_VERB)]
    return ", ".join(f"`{used(one)}`" for one in mine)


def _listed(words: Iterable[str]) -> str:
    *some, last = sorted(words)
    return f"{', '.join(some)} and {last}" if some else last


def used(setting: Setting) -> str:
    """Return the flag of a setting with what follows it."""
    return f"{setting.flag} {setting.value.metavar}".strip()


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    return setting.unsaid or f"`{setting.value.spell(setting.default)}`"


def whole(kind: SettingsKind) -> str:
    """Return an example of a service with every setting of its kind."""
    in_order = sorted(kind.settings.values(), key=lambda one: not one.required)
    lines = (f"{'# instead: ' if one.instead else ''}{one.name} = {one.example}" for one in in_order)
    return "\n".join(["```toml", 'state = "file:~/.local/state/bluegreen"', "", "[services.web]", *lines, "```"])


def kept(kind: SettingsKind) -> str:
    """Return a sentence that names what a release keeps."""
    names = ", ".join(f"`{name}`" for name in kind.terms.kept())
    return f"A release keeps the values it began with, whatever the file says later: {names}."
