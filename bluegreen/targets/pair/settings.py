"""What is settled about a service that runs on a pair: its two groups, beside the terms of its releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from bluegreen.declared import EVERY_VERB, Value, declared, setting
from bluegreen.settings import service
from bluegreen.targets.pair.model.terms import Asked, is_group
from bluegreen.words import shown


def group_name(value: object) -> str:
    """Return an Auto Scaling group's name (1 to 255 printable characters, no colon); raise ``ValueError``."""
    if isinstance(value, str) and is_group(value):
        return value
    raise ValueError(f"{shown(value)} is not the name of an Auto Scaling group")


GROUP = Value(metavar="GROUP", read=group_name, what="the name of an Auto Scaling group")


@frozen(kw_only=True)
class ServiceSettings(Asked, service.ServiceSettings):
    """What is settled about one service on a pair of groups, ``blue`` and ``green``; durations in seconds.

    ``region`` is ``None`` for AWS's own configuration, a deadline or ``healthy_for`` for what is derived from the pair.
    """

    blue: str = setting(
        GROUP,
        help="One Auto Scaling group.",
        meaning="the name of one Auto Scaling group",
        example='"web-blue"',
        verbs=EVERY_VERB,
    )
    green: str = setting(
        GROUP,
        help="The other Auto Scaling group.",
        meaning="the name of the other one",
        example='"web-green"',
        verbs=EVERY_VERB,
    )

    @classmethod
    def disagreeing(cls, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield the key of each of some values that does not go with the others, with a sentence."""
        yield from super().disagreeing(values)
        yield from cls.at_odds(values)
        if "blue" in values and values["blue"] == values.get("green"):
            yield "green", f'blue and green are both "{values["blue"]}"; they must be two groups'

    @classmethod
    def kept(cls) -> tuple[str, ...]:
        """Return the keys of what a release keeps as it was when it began: its terms."""
        return tuple(declared(cls.SETTLED))

    @property
    def owned(self) -> Mapping[str, str]:
        """The groups: no other service may use them."""
        return {"blue": self.blue, "green": self.green}
