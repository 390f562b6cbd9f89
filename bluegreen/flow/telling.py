"""How listeners are told. They are for people: what fails in one ends no run; only the record may."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TypeVar

import attrs

from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.ports import Listener

Kept = TypeVar("Kept", bound=type)
_PROMPT = set[type]()


def prompt(kind: Kept) -> Kept:
    """Have listeners of this very class told in the run's own thread: signals find them there, and they hang on nobody.

    What a listener says of itself makes it none of these: a caller's own may be called as ours are.
    """
    _PROMPT.add(kind)
    return kind


def is_prompt(listener: object) -> bool:
    """Whether a listener is told in the run's own thread."""
    return type(listener) in _PROMPT


def tell(listeners: Sequence[Listener], event: Event) -> None:
    """Tell ``event`` to all; what failed in one is told to the others.

    A listener that is ``binding`` belongs to the record: what is raised there is raised here, and those behind it are
    not told. Nor is a signal a listener's own, which finds the run wherever that is.
    """
    for failed, error in [(each, error) for each in listeners if (error := _failure(each, event)) is not None]:
        warning = attrs.evolve(event, kind=EventKind.WARNED, reason=_sentence(failed, error), action="", milestone="")
        for other in listeners:
            if other is not failed:
                _failure(other, warning)


def _failure(listener: Listener, event: Event) -> BaseException | None:
    try:
        listener(event)
    except BaseException as error:
        if _is_signal(error) or vows(listener, "binding"):
            raise
        return error
    return None


def vows(listener: object, name: str) -> bool:
    """Whether an attribute is there and is ``True``. Nothing of the listener's own is run, which might fail or hang."""
    return inspect.getattr_static(listener, name, False) is True


def name_of(listener: object) -> str:
    """Return what a listener is called; nothing of its own is run for that, either."""
    if type(listener) is MethodType:
        return name_of(listener.__func__)
    if type(listener) is FunctionType or type(listener) is BuiltinFunctionType:
        return listener.__name__
    return _told(listener, "__name__") or class_of(listener)


def class_of(value: object) -> str:
    """Return the name of a value's class, whatever that says of itself."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def _told(of: object, name: str) -> str:
    found = inspect.getattr_static(of, name, "")
    return found if type(found) is str else ""


def _is_signal(error: BaseException) -> bool:
    return issubclass(type(error), KeyboardInterrupt) or vows(error, "at_once")


def _sentence(failed: Listener, error: BaseException) -> str:
    """The error's own text may hold an address, or a secret."""
    kind = _told(error, "kind") or class_of(error)
    return f"{name_of(failed)} could not show an event ({kind}); nothing else is changed by that"
