"""Plans: tuples of steps with milestones between them. A step is a postcondition, from a look to an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Generic

import attrs
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


@frozen
class Stage:
    """Begins a stage: the steps behind it belong to it, until the next one begins, in the next section too.

    It is for people, who are told where a run is; no step is asked otherwise for it.
    """

    name: str


Item = Callable[[L], Answer[A, R, Q]] | Milestone[L] | Stage
"""One of a plan's."""


def first_missing(plan: Sequence[Item[L, A, R, Q]], look: L) -> Answer[A, R, Q]:
    """Return the answer of the first step that is not done, from the section that the release stands in."""
    for steps, milestone in staged(plan):
        if look.release.passed(milestone.name):
            continue
        stage = ""
        for stage, step in steps:
            answer = step(look)
            if not isinstance(answer, Done):
                return answer if answer.stage or not stage else attrs.evolve(answer, stage=stage)
        return Reached(milestone.name, milestone.told(look), stage=stage)
    return DONE


def staged(
    plan: Iterable[Item[L, A, R, Q]],
) -> Iterator[tuple[tuple[tuple[str, Callable[[L], Answer[A, R, Q]]], ...], Milestone[L]]]:
    """Yield the plan's steps cut at its milestones, each behind the name of its stage."""
    steps: list[tuple[str, Callable[[L], Answer[A, R, Q]]]] = []
    stage = ""
    for item in plan:
        if isinstance(item, Milestone):
            yield tuple(steps), item
            steps = []
        elif isinstance(item, Stage):
            stage = item.name
        else:
            steps.append((stage, item))


def sections(
    plan: Iterable[Item[L, A, R, Q]],
) -> Iterator[tuple[tuple[Callable[[L], Answer[A, R, Q]], ...], Milestone[L]]]:
    """Yield the plan's steps cut at its milestones."""
    for steps, milestone in staged(plan):
        yield tuple(step for _, step in steps), milestone


@cache
def stages(plan: tuple[object, ...]) -> tuple[str, ...]:
    """Return the names of a plan's stages, in their order."""
    return tuple(dict.fromkeys(item.name for item in plan if isinstance(item, Stage)))
