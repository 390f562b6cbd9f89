"""The engine: observe, ask, guard, act once, tell; again.

First run, resume, cron and rehearsal are this same loop. It imports no step; it is handed a
:class:`~bluegreen.flow.ports.Plan`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Generic, TypedDict, TypeVar, Unpack

import attrs
from attrs import define, field, frozen

from bluegreen.calls import LONGEST_CALL
from bluegreen.clock import Clock
from bluegreen.errors import BluegreenError, Refused, Unreachable
from bluegreen.flow.answers import (
    A,
    Answer,
    Blocked,
    Done,
    Due,
    Failed,
    Paused,
    Q,
    R,
    Reached,
    Recorded,
    Unsure,
    Waiting,
)
from bluegreen.flow.asking import answered
from bluegreen.flow.causes import Ailment
from bluegreen.flow.causes import Told as ToldCauses
from bluegreen.flow.events import Event, EventKind
from bluegreen.flow.guards import AGREEING, FRESH, STALE
from bluegreen.flow.ports import NEXT_LOOK, ActionRefused, Book, F, L, Listener, Plan, Withheld, World
from bluegreen.flow.release import ROLLBACK
from bluegreen.flow.requests import BACK, PAUSE, Desk, Nobody, Request, may_go_back, may_pause
from bluegreen.flow.snapshot import Snapshot, Stage
from bluegreen.flow.stages import Furthest, Section, stage_of
from bluegreen.flow.telling import tell
from bluegreen.flow.view import Seen
from bluegreen.sentences import flow as sentences
from bluegreen.sentences.forms import because

Told = TypeVar("Told")

REMEMBERED = 8
PUT_RIGHT = "put right what is reported above"
REFUSALS = 5
BURST = 8
"""Actions that may follow one another at once; beyond them each takes the time of a pause between two looks."""
BLIND = 30.0
"""Seconds without a look after which patience begins anew."""

HEARTBEAT = 1.0
"""Seconds of a pause after which the lease is seen to, and whether somebody asked to stop."""


@frozen
class Stopped:
    """A signal asked the engine to stop; it did so between two calls."""

    reason: str
    signal: int


@frozen
class Halted:
    """Somebody asked the run, from elsewhere, to leave the release where it stands; it did so between two calls."""

    reason: str
    request: Request


@frozen
class Outcome(Generic[R, F]):
    """How a run ended: the release as recorded last, the last answer, and what the last look saw."""

    release: R
    answer: Done | Paused | Blocked | Stopped | Halted
    fleet: F | None = None


class Beside(TypedDict, total=False):
    """What an event may have beside what every one of a run has."""

    action: str
    milestone: str
    agreed: tuple[int, int] | None
    gist: str
    cause: Ailment


def _dice() -> random.Random:
    """Whoever seeds ``random`` meets the same pauses again."""
    return random.Random(random.getrandbits(64))


def _helping(refused: BluegreenError) -> str:
    """Return the hint of a refusal, but where it is only that the next look tells."""
    return "" if refused.hint == NEXT_LOOK else refused.hint


def _again(service: str, way: str = "") -> str:
    """Return what a person does before a release is carried on."""
    return f"{way or PUT_RIGHT}, then `bluegreen resume {service}`"


class _NotBelieved(Exception):
    """A look was refused, which is believed only of several in a row: a single answer may lack what is there."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


