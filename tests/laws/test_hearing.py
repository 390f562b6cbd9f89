"""Who listens from outside may raise, hang, be slow or close: the run goes on as it would have, and the others hear."""

from __future__ import annotations

import threading
from asyncio import CancelledError
from collections.abc import Callable
from typing import Any

import pytest

from bluegreen.cli.pasting import Spelling
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.telling import name_of, prompt
from bluegreen.service.hearing import BACKLOG, Apart, apart
from tests.laws.test_engine import DONE, ONE, Bench

EVENT = Event(at=1.0, kind=EventKind.WAITING, reason="1 of 2")


def broken(event: Event) -> None:
    """Fail at everything."""
    raise OSError("the disk is full")


def closed(event: Event) -> None:
    """Write into what is closed."""
    raise ValueError("I/O operation on closed file")


def leaving(event: Event) -> None:
    """Leave, as a script does."""
    raise SystemExit(0)


def cancelled(event: Event) -> None:
    """Be cancelled, as a task is."""
    raise CancelledError


def interrupted(event: Event) -> None:
    """Raise what Ctrl-C raises, of one's own."""
    raise KeyboardInterrupt


def exhausted(event: Event) -> None:
    """End a generator."""
    raise GeneratorExit


class Odd(BaseException):
    """What nobody expects."""


def odd(event: Event) -> None:
    """Raise it."""
    raise Odd


KINDS = {
    **{"raises": broken, "closes": closed, "leaves": leaving, "cancelled": cancelled, "interrupted": interrupted},
    **{"exhausted": exhausted, "odd": odd},
}


@pytest.fixture
def hung() -> Any:
    """Return a listener that does not come back before the test ends."""
    end = threading.Event()
    yield lambda event: end.wait()
    end.set()


@pytest.mark.parametrize("prompt", [True, False])
@pytest.mark.parametrize("kind", [*KINDS, "hangs"])
def test_the_run_ends_as_it_would_have(kind: str, prompt: bool, hung: Callable[[Event], None]) -> None:
    """Whatever one listener does, the answer is the same and the other one hears everything."""
    bench, heard = Bench([ONE, DONE]), list[Event]()
    own = {**KINDS, "hangs": hung}[kind]
    prompt = prompt and kind not in ("hangs", "interrupted")  # which nobody tells from a signal
    one = own if prompt else Apart(own, patience=0.05)
    bench.listeners = (one, *apart([heard.append]))
    assert DONE == bench.run().answer
    assert [EventKind.ACTING, EventKind.DONE] == [event.kind for event in heard if event.kind is not EventKind.WARNED]


