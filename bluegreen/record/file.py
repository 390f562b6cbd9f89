"""Records in a directory: one JSON file per service, readable by its owner only.

A write is a new file, flushed to the disk, renamed over the old one under ``flock``; whoever is killed in between
leaves the old record whole. For machines that share nothing but AWS, one directory is not enough. What others may
have put there is refused (:mod:`bluegreen.files`).

The events of a release are lines in a file of their own, ``<service>.events/<release>.jsonl``, a note stands beside
them: ``<service>.events/<topic>.json``.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from attrs import frozen

from bluegreen.clock import SystemClock
from bluegreen.errors import BluegreenError, Denied, Unreachable, Unrecorded
from bluegreen.files import Folder, Unfit, folder, make_folders, write_all
from bluegreen.flow.kinds import Kinds
from bluegreen.flow.release import Release
from bluegreen.record.codec import from_bytes, to_bytes
from bluegreen.record.document import Document
from bluegreen.record.lines import line_bytes, lines_in
from bluegreen.record.plain import LARGEST
from bluegreen.record.store import NOTE, Conflict, Version

_FORBIDDEN = (errno.EACCES, errno.EPERM)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.EROFS, errno.ENODEV, errno.ENXIO)
LOCKED = 5.0
"""Seconds for which somebody else's write is waited for."""

LONGEST_EVENTS = 2**26
"""Bytes of a release's events."""
LONGEST_LINE = 2**20
"""Bytes of one event."""

_SUFFIX = ".json"
_ELSEWHERE = "or choose another place with `state` or --state"


