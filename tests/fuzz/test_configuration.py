"""A `bluegreen.toml` that somebody has changed: it is read, or refused with 78 and a sentence; nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.cli.main import main
from bluegreen.declared import declared
from bluegreen.errors import Misconfigured, Status
from bluegreen.record.open import open_store
from bluegreen.report.text import clean_lines
from bluegreen.settings.configuration import Configuration
from bluegreen.settings.file import DOTS, LARGEST, plain
from bluegreen.targets.pair.settings import ServiceSettings
from tests.fuzz.inputs import said_badly, tried
from tests.support.records import KINDS
from tests.support.settings import load, parse

GOOD = {key: one.example for key, one in declared(ServiceSettings).items() if not one.instead}
HOSTILE = (
    *("1", "-1", "0", "9" * 4000, "9" * 5000, "0x" + "f" * 9000, "1e999", "-inf", "nan", "1.5", "true", '""', '"x"'),
    *("1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "9999-12-31T23:59:59-14:00", "[]", "{}", "[[]]", "[1]"),
    *(
        "[" * 300 + "]" * 300,
        "[" * 90 + "]" * 90,
        "{a=" * 90 + "1" + "}" * 90,
        "[" * 9000,
        "{",
        '"',
        "'''",
        '"\\u0000"',
    ),
    *('"\\u001b[31m\\r\\n0"', '"\\u202e"', '"\\ud800"', '"\\u2028x"', f'"{"9" * 70}h"', '"' + "9" * 50 + 'h"', '"0s"'),
    *(
        '"' + "a" * 9000 + '"',
        '"' + "a/" * 900 + '"',
        '"' + "a-" * 9000 + '!"',
        '"aws:x"',
        '"bluegreen:image"',
        '"a:b"',
    ),
    *('"100/200"', '"' + "0/" * 90 + '"', "{ least = 1, most = " + "9" * 4000 + " }", "{ least = 1, most = nan }"),
    *("{ least = true, most = 200 }", '"0.0000000001s"'),
    *(
        '["' + '","'.join("abcdefghijklmnopqrstuvwxyz") + '"]',
        '["\\u0007"]',
        '"file:\\u0000"',
        '"s3://../.."',
        '"file:"',
    ),
)
STATES = ('"file:x"', '"s3://bucket/prefix"', *HOSTILE)
KEYS = ("x", '"\\u001b"', "blue.x", "'" + "k" * 5000 + "'", "." * 9, "é")
TEXTS = st.text(max_size=9).map(lambda text: json.dumps(text, ensure_ascii=False))
VALUES = st.one_of(st.sampled_from(HOSTILE), TEXTS, st.integers().map(str), st.floats().map(str), st.text(max_size=9))
HEADERS = ("[services.web]", "[services.'we b']", '[services."\\u001b"]', "[[services.web]]", "[services]", "[a.b.c]")


@st.composite
def files(draw: st.DrawFn) -> str:
    """Draw a file that is good but for one thing, or for some."""
    values, header, state = dict(GOOD), HEADERS[0], STATES[0]
    for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2, 3, 4, 5]))):
        match draw(st.integers(0, 5)):
            case 0:
                header = draw(st.sampled_from(HEADERS))
            case 1:
                state = draw(st.sampled_from(STATES))
            case 2 if values:
                del values[draw(st.sampled_from(sorted(values)))]
            case 3:
                values[draw(st.sampled_from(KEYS))] = "1"
            case _ if values:
                values[draw(st.sampled_from(sorted(values)))] = draw(VALUES)
    return f"state = {state}\n{header}\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def test_the_file_that_the_changes_begin_with_is_good() -> None:
    """Each key is there, and none is wrong."""
    text = f"state = {STATES[0]}\n{HEADERS[0]}\n" + "".join(f"{key} = {value}\n" for key, value in GOOD.items())
    assert (set(declared(ServiceSettings)) - {"pace"}, ["web"]) == (set(GOOD), list(parse(text, Path("x")).services))


@given(files())
@tried(200)
def test_a_changed_file_is_read_or_refused(text: str) -> None:
    """No bug of ours, and no character that a terminal obeys; what is read, a store can be made of."""
    assert "" == trouble(text)


def trouble(text: str) -> str:
    """Return what is wrong with how a file is read, or nothing."""
    try:
        found = parse(text, Path("bluegreen.toml"))
        open_store(found.state, KINDS)
    except Misconfigured as error:
        return said_badly(clean_lines(error.message))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return _unbounded(found)


def _unbounded(found: Configuration) -> str:
    spans = [key for key, one in declared(ServiceSettings).items() if one.value.metavar == "DURATION"]
    values = [getattr(one, name) or 0.0 for one in found.services.values() for name in spans]
    return "" if all(0 <= value < 1e9 for value in values) else f"no durations: {values}"


@pytest.mark.parametrize(
    "made",
    [
        lambda: "x = " + "[" * 100_000 + "]" * 100_000,
        lambda: "x = " + "{a=" * 50_000,
        lambda: "[services.web]\nbake = " + "9" * 5000,
        lambda: "a." * 50_000 + "a = 1",
        lambda: "[" + "a." * 50_000 + "a]",
        lambda: "x = {" + "a." * 50_000 + "a = 1}",
        lambda: ("a." * (DOTS + 1) + "a = 1\n") * 200,
        lambda: f"[{'a.' * DOTS}a]\n" + "".join(f"k{n}.{'a.' * (DOTS - 2)}a = 1\n" for n in range(310)),
        lambda: "".join(f"k{n}.{'a.' * (DOTS - 2)}a = 1\n" for n in range(310)),
        lambda: "#" * (LARGEST + 1),
        lambda: "".join(f"k{number} = 1\n" for number in range(20_000)),
        lambda: '[services.web]\n"' + "k" * 200_000 + '" = 1',
        lambda: "".join(f"[services.s{number}]\n" for number in range(10_000)),
    ],
    ids=[
        *("arrays", "tables", "digits", "a dotted key", "a dotted header", "a dotted key within", "dotted keys"),
        *("dotted keys under a dotted header", "many dotted keys"),
        *("a large file", "many keys", "a long key", "many services"),
    ],
)
def test_what_would_cost_much_is_refused(made: Callable[[], str], tmp_path: Path) -> None:
    """Nesting, digits, dots and size are bounded, and so is what is said of it."""
    path = tmp_path / "bluegreen.toml"
    path.write_text(made())
    with pytest.raises(Misconfigured) as caught:
        load(str(path))
    assert len(caught.value.message) < 20_000


def test_dots_in_what_a_person_writes_are_no_trouble() -> None:
    """A hundred services with long comments, and two hundred names with dots in one list."""
    alarms = ", ".join(f'"web.{n}.5xx"' for n in range(190))
    lines = "".join(f"[services.s{n}.x]\n# {'so... ' * 30}\nbake = 1.5\n" for n in range(100))
    assert "alarms" in plain(f"{lines}[services.web]\nalarms = [{alarms}]\n", Path("x"))["services"]["web"]


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_what_ends_no_line_of_toml_is_no_way_around_the_bound(end: str) -> None:
    """TOML 1.0, "Spec": a line ends with a line feed; 40,000 dots of one key took two minutes otherwise."""
    with pytest.raises(Misconfigured, match=f"more than {DOTS} dots on one line"):
        parse("a" + f'{".a" * (DOTS - 1)}."{end}"' * 3 + " = 1\n", Path("x"))


def test_a_fault_is_told_with_the_line_that_an_editor_shows() -> None:
    """What is no line feed moves no line."""
    with pytest.raises(Misconfigured) as caught:
        parse('state = "file:x"  # \u2028 \x85 \u2029\nstat = 1\n', Path("x"))
    assert 'x:2: stat: there is no such key; did you mean "state"?' == caught.value.message


def test_every_reader_refuses_what_cannot_be_shown() -> None:
    """A number of thousands of digits in hexadecimal, which Python reads and does not write."""
    huge = f"0x{'f' * 5000}"
    for made in (
        f"sandbox = {huge}",
        f"state = {huge}",
        *(f"[services.web]\n{key} = {huge}" for key in declared(ServiceSettings)),
    ):
        with pytest.raises(Misconfigured):
            parse(made, Path("x"))


def test_the_command_line_says_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever types a command is told so, in one sentence, within the line of the file where there is one."""
    path = tmp_path / "bluegreen.toml"
    path.write_text('state = "file:a\\u0000b"\n[services.web]\nblue = "a"\ngreen = "b"\n')
    assert Status.CONFIGURATION == main(["status", "web", "--config", str(path)])
    assert "bluegreen.toml:1: state: " in capsys.readouterr().err


@pytest.mark.parametrize("state", ["file:a\0b", "file:\x1b", "s3://b\n", "file:" + "x" * 5000, "file:\ud800"])
def test_a_place_for_records_is_a_plain_text(state: str) -> None:
    """The flag and the library are held to the same as the file."""
    with pytest.raises(Misconfigured):
        open_store(state, KINDS)
