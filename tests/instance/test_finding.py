"""What was read, and what is kept of it: the version that the instance was born with."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from bluegreen.clock import VirtualClock
from bluegreen.errors import Misconfigured, Refused
from bluegreen.instance.cache import SCHEMA
from bluegreen.instance.client import NoRole
from bluegreen.instance.finding import Asked, Found, Source, Surroundings, find

from .fakes import GROUP, INSTANCE, Group, Known, client


def look(asked: Asked, group: Group, facts: Known | None = None, told: list[str] | None = None) -> Found:
    """Find the version on an instance with these facts."""
    tell = (told if told is not None else []).append
    return find(asked, Surroundings(facts or Known(), VirtualClock(), lambda _: client(group), tell))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return where a version is kept: in a folder that is not there yet."""
    return tmp_path / "lib" / "image.json"


def test_the_group_decides_and_not_the_instance() -> None:
    """The instance's own tag is not even asked for."""
    facts, group = Known(tags={"image": "v0"}), Group("v2")
    expected = Found("v2", INSTANCE, "eu-west-1", GROUP, "image", Source.GROUP)
    assert expected == look(Asked(), group, facts)
    assert ["instance", "region"] == facts.asked
    assert ["DescribeAutoScalingInstances", "DescribeTags"] == group.asked


@pytest.mark.parametrize(("failures", "tries"), [(0, 1), (3, 4)])
def test_credentials_may_come_late(failures: int, tries: int) -> None:
    """The client is made again while there are no credentials, and then no more: both calls share it."""
    made: list[str] = []

    def connect(region: str) -> Any:
        made.append(region)
        if len(made) <= failures:
            raise NoRole("none")
        return client(Group("v2"))

    found = find(Asked(), Surroundings(Known(), VirtualClock(), connect))
    assert ("v2", ["eu-west-1"] * tries) == (found.version, made)


def test_its_own_tag_is_read_when_asked_for() -> None:
    """From the metadata alone: no call, and no group to name."""
    group = Group("v2")
    found = look(Asked(source=Source.INSTANCE), group, Known(tags={"image": "v0"}))
    assert ("v0", None, []) == (found.version, found.group, group.asked)


def test_an_own_tag_that_is_not_told_is_misconfigured() -> None:
    """The sentence names the key, the hint both things that must be switched on."""
    with pytest.raises(Misconfigured, match="no tag 'image'") as caught:
        look(Asked(source=Source.INSTANCE), Group())
    assert "InstanceMetadataTags" in caught.value.hint


@pytest.mark.parametrize("source", Source)
def test_a_value_that_is_no_version_is_refused(source: Source, kept: Path) -> None:
    """Wherever it comes from; and it is not kept."""
    with pytest.raises(Refused, match=r"no image version: 'v1\\n'"):
        look(Asked(source=source, cache=kept), Group("v1\n"), Known(tags={"image": "v1\n"}))
    assert not kept.exists()


def test_a_reboot_changes_nothing(kept: Path) -> None:
    """The group's tag has changed; the instance is still what it was born as, and nothing is asked."""
    born, later = Group("v1"), Group("v2")
    assert not look(Asked(cache=kept), born).cached
    found = look(Asked(cache=kept), later)
    assert ("v1", GROUP, True, []) == (found.version, found.group, found.cached, later.asked)


@pytest.mark.parametrize("name", ["web\u00a0blue", "web\u0378"])
def test_whatever_a_group_is_called_a_reboot_changes_nothing(kept: Path, name: str) -> None:
    """A name that is believed is one that can be kept: a space of another kind, a letter of a newer Unicode."""
    told: list[str] = []
    look(Asked(cache=kept), Group("v2", name))
    assert ("v2", []) == (look(Asked(cache=kept), Group("v3", name), told=told).version, told)


def test_refresh_reads_again_and_keeps_that(kept: Path) -> None:
    """``--refresh`` is how the version is changed on purpose."""
    look(Asked(cache=kept), Group("v1"))
    assert "v2" == look(Asked(cache=kept, refresh=True), Group("v2")).version
    assert "v2" == look(Asked(cache=kept), Group("v3")).version


def test_an_image_of_the_disk_does_not_lie(kept: Path) -> None:
    """What another instance kept (an AMI was made of it) is not believed."""
    look(Asked(cache=kept), Group("v1"), Known("i-1"))
    assert "v2" == look(Asked(cache=kept), Group("v2"), Known("i-2")).version
    assert "i-2" == json.loads(kept.read_text())["instance"]


@pytest.mark.parametrize("asked", [{"key": "other"}, {"source": Source.INSTANCE}])
def test_another_question_is_asked_anew(kept: Path, asked: dict[str, str]) -> None:
    """Another key, or whose tag it is, makes what was kept say nothing."""
    look(Asked(cache=kept), Group("v1"))
    with pytest.raises(Misconfigured, match="no tag"):
        look(Asked(cache=kept, **asked), Group("v1"))  # type: ignore[arg-type]


WHOLE = {"schema": SCHEMA, "instance": INSTANCE, "key": "image", "source": Source.GROUP}
DAMAGE = [
    json.dumps({**WHOLE, "version": 12, "region": "r", "group": "g"}),
    json.dumps({**WHOLE, "version": "v1", "region": 5, "group": "g"}),
    json.dumps({**WHOLE, "version": "v1", "region": "r", "group": ["g"]}),
    "",
    "{",
    "[]",
    "null",
    "[" * 60000,
    "\x00",
    json.dumps({"schema": SCHEMA}),
    json.dumps({"schema": SCHEMA, "version": "v1"}),
    json.dumps({"schema": SCHEMA, "instance": INSTANCE, "version": "v1; id", "region": "r", "group": "g"}),
    json.dumps({"schema": "other/1", "instance": INSTANCE, "version": "v1"}),
]


@pytest.mark.parametrize("text", DAMAGE)
def test_a_damaged_file_is_said_and_replaced(kept: Path, text: str) -> None:
    """It is no reason not to boot; the tag is read again."""
    kept.parent.mkdir()
    kept.write_text(text)
    told: list[str] = []
    assert "v2" == look(Asked(cache=kept), Group("v2"), told=told).version
    assert [f"the cache {kept} is damaged; the tag is read again"] == told
    assert "v2" == look(Asked(cache=kept), Group("v3")).version


def test_bytes_that_are_no_text_are_damage(kept: Path) -> None:
    """Whatever the file holds."""
    kept.parent.mkdir()
    kept.write_bytes(b"\xff\xfe\x00")
    assert "v2" == look(Asked(cache=kept), Group("v2")).version


def test_the_file_is_whole_readable_and_alone(kept: Path) -> None:
    """Everybody may read it, its owner alone writes, nothing is left beside."""
    look(Asked(cache=kept, refresh=True), Group("v1"))
    assert 0o644 == stat.S_IMODE(kept.lstat().st_mode)
    assert [kept] == list(kept.parent.iterdir())


@pytest.mark.parametrize("where", ["file/below", "folder"])
def test_a_cache_that_cannot_be_kept_is_an_error(tmp_path: Path, where: str) -> None:
    """An instance that would forget its version at the next reboot says so at its first boot."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Misconfigured, match="cannot be"):
        look(Asked(cache=tmp_path / where), Group("v1"))
    assert ["file", "folder"] == sorted(os.listdir(tmp_path))
