"""How fast the model's own workflows are, and which of the unknown answers it gives: each shelf registers its own.

The lengths are invented: AWS documents none.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import frozen

from .registry import Registry

T = TypeVar("T")


@frozen
class Option(Generic[T]):
    """One option: what it is unless it is given, and where ``among`` names any, which values it can have."""

    name: str
    usual: T
    among: tuple[T, ...] = ()

    def check(self, value: object) -> None:
        """Refuse a value that is none of the option's.

        :raises ValueError: of another type, or not among those there are.
        """
        number = type(self.usual) is float and type(value) is int
        if type(value) is not type(self.usual) and not number:
            raise ValueError(f"{self.name} is a {type(self.usual).__name__}, not {value!r}")
        if self.among and value not in self.among:
            raise ValueError(f"{self.name} is one of {', '.join(map(str, self.among))}, not {value!r}")


OPTIONS: Registry[str, Option[Any]] = Registry("option")


def option(name: str, usual: T, among: tuple[T, ...] = ()) -> Option[T]:
    """Register an option under its name."""
    return OPTIONS.add(name, Option(name, usual, among))


class Options:
    """Options as they are given by name; ``options[OPTION]`` is what holds, of that option's type.

    :raises Unknown: for a name that no shelf has registered.
    :raises ValueError: for a value that the option cannot have.
    """

    def __init__(self, **given: object) -> None:
        for name, value in given.items():
            OPTIONS[name].check(value)
        self._given = given

    def __getitem__(self, of: Option[T]) -> T:
        """Return what holds."""
        return self._given.get(of.name, of.usual)  # type: ignore[return-value]

    def __deepcopy__(self, _: dict[int, Any]) -> Options:
        """A value is its own copy."""
        return self


ACCOUNT = option("account", "123456789012")
REGION = option("region", "us-east-1")
