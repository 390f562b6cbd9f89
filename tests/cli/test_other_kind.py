"""Another kind of target brings its own keys and flags: settings and command line know none of them by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import frozen, make_class

from bluegreen.cli.wiring import kinds
from bluegreen.declared import EVERY_VERB, Value, setting
from bluegreen.errors import Misconfigured, Status
from bluegreen.flow.limits import Pace
from bluegreen.flow.terms import Asked
from bluegreen.settings import service
from bluegreen.settings.configuration import Configuration, parse
from bluegreen.settings.kind import SettingsKind
from bluegreen.settings.reference import filled
from bluegreen.targets.pair.settings import ServiceSettings
from tests.cli.fakes import FakeWiring, run


def folder_name(value: object) -> str:
    """Return an absolute path; raise ``ValueError``."""
    if isinstance(value, str) and value.startswith("/"):
        return value
    raise ValueError(f"{value} is no folder")


FOLDER = Value(metavar="FOLDER", read=folder_name, what="the folder that is served from")


@frozen(kw_only=True)
class FolderSettings(Asked, service.ServiceSettings):
    """What is settled about a service that is a folder."""

    folder: str = setting(
        FOLDER, help="The folder.", meaning="what is served", example='"/srv/web"', verbs=EVERY_VERB
    )  # fmt: skip

    @property
    def owned(self) -> Mapping[str, str]:
        """The folder."""
        return {"folder": self.folder}


BOTH = (*kinds(), SettingsKind("folder", FolderSettings))
PAIR = '[services.web]\nblue = "a"\ngreen = "b"\n'
WEB = ServiceSettings(name="web", blue="a", green="b")
DOCS = FolderSettings(name="docs", folder="/srv/docs")
TWO = Configuration("file:x", {"web": WEB, "docs": DOCS})


def test_each_service_is_of_the_kind_that_its_keys_name() -> None:
    """Both stand in one file, with what every service has."""
    text = f'{PAIR}bake = "5m"\n[services.docs]\nfolder = "/srv/docs"\nbake = "5m"\npace = "50/150"'
    found = parse(text, Path("x"), BOTH).services
    assert found == {
        "web": ServiceSettings(name="web", blue="a", green="b", bake=300.0),
        "docs": FolderSettings(name="docs", folder="/srv/docs", bake=300.0, pace=Pace(50, 150)),
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[services.docs]\nfolder = "srv"', "x:2: services.docs.folder: srv is no folder"),
        (
            '[services.docs]\nfolder = "/srv"\nstabilization = "5m"',
            "x:3: services.docs.stabilization: there is no such key",
        ),
        (f'{PAIR}folder = "/srv"', "x:4: services.web.folder: there is no such key"),
        (
            '[services.a]\nfolder = "/srv"\n[services.b]\nfolder = "/srv"',
            'x:4: services.b.folder: "/srv" belongs to the service a already',
        ),
        ("[services.docs]\nbake = 5", "x:1: services.docs: blue is missing: the name of an Auto Scaling group"),
    ],
)
def test_what_is_wrong_is_said_of_its_own_kind(text: str, sentence: str) -> None:
    """A key of another kind is none; where no key names a kind, the first is meant."""
    with pytest.raises(Misconfigured) as caught:
        parse(text, Path("x"), BOTH)
    assert sentence in caught.value.message.splitlines()


def test_its_flags_name_it_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """As those of a pair do."""
    wiring = FakeWiring(found=Misconfigured("there is none"), kinds=BOTH)
    assert 0 == run(wiring, "deploy", "docs", "v2", "--folder", "/srv/docs")
    assert [(DOCS, "file:~/.local/state/bluegreen")] == wiring.opened
    assert "checking docs" in capsys.readouterr().err


def test_a_flag_of_another_kind_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A service is not half a pair and half a folder."""
    assert Status.USAGE == run(FakeWiring(found=TWO, kinds=BOTH), "deploy", "docs", "v2", "--stabilization", "5m")
    assert "--stabilization: docs runs on something else, which has no such setting" in capsys.readouterr().err


def test_a_flag_that_names_something_needs_a_service(capsys: pytest.CaptureFixture[str]) -> None:
    """All that name something are named, whatever the kind."""
    assert Status.USAGE == run(FakeWiring(found=TWO, kinds=BOTH), "status", "--folder", "/srv/docs")
    said = "--blue, --green, --folder, --region and --image-tag-key need the name of a service"
    assert said in capsys.readouterr().err


def test_a_flag_is_written_alike_for_all_kinds() -> None:
    """Which kind is meant is known only after the flags were read."""
    clash = make_class("Clash", {"pace": setting(FOLDER, help="", meaning="", example="")}, bases=(FolderSettings,))
    wiring = FakeWiring(kinds=(*BOTH, SettingsKind("clash", clash)))
    assert Status.BUG == run(wiring, "deploy", "--help")


def test_the_reference_tells_the_kinds_apart() -> None:
    """What any service has stands in a table of its own."""
    page = filled("".join(f"<!-- settings: {part} -->\n<!-- end -->" for part in ("any target", "folder")), BOTH)
    any_target, own = page.split("<!-- settings: folder -->")
    assert (True, False) == ("| `bake` |" in any_target, "| `bake` |" in own)
    assert "| `folder` | what is served | required | `--folder FOLDER` |" in own
