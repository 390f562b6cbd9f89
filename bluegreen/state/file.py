"""Records in a directory: one JSON file per service, readable by its owner only.

A write is a new file, flushed to the disk, renamed over the old one under ``flock``; whoever is killed in between
leaves the old record whole. For machines that share nothing but AWS, one directory is not enough.
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

from bluegreen.errors import BluegreenError, Denied, Unreachable
from bluegreen.state.document import Document, from_bytes, to_bytes
from bluegreen.state.store import Conflict, Version

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_SUFFIX = ".json"


@frozen
class FileStore:
    """A store in ``directory``, which is made when it is first written to."""

    directory: Path

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Return the document and its version, which is the digest of its bytes."""
        path = self.path(service)
        with self._troubles("read"):
            body = _body(path)
        return (None, None) if body is None else (from_bytes(body, str(path)), _version(body))

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep ``document`` on the disk if the version is still ``expected``, else raise ``Conflict``."""
        path, body = self.path(service), to_bytes(document)
        with self._troubles("write"):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _locked(path.with_suffix(".lock")):
                before = _body(path)
                if expected != (None if before is None else _version(before)):
                    raise Conflict(service)
                _replace(path, body)
        return _version(body)

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""
        with self._troubles("read"):
            names = os.listdir(self.directory) if self.directory.is_dir() else []
        return tuple(sorted(unquote(name.removesuffix(_SUFFIX)) for name in names if name.endswith(_SUFFIX)))

    def path(self, service: str) -> Path:
        """Return the file that holds the record of ``service``."""
        return self.directory / (quote(service, safe="") + _SUFFIX)

    @contextlib.contextmanager
    def _troubles(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _explained(self.directory, verb, error) from error


def _explained(directory: Path, verb: str, error: OSError) -> BluegreenError:
    sentence = f"cannot {verb} the records in {directory}: {error.strerror or error}"
    if error.errno in _FORBIDDEN:
        return Denied(sentence, "give yourself that permission, or choose another place with `state` or --state")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unreachable(sentence, "make room there, or choose another place with `state` or --state")
    return Unreachable(sentence, "put that right, or choose another place with `state` or --state")


def _body(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _version(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, body: bytes) -> None:
    """Put ``body`` in the place of ``path``; the lock is held, so one name for what is not whole yet is enough."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write_through(fresh, body)
    os.replace(fresh, path)
    _flush(path.parent)


def _write_through(path: Path, body: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _flush(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
