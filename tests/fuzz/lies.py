"""Answers of AWS in which one member is not what it is: gone, empty, or of another value of its enumeration."""

from __future__ import annotations

import copy
import functools
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
from attrs import define, field, frozen
from hypothesis import strategies as st

from bluegreen.errors import BluegreenError, Status
from bluegreen.report.status import status_text
from bluegreen.service import Service
from bluegreen.simulator.simulator import Simulator
from bluegreen.targets.pair.at_work.pair import kind_of
from bluegreen.targets.pair.aws.adapter import Aws
from tests.fuzz.inputs import said_badly
from tests.support.scaling import put_settings
from tests.support.virtual import BLUE, GREEN, Pair, switchboard, virtual
from tests.support.watching import Watch, left_over

Path = tuple[str, ...]
"""Names of members, ``*`` for each row of a list."""

FOR_EVER = 10**9
ABSENT, EMPTY, UNHEARD = "absent", "empty", "Unheard-Of"
WORLDS = (("target-group",), ("classic",), ("classic", "target-group"))
STORIES = (
    ("check", "deploy", "finish"),
    ("deploy", "rollback"),
    ("deploy", "status", "finish"),
    ("deploy", "rollback --now"),
    ("deploy", "cleanup", "diff"),
    ("deploy", "lost", "adopt"),
)
PATIENCE = 6


