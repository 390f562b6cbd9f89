"""What a record knows of each kind of target: the classes of its releases, and how one of them is checked. Pure.

The record imports no target. Whoever wires a command hands it the kinds that this process knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import frozen

from bluegreen.flow.release import Past, Release
from bluegreen.ranges import Faults

Value = TypeVar("Value")
R_co = TypeVar("R_co", bound=Release, covariant=True)


@frozen(kw_only=True)
class RecordKind(Generic[R_co]):
    """One kind: its ``release`` and its ``past`` release, and what yields the faults of each.

    Faults of a past release are only those of what the target has beside :class:`~bluegreen.flow.release.Past`.
    """

    release: type[R_co]
    past: type[Past]
    release_faults: Callable[[Release], Faults]
    past_faults: Callable[[Past], Faults]

    @property
    def name(self) -> str:
        """What it is called on record."""
        return self.release.kind


@frozen
class Kinds:
    """The kinds that this process knows."""

    known: tuple[RecordKind[Release], ...]

    def named(self, name: object) -> RecordKind[Release] | None:
        """Return the kind that a record calls ``name``, if it is known."""
        return next((kind for kind in self.known if kind.name == name), None)


def only(kind: type[Value], faults: Callable[[Value], Faults]) -> Callable[[object], Faults]:
    """Return what yields the ``faults`` of a value of ``kind``, and that any other value is none."""

    def found(value: object) -> Faults:
        if isinstance(value, kind):
            yield from faults(value)
        else:
            yield f"a {type(value).__name__} is no {kind.__name__} of its kind"

    return found
