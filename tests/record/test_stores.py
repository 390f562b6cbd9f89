"""What every store promises, asked of each of them."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from bluegreen.errors import Misconfigured
from bluegreen.record.bucket import Bucket
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from bluegreen.record.memory import MemoryStore
from bluegreen.record.open import open_store
from bluegreen.record.s3 import S3Store
from bluegreen.record.store import Conflict, Store, Version
from bluegreen.settings.configuration import DEFAULT_STATE as STATE
from tests.support.people import ANN, doing, root_only
from tests.support.records import KINDS

EMPTY = Document(service="web")
FULL = Document(service="web", epoch=7)


PROCESSES, ROUNDS = 8, 10
RELEASE = "web:20261121-053200-ab12"
LINES = ('{"kind": "begun"}', '{"reason": "wéb\u2028\\n"}', "")


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty place of each kind that processes can share."""
    if request.param == "file":
        return f"file:{tmp_path}/a/b"
    return f"s3://{request.getfixturevalue('bucket')}/team/records"


@pytest.fixture(params=["file", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Return an empty store of each kind."""
    if request.param == "memory":
        return MemoryStore()
    place = f"file:{tmp_path}/a/b" if request.param == "file" else f"s3://{request.getfixturevalue('bucket')}/team"
    return open_store(place, KINDS)


@pytest.fixture
def kept(store: Store) -> Store:
    """Return a store of each kind that has a record."""
    store.write("web", EMPTY, None)
    return store


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
    store.write("other", Document(service="other"), None)
    with pytest.raises(Conflict):
        store.write("web", FULL, "gone")
    assert (None, None) == store.read("web")


def test_the_last_note_on_a_topic_is_read(kept: Store) -> None:
    """Of that service and topic alone; it is neither a record nor an event, and none of the record's versions."""
    version = kept.read("web")[1]
    before = kept.noted("web", "cleanup")
    for text in ("[1.0]", "[1.0, 2.0]"):
        kept.note("web", "cleanup", text)
    found = [kept.noted(*asked) for asked in (("web", "cleanup"), ("web", "other"), ("api", "cleanup"))]
    assert (None, ["[1.0, 2.0]", None, None]) == (before, found)
    assert ((EMPTY, version), ("web",), ()) == (kept.read("web"), kept.services(), kept.events("web", "cleanup"))


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


def test_one_winner_among_threads(store: Store) -> None:
    """Of many threads that write over the same version exactly one succeeds, in every round."""
    version: Version = None
    for number in range(ROUNDS):
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


def _compete_in_rounds(url: str, barrier: Barrier, won: multiprocessing.Queue[tuple[int, bool]]) -> None:
    store = open_store(url, KINDS)
    for number in range(ROUNDS):
        _, version = store.read("web")
        barrier.wait(60)
        try:
            kept = store.write("web", Document(service="web", epoch=number), version)
            won.put((number, (Document(service="web", epoch=number), kept) == store.read("web")))
        except Conflict:
            pass
        barrier.wait(60)


def test_one_winner_among_processes(url: str) -> None:
    """Of several processes that write over the same version exactly one succeeds, in every round, and it is kept."""
    context = multiprocessing.get_context("spawn")
    barrier, won = context.Barrier(PROCESSES), context.Queue()
    processes = [context.Process(target=_compete_in_rounds, args=(url, barrier, won)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    rounds = sorted(won.get(timeout=60) for _ in range(ROUNDS))
    for process in processes:
        process.join(60)
    assert ([(number, True) for number in range(ROUNDS)], True) == (rounds, won.empty())


def test_events_are_read_in_order(kept: Store) -> None:
    """Events are the lines as they were given, durable or not; there are none at first."""
    before = kept.events("web", RELEASE)
    for number, line in enumerate(LINES):
        kept.append("web", RELEASE, line, durable=bool(number % 2))
    assert ((), LINES) == (before, kept.events("web", RELEASE))


def test_events_are_no_services(kept: Store) -> None:
    """Events make no service, and change no record."""
    before = kept.read("web")
    kept.append("web", RELEASE, LINES[0])
    assert (before, ("web",)) == (kept.read("web"), kept.services())


def test_events_are_apart(kept: Store) -> None:
    """Services and releases do not meet, whatever characters their names have."""
    places = [(service, release) for service in ("web", "a/b", "web.events") for release in (RELEASE, "..", "é/.json")]
    for service, release in places:
        kept.append(service, release, f"{service} {release}")
    found = [kept.events(service, release) for service, release in places]
    assert [(f"{service} {release}",) for service, release in places] == found


def test_an_event_is_one_line(kept: Store) -> None:
    """A line with a newline in it is our own mistake, and nothing of it is kept."""
    with pytest.raises(ValueError, match="an event is one line"):
        kept.append("web", RELEASE, "one\ntwo")
    assert () == kept.events("web", RELEASE)


def test_forgotten(kept: Store) -> None:
    """Events that were forgotten are gone, those of other releases stay; forgetting nothing is no error."""
    for release in (RELEASE, "another"):
        kept.append("web", release, release)
    for _ in range(2):
        kept.forget("web", RELEASE)
    kept.append("web", RELEASE, "anew")
    assert (("anew",), ("another",)) == (kept.events("web", RELEASE), kept.events("web", "another"))


def test_events_of_many_threads(kept: Store) -> None:
    """Lines that threads add at once are all there, whole, and each thread's in its order."""
    names = ("a", "b", "c", "d")

    def add(name: str) -> None:
        for number in range(5):
            kept.append("web", RELEASE, f"{name} {number}", durable=number % 2 == 0)

    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = kept.events("web", RELEASE)
    expected = {name: [f"{name} {number}" for number in range(5)] for name in names}
    assert (expected, 20) == ({name: [line for line in found if line[0] == name] for name in names}, len(found))


ADDING = """
import os, sys
from bluegreen.flow.kinds import Kinds
from bluegreen.record.open import open_store
store = open_store(sys.argv[1], Kinds(()))
store.append("web", sys.argv[2], sys.argv[3] + " noted", durable=False)
store.append("web", sys.argv[2], sys.argv[3] + " kept")
os.kill(os.getpid(), 9)
"""


def test_events_of_killed_runs(url: str) -> None:
    """What was durable when a run was killed is read by others, and a later run's lines come after it."""
    store = open_store(url, KINDS)
    store.write("web", EMPTY, None)
    for run in ("first", "second"):
        subprocess.run([sys.executable, "-c", ADDING, url, RELEASE, run], check=False)
    assert ("first noted", "first kept", "second noted", "second kept") == store.events("web", RELEASE)


@pytest.mark.parametrize(
    ("url", "home", "sentence"),
    [
        ("file:~nosuch/x", "/home/ann", "~nosuch/x is nowhere: there is no user nosuch"),
        ("file:~nosuch", "/home/ann", "~nosuch is nowhere: there is no user nosuch"),
        ("file:~/x", "x", "~/x is nowhere: HOME is no whole path"),
        ("file:~/x", "~", "~/x is nowhere: HOME is no whole path"),
    ],
)
def test_a_home_that_is_nowhere(url: str, home: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused: a directory called so would be another one in each working directory, without a common lease."""
    monkeypatch.setenv("HOME", home)
    with pytest.raises(Misconfigured) as caught:
        open_store(url, KINDS)
    assert (f'state = "{url}": {sentence}', True) == (caught.value.message, "the whole path" in caught.value.hint)


@root_only
def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user that no table knows: the default place of the records is none."""
    monkeypatch.delenv("HOME", raising=False)
    told = doing(ANN, lambda: open_store(STATE, KINDS))
    sentence = f"~/.local/state/bluegreen is nowhere: user {ANN} has no home, and HOME is not set"
    assert f'Misconfigured: state = "{STATE}": {sentence}' == told


def test_a_relative_place_in_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is nowhere; a whole path is where it was."""
    (gone := tmp_path / "gone").mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(Misconfigured, match="the working directory: No such file or directory"):
        open_store("file:records", KINDS)
    assert (None, None) == open_store(f"file:{tmp_path}/records", KINDS).read("web")


def test_a_tilde_elsewhere_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only at the beginning does it mean a home."""
    monkeypatch.chdir(tmp_path)
    open_store("file:./~x", KINDS).write("web", EMPTY, None)
    assert ("web",) == open_store(f"file:{tmp_path}/~x", KINDS).services()


@pytest.mark.parametrize("url", ["", "file:", "web", "http://x"])
def test_other_places(url: str) -> None:
    """A place that is not supported is refused, with what is."""
    with pytest.raises(Misconfigured) as caught:
        open_store(url, KINDS)
    assert (f'state = "{url}" is not a place for records', True, True) == (
        caught.value.message,
        "file:DIRECTORY" in caught.value.hint,
        "s3://BUCKET/PREFIX" in caught.value.hint,
    )


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://our-records", "our-records", ""),
        ("s3://our-records/", "our-records", ""),
        ("s3://our.records/bluegreen", "our.records", "bluegreen/"),
        ("s3://our-records/team_a/blue=green/", "our-records", "team_a/blue=green/"),
    ],
)
def test_buckets(url: str, bucket: str, prefix: str) -> None:
    """A bucket may have a prefix, with or without a slash at its end."""
    assert S3Store(Bucket(bucket, prefix), KINDS) == open_store(url, KINDS)


@pytest.mark.parametrize(
    ("place", "trouble"),
    [
        ("s3:our-records/x", '"s3:our-records" is no name of a general purpose bucket'),
        ("s3://", '"" is no name of a general purpose bucket'),
        ("s3:///x", '"" is no name of a general purpose bucket'),
        ("s3://Our-Records", '"Our-Records" is no name of a general purpose bucket'),
        ("s3://10.0.0.1/x", '"10.0.0.1" is no name of a general purpose bucket'),
        ("s3://a..b", '"a..b" is no name of a general purpose bucket'),
        ("s3://arn:aws:s3:::x", '"arn:aws:s3:::x" is no name of a general purpose bucket'),
        ("s3://fast--use1-az4--x-s3/x", '"fast--use1-az4--x-s3" is no name of a general purpose bucket'),
        ("s3://our-records//x", '"/x" is no prefix: '),
        ("s3://our-records/../x", '"../x" is no prefix: '),
        ("s3://our-records/x?region=y", '"x?region=y" is no prefix: '),
        ("s3://our-records/" + 401 * "x", "the prefix is longer than 400 characters"),
    ],
)
def test_no_buckets(place: str, trouble: str) -> None:
    """What cannot be a bucket or a prefix is refused with one sentence that says why."""
    with pytest.raises(Misconfigured) as caught:
        open_store(place, KINDS)
    assert (f'state = "{place}": {trouble}', False) == (
        caught.value.message[: len(f'state = "{place}": {trouble}')],
        "\n" in caught.value.message,
    )


@pytest.mark.parametrize(
    ("url", "directory"),
    [("file:/a/b", "/a/b"), ("file:///a/b", "/a/b"), ("file:~/x", "HOME/x"), ("file:x", "HERE/x")],
)
def test_directories(url: str, directory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory may be absolute, a file URL, of the home directory or of the working directory."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    expected = directory.replace("HOME", str(tmp_path / "home")).replace("HERE", str(tmp_path))
    assert FileStore(Path(expected), KINDS) == open_store(url, KINDS)


def test_boto3_waits() -> None:
    """Opening a store loads no library of AWS's: the first line on the screen does not wait for it."""
    script = "import sys; from bluegreen.cli.wiring import Wiring; Wiring().store('s3://our-records/x');"
    script += "print([name for name in sys.modules if name in ('boto3', 'botocore')])"
    assert "[]\n" == subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
