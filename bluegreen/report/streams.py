"""Streams that outlive their reader: a closed pipe, a lost terminal or a reader who sleeps stops no deployment."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import time
from typing import TextIO

ATOMIC = select.PIPE_BUF
"""Bytes that a pipe takes at once where it takes any (pipe(7)); what can be written is written in such pieces."""

PLAIN = str.maketrans(
    {"→": "->", "≈": "~", "≤": "<=", "×": "x", "…": "..", "✓": "ok", "✗": "x", "◌": "..", "◷": "??", "▶": ">"}
    | {"●": "O", "◍": "s", "◐": "o", "◒": "v", "◇": "-", "·": ","}
)
"""How the signs in sentences are written where an encoding lacks one."""


class SafeStream(io.TextIOBase):
    """Writes to ``stream`` until that fails once; from then on into nothing.

    ``patience`` is for how many seconds in all a reader who does not read is waited for, ``None``: for ever. Once they
    are used up, texts are left out where there is no room, which ``missed`` counts; what was begun is ended first.
    ``lost`` says why it failed, unless its reader has only left. ``wants_plain`` says that our signs are to be plain
    ones, whatever its encoding has.
    """

    def __init__(self, stream: TextIO) -> None:
        self.patience: float | None = None
        self.missed = 0
        self.lost: str | None = None
        self.wants_plain = False
        self._stream = stream
        self._gone = stream is None
        self._begun = b""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream behind."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """How characters that the encoding lacks are written: who asks a question on a terminal wants to know."""
        return "backslashreplace"

    def write(self, text: str) -> int:
        """Write ``text``, characters that the encoding lacks written out, past every buffer."""
        if not self._gone:
            try:
                self._write(self._encoded(text))
            except OSError as error:
                self._gone = True
                self.lost = None if error.errno == errno.EPIPE else error.strerror or str(error)
            except ValueError:
                self._gone = True
        return len(text)

    def _encoded(self, text: str) -> bytes:
        """Return ``text`` in the stream's encoding: what it lacks of our own signs plainly, all else written out."""
        if self.wants_plain:
            text = text.translate(PLAIN)
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.translate(PLAIN).encode(self.encoding, self.errors)

    @property
    def is_plain(self) -> bool:
        """Whether our signs are written plainly: it is wanted, or the encoding lacks them."""
        return self.wants_plain or self.encoding.lower().replace("-", "") not in ("utf8", "utf16", "utf32")

    def is_as(self, other: SafeStream) -> bool:
        """Whether both are one file: a terminal, or a log that takes both."""
        try:
            return os.path.sameopenfile(self.fileno(), other.fileno())
        except (OSError, ValueError, AttributeError):
            return False

    def line(self, text: str) -> None:
        """Write ``text`` and a line break in one go."""
        self.write(text + "\n")

    def flush(self) -> None:
        """Do nothing: each write has been flushed."""

    def isatty(self) -> bool:
        """Whether a person reads along."""
        try:
            return not self._gone and self._stream.isatty()
        except ValueError:
            return False

    def fileno(self) -> int:
        """Return the descriptor of the stream behind."""
        return self._stream.fileno()

    def silence(self) -> bool:
        """Point a stream that is gone to nowhere, so that the interpreter's last flush cannot fail; was it gone?"""
        try:
            self._stream.flush()
        except (OSError, ValueError, AttributeError):
            self._gone = True
            self._divert()
        return self._gone

    def _write(self, body: bytes) -> None:
        try:
            handle = self.fileno()
        except (OSError, ValueError, AttributeError):  # it is no file
            self._stream.write(body.decode(self.encoding))
            self._stream.flush()
            return
        if self._begun:
            self._begun = self._sent(handle, self._begun)
        left = body if self._begun else self._sent(handle, body)
        if len(left) == len(body):
            self.missed += bool(body)
        else:
            self._begun = left

    def _sent(self, handle: int, body: bytes) -> bytes:
        """Write ``body`` as far as there is room in time, and return what is left of it."""
        while body and self._has_room(handle):
            with contextlib.suppress(BlockingIOError):
                body = body[os.write(handle, body[:ATOMIC]) :]
        return body

    def _has_room(self, handle: int) -> bool:
        began = time.monotonic()
        room = bool(select.select([], [handle], [], self.patience)[1])
        if self.patience is not None:
            self.patience = max(0.0, self.patience - (time.monotonic() - began))
        return room

    def _divert(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
