"""Values that AWS does not know are refused as AWS refuses them, and a fault inside is answered as one."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError

from bluegreen.aws.enums import Invalid, check
from bluegreen.aws.inprocess import answer
from bluegreen.clock import VirtualClock
from bluegreen.simulator import pair
from bluegreen.simulator.core.operations import OPERATIONS

from .test_over_http import Far

ODD = "NO_SUCH_VALUE"


@functools.cache
def model(service: str, operation: str) -> Any:
    """Return botocore's model of an operation."""
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def places(shape: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield parameters that have one enumerated value each, as made by ``build``, with the values it may have."""
    if shape is None or shape.name in above:
        return
    below = (*above, shape.name)
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from (((lambda v, n=name, b=build: {n: b(v)}), values) for build, values in places(member, below))
    elif shape.type_name == "list":
        yield from (((lambda v, b=build: [b(v)]), values) for build, values in places(shape.member, below))
    elif shape.type_name == "map":
        yield from (((lambda v, b=build: {"k": b(v)}), values) for build, values in places(shape.value, below))
    elif getattr(shape, "enum", None):
        yield (lambda value: value), tuple(shape.enum)


@pytest.mark.parametrize(("service", "operation"), sorted(OPERATIONS))
def test_every_enumerated_parameter_of_every_operation(service: str, operation: str) -> None:
    """Each of its values passes, wherever it stands, and any other is refused by name."""
    found = model(service, operation)
    for build, values in places(found.input_shape):
        for value in values:
            check(service, found, build(value))
        for odd in (ODD, "", values[0].swapcase() if values[0].swapcase() not in values else ODD):
            with pytest.raises(Invalid, match=r"Member must satisfy enum value set: \[") as caught:
                check(service, found, build(odd))
            assert ("InvalidParameterValue" if service == "ec2" else "ValidationError") == caught.value.code


def refusal(cloudwatch: Any, **parameters: Any) -> tuple[str, str, int]:
    """Return what SetAlarmState is refused with."""
    with pytest.raises(ClientError) as caught:
        cloudwatch.set_alarm_state(AlarmName="a", StateReason="r", **parameters)
    error = caught.value.response
    return error["Error"]["Code"], error["Error"]["Message"], error["ResponseMetadata"]["HTTPStatusCode"]


SENTENCE = (
    "1 validation error detected: Value 'BROKEN' at 'stateValue' failed to satisfy constraint: "
    "Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]"
)


def test_in_process() -> None:
    """As the adapter's clients are answered."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    cloudwatch = answer(boto3.client("cloudwatch", **keys), pair(VirtualClock()).call)
    assert ("ValidationError", SENTENCE, 400) == refusal(cloudwatch, StateValue="BROKEN")


@pytest.fixture
def near() -> Iterator[Far]:
    """A pair behind HTTP."""
    pytest.importorskip("moto")
    import socket

    from bluegreen.sandbox.api import Api
    from bluegreen.sandbox.loop import LoopThread

    sim = pair(VirtualClock())
    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    loop.start()
    loop.serve(listening, Api(sim.call, {}))
    yield Far(sim, f"http://127.0.0.1:{listening.getsockname()[1]}")
    loop.stop()


def test_over_http(near: Far) -> None:
    """As everybody else is answered."""
    assert ("ValidationError", SENTENCE, 400) == refusal(near.client("cloudwatch"), StateValue="BROKEN")


def test_a_fault_inside_is_answered_as_one(near: Far, capfd: pytest.CaptureFixture[str]) -> None:
    """500, with what it is; the traceback is on the sandbox's own stderr, and the next call is answered."""

    def broken(call: Any) -> None:
        raise ZeroDivisionError("in the model")

    near.sim.faults.before.append(broken)
    with pytest.raises(ClientError, match=r"The sandbox failed: ZeroDivisionError: in the model") as caught:
        near.client("autoscaling").describe_auto_scaling_groups()
    near.sim.faults.before.clear()
    assert (500, "InternalFailure") == (
        caught.value.response["ResponseMetadata"]["HTTPStatusCode"],
        caught.value.response["Error"]["Code"],
    )
    assert near.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_time_goes_on_after_a_fault_in_it(capfd: pytest.CaptureFixture[str]) -> None:
    """What fails while nobody asks is kept and said once; the sandbox is not ended by it."""
    from bluegreen.sandbox import Sandbox

    box, beats = Sandbox(), iter([ZeroDivisionError("x"), ZeroDivisionError("x"), KeyError("FOO")])
    done = threading.Event()

    class Failing:
        loads: ClassVar[dict[str, Any]] = {}
        world = property(lambda self: self)

        def balancers(self) -> frozenset[str]:
            return frozenset()

        def advance(self) -> None:
            error = next(beats, None)
            if error is None:
                done.set()
            else:
                raise error

    box.simulator = box.body = Failing()  # type: ignore[assignment]
    threading.Thread(target=box._tick, daemon=True).start()
    assert done.wait(20)
    box._stop.set()
    assert ["the simulator failed: ZeroDivisionError: x", "the simulator failed: KeyError: 'FOO'"] == box.faults
    assert 1 == capfd.readouterr().err.count("ZeroDivisionError: x")
