"""bluegreen.toml: where it is found, what may stand in it, and every fault at once with its line."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.declared import parse_duration
from bluegreen.errors import Misconfigured
from bluegreen.flow.limits import Pace
from bluegreen.settings.configuration import Configuration, Users, taken
from bluegreen.settings.file import MINIMAL, locate, names_service
from bluegreen.targets.pair.settings import ServiceSettings
from tests.support.settings import load, parse

PATH = Path("bluegreen.toml")
FULL = """
state = "file:/var/lib/bluegreen"

[services.web]
blue = "web-blue"
green = "web-green"
region = "ap-northeast-2"
image_tag_key = "version"
bake = "5m"
keep_parked = "1h30m"
deadline = "20m"
progress_deadline = "90s"
look_every = "100ms"
pace = { least = 75, most = 150 }
"""
WRONG = """\
stat = "x"
state = "fil:~/x"
[services.web]
blue = "a"
gren = "b"
bake = "10"
pace = "200/100"
[services.api]
blue = "a"
green = "a"
deadline = "0s"
region = 5
[services."a b"]
blue = "b"
green = ""
image_tag_key = "aws:x"
"""
FAULTS = """\
bluegreen.toml:1: stat: there is no such key; did you mean "state"?
bluegreen.toml:2: state: 'fil:~/x' is not a place for records such as "file:~/.local/state/bluegreen"
bluegreen.toml:3: services.web: green is missing: the name of an Auto Scaling group
bluegreen.toml:5: services.web.gren: there is no such key; did you mean "green"?
bluegreen.toml:6: services.web.bake: '10' is not a duration such as "90s", "10m" or "1h30m"
bluegreen.toml:7: services.web.pace: '200/100' is not a pace such as 75/150 or { least = 75, most = 150 } (percent)
bluegreen.toml:10: services.api.green: blue and green are both "a"; they must be two groups
bluegreen.toml:11: services.api.deadline: must be longer than nothing
bluegreen.toml:12: services.api.region: 5 is not an AWS region such as "ap-northeast-2"
bluegreen.toml:13: services.a b: a service's name has letters, digits, '_', '.' and '-' only
bluegreen.toml:15: services.a b.green: '' is not the name of an Auto Scaling group
bluegreen.toml:16: services.a b.image_tag_key: 'aws:x' is not the key of a tag"""


def faults(text: str) -> str:
    """Return what is wrong with ``text``."""
    with pytest.raises(Misconfigured) as caught:
        parse(text, PATH)
    return caught.value.message


def test_everything() -> None:
    """Every key is read; durations become seconds."""
    web = ServiceSettings(
        name="web",
        blue="web-blue",
        green="web-green",
        region="ap-northeast-2",
        image_tag_key="version",
        bake=300.0,
        keep_parked=5400.0,
        deadline=1200.0,
        progress_deadline=90.0,
        look_every=0.1,
        pace=Pace(75, 150),
    )
    assert Configuration("file:/var/lib/bluegreen", {"web": web}, PATH) == parse(FULL, PATH)


def test_the_least() -> None:
    """What is shown to somebody without a file is a whole configuration, with the defaults of the documentation."""
    web = ServiceSettings(name="web", blue="web-blue", green="web-green")
    assert Configuration("file:~/.local/state/bluegreen", {"web": web}, PATH) == parse(MINIMAL, PATH)
    assert (None, "image", 600.0, 3600.0, None, None, 1.0, Pace(100, 200)) == (
        web.region,
        web.image_tag_key,
        web.bake,
        web.keep_parked,
        web.deadline,
        web.progress_deadline,
        web.look_every,
        web.pace,
    )


def test_all_faults_at_once() -> None:
    """Every fault is told, each with its line and, for a typo, the closest key."""
    assert FAULTS.splitlines() == faults(WRONG).splitlines()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = ", "bluegreen.toml: Invalid value (at end of document)"),
        ("services = 3", "bluegreen.toml:1: services: write [services.NAME]"),
        ("[services]\nweb = 3", "bluegreen.toml:2: services.web: write [services.web]"),
        (
            '[services]\nweb = { blue = "a", green = "b", bake = 3 }',
            'bluegreen.toml:2: services.web.bake: 3 is not a duration such as "90s", "10m" or "1h30m"',
        ),
        (
            '[services.a]\nblue = "x"\ngreen = "y"\n[services.b]\nblue = "y"\ngreen = "z"',
            'bluegreen.toml:5: services.b.blue: "y" belongs to the service a already',
        ),
        (
            '[services.a]\nblue = "x"\ngreen = "y"\nregion = "eu-west-1"\n[services.b]\nblue = "y"\ngreen = "z"',
            'bluegreen.toml:6: services.b.blue: "y" belongs to the service a already, unless both name their region',
        ),
        (
            '[services.a]\nblue = "x"\ngreen = "y"\n[services.b]\nblue = "w"\ngreen = "x"\nregion = "eu-west-1"',
            'bluegreen.toml:6: services.b.green: "x" belongs to the service a already, unless both name their region',
        ),
        (
            '[services.a]\nblue = "x"\ngreen = "y"\nimage_tag_key = "bluegreen:image"',
            "bluegreen.toml:4: services.a.image_tag_key: 'bluegreen:image' begins with bluegreen: as bluegreen's own "
            "tags do, which it would overwrite",
        ),
        (
            '[services.a]\nblue = "x"\ngreen = "y"\npace = { least = true, most = 200 }',
            "bluegreen.toml:4: services.a.pace: {'least': True, 'most': 200} is not a pace such as 75/150 or "
            "{ least = 75, most = 150 } (percent)",
        ),
        (
            '[services.a]\nblue = "x"\ngreen = "y"\nprogress_deadline = "0.0000000001s"',
            "bluegreen.toml:4: services.a.progress_deadline: must be longer than nothing",
        ),
    ],
)
def test_one_fault(text: str, sentence: str) -> None:
    """Each kind of fault has its sentence."""
    assert sentence == faults(text)


SERVICES = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from("cd"), st.sampled_from([None, *(f"eu-west-{n}" for n in range(4))])
    ),
    max_size=12,
)


@given(SERVICES)
def test_the_few_that_are_asked_tell_what_all_would(drawn: list[tuple[str, str, str | None]]) -> None:
    """Of thousands of services in one file no more than four are held against the next one, which names the same."""
    users, before = Users(), list[ServiceSettings]()
    for number, (blue, green, region) in enumerate(drawn):
        one = ServiceSettings(name=f"s{number}", blue=blue, green=green, region=region)
        assert list(taken(one, before)) == list(taken(one, users.beside(one)))
        assert len(users.beside(one)) <= 4
        users.add(one)
        before.append(one)


def test_regions_keep_groups_apart() -> None:
    """A name may be used again in another region."""
    pair = 'blue = "x"\ngreen = "y"\n'
    text = f'[services.a]\n{pair}region = "eu-west-1"\n[services.b]\n{pair}region = "eu-west-2"'
    assert ("a", "b") == tuple(parse(text, PATH).services)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90.0),
        ("10m", 600.0),
        ("1h30m", 5400.0),
        ("100ms", 0.1),
        ("0s", 0.0),
        ("1.5h", 5400.0),
        ("1m500ms", 60.5),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """Durations are hours, minutes, seconds and milliseconds, in this order."""
    assert seconds == pytest.approx(parse_duration(text))


@given(st.text(max_size=8) | st.none() | st.integers())
def test_other_durations(text: object) -> None:
    """What is no duration is a sentence, never another error, and never below zero."""
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0


@pytest.mark.parametrize("text", ["", "10", "5 m", "-5s", "1m1h", "٣s", "s", 5, None, True])
def test_no_durations(text: object) -> None:
    """A number without its unit is none, since nobody could tell which was meant."""
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_where_it_is_found(tmp_path: Path) -> None:
    """The variable comes first, then the working directory, then the home configuration; --config before all."""
    here, home = tmp_path / "here", tmp_path / "home"
    plain = {"XDG_CONFIG_HOME": str(home)}
    environ = {**plain, "BLUEGREEN_CONFIG": str(tmp_path / "named.toml")}
    places = [home / "bluegreen" / "bluegreen.toml", here / "bluegreen.toml", tmp_path / "named.toml"]
    found = []
    for place in places:
        place.parent.mkdir(exist_ok=True, parents=True)
        place.touch()
        found.append(locate(None, environ if place == places[-1] else plain, here))
    assert (places, Path("x.toml")) == (found, locate("x.toml", environ, here))


def test_a_variable_that_names_nothing(tmp_path: Path) -> None:
    """A file that was named and is not there is an error, not another file."""
    with pytest.raises(Misconfigured) as caught:
        load(None, {"BLUEGREEN_CONFIG": str(tmp_path / "gone.toml")}, tmp_path)
    assert f"{tmp_path}/gone.toml cannot be read: No such file or directory" == caught.value.message


def test_no_file(tmp_path: Path) -> None:
    """Without a file the sentence says where was looked, and the hint shows the least that works."""
    with pytest.raises(Misconfigured) as caught:
        load(None, {"XDG_CONFIG_HOME": str(tmp_path / "home")}, tmp_path)
    looked = f"{tmp_path}/bluegreen.toml, {tmp_path}/home/bluegreen/bluegreen.toml"
    assert (f"there is no bluegreen.toml; looked for {looked}", True) == (
        caught.value.message,
        caught.value.hint.endswith(MINIMAL),
    )


def test_not_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is a sentence."""
    (tmp_path / "bluegreen.toml").write_bytes(b"\xff")
    with pytest.raises(Misconfigured, match="cannot be read"):
        load(None, {}, tmp_path)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (MINIMAL, True),
        ("[services.web]\nblue = 7\ncolour = 1", True),
        ("[services.api]", False),
        ("services = 1", False),
        ("[services.web", False),
        (None, False),
    ],
)
def test_whether_a_service_is_named(text: str | None, known: bool, tmp_path: Path) -> None:
    """What is said first asks for no more than a table of that name: all faults are told afterwards."""
    path = tmp_path / "bluegreen.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert known == names_service("web", str(path))
