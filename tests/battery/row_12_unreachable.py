"""AWS unreachable for 1 to 30 minutes at each step

A step is a write of a verb, of AWS's state or of the record: right after it nothing answers, at once or after ten
seconds for each call. One action may be on its way by then; nothing else may be asked for, nor decided on record,
until AWS answers again. Then the run carries on by itself, or ``resume`` or cron does after it gave up with 69.
"""

from __future__ import annotations

import functools
from typing import Any

from attrs import define

from bluegreen.record.document import Document
from bluegreen.targets.pair.model.release import ROLLBACK, Release
from tests.battery.row_01_crash import VERBS
from tests.battery.rows import Scale
from tests.battery.stage import OK, Stage, Told, opened, told_once
from tests.battery.telling import Watching
from tests.battery.troubles import gone, puts_seals

MUST = "no decision on missing data; carries on"
SHAPES = {"2tg": (2, "tg"), "3both": (3, "both")}
MINUTES = (1, 3, 10, 30)
PATIENT = 3
"""Minutes of silence that a run waits out; after five it ends with 69."""

SPEEDS = {"fast": 0.0, "slow": 10.0}
GOALS = {"deploy": "v2", "rollback": "v1", "finish": "v2", "cleanup": "v2"}


@define
class Outage:
    """Lets AWS be away for ``seconds`` from the write ``number`` on; each call takes ``slow`` seconds to fail."""

    number: int
    seconds: float
    slow: float
    since: float | None = None
    decided: Any = None
    blind: bool = False
    run: int = 0
    writes: int = 0

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Let AWS go away, or stay away."""
        if self.since is None:
            changes = isinstance(what, Document) or not what.reads
            if side == "after" and changes and stage.writes == self.number:
                self.since, self.run = stage.now, stage.runs
                stage.note("outage", f"{self.seconds:.0f} s")
        elif self.lasts(stage) and isinstance(what, Document):
            self._record(stage, what)
        elif self.lasts(stage) and side == "before":
            self._call(stage, what)

    def lasts(self, stage: Stage) -> bool:
        """Whether AWS is away."""
        return self.since is not None and stage.now - self.since < self.seconds

    def _record(self, stage: Stage, document: Document) -> None:
        """What is asked for, or was seen before, may still be recorded; nothing after the first look that failed."""
        if self.blind and stage.runs == self.run and decisions(document.release) not in self._known(document.release):
            stage.judge.watch.note("something was decided while AWS was away")

    def _known(self, release: Release | None) -> tuple[Any, ...]:
        """Return what may be decided: what was before, and that a person (who gives no reason) wants to go back."""
        if release is None or self.decided is None or release.goal != ROLLBACK or release.reason:
            return (self.decided,)
        return (self.decided, (ROLLBACK, *self.decided[1:]))

    def _call(self, stage: Stage, call: Any) -> None:
        self.writes += not call.reads and not puts_seals(call)
        if call.reads and not self.blind:
            self.blind, self.decided = True, decisions(stage.release)
        if self.writes > 1 or (stage.runs != self.run and not (call.reads or puts_seals(call))):
            stage.judge.watch.note(f"{call.operation} was asked for while AWS was away")
        stage.pair.clock.sleep(self.slow)
        raise gone(call)


def decisions(release: Release | None) -> Any:
    """Return what a release says but for figures of progress."""
    if release is None:
        return None
    told = release.leaving, release.returning, release.retire, release.written, release.edits
    return release.goal, release.milestones, release.bounds, release.idle, told


def cases(scale: Scale) -> list[str]:
    """Return every length of an outage after every write of every verb."""
    keys = [
        f"{verb}-{shape}-{number}-{minutes}-{speed}-{then}"
        for verb in VERBS
        for shape in SHAPES
        for number in range(1, writes(verb, shape) + 1)
        for minutes in MINUTES
        for speed in SPEEDS
        for then in ("resume", "cron")
    ]
    return scale.some(keys, 80)


def run(key: str, watch: Watching = None) -> list[str]:
    """Let AWS be away in the middle of a verb, then carry on."""
    verb, shape, number, minutes, speed, then = key.split("-")
    stage = ready(verb, shape, watch)
    outage = Outage(int(number), 60.0 * int(minutes), SPEEDS[speed])
    stage.strikes.append(outage)
    told = go(stage, verb)
    wrong = unexpected(told, int(number), int(minutes))
    while outage.lasts(stage):
        if then == "cron" and told.status != OK:
            stage.run("cleanup")
        stage.pair.run_for(60)
    carry_on(stage, verb, then, told, first=number == "1")
    images = [GOALS[verb]] if then == "resume" else ["v1", "v2"]
    return wrong + stage.verdict(*images)


def unexpected(told: Told, number: int, minutes: int) -> list[str]:
    """Return what is wrong with how the cut-off run ended: a short silence is waited out, but for the first call."""
    allowed = {OK, 69} if number == 1 or minutes > PATIENT else {OK}
    return [] if told.status in allowed else [f"{told.verb} ended with {told.status}: {told.sentence}"]


def carry_on(stage: Stage, verb: str, then: str, told: Told, *, first: bool) -> None:
    """Do what a person, or cron, does when AWS is back."""
    if then == "cron":
        stage.cron()
    elif told.status != OK and (first or "had changed nothing yet" in stage.patiently("resume").sentence):
        go(stage, verb)
    if stage.release is not None:
        stage.patiently("finish")


def go(stage: Stage, verb: str) -> Told:
    """Run ``verb``."""
    return stage.patiently(verb, *(("v2",) if verb == "deploy" else ()))


@told_once
def ready(verb: str, shape: str, watch: Watching = None) -> Stage:
    """Return a stage on which ``verb`` is the next thing to do."""
    size, balancers = SHAPES[shape]
    tool = {"look_every": 5.0, "progress_deadline": 120.0, "deadline": 900.0}
    stage = opened(watch, size=size, balancers=balancers, tool=tool)
    return stage.prepare(verb)


@functools.cache
def writes(verb: str, shape: str) -> int:
    """Return how many writes an undisturbed ``verb`` makes."""
    stage = ready(verb, shape)
    go(stage, verb)
    return stage.writes
