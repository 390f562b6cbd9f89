"""The entrance: AWS's operations over one world, whatever shelves there are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import copy, deepcopy
from typing import Any

from bluegreen.clock import Clock

from .calls import Call, Request, Result
from .errors import AwsError
from .faults import Faults
from .operations import Operation, find
from .past import Past
from .world import World


class Entrance:
    """One world behind one entrance; every call first lives through what is due by the clock's now.

    ``lock`` is held during every call, where several threads call.
    """

    def __init__(self, clock: Clock, world: World, lock: AbstractContextManager[Any] | None = None) -> None:
        self.clock = clock
        self.world = world
        self.lock: AbstractContextManager[Any] = lock if lock is not None else nullcontext()
        self.calls = 0
        self.past = Past()

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self.world.faults

    def call(self, service: str, operation: str, parameters: Request | None = None) -> Result:
        """Answer one AWS operation, in AWS's shapes.

        :raises AwsError: what AWS would refuse; ``NotImplemented`` (501) for what the model does not know.
        """
        request = parameters or {}
        with self.lock:
            self.world.advance(self.clock.now())
            found = find(service, operation, request)
            self.calls += 1
            kept = request if found.reads else deepcopy(dict(request))  # the caller may go on changing what it gave
            call = Call(self.calls, service, operation, kept, found.reads or bool(request.get("DryRun", False)))
            self.faults.meet(call)
            try:
                result = self._run(found, call)
            except AwsError:
                if call.dry:  # this error is the reply, and may be lost as any other
                    self.faults.follow(call, {})
                raise
            self.faults.follow(call, result)
            return result

    def _run(self, operation: Operation, call: Call) -> Result:
        stale = self.faults.stale
        if stale is None:
            result = operation.run(self.world, call.parameters)
        elif call.reads:
            return operation.run(self._earlier(stale(call)), call.parameters)
        else:
            result = operation.run(self.world, call.parameters)
            self.past.keep(self.world)
        if not operation.reads:
            self.world.told()
        return result

    def _earlier(self, age: float) -> World:
        view = copy(self.world)
        view.state = (self.past.at(self.world.time - age) if age > 0 else None) or self.world.state
        return view

    def read_stale(self, age: Callable[[Call], float]) -> None:
        """From now on answer reads from the past: ``age`` says how many seconds old (0: the present)."""
        self.faults.stale = age
        self._keep()
        self.world.watchers.append(self._keep)

    def _keep(self) -> None:
        self.past.keep(self.world)

    def advance(self) -> None:
        """Live through everything that is due by now, without a call."""
        with self.lock:
            self.world.advance(self.clock.now())

    def next_event_at(self) -> float:
        """Return when the next internal event is due (POSIX seconds), or infinity."""
        return self.world.next_event_at()

    def on_event(self, callback: Callable[[], None]) -> None:
        """Run ``callback`` after each call that changes something, and after each internal event.

        Of several events at one moment, those that have changed nothing are passed over.
        """
        self.world.watchers.append(callback)
