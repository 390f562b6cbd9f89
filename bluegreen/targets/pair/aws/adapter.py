"""The pair as AWS has it: looked at, surveyed, acted on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import cast

from attrs import define, evolve, field, frozen

from bluegreen.aws.answers import HINT, Incomplete, need
from bluegreen.aws.clients import Clients
from bluegreen.clock import Clock
from bluegreen.errors import BluegreenError, Denied, Refused, Unreachable
from bluegreen.flow.ports import ActionRefused, Withheld
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.aws import elsewhere, queries, readings, surveying
from bluegreen.targets.pair.aws.errors import Gone, NoBalancer, NotRunning, Protected, refuse_failed
from bluegreen.targets.pair.aws.readings import LATTICE, Row
from bluegreen.targets.pair.aws.requests import Call, each_alone, rehearsals, request, terminate
from bluegreen.targets.pair.aws.scaling import ScalingReader
from bluegreen.targets.pair.aws.sender import Sender
from bluegreen.targets.pair.model.actions import Action, Detach, Mark, Terminate
from bluegreen.targets.pair.model.fleet import (
    Activity,
    Balancer,
    BalancerFacts,
    Fleet,
    Group,
    HealthCheck,
    Machine,
    Question,
    Reason,
    Survey,
)
from bluegreen.targets.pair.model.metering import metrics_of
from bluegreen.targets.pair.model.more import NOTHING, Metric, More
from bluegreen.targets.pair.model.release import MARK
from bluegreen.targets.pair.sentences import answers

PATIENT = 8
"""How often a survey asks a busy AWS."""
METRICS, NOTIFICATIONS = "metrics", "notifications"
UNREAD = {
    METRICS: "demand is told by the groups' sizes alone while both share the load",
    NOTIFICATIONS: "whether both groups notify the same of the same is not known",
}
"""What follows where something that is only worth knowing cannot be read."""


@contextlib.contextmanager
def _spared(unread: dict[str, str], topic: str) -> Iterator[None]:
    """Let what is only worth knowing be denied, not implemented or not answered: that is noted, and ends nothing."""
    try:
        yield
    except (Denied, Refused, Unreachable) as error:
        unread[topic] = f"{UNREAD[topic]}: {error.message}"


@frozen
class Told:
    """What one balancer said of its instances in a look: nothing where it has not ``answered``."""

    id: str
    verdicts: Mapping[str, readings.Verdict] = field(factory=dict)
    answered: bool = True
    out_of_use: bool = False
    gone: bool = False

    @cached_property
    def states(self) -> Mapping[str, str]:
        """The state of each instance."""
        return {instance: one.state for instance, one in self.verdicts.items()}

    @cached_property
    def reasons(self) -> Mapping[str, Reason]:
        """Why instances are not healthy."""
        return {instance: one.reason for instance, one in self.verdicts.items() if one.reason is not None}


@define
class Aws:
    """Reads and writes the pairs of one account and region.

    ``clock`` dates a fleet whose answer carries no date of AWS's. ``parallel`` is how many balancers are asked at the
    same time; 1 makes the order of calls certain.
    """

    clients: Clients
    clock: Clock
    parallel: int = 8
    tries: int = 1
    pause: Callable[[float], None] | None = None
    _sender: Sender = field(init=False)
    _over: dict[str, tuple[Row, Activity]] = field(factory=dict, init=False, eq=False, repr=False)
    _groups: dict[str, tuple[Row, Group]] = field(factory=dict, init=False, eq=False, repr=False)
    _verdicts: dict[str, tuple[object, Told]] = field(factory=dict, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._sender = Sender(self.clients, self.clock, self.parallel, self.tries, self.pause or self.clock.sleep)

    def ask(self, question: Question, pause: Callable[[float], None] | None = None) -> Fleet:
        """Take one look: one call for the groups, one per balancer, and one for whatever else is asked.

        Raises ``Unreachable`` rather than guess, ``Denied`` without permission, ``Refused`` when a group is not there.
        With ``pause`` a busy AWS is asked again, for some seconds, as in :meth:`survey`.
        """
        asked = self if pause is None else evolve(self, tries=PATIENT, pause=pause)
        fleet, _ = asked._look(question)
        return fleet

    def more(self, fleet: Fleet, more: More) -> Fleet:
        """Return the same look with what is asked beyond it; of what it has been asked for already nothing is asked.

        Raises as :meth:`ask` does.
        """
        return self._with(fleet, more.beyond(fleet.known))

    def closer(self, fleet: Fleet, ids: tuple[str, ...]) -> Fleet:
        """Return the same look with what EC2 tells of instances, its status checks included, as far as it does."""
        untold: dict[str, str] = {}
        lives = self._checked(self._lives(ids, untold), untold)
        if lives is None:
            return evolve(fleet, untold={**fleet.untold, **untold})
        machines = {**fleet.machines, **{one.id: one for one in lives}}
        known = fleet.known.also(More(machines=ids))
        return evolve(fleet, known=known, machines=machines, untold={**fleet.untold, **untold})

    def checks(self, balancers: Iterable[Balancer]) -> Mapping[str, HealthCheck]:
        """Return what balancers ask their instances, by their ids, as far as they tell: it is only worth knowing."""
        known = [one for one in sorted(balancers, key=str) if one.kind != LATTICE]
        found = zip(known, self._sender.each(self._check, known), strict=True)
        return {one.id: check for one, check in found if check is not None}

    def console(self, instance: str, most: int) -> tuple[str, ...]:
        """Return the last lines of an instance's serial console; raise ``Denied``, ``Refused`` or ``Unreachable``."""
        try:
            answer = self._sender.first(queries.console(instance, latest=True))
        except Refused:
            answer = self._sender.first(queries.console(instance, latest=False))
        return readings.console(answer, most)

    def _check(self, balancer: Balancer) -> HealthCheck | None:
        described, _ = queries.balancer(balancer)
        try:
            (answer,) = self._sender.read(described)
            return surveying.health_check(balancer, surveying.described(balancer, answer))
        except (Unreachable, Denied, Refused, NoBalancer):
            return None

    def survey(
        self,
        groups: tuple[str, str],
        alarms: tuple[str, ...] = (),
        pause: Callable[[float], None] | None = None,
        service: str = "",
    ) -> Survey:
        """Take a deeper look at both groups of ``service``; raise ``Refused`` for what this tool cannot serve, too.

        It makes a dozen calls and is taken once a run, so that a busy AWS is asked again, for some seconds: ``pause``
        is called with the seconds in between, and what it raises ends the survey.
        """
        patient, question = evolve(self, tries=PATIENT, pause=pause), Question(groups, alarms=alarms, patchy=True)
        return patient._sender.again(lambda: patient._survey(question, service), Incomplete)

    def _survey(self, question: Question, service: str) -> Survey:
        groups = question.groups
        fleet, rows = self._look(question)
        for row in rows:
            surveying.refuse_unfit(row)
        reader = self._reader
        scaling = reader.whole(groups)
        policies = [policy for one in scaling.values() for policy in one.policies]
        unread: dict[str, str] = {}
        with _spared(unread, METRICS):
            reader.metrics(metrics_of(policies), fleet.at)  # nothing but a permission is found out by that
        with _spared(unread, NOTIFICATIONS):
            told = reader.notifications(groups)
            scaling = {name: evolve(one, notifications=told[name]) for name, one in scaling.items()}
        there = [one for one in _balancers(fleet.groups.values()) if one.id not in fleet.gone]
        facts = self._sender.each(self._facts, there)
        launches = [row for rows in self._sender.each(self._recent, groups) for row in rows]
        return Survey(
            fleet,
            scaling,
            tuple(facts),
            surveying.boot(launches),
            self._denied(fleet, service),
            taken=reader.taken(scaling),
            unread=unread,
            composites=reader.composites(scaling.values()),
            machines=self._lives(tuple(i.id for one in fleet.groups.values() for i in one.in_service)) or (),
        )

    def _denied(self, fleet: Fleet, service: str) -> str:
        """Return what a dry run says is not permitted: to mark an instance, as ``service``'s finish does days later."""
        some = [i.id for group in fleet.groups.values() for i in group.instances if i.in_service][:1]
        try:
            for call in request(Mark(tuple(some), MARK, f"{service}:dry-run")):
                self._sender.rehearse(call)
        except Denied as denial:
            return denial.message
        return ""

    def act(self, action: Action, sure: Callable[[], None] = lambda: None) -> None:
        """Do one action, each of its calls once; raise ``ActionRefused``, ``Unreachable`` or ``Denied``.

        What a dry run shows to be denied keeps the action from being done, so does an instance to be terminated that
        any group of this account and region knows. One that any balancer has is not detached to be terminated, nor
        are others with it, and alone is not terminated. What ``sure`` raises, which is asked right before each write,
        keeps that write from being sent.
        """
        for call in rehearsals(action):
            self._sender.rehearse(call)
        match action:
            case Terminate(ids):
                self._refuse_members(ids)
                if found := elsewhere.registered(self._sender, ids):
                    self._write(Terminate(tuple(i for i in ids if i not in found)), sure)
                    raise _registered(found)
            case Detach(_, ids, terminated=True):
                if found := elsewhere.registered(self._sender, ids, draining=False):
                    raise _registered(found)
        self._write(action, sure)

    def _write(self, action: Action, sure: Callable[[], None]) -> None:
        for call in request(action):
            sure()
            try:
                refuse_failed(call, self._sender.write(call))
            except Gone:
                continue
            except Protected as refusal:
                self._terminate_others(call, refusal, sure)
            except NotRunning:
                self._register_others(call, sure)

    def _refuse_members(self, ids: tuple[str, ...]) -> None:
        """Raise ``Unreachable``: what any group has is not terminated; what was detached just now may still be told."""
        if members := sorted(self.members(ids)):
            raise Unreachable(
                answers.still_members(members),
                f"see whose it is (`aws autoscaling describe-auto-scaling-instances --instance-ids {members[0]}`)",
            )

    def machines_marked(self, key: str, prefix: str = "") -> tuple[Machine, ...]:
        """Return the instances tagged ``key`` with a value that begins with ``prefix``, terminated ones left out."""
        found = readings.machines(self._sender.rows([queries.tagged(key)], "Reservations"))
        return tuple(machine for machine in found if machine.tags.get(key, "").startswith(prefix))

    def members(self, ids: Iterable[str]) -> frozenset[str]:
        """Return those of ``ids`` that are in any Auto Scaling group of this account and region."""
        calls = queries.members(tuple(ids))
        rows = self._sender.rows(calls, "AutoScalingInstances")
        return frozenset(need(row, "InstanceId", "autoscaling:DescribeAutoScalingInstances") for row in rows)

    def _look(self, question: Question) -> tuple[Fleet, tuple[Row, ...]]:
        pages = self._sender.read(queries.groups(question.groups))
        rows = tuple(row for page in pages for row in need(page, "AutoScalingGroups", readings.GROUPS))
        groups = readings.groups(rows, question.groups, self._region, self._groups)
        dated = readings.aws_time(pages[0])
        at = self.clock.now() if dated is None else dated
        ask = self._health if question.patchy else self._told
        balancers = self._sender.each(ask, _balancers(groups.values()))
        untold: dict[str, str] = {}
        lives = self._checked(self._lives(question.lives, untold), untold)
        fleet = Fleet(
            groups=groups,
            health={one.id: one.states for one in balancers if one.answered},
            reasons={one.id: reasons for one in balancers if (reasons := one.reasons)},
            silent=frozenset(one.id for one in balancers if not one.answered),
            out_of_use=frozenset(one.id for one in balancers if one.out_of_use),
            gone=frozenset(one.id for one in balancers if one.gone),
            known=NOTHING if lives is None else More(machines=question.lives),
            machines={machine.id: machine for machine in lives or ()},
            hooks={name: self._hooks(one) for name, one in groups.items()} if question.hooks else {},
            at=at,
            untold=untold,
        )
        return self._with(fleet, question.beyond(fleet.known)), rows

    def _with(self, fleet: Fleet, more: More) -> Fleet:
        """Return the look with the answers to ``more`` on it."""
        if not more:
            return fleet
        alarms = self._alarms(more.alarms)
        asked = dict(more.activities)
        told = [one for group, since in more.activities for one in self._activities(group, since)]
        return evolve(
            fleet,
            known=fleet.known.also(more),
            machines={**fleet.machines, **{one.id: one for one in self._machines(more.machines)}},
            activities=(*(one for one in fleet.activities if one.group not in asked), *told),
            alarms={**fleet.alarms, **readings.alarms(alarms)},
            turned={**fleet.turned, **readings.turned(alarms)},
            acting={**fleet.acting, **readings.acting(alarms)},
            scaling={**fleet.scaling, **self._reader.read(more.scaling)},
            metrics={**fleet.metrics, **self._metrics(more.metrics, fleet.at)},
        )

    def _health(self, balancer: Balancer) -> Told:
        """Ask one balancer; that it does not answer says nothing of the others."""
        try:
            return self._told(balancer)
        except Unreachable:
            return Told(balancer.id, answered=False)

    def _told(self, balancer: Balancer) -> Told:
        """Ask one balancer; one that does not exist has answered, and sends nobody a request."""
        try:
            (answer,) = self._sender.read(queries.health(balancer))
        except NoBalancer:
            return Told(balancer.id, out_of_use=True, gone=True)
        rows = readings.told_by(balancer, answer)
        before, told = self._verdicts.get(balancer.id, (None, None))
        if told is None or before != rows:  # most looks of a run see nothing new
            unused = readings.carries_nothing(balancer, rows)
            told = Told(balancer.id, readings.verdicts(balancer, rows), out_of_use=unused)
            self._verdicts[balancer.id] = rows, told
        return told

    def _machines(self, ids: tuple[str, ...]) -> tuple[Machine, ...]:
        return readings.machines(self._sender.rows(queries.machines(ids), "Reservations"))

    def _lives(self, ids: tuple[str, ...], untold: dict[str, str] | None = None) -> tuple[Machine, ...] | None:
        """Return what EC2 tells of instances, ``None`` where it does not: that is only worth knowing."""
        try:
            return self._machines(ids)
        except (Unreachable, Denied, Refused) as error:
            _note(readings.MACHINES, error, untold)
            return None

    def _checked(
        self, machines: tuple[Machine, ...] | None, untold: dict[str, str] | None = None
    ) -> tuple[Machine, ...] | None:
        """Return the machines with what EC2's status checks tell of those that run, as far as it does."""
        running = tuple(one.id for one in machines or () if one.state == "running")
        try:
            told = readings.checks(self._sender.rows(queries.statuses(running), "InstanceStatuses"))
        except (Unreachable, Denied, Refused) as error:
            _note(readings.STATUSES, error, untold)
            return machines
        return machines and tuple(evolve(one, checks=told.get(one.id, "")) for one in machines)

    def _hooks(self, group: Group) -> tuple[Row, ...]:
        """Return a group's hooks where one holds a member, as far as AWS tells: they are only worth knowing."""
        try:
            return self._reader.hooks(group.name) if any(i.held for i in group.instances) else ()
        except (Unreachable, Denied, Refused):
            return ()

    def _alarms(self, names: tuple[str, ...]) -> tuple[Row, ...]:
        kinds = ("MetricAlarms", "CompositeAlarms")
        pages = [page for call in queries.alarms(names) for page in self._sender.read(call)]
        if pages and not any(kind in page for page in pages for kind in kinds):
            raise Incomplete(f"AWS's answer to {readings.ALARMS_ASKED} has neither {' nor '.join(kinds)}", HINT)
        return tuple(row for page in pages for kind in kinds for row in page.get(kind) or ())

    def _activities(self, group: str, since: float) -> tuple[Activity, ...]:
        call = queries.activities(group, since)
        rows = (row for page in self._sender.read(call) for row in page.get("Activities") or ())
        return readings.activities(rows, self._over)

    def _metrics(self, wanted: tuple[Metric, ...], at: float) -> Mapping[Metric, Mapping[float, float]]:
        """Return what can be had of the metrics: they only add to what is seen, and nothing waits for CloudWatch."""
        try:
            return self._reader.metrics(wanted, at)
        except (Unreachable, Denied, Refused):
            return {}

    def _region(self) -> str:
        return str(self.clients.client("autoscaling").meta.region_name)

    @property
    def _reader(self) -> ScalingReader:
        return ScalingReader(self.clients, self._sender)

    def _facts(self, balancer: Balancer) -> BalancerFacts:
        (described,), (attributes,) = map(self._sender.read, queries.balancer(balancer))
        return surveying.facts(balancer, surveying.described(balancer, described), attributes)

    def _recent(self, group: str) -> tuple[Row, ...]:
        return tuple(self._sender.first(queries.activities(group)).get("Activities") or ())

    def _register_others(self, call: Call, sure: Callable[[], None]) -> None:
        """Register each of several alone: what does not run keeps none of the others from it, and serves nobody."""
        for one in each_alone(call):
            sure()
            with contextlib.suppress(NotRunning):
                self._sender.write(one)

    def _terminate_others(self, call: Call, refusal: Protected, sure: Callable[[], None]) -> None:
        ids = cast("list[str]", call.parameters["InstanceIds"])
        kept = [i for i, kept in zip(ids, self._sender.each(self._protected, ids), strict=True) if kept]
        others = [i for i in ids if i not in kept]
        if not kept:
            raise refusal
        if others:
            sure()
            self._sender.write(terminate(others))
        raise ActionRefused(
            f"EC2 protects {', '.join(kept)} from termination.",
            f"`aws ec2 modify-instance-attribute --no-disable-api-termination --instance-id {kept[0]}`, if it may go",
        )

    def _protected(self, instance: str) -> bool:
        asked = "ec2:DescribeInstanceAttribute"
        (answer,) = self._sender.read(queries.termination_protection(instance))
        return bool(need(need(answer, "DisableApiTermination", asked), "Value", asked))


def _note(operation: str, error: BluegreenError, untold: dict[str, str] | None) -> None:
    """Keep why what is only worth knowing is not known, by the operation."""
    if untold is not None:
        untold[operation] = f"permission {operation}" if isinstance(error, Denied) else error.message


def _registered(found: Mapping[str, Balancer]) -> Withheld:
    """Return the refusal of what a balancer may send requests to, were it somebody else's."""
    rows = sorted(found.items())
    told = answers.still_registered({instance: balancer.id for instance, balancer in rows})
    away = ", then ".join(
        hints.deregistered(balancer, [instance]) for instance, balancer in rows if balancer.id != elsewhere.NAMELESS
    )
    way = away or "deregister it there first"
    hint = f"see whose it is; if it may go: {way}, wait until it has drained"
    return Withheld(told, hint)


def _balancers(groups: Iterable[Group]) -> list[Balancer]:
    found = {balancer for group in groups for balancer in group.balancers if balancer.kind != LATTICE}
    return sorted(found)
