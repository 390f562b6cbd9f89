"""What is registered by name: a shelf moves in by itself, and what nobody knows is an error, wherever it is named."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bluegreen.simulator import AwsError, Call, Options, simulator
from bluegreen.simulator.core.faults import FAULTS, denied, kind
from bluegreen.simulator.core.operations import OPERATIONS, operation
from bluegreen.simulator.core.options import OPTIONS, option
from bluegreen.simulator.core.registry import Part, Registry, Unknown
from bluegreen.simulator.core.services import SERVICES, service
from bluegreen.simulator.core.signals import SIGNALS, signal
from bluegreen.simulator.core.state import BESIDE, STATE, beside, part
from bluegreen.simulator.ec2.machines import MACHINE_ENDED

from .wire import BLUE, Wire, wire

SHELVES = Path(simulator.__file__).parent
REGISTRIES = (SERVICES, OPTIONS, SIGNALS, STATE, BESIDE, FAULTS)


@pytest.fixture(scope="module")
def buckets() -> Iterator[ModuleType]:
    """The shelf in ``buckets.py``, which moves out again: other tests go through all that there is."""
    known = [(one, dict(one.known)) for one in (*REGISTRIES, OPERATIONS)]
    reactions = list(MACHINE_ENDED.reactions)
    yield importlib.import_module("tests.simulator.buckets")
    for registry, before in known:
        registry.known.clear()
        registry.known.update(before)
    MACHINE_ENDED.reactions[:] = reactions


def put(aws: Wire, key: str, body: str) -> None:
    """Put an object, past botocore's models: they know no such service."""
    aws.sim.call("buckets", "PutObject", {"Key": key, "Body": body})


def got(aws: Wire, key: str) -> str:
    """Return an object."""
    return str(aws.sim.call("buckets", "GetObject", {"Key": key})["Body"])


def test_a_new_shelf_moves_in_by_itself(buckets: ModuleType) -> None:
    """Operations, state, an option, a signal: what one module registers works in every world from then on."""
    aws = wire(options=Options(settles=5))
    put(aws, "a", "1")
    aws.wait(4)
    early = list(aws.sim.world.beside[buckets.HEARD].lines)
    aws.wait(2)
    assert ("1", "", [], ["put a"]) == (got(aws, "a"), got(aws, "b"), early, aws.sim.world.beside[buckets.HEARD].lines)


def test_a_new_shelf_hears_the_others(buckets: ModuleType) -> None:
    """It reacts to what EC2 tells, though EC2 does not know it."""
    aws = wire()
    aws.sim.kill(victim := aws.ids()[0])
    assert [f"ended {victim}"] == aws.sim.world.beside[buckets.HEARD].lines


@pytest.mark.usefixtures("buckets")
def test_a_new_shelf_is_of_the_past_where_reads_are_stale() -> None:
    """What it knows is part of what a stale read sees as it was."""
    aws = wire()
    put(aws, "a", "1")
    aws.sim.read_stale(lambda _: 5.0)
    aws.wait(10)
    put(aws, "a", "2")
    at_once = got(aws, "a")
    aws.wait(6)
    assert ("1", "2") == (at_once, got(aws, "a"))


def test_a_new_shelf_has_faults_of_its_own(buckets: ModuleType) -> None:
    """What may go wrong with it, and how IAM names it, it says itself."""
    aws = wire()
    aws.sim.faults[buckets.FULL].full = True
    with pytest.raises(AwsError, match="SlowDown"):
        put(aws, "a", "1")
    refused = denied(Call(1, "buckets", "PutObject", {}, reads=False))
    assert ("", "AccessDenied", "b:PutObject") == (got(aws, "a"), refused.code, refused.message.rpartition(" ")[2])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"pendng": 1.0}, "knows no option named pendng; it knows account, "),
        ({"pending": "long"}, "pending is a float, not 'long'"),
        ({"fail_open": 1}, "fail_open is a bool, not 1"),
        ({"bridge": "burns"}, "bridge is one of completes, deregisters, not 'burns'"),
    ],
)
def test_an_option_that_nobody_knows_is_an_error(given: dict[str, Any], sentence: str) -> None:
    """So is a value that the option cannot have."""
    with pytest.raises((Unknown, ValueError), match=sentence):
        Options(**given)


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.sort)
def test_a_name_that_nobody_knows_is_an_error(registry: Registry[str, Any]) -> None:
    """It is said which names there are."""
    with pytest.raises(Unknown, match=f"the simulator knows no {registry.sort} named nobody's; it knows "):
        registry["nobody's"]


@pytest.mark.parametrize(
    "again",
    [
        lambda: service("ec2"),
        lambda: option("pending", 1.0),
        lambda: signal("drained"),
        lambda: part("ec2", dict),
        lambda: beside("loads", dict),
        lambda: kind("launches", dict),
        lambda: operation("ec2", "DescribeInstances")(lambda *_: {}),
    ],
)
def test_a_name_is_registered_once(again: Any) -> None:
    """Two of one name would be two truths."""
    with pytest.raises(Unknown, match="already"):
        again()


def test_a_part_that_is_not_registered_is_an_error() -> None:
    """A part of somebody's own making is in no world."""
    with pytest.raises(Unknown, match="no part of the state named mine"):
        wire().sim.world[Part("mine", dict, STATE)]


def test_every_signal_is_heard() -> None:
    """A signal to which nothing reacts would be a rule that nobody keeps."""
    assert [] == [name for name in SIGNALS if not SIGNALS[name].reactions]


def test_every_operation_is_of_a_service_that_is_registered() -> None:
    """Otherwise its refusals could not be told."""
    assert set() == {one for one, _ in OPERATIONS} - set(SERVICES)


def test_a_shelf_loads_all_that_it_has() -> None:
    """A module that its shelf does not import would register nothing."""
    shelves = [path for path in SHELVES.iterdir() if (path / "__init__.py").exists() and path.name != "core"]
    there = {f"{path.name}.{module.stem}" for path in shelves for module in path.glob("*.py")}
    loaded = {
        f"{path.name}.{name}"
        for path in shelves
        for name, one in vars(getattr(simulator, path.name)).items()
        if getattr(one, "__name__", "") == f"bluegreen.simulator.{path.name}.{name}"
    }
    assert {f"{path.name}.__init__" for path in shelves} == there - loaded


def test_a_parameter_that_nobody_knows_is_an_error() -> None:
    """So is an operation: both are refused as what the model does not know."""
    aws = wire()
    strange = [("ec2", "RunInstances", {}), ("autoscaling", "DescribeAutoScalingGroups", {"Names": [BLUE]})]
    sentences = []
    for asked in strange:
        with pytest.raises(AwsError) as refused:
            aws.sim.call(*asked)
        sentences.append((refused.value.http_status, refused.value.message))
    assert [
        (501, "The simulator does not know the operation ec2.RunInstances."),
        (501, "The simulator does not know the parameters Names of autoscaling.DescribeAutoScalingGroups."),
    ] == sentences
