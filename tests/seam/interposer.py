"""What stands between the engine and any target's world and book: told before and behind each call, it may raise.

It knows no target: a kind goes in, a kind comes out, whose courses pass through here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from attrs import define, frozen

from bluegreen.flow.engine import Outcome
from bluegreen.record.book import ServiceBook
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.target import AnyTarget, Course, How, Kind

Point = Callable[[str, bool], None]
"""Called with what is done (observe, more, act, save), and whether it is done already."""


class Crash(BaseException):
    """The process is killed: nothing of it goes on."""


@frozen
class Between:
    """A world, or a book, each of whose calls has a point before it and one behind it."""

    inner: Any
    point: Point

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if name not in ("observe", "more", "act", "save"):
            return found

        def done(*words: Any) -> Any:
            self.point(name, False)
            answer = found(*words)
            self.point(name, True)
            return answer

        return done


@define
class Proxy:
    """A target whose courses have those points; all else is its own."""

    target: AnyTarget
    point: Point

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def course(self, book: ServiceBook[Any], release: Any, how: How, *, urgent: bool = False) -> Course:
        """Return the target's course, with points in it."""
        return self._pointed(self.target.course(book, release, how, urgent=urgent))

    def then(self, book: ServiceBook[Any], outcome: Outcome) -> Course | None:
        """Return the target's next course, with points in it."""
        found = self.target.then(book, outcome)
        return None if found is None else self._pointed(found)

    def _pointed(self, course: Course) -> Course:
        engine, book = course.engine, Between(course.book, self.point)
        return attrs.evolve(
            course, engine=attrs.evolve(engine, world=Between(engine.world, self.point), book=book), book=book
        )


def interposed(kind: Kind, point: Point) -> Kind:
    """Return a kind of target whose every call of the engine goes through ``point``."""

    def build(session: Session) -> Any:
        return Proxy(kind.build(session), point)

    return attrs.evolve(kind, build=build)


@define
class Nth:
    """A point that raises at the ``at``-th call of some names: before it (``behind`` false), or behind it."""

    at: int
    behind: bool
    error: Callable[[], BaseException] = Crash
    names: tuple[str, ...] = ("observe", "more", "act", "save")
    seen: int = 0
    hit: bool = False

    def __call__(self, name: str, done: bool) -> None:
        if name not in self.names or done is not self.behind:
            return
        self.seen += 1
        if self.seen == self.at:
            self.hit = True
            raise self.error()
