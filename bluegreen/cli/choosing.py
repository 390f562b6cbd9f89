"""Which services a command is about, and their settings: from the file, with the flags on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from bluegreen.cli.invocation import Invocation, names_pair
from bluegreen.errors import Misconfigured, Usage
from bluegreen.settings.configuration import Configuration, ServiceSettings, closest, taken_groups
from bluegreen.settings.file import NAMES, is_service_name

PAIR = ("blue", "green", "region", "image_tag_key", "state")
"""The flags that name a pair and its record."""

Flags = Mapping[str, Any]


def configured(invocation: Invocation, flags: Flags) -> Configuration:
    """Return the configuration; without a file, an empty one if the flags name the pair."""
    invocation.flags = {key: str(flags[key]) for key in PAIR if flags.get(key)}
    try:
        found = invocation.wiring.configuration(invocation.config)
    except Misconfigured:
        if invocation.config is not None or not names_pair(flags) or invocation.wiring.has_file():
            raise
        found = Configuration()
    return attrs.evolve(found, state=flags["state"]) if flags.get("state") else found


def one(configuration: Configuration, service: str, flags: Flags, image: str = "") -> ServiceSettings:
    """Return the settings of ``service``; raise ``Misconfigured``, with the names there are, for an unknown one.

    ``image`` is the word behind it, which may have been meant.
    """
    given = {key: value for key, value in flags.items() if value is not None and key != "state"}
    known = configuration.services.get(service)
    if known is None and not names_pair(flags):
        raise _unknown(service, configuration, image)
    if not is_service_name(service):
        raise Usage(NAMES)
    settings = ServiceSettings(name=service, **given) if known is None else attrs.evolve(known, **given)
    if settings.blue == settings.green:
        raise Usage(f'blue and green are both "{settings.blue}"; they must be two groups')
    if taken := next(taken_groups(settings, configuration.services.values()), None):
        colour, sentence = taken
        raise Usage(f"{colour}: {sentence}", "name that service, or other groups; `bluegreen.toml` says whose they are")
    if settings.require_image and settings.repository is None:
        raise Usage("--require-image needs to know where: --repository, or `repository` in the configuration")
    return settings


def some(configuration: Configuration, service: str | None, flags: Flags) -> tuple[ServiceSettings, ...]:
    """Return the settings of ``service``, or of all services when it is not given."""
    if service is not None:
        return (one(configuration, service, flags),)
    if any(flags.get(key) is not None for key in flags if key != "state"):
        raise Usage("--blue, --green, --region and --image-tag-key need the name of a service")
    return tuple(configuration.services.values())


def tell_of_none(invocation: Invocation, configuration: Configuration, chosen: tuple[ServiceSettings, ...]) -> None:
    """Say where no service is configured, which is no fault of a file: but nothing at all would look like one."""
    if not chosen:
        sentence = f"no service is configured in {configuration.path}"
        invocation.tell(sentence, "write [services.NAME] with blue and green, or name another file with --config")


def _unknown(service: str, configuration: Configuration, image: str) -> Misconfigured:
    names = ", ".join(configuration.services) or "none"
    where = f" in {configuration.path}" if configuration.path else ""
    meant = "; the service comes first" if image in configuration.services else ""
    return Misconfigured(
        f'there is no service "{service}"{where}{meant or closest(service, configuration.services)}',
        f"the services there are: {names}; or name a pair with --blue and --green",
    )
