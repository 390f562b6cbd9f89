"""Which function answers which AWS operation.

The table is filled by a decorator, so that an operation stands beside the rule it is about.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from .calls import Request, Result
from .errors import unknown_to_the_model
from .registry import Registry
from .world import World

Handler = Callable[[World, Request], Result]


@frozen
class Operation:
    """One AWS operation: who answers it, and which parameters it knows."""

    service: str
    name: str
    parameters: frozenset[str]
    run: Handler
    reads: bool


OPERATIONS: Registry[tuple[str, str], Operation] = Registry("operation")
"""By service and name."""


def operation(service: str, name: str, parameters: str = "") -> Callable[[Handler], Handler]:
    """Register the decorated function as the answer to ``service``'s ``name``; ``parameters`` are its names.

    :raises Unknown: where the operation is registered already.
    """
    reads = name.startswith(("Describe", "Get", "List"))

    def register(handler: Handler) -> Handler:
        OPERATIONS.add((service, name), Operation(service, name, frozenset(parameters.split()), handler, reads))
        return handler

    return register


def find(service: str, name: str, parameters: Request) -> Operation:
    """Return the operation, or refuse loudly what the model does not know of it."""
    found = OPERATIONS.known.get((service, name))
    if found is None:
        raise unknown_to_the_model(f"the operation {service}.{name}")
    if not found.parameters.issuperset(parameters):
        strange = set(parameters) - found.parameters
        raise unknown_to_the_model(f"the parameters {', '.join(sorted(strange))} of {service}.{name}")
    return found
