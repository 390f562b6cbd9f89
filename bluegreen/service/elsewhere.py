"""What a person asks of the run that is at work elsewhere, and how its answer is followed on the record."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from attrs import frozen

from bluegreen.errors import Refused, Status, Unreachable
from bluegreen.flow.release import ROLLBACK, Release
from bluegreen.flow.requests import BACK, PAUSE, Request
from bluegreen.record.book import ServiceBook, in_force
from bluegreen.record.document import Document
from bluegreen.sentences import elsewhere as sentences
from bluegreen.sentences.forms import of
from bluegreen.sentences.verbs import is_over
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session

FOLLOWED = 2.0
"""Seconds between two reads of the record while an answer is waited for."""


@frozen
class Elsewhere:
    """Asks the run that holds the lease; ``read`` returns the record as it is now."""

    session: Session
    book: ServiceBook[Release]
    read: Callable[[], Document[Release]]

    def pause(self, release: Release, why: str) -> Ended | None:
        """Ask the run to leave its release where it stands, and wait until it has; ``None`` once nobody is at work."""
        request = self._ask(PAUSE, release, why)
        while (document := self._next(release)) is not None:
            now = document.release
            if now is not None and now.hold is not None:
                return Ended(Status.OK, of(self.session.name, sentences.is_paused(now.image)), "", now)
            if now is None or not now.may_pause or request not in document.requests:
                return self._overtaken(document, release)
        return None

    def back(self, release: Release, why: str) -> Ended | None:
        """Ask the run to take its release back, and follow it to its end; ``None`` once nobody is at work."""
        request = self._ask(BACK, release, why)
        while (document := self._next(release)) is not None:
            now = document.release
            if now is None:
                return self._over(document, release)
            if now.goal != ROLLBACK and request not in document.requests:
                return self._overtaken(document, release)
        return None

    def _ask(self, what: str, release: Release, why: str) -> Request:
        """Put a request onto the record, and say who has it; return the one that lies there."""
        session, now = self.session, self.session.clock.now()
        request = Request(id=secrets.token_hex(8), what=what, release=release.id, by=session.who, at=now, why=why)
        if not self.book.ask(request):
            raise Refused(
                of(session.name, is_over(release.goal, release.image)), f"see `bluegreen status {session.name}`"
            )
        lease = self.book.document.lease
        whom = "the run" if lease is None else f"{lease.who} (process {lease.pid})"
        session.wait(sentences.asks(what, whom))
        return next(one for one in self.book.document.requests if (one.what, one.release) == (what, release.id))

    def _next(self, release: Release) -> Document[Release] | None:
        """Return the record a little later; ``None`` once nobody is at work on the release any more, and it is open."""
        session = self.session
        while True:
            session.heed()
            session.clock.sleep(FOLLOWED)
            try:
                document = self.read()
            except Unreachable as error:
                session.wait(error.message)
                continue
            now = document.release
            unanswered = now is not None and now.id == release.id and now.hold is None
            if unanswered and in_force(document.lease, session.clock.now()) is None:
                return None
            return document

    def _over(self, document: Document[Release], release: Release) -> Ended:
        past = next((one for one in reversed(document.history) if one.id == release.id), None)
        if past is not None and past.goal == ROLLBACK:
            told = sentences.was_taken_back(past.image, past.previous_image)
            return Ended(Status.OK, of(self.session.name, told))
        return self._overtaken(document, release)

    def _overtaken(self, document: Document[Release], release: Release) -> Ended:
        name, now = self.session.name, document.release
        hint = f"`bluegreen rollback {name}` takes it back"
        if now is None:
            hint = f"`bluegreen status {name}` shows how it stands"
        return Ended(Status.BLOCKED, of(name, sentences.went_on(release.goal, release.image)), hint, now)
