"""Files where others may have been: nothing is followed or waited for, and only what is ours is believed.

A directory is opened once, and what lies in it is opened relative to that descriptor, without following a link. Then
the descriptor is looked at, not the name: a regular file with one name, of one's own or root's, that nobody else may
write to. In a *shared* directory (set-group-ID and writable for its group, as docs/configuration.md makes it) the
members of that group count as oneself. A mode is changed only of what the very same call has made, and every read has
an end.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from bluegreen.errors import Misconfigured, Refused

SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
THROUGH = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
"""How a directory is opened that is only gone through: Linux asks for no right to read it then (open(2), O_PATH)."""
LINKS = 40
"""Symbolic links that are followed on the way, as by Linux (path_resolution(7))."""
_KINDS = {
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a directory",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_WHO = "see who put it there, and remove it"


class Unfit(Refused):
    """What lies there is not believed: it is of another kind, or others can put into it what they like."""


class Foreign(Unfit):
    """It belongs to another user, or a group may write to it; a person may vouch for either."""


class Homeless(Misconfigured):
    """A place that begins with ``~`` is nowhere, and ``why``."""

    def __init__(self, text: str, why: str, hint: str) -> None:
        super().__init__(f"{text} is nowhere: {why}", hint)
        self.why = why


@frozen
class Folder:
    """An open directory; files that are made in it get ``mode``. ``group`` is that which shares it, if any does."""

    path: Path
    handle: int
    mode: int
    group: int | None = None

    @contextlib.contextmanager
    def opened(self, name: str, flags: int) -> Iterator[int]:
        """Open the file ``name``; raise ``Unfit``, or ``OSError`` for what the system says."""
        handle = self._open(name, flags)
        try:
            self.see(name, os.fstat(handle))
            yield handle
        finally:
            os.close(handle)

    def read(self, name: str, most: int) -> bytes | None:
        """Return what is in the file ``name``, ``None`` when there is none; raise ``Unfit`` for over ``most`` bytes."""
        try:
            with self.opened(name, os.O_RDONLY) as handle:
                return read_all(handle, most, self.path / name)
        except FileNotFoundError:
            return None

    def replace(self, name: str, body: bytes, beside: str) -> None:
        """Put ``body`` durably in the place of ``name``, whole or not at all; ``beside`` is its name until then."""
        try:
            with self.opened(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as handle:
                write_all(handle, body)
                os.fsync(handle)
            self._look(name)
            os.replace(beside, name, src_dir_fd=self.handle, dst_dir_fd=self.handle)
        except (OSError, Unfit):
            with contextlib.suppress(OSError):
                self.remove(beside)
            raise
        os.fsync(self.handle)

    def remove(self, name: str) -> None:
        """Remove a name, whatever it means; it may be gone already."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.handle)

    @contextlib.contextmanager
    def inside(self, name: str, *, make: bool = False) -> Iterator[Folder]:
        """Open the directory ``name`` in this one, made first with ``make``, for those who share this one."""
        made = make and self._made_folder(name)
        if not stat.S_ISDIR(found := os.stat(name, dir_fd=self.handle, follow_symlinks=False).st_mode):
            raise Unfit(f"{self.path / name} is {_kind(found)}, not a directory", _WHO)
        handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | SAFELY, dir_fd=self.handle)
        try:
            if made and self.group is not None:
                os.fchmod(handle, stat.S_IMODE(os.fstat(self.handle).st_mode))
            yield _fit(self.path / name, handle, {self.group})
        finally:
            os.close(handle)

    def still(self, name: str, handle: int) -> bool:
        """Whether ``name`` means the file that is open as ``handle``."""
        try:
            return os.path.samestat(os.stat(name, dir_fd=self.handle, follow_symlinks=False), os.fstat(handle))
        except FileNotFoundError:
            return False

    def see(self, name: str, found: os.stat_result) -> None:
        """Raise ``Unfit`` unless this is a regular file with one name that nobody else has a hand in."""
        path = self.path / name
        _refuse_kind(path, found)
        if found.st_nlink > 1:
            twice = f"{path} has {found.st_nlink} names (hard links): what is done to it is done to another file"
            raise Unfit(twice, f"copy what is to stay, and remove {shlex.quote(str(path))}")
        if not (_ours(found) or (self.group == found.st_gid and _may_be_member(found.st_uid, found.st_gid))):
            raise _foreign(path, found)
        _refuse_open(path, found, self.group)

    def _open(self, name: str, flags: int) -> int:
        if flags & os.O_CREAT and (made := self._made(name, flags)) is not None:
            return made
        self._look(name, missing=True)
        return os.open(name, flags & ~os.O_CREAT | SAFELY, dir_fd=self.handle)

    def _made(self, name: str, flags: int) -> int | None:
        """Make a file; return ``None`` when there is something already and ``flags`` allow that."""
        try:
            handle = os.open(name, flags | os.O_EXCL | SAFELY, 0o600, dir_fd=self.handle)
        except FileExistsError:
            if flags & os.O_EXCL:
                raise
            return None
        os.fchmod(handle, self.mode)
        return handle

    def _look(self, name: str, *, missing: bool = False) -> None:
        """Look at a name before it is opened or replaced: opening a device alone may do something."""
        try:
            self.see(name, os.stat(name, dir_fd=self.handle, follow_symlinks=False))
        except FileNotFoundError:
            if missing:
                raise

    def _made_folder(self, name: str) -> bool:
        try:
            os.mkdir(name, 0o700, dir_fd=self.handle)
        except FileExistsError:
            return False
        os.fsync(self.handle)
        return True


