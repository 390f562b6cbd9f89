"""Guards that hold for any plan: each takes an answer and returns it, or a more careful one.

A correct plan does not need them. Each is one pure function of the answer and the look, and each has a saboteur in
the tests: a wrong plan that does harm without it.
"""

from __future__ import annotations

from itertools import islice, takewhile

from bluegreen.flow.answers import A, Answer, AnyAnswer, Blocked, Due, Failed, Q, R, Reached, Recorded, Waiting
from bluegreen.flow.view import View
from bluegreen.sentences import flow as sentences

AGREEING = 3
"""Equal looks before an absence is believed: with stale reads, one and two left orphans."""

STALE = 60.0
"""Seconds by which an answer of AWS may be out of date: what contradicts our last write is not believed before."""

FRESH = 5.0
"""Seconds that a look may have taken for an action to rest on it."""


def several_looks(answer: Answer[A, R, Q], look: View) -> Answer[A, R, Q]:
    """Believe a milestone, a wish, a failure or a block only when several looks in a row say the same.

    A look that waits since something was not told says nothing for it and nothing against it.
    """
    wanted = _agreeing(answer)
    told = (seen.answer for seen in look.past if not (seen.view.unsure and isinstance(seen.answer, Waiting)))
    agreed = 1 + sum(1 for _ in takewhile(lambda said: _same(said, answer), islice(told, wanted - 1)))
    if agreed >= wanted:
        return answer
    return Waiting(answer.reason, agreed=(agreed, wanted))


def fresh(answer: Answer[A, R, Q], look: View) -> Answer[A, R, Q]:
    """Act only on a look that is a few seconds old at most."""
    age = look.now - look.taken
    if isinstance(answer, Due) and age > FRESH:
        return Waiting(sentences.look_took(age))
    return answer


def stalled(answer: Answer[A, R, Q], look: View) -> Answer[A, R, Q]:
    """Fail when nothing has progressed for the progress deadline, whether by waiting or by acting in vain."""
    idle = look.now - max(look.release.progressed_at, look.rested)
    patience = look.release.terms.progress_deadline
    if isinstance(answer, Waiting):
        patience += answer.grace if answer.until is None else float("inf")
    if isinstance(answer, Due | Waiting) and idle > patience and not look.unsure:
        hint = answer.hint if isinstance(answer, Waiting) else ""
        return Failed(sentences.no_progress(idle, answer.reason), at_once=True, hint=hint)
    return answer


def _agreeing(answer: AnyAnswer) -> int:
    if isinstance(answer, Recorded):
        return answer.agreeing
    if isinstance(answer, Failed):
        return 1 if answer.at_once else AGREEING
    return AGREEING if isinstance(answer, Reached | Blocked) else 1


def _same(one: AnyAnswer, other: AnyAnswer) -> bool:
    if isinstance(one, Reached) and isinstance(other, Reached):
        return one.milestone == other.milestone
    if isinstance(one, Recorded) and isinstance(other, Recorded):
        return one.reason == other.reason
    return type(one) is type(other)
