"""Records that last as long as the process: for rehearsals and tests."""

from __future__ import annotations

import threading

from attrs import define, field

from bluegreen.flow.release import Release
from bluegreen.record.document import Document
from bluegreen.record.lines import line_bytes, lines_in
from bluegreen.record.store import Conflict, Version


@define
class MemoryStore:
    """A store in memory; safe between threads."""

    _documents: dict[str, tuple[Document[Release], int]] = field(factory=dict)
    _events: dict[tuple[str, str], bytes] = field(factory=dict)
    _notes: dict[tuple[str, str], str] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def read(self, service: str) -> tuple[Document[Release] | None, Version]:
        """Return the document and its version."""
        document, version = self._documents.get(service, (None, 0))
        return document, str(version) if version else None

    def write(self, service: str, document: Document[Release], expected: Version) -> Version:
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

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Add ``line`` to the events of ``release``; nothing here outlives the process, whatever ``durable`` says."""
        added = line_bytes(line)
        with self._lock:
            self._events[service, release] = self._events.get((service, release), b"") + added

    def events(self, service: str, release: str) -> tuple[str, ...]:
        """Return the lines of ``release`` in order."""
        return lines_in(self._events.get((service, release), b""))

    def forget(self, service: str, release: str) -> None:
        """Remove the events of ``release``, if there are any."""
        with self._lock:
            self._events.pop((service, release), None)

    def note(self, service: str, topic: str, text: str) -> None:
        """Keep ``text`` on a topic."""
        self._notes[service, topic] = text

    def noted(self, service: str, topic: str) -> str | None:
        """Return what is kept on a topic."""
        return self._notes.get((service, topic))
