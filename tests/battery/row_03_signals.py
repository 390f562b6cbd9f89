"""real SIGKILL, SIGTERM, SIGINT once and twice, SIGHUP, stdout closed, disk full

Real processes against the sandbox, under load. A key is verb, what strikes it, when, and the way on: ``t37`` is at
37 % of the verb's usual length, ``a4`` when the fourth write is announced, ``moved`` when that milestone is told.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field

from bluegreen.record.document import Document
from bluegreen.sandbox.traffic import Traffic
from bluegreen.targets.pair.model.release import ROLLBACK
from tests.battery.ground import KEEPER, Ground
from tests.battery.processes import DEVFULL, PIPE, SHUT, TERMINAL, Run, left_running
from tests.battery.rows import Scale
from tests.battery.telling import Watching

MUST = "100 %; TERM and INT stop within one call + 2 s"
WAITS = True
LEAST = 10
"""Requests that a case must have seen; one in which nothing was begun is short."""

WORST = 12.0
"""Seconds: the longest call there is, and a little."""

TOOK: list[tuple[str, float]] = []
"""How long each struck process went on, with what struck it: for whoever wants to know."""

POINTS = {
    "deploy": "kill 20 term 4 int 3 twice 3 hup 2 hangup 1 typed 1 gone 2 shut 1 devfull 1 full 4 stopped 1",
    "rollback": "kill 3 term 1 int 1 twice 1 hup 1 gone 1 full 1",
    "finish": "kill 3 term 1 int 1 twice 1 hup 1 full 1",
}
"""What strikes each verb, and how often."""

EVENTS = {
    "deploy": ("a1", "a2", "a3", "a4", "a5", "moving", "a6", "a7", "a8", "a9", "moved", "a10", "deployed"),
    "rollback": ("a1", "a2", "a3", "a4", "a5", "a6", "back", "a7", "a8", "a9", "a10", "a11"),
    "finish": ("a1", "retiring", "a2", "a3", "a4", "a5", "a6", "a7"),
}
SHAPES = {"shut": SHUT, "devfull": DEVFULL, "hangup": TERMINAL, "typed": TERMINAL}
STOPPING = {"term": 143, "hup": 143, "hangup": 143, "int": 130, "twice": 130, "typed": 130}
ENDS = {**STOPPING, "kill": 137, "full": 69}
"""The exit statuses, as a shell shows them."""

BY_HAND = ("typed",)
WAYS = ("cron", "resume", "cron", "rollback", "cron", "again")


def cases(scale: Scale) -> list[str]:
    """Return all points, or three of them."""
    return scale.some(list(points()), 3)


def points() -> Iterator[str]:
    """Yield a key for each point; the moments of one kind are spread over the verb."""
    dice = random.Random("signals")
    for verb, words in POINTS.items():
        kinds = words.split()
        for kind, count in zip(kinds[::2], map(int, kinds[1::2]), strict=True):
            for number in range(count):
                where = (number + dice.random()) / count
                yield f"{verb}-{kind}-{_moment(dice, verb, kind, where)}-{_way(kind, number)}"


def _moment(dice: random.Random, verb: str, kind: str, where: float) -> str:
    if kind in ("shut", "devfull"):
        return "start"
    if kind in SHAPES or dice.random() < 0.5:
        return f"t{5 + int(90 * where)}"
    return EVENTS[verb][int(where * len(EVENTS[verb]))]


def _way(kind: str, number: int) -> str:
    return ("resume", "rollback")[number % 2] if kind in BY_HAND else WAYS[number % len(WAYS)]


def run(key: str, watch: Watching = None) -> list[str]:
    """Strike the verb at its moment, go on, and judge."""
    verb, kind, moment, then = key.split("-")
    with KEEPER.lent() as ground:
        case = Case(ground, verb, kind, moment, then, random.Random(f"signals {key}"), watch)
        case.play()
        if case.wrong:
            KEEPER.close()
    return case.wrong


@define(eq=False)
class Case:
    """One point: what is done, and what was ``wrong``; ``epoch`` is that of the record when the verb began."""

    ground: Ground
    verb: str
    kind: str
    moment: str
    then: str
    dice: random.Random
    watch: Watching = None
    wrong: list[str] = field(factory=list)
    image: str = ""
    epoch: int = 0
    runs: list[Run] = field(factory=list)
    _began: float = field(factory=time.monotonic)

    def play(self) -> None:
        """Do it all, under load."""
        self.ground.strange.clear()
        self.ground.writes.clear()
        self.ground.leased = self.kind != "twice"
        self.prepare()
        load = self.ground.box.load(rate=40, long=0.2)
        struck = self.strike_in_time()
        after = self.ground.document
        self.judge_end(struck, after)
        self.stays_with_cron(after)
        self.go_on(self.way(after))
        self.tidy()
        self.judge(self.expected(after), load)

    # ---- until it is struck ----

    def prepare(self) -> None:
        """Bring the pair to where the verb is the next thing to do."""
        if self.verb != "deploy":
            self.ground.learn(self.undisturbed("deploy", "web", self.ground.next_image()))
        self.image = self.ground.next_image()

    def argv(self) -> tuple[str, ...]:
        """Return the verb with its words."""
        words = {"deploy": (self.image,), "finish": ("--yes",)}.get(self.verb, ())
        return (self.verb, "web", *words)

    def strike_in_time(self) -> Run:
        """Run the verb and strike it; one that ended before is done again, and struck earlier."""
        for attempt in range(4):
            run = self.begin()
            if self.kind in ("shut", "devfull"):
                run.end()
                return run
            if run.until(self.has_come(run, 0.6**attempt)):
                run.strike(self.kind, self.gap())
                self.note("struck", self.kind, *[event.get("action") for event in run.events[-1:]])
                run.end()
                self.ended(run)
                return run
            run.end()
            self.ended(run)
            self.tidy()
            self.prepare()
        raise AssertionError(f"{self.verb} was over before it could be struck, four times")

    def begin(self) -> Run:
        """Start the verb as the kind of strike needs it."""
        shape = SHAPES.get(self.kind, PIPE)
        output = () if shape == TERMINAL else ("--output", "json")
        environment = {"PYTHONDONTWRITEBYTECODE": "1"} if self.kind == "full" else {}
        self.epoch = self.ground.document.epoch
        run = self.ground.run(*self.argv(), *output, shape=shape, **environment)
        self.runs.append(run)
        return run

    def has_come(self, run: Run, earlier: float) -> Callable[[], bool]:
        """Return what says whether the moment has come; ``earlier`` is the share of its time that it still has."""
        if self.moment[0] == "t" and self.moment[1:].isdigit():
            due = run.begun + int(self.moment[1:]) / 100 * self.ground.usual[self.verb] * earlier
            return lambda: time.monotonic() >= due
        if self.moment[0] == "a" and self.moment[1:].isdigit():
            return lambda: run.announced() >= int(self.moment[1:])
        return lambda: run.passed(self.moment)

    def gap(self) -> float:
        """Return the seconds between two strikes, or how many thousand bytes there still is room for in a file."""
        gaps = {"twice": (0.002, 0.2), "stopped": (1.0, 1.0), "full": (0.0, 4.0)}
        return self.dice.uniform(*gaps.get(self.kind, (0.0, 0.0)))

    # ---- how it ended ----

    def judge_end(self, run: Run, after: Document) -> None:
        """Judge the exit status, and how long it took."""
        status, wanted = run.status, ENDS.get(self.kind, 0)
        allowed = {wanted} | ({0} if self.complete(after) else set())
        if after.epoch == self.epoch and wanted == STOPPING["hup"]:
            allowed.add(129)  # nobody listened yet, and nothing was begun
        if status not in allowed:
            self.wrong.append(f"{self.kind} ended it with {status}, not {wanted}: {run.said[-600:]}")
        late = sum(at > run.struck for at in self.ground.writes)
        if self.kind in (*STOPPING, "kill") and late > whole(run):
            self.wrong.append(f"sent {late} writes after {self.kind}")
        if self.kind in STOPPING and run.took > WORST:
            self.wrong.append(f"went on for {run.took:.1f} s after {self.kind}")
        if status == 69 and "cannot write the records" not in run.said:
            self.wrong.append(f"says not what is full: {run.said[-600:]}")
        TOOK.append((self.kind, run.took))

    def complete(self, document: Document) -> bool:
        """Whether the record says that the verb came to its end."""
        if document.release is not None:
            return self.verb == "deploy" and document.release.image == self.image and document.release.rests
        return self.verb != "deploy" and bool(document.history)

    # ---- the way on ----

    def stays_with_cron(self, after: Document) -> None:
        """What a person stopped, cron leaves alone, and says nothing."""
        if self.kind not in BY_HAND or after.release is None or after.release.rests:
            return
        run = self.undisturbed("cleanup", "--all")
        if run.said:
            self.wrong.append(f"cron is not silent: {run.said}")
        if self.ground.document.release != after.release:
            self.wrong.append(f"cron went over a person's head: held is {after.release.hold}")

    def way(self, after: Document) -> str:
        """Return the way on; where there is nothing to take back, or to say again, it is ``resume``."""
        if after.release is None and (self.then == "rollback" or (self.verb != "deploy" and self.then == "again")):
            return "resume"
        return self.then

    def go_on(self, way: str) -> None:
        """Do what a person, or cron, does next."""
        argv = {"cron": ("cleanup", "--all"), "again": self.argv()}.get(way, (way, "web"))
        if way == "resume":
            self.resume()
        else:
            self.undisturbed(*argv)
        left = self.ground.document.release
        if way == "cron" and left is not None and not left.begun:
            self.resume()  # no tag tells of it yet: a person has to say so

    def resume(self) -> None:
        """Carry on; what had changed nothing yet is over with that, and is begun anew, as the hint says."""
        run = self.ground.done("resume", "web")
        self.runs.append(run)
        self.ended(run)
        if run.status == 3 and "had changed nothing yet" in run.said:
            self.undisturbed(*self.argv())
        elif run.status != 0:
            self.wrong.append(f"resume ended with {run.status}: {run.said[-600:]}")

    def tidy(self) -> None:
        """Finish what rests."""
        release = self.ground.document.release
        if release is not None and release.rests:
            self.ground.learn(self.undisturbed("finish", "web", "--yes"))

    def undisturbed(self, *argv: str) -> Run:
        """Run to the end; anything but 0 is wrong."""
        run = self.ground.done(*argv)
        self.runs.append(run)
        self.ended(run)
        if run.status != 0:
            self.wrong.append(f"{' '.join(argv)} ended with {run.status}: {run.said[-600:]}")
        return run

    # ---- what must be ----

    def expected(self, after: Document) -> str:
        """Return which image must serve at the end, as the record stood when the verb was struck."""
        release, way = after.release, self.way(after)
        if release is None:
            return self.image if way == "again" else recorded(after)
        back = way == "rollback" or (way == "again" and self.verb == "rollback") or release.goal == ROLLBACK
        return str(release.picture.old.image if back else release.image)

    def judge(self, image: str, load: Traffic) -> None:
        """Judge what is left, and the load."""
        load.processes.kill(load.name, signal.SIGTERM)
        self.wrong += self.ground.settled(image)
        self.wrong += self.ground.strange
        self.wrong += [f"{run.argv} left a process behind" for run in self.runs if left_running(run)]
        count = load.stop()
        if count.failed or count.ok != count.sent or count.sent < LEAST:
            lost = [failure for row in load.seconds() for failure in row["failures"]]
            self.wrong.append(f"{count.failed} of {count.sent} requests failed: {lost}")
        self.wrong += filter(None, (self.ground.box.broken(), *self.ground.box.faults))
        self.note("load", f"{count.ok} of {count.sent} answered", dict(count.versions))

    def ended(self, run: Run) -> None:
        """Tell how a process ended."""
        self.note("ended", " ".join(run.argv), run.status, f"{run.took:.2f} s", run.result.get("sentence", ""))

    def note(self, kind: str, *what: Any) -> None:
        """Tell whoever watches."""
        if self.watch is not None:
            self.watch((time.monotonic() - self._began, kind, *what))


def whole(run: Run) -> int:
    """Return how many writes the action sends that was announced last: it is never left half done.

    What is written down for it may be sealed first, in a tag.
    """
    actions = [str(event["action"]) for event in run.events if event.get("action")]
    return 2 + sum(action.count("; ") for action in actions[-1:])


def recorded(document: Document) -> str:
    """Return the image that serves when nothing is open, as the history says."""
    if not document.history:
        return "v1"
    past = document.history[-1]
    return str(past.image if past.outcome == "finished" else past.previous_image)
