"""What a document on record may say, beside its release: the history, the lease, the lock, the place. Pure."""

from __future__ import annotations

import re

from bluegreen.flow.kinds import Kinds
from bluegreen.flow.release import GOALS, Past, Release
from bluegreen.flow.requests import ASKED, Request
from bluegreen.flow.sound import is_release_id, tag_value
from bluegreen.ranges import LATEST, Faults, among, few, moment, printable, sentence
from bluegreen.record.document import KEPT, Document, Freeze, Lease, R
from bluegreen.values import changed
from bluegreen.words import fit, is_plain, shown

LONGEST_LEASE = 120.0
"""Seconds that a lease on record may last: three times what a run of ours asks for. Nobody is kept out for longer."""
LARGEST_PROCESS = 2**31 - 1

_ACCOUNT = re.compile(r"(?:\d{12})?", re.A)
_REGION = re.compile(r"(?:[a-z]{2,}(?:-[a-z0-9]+)+)?", re.A)


NAME = 200
"""Characters that are kept of a name, or of what is like one."""
MOST_REQUESTS = 20
"""Requests that lie on a record: no run leaves more than a few of them for longer than a moment."""
REASON = 2000
"""Characters that are kept of what somebody gave as a reason, or AWS did."""


def fitting(document: Document[R]) -> Document[R]:
    """Return the document as it can be read again, as far as people's names and reasons go."""
    release = document.release
    if release is not None:
        hold = release.hold
        if hold is not None:
            hold = changed(hold, who=fit(hold.who, NAME), why=fit(hold.why, REASON), gate=fit(hold.gate, NAME))
        words = {
            "by": fit(release.by, NAME),
            "reason": fit(release.reason, REASON),
            "asked_by": fit(release.asked_by, NAME),
        }
        release = changed(release, hold=hold, **words)
    history = tuple(
        changed(one, by=fit(one.by, NAME), asked_by=fit(one.asked_by, NAME), reason=fit(one.reason, REASON))
        for one in document.history
    )
    freeze, lease = document.freeze, document.lease
    if freeze is not None:
        freeze = changed(freeze, who=fit(freeze.who, NAME), why=fit(freeze.why, REASON))
    if lease is not None:
        host, started = fit(lease.host, REASON), fit(lease.started, REASON)
        lease = changed(lease, who=fit(lease.who, NAME), why=fit(lease.why, REASON), host=host, started=started)
    requests = tuple(changed(one, by=fit(one.by, NAME), why=fit(one.why, REASON)) for one in document.requests)
    return changed(document, release=release, history=history, freeze=freeze, lease=lease, requests=requests)


def document_faults(document: Document[Release], kinds: Kinds) -> Faults:
    """Yield everything that keeps a document from being believed; ``kinds`` are those whose releases are looked into.

    One of another kind, which was read, and so has been looked into, stays as it is.
    """
    if not printable(document.service, 100):
        yield f"service is no name: {shown(document.service)}"
    if not _ACCOUNT.fullmatch(document.account) or not _REGION.fullmatch(document.region):
        yield f"account and region are none: {shown(document.account)}, {shown(document.region)}"
    if not 0 <= document.epoch <= LATEST:
        yield f"epoch is no count: {shown(document.epoch)}"
    if (release := document.release) is not None:
        if release.service != document.service:
            yield f"the release is of {shown(release.service)}"
        if (kind := kinds.named(release.kind)) is not None:
            yield from kind.release_faults(release)
    yield from few("history", document.history, KEPT)
    for past in document.history[:KEPT]:
        yield from _past(past, document.service)
        if (kind := kinds.named(past.kind)) is not None:
            yield from kind.past_faults(past)
    if document.lease is not None:
        yield from _lease(document.lease)
    if document.freeze is not None:
        yield from _freeze(document.freeze)
    yield from few("requests", document.requests, MOST_REQUESTS)
    for request in document.requests[:MOST_REQUESTS]:
        yield from _request(request)


def _past(past: Past, service: str) -> Faults:
    if not is_release_id(past.id, service):
        yield f"a past release has no id of {shown(service)}: {shown(past.id)}"
    yield from among("the goal of a past release", past.goal, GOALS)
    if not re.fullmatch("[a-z-]{1,40}", past.outcome, re.A):
        yield f"the outcome of a past release is {shown(past.outcome)}"
    for name, image in (("image", past.image), ("previous_image", past.previous_image), ("other", past.instead_of)):
        yield from tag_value(f"the {name} of a past release", image)
    for name in ("begun_at", "ended_at"):
        yield from moment(f"{name} of a past release", getattr(past, name))
    yield from sentence("a past release", f"{past.by} {past.asked_by} {past.reason}")
    yield from few("left", past.left, 10)
    for text in (*past.left.keys(), *past.left.values()):
        if not is_plain(text):
            yield f"left has {shown(text)}"


def _lease(lease: Lease) -> Faults:
    for name in ("holder", "who", "host", "started", "why"):
        yield from sentence(f"{name} of the lease", getattr(lease, name))
    for name in ("taken_at", "renewed_at"):
        yield from moment(f"{name} of the lease", getattr(lease, name))
    if not 0 < lease.length <= LONGEST_LEASE:
        yield f"the lease lasts for {lease.length:g} s"
    if not 0 < lease.pid <= LARGEST_PROCESS:
        yield f"the lease is of the process {shown(lease.pid)}"


def _request(request: Request) -> Faults:
    if not re.fullmatch(r"[0-9a-z-]{1,64}", request.id, re.A):
        yield f"a request has no id: {shown(request.id)}"
    yield from among("a request", request.what, ASKED)
    yield from sentence("a request", f"{request.release} {request.by} {request.why}")
    yield from moment("a request", request.at)


def _freeze(freeze: Freeze) -> Faults:
    yield from sentence("the lock", f"{freeze.who} {freeze.why}")
    yield from moment("the lock", freeze.since)
