"""Service, record, lease, history and report over a target of which no line outside these tests knows."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import define, field

from bluegreen.clock import VirtualClock
from bluegreen.errors import Held, Refused, Status, Unreachable
from bluegreen.flow.release import Hold
from bluegreen.record.memory import MemoryStore
from bluegreen.record.process import Process
from bluegreen.report.status import status_text
from bluegreen.service import Ended, Service, Session
from bluegreen.settings.configuration import parse
from bluegreen.settings.kind import SettingsKind
from tests.seam.folder import FOLDER, LINK, FolderSettings
from tests.seam.interposer import Crash, Nth, interposed


@define
class Room:
    """A folder, its record, and whoever works on it; ``served`` is what a user has got at each call."""

    folder: Path
    store: MemoryStore = field(factory=MemoryStore)
    clock: VirtualClock = field(factory=VirtualClock)
    ids: Iterator[int] = field(factory=lambda: iter(range(1000)))
    runs: int = 0

    @property
    def settings(self) -> FolderSettings:
        """What a configuration says of the service."""
        text = f'[services.web]\nfolder = "{self.folder}"\nbake = "2s"\n'
        found = parse(text, Path("bluegreen.toml"), (SettingsKind("folder", FolderSettings),)).services["web"]
        assert isinstance(found, FolderSettings)
        return found

    def service(self, point: Callable[[str, bool], None] | None = None) -> Service:
        """Return the service as a process of its own has it."""
        self.runs += 1
        session = Session(
            settings=self.settings, store=self.store, clock=self.clock, who=f"run {self.runs}",
            identify=lambda: f"{next(self.ids):04x}", process=Process("here", self.runs, "1"),
        )  # fmt: skip
        return Service(session, FOLDER if point is None else interposed(FOLDER, self.watched(point)))

    def watched(self, point: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
        """Return a point at which a user asks, too: what has served goes on to serve."""

        def asked(name: str, done: bool) -> None:
            self.ask()
            point(name, done)

        return asked

    def ask(self) -> str:
        """Return what a user is served with; fail where the link leads to nothing, or to what is not ready."""
        link = self.folder / LINK
        if not link.is_symlink():
            return ""
        image, _, ready = link.read_text().rpartition(" ")
        assert float(ready) <= self.clock.now(), f"{image} serves and is not ready"
        return image

    @property
    def files(self) -> set[str]:
        """The images of the files that are there."""
        names = set(os.listdir(self.folder)) - {LINK}
        return {(self.folder / name).read_text().rpartition(" ")[0] for name in names}

    @property
    def shown(self) -> str:
        """What is served, and what is there."""
        return f"{self.ask()} of {sorted(os.listdir(self.folder))}"

    @property
    def open(self) -> bool:
        """Whether a release is open on record."""
        document, _ = self.store.read("web")
        return document is not None and document.release is not None

    def carried_on(self) -> Ended:
        """Return how `resume` ends, as a later process does it, once the lease of a dead one has run out."""
        self.clock.sleep(60.0)
        return self.service().resume()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Return a folder in which v1 serves, finished."""
    (tmp_path / "folder").mkdir()
    made = Room(tmp_path / "folder")
    assert Status.OK == made.service().deploy("v1").status
    assert Status.OK == made.service().finish().status
    return made


def test_a_release_goes_its_way(room: Room) -> None:
    """Deployed, taken back, deployed again and finished; the history tells of it, and the status what serves."""
    assert (Status.OK, "v2", {"v1", "v2"}) == (room.service().deploy("v2").status, room.ask(), room.files)
    assert "v2" in status_text(room.service().status())
    assert (Status.OK, "v1", {"v1"}) == (room.service().rollback().status, room.ask(), room.files)
    assert (Status.OK, "v3", {"v1", "v3"}) == (room.service().deploy("v3").status, room.ask(), room.files)
    assert (Status.OK, "v3", {"v3"}) == (room.service().finish().status, room.ask(), room.files)
    entries = room.service().history()
    assert ["v1", "v2", "v3"] == [entry.image for entry in entries]
    assert ["begun", "acting", "reached"] == [
        kind for kind in dict.fromkeys(event["kind"] for event in room.service().events(entries[-1]))
        if kind in ("begun", "acting", "reached")
    ]  # fmt: skip


def test_what_serves_already_is_not_deployed(room: Room) -> None:
    """Nothing is to do, and nothing is done."""
    assert (Status.OK, {"v1"}, False) == (room.service().deploy("v1").status, room.files, room.open)


def test_with_nothing_kept_the_image_before_is_deployed(room: Room) -> None:
    """A rollback once all is finished: the record knows what ran before."""
    room.service().deploy("v2"), room.service().finish()
    assert (Status.OK, "v1") == (room.service().rollback().status, room.ask())


def test_what_never_gets_ready_is_taken_back(room: Room) -> None:
    """No progress for the progress deadline: it fails, and old has served all the time."""
    ended = room.service().deploy("bad-2")
    assert (Status.ROLLED_BACK, "v1", {"v1"}, False) == (ended.status, room.ask(), room.files, room.open)


