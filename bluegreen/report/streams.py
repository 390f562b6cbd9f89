"""Streams that outlive their reader: a closed pipe or a terminal that is gone does not stop a deployment."""

from __future__ import annotations

import contextlib
import io
import os
from typing import TextIO


class SafeStream(io.TextIOBase):
    """Writes to ``stream`` until that fails once; from then on into nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = stream is None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream behind."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write ``text``, characters that the encoding lacks written out, and flush it."""
        if not self._gone:
            try:
                self._stream.write(text.encode(self.encoding, "backslashreplace").decode(self.encoding))
                self._stream.flush()
            except (OSError, ValueError):
                self._gone = True
        return len(text)

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

    def _divert(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
