"""The reference of the settings for people, in Markdown: made of what is declared, and of nothing else.

A page has a place for each part, between ``<!-- settings: PART -->`` and ``<!-- end -->``; :func:`filled` fills them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bluegreen.declared import Setting, declared
from bluegreen.flow.terms import Terms
from bluegreen.settings.kind import SettingsKind
from bluegreen.settings.service import ServiceSettings

HEAD = "| key | meaning | default | flag |\n|---|---|---|---|"

_PLACE = re.compile(r"(<!-- settings: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, kinds: Iterable[SettingsKind]) -> str:
    """Return the page with every place filled; raise ``KeyError`` for a part that there is not."""
    parts = {"any target": lambda: table(ANY.values()), **_of_kinds(kinds)}
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
    flag = f"{setting.flag} {setting.value.metavar}".strip()
    return f"| `{setting.name}` | {setting.meaning} | {_default(setting)} | `{flag}` |"


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    return setting.unsaid or f"`{setting.value.spell(setting.default)}`"


def whole(kind: SettingsKind) -> str:
    """Return an example of a service with every setting of its kind."""
    in_order = sorted(kind.settings.values(), key=lambda one: not one.required)
    lines = (f"{one.name} = {one.example}" for one in in_order)
    return "\n".join(["```toml", 'state = "file:~/.local/state/bluegreen"', "", "[services.web]", *lines, "```"])


def kept(kind: SettingsKind) -> str:
    """Return a sentence that names what a release keeps."""
    *names, last = (f"`{name}`" for name in kind.terms.kept())
    return f"A release keeps the values it began with: changing {', '.join(names)} or {last} later has no effect on it."