def test_what_fails_is_told_to_the_others() -> None:
    """As of any listener: by its name, and without its words."""
    bench, heard = Bench([DONE]), list[Event]()
    bench.listeners = apart([broken, heard.append])
    bench.run()
    assert ["broken could not show an event (OSError); nothing else is changed by that"] == [
        event.reason for event in heard if event.kind is EventKind.WARNED
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_raised_is_told_by_its_name(kind: str) -> None:
    """Also what is no ordinary error."""
    bench, heard = Bench([DONE]), list[Event]()
    bench.listeners = apart([KINDS[kind], heard.append])
    assert DONE == bench.run().answer
    (warning,) = [event.reason for event in heard if event.kind is EventKind.WARNED]
    assert warning.startswith(f"{KINDS[kind].__name__} could not show an event (")


class Sly:
    """Fails at whatever it is asked, in its own way, and at what it is told."""

    def __init__(self, error: type[BaseException]) -> None:
        object.__setattr__(self, "error", error)

    def __getattribute__(self, name: str) -> Any:
        """Raise it."""
        raise object.__getattribute__(self, "error")

    def __call__(self, event: Event) -> None:
        """Raise something of which nothing can be learnt, either."""
        raise type(
            "Mute", (Exception,), {name: property(_mute) for name in ("kind", "at_once", "__str__", "__class__")}
        )


def _mute(_: object) -> Any:
    raise LookupError


def unaskable(name: str, answer: Callable[[], Any]) -> Any:
    """Return a listener of whom ``name`` is not to be asked, and who fails at what it is told."""
    return type(
        "Unaskable", (), {name: property(lambda self: answer()), "__call__": lambda self, event: broken(event)}
    )()


@pytest.mark.parametrize("name", ["__name__", "prompt", "binding", "__class__", "__dict__"])
@pytest.mark.parametrize("wrapped", [True, False])
def test_nothing_is_asked_of_a_listener(name: str, wrapped: bool) -> None:
    """What would be run could hang as well, or raise what Ctrl-C raises, in the thread of the run."""
    asked = list[str]()
    bench, heard, one = Bench([ONE, DONE]), list[Event](), unaskable(name, lambda: asked.append(name))
    bench.listeners = (*(apart([one]) if wrapped else (one,)), *apart([heard.append]))
    assert DONE == bench.run().answer
    told = [event.reason for event in heard if event.kind is EventKind.WARNED]
    assert ["Unaskable could not show an event (OSError); nothing else is changed by that"] * 2 == told
    assert [] == asked


@pytest.mark.parametrize("prompt", [True, False])
def test_nobody_from_outside_belongs_to_the_record(prompt: bool) -> None:
    """Who says so, and fails, ends no run."""
    bench, heard = Bench([ONE, DONE]), list[Event]()
    vow = {"prompt": prompt, "binding": True, "__call__": lambda self, event: broken(event)}
    bench.listeners = apart([type("Vowing", (), vow)(), heard.append])
    assert DONE == bench.run().answer
    assert [EventKind.ACTING, EventKind.DONE] == [event.kind for event in heard if event.kind is not EventKind.WARNED]


def test_a_method_is_told_by_its_own_name() -> None:
    """As a function is; of a class's instance the class is told."""
    assert ["append", "broken", "run", "Sly"] == [
        name_of(one) for one in ([].append, broken, Bench([DONE]).run, Sly(OSError))
    ]


class AtOnce(Exception):
    """What a signal raises here, of a listener's own."""

    at_once = True


def leaving_at_once(event: Event) -> None:
    """Raise it."""
    raise AtOnce


@pytest.mark.parametrize("kind", [AttributeError, OSError, SystemExit, CancelledError, Odd])
@pytest.mark.parametrize("wrapped", [True, False])
def test_what_cannot_be_asked_ends_no_run(kind: type[BaseException], wrapped: bool) -> None:
    """Nor does a listener whose attributes fail when they are looked up; the others hear of it."""
    bench, heard = Bench([ONE, DONE]), list[Event]()
    one: Any = Sly(kind)
    bench.listeners = (*(apart([one]) if wrapped else (one,)), *apart([heard.append]))
    assert DONE == bench.run().answer
    told = [event.reason for event in heard if event.kind is EventKind.WARNED]
    assert ["Sly could not show an event (Mute); nothing else is changed by that"] * 2 == told


def test_no_listener_is_a_signal() -> None:
    """What one raises in its own thread ends no run, whatever it says of itself."""
    bench, heard = Bench([ONE, DONE]), list[Event]()
    bench.listeners = apart([leaving_at_once, heard.append])
    assert DONE == bench.run().answer
    assert [EventKind.ACTING, EventKind.DONE] == [event.kind for event in heard if event.kind is not EventKind.WARNED]


def test_a_signal_in_the_run_s_own_thread_ends_it() -> None:
    """Ctrl-C finds the run while it waits for a listener, too."""
    bench = Bench([DONE])
    bench.listeners = (interrupted,)
    with pytest.raises(KeyboardInterrupt):
        bench.run()


def test_who_is_behind_is_not_waited_for_again(hung: Callable[[Event], None]) -> None:
    """Once the patience is used up an event costs nothing, and what does not fit is left out."""
    slow = Apart(hung, patience=0.0)
    for _ in range(BACKLOG + 5):
        slow(EVENT)
    assert slow.missed in (4, 5)  # the first may have been taken out already


def test_who_catches_up_hears_all_in_order() -> None:
    """An event that was not waited for is not lost."""
    gate, heard, done = threading.Event(), list[float](), threading.Event()

    def slow(event: Event) -> None:
        gate.wait()
        heard.append(event.at)
        if event.at == 9.0:
            done.set()

    listener = Apart(slow, patience=0.0)
    for number in range(10):
        listener(Event(at=float(number), kind=EventKind.WAITING, reason=""))
    gate.set()
    done.wait()
    assert [float(number) for number in range(10)] == heard


def test_what_is_prompt_by_itself_is_told_in_the_run_s_own_thread() -> None:
    """Its streams have a patience of their own, and signals find it where the run is."""

    @prompt
    class Prompt:
        def __call__(self, event: Event) -> None:
            """Hear."""

    own = Prompt()
    assert (own,) == apart([own])


class Claiming:
    """A caller's own listener, which says of itself that it is prompt; its thread is kept."""

    prompt = True

    def __init__(self, act: Callable[[Event], object]) -> None:
        self.act = act
        self.threads = set[threading.Thread]()

    def __call__(self, event: Event) -> None:
        """Do what it is made to do."""
        self.threads.add(threading.current_thread())
        self.act(event)


def at_once(event: Event) -> None:
    """Raise what says of itself that it is a second signal."""
    raise type("AtOnce", (BaseException,), {"at_once": True})


@pytest.mark.parametrize("act", [interrupted, leaving, at_once, lambda event: None])
def test_who_says_to_be_prompt_is_not_told_in_the_runs_thread(act: Callable[[Event], object]) -> None:
    """An attribute of a caller's own, or a class derived from one of ours, is no vow: it ends and delays nothing."""
    bench, derived = Bench([ONE, DONE]), type("Derived", (Claiming, Spelling), {})
    claims = [Claiming(act), derived(act)]
    bench.listeners = apart(claims)
    assert DONE == bench.run().answer
    assert [False, False] == [threading.current_thread() in one.threads for one in claims]
    assert [True, True] == [bool(one.threads) for one in claims]


def test_nobody_is_waited_for_by_a_thread_when_the_run_is_over() -> None:
    """The thread of a listener goes with what tells it."""
    ends = threading.Event()

    class Ear:
        def __call__(self, event: Event) -> None:
            self.thread = threading.current_thread()
            ends.set()

    ear = Ear()
    (listener,) = apart([ear])
    listener(EVENT)
    ends.wait()
    del listener
    ear.thread.join(60)
    assert not ear.thread.is_alive()