def at_home(text: str) -> Path:
    """Return a place in which ``~`` or ``~name`` is a home; raise ``Homeless`` where that is no place of its own.

    Left as it is, it would be a directory called ``~`` of whatever directory one works in: another one each time.
    """
    found = os.path.expanduser(text)
    if not text.startswith("~") or os.path.isabs(found):
        return Path(found)
    name = text[1:].partition("/")[0]
    if name:
        raise Homeless(text, f"there is no user {name}", f"write the whole path; what is really called so is ./{text}")
    without = (
        "HOME is no whole path" if os.environ.get("HOME") else f"{user(os.getuid())} has no home, and HOME is not set"
    )
    raise Homeless(text, without, "set HOME, or write the whole path")


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Folder]:
    """Open a directory that is ours, or shared as documented; raise ``Unfit``, or ``OSError`` as the system says."""
    handle = _walked(path)
    try:
        yield _fit(path, handle, {os.getegid(), *os.getgroups()})
    finally:
        os.close(handle)


@contextlib.contextmanager
def any_folder(path: Path, mode: int) -> Iterator[Folder]:
    """Open a directory whoever owns it, such as ``/tmp``: only files of one's own are believed in it."""
    handle = _walked(path)
    try:
        yield Folder(path, handle, mode)
    finally:
        os.close(handle)


def refuse_loose(found: Folder) -> None:
    """Raise ``Unfit`` for a directory from which another user can take one's own file, to put another one there.

    Where everybody may write, as to ``/tmp``, the sticky bit keeps each one's files for oneself (chmod(2), sticky).
    """
    seen = os.fstat(found.handle)
    if not _ours(seen):
        raise _foreign(found.path, seen)
    if not seen.st_mode & stat.S_ISVTX:
        _refuse_open(found.path, seen, None)


def make_folders(path: Path, mode: int) -> None:
    """Make a directory and what is missing above it, each with ``mode`` at most, whatever the umask."""
    os.close(_walked(path, mode))


def _walked(path: Path, making: int | None = None) -> int:
    """Open a directory, name by name; raise ``Unfit`` for a symbolic link of another user's on the way.

    Whoever may write to a directory above could otherwise lead root into root's own ones (Linux follows those links in
    a directory such as /tmp no more, and in any other: proc(5), protected_symlinks). What is missing is made where
    ``making`` is its mode.
    """
    left, seen, links = [*reversed(path.parts)], Path(), 0
    handle = os.open("/" if path.is_absolute() else ".", THROUGH)
    try:
        while left:
            name = left.pop()
            if (leads := _leads(seen / name, name, handle)) is not None:
                links += 1
                left += reversed(leads.parts)
                if links > LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            else:
                seen, outer = seen / name, handle
                handle = _entered(name, outer, making)
                os.close(outer)
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=handle)
    finally:
        os.close(handle)


def _leads(path: Path, name: str, handle: int) -> Path | None:
    """Return where a symbolic link of one's own, or of root's, leads; ``None`` for what is none."""
    with contextlib.suppress(FileNotFoundError):
        found = os.stat(name, dir_fd=handle, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            leads = os.readlink(name, dir_fd=handle)
            after = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if not _ours(found) or (found.st_ino, found.st_ctime_ns) != (after.st_ino, after.st_ctime_ns):
                whose = f"{path} is a symbolic link that belongs to {user(found.st_uid)}: it is not followed"
                raise Foreign(whose, "see where it leads, and name that directory itself")
            return Path(leads)
    return None


def _entered(name: str, handle: int, making: int | None) -> int:
    """Open a directory in another one, made before where it is missing."""
    try:
        return os.open(name, THROUGH | os.O_NOFOLLOW, dir_fd=handle)
    except FileNotFoundError:
        if making is None:
            raise
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, making, dir_fd=handle)
        return os.open(name, THROUGH | os.O_NOFOLLOW, dir_fd=handle)


