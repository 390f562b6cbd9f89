"""What the model knows: the parts that the shelves register, plain data that can be pickled.

A stale read is a look at an older copy of the state. What is ``beside`` it is not of the past even then: figures that
were measured, the load, and what a test lets go on.
"""

from __future__ import annotations

from typing import Any, TypeVar

from attrs import define

from .registry import Part, Parts, Registry

T = TypeVar("T")

STATE: Registry[str, Part[Any]] = Registry("part of the state")
BESIDE: Registry[str, Part[Any]] = Registry("part beside the state")


@define
class State(Parts):
    """Everything the model knows, part by part; ``counter`` numbers its identifiers."""

    counter: int = 0


def part(name: str, make: type[T]) -> Part[T]:
    """Register what a shelf knows under ``name``."""
    return Part(name, make, STATE).registered()


def beside(name: str, make: type[T]) -> Part[T]:
    """Register what a shelf keeps beside the state."""
    return Part(name, make, BESIDE).registered()
