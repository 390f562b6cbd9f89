"""Words from outside stay on the line of their sentence: nobody writes a line of ours with a tag, a name or a lock."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.cli.wiring import whoami
from bluegreen.errors import BluegreenError, Refused, Status
from bluegreen.flow.answers import Answer
from bluegreen.flow.events import Event, EventKind
from bluegreen.record.book import ServiceBook
from bluegreen.record.memory import MemoryStore
from bluegreen.service import Ended
from bluegreen.targets.pair.model.sound import PAIR
from bluegreen.targets.seam.finding import REFUSED, Finding
from tests.cli.fakes import FakeWiring, run
from tests.support.hands import tagged
from tests.support.virtual import BLUE, virtual

FORGED = "v2\n2026-01-01T00:00:00Z web: done: all is well\x1b[2J\r"
WRITTEN = "v2\\x0a2026-01-01T00:00:00Z web: done: all is well\\x1b[2J\\x0d"


@pytest.mark.parametrize("kind", Answer.__args__)
def test_an_answer_is_one_line(kind: Any) -> None:
    """Every sentence in an answer of a plan: its reason, or what is done and why, and its hint."""
    words = {field.name for field in attrs.fields(kind)} & {"reason", "why", "act", "hint"}
    others = {field.name: None for field in attrs.fields(kind) if field.name not in words}
    answer = kind(**others, **dict.fromkeys(words, FORGED))
    assert dict.fromkeys(words, WRITTEN) == {name: getattr(answer, name) for name in words}


def test_an_event_is_one_line() -> None:
    """What happens is told in a line, by whichever listener."""
    event = Event(at=0.0, kind=EventKind.ACTING, reason=FORGED, action=FORGED, service=FORGED)
    assert [WRITTEN] * 3 == [event.reason, event.action, event.service]


def test_an_end_and_a_finding_are_one_line_each() -> None:
    """As the library hands them out, too."""
    ended, finding = Ended(Status.OK, FORGED, FORGED), Finding(REFUSED, FORGED, FORGED)
    assert [WRITTEN] * 4 == [ended.sentence, ended.hint, finding.sentence, finding.hint]


def test_an_error_has_the_lines_that_it_was_given() -> None:
    """One for a sentence, and one for each of several sentences; none that was in the words."""
    one, several = BluegreenError(FORGED, FORGED), BluegreenError((FORGED, "b"), ("c", FORGED))
    assert (WRITTEN, WRITTEN, WRITTEN) == (one.message, one.hint, str(one))
    assert (f"{WRITTEN}\nb", f"c\n{WRITTEN}") == (several.message, several.hint)


def test_who_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's name is whatever LOGNAME says: one line, and no longer than a name is."""
    monkeypatch.setenv("LOGNAME", FORGED + "x" * 5000)
    who = whoami()
    assert (True, True, True) == (who.startswith(WRITTEN), who.isprintable(), len(who) <= 200)


@pytest.mark.parametrize("words", [("deploy", "web", FORGED), ("deploy", FORGED, "v2"), (FORGED,), ("status", FORGED)])
def test_the_command_line_does_not_repeat_lines(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """What somebody's script passes on as an argument is quoted on one line."""
    assert run(FakeWiring(), *words) != Status.BUG
    said = capsys.readouterr()
    assert [] == [line for line in (said.out + said.err).splitlines() if line.lstrip().startswith("2026")]


def test_a_question_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person is asked, with names in it."""
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda question, err: bool(asked.append(question)))
    from bluegreen.cli.wiring import Wiring

    Wiring().confirm(f"web: {FORGED}?")
    assert [f"web: {WRITTEN}?"] == asked


def test_a_lock_s_reason() -> None:
    """Whoever is refused is told why, by a record that others can write."""
    pair = virtual()
    store = MemoryStore()
    ServiceBook(kind=PAIR, store=store, service="web", clock=pair.clock, who="me@here").lock(FORGED)
    with pytest.raises(BluegreenError) as caught:
        ServiceBook(kind=PAIR, store=store, service="web", clock=pair.clock, who="you@there").acquire("deploy")
    assert (1, True) == (len(caught.value.message.splitlines()), WRITTEN in caught.value.message)


def test_an_image_tag() -> None:
    """What serves is told with the group's own tag, whoever wrote it."""
    pair = virtual()
    tagged(pair, BLUE, FORGED)
    with pytest.raises(Refused) as refused:
        pair.service().deploy("v2")
    said = [word for event in pair.events for word in (event.reason, event.action)] + [refused.value.message]
    assert [] == [word for word in said if not word.isprintable()]
