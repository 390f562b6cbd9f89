"""What an instance is told at its boot: by the metadata service, by a file that was kept, by Auto Scaling."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError, Status
from bluegreen.image import valid
from bluegreen.instance.cache import SCHEMA
from bluegreen.instance.finding import Asked, Found, Source, Surroundings, find
from bluegreen.instance.metadata import Metadata
from bluegreen.words import is_plain
from tests.fuzz.inputs import changed, hostile, said_badly, tried
from tests.fuzz.wire import Wire, http, replies, wired
from tests.instance.fakes import INSTANCE, Group, Known, client

TOKEN = b"AQAEAsecret-of-the-session=="
GOOD = (TOKEN, INSTANCE.encode(), b"eu-west-1", b"v1")
KEPT = {
    "schema": SCHEMA,
    "version": "v7",
    "instance": INSTANCE,
    "region": "eu-west-1",
    "group": "web-blue",
    "key": "image",
    "source": "group-tag",
}
TAGS = {"Tags": [{"ResourceId": "web-blue", "ResourceType": "auto-scaling-group", "Key": "image", "Value": "v1"}]}
MEMBERS = {"AutoScalingInstances": [{"InstanceId": INSTANCE, "AutoScalingGroupName": "web-blue"}]}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Run a metadata service that says what it is told to."""
    with wired() as one:
        yield one


def trouble(asked: Asked, here: Surroundings) -> str:
    """Return what is wrong with how the version is found, or nothing."""
    told: list[str] = []
    here = Surroundings(here.metadata, here.clock, here.autoscaling, told.append)
    try:
        found = find(asked, here)
    except BluegreenError as error:
        words = "\n".join([error.message, error.hint, *told])
        bad = error.status is Status.BUG or "secret-of-the-session" in words
        return words if bad else said_badly(words, 4000)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return said_badly("\n".join(told), 4000) or _believed(found)


def _believed(found: Found) -> str:
    words = (found.instance, found.region, found.group or "", found.version)
    return "" if valid(found.version) and all(map(is_plain, words)) else f"believed {found}"


texts = st.one_of(hostile.map(lambda value: str(value).encode("utf-8", "surrogatepass")[:9000]), st.binary(max_size=40))


@st.composite
def sessions(draw: st.DrawFn) -> list[bytes]:
    """Draw the answers to token, id, region and tag: good but for one, as often as odd ones throughout."""
    answers = [http(body) for body in GOOD]
    for number in draw(st.sampled_from([[0], [1], [2], [3], [0, 1], [0, 1, 2, 3]])):
        odd_tokens = st.sampled_from([TOKEN + b"\n", TOKEN + b"\r\nX: y", TOKEN + "\u2026".encode()]).map(http)
        answers[number] = draw(st.one_of(replies(texts), odd_tokens) if number == 0 else replies(texts))
    return answers


@given(sessions())
@tried(60)
def test_a_metadata_service_is_believed_or_not(wire: Wire, answers: list[bytes]) -> None:
    """One sentence, bounded, that no terminal obeys and that does not show the session's token."""
    wire.tell(*answers)
    metadata = Metadata(f"http://{wire.host}", 1.0, VirtualClock(), 5.0)
    here = Surroundings(metadata, VirtualClock(), lambda _: client(Group("v1")))
    assert "" == trouble(Asked(source=Source.INSTANCE), here)


def test_the_answers_that_the_changes_begin_with_are_good(wire: Wire) -> None:
    """The version is found."""
    wire.tell(*map(http, GOOD))
    metadata = Metadata(f"http://{wire.host}", 1.0, VirtualClock(), 5.0)
    here = Surroundings(metadata, VirtualClock(), lambda _: client(Group("v1")))
    assert "v1" == find(Asked(source=Source.INSTANCE), here).version


@given(st.one_of(changed(KEPT).map(json.dumps).map(str.encode), texts, st.just(b"[" * 60_000)))
@tried(120)
def test_a_file_that_was_kept_is_believed_or_not(body: bytes) -> None:
    """What is no cache of this instance is said to be damaged, or passed over: the tag is read again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.json"
        path.write_bytes(body)
        here = Surroundings(Known(), VirtualClock(), lambda _: client(Group("v1")))
        assert "" == trouble(Asked(cache=path), here)


@define
class Answers:
    """Auto Scaling that says ``members`` and ``tags``."""

    members: Any
    tags: Any

    def describe_auto_scaling_instances(self, **_: Any) -> Any:
        """Say which groups there are."""
        return self.members

    def describe_tags(self, **_: Any) -> Any:
        """Say which tags there are."""
        return self.tags


@st.composite
def left_out(draw: st.DrawFn, answer: dict[str, Any]) -> dict[str, Any]:
    """Draw an answer in botocore's shape that lacks one member of its rows, or has another text there."""
    ((name, (row,)),) = answer.items()
    key = draw(st.sampled_from([name, *row]))
    if key == name:
        return draw(st.sampled_from([{}, {name: []}, {name: [{}]}]))
    value = draw(st.sampled_from([None, "", "other", "\x1b[2J\n", "a" * 300]))
    return {name: [{k: v for k, v in {**row, key: value}.items() if v is not None}]}


@given(st.one_of(left_out(MEMBERS), st.just(MEMBERS)), st.one_of(left_out(TAGS), st.just(TAGS)))
@tried(120)
def test_auto_scaling_tells_an_instance_or_not(told: dict[str, Any], tags: dict[str, Any]) -> None:
    """A member that is left out is asked for again, and named in the end."""
    here = Surroundings(Known(), VirtualClock(), lambda _: Answers(told, tags))
    assert "" == trouble(Asked(wait=5.0), here)
