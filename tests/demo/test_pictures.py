"""What people see: the table, the page, the plain lines and the screen, built from the same values."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from rich.console import Console

from bluegreen.demo.chart import GREY, RED, chart
from bluegreen.demo.ledger import Row, faults, rows, total
from bluegreen.demo.lines import Lines
from bluegreen.demo.page import page
from bluegreen.demo.scene import Part, Scene
from bluegreen.demo.screen import Screen
from bluegreen.demo.story import STORY
from bluegreen.demo.table import table
from bluegreen.demo.words import cells, explanation, percent, share, verdict
from bluegreen.report.streams import SafeStream
from tests.demo.told import TIMES, played, sent
from tests.support.snapshots import side

PARTS = (Part(side("web-blue", "v1", "p")), Part(side("web-green", "v2", "ss"), 1.0))
SCENE = Scene(PARTS, 700, 1, 2, 1.19)


def shown(what: object, width: int = 100) -> str:
    """Return what rich writes of ``what`` off a terminal."""
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (1, 1), (500, 50), (999, 99), (1000, 100)])
def test_none_and_all_are_exact(count: int, expected: int) -> None:
    """One request of a thousand is not nobody, and 999 are not all."""
    assert expected == percent(count, 1000)


def test_who_answered_most_comes_first() -> None:
    """Versions with their percents; without any answer it says so."""
    expected = ("v2 75 %, v1 25 %", "nobody")
    assert expected == (share({"v1": 1, "v2": 3}), share({}))


def test_a_row_in_words() -> None:
    """Counts, seconds, and the exit status with the one that was expected where it was another."""
    row = Row(name="deploy v2", sent=9, lost=1, cut=2, longest=1.234, status=1, expected=0, took=4.0, least=3.5)
    expected = ("deploy v2", "9", "1", "2", "1.23 s", "nobody", "1, not 0", "4.0 s", "3.5 s", "0.5 s")
    assert expected == cells(row)


def test_nothing_was_run_while_v1_only_serves() -> None:
    """An act without a command has no exit status."""
    expected = "–"
    assert expected == cells(rows(played(), sent(), TIMES)[0])[6]


def test_the_table_fits_in_a_hundred_columns() -> None:
    """Every act has one line, and the sum stands below."""
    text = shown(table(rows(played(), sent(), TIMES)))
    lines = [line.split("  ")[0].strip() for line in text.splitlines()]
    assert "in all" in text
    expected = [act.name for act in STORY]
    assert expected == [line for line in lines if line in expected]


def test_the_verdict_names_what_went_wrong() -> None:
    """A lost request is in the sentence."""
    found = rows(played(), sent(lost=2), TIMES)
    expected = "This is not what was promised: cleanup lost 2 requests: 503 gone."
    assert expected == verdict(total(found), faults(found, STORY), 40.0)


def test_a_sandbox_is_never_called_aws() -> None:
    """The explanation says what it was."""
    text = explanation(TIMES, "classic")
    assert text.startswith("A sandbox on this machine")
    expected = "nothing of it is AWS"
    assert expected in text


class Balanced(HTMLParser):
    """Notes elements that are closed in the wrong order, and everything that is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is opened and what it loads."""
        self.wrong += [f"{tag} loads {value}" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "rect", "line", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note what is closed in the wrong order."""
        if tag not in ("rect", "line") and (not self.open or self.open.pop() != tag):
            self.wrong.append(f"/{tag}")


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    """Every element is closed, nothing is loaded, and the table is the terminal's."""
    found = rows(played(), sent(lost=1), TIMES)
    text = page(found, played(), sent(lost=1), "<verdict>", "note")
    reader = Balanced()
    reader.feed(text)
    expected: tuple[list[str], list[str]] = ([], [])
    assert expected == (reader.open, reader.wrong)
    assert "&lt;verdict&gt;" in text
    assert all(f"<td>{act.name}</td>" in text for act in STORY)
    assert text.count("<td class=bad>1</td>") == 1


def test_the_chart_is_a_drawing_with_a_mark_for_each_act() -> None:
    """It is well-formed, what was lost is red, and what was cut is grey."""
    drawing = ElementTree.fromstring(chart(played(), sent(lost=3)))
    expected = [act.name for act in STORY]
    assert expected == [text.text for text in drawing.iter("text")]
    fills = {bar.get("fill") for bar in drawing.iter("rect")}
    assert {RED, GREY} <= fills


def test_nothing_to_draw_is_no_drawing() -> None:
    """Without requests there is no chart."""
    expected = ""
    assert expected == chart(played(), [])


def test_plain_lines_repeat_nothing() -> None:
    """The same scene twice is one line."""
    stream = io.StringIO()
    lines = Lines(SafeStream(stream))
    lines.begin(STORY[1])
    lines.see(SCENE)
    lines.see(SCENE)
    text = stream.getvalue()
    assert "== bluegreen deploy web v2" in text
    expected = 1
    assert expected == text.count("web-green v2: 2 serving, 100 % of requests; 700 sent, 1 lost, 2 cut by a death")


def test_the_screen_keeps_its_shape() -> None:
    """From the first act to the last the picture has as many lines."""
    screen = Screen(SafeStream(io.StringIO()))
    screen.see(SCENE)
    heights = set()
    for each in played():
        screen._act = each.act
        heights.add(len(shown(screen.picture(), 80).splitlines()))
        screen.end(each)
    assert len(heights) == 1
    text = shown(screen.picture(), 80)
    expected = ["●●", "◇", "100 %", "700 requests sent, 1 lost, 2 cut by a death", "rolled back by itself"]
    assert expected == [part for part in expected if part in text]
