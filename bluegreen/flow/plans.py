"""Plans: tuples of steps with milestones between them. A step is a postcondition, from a look to an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic

from attrs import frozen

from bluegreen.flow.answers import DONE, A, Answer, Done, Q, R, Reached
from bluegreen.flow.ports import L


@frozen
class Milestone(Generic[L]):
    """A one-way door: once reached, the steps before it are never asked again.

    ``sentence`` is what it has come to then, or what makes that of a look.
    """

    name: str
    sentence: str | Callable[[L], str]

    def told(self, look: L) -> str:
        """Return what it has come to with this door."""
        return self.sentence if isinstance(self.sentence, str) else self.sentence(look)


def first_missing(plan: Sequence[Callable[[L], Answer[A, R, Q]] | Milestone[L]], look: L) -> Answer[A, R, Q]:
    """Return the answer of the first step that is not done, from the section that the release stands in."""
    for steps, milestone in sections(plan):
        if look.release.passed(milestone.name):
            continue
        for step in steps:
            answer = step(look)
            if not isinstance(answer, Done):
                return answer
        return Reached(milestone.name, milestone.told(look))
    return DONE


def sections(
    plan: Sequence[Callable[[L], Answer[A, R, Q]] | Milestone[L]],
) -> Iterator[tuple[tuple[Callable[[L], Answer[A, R, Q]], ...], Milestone[L]]]:
    """Yield the plan's steps cut at its milestones."""
    steps: list[Callable[[L], Answer[A, R, Q]]] = []
    for item in plan:
        if isinstance(item, Milestone):
            yield tuple(steps), item
            steps = []
        else:
            steps.append(item)
