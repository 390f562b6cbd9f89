"""What AWS refuses before it does anything: a value that is none of those that a parameter may have.

Which these are is read from botocore's models, which botocore itself does not hold parameters against. The sentence is
that of public reports; EC2's code differs (EC2 API reference, "Error codes").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

EC2 = "ec2"


class Invalid(Exception):
    """What AWS answers: ``code``, ``message`` and ``http_status``."""

    def __init__(self, code: str, message: str, http_status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status


@frozen
class Node:
    """Where a parameter has enumerated values: ``values`` are its own, ``each`` those of a list's or map's members."""

    values: tuple[str, ...] = ()
    members: Mapping[str, Node] | None = None
    each: Node | None = None


_known: dict[tuple[str, str], Node | None] = {}


def check(service: str, model: Any, parameters: Mapping[str, Any]) -> None:
    """Raise :class:`Invalid` when a parameter of the operation ``model`` (botocore's) has none of its values."""
    key = service, str(model.name)
    if key not in _known:
        _known[key] = _node(model.input_shape)
    if (node := _known[key]) is not None and (found := _wrong(node, parameters, "")):
        raise Invalid("InvalidParameterValue" if service == EC2 else "ValidationError", found)


def _node(shape: Any, above: tuple[str, ...] = ()) -> Node | None:
    """Return where there are enumerated values in ``shape``: nowhere in a shape within itself."""
    if shape is None or shape.name in above:
        return None
    below = (*above, shape.name)
    if shape.type_name == "structure":
        found = {name: node for name, member in shape.members.items() if (node := _node(member, below)) is not None}
        return Node(members=found) if found else None
    if shape.type_name in ("list", "map"):
        each = _node(shape.member if shape.type_name == "list" else shape.value, below)
        return None if each is None else Node(each=each)
    values = tuple(getattr(shape, "enum", None) or ())
    return Node(values) if values else None


def _wrong(node: Node, value: Any, path: str) -> str:
    if node.members is not None:
        found = (
            (name, member) for name, member in node.members.items() if isinstance(value, Mapping) and name in value
        )
        return next(filter(None, (_wrong(member, value[name], _joined(path, name)) for name, member in found)), "")
    if node.each is not None:
        return next(filter(None, (_wrong(node.each, one, f"{path}.{place}") for place, one in _each(value))), "")
    return "" if value in node.values else _sentence(str(value), path, node.values)


def _each(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(f"{name}.value", one) for name, one in value.items()]
    return [(f"{number}.member", one) for number, one in enumerate(value, 1)] if isinstance(value, list | tuple) else []


def _joined(path: str, name: str) -> str:
    own = name[:1].lower() + name[1:]
    return f"{path}.{own}" if path else own


def _sentence(value: str, path: str, values: tuple[str, ...]) -> str:
    told = f"Value '{value:.200}' at '{path}' failed to satisfy constraint"
    return f"1 validation error detected: {told}: Member must satisfy enum value set: [{', '.join(values)}]"