@define
class Engine(Generic[R, F, L, A, Q]):
    """Carries out one release, one action at a time, until the plan has an end for it.

    ``interval`` is the pause between two looks in seconds, ``unreachable_after`` how long AWS may be silent before
    the run gives up, ``stop`` returns a signal number when somebody asked to stop; ``desk`` is where requests from
    elsewhere lie.
    """

    world: World[R, F, A, Q]
    book: Book[R]
    plan: Plan[R, F, L, A, Q]
    clock: Clock
    interval: float = 1.0
    unreachable_after: float = 300.0
    listeners: tuple[Listener, ...] = ()
    stop: Callable[[], int | None] = lambda: None
    desk: Desk[R] = field(factory=Nobody)
    dice: random.Random = field(factory=_dice)
    _past: tuple[Seen[L], ...] = ()
    _sent: tuple[tuple[A, float], ...] = ()
    _paced_until: float = float("-inf")
    _missing_groups: int = 0
    _refused: tuple[A | None, int, float] = (None, 0, 0.0)
    _said: str = ""
    _helps: str = ""
    _withheld: bool = False
    _silent_since: float | None = None
    _seen_at: float | None = None
    _rested: float = 0.0
    _before: L | None = None
    _causes: ToldCauses = field(factory=ToldCauses)
    _kept: R = field(init=False)
    _told_late: A | None = None
    _unkept: tuple[ActionRefused, float, float] | None = None
    _furthest: Furthest = field(factory=Furthest)
    _stage: Stage | None = None

    def run(self, release: R) -> Outcome[R, F]:
        """Carry ``release`` on to an end; raise ``Unreachable``, ``Denied`` or ``Held`` when it cannot go on."""
        self._kept = release
        while True:
            if signal := self.stop():
                return self._stopped(self._kept, signal)
            if (request := self._asked(PAUSE, may_pause)) is not None:
                return self._halted(request)
            try:
                went = self._once(self._kept)
            except Unreachable as error:
                self._silence(self._kept, error)
                continue
            except _NotBelieved as error:
                self._disbelieve(self._kept, error.refused)
                continue
            except ActionRefused as error:
                self._unwritten(self._kept, error)
                continue
            self._silent_since = None
            if isinstance(went, Outcome):
                return went
            self._kept = went

    def _keep(self, release: R) -> None:
        """Save ``release``; whatever comes after that, the next look is for this one."""
        self.book.save(release)
        self._kept = release

    def _unwritten(self, release: R, refused: ActionRefused) -> None:
        """What has to be written beside the record was refused: looks go on, it is tried again.

        What was only learned meanwhile, and kept, says nothing of that; nor does a refusal that is long past.
        """
        now = self.clock.monotonic()
        _, since, last = self._unkept or (refused, now, now)
        self._unkept = refused, (now if now - last > BLIND else since), now
        self._silent_since = None
        self._tell(release, EventKind.REFUSED, refused.message)
        self._pause(max(1.0, self.interval))

    def _unless_unwritten(self, answer: Answer[A, R, Q], look: L) -> Answer[A, R, Q]:
        """Where no door can be passed for as long as nothing may progress, the release fails."""
        if self._unkept is None or not isinstance(answer, Reached | Recorded):
            return answer
        refused, since, last = self._unkept
        now = self.clock.monotonic()
        if now - last > BLIND or now - since <= look.release.terms.progress_deadline:
            return answer
        return Failed(refused.message, at_once=True, hint=_again(look.release.service, _helping(refused)))

    def _once(self, release: R) -> R | Outcome[R, F]:
        """Look, ask, guard, and do one thing; return the release as it is then, or how the run ended."""
        look = self._look(release)
        if (learned := self._learned(look)) is not look.release:
            look = attrs.evolve(look, release=learned)
        look, alone = answered(look, self.plan.missing, self._more, self.clock.now)
        self._missing_groups = 0
        self._stage = self._furthest.of(Section.where(look.release), self._came_to(alone))
        self._tell_causes(look)
        answer = self._unless_unwritten(self._guarded(look, alone), look)
        if (request := self._asked(BACK, may_go_back)) is not None:
            answer = self._turned(look, Failed(sentences.asked_for(request.by, request.why)), request)
        elif isinstance(answer, Failed):
            answer = self._turned(look, answer)
        if isinstance(answer, Done | Paused | Blocked):
            return self._end(look, answer)
        return self._carry_out(look, answer)

    def _came_to(self, alone: Answer[A, R, Q]) -> Stage | None:
        """Return the stage of what the plan alone has answered: behind its last step, the last one."""
        names = self.plan.stages(self._kept)
        return stage_of(names, names[-1] if names and isinstance(alone, Done) else alone.stage)

    def _asked(self, what: str, possible: Callable[[R], bool]) -> Request | None:
        """Return what somebody asks from elsewhere, where the release can still do it; what comes too late is told."""
        request = self.desk.asked(self._kept)
        if request is None or request.what != what:
            return None
        self.desk.take(request)
        if possible(self._kept):
            return request
        self._tell(self._kept, EventKind.RECORDED, sentences.too_late(request.what, request.by))
        return None

    def _halted(self, request: Request) -> Outcome[R, F]:
        reason = sentences.paused_by(request.by, request.why)
        self._tell(self._kept, EventKind.STOPPED, reason)
        return Outcome(self._kept, Halted(reason, request))

    def _tell_causes(self, look: L) -> None:
        """Tell what is seen to keep something from being healthy, before anything is concluded from it."""
        for one in self._causes.news(self.plan.ailing(look), self.plan.there(look)):
            since = attrs.evolve(one, since=self.clock.now())
            self._tell(self._kept, EventKind.CAUSE, one.cause.sentence, cause=since)

    def _look(self, release: R) -> L:
        self._hold_the_lease()
        taken = self.clock.now()
        fleet = self._believed(lambda: self.world.observe(release))
        now = self._seen_again()
        look = self.plan.look(
            fleet=fleet,
            release=release,
            taken=taken,
            now=now,
            past=self._past,
            rested=self._rested,
        )
        self._before = look = self.plan.remember(self._before, look)
        return look

    def _more(self, look: L, question: Q) -> F:
        return self._believed(lambda: self.world.more(self.plan.seen(look), question))

    @staticmethod
    def _believed(ask: Callable[[], Told]) -> Told:
        try:
            return ask()
        except Refused as error:
            raise _NotBelieved(error) from error

    def _disbelieve(self, release: R, refused: Refused) -> None:
        self._silent_since = None
        self._missing_groups += 1
        if self._missing_groups >= AGREEING:
            raise refused
        self._tell(release, EventKind.WAITING, refused.message, agreed=(self._missing_groups, AGREEING))
        self._pause(self.interval)

    def _hold_the_lease(self) -> None:
        """Renew the lease when that is due; a record that cannot be reached is like a silent AWS."""
        if self.book.renew() <= LONGEST_CALL:
            raise Unreachable(sentences.lease_not_renewed(), "look at the network")

    def _seen_again(self) -> float:
        """Return the time; what nobody saw for long (no answer, a laptop asleep) says nothing about progress."""
        now, before = self.clock.now(), self._seen_at
        if before is not None and now - before > BLIND + self.interval:
            self._rested = now
        self._seen_at = now
        return now

    def _silence(self, release: R, error: Unreachable) -> None:
        now = self.clock.monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        if now - self._silent_since > self.unreachable_after:
            raise error
        left = self.unreachable_after - (now - self._silent_since)
        self._tell(release, EventKind.UNREACHABLE, sentences.lost(error.message, left), gist=error.message)
        self._pause(max(1.0, self.interval))

    def _learned(self, look: L) -> R:
        release = self._kept if self.plan.learn is None else self.plan.learn(look)
        if release is not self._kept and release != self._kept:
            self._keep(release)
        return release

    def _guarded(self, look: L, alone: Answer[A, R, Q]) -> Answer[A, R, Q]:
        answer = alone
        for guard in self.plan.guards:
            answer = guard(answer, look)
        self._past = (Seen(attrs.evolve(look, past=()), alone), *self._past[: REMEMBERED - 1])
        return self._tired(answer, look.release.service)

    def _tired(self, answer: Answer[A, R, Q], service: str) -> Answer[A, R, Q]:
        action, times, since = self._refused
        if not isinstance(answer, Due) or answer.action != action or times < REFUSALS:
            return answer
        if not action.relative or self._withheld or self.clock.monotonic() - since > STALE:
            hint = "; or ".join(filter(None, (_again(service, self._helps), answer.hint)))
            gave_up = sentences.not_done if self._withheld else sentences.refused_for_good
            return Failed(gave_up(answer.act, self._said), at_once=True, hint=hint)
        return answer

    def _turned(self, look: L, failed: Failed, request: Request | None = None) -> Answer[A, R, Q]:
        release = self.plan.turn(look, failed)
        if release is not None and request is not None:
            release = attrs.evolve(release, asked_by=request.by)
        if release is None:
            return Blocked(failed.reason, failed.hint or _again(look.release.service))
        turned = sentences.back_to(release.previous_image or "", failed.reason)
        self._tell(self._kept, EventKind.TURNED, turned, look)
        self._causes.turned()
        self._past = ()
        return Recorded(release, turned)

    def _end(self, look: L, answer: Done | Paused | Blocked) -> Outcome[R, F]:
        kind = {Done: EventKind.DONE, Paused: EventKind.PAUSED, Blocked: EventKind.BLOCKED}[type(answer)]
        self._tell(self._kept, kind, answer.reason, look)
        return Outcome(self._kept, answer, self.plan.seen(look))

    def _carry_out(self, look: L, answer: Answer[A, R, Q]) -> R:
        match answer:
            case Due():
                return self._act(look, answer)
            case Recorded(release, reason):
                self._tell(release, EventKind.RECORDED, reason, look)
                self._keep(release)
                self._unkept = None
                return release
            case Reached(milestone, reason):
                return self._reach(look, milestone, reason)
            case Waiting(reason, until, agreed=agreed, gist=gist):
                self._rested = self._rested if until is None else look.now
                self._tell(self._kept, EventKind.WAITING, reason, look, agreed=agreed, gist=gist)
                self._pause(self.interval if until is None else min(self.interval, max(0.0, until - look.now)))
            case Unsure(reason, hint):
                raise Unreachable(reason, hint)
        return self._kept

    def _reach(self, look: L, milestone: str, reason: str) -> R:
        release = self._kept.reach(milestone, look.now)
        self._tell(release, EventKind.REACHED, reason, look, milestone=milestone)
        self._keep(release)
        self._unkept = None
        self._past = ()
        return release

    def _act(self, look: L, due: Due[A, R]) -> R:
        action, release = due.action, due.record
        if (until := self._paced(action)) > self.clock.monotonic():
            self._pause(until - self.clock.monotonic())
            if self.stop() or self.clock.now() - look.taken > FRESH:
                return self._kept  # what was seen before the pause is too old to act on
        begun = self.clock.now()
        if action != self._told_late:
            self._tell(release, EventKind.ACTING, due.reason, look, action=due.act)
        if release != self._kept:
            self._keep(release)
        renewed = self.book.renew() > LONGEST_CALL
        if self._is_late(look, action, begun):
            return release
        if renewed:
            self._send(release, due)
        return release

    def _is_late(self, look: L, action: A, begun: float) -> bool:
        """Whether a record or a listener took its time since an action was ``begun``: then it is looked again.

        What was told already is not told again. A rollback is held up so once for each action: a record that is slow
        for good must not keep old from coming back.
        """
        now, again = self.clock.now(), action == self._told_late
        late = now - begun > FRESH and not (again and look.release.goal == ROLLBACK)
        self._told_late = action if late else None
        if late:
            self._tell(self._kept, EventKind.WAITING, sentences.look_is_old(now - look.taken), look)
        return late

    def _paced(self, action: A) -> float:
        """Return when an action may be sent: after a pause since it was last, and after one for each of a long row.

        So whatever undoes itself in turn takes its time, and meets the progress deadline instead of AWS's throttle.
        """
        again = next((at + self.interval for sent, at in self._sent if sent == action), float("-inf"))
        return max(again, self._paced_until - (BURST - 1) * self.interval)

    def _send(self, release: R, due: Due[A, R]) -> None:
        action = due.action
        others = [(sent, at) for sent, at in self._sent if sent != action]
        now = self.clock.monotonic()
        self._sent = ((action, now), *others[: REMEMBERED - 1])
        self._paced_until = max(self._paced_until, now) + self.interval
        try:
            self.world.act(action)
        except (ActionRefused, Unreachable) as error:
            self._refusal(release, due, error)

    def _refusal(self, release: R, due: Due[A, R], error: ActionRefused | Unreachable) -> None:
        action = due.action
        known = isinstance(error, ActionRefused)
        before, times, since = self._refused
        again = before == action and times > 0
        self._refused = (action, times + known, since) if again else (action, int(known), self.clock.monotonic())
        self._withheld = isinstance(error, Withheld)
        self._said, self._helps = error.message, _helping(error)
        self._tell(release, EventKind.REFUSED, self._not_taken(due, error), action=due.act)
        self._pause(self.interval)

    def _not_taken(self, due: Due[A, R], error: ActionRefused | Unreachable) -> str:
        if isinstance(error, Unreachable):
            return because(due.act, error.message)
        if self._withheld:
            return sentences.not_sent(due.act, error.message)
        return sentences.refused(due.act, error.code or error.message, self._refused[1], REFUSALS)

    def _stopped(self, release: R, signal: int) -> Outcome[R, F]:
        back = release.goal != ROLLBACK and release.previous_image is not None and not release.instead_of
        self._tell(release, EventKind.STOPPED, sentences.stopped(signal, release.service, back))
        return Outcome(release, Stopped("stopped at a safe point", signal))

    def _pause(self, seconds: float) -> None:
        """Sleep, the lease kept alive; come back early when somebody asks to stop."""
        left = seconds * self.dice.uniform(0.9, 1.1) if seconds > 0 else 0.0
        while left > 0 and not self.stop():
            self.clock.sleep(min(left, HEARTBEAT))
            left -= HEARTBEAT
            self.book.renew()

    def _tell(self, release: R, kind: EventKind, reason: str, look: L | None = None, **beside: Unpack[Beside]) -> None:
        event = Event(
            at=self.clock.now(),
            kind=kind,
            reason=reason,
            service=release.service,
            release=release.id,
            goal=release.goal,
            stage=self._stage,
            fleet=None if look is None else partial(self._summary, look, self._stage),
            **beside,
        )
        tell(self.listeners, event)

    def _summary(self, look: L, stage: Stage | None) -> Snapshot | None:
        told = self.plan.summary(look)
        if told is None or told.release is None:
            return told
        return attrs.evolve(told, release=attrs.evolve(told.release, stage=stage))
