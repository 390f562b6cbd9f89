"""Which function answers which AWS operation, and which function reacts to which event of the model.

Both tables are filled by decorators, so that an operation or a reaction stands beside the rule it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .errors import unknown_to_the_model

if TYPE_CHECKING:
    from .world import World

Request = Mapping[str, Any]
Result = dict[str, Any]
Handler = Callable[["World", Request], Result]
Reaction = Callable[..., None]


@frozen
class Operation:
    """One AWS operation: who answers it, and which parameters it knows."""

    service: str
    name: str
    parameters: frozenset[str]
    run: Handler

    @property
    def reads(self) -> bool:
        """Whether the operation changes nothing."""
        return self.name.startswith(("Describe", "Get", "List"))


OPERATIONS: dict[tuple[str, str], Operation] = {}
REACTIONS: dict[str, list[Reaction]] = {}


def operation(service: str, name: str, parameters: str = "") -> Callable[[Handler], Handler]:
    """Register the decorated function as the answer to ``service``'s ``name``; ``parameters`` are its names."""

    def register(handler: Handler) -> Handler:
        OPERATIONS[service, name] = Operation(service, name, frozenset(parameters.split()), handler)
        return handler

    return register


def find(service: str, name: str, parameters: Request) -> Operation:
    """Return the operation, or refuse loudly what the model does not know of it."""
    found = OPERATIONS.get((service, name))
    if found is None:
        raise unknown_to_the_model(f"the operation {service}.{name}")
    strange = set(parameters) - found.parameters
    if strange:
        raise unknown_to_the_model(f"the parameters {', '.join(sorted(strange))} of {service}.{name}")
    return found


def reaction(event: str) -> Callable[[Reaction], Reaction]:
    """Let the decorated function run whenever the model signals ``event``; it is handed what was signalled."""

    def register(react: Reaction) -> Reaction:
        REACTIONS.setdefault(event, []).append(react)
        return react

    return register
