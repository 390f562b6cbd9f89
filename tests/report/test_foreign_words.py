"""Words from outside are words: no picture reads them as markup, links or commands to a terminal."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.demo import screen as demo
from bluegreen.demo.scene import Part, Scene
from bluegreen.demo.story import STORY
from bluegreen.flow.events import EventKind
from bluegreen.flow.snapshot import Snapshot, State
from bluegreen.report.json import dumps
from bluegreen.report.screen import Screen
from bluegreen.report.status import status_text
from bluegreen.report.streams import SafeStream
from bluegreen.report.text import clean, wrapped
from bluegreen.report.why import why_text
from bluegreen.targets.pair.hints import untagged
from bluegreen.targets.seam.why import Cause, Fact, Link, Unwell, Why
from tests.report.test_reports import Terminal, event, fleet, instances
from tests.support.snapshots import side

MARKUP = ("[/]", "[link=https://evil.test]v2[/link]", "[bold red]", "[@click=app.bell]x", ":smile:", "\\[/]", "[")
_STYLES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")
_LINK = "\x1b]8"


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a wide terminal."""
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("TERM", "xterm-256color")


def seen(word: str, **more: Any) -> str:
    """Return all that the screen of a run writes where ``word`` is everything that comes from outside."""
    stream = Terminal()
    looks = fleet(instances("InService"), instances("Pending"))
    looks = attrs.evolve(looks, sides=tuple(attrs.evolve(one, image=word, name=word) for one in looks.sides))
    live = Screen(SafeStream(stream), VirtualClock(), word, {word: "blue"})
    for kind in (EventKind.ACTING, EventKind.WAITING, EventKind.WARNED):
        live(event(kind, word, action=word, fleet=looks))
    live.say(word)
    live.close()
    return stream.getvalue()


def played(word: str) -> str:
    """Return all that the screen of the demonstration writes where ``word`` comes from outside."""
    stream = Terminal()
    picture = demo.Screen(SafeStream(stream))
    picture.see(Scene((Part(side(word, word, "s"), 1.0),), 1, 0, 1.0))
    picture.begin(STORY[0])
    picture.say(word)
    picture.close()
    return stream.getvalue()


@pytest.mark.parametrize("look", [seen, played])
@pytest.mark.parametrize("word", MARKUP)
def test_markup_is_shown_as_it_stands(look: Any, word: str) -> None:
    """An image tag, a name, a reason or a title that looks like markup is neither obeyed nor fatal."""
    written = look(word)
    assert (True, False) == (word in _STYLES.sub("", written), _LINK in written)


@pytest.mark.parametrize("look", [seen, played])
@settings(deadline=None, max_examples=30)
@given(word=st.text(min_size=1, max_size=20) | st.text("[]/=@\\:a\x1b\x9b\n\u202e", min_size=1, max_size=12))
def test_nothing_but_the_screen_itself_speaks_to_the_terminal(look: Any, word: str) -> None:
    """Whatever the words are, they come out written out and on their lines."""
    written = _STYLES.sub("", look(word))
    assert [] == re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", written)


def test_each_word_is_written_out_once() -> None:
    """What a terminal would obey stands there as it was, in signs."""
    assert clean("v\x1b[2Jx") in _STYLES.sub("", seen("v\x1b[2Jx"))


AGENTS = {
    "##vso[task.setvariable variable=PATH]x": "\\x23#vso[task.setvariable variable=PATH]x",
    "a ##[error]x": "a \\x23#[error]x",
    "###TeamCity[x]": "#\\x23#TeamCity[x]",
    " ::set-output name=x::y": " \\x3a:set-output name=x::y",
    "::endgroup::": "\\x3a:endgroup::",
}


@pytest.mark.parametrize("word", AGENTS)
def test_no_agent_of_continuous_integration_takes_a_word_for_a_command(word: str) -> None:
    """Azure DevOps, TeamCity and GitHub Actions read what a job writes; once written out, it stays as it is."""
    assert (AGENTS[word], AGENTS[word]) == (clean(word), clean(AGENTS[word]))
    line = dumps("a test", tag=word)
    assert (False, word) == ("##" in line, json.loads(line)["tag"])


@pytest.mark.parametrize("word", ["# 5", "a::b", "::1", "::", "##", "#[x]", "v#2", "arn:aws:autoscaling:us-east-1::x"])
def test_signs_that_command_nobody_stay(word: str) -> None:
    """An address, an ARN, a heading."""
    assert word == clean(word)


def test_a_command_with_such_a_word_is_one_as_it_stands() -> None:
    """A shell reads what is written out; nothing in the sentence has to be written out once more."""
    told = untagged("web", "##vso[x]")
    assert told == clean(told)
    said = subprocess.run(["bash", "-c", f"printf '%s ' {told.strip('`')}"], capture_output=True, check=True)
    assert b'"Key": "##vso[x]"' in said.stdout


COMMAND = re.compile(r"^\s*::[a-z-]+(?: |::)|##[a-z]*\[", re.I)
"""A line that GitHub Actions obeys, whatever space is before it; what Azure DevOps and TeamCity obey anywhere."""
WORDS = st.lists(st.sampled_from(["::error", "::warning::x", "x" * 90 + "::error ", "##vso[x]", "of", "web-green"]))


def screens(text: str, width: int) -> str:
    """Return what ``why`` and ``status`` print where ``text`` comes from outside."""
    cause = Cause(link=Link.BALANCER, sentence=text)
    ill = Unwell(id="i-1", state=text, cause=cause, facts=(Fact(label="EC2", text=text),))
    found = Why(service="web", cause=cause, heads=(text,), instances=(ill,), launches=ill.facts)
    shown = Snapshot(service="web", at=0.0, state=State.IDLE, sentence=text, beside=text, troubles=(text,))
    return f"{why_text(found, 0.0, width)}\n{status_text(shown, width)}"


@given(WORDS.map(" ".join), st.integers(20, 110))
def test_no_line_of_a_sentence_that_is_broken_is_a_command(text: str, width: int) -> None:
    """What stands in the middle is harmless until it begins a line; written out, it is no longer than a line is."""
    assert [] == [line for line in screens(text, width).split("\n") if COMMAND.search(line)]
    lines = wrapped(text, width, "  cause: ", "  ")
    assert [] == [line for line in lines if COMMAND.search(line) or len(line) > width]
