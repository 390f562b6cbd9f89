"""The lease and the record under it: one writer at a time, and nobody waits for the dead."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from bluegreen.clock import VirtualClock
from bluegreen.errors import Held, Unreachable
from bluegreen.ranges import LATEST
from bluegreen.record.book import LENGTH, TURN, ServiceBook
from bluegreen.record.document import Document
from bluegreen.record.file import FileStore
from bluegreen.record.memory import MemoryStore
from bluegreen.record.process import Process, known_dead, this_process
from bluegreen.record.store import Store, Version
from bluegreen.targets.pair.model.sound import PAIR
from tests.record.values import release
from tests.support.records import KINDS


@define
class Flaky:
    """A memory store that counts writes and can be out of reach."""

    behind: MemoryStore = field(factory=MemoryStore)
    writes: int = 0
    away: bool = False

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Read, if in reach."""
        self._reach()
        return self.behind.read(service)

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Write, if in reach."""
        self._reach()
        self.writes += 1
        return self.behind.write(service, document, expected)

    def services(self) -> tuple[str, ...]:
        """Return the names."""
        return self.behind.services()

    def leave(self, error: Exception) -> Exception:
        """Be out of reach from now on; return ``error``."""
        self.away = True
        return error

    def _reach(self) -> None:
        if self.away:
            raise Unreachable("away")


@pytest.fixture
def clock() -> VirtualClock:
    """Return a clock that nobody waits for."""
    return VirtualClock(1_000_000.0)


@pytest.fixture
def store() -> Flaky:
    """Return an empty store."""
    return Flaky()


def book(store: Store, clock: VirtualClock, who: str = "anna@laptop", **more: Any) -> ServiceBook:
    """Return a book of the service web."""
    return ServiceBook(kind=PAIR, store=store, service="web", clock=clock, who=who, **more)


def standing(store: Store) -> Document:
    """Return the document that is kept."""
    document, _ = store.read("web")
    assert document is not None
    return document


def test_the_second_is_told_who_and_why(store: Flaky, clock: VirtualClock) -> None:
    """Whoever comes second hears who holds the lease, for how long, why, and what to do."""
    mine = book(store, clock).acquire("deploy v2")
    clock.sleep(20)
    mine.renew()
    with pytest.raises(Held) as caught:
        book(store, clock, "ben@desk").acquire("deploy v3")
    assert (
        f"web: anna@laptop (process {os.getpid()}) has been deploying v2 for 20 s",
        "wait until it has ended, as --wait-lock 10m does; a dead run is found out in 40 s",
    ) == (caught.value.message, caught.value.hint)


def test_freed_at_the_end(store: Flaky, clock: VirtualClock) -> None:
    """The lease is free after the run, and the next one counts an epoch further."""
    for _ in range(2):
        with book(store, clock).acquire("deploy v2"):
            assert standing(store).lease is not None
    assert (None, 2) == (standing(store).lease, standing(store).epoch)


@pytest.mark.parametrize("epoch", [TURN, int(LATEST)])
def test_no_count_on_record_is_the_last(store: Flaky, clock: VirtualClock, epoch: int) -> None:
    """Whatever a record that can be read says of it, the lease is taken, and whoever waits sees that it was."""
    store.write("web", Document(service="web", epoch=epoch), None)
    with book(store, clock).acquire("deploy v2"):
        assert 1 == standing(store).epoch


def test_freed_after_an_error(store: Flaky, clock: VirtualClock) -> None:
    """An error does not keep the lease, and is not hidden by a store that is away."""
    with pytest.raises(ValueError, match="first"), book(store, clock).acquire("deploy v2"):
        raise ValueError("first")
    assert standing(store).lease is None
    with pytest.raises(ValueError, match="second"), book(store, clock).acquire("deploy v2"):
        raise store.leave(ValueError("second"))


def test_taken_over_when_it_ran_out(store: Flaky, clock: VirtualClock) -> None:
    """A lease whose time is past belongs to the next; the one before writes nothing any more and takes nothing away."""
    late = book(store, clock).acquire("deploy v2")
    clock.sleep(60)
    book(store, clock, "ben@desk").acquire("deploy v3")
    for write in (late.renew, lambda: late.save(release()), lambda: late.close(release(), "finished")):
        with pytest.raises(Held) as caught:
            write()
        assert (
            f"web: the lease was lost to ben@desk (process {os.getpid()}, deploy v3); nothing more was written"
            == caught.value.message
        )
    late.release()
    lease = standing(store).lease
    assert ("ben@desk", None) == (lease and lease.who, standing(store).release)


@define
class Elsewhere:
    """The clock of another machine: its date is ``ahead`` by so many seconds, its seconds are as long as ours."""

    here: VirtualClock
    ahead: float

    def now(self) -> float:
        """Return its date."""
        return self.here.now() + self.ahead

    def monotonic(self) -> float:
        """Return seconds that mean nothing here."""
        return self.here.monotonic() + 1e6

    def sleep(self, seconds: float) -> None:
        """Let time pass, everywhere."""
        self.here.sleep(seconds)


DAY = 86_400.0
AWAY = Process("another machine", 7, "1")


@pytest.mark.parametrize("ahead", [0.0, DAY, -DAY])
@pytest.mark.parametrize("silent", [0.0, 100.0, 10 * DAY])
def test_pain_14_a_dead_run_holds_nothing_for_longer_than_its_lease(store, clock, ahead, silent) -> None:
    """Whatever the dates say, who watches has it within the length of a lease of the dead run's last sign of life."""
    book(store, clock, "ben@desk", process=AWAY).acquire("deploy v2")
    clock.sleep(silent)
    watcher, began = Elsewhere(clock, ahead), clock.now()
    mine = book(store, watcher, "cron@server").acquire("cleanup", patience=LENGTH + 1)
    assert ("cron@server", True) == (standing(store).lease.who, clock.now() - began <= LENGTH + 1)
    assert LENGTH == mine.renew()


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_a_live_run_is_respected_whatever_the_dates_say(store, clock, ahead) -> None:
    """A sign of life while somebody watches ends the watch, however old its date looks."""
    live = book(store, clock, "ben@desk", process=AWAY).acquire("deploy v2")

    def beat(_: str) -> None:
        live.renew()

    began = clock.now()
    with pytest.raises(Held, match=r"ben@desk .* has been"):
        book(store, Elsewhere(clock, ahead)).acquire("deploy v3", told=beat)
    assert clock.now() - began <= LENGTH


