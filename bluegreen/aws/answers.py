"""Members of AWS's answers that cannot be done without: one that is left out is not known, and never a no.

botocore hands on what came (1.44.5: nothing holds an answer against its shape). AWS's own example of an Auto Scaling
group, in botocore's ``examples-1.json``, has each of its lists, the empty ones, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.errors import Unreachable

HINT = "try again in a minute; if it stays so, look at AWS_ENDPOINT_URL, and at what stands between here and AWS"


class Incomplete(Unreachable):
    """AWS answered, and left out what is needed."""


def need(row: Mapping[str, Any] | None, member: str, asked: str, *, blank: bool = False) -> Any:
    """Return a member of an answer to the IAM action ``asked``; raise :class:`Incomplete` where it is absent or ``""``.

    A list may be empty, a number 0 and a flag false: that is said, not left out; with ``blank`` a text, too.
    """
    value = row.get(member) if row else None
    if value is None or (value == "" and not blank):
        raise Incomplete(f"AWS's answer to {asked} has no {member}", HINT)
    return value


def lacking(shape: Any, value: Any) -> str:
    """Return a member that botocore's ``shape`` requires, at any depth, and ``value`` lacks; nothing when it is whole.

    What is in ``value`` beside the shape is passed over.
    """
    if shape.type_name == "structure" and isinstance(value, Mapping):
        missing = (name for name in shape.required_members if value.get(name) in (None, ""))
        below = (lacking(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None)
        return next(filter(None, (*missing, *below)), "")
    if shape.type_name == "list" and isinstance(value, list | tuple):
        return next(filter(None, (lacking(shape.member, one) for one in value)), "")
    return ""
