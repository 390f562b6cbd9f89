"""Which services a command is about, and their settings: from the file, with the flags on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from bluegreen.cli.invocation import Invocation
from bluegreen.declared import EVERY_VERB, declared
from bluegreen.errors import Misconfigured, Usage
from bluegreen.settings.configuration import Configuration, closest, taken
from bluegreen.settings.file import NAMES, is_service_name
from bluegreen.settings.kind import SettingsKind, kind_of
from bluegreen.settings.service import ServiceSettings

Flags = Mapping[str, Any]


def configured(invocation: Invocation, flags: Flags) -> Configuration:
    """Return the configuration; without a file, an empty one if the flags name what the service runs on."""
    invocation.flags = {key: str(flags[key]) for key in naming(invocation.wiring.kinds) if flags.get(key)}
    try:
        found = invocation.wiring.configuration(invocation.config)
    except Misconfigured:
        if invocation.config is not None or not invocation.names_target(flags) or invocation.wiring.has_file():
            raise
        found = Configuration()
    return attrs.evolve(found, state=flags["state"]) if flags.get("state") else found


def naming(kinds: tuple[SettingsKind, ...]) -> tuple[str, ...]:
    """Return the flags that every command understands: they say which service, and where its record is."""
    known = [one for kind in kinds for one in kind.settings.values() if one.verbs == EVERY_VERB]
    return (*dict.fromkeys(one.name for one in sorted(known, key=lambda one: not one.required)), "state")


def one(
    invocation: Invocation, configuration: Configuration, service: str, flags: Flags, image: str = ""
) -> ServiceSettings:
    """Return the settings of ``service``; raise ``Misconfigured``, with the names there are, for an unknown one.

    ``image`` is the word behind it, which may have been meant.
    """
    given = {key: value for key, value in flags.items() if value is not None and key != "state"}
    known = configuration.services.get(service)
    if known is None and not invocation.names_target(flags):
        raise _unknown(service, configuration, image)
    if not is_service_name(service):
        raise Usage(NAMES)
    settings = _new(invocation, service, given) if known is None else _changed(known, given)
    if clash := next(taken(settings, configuration.services.values()), None):
        key, sentence = clash
        raise Usage(f"{key}: {sentence}", "name that service, or another one; `bluegreen.toml` says whose it is")
    return settings


def _new(invocation: Invocation, service: str, given: Flags) -> ServiceSettings:
    """Return the settings of a service that is in no file, of the kind that its flags name."""
    return kind_of(given, invocation.wiring.kinds).terms(name=service, **given)


def _changed(known: ServiceSettings, given: Flags) -> ServiceSettings:
    """Return settings with what the flags say; raise ``Usage`` for a flag of another kind of target."""
    if strange := [key for key in given if key not in declared(type(known))]:
        flags = ", ".join(f"--{key.replace('_', '-')}" for key in strange)
        raise Usage(f"{flags}: {known.name} runs on something else, which has no such setting")
    return attrs.evolve(known, **given)


def some(
    invocation: Invocation, configuration: Configuration, service: str | None, flags: Flags
) -> tuple[ServiceSettings, ...]:
    """Return the settings of ``service``, or of all services when it is not given."""
    if service is not None:
        return (one(invocation, configuration, service, flags),)
    if any(flags.get(key) is not None for key in flags if key != "state"):
        names = [f"--{key.replace('_', '-')}" for key in naming(invocation.wiring.kinds) if key != "state"]
        raise Usage(f"{', '.join(names[:-1])} and {names[-1]} need the name of a service")
    return tuple(configuration.services.values())


def tell_of_none(invocation: Invocation, configuration: Configuration) -> None:
    """Say where no service is configured: it may be the wrong file."""
    sentence = f"no services in {configuration.path}"
    invocation.tell(sentence, "write [services.NAME] with blue and green, or name another file with --config")


def _unknown(service: str, configuration: Configuration, image: str) -> Misconfigured:
    names = ", ".join(configuration.services) or "none"
    where = f" in {configuration.path}" if configuration.path else ""
    meant = "; the service comes first" if image in configuration.services else ""
    return Misconfigured(
        f'there is no service "{service}"{where}{meant or closest(service, configuration.services)}',
        f"the services there are: {names}; or name a pair with --blue and --green",
    )
