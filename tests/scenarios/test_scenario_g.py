"""Scenario g of docs/rules.md: two services and cron, another HOME, a dead laptop, a person's hold, a gate."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import define

from bluegreen.errors import INT, BluegreenError, Refused, Status
from bluegreen.record.file import FileStore
from bluegreen.service import Service
from bluegreen.simulator import build
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.release import Hold
from bluegreen.targets.pair.settings import ServiceSettings
from tests.battery.stage import Crash
from tests.cli.fakes import FakeWiring, run
from tests.support.records import KINDS
from tests.support.story import unlike
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch, colours_serving, left_over

TERM = 15
MINUTE = 60.0
DEADLINE = 600.0
"""Seconds of the total deadline here."""


def begun(pair: Pair) -> bool:
    """Whether anything was written to the new group."""
    return pair.sim.groups[GREEN].minimum > 0


def switched(pair: Pair) -> bool:
    """Whether no old instance serves any more, while the bake lasts."""
    return pair.release is not None and pair.release.passed("moved")


def killed(pair: Pair, when: Callable[[Pair], bool], name: str = "web", **settings: Any) -> None:
    """Let the laptop die in the middle of a deployment of v2: nothing is said, and the lease stays behind."""

    def die(call: Call) -> None:
        if when(pair):
            raise Crash

    pair.sim.faults.before.append(die)
    with pytest.raises(Crash):
        named(pair, name, **settings).deploy("v2")
    pair.sim.faults.before.remove(die)


def stopped(pair: Pair, signal: int, **settings: Any) -> Status:
    """Let a person stop a deployment of v2 once it has begun, and return how it ended."""
    return pair.service(stop=lambda: signal if begun(pair) else None, **settings).deploy("v2").status


def named(pair: Pair, name: str, **settings: Any) -> Service:
    """Return the service of that name, by a record that all share."""
    made = pair.service(**settings)
    groups = {"blue": f"{name}-blue", "green": f"{name}-green"}
    settings = attrs.evolve(made.session.settings, name=name, **groups)
    return Service(attrs.evolve(made.session, settings=settings), made.kind)


def cron(pair: Pair, minutes: int) -> list[Status | None]:
    """Clean up every minute; return how each run ended, ``None`` where nothing was due."""
    return list(itertools.islice(_cron(pair), minutes))


def _cron(pair: Pair) -> Iterator[Status | None]:
    while True:
        try:
            ended = pair.service().cleanup()
            yield None if ended is None else ended.status
        except BluegreenError as error:
            yield error.status
        pair.run_for(MINUTE)


def clean(pair: Pair, before: dict[str, Any]) -> tuple[Any, ...]:
    """Return what is left over and what is unlike the beginning: nothing, twice."""
    return left_over(pair), unlike(before, pair.picture())


# ---- a dead laptop ----


def test_cron_carries_on_what_a_dead_laptop_began() -> None:
    """The lease runs out, nobody had stopped it: cron deploys it, keeps the parked ones their time, and finishes."""
    pair = virtual(instances=2)
    before, watch = pair.picture(), Watch(pair, 2)
    killed(pair, begun)
    assert (True, [GREEN], 2) == (Status.OK in cron(pair, 3), colours_serving(pair), pair.service().parked().count)
    cron(pair, 15)
    assert (([GREEN], []), ({}, [])) == ((colours_serving(pair), watch.broken), clean(pair, before))


def test_past_its_deadline_cron_takes_it_back_before_the_switch() -> None:
    """A release that nobody carried on in its time is not brought to traffic hours later by cron."""
    pair = virtual(instances=2)
    before, watch = pair.picture(), Watch(pair, 2)
    killed(pair, begun)
    pair.run_for(DEADLINE + MINUTE)
    statuses = cron(pair, 3)
    assert (True, [BLUE], []) == (Status.ROLLED_BACK in statuses, colours_serving(pair), watch.broken)
    assert ({}, []) == clean(pair, before)


def test_past_its_deadline_cron_carries_it_on_after_the_switch() -> None:
    """What serves already is not taken back because a laptop died in the bake."""
    pair = virtual(instances=2)
    before, watch = pair.picture(), Watch(pair, 2)
    killed(pair, switched, bake=30.0)
    pair.run_for(10 * DEADLINE)
    cron(pair, 15)
    assert (([GREEN], []), ({}, [])) == ((colours_serving(pair), watch.broken), clean(pair, before))


# ---- a person's hold, and a gate ----


def test_what_a_person_stopped_cron_leaves_alone() -> None:
    """Ctrl-C is a decision: status says whose, cron comes as often as it likes, resume takes the hold off."""
    pair = virtual(instances=2)
    before = pair.picture()
    assert Status.INTERRUPTED == stopped(pair, INT)
    assert [None] * 30 == cron(pair, 30)
    held = pair.service().status().release.interrupted
    assert ("stopped", "test@here", "stopped with Ctrl-C") == (held.kind, held.by, held.why)
    ended = pair.service().resume()
    interrupted = pair.service().status().release.interrupted
    assert (Status.OK, None, None) == (ended.status, pair.release.hold, interrupted)
    assert Status.OK == pair.service().finish().status
    assert ({}, []) == clean(pair, before)


def test_what_a_machine_ended_cron_carries_on() -> None:
    """TERM comes from a build agent that is shut down: that is nobody's decision."""
    pair = virtual(instances=2)
    assert (Status.TERMINATED, None) == (stopped(pair, TERM), pair.release.hold)
    assert (Status.OK, [GREEN]) == (cron(pair, 1)[0], colours_serving(pair))


