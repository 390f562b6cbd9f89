"""A setting touches one place: declared here, for these tests alone, it is everywhere that a setting has to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import attrs
import pytest
from attrs import frozen

from bluegreen.cli.main import main
from bluegreen.cli.wiring import Wiring
from bluegreen.declared import FILE_ALONE, Value, declared, from_tags, setting, to_tags
from bluegreen.errors import Refused, Status, Usage
from bluegreen.flow import terms as flow
from bluegreen.flow.kinds import Kinds, RecordKind, only
from bluegreen.ranges import count
from bluegreen.record.codec import from_bytes, to_bytes
from bluegreen.record.document import Document
from bluegreen.settings.configuration import Configuration, parse
from bluegreen.settings.kind import SettingsKind
from bluegreen.settings.reference import filled
from bluegreen.targets.pair.fitness.begin import Request, begin
from bluegreen.targets.pair.model import release as pair
from bluegreen.targets.pair.model import terms
from bluegreen.targets.pair.model.seal import fits_seal, seal
from bluegreen.targets.pair.model.sound import PAIR, release_faults
from bluegreen.targets.pair.settings import ServiceSettings
from bluegreen.targets.seam.wish import Wish
from tests.cli.fakes import FakeWiring, run
from tests.record.values import release
from tests.support.values import NOW, fleet, group, survey

NAMES = {"name": "web", "blue": "web-blue", "green": "web-green"}
FILE = '[services.web]\nblue = "web-blue"\ngreen = "web-green"\ntries = '
SENTENCE = "is not a number from 0 to 9"


def number(value: object) -> int:
    """Return a number of tries; raise ``ValueError``."""
    if str(value).isdecimal() and int(str(value)) <= 9:
        return int(str(value))
    raise ValueError(f"{value} {SENTENCE}")


TRIES = Value(metavar="N", read=number, faults=lambda name, value: count(name, value, 9), learn=int)


@frozen(kw_only=True, slots=False)
class Tried:
    """The one declaration: all else in this module is its use."""

    tries: int = setting(
        TRIES, default=3, help="How often it is tried.", meaning="how often it is tried", example="4", tag="tries"
    )


@frozen(kw_only=True)
class Settled(terms.Settled, Tried):
    """The terms of a release with it."""


@frozen(kw_only=True)
class Settings(ServiceSettings, Tried):
    """The settings of a service with it."""

    SETTLED: ClassVar[type[flow.Settled]] = Settled


@frozen(kw_only=True)
class Release(pair.Release):
    """A release on these terms."""

    terms: Settled


KIND = SettingsKind("pair", Settings)
ON_RECORD = Kinds(
    (
        RecordKind(
            release=Release, past=pair.Past, release_faults=only(Release, release_faults), past_faults=PAIR.past_faults
        ),
    )
)


class WithTries(Wiring):
    """The real wiring, for services of that kind."""

    kinds = (KIND,)  # type: ignore[assignment]


def on_record(tries: int) -> bytes:
    """Return a record whose release has these terms."""
    known = release()
    settled = Settings(**NAMES, tries=3).settled(deadline=9.0, progress_deadline=9.0, healthy_for=0.0)
    members = {one.name: getattr(known, one.name) for one in attrs.fields(pair.Release)}
    of = Release(**{**members, "terms": attrs.evolve(settled, tries=tries)})
    return to_bytes(Document(service="web", release=of))


def test_the_file_has_it(tmp_path: Path) -> None:
    """It is read, has its default, and what is out of its range is told with its line."""
    read = [parse(text, tmp_path, (KIND,)).services["web"] for text in (f"{FILE}5", FILE.rpartition("tries")[0])]
    assert [5, 3] == [one.tries for one in read if isinstance(one, Settings)]


@pytest.mark.parametrize("written", ["10", '"many"'])
def test_the_file_says_78(written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is out of its range is told with its line."""
    (path := tmp_path / "bluegreen.toml").write_text(f"{FILE}{written}\n", encoding="utf-8")
    status = main(["status", "web", "--config", str(path)], wiring=WithTries())
    assert (Status.CONFIGURATION, True) == (
        status,
        f"bluegreen.toml:4: services.web.tries: {json.loads(written)} {SENTENCE}" in capsys.readouterr().err,
    )


def test_it_has_a_flag() -> None:
    """The flag goes before the file, and is understood where it was declared to be."""
    wiring = FakeWiring(found=Configuration("file:x", {"web": Settings(**NAMES, tries=5)}), kinds=(KIND,))
    assert (0, 2) == (run(wiring, "deploy", "web", "v2", "--tries", "7"), run(wiring, "finish", "web", "--tries", "7"))
    assert [7] == [one.tries for one, _ in wiring.opened if isinstance(one, Settings)]


def test_the_flag_says_2(capsys: pytest.CaptureFixture[str]) -> None:
    """What is out of its range is told with the flag."""
    assert Status.USAGE == run(FakeWiring(kinds=(KIND,)), "deploy", "web", "v2", "--tries", "99")
    assert f"Invalid value for '--tries': 99 {SENTENCE}" in capsys.readouterr().err


