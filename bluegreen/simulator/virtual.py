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

from .core.body import NOBODY, TOO_LATE, HealthCheck

NEVER = float("inf")
FAILING = {"bad-": "503", "slow-": TOO_LATE, "port-": NOBODY}
"""How images begin that never pass a check, and what it meets."""
Seconds = float | tuple[float, float] | Callable[[str], float]
Row = tuple[str, int]
"""An instance on a port."""

Sickness = tuple[str, str, int | None]
"""An instance that does not answer one balancer, on one port or on all."""


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
    """Implements :class:`~bluegreen.simulator.core.body.Body` in memory.

    ``boot`` is how long an instance takes to listen: seconds, a range to draw from, or a function of the group.
    An instance finds its image when it is launched, through ``image_of_group``. ``bad-*``, ``slow-*`` and ``port-*``
    never pass a check (:data:`FAILING`); ``crash-*`` stops ``crash_after`` seconds after a balancer first found it
    healthy, and never comes back.

    ``fails_in`` says by image, or by how images begin, which balancers (their names) it never answers: neither
    their checks nor their requests.
    """

    boot: Seconds = 2.0
    seed: int = 0
    crash_after: float = 5.0
    now: Callable[[], float] = lambda: 0.0
    image_of_group: Callable[[str], str | None] = lambda _: None
    apps: dict[str, App] = Factory(dict)
    images: dict[str, str | None] = Factory(dict)
    checks: dict[str, HealthCheck] = Factory(dict)
    watches: dict[str, dict[Row, Watch]] = Factory(dict)
    verdicts: dict[str, dict[int, dict[str, bool | None]]] = Factory(dict)
    fails_in: Mapping[str, tuple[str, ...]] = Factory(dict)
    name_of: Callable[[str], str] = lambda key: key
    sick: set[Sickness] = Factory(set)
    random: random.Random = Factory(lambda self: random.Random(self.seed), takes_self=True)
    _due: list[tuple[float, int, str, Row, int]] = Factory(list)
    _count: int = 0

    def bind(
        self, now: Callable[[], float], image_of_group: Callable[[str], str | None], name_of: Callable[[str], str]
    ) -> None:
        """Take the time, the groups' images and the balancers' names from the model."""
        self.now, self.image_of_group, self.name_of = now, image_of_group, name_of

    def launch(self, instance_id: str, group: str, address: str) -> None:
        """Begin to boot; the image is found now."""
        image = self.image_of_group(group)
        self.images[instance_id] = image
        self.apps[instance_id] = App(image)
        if image is None or not image.startswith(tuple(FAILING)):
            self._later(self._boot_time(group), "", (instance_id, 0), 0)

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

    def sicken(self, instance_id: str, balancer: str | None = None, port: int | None = None) -> None:
        """Let the application die while the machine runs on; or not answer one balancer, on one port or on all."""
        app = self.apps.get(instance_id)
        if balancer is not None:
            self.sick.add((balancer, instance_id, port))
        elif app is not None:
            app.serves = app.alive = False
        self._look_again(instance_id)

    def cure(self, instance_id: str, balancer: str | None = None, port: int | None = None) -> None:
        """Let the application of a running machine serve (again), now; or answer one balancer (again)."""
        app = self.apps.get(instance_id)
        self.sick = {one for one in self.sick if not _cured(one, instance_id, balancer, port)}
        if balancer is None and app is not None:
            app.serves = app.alive = True
        self._look_again(instance_id)

    def answers(self, balancer: str, instance_id: str, port: int) -> bool:
        """Whether the application would answer a request, or a check, of ``balancer`` on ``port`` now."""
        app = self.apps.get(instance_id)
        if app is None or not app.serves:
            return False
        if self.sick and not self.sick.isdisjoint(((balancer, instance_id, None), (balancer, instance_id, port))):
            return False
        image = app.image or ""
        for begin, names in self.fails_in.items():
            if image.startswith(begin) and self.name_of(balancer) in names:
                return False
        return True

    def met(self, balancer: str, instance_id: str, port: int = 0) -> str:
        """Return what a check that fails meets; an application that answers, though not this balancer, says 503."""
        app = self.apps.get(instance_id)
        image = "" if app is None else app.image or ""
        if app is not None and app.serves:
            return NOBODY if self.answers(balancer, instance_id, port) else "503"
        return next((met for begin, met in FAILING.items() if image.startswith(begin)), NOBODY)

    def configure(self, balancer: str, check: HealthCheck) -> None:
        """Check in this way from the next check on."""
        self.checks[balancer] = check
        self.watches.setdefault(balancer, {})
        self.verdicts.setdefault(balancer, {})
        for row in self.watches[balancer]:
            self._plan(balancer, row)

    def forget(self, balancer: str) -> None:
        """Let the balancer be gone."""
        for known in (self.checks, self.watches, self.verdicts):
            known.pop(balancer, None)

    def register(self, balancer: str, instance_id: str, port: int = 0) -> None:
        """Begin to check the instance on a port, as a new one."""
        if balancer in self.checks:
            self._count += 1
            self.watches[balancer][instance_id, port] = Watch(self.now(), serial=self._count)
            self.verdicts[balancer].setdefault(port, {})[instance_id] = None
            self._plan(balancer, (instance_id, port))

    def drain(self, balancer: str, instance_id: str) -> None:
        """Send nothing new: the model itself knows who drains."""

    def deregister(self, balancer: str, instance_id: str) -> None:
        """Forget the instance."""
        for port, verdicts in self.verdicts.get(balancer, {}).items():
            self.watches[balancer].pop((instance_id, port), None)
            verdicts.pop(instance_id, None)

    def live(self) -> None:
        """Let boots, verdicts and crashes happen that are due by now."""
        while self._due and self._due[0][0] <= self.now():
            _, _, key, row, serial = heapq.heappop(self._due)
            if key:
                self._turn(key, row, serial)
            else:
                self._come_up_or_crash(row[0])

    def health(self, balancer: str, port: int = 0) -> Mapping[str, bool | None]:
        """Return the verdicts on a port."""
        return self.verdicts.get(balancer, {}).get(port, {})

    def next_change(self) -> float:
        """Return when the next verdict, boot or crash is due; what is out of date is dropped."""
        while self._due and not self._still_due(*self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else NEVER

    def _still_due(self, _: float, __: int, key: str, row: Row, serial: int) -> bool:
        if not key:
            return row[0] in self.apps
        watch = self.watches.get(key, {}).get(row)
        return watch is not None and watch.serial == serial

    def _later(self, delay: float, key: str, row: Row, serial: int) -> None:
        self._count += 1
        heapq.heappush(self._due, (self.now() + delay, self._count, key, row, serial))

    def _come_up_or_crash(self, instance: str) -> None:
        app = self.apps.get(instance)
        if app is not None and app.alive:
            app.serves = not app.crashing
            app.alive = not app.crashing
            self._look_again(instance)

    def _look_again(self, instance: str) -> None:
        for balancer, watches in self.watches.items():
            for port in self.verdicts[balancer]:
                if (instance, port) in watches:
                    self._plan(balancer, (instance, port))

    def _plan(self, balancer: str, row: Row) -> None:
        """Work out when the verdict turns next, if it does: after so many agreeing checks, on the check's beat."""
        watch, check = self.watches[balancer][row], self.checks[balancer]
        serves = self.answers(balancer, *row)
        self._count += 1
        watch.serial = self._count
        if watch.verdict is serves:
            return
        needed = (check.fresh if watch.fresh else check.healthy) if serves else check.unhealthy
        beats = max(1, math.ceil((self.now() - watch.since) / check.interval - 1e-9))
        if beats * check.interval + watch.since <= self.now() and watch.since < self.now():
            beats += 1
        turn = watch.since + (beats + needed - 1) * check.interval
        self._later(turn - self.now(), balancer, row, watch.serial)

    def _turn(self, balancer: str, row: Row, serial: int) -> None:
        watch = self.watches.get(balancer, {}).get(row)
        if watch is None or watch.serial != serial:
            return
        (instance, port), app = row, self.apps.get(row[0])
        watch.verdict = self.answers(balancer, *row)
        watch.fresh = False
        self.verdicts[balancer][port][instance] = watch.verdict
        if watch.verdict and app is not None and (app.image or "").startswith("crash-") and not app.crashing:
            app.crashing = True
            self._later(self.crash_after, "", row, 0)


def _cured(one: Sickness, instance: str, balancer: str | None, port: int | None) -> bool:
    key, sick, at = one
    return sick == instance and balancer in (None, key) and port in (None, at)
