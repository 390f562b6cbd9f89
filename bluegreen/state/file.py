"""Records in a directory: one JSON file per service, readable by its owner only.

A write is a new file, flushed to the disk, renamed over the old one under ``flock``; whoever is killed in between
leaves the old record whole. For machines that share nothing but AWS, one directory is not enough.

The events of a release are lines in a file of their own, ``<service>.events/<release>.jsonl``.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from attrs import frozen

from bluegreen.clock import SystemClock
from bluegreen.errors import BluegreenError, Denied, Unreachable, Unrecorded
from bluegreen.state.document import Document, from_bytes, to_bytes
from bluegreen.state.journal import line_bytes, lines_in
from bluegreen.state.plain import LARGEST
from bluegreen.state.store import Conflict, Version

_FORBIDDEN = (errno.EACCES, errno.EPERM)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.EROFS, errno.ENODEV, errno.ENXIO)
LOCKED = 5.0
"""Seconds for which somebody else's write is waited for."""

_SUFFIX = ".json"
_ELSEWHERE = "or choose another place with `state` or --state"


@frozen
class FileStore:
    """A store in ``directory``, which is made when the first record is written to it."""

    directory: Path

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Return the document and its version, which is the digest of its bytes."""
        path = self.path(service)
        with self._troubles("read"):
            body = _body(path, LARGEST + 1)
        return (None, None) if body is None else (from_bytes(body, str(path)), _version(body))

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep ``document`` on the disk if the version is still ``expected``, else raise ``Conflict``.

        A directory that went away since it was read is not made again: the record that was there is missed.
        """
        path, body = self.path(service), to_bytes(document)
        with self._troubles("write"):
            if expected is None:
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _locked(path.with_suffix(".lock")):
                before = _body(path, LARGEST + 1)
                if expected != (None if before is None else _version(before)):
                    raise Conflict(service)
                _replace(path, body)
        return _version(body)

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""
        with self._troubles("read"):
            names = os.listdir(self.directory) if self.directory.is_dir() else []
        return tuple(sorted(unquote(name.removesuffix(_SUFFIX)) for name in names if name.endswith(_SUFFIX)))

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Add ``line`` to the events of ``release``, on the disk when ``durable``."""
        path, added = self.events_path(service, release), line_bytes(line)
        with self._troubles("write"):
            _make_folder(path.parent)
            _append(path, added, durable=durable)

    def events(self, service: str, release: str) -> tuple[str, ...]:
        """Return the lines of ``release`` in order, without what a crash left of one."""
        with self._troubles("read"):
            return lines_in(_body(self.events_path(service, release)) or b"")

    def forget(self, service: str, release: str) -> None:
        """Remove the events of ``release``, if there are any."""
        with self._troubles("write"):
            self.events_path(service, release).unlink(missing_ok=True)

    def path(self, service: str) -> Path:
        """Return the file that holds the record of ``service``."""
        return self.directory / (quote(service, safe="") + _SUFFIX)

    def events_path(self, service: str, release: str) -> Path:
        """Return the file that holds the events of ``release``."""
        return self.directory / f"{quote(service, safe='')}.events" / f"{quote(release, safe='')}.jsonl"

    @contextlib.contextmanager
    def _troubles(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explained(self.directory, verb, error) from error


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


def _body(path: Path, most: int = -1) -> bytes | None:
    """Return what is in a file, ``most`` bytes of it at most, or ``None`` without one."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return None


def _version(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with _opened(path, os.O_RDWR | os.O_CREAT) as handle:
        _lock(handle)
        yield


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


def _shared(directory: Path) -> int:
    """Return what a directory permits; one that its group may write to is shared by the users of that group."""
    mode = directory.stat().st_mode
    return mode if mode & stat.S_IWGRP else 0


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    handle = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        if flags & os.O_CREAT and os.fstat(handle).st_uid == os.geteuid():
            os.fchmod(handle, 0o600 | _shared(path.parent) & 0o060)
        yield handle
    finally:
        os.close(handle)


def _replace(path: Path, body: bytes) -> None:
    """Put ``body`` in the place of ``path``; the lock is held, so one name for what is not whole yet is enough."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with _opened(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as handle:
            _write_all(handle, body)
            os.fsync(handle)
        os.replace(fresh, path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    _flush(path.parent)


def _make_folder(path: Path) -> None:
    """Make one folder; its parent holds the record, and is missed when it went away."""
    try:
        path.mkdir(mode=0o700)
        if shared := _shared(path.parent):
            path.chmod(stat.S_IMODE(shared))
    except FileExistsError:
        return
    _flush(path.parent)


def _append(path: Path, added: bytes, *, durable: bool) -> None:
    """Add a line, alone in the file; what is not kept whole is taken back, now or by the next one who adds."""
    with _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as handle:
        _lock(handle)
        size = _mended(handle)
        try:
            _write_all(handle, added)
            if durable:
                os.fsync(handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, size)
            raise
    if durable and not size:
        _flush(path.parent)


def _mended(handle: int) -> int:
    """Cut off what a crash left of a line, and return the length of the file."""
    size = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return size
    whole = os.pread(handle, size, 0).rfind(b"\n") + 1
    os.ftruncate(handle, whole)
    return whole


def _write_all(handle: int, body: bytes) -> None:
    left = memoryview(body)
    while left:
        left = left[os.write(handle, left) :]


def _flush(directory: Path) -> None:
    with _opened(directory, os.O_RDONLY | os.O_DIRECTORY) as handle:
        os.fsync(handle)
