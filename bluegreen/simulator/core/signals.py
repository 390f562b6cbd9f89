"""What one part of the model tells the others, without knowing who listens.

A signal is declared once, by whoever sends it, under a name and with the types of what is sent; whoever reacts
imports it. So what is below never imports what is above it, and a signal that nobody declared cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec

from attrs import Factory, frozen

from .registry import Registry

P = ParamSpec("P")


@frozen(eq=False)
class Signal(Generic[P]):
    """One signal, and what reacts to it, in the order in which the reactions were registered."""

    name: str
    reactions: list[Callable[P, None]] = Factory(list)

    def reaction(self, react: Callable[P, None]) -> Callable[P, None]:
        """Let the decorated function run whenever the signal is sent; it is handed what was sent."""
        self.reactions.append(react)
        return react

    def send(self, *arguments: P.args, **named: P.kwargs) -> None:
        """Let everything that reacts run now."""
        for react in self.reactions:
            react(*arguments, **named)


SIGNALS: Registry[str, Signal[Any]] = Registry("signal")


def signal(name: str) -> Signal[P]:
    """Register a signal under its name; who calls says the types of what is sent."""
    return SIGNALS.add(name, Signal[P](name))