@frozen
class Lie:
    """From its ``since``-th answer on, ``count`` answers to ``operation`` have another ``value`` at ``path``.

    ``value`` is one of the enumeration's, or what becomes of the member; ``row`` is which row of each list on the way
    has it so, ``None``: each.
    """

    operation: str
    path: Path
    value: str
    row: int | None
    since: int
    count: int

    def told(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the answer as it is told."""
        found = copy.deepcopy(answer)
        for holder in _holders(found, self.path[:-1], self.row):
            _put(holder, self.path[-1], self.value, self.row)
        return found


def _holders(value: Any, path: Path, row: int | None) -> Iterator[Any]:
    if not path:
        yield value
    elif path[0] == "*":
        rows = value if row is None else value[row : row + 1]
        for one in rows:
            yield from _holders(one, path[1:], row)
    elif path[0] in value:
        yield from _holders(value[path[0]], path[1:], row)


def _put(holder: Any, name: str, value: str, row: int | None) -> None:
    places = [name] if name != "*" else list(range(len(holder)))[slice(row, None if row is None else row + 1)]
    for place in places:
        if name != "*" and place not in holder:
            continue
        if value == ABSENT and name != "*":
            del holder[place]
        elif value in (ABSENT, EMPTY):
            holder[place] = type(holder[place])() if isinstance(holder[place], str | list | dict) else holder[place]
        else:
            holder[place] = value


@define
class Liar:
    """Clients that ask a simulator and pass on what it says, but for the ``lie``; ``asked`` counts operations."""

    sim: Simulator
    lie: Lie | None
    lied: int = 0
    asked: dict[str, int] = field(factory=dict)
    heard: Callable[[str, str, Any], None] = lambda *_: None

    def client(self, service: str) -> Any:
        """Return the shared client, which asks this simulator from now on."""
        board = switchboard()
        board.call = self.call
        return board.client(service)

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        """Return what is told."""
        answer = self.sim.call(service, operation, parameters)
        self.heard(service, operation, answer)
        number = self.asked[operation] = self.asked.get(operation, 0) + 1
        lie = self.lie
        if lie is None or lie.operation != operation or not lie.since < number <= lie.since + lie.count:
            return answer
        self.lied += 1
        return lie.told(answer)


@define
class World:
    """A pair with settings of all kinds, whose AWS may lie."""

    pair: Pair
    liar: Liar
    before: Any

    @property
    def service(self) -> Service:
        """The service as a fresh process would build it."""
        honest = self.pair.service(alarms=("web-5xx",), healthy_for=None)
        liar = kind_of(Aws(self.liar, self.pair.clock, parallel=1))
        return Service(attrs.evolve(honest.session, listeners=()), liar)

    def act(self, verb: str) -> str:
        """Do one thing, and return what was said in the end."""
        service = self.service
        match verb:
            case "lost":
                self.pair.store = type(self.pair.store)()
                return ""
            case "deploy":
                return self._said(service.deploy("v2"))
            case "status":
                return status_text(service.status())
            case "check":
                return "\n".join(str(finding) for finding in service.check())
            case "diff":
                return str(service.diff())
            case "rollback --now":
                return self._said(service.rollback(urgent=True))
            case "adopt":
                return self._said(service.adopt())
        return self._said(getattr(service, verb)())

    def _said(self, ended: Any) -> str:
        if ended is None:
            return ""
        if ended.status is Status.BUG:
            raise AssertionError(ended.sentence)
        return f"{ended.sentence}\n{ended.hint}"


def world(lie: Lie | None, balancers: tuple[str, ...]) -> World:
    """Return a pair behind ``balancers`` whose AWS tells ``lie``."""
    pair = virtual(instances=2, balancers=balancers)
    put_settings(pair.sim)
    guard = {"MetricName": "x", "Namespace": "y", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    more = {"AlarmName": "web-5xx", "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold"}
    pair.sim.call("cloudwatch", "PutMetricAlarm", {**guard, **more})
    hook = {"LifecycleHookName": "drain", "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING"}
    for group in (BLUE, GREEN):
        where = {"AutoScalingGroupName": group}
        pair.sim.call("autoscaling", "PutLifecycleHook", {**hook, **where, "HeartbeatTimeout": 30})
    return World(pair, Liar(pair.sim, lie), pair.picture())


# ---- what there is to lie about ----


@frozen
class Place:
    """A member of the answers to an operation, and the values of its enumeration, if it has one."""

    operation: str
    path: Path
    values: tuple[str, ...]


@functools.cache
def places() -> tuple[Place, ...]:
    """Return the members that AWS's answers have in stories without a lie, by botocore's shapes."""
    found: dict[tuple[str, Path], Place] = {}

    def heard(service: str, operation: str, answer: Any) -> None:
        model = switchboard().client(service).meta.service_model.operation_model(operation)
        if model.output_shape is not None:
            for path, values in _members(model.output_shape, answer, ()):
                found.setdefault((operation, path), Place(operation, path, values))

    for story in STORIES[:2]:
        one = world(None, WORLDS[-1])
        one.liar.heard = heard
        for verb in story:
            one.act(verb)
    return tuple(found[key] for key in sorted(found))


def _members(shape: Any, value: Any, path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if isinstance(value, Mapping) and name in value:
                yield (*path, name), tuple(getattr(member, "enum", None) or ())
                yield from _members(member, value[name], (*path, name))
    elif shape.type_name == "list":
        for one in value:
            yield (*path, "*"), tuple(getattr(shape.member, "enum", None) or ())
            yield from _members(shape.member, one, (*path, "*"))


@st.composite
def lies(draw: st.DrawFn) -> Lie:
    """Draw an operation, one of its members, and how long what is told of it."""
    place = draw(st.sampled_from(places()))
    values = [ABSENT, EMPTY, *([*place.values, UNHEARD] if place.values else [])]
    return Lie(
        place.operation,
        place.path,
        draw(st.sampled_from(values)),
        draw(st.sampled_from([None, None, 0, 1])),
        draw(st.sampled_from([0, 0, 1, 2, 3, 5, 8, 13, 21, 34])),
        draw(st.sampled_from([1, 2, 4, FOR_EVER])),
    )


# ---- what must hold ----


def trouble(lie: Lie, balancers: tuple[str, ...], story: tuple[str, ...]) -> list[str]:
    """Return what is wrong with how a story goes in which AWS lies, and with how it ends when it does no more."""
    one = world(lie, balancers)
    watch, wrong = Watch(one.pair, 2), []
    for verb in story:
        wrong += _wrong(one, verb)
        one.pair.run_for(30)
    one.liar.lie = None
    one.pair.run_for(120)
    for verb in ("resume", "rollback", "resume", "finish"):
        if one.pair.release is not None:
            wrong += _wrong(one, verb)
            one.pair.run_for(60)
    one.pair.run_for(120)
    wrong += [f"floor: {sentence}" for sentence in watch.broken[:3]]
    return wrong + [f"left over: {left}" for left in [left_over(one.pair)] if left]


def _wrong(one: World, verb: str) -> list[str]:
    try:
        said = one.act(verb)
    except BluegreenError as error:
        said = f"{error.message}\n{error.hint}"
        if error.status is Status.BUG:
            return [f"{verb}: {said}"]
    except Exception as error:
        return [f"{verb}: {type(error).__name__}: {error} {_where(error)}"]
    return [f"{verb}: {bad}" for bad in [said_badly(said)] if bad]


def _where(error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(last))
