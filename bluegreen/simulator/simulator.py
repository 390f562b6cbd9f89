"""The simulator: AWS's operations over one model, behind one entrance, and what a test may ask beside it."""

from __future__ import annotations

import pickle
import random
from bisect import bisect_right
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from copy import copy, deepcopy
from typing import Any

from attrs import Factory, define

from bluegreen.clock import Clock

from . import (  # noqa: F401  importing a module puts its operations into the table
    alarm_tags,
    alarms,
    autoscaler,
    balancer_tags,
    classic,
    composites,
    ec2,
    group_metrics,
    group_views,
    groups,
    load_balancers,
    machines,
    members,
    metric_data,
    notifications,
    policies,
    processes,
    records,
    requests,
    schedules,
    standby,
    target_groups,
    templates,
)
from .balancing import attached, healthy_everywhere
from .body import Body
from .dispatch import Operation, Request, Result, find
from .errors import AwsError
from .faults import Call, Faults
from .load import Load, Rate
from .state import Balancer, Group, Harm, State, Target
from .virtual import VirtualBody
from .world import Options, World

IMAGE_KEY = "image"


@define
class Past:
    """Copies of the state by time, for answers that are out of date."""

    times: list[float] = Factory(list)
    copies: list[bytes] = Factory(list)

    def keep(self, world: World) -> None:
        """Keep the state as it is now; of one moment only the last."""
        if self.times and self.times[-1] == world.time:
            self.times.pop()
            self.copies.pop()
        self.times.append(world.time)
        self.copies.append(pickle.dumps(world.state))

    def at(self, time: float) -> State | None:
        """Return the state as it was at ``time``; the oldest that is known, if it is older."""
        if not self.times:
            return None
        state: State = pickle.loads(self.copies[max(0, bisect_right(self.times, time) - 1)])
        return state


