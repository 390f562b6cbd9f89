"""The filters of EC2's Describe calls: which values pass.

Source: EC2 user guide ("List and filter your resources"): values are case-sensitive; an asterisk stands for any
characters or none, a question mark for one or none; a backslash before either takes it literally.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from attrs import frozen

PARTS = re.compile(r"\\(?P<literal>.)|(?P<any>\*)|(?P<one>\?)", re.DOTALL)


@frozen
class Filter:
    """One filter: a value passes that is one of ``exact``, or has one of the forms."""

    name: str
    exact: frozenset[str]
    forms: tuple[re.Pattern[str], ...]

    def passes(self, values: Iterable[str]) -> bool:
        """Whether any of ``values`` passes."""
        return any(value in self.exact or any(form.fullmatch(value) for form in self.forms) for value in values)


def filters_of(request: Mapping[str, Any]) -> list[Filter]:
    """Return the filters of a request, read once, however much they are held against."""
    return [_read(item["Name"], item["Values"]) for item in request.get("Filters", ())]


def _read(name: str, values: Collection[str]) -> Filter:
    wild = {value for value in values if PARTS.search(value)}
    return Filter(name, frozenset(values) - wild, tuple(map(_form, sorted(wild))))


def _form(text: str) -> re.Pattern[str]:
    found, end = "", 0
    for part in PARTS.finditer(text):
        found += re.escape(text[end : part.start()])
        found += re.escape(part["literal"]) if part["literal"] else ".*" if part["any"] else ".?"
        end = part.end()
    return re.compile(found + re.escape(text[end:]), re.DOTALL)
