"""What AWS refuses of a request as it comes in, beside values of no enumeration: botocore's models say it.

A member that is required and missing; a number or a length out of range; what is no number; a whole number of more than
32 bits; a character that no XML document may have (XML 1.0, "Characters"; Auto Scaling's shapes name the same ones),
which would break every later answer. The sentences are those of public reports. Clients of botocore hold themselves to
some of it; others ask as well.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bluegreen.aws.enums import EC2, Invalid

NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
XML = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"
WHOLE = {"integer": 2**31, "long": 2**63}
"""How large a number of each type is at most, in bits of two's complement."""
NEVER_NEGATIVE = frozenset({"Cooldown", "DefaultCooldown", "HealthCheckGracePeriod", "HeartbeatTimeout"})
"""Seconds that the models give no least value; what AWS answers to negative ones is unknown (docs/fidelity.md)."""


def check(service: str, model: Any, parameters: Mapping[str, Any]) -> None:
    """Raise :class:`Invalid` for the first thing that AWS would refuse of a request for ``model`` (botocore's)."""
    for path, value, constraint in _faults(model.input_shape, parameters, ""):
        if service == EC2 and value is None:
            raise Invalid("MissingParameter", f"The request must contain the parameter {path}")
        shown = "null" if value is None else f"'{str(value).encode('unicode_escape').decode():.200}'"
        told = f"Value {shown} at '{path}' failed to satisfy constraint: Member must {constraint}"
        code = "InvalidParameterValue" if service == EC2 else "ValidationError"
        raise Invalid(code, f"1 validation error detected: {told}")


def spelled(text: str) -> str:
    """Return ``text`` with what no XML document may have written out."""
    return NO_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def _faults(shape: Any, value: Any, path: str) -> Iterator[tuple[str, Any, str]]:
    """Yield where something is wrong, the value there, ``None`` for a missing one, and what it must."""
    if shape is None:
        return
    if isinstance(value, Mapping):
        yield from _in_members(shape, value, path)
    elif isinstance(value, list | tuple):
        yield from _out_of_range(shape, value, len(value), path, "have length")
        for number, one in enumerate(value, 1):
            yield from _faults(getattr(shape, "member", None), one, f"{path}.{number}")
    elif isinstance(value, str):
        yield from _out_of_range(shape, value, len(value), path, "have length")
        if NO_XML.search(value):
            yield path, value, f"satisfy regular expression pattern: {XML}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _in_number(shape, value, path)


def _in_members(shape: Any, value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any, str]]:
    if shape.type_name == "map":
        for key, one in value.items():
            yield from _faults(shape.key, key, path)
            yield from _faults(shape.value, one, f"{path}.{key}")
        return
    for name in getattr(shape, "required_members", ()):
        if value.get(name) is None:
            yield f"{path}.{name}".lstrip("."), None, "not be null"
    for name, one in value.items():
        yield from _faults(shape.members.get(name), one, f"{path}.{name}".lstrip("."))


def _in_number(shape: Any, value: float, path: str) -> Iterator[tuple[str, Any, str]]:
    if not -math.inf < value < math.inf:
        yield path, value, "be a finite number"
    yield from _out_of_range(shape, value, value, path, "have value")
    most = WHOLE.get(shape.type_name)
    if most is not None and not -most <= value < most:
        yield path, value, f"have value less than or equal to {most - 1}"
    if value < 0 and path.rpartition(".")[2] in NEVER_NEGATIVE:
        yield path, value, "have value greater than or equal to 0"


def _out_of_range(shape: Any, value: Any, size: float, path: str, has: str) -> Iterator[tuple[str, Any, str]]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield path, value, f"{has} greater than or equal to {least}"
    if most is not None and size > most:
        yield path, value, f"{has} less than or equal to {most}"
