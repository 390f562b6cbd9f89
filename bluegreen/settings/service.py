"""What is settled about a service, whatever it runs on: each setting declared once, here or among the release's terms.

What belongs to one kind of target is declared in that target's room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from attrs import frozen

from bluegreen.declared import (
    BEGINNING,
    EVERY_VERB,
    POSITIVE_DURATION,
    YES_OR_NO,
    Value,
    positive_duration,
    setting,
    values_of,
)
from bluegreen.errors import Usage
from bluegreen.settings.file import is_service_name
from bluegreen.words import shown

LONGEST_PAUSE = 20.0
"""Seconds between two looks."""

_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}", re.A)


def service_name(value: object) -> str:
    """Return a service's name; raise ``ValueError``."""
    if isinstance(value, str) and is_service_name(value):
        return value
    raise ValueError(f"{shown(value)} is no name: up to 100 letters, digits, '_', '.' and '-'")


def region_name(value: object) -> str:
    """Return an AWS region; raise ``ValueError``."""
    if isinstance(value, str) and _REGION.fullmatch(value):
        return value
    raise ValueError(f'{shown(value)} is not an AWS region such as "ap-northeast-2"')


def pause_between_looks(value: object) -> float:
    """Return a pause in seconds, 20 at most; raise ``ValueError``.

    Half a minute without a look is a gap, after which what was seen before proves nothing.
    """
    seconds = positive_duration(value)
    if seconds > LONGEST_PAUSE:
        raise ValueError(f"must be {LONGEST_PAUSE:.0f} s at most: after half a minute without a look nothing is proven")
    return seconds


def _repository(value: object) -> str:
    from bluegreen.registry.reference import repository

    return repository(value)


def _token_host(value: object) -> str:
    from bluegreen.registry.reference import token_host

    return token_host(value)


REGION = Value(metavar="REGION", read=region_name)
PAUSE = attrs.evolve(POSITIVE_DURATION, read=pause_between_looks)
REPOSITORY = Value(metavar="REPOSITORY", read=_repository)
HOST = Value(metavar="HOST", read=_token_host)
WITH_AN_IMAGE = BEGINNING | {"rollback"}


@frozen(kw_only=True, slots=False)
class ServiceSettings:
    """What is settled about one service of any kind; ``region`` ``None`` for AWS's own configuration.

    A target's own settings are a class that has these as well, and its terms. It raises ``Usage`` for a value that
    could not stand in the file.
    """

    name: str
    region: str | None = setting(
        REGION,
        default=None,
        help="The AWS region.",
        meaning="the AWS region",
        unsaid="AWS's own configuration",
        example='"ap-northeast-2"',
        verbs=EVERY_VERB,
    )
    look_every: float = setting(
        PAUSE,
        default=1.0,
        help="The pause between two looks.",
        meaning="the pause between two looks, varied by up to a tenth; 20 s at most",
        example='"1s"',
    )
    repository: str | None = setting(
        REPOSITORY,
        default=None,
        help="Where the image is to be: HOST/NAME.",
        meaning="where the image is to be, `HOST/NAME` as `docker pull` takes it, without a version: see "
        "[the image's registry](#the-images-registry). Without it nobody looks.",
        unsaid="none",
        example='"registry.gitlab.com/shop/web"',
        verbs=WITH_AN_IMAGE,
    )
    token_host: str | None = setting(
        HOST,
        default=None,
        help="The host that hands out the registry's tokens, if another.",
        meaning="the host that may have the registry's password to hand out tokens for it, where that is another host, "
        "such as `gitlab.com`",
        unsaid="none",
        example='"gitlab.com"',
        verbs=WITH_AN_IMAGE,
    )
    require_image: bool = setting(
        YES_OR_NO,
        default=False,
        help="End when it cannot be found out whether the image is in the repository; otherwise that is a warning.",
        meaning="whether a deployment ends when it cannot be found out if the image is there (69 or 77); otherwise "
        "that is a warning",
        example="false",
    )

    def __attrs_post_init__(self) -> None:
        _held_to("name", lambda: service_name(self.name))
        for one, value in values_of(self):
            _held_to(one.name, lambda one=one, value=value: one.refuse_unfit(value))
        said = {one.name: value for one, value in values_of(self) if value != one.default}
        for key, sentence in self.disagreeing(said):
            raise Usage(f"{key}: {sentence}")

    @classmethod
    def disagreeing(cls, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the key of each of some values that does not go with the others, with a sentence."""
        if values.get("require_image") is True and values.get("repository") is None:
            yield "require_image", "repository is missing: where the image is to be"

    @classmethod
    def kept(cls) -> tuple[str, ...]:
        """Return the keys of what a release keeps as it was when it began."""
        return ()

    @property
    def owned(self) -> Mapping[str, str]:
        """What only one service may use, by the key that names it."""
        return {}


def _held_to(key: str, check: Any) -> None:
    """Raise ``Usage``, naming the key, for a value that the file could not have."""
    try:
        check()
    except (ValueError, OverflowError) as error:
        raise Usage(f"{key}: {ascii(str(error))[1:-1]}") from error
