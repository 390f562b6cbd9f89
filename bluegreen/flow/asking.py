"""How a plan comes to an answer: what a step has not seen is asked for, and comes onto the same look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from bluegreen.flow.answers import Answer, Unseen
from bluegreen.flow.view import View

Look = TypeVar("Look", bound=View)


class AskedInVain(Exception):
    """What a step lacks was asked for, and the look lacks it all the same: an error of ours, which would never end."""


def answered(
    look: Look, missing: Callable[[Look], Answer], more: Callable[[Any, Any], Any], now: Callable[[], float]
) -> tuple[Look, Answer]:
    """Return what ``missing`` says of a look, and that look with all that was asked for on the way.

    ``more`` returns a fleet with the answers to a question on it, and raises as an observation does; ``now`` is the
    time (POSIX seconds), which is read again after each question.
    """
    while isinstance(answer := missing(look), Unseen):
        fleet = more(look.fleet, answer.question)
        if fleet.known == look.fleet.known:
            raise AskedInVain(answer.reason)
        look = attrs.evolve(look, fleet=fleet, now=now())
    return look, answer
