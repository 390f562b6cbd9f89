"""What the shelves register by name: a second thing of a name is an error, and so is a name that nobody knows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Generic, TypeVar

from attrs import Factory, define, frozen

T = TypeVar("T")
Name = TypeVar("Name", bound=Hashable)


class Unknown(LookupError):
    """A name that nobody has registered, or that somebody has registered already."""


@define
class Registry(Generic[Name, T]):
    """All of one ``sort`` that there is, by name."""

    sort: str
    known: dict[Name, T] = Factory(dict)

    def add(self, name: Name, what: T) -> T:
        """Register ``what`` and return it.

        :raises Unknown: where the name is taken.
        """
        if name in self.known:
            raise Unknown(f"the simulator has a {self.sort} named {name} already")
        self.known[name] = what
        return what

    def __getitem__(self, name: Name) -> T:
        """Return what is registered under ``name``.

        :raises Unknown: where nothing is.
        """
        if name not in self.known:
            raise Unknown(
                f"the simulator knows no {self.sort} named {name}; it knows {', '.join(sorted(map(str, self.known)))}"
            )
        return self.known[name]

    def __iter__(self) -> Iterator[Name]:
        """Yield the names, in the order in which they were registered."""
        return iter(self.known)


@frozen(eq=False)
class Part(Generic[T]):
    """What one shelf keeps in a world: ``make`` gives it as it is at first."""

    name: str
    make: type[T]
    registry: Registry[str, Part[Any]]

    def registered(self) -> Part[T]:
        """Register the part and return it."""
        self.registry.add(self.name, self)
        return self


@define
class Parts:
    """One of each part, made when it is first asked for: ``parts[PART]`` has that part's own type."""

    made: dict[str, Any] = Factory(dict)

    def __getitem__(self, part: Part[T]) -> T:
        """Return the part.

        :raises Unknown: where it is not registered.
        """
        found = self.made.get(part.name)
        if found is None:
            part.registry[part.name]
            found = self.made[part.name] = part.make()
        return found
