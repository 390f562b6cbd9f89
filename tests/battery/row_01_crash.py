"""crash before and after each call, in deploy, rollback, finish, cleanup; then resume, or rollback, or cron

Or the same command again, or the first that `status` names: it says which image it is, who serves, and a command that
does end the release. Points are all calls to AWS and all writes of the record. Behind two balancers the service
has policies, alarms and schedules that move with it. At every other point the dead
run's lease lingers, as that of another machine does, and has to run out first.
"""

from __future__ import annotations

import functools

from bluegreen.flow.snapshot import Snapshot, State
from bluegreen.targets.pair.model.release import Release
from tests.battery.rows import Scale
from tests.battery.stage import LEASE, Stage, opened, told_once
from tests.battery.telling import Watching

MUST = "100 % clean end"
VERBS = ("deploy", "rollback", "finish", "cleanup")
THEN = ("resume", "rollback", "cron")
BALANCERS = {"tg": "completes", "both": "deregisters"}
TOOL = {"look_every": 2.0}


def cases(scale: Scale) -> list[str]:
    """Return every point of every verb, on one balancer and on two."""
    keys = [
        f"{verb}-{balancers}-{number}-{side}-{then}"
        for verb in VERBS
        for balancers in BALANCERS
        for number in range(1, length(verb, balancers) + 1)
        for side in ("before", "after")
        for then in thens(balancers, number)
    ]
    return scale.some(keys, 120)


def thens(balancers: str, number: int) -> tuple[str, ...]:
    """Return what is done next: everything, or half of it at each point where settings move, which has most points."""
    if balancers == "tg":
        return (*THEN, "told", "again")
    return ("resume", "cron", "told") if number % 4 in (1, 2) else ("rollback", "again")


def run(key: str, watch: Watching = None) -> list[str]:
    """Kill the verb at its point, then end what it began."""
    verb, balancers, number, side, then = key.split("-")
    stage = ready(verb, balancers, watch)
    stage.lingers = int(number) % 2 == 0
    stage.crash = (side, int(number))
    go(stage, verb)
    if then == "told":
        return [*obeyed(stage), *stage.verdict("v1", "v2")]
    recover(stage, verb if then == "again" else then)
    return stage.verdict("v1", "v2")


@told_once
def ready(verb: str, balancers: str, watch: Watching = None) -> Stage:
    """Return a stage on which ``verb`` is the next thing to do."""
    moving = balancers == "both"
    stage = opened(watch, size=2, balancers=balancers, bridge=BALANCERS[balancers], tool=TOOL, scaling=moving)
    return stage.prepare(verb)


def go(stage: Stage, verb: str) -> None:
    """Run ``verb``."""
    stage.run(verb, *(("v2",) if verb == "deploy" else ()))


def recover(stage: Stage, then: str) -> None:
    """Do what a person, or cron, does next; what then rests is finished."""
    if then == "cron":
        stage.cron()
        return
    stage.patiently(then, *(("v2",) if then == "deploy" else ()))
    if stage.release is not None:
        stage.patiently("finish")


def obeyed(stage: Stage) -> list[str]:
    """Do what `status` says once nobody is at work any more; return what it did not say, or what that did not end."""
    stage.crash = None
    stage.pair.run_for(2 * LEASE)
    report, release = stage.pair.service().status(), stage.release
    if release is None:
        return [] if report.state is State.IDLE else [f"nothing is open, and it is {report.state}: {report.sentence}"]
    if not report.next:
        return [f"{report.state}, and no command: {report.sentence}"]
    _, verb, *words = report.next[0].command.split()
    stage.patiently(verb, **({"urgent": True} if "--now" in words else {}))
    if stage.release is not None and not stage.release.rests:
        return [f"{report.next[0].command} does not end it: {stage.told[-1].sentence}"]
    return [*_named(report, release), *([] if stage.release is None else _finished(stage))]


def _named(report: Snapshot, release: Release) -> list[str]:
    """Return what a status of an open release does not name."""
    said = f"{report.sentence} {report.release and report.release.to}"
    lacking = [] if release.image in said else [f"it does not say {release.image}: {said}"]
    cut = release.rests or "was cut off" in report.sentence
    return lacking if cut and report.live else [*lacking, f"{report.state}, {[*report.live]} serve: {report.sentence}"]


def _finished(stage: Stage) -> list[str]:
    stage.patiently("finish")
    return []


@functools.cache
def length(verb: str, balancers: str) -> int:
    """Return how many points an undisturbed ``verb`` has."""
    stage = ready(verb, balancers)
    go(stage, verb)
    return stage.points