def read_file(path: Path, most: int, *, vouched: bool) -> bytes:
    """Return what is in a file that may be linked to; raise ``Unfit`` for what another user could have put there.

    ``vouched``: a person has named this very file, and so vouches for its owner and group.
    """
    if not vouched and not _ours(found := os.lstat(path)):
        raise _foreign(path, found)
    _refuse_kind(path, os.stat(path))
    handle = os.open(path, os.O_RDONLY | SAFELY & ~os.O_NOFOLLOW)
    try:
        found = os.fstat(handle)
        _refuse_kind(path, found)
        if not vouched and not _ours(found):
            raise _foreign(path, found)
        _refuse_open(path, found, found.st_gid if vouched else None)
        return read_all(handle, most, path)
    finally:
        os.close(handle)


def read_all(handle: int, most: int, path: Path) -> bytes:
    """Return all that is left in a file; raise ``Unfit``, naming its ``path``, for more than ``most`` bytes."""
    parts, left = [], most + 1
    while left and (part := os.read(handle, min(left, 2**20))):
        parts.append(part)
        left -= len(part)
    if not left:
        raise Unfit(f"{path} is longer than {most} bytes", "see what it is, and move it away")
    return b"".join(parts)


def write_all(handle: int, body: bytes) -> None:
    """Write all of ``body``."""
    left = memoryview(body)
    while left:
        left = left[os.write(handle, left) :]


def user(number: int) -> str:
    """Return a user's name, or "user 1234" where nobody is called so."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _fit(path: Path, handle: int, believed: set[int | None]) -> Folder:
    """Return a directory that is ours, or shared with a group that is ``believed``; raise ``Unfit`` for any other."""
    found = os.fstat(handle)
    group = found.st_gid if found.st_mode & stat.S_ISGID and found.st_mode & stat.S_IWGRP else None
    shared = group is not None and group in believed and _may_be_member(found.st_uid, group)
    if not (shared or _ours(found)):
        raise _foreign(path, found)
    _refuse_open(path, found, group)
    mode = 0o600 if group is None else 0o600 | found.st_mode & 0o060
    return Folder(path, handle, mode, group)


def _kind(mode: int) -> str:
    return _KINDS.get(stat.S_IFMT(mode), "something else")


def _refuse_kind(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Unfit(f"{path} is {_kind(found.st_mode)}, not a file", _WHO)


def _ours(found: os.stat_result) -> bool:
    """Whether one's own, or root's, who may do anything in any case."""
    return found.st_uid in (os.geteuid(), 0)


def _foreign(path: Path, found: os.stat_result) -> Foreign:
    owner, mine = user(found.st_uid), f"`chown {user(os.geteuid())} {shlex.quote(str(path))}`"
    return Foreign(f"{path} belongs to {owner}, not to you", f"work as {owner}, or if it is to be yours: {mine}")


def _refuse_open(path: Path, found: os.stat_result, group: int | None) -> None:
    """Raise ``Unfit`` for what somebody else may write to; ``group`` is one that may."""
    quoted = shlex.quote(str(path))
    if found.st_mode & stat.S_IWOTH:
        raise Unfit(f"everybody may write to {path}", f"see what it holds, then `chmod o-w {quoted}`")
    if found.st_mode & stat.S_IWGRP and found.st_gid != group and not _private(found.st_gid):
        way = f"see what it holds, then `chmod g-w {quoted}`"
        shared = f"; a directory that is to be shared: `chmod 2770 {quoted}`" if stat.S_ISDIR(found.st_mode) else ""
        raise Foreign(f"{_group(found.st_gid)} may write to {path}", way + shared)


def _group(number: int) -> str:
    try:
        return f"the group {grp.getgrgid(number).gr_name}"
    except KeyError:
        return f"the group {number}"


def _private(group: int) -> bool:
    """Whether a group is one's own and nobody else's, as many systems give one to each user."""
    try:
        me, found = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return me.pw_gid == group and found.gr_name == me.pw_name and set(found.gr_mem) <= {me.pw_name}


def _may_be_member(number: int, group: int) -> bool:
    """Whether a user is in a group; one whom this machine does not know has come by the group's files somehow."""
    try:
        found = pwd.getpwuid(number)
    except KeyError:
        return True
    return group in os.getgrouplist(found.pw_name, found.pw_gid)
