"""What every store promises, asked of each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bluegreen.errors import Misconfigured
from bluegreen.state.document import Document
from bluegreen.state.file import FileStore
from bluegreen.state.memory import MemoryStore
from bluegreen.state.open import open_store
from bluegreen.state.store import Conflict, Store, Version

EMPTY = Document(service="web")
FULL = Document(service="web", epoch=7)


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Return an empty store of each kind."""
    makers: dict[str, Callable[[], Store]] = {"file": lambda: FileStore(tmp_path / "a" / "b"), "memory": MemoryStore}
    return makers[request.param]()


def test_nothing_at_first(store: Store) -> None:
    """A new store has no services, and reading makes none."""
    assert ((None, None), ()) == (store.read("web"), store.services())


def test_what_is_written_is_read(store: Store) -> None:
    """A read returns the last document and the version that its write returned."""
    first = store.write("web", EMPTY, None)
    second = store.write("web", FULL, first)
    assert (FULL, second) == store.read("web")


def test_versions_never_repeat(store: Store) -> None:
    """Writing the same document again is another version."""
    first = store.write("web", EMPTY, None)
    assert first != store.write("web", EMPTY, first)


@pytest.mark.parametrize("expected", [None, "something else"])
def test_stale_write_is_a_conflict(store: Store, expected: str | None) -> None:
    """A write over a version that is not there any more changes nothing."""
    version = store.write("web", EMPTY, None)
    with pytest.raises(Conflict):
        store.write("web", FULL, expected)
    assert (EMPTY, version) == store.read("web")


def test_expected_but_absent(store: Store) -> None:
    """A write that expects a document where there is none is a conflict."""
    with pytest.raises(Conflict):
        store.write("web", FULL, "gone")
    assert (None, None) == store.read("web")


def test_services_are_apart(store: Store) -> None:
    """Services do not meet, whatever characters their names have."""
    names = ("..", "/etc/passwd", "a.b", "web", "wéb")
    for name in names:
        store.write(name, Document(service=name), None)
    found = [document for document, _ in map(store.read, names)]
    assert (names, [Document(service=name) for name in names]) == (store.services(), found)


def _compete(store: Store, epoch: int, at: Version, barrier: threading.Barrier, won: list[Version]) -> None:
    barrier.wait()
    try:
        won.append(store.write("web", Document(service="web", epoch=epoch), at))
    except Conflict:
        return


def test_one_winner_per_round(store: Store) -> None:
    """Of many threads that write over the same version exactly one succeeds, in every round."""
    version: Version = None
    for number in range(10):
        won: list[Version] = []
        barrier = threading.Barrier(8)

        competitor = (store, number, version, barrier, won)
        threads = [threading.Thread(target=_compete, args=competitor) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 1 == len(won)
        version = won[0]


@pytest.mark.parametrize("url", ["", "file:", "s3://bucket/x", "web", "http://x"])
def test_other_places(url: str) -> None:
    """A place that is not supported is refused, with what is."""
    with pytest.raises(Misconfigured) as caught:
        open_store(url)
    assert "file:DIRECTORY" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "directory"),
    [("file:/a/b", "/a/b"), ("file:///a/b", "/a/b"), ("file:~/x", "HOME/x"), ("file:x", "HERE/x")],
)
def test_directories(url: str, directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory may be absolute, a file URL, of the home directory or of the working directory."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    expected = directory.replace("HOME", str(tmp_path / "home")).replace("HERE", str(tmp_path))
    assert FileStore(Path(expected)) == open_store(url)
