"""A body of numbers: instances that boot, serve, fail and crash, and checks that follow, under the model's clock.

Health is computed, not polled: after every change (a registration, a boot, a death) the moment of the next verdict
is known, so that an hour costs as much as it has changes.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Mapping

from attrs import Factory, define

from .body import HealthCheck

NEVER = float("inf")
Seconds = float | tuple[float, float] | Callable[[str], float]


@define
class App:
    """What runs on an instance."""

    image: str | None
    serves: bool = False
    alive: bool = True
    crashing: bool = False


@define
class Watch:
    """One balancer's view of one instance."""

    since: float
    verdict: bool | None = None
    fresh: bool = True
    serial: int = 0


@define
class VirtualBody:
    """Implements :class:`~bluegreen.simulator.body.Body` in memory.

    ``boot`` is how long an instance takes to listen: seconds, a range to draw from, or a function of the group.
    An instance finds its image when it is launched, through ``image_of_group``. ``bad-*`` never listens; ``crash-*``
    stops ``crash_after`` seconds after a balancer first found it healthy, and never comes back.
    """

    boot: Seconds = 2.0
    seed: int = 0
    crash_after: float = 5.0
    now: Callable[[], float] = lambda: 0.0
    image_of_group: Callable[[str], str | None] = lambda _: None
    apps: dict[str, App] = Factory(dict)
    images: dict[str, str | None] = Factory(dict)
    checks: dict[str, HealthCheck] = Factory(dict)
    watches: dict[str, dict[str, Watch]] = Factory(dict)
    verdicts: dict[str, dict[str, bool | None]] = Factory(dict)
    random: random.Random = Factory(lambda self: random.Random(self.seed), takes_self=True)
    _due: list[tuple[float, int, str, str, int]] = Factory(list)
    _count: int = 0

    def bind(self, now: Callable[[], float], image_of_group: Callable[[str], str | None]) -> None:
        """Take the time and the groups' images from the model."""
        self.now, self.image_of_group = now, image_of_group

    def launch(self, instance_id: str, group: str, address: str) -> None:
        """Begin to boot; the image is found now."""
        image = self.image_of_group(group)
        self.images[instance_id] = image
        self.apps[instance_id] = App(image)
        if image is None or not image.startswith("bad-"):
            self._later(self._boot_time(group), "", instance_id, 0)

    def _boot_time(self, group: str) -> float:
        if callable(self.boot):
            return self.boot(group)
        return self.random.uniform(*self.boot) if isinstance(self.boot, tuple) else self.boot

    def terminate(self, instance_id: str) -> None:
        """End the instance."""
        app = self.apps.pop(instance_id, None)
        if app is not None:
            app.serves = app.alive = False
            self._look_again(instance_id)

    def sicken(self, instance_id: str) -> None:
        """Let the application die while the machine runs on."""
        app = self.apps.get(instance_id)
        if app is not None:
            app.serves = app.alive = False
            self._look_again(instance_id)

    def cure(self, instance_id: str) -> None:
        """Let the application of a running machine serve (again), now."""
        app = self.apps.get(instance_id)
        if app is not None:
            app.serves = app.alive = True
            self._look_again(instance_id)

    def configure(self, balancer: str, check: HealthCheck) -> None:
        """Check in this way from the next check on."""
        self.checks[balancer] = check
        self.watches.setdefault(balancer, {})
        self.verdicts.setdefault(balancer, {})
        for instance in self.watches[balancer]:
            self._plan(balancer, instance)

    def forget(self, balancer: str) -> None:
        """Let the balancer be gone."""
        for known in (self.checks, self.watches, self.verdicts):
            known.pop(balancer, None)

    def register(self, balancer: str, instance_id: str) -> None:
        """Begin to check the instance, as a new one."""
        if balancer in self.checks:
            self._count += 1
            self.watches[balancer][instance_id] = Watch(self.now(), serial=self._count)
            self.verdicts[balancer][instance_id] = None
            self._plan(balancer, instance_id)

    def drain(self, balancer: str, instance_id: str) -> None:
        """Send nothing new: the model itself knows who drains."""

    def deregister(self, balancer: str, instance_id: str) -> None:
        """Forget the instance."""
        self.watches.get(balancer, {}).pop(instance_id, None)
        self.verdicts.get(balancer, {}).pop(instance_id, None)

    def health(self, balancer: str) -> Mapping[str, bool | None]:
        """Return the verdicts as they are now."""
        while self._due and self._due[0][0] <= self.now():
            _, _, key, instance, serial = heapq.heappop(self._due)
            if key:
                self._turn(key, instance, serial)
            else:
                self._come_up_or_crash(instance)
        return self.verdicts.get(balancer, {})

    def next_change(self) -> float:
        """Return when the next verdict, boot or crash is due; what is out of date is dropped."""
        while self._due and not self._still_due(*self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else NEVER

    def _still_due(self, _: float, __: int, key: str, instance: str, serial: int) -> bool:
        if not key:
            return instance in self.apps
        watch = self.watches.get(key, {}).get(instance)
        return watch is not None and watch.serial == serial

    def _later(self, delay: float, key: str, instance: str, serial: int) -> None:
        self._count += 1
        heapq.heappush(self._due, (self.now() + delay, self._count, key, instance, serial))

    def _come_up_or_crash(self, instance: str) -> None:
        app = self.apps.get(instance)
        if app is not None and app.alive:
            app.serves = not app.crashing
            app.alive = not app.crashing
            self._look_again(instance)

    def _look_again(self, instance: str) -> None:
        for balancer, watches in self.watches.items():
            if instance in watches:
                self._plan(balancer, instance)

    def _plan(self, balancer: str, instance: str) -> None:
        """Work out when the verdict turns next, if it does: after so many agreeing checks, on the check's beat."""
        watch, check = self.watches[balancer][instance], self.checks[balancer]
        app = self.apps.get(instance)
        serves = app is not None and app.serves
        self._count += 1
        watch.serial = self._count
        if watch.verdict is serves:
            return
        needed = (check.fresh if watch.fresh else check.healthy) if serves else check.unhealthy
        beats = max(1, math.ceil((self.now() - watch.since) / check.interval - 1e-9))
        if beats * check.interval + watch.since <= self.now() and watch.since < self.now():
            beats += 1
        turn = watch.since + (beats + needed - 1) * check.interval
        self._later(turn - self.now(), balancer, instance, watch.serial)

    def _turn(self, balancer: str, instance: str, serial: int) -> None:
        watch = self.watches.get(balancer, {}).get(instance)
        if watch is None or watch.serial != serial:
            return
        app = self.apps.get(instance)
        watch.verdict = app is not None and app.serves
        watch.fresh = False
        self.verdicts[balancer][instance] = watch.verdict
        if watch.verdict and app is not None and (app.image or "").startswith("crash-") and not app.crashing:
            app.crashing = True
            self._later(self.crash_after, "", instance, 0)
