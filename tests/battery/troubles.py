"""What a busy, slow or absent AWS answers, as botocore raises it; each is made from the call that meets it."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import define, field
from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from bluegreen.clock import VirtualClock
from bluegreen.simulator.core.calls import Call, Result
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import internal_failure, throttled
from bluegreen.targets.pair.model.release import SEAL, TAKEN_UP

SLOWEST = 11.0
"""Seconds that a call takes before it times out, at most."""


def connect_timed_out(call: Call) -> Exception:
    """Return what botocore raises when nobody takes the connection: there was no effect."""
    return ConnectTimeoutError(endpoint_url=f"https://{call.service}.amazonaws.com")


def read_timed_out(call: Call) -> Exception:
    """Return what botocore raises when no answer comes: there may have been an effect."""
    return ReadTimeoutError(endpoint_url=f"https://{call.service}.amazonaws.com")


def no_connection(call: Call) -> Exception:
    """Return what botocore raises without a network."""
    return NoConnection(error=f"no route to {call.service}")


def unavailable(_: Call) -> Exception:
    """Return AWS's 503."""
    return AwsError("ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503)


def puts_seals(call: Call) -> bool:
    """Whether a call puts nothing but seals, or that a release was taken up: nothing new is decided by that."""
    tags = call.parameters.get("Tags") or () if call.operation == "CreateOrUpdateTags" else ()
    return bool(tags) and all(one["Key"] in (SEAL, TAKEN_UP) for one in tags)


def gone(call: Call) -> Exception:
    """Return one of the errors of a network that is away."""
    return connect_timed_out(call) if call.number % 3 == 0 else no_connection(call)


KINDS: dict[str, Callable[[Call], Exception]] = {
    "throttled": throttled,
    "500": internal_failure,
    "503": unavailable,
    "connect": connect_timed_out,
    "read": read_timed_out,
}


@define
class Busy:
    """Hooks that let a part of all calls fail: ``kinds`` before their effect, and ``read`` after it as well."""

    rate: float
    kinds: tuple[str, ...]
    clock: VirtualClock
    dice: random.Random = field(factory=random.Random)

    def before(self, call: Call) -> None:
        """Let a call fail that has had no effect."""
        if self.dice.random() < self.rate:
            kind = self.dice.choice(self.kinds)
            if kind != "read" or self.dice.random() < 0.5:
                self._fail(kind, call)

    def after(self, call: Call, _: Result) -> None:
        """Let the reply of a call be lost."""
        if "read" in self.kinds and self.dice.random() < self.rate / 2:
            self._fail("read", call)

    def _fail(self, kind: str, call: Call) -> None:
        if kind in ("connect", "read"):
            self.clock.sleep(self.dice.choice((0.0, self.dice.uniform(1.0, SLOWEST))))
        raise KINDS[kind](call)
