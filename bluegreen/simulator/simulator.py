"""The simulator: the shelves' operations behind one entrance, and what a test may ask and do beside it."""

from __future__ import annotations

import random
from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any

from bluegreen.clock import Clock

from . import autoscaling, cloudwatch, ec2, elb, sts  # noqa: F401  importing a shelf registers what it has
from .autoscaling.registration import attached
from .autoscaling.state import AUTOSCALING, OCCUPIED, Group
from .cloudwatch.state import CLOUDWATCH
from .core.body import Body
from .core.entrance import Entrance
from .core.options import Options
from .core.world import World
from .ec2 import machines
from .ec2.faults import LAUNCHES, NO_CAPACITY, Launches
from .ec2.state import EC2, Machine
from .elb import traffic
from .elb.balancing import healthy_everywhere
from .elb.faults import BLURS, Blurs
from .elb.load import LOADS, Load, Rate, put_load
from .elb.state import ELB, Balancer, Harm
from .virtual import VirtualBody

IMAGE_KEY = "image"


class Simulator(Entrance):
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
        self.image_key = image_key
        self.body: Body = body if body is not None else VirtualBody(seed=seed)
        world = World(self.body, clock.now(), options or Options(), random=random.Random(seed))
        super().__init__(clock, world, lock)
        if isinstance(self.body, VirtualBody):
            self.body.bind(self.world.now, self.image_of_group, self._name_of)

    # What tests ask: truth, never stale, and counted as no call.

    @property
    def groups(self) -> dict[str, Group]:
        """The groups by name."""
        return self.world[AUTOSCALING].groups

    @property
    def machines(self) -> dict[str, Machine]:
        """EC2's instances by id."""
        return self.world[EC2].machines

    @property
    def owners(self) -> dict[str, str]:
        """The group of each instance that is in one."""
        return self.world[EC2].owners

    @property
    def balancers(self) -> dict[str, Balancer]:
        """The classic balancers by name, and the target groups by ARN."""
        return self.world[ELB].balancers

    @property
    def load_balancers(self) -> dict[str, dict[str, Any]]:
        """The application and network load balancers by ARN."""
        return self.world[ELB].load_balancers

    @property
    def listeners(self) -> dict[str, dict[str, Any]]:
        """The listeners of those, by ARN."""
        return self.world[ELB].listeners

    @property
    def alarms(self) -> dict[str, dict[str, Any]]:
        """The metric alarms by name."""
        return self.world[CLOUDWATCH].alarms

    @property
    def terminated_while_serving(self) -> list[Harm]:
        """Every termination, injected ones apart, that cut off an instance that served or was not drained."""
        return self.world[ELB].harm

    @property
    def deaths(self) -> list[tuple[float, str]]:
        """The injected deaths: time and instance."""
        return self.world[EC2].deaths

    @property
    def sicknesses(self) -> list[tuple[float, str, str]]:
        """The injected deaths for one balancer only: time, instance, and the balancer's key."""
        return self.world[ELB].sicknesses

    @property
    def loads(self) -> dict[str, Load]:
        """The load on each balancer that has one."""
        return self.world.beside[LOADS].loads

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
        return [key for key, balancer in self.balancers.items() if traffic.listens(self.world, balancer)]

    def receiving(self, balancer: str) -> list[str]:
        """Return the instances that a balancer (its key) sends new requests now, where it fails open too."""
        found = self.balancers.get(balancer)
        return traffic.instances(traffic.receiving(self.world, found)) if found is not None else []

    def answering(self, balancer: str) -> list[str]:
        """Return those that receive and answer, on every port on which they are sent requests.

        The body in memory knows; of another one, whatever is sent requests is taken to answer.
        """
        found = self.balancers.get(balancer)
        if found is None:
            return []
        rows = traffic.receiving(self.world, found)
        if isinstance(self.body, VirtualBody):
            answers = self.body.answers
            mute = {target.id for target in rows if not answers(found.key, target.id, target.port)}
        else:
            mute = {target.id for target in rows if not target.healthy}
        receiving = traffic.instances(rows)
        return [instance for instance in receiving if instance not in mute] if mute else receiving

    def sick_since(self, balancer: str, time: float) -> set[str]:
        """Return the instances whose death was injected at ``time`` or later, everywhere or for that balancer only."""
        here = {instance for at, instance, key in self.sicknesses if key == balancer and at >= time}
        return here | {instance for at, instance in self.deaths if at >= time}

    def states(self, group: str) -> dict[str, str]:
        """Return the lifecycle state of every member."""
        return {instance: member.state for instance, member in self.groups[group].members.items()}

    def orphans(self) -> list[str]:
        """Return the running EC2 instances that are in no group."""
        return [machine.id for machine in self.machines.values() if machine.running and machine.id not in self.owners]

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
            put_load(self.world, balancer, Load(rate, capacity) if rate is not None else None)

    # Disturbances.

    def fail_launches(
        self, group: str, message: str = NO_CAPACITY, count: int | None = None, until: float = float("inf")
    ) -> None:
        """Let the next ``count`` launches (all, when ``None``) of ``group`` fail with ``message``, until ``until``."""
        self.launches.fail(group, message, count, until)

    def blur(
        self, balancer: str, *, until: float, how: str = "unavailable", instances: Collection[str] | None = None
    ) -> None:
        """Let health calls of a balancer (key or name) not tell how instances are (:meth:`Blurs.add`)."""
        self.blurs.add(balancer, until=until, how=how, instances=instances)

    @property
    def launches(self) -> Launches:
        """What goes wrong with launches."""
        return self.faults[LAUNCHES]

    @property
    def blurs(self) -> Blurs:
        """What health calls do not tell."""
        return self.faults[BLURS]

    def occupy(self, group: str, percent: float) -> None:
        """Let something else than requests keep the group's processors this busy at least, such as an endless loop."""
        self.world.beside[OCCUPIED].percents[group] = percent

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
                self.deaths.append((self.world.time, instance))
            else:
                self.sicknesses.append((self.world.time, instance, key))
            self.world.told()

    def cure(self, instance: str, balancer: str | None = None, port: int | None = None) -> None:
        """Let the application on an instance serve again, everywhere or in one balancer (key or name)."""
        with self.lock:
            self.world.advance(self.clock.now())
            if isinstance(self.body, VirtualBody):
                self.body.cure(instance, self._key_of(balancer), port)
            self.world.told()

    def _key_of(self, balancer: str | None) -> str | None:
        known = self.balancers
        if balancer is None or balancer in known:
            return balancer
        return next(key for key, each in known.items() if each.name == balancer)

    def _name_of(self, key: str) -> str:
        found = self.balancers.get(key)
        return found.name if found is not None else key
