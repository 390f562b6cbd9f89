"""How an attrs value is changed, where most changes change nothing. Quick to import."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

Value = TypeVar("Value")


def changed(value: Value, **members: Any) -> Value:
    """Return an attrs value with these members, and the very same one where it has them all: one is dear to make."""
    known = ((name, one, getattr(value, name)) for name, one in members.items())
    new = {name: one for name, one, before in known if one is not before and one != before}
    return attrs.evolve(value, **new) if new else value  # type: ignore[misc]