def test_a_record_of_another_folder_is_refused(room: Room, tmp_path: Path) -> None:
    """By every verb, with both facts."""
    room.service().deploy("v2")
    other = tmp_path / "other"
    other.mkdir()
    room.folder = other
    for verb in ("resume", "rollback", "finish", "status", "cleanup"):
        with pytest.raises(Refused, match="other"):
            getattr(room.service(), verb)()
    assert [] == os.listdir(other)


def test_cron_carries_on(room: Room) -> None:
    """What was cut off is carried on by a clean-up, which nobody asks."""
    with pytest.raises(Crash):
        room.service(Nth(2, True, names=("act",))).deploy("v2")
    room.clock.sleep(60.0)
    ended = room.service().cleanup()
    assert ended is not None
    assert (Status.OK, "v2") == (ended.status, room.ask())


def test_cron_leaves_alone_what_a_person_has_stopped(room: Room) -> None:
    """It says nothing, and does not even take the lease."""
    with pytest.raises(Crash):
        room.service(Nth(2, True, names=("act",))).deploy("v2")
    document, version = room.store.read("web")
    assert document is not None
    held = attrs.evolve(document.release, hold=Hold("ana", "stopped", room.clock.now()))
    kept = room.store.write("web", attrs.evolve(document, release=held), version)
    room.clock.sleep(60.0)
    assert (None, kept) == (room.service().cleanup(), room.store.read("web")[1])


def test_what_no_target_of_one_side_has_is_refused_in_a_sentence(room: Room) -> None:
    """Two sides to compare, balancers to set aside, a lost release to adopt: a folder has none."""
    service = room.service()
    for act in (service.diff, service.adopt, lambda: service.set_aside(["web"])):
        with pytest.raises(Refused, match=r"^web: "):
            act()


# ---- crashes, lost replies, two at once ----

STORIES: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...], str]] = {
    "deploy": ((), ("deploy", "v2"), "v2"),
    "finish": ((("deploy", "v2"),), ("finish",), "v2"),
    "rollback": ((("deploy", "v2"),), ("rollback",), "v1"),
    "rollback with nothing kept": ((("deploy", "v2"), ("finish",)), ("rollback",), "v1"),
}


def run(service: Service, words: tuple[str, ...]) -> Any:
    """Run a verb."""
    verb, *rest = words
    return getattr(service, verb)(*rest)


def at_the_beginning(folder: Path, story: str) -> tuple[Room, tuple[str, ...]]:
    """Return a room in which a story begins, and what is done then."""
    folder.mkdir()
    room, (before, last, _) = Room(folder), STORIES[story]
    for words in (("deploy", "v1"), ("finish",), *before):
        run(room.service(), words)
    return room, last


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("behind", [False, True])
def test_killed_at_any_call_it_is_carried_on(tmp_path: Path, story: str, behind: bool) -> None:
    """Before and behind each observe, more, act and save: what serves goes on, and `resume` comes to the same end."""
    for at in range(1, 1000):
        room, last = at_the_beginning(tmp_path / str(at), story)
        kill = Nth(at, behind)
        with contextlib.suppress(Crash):
            run(room.service(kill), last)
        if room.open and kill.hit:
            room.carried_on()
        end = (STORIES[story][2], last[0] == "deploy" or "kept" in story)
        if (room.ask(), room.open) != end:  # killed before it was on record, or had changed anything
            assert Status.OK == run(room.service(), last).status
        assert end == (room.ask(), room.open)
        if not kill.hit:
            assert at > 5
            return


@pytest.mark.parametrize("story", STORIES)
def test_a_reply_is_lost(tmp_path: Path, story: str) -> None:
    """What was done and not answered is looked at again, within the same run."""
    for at in range(1, 1000):
        room, last = at_the_beginning(tmp_path / str(at), story)
        lost = Nth(at, True, lambda: Unreachable("no answer"), ("observe", "more", "act"))
        assert (Status.OK, STORIES[story][2]) == (run(room.service(lost), last).status, room.ask())
        if not lost.hit:
            assert at > 3
            return


@define
class Asleep:
    """A point at whose ``at``-th call this process sleeps past its lease, and another one is done with the release."""

    room: Room
    at: int
    seen: int = 0
    end: str = ""

    def __call__(self, name: str, done: bool) -> None:
        self.seen += not done
        if done or self.seen != self.at:
            return
        self.room.clock.sleep(100.0)
        other = self.room.service().rollback() if self.room.open else self.room.service().deploy("v9")
        self.end = f"{other.status} {self.room.shown}"


@pytest.mark.parametrize("story", STORIES)
def test_another_one_takes_over(tmp_path: Path, story: str) -> None:
    """Who slept past the lease does nothing more, whatever was done meanwhile: the other one's end stands."""
    for at in range(1, 1000):
        room, last = at_the_beginning(tmp_path / str(at), story)
        with contextlib.suppress(Held):
            run(room.service(asleep := Asleep(room, at)), last)
        if not asleep.end:
            assert at > 3
            return
        assert asleep.end == f"{Status.OK} {room.shown}"
