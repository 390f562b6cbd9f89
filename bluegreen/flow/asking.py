"""How a plan comes to an answer: what a step has not seen is asked for, and comes onto the same look."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from bluegreen.flow.answers import A, Answer, Q, R, Unseen
from bluegreen.flow.ports import L
from bluegreen.flow.view import Observed


class AskedInVain(Exception):
    """What a step lacks was asked for, and the look lacks it all the same: an error of ours, which would never end."""


def answered(
    look: L, missing: Callable[[L], Answer[A, R, Q]], more: Callable[[L, Q], Observed], now: Callable[[], float]
) -> tuple[L, Answer[A, R, Q]]:
    """Return what ``missing`` says of a look, and that look with all that was asked for on the way.

    ``more`` returns the fleet of a look with the answers to a question on it, and raises as an observation does;
    ``now`` is the time (POSIX seconds), which is read again after each question.
    """
    while isinstance(answer := missing(look), Unseen):
        fleet = more(look, answer.question)
        if fleet.known == look.fleet.known:
            raise AskedInVain(answer.reason)
        look = attrs.evolve(look, fleet=fleet, now=now())
    return look, answer