def test_who_comes_without_patience_leaves_at_once(store, clock) -> None:
    """Where the dates agree that somebody is at work, nobody is kept waiting."""
    book(store, clock, "ben@desk", process=AWAY).acquire("deploy v2")
    began = clock.now()
    with pytest.raises(Held):
        book(store, clock).acquire("deploy v3")
    assert began == clock.now()


def test_who_has_patience_gets_its_turn(store, clock) -> None:
    """Waiting for the lease ends when it is given back, and says meanwhile whom it is waited for."""
    said: list[str] = []
    first = book(store, clock, "ben@desk").acquire("deploy v2")

    def tell(sentence: str) -> None:
        said.append(sentence)
        first.renew()
        if len(said) == 30:
            first.release()

    book(store, clock).acquire("deploy v3", patience=600.0, told=tell)
    assert (30, "anna@laptop") == (len(said), standing(store).lease.who)
    assert all("web: ben@desk (" in sentence for sentence in said)


def test_patience_ends(store, clock) -> None:
    """A live run is waited for as long as was said, and no longer."""
    first, began = book(store, clock, "ben@desk").acquire("deploy v2"), clock.now()
    with pytest.raises(Held):
        book(store, clock).acquire("deploy v3", patience=100.0, told=lambda _: float(first.renew()) and None)
    assert 100.0 <= clock.now() - began <= 102.0


def test_a_lock_by_hand_keeps_everybody_out(store, clock) -> None:
    """Whoever comes hears who locked the service, since when and why, and how the lock is taken off."""
    assert book(store, clock, "ben@desk").lock("the database moves") is None
    with pytest.raises(Held) as caught:
        book(store, clock).acquire("deploy v2")
    assert (
        "web is locked by ben@desk since 1970-01-12 13:46 UTC: the database moves",
        "ask them; `bluegreen unlock web` takes the lock off",
    ) == (caught.value.message, caught.value.hint)


def test_a_lock_is_put_on_and_taken_off_once(store, clock) -> None:
    """The first lock stays, with its reason; taking it off tells whose it was; then there is none."""
    books = [book(store, clock, who) for who in ("ben@desk", "carl@desk", "anna@laptop", "anna@laptop")]
    told = [books[0].lock("one"), books[1].lock("two"), books[2].unlock(), books[3].unlock()]
    assert [None, "ben@desk", "ben@desk", None] == [freeze and freeze.who for freeze in told]
    with book(store, clock).acquire("deploy v2") as mine:
        assert mine.document.freeze is None