class Simulator:
    """One model of groups, instances and balancers; ``copy.deepcopy`` branches it, with the clock it was given.

    :param clock: the time; every call first lives through what is due by then.
    :param body: what instances and balancers look like from outside; numbers in memory by default.
    :param lock: held during every call, where several threads call.
    :param image_key: the group tag from which the body in memory finds an instance's image.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        body: Body | None = None,
        seed: int = 0,
        options: Options | None = None,
        lock: AbstractContextManager[Any] | None = None,
        image_key: str = IMAGE_KEY,
    ) -> None:
        self.clock = clock
        self.lock: AbstractContextManager[Any] = lock if lock is not None else nullcontext()
        self.image_key = image_key
        self.calls = 0
        self.past = Past()
        self.body: Body = body if body is not None else VirtualBody(seed=seed)
        self.world = World(self.body, clock.now(), options or Options(), random=random.Random(seed))
        if isinstance(self.body, VirtualBody):
            self.body.bind(self.world.now, self.image_of_group, self._name_of)

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
        """Run ``callback`` after each internal event and after each call that changes something."""
        self.world.watchers.append(callback)

    # What tests ask: truth, never stale, and counted as no call.

    @property
    def groups(self) -> dict[str, Group]:
        """The groups by name."""
        return self.world.state.groups

    @property
    def terminated_while_serving(self) -> list[Harm]:
        """Every termination, injected ones apart, that cut off an instance that served or was not drained."""
        return self.world.state.harm

    @property
    def deaths(self) -> list[tuple[float, str]]:
        """The injected deaths: time and instance."""
        return self.world.state.deaths

    def healthy(self, group: str) -> list[str]:
        """Return the members of ``group``, in whatever state, that every one of its balancers sends requests to."""
        balancers = attached(self.world, self.groups[group])
        return [instance for instance in self.groups[group].members if healthy_everywhere(balancers, instance)]

    def serving(self, group: str) -> list[str]:
        """Return the members of ``group`` that at least one balancer sends requests to."""
        balancers = attached(self.world, self.groups[group])
        rows = {
            instance: [target for each in balancers for target in each.of(instance)]
            for instance in self.groups[group].members
        }
        return [instance for instance, targets in rows.items() if any(target.healthy for target in targets)]

    def listening(self) -> list[str]:
        """Return the keys of the balancers that can carry requests: with a listener, or used by one."""
        return [key for key, balancer in self.world.state.balancers.items() if requests.listens(self.world, balancer)]

    def receiving(self, balancer: str) -> list[str]:
        """Return the instances that a balancer (its key) sends new requests now, where it fails open too."""
        found = self.world.state.balancers.get(balancer)
        return requests.instances(requests.receiving(self.world, found)) if found is not None else []

    def answering(self, balancer: str) -> list[str]:
        """Return those that receive and answer, on every port on which they are sent requests.

        The body in memory knows; of another one, whatever is sent requests is taken to answer.
        """
        found = self.world.state.balancers.get(balancer)
        rows = requests.receiving(self.world, found) if found is not None else []
        mute = {target.id for target in rows if found is not None and not self.answers(found, target)}
        return [instance for instance in requests.instances(rows) if instance not in mute]

    def answers(self, balancer: Balancer, target: Target) -> bool:
        """Whether the application behind a target would answer a request of the balancer now."""
        if not isinstance(self.body, VirtualBody):
            return target.healthy
        return self.body.answers(balancer.key, target.id, target.port)

    def sick_since(self, balancer: str, time: float) -> set[str]:
        """Return the instances whose death was injected at ``time`` or later, everywhere or for that balancer only."""
        state = self.world.state
        here = {instance for at, instance, key in state.sicknesses if key == balancer and at >= time}
        return here | {instance for at, instance in state.deaths if at >= time}

    def states(self, group: str) -> dict[str, str]:
        """Return the lifecycle state of every member."""
        return {instance: member.state for instance, member in self.groups[group].members.items()}

    def orphans(self) -> list[str]:
        """Return the running EC2 instances that are in no group."""
        machines = self.world.state.machines.values()
        return [machine.id for machine in machines if machine.running and machine.id not in self.world.state.membership]

    def image_of_group(self, group: str) -> str | None:
        """Return the group's image tag."""
        found = self.groups.get(group)
        return found.tags.get(self.image_key, (None, False))[0] if found is not None else None

    def image_of(self, instance: str) -> str | None:
        """Return the image that an instance found when it was launched; the body in memory only."""
        return self.body.images.get(instance) if isinstance(self.body, VirtualBody) else None

    def put_load(self, balancer: str, rate: Rate | None, capacity: float = 100.0) -> None:
        """Let ``rate(now)`` requests per second arrive at a balancer from now on; the autoscaler then lives.

        ``capacity`` is how many a second bring one instance's processor to 100 percent. ``None`` ends the load.
        """
        with self.lock:
            self.world.advance(self.clock.now())
            autoscaler.put_load(self.world, balancer, Load(rate, capacity) if rate is not None else None)

    # Disturbances.

    def occupy(self, group: str, percent: float) -> None:
        """Let something else than requests keep the group's processors this busy at least, such as an endless loop."""
        self.world.occupied[group] = percent

    def kill(self, instance: str) -> None:
        """Let an EC2 instance die abruptly."""
        with self.lock:
            self.world.advance(self.clock.now())
            machines.terminate(self.world, instance, "injected", injected=True)
            self.world.told()

    def impair(self, instance: str, impaired: bool = True) -> None:
        """Let EC2's status checks of an instance fail, or pass again; what runs on it goes on."""
        with self.lock:
            self.world.advance(self.clock.now())
            machines.impair(self.world, instance, impaired)
            self.world.told()

    def sicken(self, instance: str, balancer: str | None = None, port: int | None = None) -> None:
        """Let the application on an instance die while the machine runs on.

        With a balancer (key or name) only its checks and requests fail, with a port only those on that port.
        """
        with self.lock:
            self.world.advance(self.clock.now())
            key = self._key_of(balancer)
            if isinstance(self.body, VirtualBody):
                self.body.sicken(instance, key, port)
            if key is None:
                self.world.state.deaths.append((self.world.time, instance))
            else:
                self.world.state.sicknesses.append((self.world.time, instance, key))
            self.world.told()

    def cure(self, instance: str, balancer: str | None = None, port: int | None = None) -> None:
        """Let the application on an instance serve again, everywhere or in one balancer (key or name)."""
        with self.lock:
            self.world.advance(self.clock.now())
            if isinstance(self.body, VirtualBody):
                self.body.cure(instance, self._key_of(balancer), port)
            self.world.told()

    def _key_of(self, balancer: str | None) -> str | None:
        known = self.world.state.balancers
        if balancer is None or balancer in known:
            return balancer
        return next(key for key, each in known.items() if each.name == balancer)

    def _name_of(self, key: str) -> str:
        found = self.world.state.balancers.get(key)
        return found.name if found is not None else key
