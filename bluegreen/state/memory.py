"""Records that last as long as the process: for rehearsals and tests."""

from __future__ import annotations

import threading

from attrs import define, field

from bluegreen.state.document import Document
from bluegreen.state.store import Conflict, Version


@define
class MemoryStore:
    """A store in memory; safe between threads."""

    _documents: dict[str, tuple[Document, int]] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Return the document and its version."""
        document, version = self._documents.get(service, (None, 0))
        return document, str(version) if version else None

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep ``document`` if the version is still ``expected``, else raise ``Conflict``."""
        with self._lock:
            _, version = self._documents.get(service, (None, 0))
            if expected != (str(version) if version else None):
                raise Conflict(service)
            self._documents[service] = (document, version + 1)
            return str(version + 1)

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""
        return tuple(sorted(self._documents))
