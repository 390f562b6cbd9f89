"""What every place for records promises: read, and write only over the version that was read.

Beside the record of a service it keeps the events of each of its releases. They are for people: nothing is decided
from them, so that they need no version.
"""

from __future__ import annotations

from typing import Protocol

from bluegreen.flow.release import Release
from bluegreen.record.document import Document

Version = str | None
"""An opaque name of what a read showed; ``None`` when there was nothing."""


NOTE = 1000
"""Characters of a note at most."""


class Conflict(Exception):
    """Somebody else has written since the version that was expected."""


class Store(Protocol):
    """Keeps one document per service, and beside it the events of its releases."""

    def read(self, service: str) -> tuple[Document[Release] | None, Version]:
        """Return the document and its version; raise ``Unreachable``, ``Denied`` or ``Refused``, never guess."""

    def write(self, service: str, document: Document[Release], expected: Version) -> Version:
        """Keep ``document`` durably if the version is still ``expected``, else raise :class:`Conflict`.

        ``Unreachable``: it is not known whether it was kept. ``Unrecorded``: it was not, and will not be.
        """

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Add ``line`` to the events of ``release``; the service has a record already.

        When it returns and ``durable`` was asked for, this line and all before it are kept; others may be lost with
        the process. A line whose call raised is kept or not, and the next call is none the worse for it.
        Raise ``ValueError`` for a line with a newline in it.
        """

    def events(self, service: str, release: str) -> tuple[str, ...]:
        """Return the lines of ``release`` in order; what a crash left of a line is none."""

    def forget(self, service: str, release: str) -> None:
        """Remove the events of ``release``, if there are any."""

    def note(self, service: str, topic: str, text: str) -> None:
        """Keep ``text`` on a ``topic`` (a word) beside the record, in place of what was kept; the last one wins.

        Like events it is for people; the service has a record already.
        """

    def noted(self, service: str, topic: str) -> str | None:
        """Return what is kept on a topic, its first ``NOTE`` characters; ``None`` where there is nothing."""
