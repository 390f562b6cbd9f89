"""Sends calls: each once; reads follow their pages; what goes wrong becomes our own error."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from attrs import evolve, frozen

from bluegreen.aws.answers import need
from bluegreen.aws.clients import Clients
from bluegreen.clock import Clock
from bluegreen.errors import Unreachable
from bluegreen.flow.ports import ActionRefused
from bluegreen.targets.pair.aws.errors import permission, translate
from bluegreen.targets.pair.aws.requests import Call
from bluegreen.targets.pair.sentences import answers

Answer = Mapping[str, Any]
Asked = TypeVar("Asked")
Found = TypeVar("Found")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0

PATIENCE = 60.0
"""Seconds after which a read that AWS does not answer is not tried again."""

PAGES = {"NextToken": "NextToken", "NextMarker": "Marker"}
"""Where an answer says that there is more, and the parameter that asks for it (botocore's models)."""


@frozen
class Sender:
    """Sends calls through ``clients``; at most ``parallel`` reads at once.

    A read that AWS is too busy for, or does not answer, is tried ``tries`` times in all, with a growing ``pause``
    (seconds) between. A look tries once, since the engine's loop looks again; only what is read once for a whole run
    is worth more.
    """

    clients: Clients
    clock: Clock
    parallel: int = 8
    tries: int = 1
    pause: Callable[[float], None] = lambda _: None

    def write(self, call: Call) -> Answer:
        """Send a write, once; raise ``ActionRefused``, ``Unreachable`` (``Busy``), ``Denied`` or ``Misconfigured``."""
        return self._send(call, writes=True)

    def rehearse(self, call: Call) -> None:
        """Ask EC2 whether it would permit a write (``DryRun``), once; raise ``Denied`` or ``Misconfigured`` if not.

        Permitted is the error ``DryRunOperation`` (botocore model); whatever else comes back says nothing.
        """
        try:
            self.write(evolve(call, parameters={**call.parameters, "DryRun": True}))
        except (ActionRefused, Unreachable):
            return

    def read(self, call: Call) -> tuple[Answer, ...]:
        """Ask, and return all pages; raise ``Unreachable``, ``Denied``, ``Refused`` or ``Misconfigured``."""
        pages, seen = [self.first(call)], set()
        while more := _more(pages[-1]):
            name, token = more
            if token in seen:
                raise Unreachable(answers.no_end(permission(call)), "try again in a minute")
            seen.add(token)
            pages.append(self.first(evolve(call, parameters={**call.parameters, name: token})))
        return tuple(pages)

    def first(self, call: Call) -> Answer:
        """Ask, and return the first page alone."""
        return self.again(lambda: self._send(call, writes=False))

    def again(self, ask: Callable[[], Found], when: type[Unreachable] = Unreachable) -> Found:
        """Return what ``ask`` does; where it raises ``when``, ask again, as often as this sender tries."""
        end = self.clock.monotonic() + PATIENCE
        for number in range(1, self.tries):
            try:
                return ask()
            except when:
                if self.clock.monotonic() > end:
                    raise
                self.pause(min(LONGEST_PAUSE, FIRST_PAUSE * 2**number) * random.uniform(0.5, 1.0))
        return ask()

    def rows(self, calls: Iterable[Call], key: str) -> tuple[Any, ...]:
        """Return the rows under ``key`` of all pages of all calls; raise ``Unreachable`` for a page without them."""
        pages = ((call, page) for call in calls for page in self.read(call))
        return tuple(row for call, page in pages for row in need(page, key, permission(call)))

    def each(self, ask: Callable[[Asked], Found], things: Iterable[Asked]) -> list[Found]:
        """Return what ``ask`` finds of each thing, in order; several are asked at the same time."""
        things = list(things)
        if len(things) < 2 or self.parallel < 2:
            return [ask(thing) for thing in things]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(len(things), self.parallel)) as pool:
            return list(pool.map(ask, things))

    def _send(self, call: Call, *, writes: bool) -> Answer:
        from botocore import xform_name

        client = self.clients.client(call.service)
        try:
            answer: Answer = getattr(client, xform_name(call.operation))(**call.parameters)
        except Exception as error:
            raise translate(error, call, writes=writes) or error from error
        return answer


def _more(answer: Answer) -> tuple[str, str] | None:
    return next(((asks, answer[says]) for says, asks in PAGES.items() if answer.get(says)), None)
