"""Lines as bytes: how every place for records keeps the events of a release."""

from __future__ import annotations


def line_bytes(line: str) -> bytes:
    """Return ``line`` with its newline; raise ``ValueError`` when it is more than one."""
    if "\n" in line:
        raise ValueError(f"an event is one line: {line!r:.80}")
    return line.encode() + b"\n"


def lines_in(body: bytes) -> tuple[str, ...]:
    """Return the whole lines in ``body``; what follows the last newline was torn by a crash."""
    return tuple(line.decode(errors="replace") for line in body.split(b"\n")[:-1])
