"""Each reason stands alone: it is read behind "waiting:", in a time-out and in a status. All are said from rooms."""

from __future__ import annotations

import re

import pytest

from docs.sentences import rooms

FRAGMENT = re.compile(r"(to|until|waiting|because|and|or|but) ")
"""What begins a part of another sentence: "waiting: waiting until ..."."""
BEHIND_A_WORD = {"back_to": "rollback"}
"""What is never read without the word of its kind before it: "rollback to v1: …"; whys stand in brackets anyway."""
FOUND = [
    (f"{room.rpartition('.')[2]}.{one.name}", one.text)
    for room, examples in rooms()
    for one in examples
    if one.name not in BEHIND_A_WORD and not room.endswith(".whys")
]


def test_reasons_are_found() -> None:
    """The rooms have what is said; that nothing is worded elsewhere is a law of its own (``test_words.py``)."""
    assert len(FOUND) > 200


@pytest.mark.parametrize(("where", "text"), FOUND, ids=[where for where, _ in FOUND])
def test_a_reason_stands_alone(where: str, text: str) -> None:
    """It begins as a sentence does: "to see the load" is nonsense outside "waiting:"."""
    assert not FRAGMENT.match(text), f"{where}: {text}"


def test_a_fragment_is_seen() -> None:
    """Each of the words that begin one."""
    assert all(FRAGMENT.match(f"{word} see the load") for word in ("to", "until", "waiting", "because"))
