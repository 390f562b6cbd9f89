"""How listeners are told. They are for people: what fails in one ends no run; only the record may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from bluegreen.flow.events import Event, Kind
from bluegreen.flow.ports import Listener


def tell(listeners: Sequence[Listener], event: Event) -> None:
    """Tell ``event`` to all; what failed in one is told to the others.

    A listener that is ``binding`` belongs to the record: what is raised there is raised here, and those behind it are
    not told. Nor is a signal a listener's own, which finds the run wherever that is.
    """
    for failed, error in [(each, error) for each in listeners if (error := _failure(each, event)) is not None]:
        warning = attrs.evolve(event, kind=Kind.WARNED, reason=_sentence(failed, error), action="", milestone="")
        for other in listeners:
            if other is not failed:
                _failure(other, warning)


def _failure(listener: Listener, event: Event) -> BaseException | None:
    try:
        listener(event)
    except BaseException as error:
        if _is_signal(error) or asked(listener, "binding", False) is True:
            raise
        return error
    return None


def asked(of: object, name: str, otherwise: Any) -> Any:
    """Return an attribute, or ``otherwise`` where there is none; also where looking it up fails, in whatever way."""
    try:
        return getattr(of, name, otherwise)
    except BaseException as error:
        if _is_signal(error):
            raise
        return otherwise


def name_of(listener: Listener) -> str:
    """Return what a listener is called."""
    name = asked(listener, "__name__", "")
    return name if type(name) is str and name else type(listener).__name__


def _is_signal(error: BaseException) -> bool:
    try:
        return isinstance(error, KeyboardInterrupt) or getattr(error, "at_once", False) is True
    except Exception:
        return False


def _sentence(failed: Listener, error: BaseException) -> str:
    """The error's own text may hold an address, or a secret."""
    kind = asked(error, "kind", "")
    kind = kind if type(kind) is str and kind else type(error).__name__
    return f"{name_of(failed)} could not tell of something ({kind}); nothing else is changed by that"
