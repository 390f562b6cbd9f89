"""A record tells of releases of several kinds of target: of those that a process knows, and of no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest
from attrs import frozen

from bluegreen.clock import VirtualClock
from bluegreen.errors import Refused, Status
from bluegreen.flow import release as flow
from bluegreen.flow.kinds import Kinds, RecordKind, only
from bluegreen.flow.terms import Settled
from bluegreen.record.book import ServiceBook
from bluegreen.record.codec import PUT_BACK, from_bytes, to_bytes
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from bluegreen.targets.pair.model.sound import PAIR
from tests.record.values import release
from tests.support.records import KINDS


@frozen(kw_only=True)
class Past(flow.Past):
    """A release of a folder that has come to its end."""

    kind: ClassVar[str] = "folder"


@frozen(kw_only=True)
class Release(flow.Release):
    """A release of a folder; ``files`` is how many it puts there."""

    kind: ClassVar[str] = "folder"
    files: int = 0

    @property
    def previous_image(self) -> str | None:
        """Nothing ran before."""
        return None

    def as_past(self, outcome: str, ended_at: float, left: Mapping[str, str] | None = None) -> Past:
        """Return what is remembered of it."""
        return Past(
            id=self.id, image=self.image, previous_image=None, goal=self.goal, outcome=outcome,
            begun_at=self.begun_at, ended_at=ended_at, left=left or {},
        )  # fmt: skip


def faults(of: Release) -> Iterator[str]:
    """Yield that it has too many files."""
    if of.files > 9:
        yield f"files is not within 0 and 9: {of.files}"


FOLDER = RecordKind(
    release=Release, past=Past, release_faults=only(Release, faults), past_faults=only(Past, lambda _: iter(()))
)
BOTH = Kinds((PAIR, FOLDER))
TERMS = Settled(deadline=600.0, progress_deadline=60.0)
OPEN = Release(id="web:20260101-000000-0001", service="web", image="v1", begun_at=1.0, terms=TERMS, files=3)
WITH_BOTH = Document(
    service="web",
    release=OPEN,
    history=(release(2).as_past("finished", 1.0), OPEN.as_past("restored", 2.0, {"a": "b"})),
)
MOVED = Document(service="web", release=release(3), history=(OPEN.as_past("finished", 2.0),))


@pytest.mark.parametrize("document", [WITH_BOTH, MOVED])
def test_each_release_is_read_as_its_kind(document: Document) -> None:
    """A service may have been a pair before it became something else, and the other way round."""
    assert document == from_bytes(to_bytes(document), "web.json", BOTH)


@pytest.mark.parametrize(
    ("document", "kinds", "kind"),
    [(WITH_BOTH, KINDS, "'folder'"), (MOVED, KINDS, "'folder'"), (MOVED, Kinds((FOLDER,)), "'pair'")],
)
def test_a_kind_that_is_not_known_is_refused_and_nothing_is_written(tmp_path, document, kinds, kind) -> None:
    """Whether it is open or over: the next write would lose what was not read."""
    store = FileStore(tmp_path, kinds)
    store.path("web").write_bytes(to_bytes(document))
    before = store.path("web").read_bytes()
    with pytest.raises(Refused) as caught:
        ServiceBook(store=store, kind=PAIR, service="web", clock=VirtualClock(1.0), who="me@here").acquire("deploy v2")
    sentence = f"the record {store.path('web')} has a release of the kind {kind}, which is not known here"
    hint = f"where a newer bluegreen has written it, upgrade bluegreen here; otherwise {PUT_BACK}"
    assert (sentence, Status.BLOCKED, hint) == (caught.value.message, caught.value.status, caught.value.hint)
    assert before == store.path("web").read_bytes()


def test_an_open_release_of_another_kind_than_the_service_is_refused(tmp_path: Path) -> None:
    """Whoever makes a pair of a service ends first what is open of it; what is over stays in its history."""
    store, clock = FileStore(tmp_path, BOTH), VirtualClock(1.0)
    version = store.write("web", WITH_BOTH, None)
    of_a_pair = ServiceBook(store=store, kind=PAIR, service="web", clock=clock, who="me@here")
    with pytest.raises(Refused) as caught:
        of_a_pair.acquire("deploy v2")
    sentence = f"web: {OPEN.id}, of the kind folder, is open, and the configuration names a pair"
    assert (sentence, (WITH_BOTH, version)) == (caught.value.message, store.read("web"))
    store.write("web", attrs.evolve(WITH_BOTH, release=None), version)
    with of_a_pair.acquire("deploy v2") as book:
        book.save(release(3))
    kept, _ = store.read("web")
    assert (release(3), WITH_BOTH.history) == (kept.release, kept.history)


def test_each_kind_checks_its_own() -> None:
    """What another kind has on record is not asked of this one."""
    with pytest.raises(Refused, match="files is not within 0 and 9: 10"):
        from_bytes(to_bytes(Document(service="web", release=attrs.evolve(OPEN, files=10))), "web.json", BOTH)
    assert ["a Release is no Past of its kind"] == list(FOLDER.past_faults(OPEN))


@pytest.mark.parametrize("kind", [None, 1, "", ["pair"], {"pair": 1}])
def test_a_kind_that_is_no_name_is_refused(kind: object) -> None:
    """What a record calls a kind is looked up, whatever it is, and nothing else."""
    plain = json.loads(to_bytes(MOVED))
    plain["release"]["kind"] = kind
    with pytest.raises(Refused, match="which is not known here"):
        from_bytes(json.dumps(plain).encode(), "web.json", BOTH)


@pytest.mark.parametrize("changes", [{"new": ""}, {"old": "a:b"}])
def test_what_a_kind_has_of_a_past_release_is_checked_as_well(changes: dict[str, Any]) -> None:
    """What it was on are groups."""
    past = attrs.evolve(release(2).as_past("finished", 1.0), **changes)
    with pytest.raises(Refused, match="is none that bluegreen writes"):
        from_bytes(to_bytes(Document(service="web", history=(past,))), "web.json", BOTH)


def test_no_older_record_names_a_kind() -> None:
    """A key that a format did not have is refused, as every other is."""
    (kept,) = (Path(__file__).parent / "records" / "format-5").glob("*.json")
    plain = json.loads(kept.read_bytes())
    plain["release"]["kind"] = "pair"
    with pytest.raises(Refused, match=r"cannot be read \(ValueError\)"):
        from_bytes(json.dumps(plain).encode(), "web.json", BOTH)
