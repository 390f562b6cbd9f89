"""A kind of target as the settings and the command line know it: the settings of its services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import frozen

from bluegreen.declared import Setting, declared
from bluegreen.settings.service import ServiceSettings


@frozen
class SettingsKind:
    """What a service may run on: ``name`` for people, ``terms`` the class of its services' settings."""

    name: str
    terms: type[ServiceSettings]

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The settings of its services, by their keys."""
        return declared(self.terms)

    @property
    def naming(self) -> tuple[str, ...]:
        """The keys without which a service of this kind is none: they name what it runs on."""
        return tuple(key for key, one in self.settings.items() if one.required)

    def is_named_by(self, values: Mapping[str, Any]) -> bool:
        """Whether values say what a service runs on, so that no file need say it."""
        return all(values.get(key) for key in self.naming)


def kind_of(keys: Collection[str], kinds: Iterable[SettingsKind]) -> SettingsKind:
    """Return the kind of a service that has these keys: the one of which it names most, the first of equals."""
    return max(kinds, key=lambda kind: len(set(keys) & set(kind.naming)))
