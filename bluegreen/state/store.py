"""What every place for records promises: read, and write only over the version that was read."""

from __future__ import annotations

from typing import Protocol

from bluegreen.state.document import Document

Version = str | None
"""An opaque name of what a read showed; ``None`` when there was nothing."""


class Conflict(Exception):
    """Somebody else has written since the version that was expected."""


class Store(Protocol):
    """Keeps one document per service."""

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Return the document and its version; raise ``Unreachable``, ``Denied`` or ``Refused``, never guess."""

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep ``document`` durably if the version is still ``expected``, else raise :class:`Conflict`."""

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""