def test_a_lock_does_not_end_a_run(store, clock) -> None:
    """What is under way goes on to its end, under its own lease; the lock is still there afterwards."""
    with book(store, clock).acquire("deploy v2") as mine:
        book(store, clock, "ben@desk").lock("the database moves")
        mine.save(release())
    assert (None, "ben@desk") == (standing(store).lease, standing(store).freeze.who)


def test_the_dead_are_not_waited_for(tmp_path: Path, clock: VirtualClock) -> None:
    """A holder on this machine whose process was killed loses the lease at once."""
    script = """
import os, sys
from pathlib import Path
from bluegreen.clock import VirtualClock
from bluegreen.record.book import LENGTH, ServiceBook
from bluegreen.record.file import FileStore
from bluegreen.flow.kinds import Kinds
from bluegreen.targets.pair.model.sound import PAIR
store = FileStore(Path(sys.argv[1]), Kinds((PAIR,)))
ServiceBook(kind=PAIR, store=store, service="web", clock=VirtualClock(1000.0), who="x").acquire("die")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    with book(FileStore(tmp_path, KINDS), clock).acquire("deploy v2") as mine:
        assert (2, "deploy v2") == (mine.document.epoch, mine.document.lease and mine.document.lease.why)


def test_who_is_known_to_be_dead() -> None:
    """Only a process of this machine and this boot can be known to be dead; its number used again is not it."""
    alive = this_process()
    cases = [
        alive,
        Process(alive.host, alive.pid, "another start"),
        Process(alive.host, 2**22 + 1, "1"),
        Process("elsewhere", 2**22 + 1, "1"),
        Process(alive.host, alive.pid, ""),
    ]
    assert [False, True, True, False, False] == [known_dead(process) for process in cases]


def test_renewed_when_a_third_has_passed(store: Flaky, clock: VirtualClock) -> None:
    """The seconds left are counted from the last renewal; it is written only when a third of it has passed."""
    mine = book(store, clock).acquire("deploy v2")
    left = []
    for _ in range(4):
        clock.sleep(10)
        left.append((mine.renew(), store.writes))
    assert [(30.0, 1), (40.0, 2), (30.0, 2), (40.0, 3)] == left


def test_saving_renews(store: Flaky, clock: VirtualClock) -> None:
    """A save is a renewal too."""
    mine = book(store, clock).acquire("deploy v2")
    clock.sleep(15)
    mine.save(release())
    assert 40.0 == mine.renew()


def test_a_store_that_is_away(store: Flaky, clock: VirtualClock) -> None:
    """A lease that cannot be renewed grows shorter, and lasts again when the store is back and nobody took it."""
    mine = book(store, clock).acquire("deploy v2")
    store.away = True
    left = []
    for _ in range(3):
        clock.sleep(20)
        left.append(mine.renew())
    store.away = False
    assert ([20.0, 0.0, -20.0], 40.0) == (left, mine.renew())


def test_saving_needs_the_store(store: Flaky, clock: VirtualClock) -> None:
    """What cannot be recorded is an error: the write it explains must not follow."""
    mine = book(store, clock).acquire("deploy v2")
    store.away = True
    with pytest.raises(Unreachable):
        mine.save(release())


def test_saved_and_closed(store: Flaky, clock: VirtualClock) -> None:
    """A saved release is under way; a closed one is history."""
    with book(store, clock).acquire("deploy v2") as mine:
        mine.save(release())
        assert release() == standing(store).release
        mine.close(release(), "finished")
    assert (None, ["finished"]) == (standing(store).release, [past.outcome for past in standing(store).history])


def test_a_strangers_write_is_kept(store: Flaky, clock: VirtualClock) -> None:
    """A write in between that left the lease alone is read again, and ours comes on top of it."""
    mine = book(store, clock).acquire("deploy v2")
    document, version = store.read("web")
    assert document is not None
    store.write("web", document.closed(_past()), version)
    mine.save(release())
    assert (1, release()) == (len(standing(store).history), standing(store).release)


def _past() -> Any:

    return release().as_past("finished", 1.0)


def test_a_lease_that_was_given_back_is_not_renewed(store: Flaky, clock: VirtualClock) -> None:
    """Who is done leaves the record alone, whatever it still looks at."""
    mine = book(store, clock).acquire("deploy v2")
    mine.release()
    clock.sleep(LENGTH)
    writes = store.writes
    mine.renew()
    assert (writes, None) == (store.writes, standing(store).lease)
