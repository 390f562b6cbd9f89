"""What all verbs do around a call of the service layer: listen, heed signals, ask, and say how it ended."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from threading import Thread
from typing import TYPE_CHECKING

import click
from attrs import define, field

from bluegreen.cli.invocation import Invocation
from bluegreen.cli.pasting import Spelling
from bluegreen.cli.signals import CtrlC, Stop, status_of
from bluegreen.errors import INT, Interrupted, Refused, Status, Usage
from bluegreen.flow.usual import Usual
from bluegreen.report.lines import Lines
from bluegreen.report.steady import Reporter, Steady
from bluegreen.report.streams import SafeStream
from bluegreen.sentences.flow import stopping
from bluegreen.settings.service import ServiceSettings
from bluegreen.words import are

if TYPE_CHECKING:
    from bluegreen.service import Ended, Service

_WORST = (
    Status.OK,
    Status.UNWRITTEN,
    Status.PAUSED,
    Status.UNFINISHED,
    Status.HELD,
    Status.ROLLED_BACK,
    Status.UNREACHABLE,
    Status.BLOCKED,
    Status.DENIED,
    Status.CONFIGURATION,
    Status.USAGE,
    Status.BUG,
    Status.INTERRUPTED,
    Status.TERMINATED,
)


@contextlib.contextmanager
def running(invocation: Invocation, settings: ServiceSettings, state: str, title: str = "") -> Iterator[Service]:
    """Yield the service layer of one pair, its events reported and signals heeded meanwhile."""
    invocation.about(settings)
    recalled = Recalled()
    reporter = Steady(_reporter(invocation, settings, title, recalled), Lines(invocation.err))
    told = Spelling(reporter, invocation.spelled)
    stop = Stop(lambda: reporter.say(f"{settings.name}: {stopping()}"))
    try:
        with stop, invocation.impatient(), contextlib.closing(reporter):
            layer = invocation.wiring.service(settings, state, (told,), stop, invocation.patience)
            recalled.recall = lambda goal: layer.usual(goal)
            yield layer
    finally:
        invocation.signal, invocation.goal = stop.number, told.goal


def looking(invocation: Invocation, settings: ServiceSettings, state: str) -> Service:
    """Return the service layer for a verb that only looks, or writes once: a signal simply ends it."""
    invocation.about(settings)
    return invocation.wiring.service(settings, state, (), lambda: None, invocation.patience)


def do_without(invocation: Invocation, layer: Service, yes: bool) -> None:
    """Let the run do without the balancers that a person has named, once that is agreed to where it costs something."""
    if not invocation.without:
        return
    for name, healthy in layer.set_aside(invocation.without).items():
        if healthy:
            question = f"{are(healthy, 'instance')} healthy in {name}: go on as if nothing had to serve there?"
            agreed(invocation, f"{layer.name}: {question}", yes)


def tell(invocation: Invocation, ended: Ended) -> Status:
    """Say how a run ended and return its exit status."""
    invocation.tell_end(ended.status, ended.sentence, ended.hint, ended.release)
    return ended.status


def agreed(invocation: Invocation, question: str, yes: bool) -> None:
    """Ask before something irreversible; raise ``Usage`` when nobody can be asked, ``Refused`` for a no.

    Raise ``Interrupted`` when there is no answer: Ctrl-C, or the end of what is typed.
    """
    if yes:
        return
    if not invocation.wiring.interactive():
        raise Usage("this cannot be undone and nobody can be asked here; nothing was done", "say --yes")
    with CtrlC():
        try:
            said = invocation.wiring.confirm(question)
        except (click.Abort, KeyboardInterrupt):
            raise Interrupted(INT, "interrupted, nothing was done") from None
    if not said:
        raise Refused("nothing was done")


def stopped(invocation: Invocation, statuses: list[Status]) -> bool:
    """Whether a signal ends a row of services; its status is one of ``statuses`` then."""
    if invocation.signal is not None:
        statuses.append(status_of(invocation.signal))
    return statuses[-1:] in ([Status.INTERRUPTED], [Status.TERMINATED])


def worst(statuses: list[Status]) -> Status:
    """Return the exit status that matters most."""
    return max(statuses, key=_WORST.index, default=Status.OK)


@define
class Recalled:
    """What is usual, once it is found out: that happens beside a run, which never waits for it."""

    recall: Callable[[str], Usual] = lambda _: Usual()
    _found: dict[str, Usual] = field(factory=dict)

    def __call__(self, goal: str) -> Usual:
        """Return what is known by now of a run with a goal."""
        if goal not in self._found:
            self._found[goal] = Usual()
            Thread(target=self._find, args=(goal,), daemon=True).start()
        return self._found[goal]

    def _find(self, goal: str) -> None:
        with contextlib.suppress(Exception):  # it is for people alone; a run goes on without it
            self._found[goal] = self.recall(goal)


def _reporter(invocation: Invocation, settings: ServiceSettings, title: str, usual: Callable[[str], Usual]) -> Reporter:
    if invocation.json:
        from bluegreen.report.json import JsonLines

        return JsonLines(invocation.out, invocation.err)
    if title and draws(invocation.err):
        from bluegreen.report.screen import Screen

        colours = {owned: key for key, owned in settings.owned.items()}
        return Screen(invocation.err, invocation.wiring.clock, title, colours, usual=usual)
    return Lines(invocation.err)


def draws(stream: SafeStream) -> bool:
    """Whether a picture can stand behind a stream: on a terminal that understands it, of a job that is not behind."""
    if not stream.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    from bluegreen.report.unechoed import in_foreground

    try:
        return in_foreground(stream.fileno())
    except (OSError, ValueError):
        return True
