"""``status --watch`` and ``watch``: follow a run from any machine that reads the record. It only reads."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache, partial

from bluegreen.cli.invocation import Invocation
from bluegreen.cli.running import draws, looking
from bluegreen.cli.seeing import Seen, look_at
from bluegreen.cli.signals import Stop, status_of
from bluegreen.errors import BluegreenError, Status
from bluegreen.flow.events import EventKind
from bluegreen.flow.release import ROLLBACK
from bluegreen.flow.snapshot import Snapshot, State
from bluegreen.flow.usual import Timing, Usual, since
from bluegreen.report.glance import glance_text
from bluegreen.report.ink import Ink, ink_of
from bluegreen.report.json import status_line
from bluegreen.report.lines import Lines
from bluegreen.report.picture import began, frame
from bluegreen.report.repeats import Repeats
from bluegreen.report.status import status_text
from bluegreen.report.status_json import service_value
from bluegreen.report.tables import WIDEST
from bluegreen.report.watching import UNDER_WAY, Follower, as_event, change
from bluegreen.sentences.picture import view_ended, view_of_nothing_ended
from bluegreen.service import Service
from bluegreen.settings.service import ServiceSettings

Layer = Callable[[], Service]
"""What a service is asked through, made at the first look and kept: its clients need not be made for each."""
SLICE = 0.2
"""Seconds after which it is seen whether somebody wants to leave."""


def watch(
    invocation: Invocation, chosen: tuple[ServiceSettings, ...], state: str, every: float, *, through_gates: bool
) -> int:
    """Follow one service to the end of its run, or show several until Ctrl-C; return the exit status."""
    stop = Stop(lambda: None)
    layers = [cache(partial(looking, invocation, one, state)) for one in chosen]
    with stop, contextlib.closing(_Told(invocation)) as told:
        rounds = _follow(invocation, chosen[0], layers[0], told, through_gates) if len(chosen) == 1 else None
        while True:
            if rounds is None:
                told.several([look_at(invocation, *one) for one in zip(chosen, layers, strict=True)])
            elif (status := next(rounds)) is not None:
                return status
            if _pause(invocation, stop, every):
                break
    told.leave()
    return status_of(stop() or 2)


def _pause(invocation: Invocation, stop: Callable[[], int | None], seconds: float) -> bool:
    """Sleep; return whether somebody wants to leave."""
    while seconds > 0 and not stop():
        invocation.wiring.clock.sleep(min(seconds, SLICE))
        seconds -= SLICE
    return bool(stop())


def _follow(
    invocation: Invocation, settings: ServiceSettings, layer: Layer, told: _Told, through_gates: bool
) -> Iterator[Status | None]:
    """Look once each time; yield how it ended, ``None`` while it goes on."""
    follower, usual = Follower(through_gates), dict[tuple[str, str], Usual]()
    while True:
        found = look_at(invocation, settings, layer)
        if found.report is None:
            if follower.watched is None or found.status is not Status.UNREACHABLE:
                yield found.status
            yield None
            continue
        said = _said(layer(), found.report)
        seen = follower.see(found.report, said)
        back, blocked = _by_its_history(layer(), follower, seen)
        ended = follower.ended(seen, taken_back=back, blocked=blocked)
        if (release := seen.release) is not None and told.pictures and seen.state in UNDER_WAY:
            if (key := (release.id, release.goal)) not in usual:
                usual[key] = layer().usual(release.goal)
            told.timing = Timing(since=since(said, release.goal), usual=usual[key])
        told.one(seen, found.colours, over=ended is not None)
        yield ended


def _said(layer: Service, seen: Snapshot) -> tuple[Mapping[str, object], ...]:
    """Return what the run that is watched has kept of itself, as far as that can be read."""
    if seen.state in UNDER_WAY and seen.release is not None:
        with contextlib.suppress(BluegreenError):
            return layer.told(seen.release.id)
    return ()


def _by_its_history(layer: Service, follower: Follower, seen: Snapshot) -> tuple[bool, bool]:
    """Return whether what was watched was taken back by itself, and whether a person is needed; read at its end."""
    watched = follower.watched or seen.release
    if seen.state in UNDER_WAY or watched is None:
        return False, False
    with contextlib.suppress(BluegreenError):
        entry = next((one for one in layer.history() if one.id == watched.id), None)
        if entry is not None and seen.state is State.INTERRUPTED:
            events = layer.events(entry)
            return False, bool(events) and events[-1].get("kind") == EventKind.BLOCKED
        return entry is not None and entry.goal == ROLLBACK and bool(entry.reason), False
    return False, False


class _Told:
    """What a watcher shows: a picture in place on a terminal, lines or JSON for each change elsewhere."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._before: dict[str, Hashable] = {}
        self._seen: Snapshot | None = None
        self._lines = Lines(invocation.out, Repeats(again=0.0), ends=True)
        self._view = None
        self.timing = Timing()
        if not invocation.json and draws(invocation.out):
            from bluegreen.report.view import View

            self._view = View(invocation.out)

    @property
    def pictures(self) -> bool:
        """Whether they are shown."""
        return self._view is not None

    def one(self, seen: Snapshot, colours: Mapping[str, str], *, over: bool) -> None:
        """Show one service; at the end also how it is then."""
        first, self._seen = self._seen is None, seen
        ink = ink_of(self._invocation.out, colours)
        if self._view is not None and not (first and over):
            if seen.state in UNDER_WAY:
                self._view.show(lambda width, height: self._frame(seen, width, height, ink))
            if not over:
                return
            self.close()
        if self._view is not None or (first and over and not self._invocation.json):
            width = min(shutil.get_terminal_size().columns, WIDEST) if self._view is not None else WIDEST
            self._invocation.out.line(status_text(seen, width, ink=ink))
        elif self._is_news(seen):
            self._write([seen], lambda: status_line([service_value(seen)], at=seen.at))

    def _frame(self, seen: Snapshot, width: int, height: int, ink: Ink) -> list[str]:
        return frame(seen, began(seen), width, height, ink, timing=self.timing)

    def several(self, found: list[Seen]) -> None:
        """Show services at a glance."""
        told = [one.report for one in found if one.report is not None]
        untold = [one.plain["service"] for one in found if one.report is None]
        if self._view is not None:
            ink = ink_of(self._invocation.out)
            self._view.show(lambda width, _: glance_text(told, untold, min(width, WIDEST), ink=ink).splitlines())
            return
        if news := [one for one in told if self._is_news(one)]:
            at = self._invocation.wiring.clock.now()
            self._write(news, lambda: status_line([one.plain for one in found], at=at))

    def _is_news(self, seen: Snapshot) -> bool:
        before, now = self._before.get(seen.service), change(seen)
        self._before[seen.service] = now
        return before != now

    def _write(self, news: list[Snapshot], line: Callable[[], str]) -> None:
        if self._invocation.json:
            self._invocation.out.line(line())
            return
        for one in news:
            self._lines(as_event(one))

    def leave(self) -> None:
        """Say that only the view has ended."""
        self.close()
        seen = self._seen
        if seen is None or seen.release is None or seen.state not in UNDER_WAY:
            self._invocation.tell(view_of_nothing_ended(seen.service if seen else "all services"))
        else:
            self._invocation.tell(view_ended(seen.service, seen.release.goal, seen.release.to))

    def close(self) -> None:
        """Give the terminal back."""
        if self._view is not None:
            self._view.close()
