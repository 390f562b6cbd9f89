"""How many lines of a release are read: what somebody else has written there costs no time without end."""

from __future__ import annotations

from bluegreen.record.history import read
from bluegreen.record.lines import CUT, MOST, lines_in
from bluegreen.record.memory import MemoryStore


def test_more_lines_than_a_release_can_have_are_left_out() -> None:
    """A file of 4 MB of line breaks is four million lines: the first ones are read, and the last one says so."""
    lines = lines_in(b"\n" * 2**22)
    assert (MOST + 1, "", CUT) == (len(lines), lines[0], lines[-1])


def test_what_is_left_out_is_told_as_an_event() -> None:
    """Whoever reads the history sees that it was cut."""
    (last,) = read(lines_in(b"{}\n" * (MOST + 1))[-1:])
    assert ("warned", f"only the first {MOST} events are read, the others are left out") == (
        last["kind"],
        last["reason"],
    )


def test_as_many_as_may_be_are_all_there() -> None:
    """One less is no cut; and what follows the last line break was torn by a crash, here as there."""
    assert ("{}",) * MOST == lines_in(b"{}\n" * MOST + b"torn")


def test_the_bound_is_every_stores() -> None:
    """A store in memory reads as one on disk does."""
    store = MemoryStore()
    store._events["web", "r"] = b"\n" * (MOST + 5)
    assert MOST + 1 == len(store.events("web", "r"))