def test_cron_never_passes_a_gate() -> None:
    """A release that waits at a gate waits there past every deadline, and status says for what."""
    pair = virtual(instances=2)
    stopped(pair, TERM)
    document, version = pair.store.read("web")
    hold = Hold("carl@ci", "waits for somebody to approve", pair.clock.now(), "canary")
    pair.store.write("web", attrs.evolve(document, release=attrs.evolve(document.release, hold=hold)), version)
    pair.run_for(10 * DEADLINE)
    assert ([None] * 5, hold) == (cron(pair, 5), pair.release.hold)
    held = pair.service().status().release.interrupted
    assert ("gate", "canary", "waits for somebody to approve") == (held.kind, held.gate, held.why)


# ---- another HOME ----


def test_another_home_is_refused_by_name(tmp_path: Path) -> None:
    """Another record beside groups that are in a release is an error for everybody, cron included: 4, not silence."""
    pair = virtual(instances=2)
    pair.store = FileStore(tmp_path / "anna", KINDS)
    stopped(pair, TERM)
    release, pair.store = pair.release, FileStore(tmp_path / "ben", KINDS)
    for words in (("deploy", "v3"), ("resume",), ("rollback",), ("finish",), ("cleanup",), ("check",)):
        with pytest.raises(Refused) as caught:
            getattr(pair.service(), words[0])(*words[1:])
        told = caught.value.message, caught.value.hint
        assert all(word in f"{told}" for word in (release.id, "test@here", "bluegreen adopt web"))
    assert any(release.id in trouble for trouble in pair.service().status().troubles)


# ---- two services ----


@define
class RealServices(FakeWiring):
    """The command line over real services of one simulated account."""

    pair: Pair | None = None

    def service(self, settings: ServiceSettings, state: str, listeners: Any, stop: Any, patience: float = 0.0) -> Any:
        """Return the service of that name."""
        assert self.pair is not None
        made = named(self.pair, settings.name)
        return Service(attrs.evolve(made.session, listeners=listeners, stop=stop), made.kind)


def two(**settings: Any) -> Pair:
    """Return an account with the services web and api, both serving v1."""
    pair = virtual(instances=2, **settings)
    build.Pair(name="api", instances=2).add_to(pair.sim)
    pair.run_for(60.0)
    return pair


def test_cron_serves_two_services_in_turn() -> None:
    """Both were cut off; one run of cron carries both on, each by its own release."""
    pair = two()
    killed(pair, begun)
    killed(pair, lambda p: p.sim.groups["api-green"].minimum > 0, name="api")
    pair.run_for(MINUTE)
    assert int(Status.OK) == run(RealServices(pair=pair), "cleanup", "--all")
    serving = {name: len(pair.sim.serving(name)) for name in (BLUE, GREEN, "api-blue", "api-green")}
    assert {BLUE: 0, GREEN: 2, "api-blue": 0, "api-green": 2} == serving


def test_one_blocked_service_does_not_stop_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """The record of web knows nothing of its groups' release; api is carried on all the same, and the worst wins."""
    pair = two()
    killed(pair, begun)
    pair.store._documents.clear()
    killed(pair, lambda p: p.sim.groups["api-green"].minimum > 0, name="api")
    pair.run_for(MINUTE)
    assert int(Status.BLOCKED) == run(RealServices(pair=pair), "cleanup", "--all")
    assert ([], True) == (pair.sim.serving("api-blue"), bool(pair.sim.serving(BLUE)))
    assert "bluegreen adopt web" in capsys.readouterr().err