def test_the_library_says_so_too() -> None:
    """Its default is that of the file, and its range as well."""
    with pytest.raises(Usage, match=f"tries: 10 {SENTENCE}"):
        Settings(**NAMES, tries=10)
    assert 3 == Settings(**NAMES).tries


def test_the_help_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A person finds it beside the others."""
    assert 0 == run(FakeWiring(kinds=(KIND,)), "deploy", "--help")
    assert "--tries N" in (told := capsys.readouterr().out)
    assert "How often it is tried." in told


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("pair", "| `tries` | how often it is tried | `3` | `--tries N` |"),
        ("whole pair", "tries = 4"),
        ("kept by a pair", "`tries`"),
    ],
)
def test_the_reference_has_it(part: str, line: str) -> None:
    """Its row, its line in the whole file, and that a release keeps it."""
    assert line in filled(f"<!-- settings: {part} -->\n<!-- end -->", (KIND,))


@frozen(kw_only=True)
class FromTheFile(ServiceSettings):
    """The settings of a service with one that the file alone may say."""

    tries: int = setting(TRIES, default=3, meaning="how often it is tried", example="4", verbs=FILE_ALONE)


def test_the_file_alone_may_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Such a setting is read and documented, and is no flag of any command, nor named as one."""
    kind = SettingsKind("pair", FromTheFile)
    row = filled("<!-- settings: pair -->\n<!-- end -->", (kind,))
    told = filled("<!-- settings: flags -->\n<!-- end -->\n<!-- settings: flags of deploy -->\n<!-- end -->", (kind,))
    assert 5 == parse(f"{FILE}5", tmp_path, (kind,)).services["web"].tries  # type: ignore[attr-defined]
    assert ("| `tries` | how often it is tried | `3` | none |" in row, "tries" in told) == (True, False)
    assert 2 == run(FakeWiring(kinds=(kind,)), "deploy", "web", "v2", "--tries", "7")
    assert "No such option" in capsys.readouterr().err


def test_a_release_begins_with_it() -> None:
    """It is one of the terms, whatever else is derived."""
    seen = survey(fleet(group("web-blue", "InService", min=1, max=4), group("web-green", max=0)))
    asked = Settings(**NAMES, tries=5)
    made = begin(
        seen,
        Request(
            id="web:1", service="web", wish=Wish(image="v2"), blue="web-blue", green="web-green", now=NOW, terms=asked
        ),
    )
    assert (Settled, 5) == (type(made.terms), getattr(made.terms, "tries", None))


def test_the_record_has_it() -> None:
    """By its name, among the terms, and it is read back."""
    body = on_record(5)
    found = from_bytes(body, "web.json", ON_RECORD).release
    assert isinstance(found, Release)
    assert (5, 5) == (json.loads(body)["release"]["terms"]["tries"], found.terms.tries)


def test_a_record_from_before_it_has_the_default() -> None:
    """Whoever adds a setting adds no format."""
    plain = json.loads(on_record(5))
    del plain["release"]["terms"]["tries"]
    found = from_bytes(json.dumps(plain).encode(), "web.json", ON_RECORD).release
    assert isinstance(found, Release)
    assert 3 == found.terms.tries


@pytest.mark.parametrize(("tries", "fits"), [(3, True), (5, False)])
def test_a_release_that_was_sealed_before_it_fits(tries: int, fits: bool) -> None:
    """A release that is open while a version comes that knows one setting more is carried on: it has the default."""
    known = release()
    told = {one: getattr(known.terms, one) for one in declared(terms.Settled)}
    members = {one.name: getattr(known, one.name) for one in attrs.fields(pair.Release)}
    later = Release(**{**members, "terms": Settled(**told, tries=tries)})
    assert fits == fits_seal(later, {seal(known)})


def test_the_record_says_4() -> None:
    """What is out of its range is believed of no record."""
    with pytest.raises(Refused, match="tries is not within 0 and 9: 10") as caught:
        from_bytes(on_record(10), "web.json", ON_RECORD)
    assert Status.BLOCKED == caught.value.status


@pytest.mark.parametrize("name", ["deadline", "progress_deadline", "healthy_for"])
def test_nothing_on_record_is_left_to_be_derived(name: str) -> None:
    """What nobody said was worked out when the release began: a record that lacks it is none."""
    plain = json.loads(on_record(5))
    del plain["release"]["terms"][name]
    with pytest.raises(Refused, match="cannot be read"):
        from_bytes(json.dumps(plain).encode(), "web.json", ON_RECORD)


def test_the_groups_tags_have_it() -> None:
    """A release that is rebuilt from them keeps it."""
    told = to_tags(Settings(**NAMES, tries=5).settled(deadline=9.0, progress_deadline=9.0, healthy_for=0.0))
    assert ("5", 5) == (told["tries"], from_tags(Settled, told)["tries"])