@frozen
class FileStore:
    """A store in ``directory``, which is made when the first record is written to it.

    Its records tell of releases of ``kinds``.
    """

    directory: Path
    kinds: Kinds

    def read(self, service: str) -> tuple[Document[Release] | None, Version]:
        """Return the document and its version, which is the digest of its bytes."""
        path = self.path(service)
        with self._troubles("read"):
            body = self._body(path.name)
        return (None, None) if body is None else (from_bytes(body, str(path), self.kinds), _version(body))

    def write(self, service: str, document: Document[Release], expected: Version) -> Version:
        """Keep ``document`` on the disk if the version is still ``expected``, else raise ``Conflict``.

        A directory that went away since it was read is not made again: the record that was there is missed.
        """
        path, body = self.path(service), to_bytes(document)
        with self._troubles("write"):
            if expected is None:
                make_folders(self.directory, 0o700)
            with folder(self.directory) as place, _locked(place, path.with_suffix(".lock").name):
                before = place.read(path.name, LARGEST)
                if expected != (None if before is None else _version(before)):
                    raise Conflict(service)
                _replace(place, path.name, body)
        return _version(body)

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""
        with self._troubles("read"), self._place() as place:
            names = [] if place is None else os.listdir(place.handle)
        return tuple(sorted(unquote(name.removesuffix(_SUFFIX)) for name in names if name.endswith(_SUFFIX)))

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Add ``line`` to the events of ``release``, on the disk when ``durable``."""
        path, added = self.events_path(service, release), line_bytes(line)
        with self._troubles("write"), folder(self.directory) as place, place.inside(path.parent.name, make=True) as at:
            _append(at, path.name, added, durable=durable)

    def events(self, service: str, release: str) -> tuple[str, ...]:
        """Return the lines of ``release`` in order, without what a crash left of one."""
        path = self.events_path(service, release)
        with self._troubles("read"), self._events(path.parent.name) as events:
            body = None if events is None else events.read(path.name, LONGEST_EVENTS)
        return lines_in(body or b"")

    def forget(self, service: str, release: str) -> None:
        """Remove the events of ``release``, if there are any."""
        path = self.events_path(service, release)
        with self._troubles("write"), self._events(path.parent.name) as events:
            if events is not None:
                events.remove(path.name)

    def note(self, service: str, topic: str, text: str) -> None:
        """Keep ``text`` on a topic, whole or not at all, in a file beside the releases' events."""
        path = self._note_path(service, topic)
        with self._troubles("write"), folder(self.directory) as place, place.inside(path.parent.name, make=True) as at:
            _replace(at, path.name, text.encode())

    def noted(self, service: str, topic: str) -> str | None:
        """Return what is kept on a topic."""
        path = self._note_path(service, topic)
        with self._troubles("read"), self._events(path.parent.name) as events:
            body = None if events is None else events.read(path.name, 4 * NOTE)
        return None if body is None else body.decode(errors="replace")[:NOTE]

    def _note_path(self, service: str, topic: str) -> Path:
        return self.directory / f"{quote(service, safe='')}.events" / f"{quote(topic, safe='')}.json"

    def path(self, service: str) -> Path:
        """Return the file that holds the record of ``service``."""
        return self.directory / (quote(service, safe="") + _SUFFIX)

    def events_path(self, service: str, release: str) -> Path:
        """Return the file that holds the events of ``release``."""
        return self.directory / f"{quote(service, safe='')}.events" / f"{quote(release, safe='')}.jsonl"

    def _body(self, name: str) -> bytes | None:
        with self._place() as place:
            return None if place is None else place.read(name, LARGEST)

    @contextlib.contextmanager
    def _place(self) -> Iterator[Folder | None]:
        """Open the directory; yield ``None`` when there is none."""
        with contextlib.ExitStack() as opened:
            try:
                place = opened.enter_context(folder(self.directory))
            except FileNotFoundError:
                place = None
            yield place

    @contextlib.contextmanager
    def _events(self, name: str) -> Iterator[Folder | None]:
        """Open the directory of a service's events; yield ``None`` when there is none."""
        with contextlib.ExitStack() as opened:
            place = opened.enter_context(self._place())
            try:
                events = None if place is None else opened.enter_context(place.inside(name))
            except FileNotFoundError:
                events = None
            yield events

    @contextlib.contextmanager
    def _troubles(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explained(self.directory, verb, error) from error
        except Unfit as error:
            raise Unfit(error.message, f"{error.hint}, {_ELSEWHERE}") from error


def explained(directory: Path, verb: str, error: OSError) -> BluegreenError:
    """Return our error for what kept us from ``verb`` (``read`` or ``write``) in ``directory``."""
    sentence = f"cannot {verb} the records in {directory}: {error.strerror or error}"
    if error.errno in _FORBIDDEN:
        return Denied(sentence, f"give yourself that permission, {_ELSEWHERE}")
    if verb == "write" and error.errno in _FULL:
        return Unrecorded(sentence, f"make room there, {_ELSEWHERE}")
    if verb == "write" and error.errno in _GONE:
        return Unrecorded(sentence, f"see that the folder is there and can be written to, {_ELSEWHERE}")
    if verb == "write" and error.errno == errno.EIO:
        return Unrecorded(sentence, f"look at the disk (`dmesg`), {_ELSEWHERE}")
    return Unreachable(sentence, f"put that right, {_ELSEWHERE}")


def _version(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@contextlib.contextmanager
def _locked(place: Folder, name: str) -> Iterator[None]:
    """Lock the file ``name``, made for that, and be sure that the name still means what was locked."""
    while True:
        with place.opened(name, os.O_RDWR | os.O_CREAT) as handle:
            _lock(handle)
            if place.still(name, handle):
                yield
                return


def _lock(handle: int) -> None:
    """Lock a file for ourselves; raise ``OSError`` when somebody keeps it for longer than a write can take."""
    clock = SystemClock()
    end = clock.monotonic() + LOCKED
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() > end:
                raise OSError(errno.EAGAIN, "somebody keeps them locked") from None
            clock.sleep(0.02)


def _replace(place: Folder, name: str, body: bytes) -> None:
    """Put ``body`` in the place of ``name``; the lock is held, so one name for what is not whole yet is enough."""
    beside = f".{name}.new"
    place.remove(beside)
    place.replace(name, body, beside)


def _append(events: Folder, name: str, added: bytes, *, durable: bool) -> None:
    """Add a line, alone in the file; what is not kept whole is taken back, now or by the next one who adds."""
    with events.opened(name, os.O_RDWR | os.O_CREAT | os.O_APPEND) as handle:
        _lock(handle)
        size = _mended(handle, events.path / name)
        try:
            write_all(handle, added)
            if durable:
                os.fsync(handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, size)
            raise
    if durable and not size:
        os.fsync(events.handle)


def _mended(handle: int, path: Path) -> int:
    """Cut off what a crash left of a line, and return the length of the file."""
    size = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return size
    begin = max(0, size - LONGEST_LINE)
    newline = os.pread(handle, LONGEST_LINE, begin).rfind(b"\n")
    if newline < 0 and begin:
        raise Unfit(f"{path} holds no lines, and is {size} bytes long", "see what it is, and move it away")
    whole = begin + newline + 1
    os.ftruncate(handle, whole)
    return whole
