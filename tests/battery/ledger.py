"""A store in memory whose writes can be watched and made to fail, and that can be branched."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import attrs
from attrs import define

from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version


def _nothing(_: Document) -> None:
    """Let the write be."""


@define
class Ledger(MemoryStore):
    """``before`` and ``after`` see each document that is written, and what they raise is what the writer sees."""

    before: Callable[[Document], None] = _nothing
    after: Callable[[Document], None] = _nothing
    writes: int = 0

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep ``document`` as every store does."""
        self.before(document)
        version = super().write(service, document, expected)  # type: ignore[misc]
        self.writes += 1
        self.after(document)
        return version

    def __deepcopy__(self, memo: dict[int, Any]) -> Ledger:
        """Branch: documents are values and are shared, a lock is made anew."""
        other = memo[id(self)] = Ledger()
        for one in attrs.fields(Ledger):
            value = getattr(self, one.name)
            if isinstance(value, dict):
                setattr(other, one.name, dict(value))
            elif one.name != "_lock":
                setattr(other, one.name, copy.deepcopy(value, memo))
        return other
