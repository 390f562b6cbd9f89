"""Every sentence of the rooms of sentences: its example is on the page, short, plain, and somebody says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bluegreen.sentences.forms import LONGEST
from docs.sentences import HEADINGS, PAGE, page, rooms

PACKAGE = Path(__file__).parents[2] / "bluegreen"
SENTENCES = [example for _, found in rooms() for example in found]
SAID = [example.text for example in SENTENCES]

FORBIDDEN = re.compile(
    r"\b(rests?|at work|armed|silenced|bounds|wants|tells? of|told of|floor|idle side|old side|new side"
    r"|old instances?|new instances?|in the way)\b"
)
"""Words for which there is a better one: suspended, minimum and maximum, desired, tag, needed; a group's own name."""
PLURALS = re.compile(r"\b1 [a-z]+s\b(?! ago)|\b(?:[02-9]|\d\d+) (?:instance|policy|alarm|process|action)\b")
SIGNS = "→≈≤×…"
"""What may stand in a sentence beside ASCII: each has a plain form."""


def test_the_page_shows_every_sentence() -> None:
    """It is made anew by ``python -m docs.sentences``."""
    assert page() == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", SAID)
def test_a_sentence_is_short(text: str) -> None:
    """It fits a line of a log."""
    assert len(text) <= LONGEST


@pytest.mark.parametrize("text", SAID)
def test_a_sentence_has_plain_words(text: str) -> None:
    """One word for each thing, AWS's own where there is one; the number fits the word; no sign without plain form."""
    strange = {sign for sign in text if not sign.isascii()} - set(SIGNS)
    assert ([], [], set()) == (FORBIDDEN.findall(text), PLURALS.findall(text), strange)


def test_words_that_are_forbidden_are_seen() -> None:
    """With the number that does not fit."""
    assert (["rests", "bounds"], ["1 instances"]) == (
        FORBIDDEN.findall("it rests within its bounds"),
        PLURALS.findall("1 instances to Standby, 2 instances back"),
    )


def test_every_sentence_is_said() -> None:
    """None is left over that nobody says any more: each function's name stands somewhere beside its definition."""
    sources = (path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    said = {word for source in sources for word in re.findall(r"(?<!def )\b\w+\b", source)}
    assert [] == [one.name for one in SENTENCES if one.name not in said]


def test_every_function_has_an_example() -> None:
    """What says a sentence, and has none, is on no page: helpers that only join are called by others of the room."""
    for room in HEADINGS:
        source = (PACKAGE.parent / f"{room.replace('.', '/')}.py").read_text(encoding="utf-8")
        functions = set(re.findall(r"^def ([a-z]\w*)\(", source, re.M))
        shown = {one.name for one in SENTENCES if one.room == room}
        joined = {name for name in functions - shown if len(re.findall(rf"\b{name}\(", source)) > 1}
        assert functions - shown - joined <= {"act"}
