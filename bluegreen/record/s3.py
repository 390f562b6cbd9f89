"""Records in a bucket: one JSON object per service, changed by conditional writes only; for any number of machines.

The version is the object's ETag. S3 reads what was last written, and takes a write under ``If-None-Match: *`` or
``If-Match`` only if the object is absent or still the same [S3 User Guide, "conditional writes"]. No two writes are
the same bytes, so that no ETag comes back, and a write whose answer was lost is known by its bytes.

The events of a release are objects of their own, one for each run, so that no two runs write the same one. Lines that
need not be durable wait for the next one that must be, or for the next write of the record, which a run ends with.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from itertools import chain
from urllib.parse import quote, unquote

from attrs import define, field

from bluegreen.errors import BluegreenError, Misconfigured, Unreachable
from bluegreen.flow.kinds import Kinds
from bluegreen.flow.release import Release
from bluegreen.record.bucket import PATIENCE, Bucket, Changed, Condition, Missing
from bluegreen.record.codec import from_bytes, to_bytes
from bluegreen.record.document import Document
from bluegreen.record.lines import CUT, bounded, line_bytes, lines_in
from bluegreen.record.store import NOTE, Conflict, Version

_SUFFIX = ".json"
MOST_RUNS = 2_000
"""Runs of one release whose events are read: each is an object of its own, and a call."""
_JSON = "application/json"
_LINES = "application/x-ndjson"

NEW: Condition = ("IfNoneMatch", "*")
NEVER = f'"{"0" * 32}"'
"""An ETag that no object has."""
HEADERS = {
    "IfNoneMatch": ("If-None-Match", "a second first record"),
    "IfMatch": ("If-Match", "a write over a record that was another one by then"),
}
"""What S3 calls a condition, and what it has done that passes over it."""


@define
class Run:
    """The events that this store was given of one release: the object's key, and whether it holds all the lines."""

    key: str
    lines: bytes = b""
    kept: bool = True


@define
class S3Store:
    """A store under a prefix of a bucket; nothing is asked of S3, and boto3 is not loaded, before it is used.

    Its records tell of releases of ``kinds``.
    """

    bucket: Bucket
    kinds: Kinds
    _runs: dict[str, Run] = field(factory=dict, init=False, eq=False, repr=False)
    _begun: set[str] = field(factory=set, init=False, eq=False, repr=False)
    _honoured: set[tuple[str, str]] = field(factory=set, init=False, eq=False, repr=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False, eq=False, repr=False)

    def read(self, service: str) -> tuple[Document[Release] | None, Version]:
        """Return the document and its version, which is the object's ETag."""
        key = _record(service)
        try:
            body, version = self.bucket.get(key)
        except Missing:
            return None, None
        return from_bytes(body, f"s3://{self.bucket.name}/{self.bucket.prefix}{key}", self.kinds), version

    def write(self, service: str, document: Document[Release], expected: Version) -> Version:
        """Keep ``document`` in the bucket if the version is still ``expected``, else raise ``Conflict``."""
        version = self._written(_record(service), to_bytes(document), expected)
        self._require_conditions(service, document, expected)
        self._catch_up(service)
        return version

    def _require_conditions(self, service: str, document: Document[Release], expected: Version) -> None:
        """Raise ``Misconfigured`` when a bucket writes over a record against a condition; each is asked once.

        What calls itself S3 may pass over one without a word (incus 3651), or over one of both: a lease there would
        keep nobody out. ``If-None-Match`` matters where a record is the first, ``If-Match`` with whatever record this
        store writes over, for a record may have been copied from another bucket. A first record is taken away then, so
        that the next run finds it out, too.
        """
        self._begun |= {service} if expected is None else set()
        replaced: Condition = ("IfMatch", expected or NEVER)
        for condition in (NEW, replaced) if service in self._begun else (replaced,):
            if (service, condition[0]) in self._honoured:
                continue
            with contextlib.suppress(Missing, Unreachable):  # it is asked again with the next write
                if not self._honours(condition, _record(service), document):
                    raise self._careless(condition, service, first=expected is None)
                self._honoured.add((service, condition[0]))

    def _honours(self, condition: Condition, key: str, document: Document[Release]) -> bool:
        """Whether a write is refused under a condition that does not hold."""
        try:
            self.bucket.put(key, to_bytes(document), _JSON, condition, patience=0.0)
        except Changed:
            return True
        return False

    def _careless(self, condition: Condition, service: str, *, first: bool) -> Misconfigured:
        if first:
            with contextlib.suppress(BluegreenError):
                self.bucket.remove(_record(service))
        passed, over = HEADERS[condition[0]]
        bucket = "name a general purpose bucket of AWS's own S3 in `state`"
        move = f"{bucket}, and copy the record there ({self.bucket.prefix}{_record(service)})"
        return Misconfigured(
            f"The S3 of the bucket {self.bucket.name} passes over {passed}: it took {over}.",
            f"{bucket if first else move}; nothing was begun",
        )

    def _written(self, key: str, body: bytes, expected: Version) -> Version:
        condition: Condition = NEW if expected is None else ("IfMatch", expected)
        try:
            return self.bucket.put(key, body, _JSON, condition)
        except Missing:
            raise Conflict(key) from None
        except Changed:
            return self._landed(key, body)
        except Unreachable as error:
            return self._landed(key, body, expected, error)

    def _landed(self, key: str, body: bytes, expected: Version = None, unknown: Unreachable | None = None) -> Version:
        """Return the version of ``body`` if it is what is kept now, by an attempt whose answer was lost.

        Else somebody else's write is kept, which is a ``Conflict``; but while the version is still ``expected``,
        an attempt may yet land: then it stays ``unknown``.
        """
        try:
            found, version = self.bucket.get(key, patience=0.0 if unknown else PATIENCE)
        except Missing:
            found, version = b"", None
        if found == body:
            return version
        if unknown and version == expected:
            raise unknown
        raise Conflict(key)

    def services(self) -> tuple[str, ...]:
        """Return the names of the services that have a document, sorted."""
        keys = self.bucket.names()
        return tuple(sorted(unquote(key.removesuffix(_SUFFIX)) for key in keys if key.endswith(_SUFFIX)))

    def append(self, service: str, release: str, line: str, *, durable: bool = True) -> None:
        """Add ``line`` to the events of ``release``; when ``durable``, keep all that this store was given of them."""
        folder, added = _folder(service, release), line_bytes(line)
        with self._lock:
            run = self._runs.get(folder) or self._runs.setdefault(folder, Run(folder + self._name()))
            run.lines, run.kept = run.lines + added, False
            if durable:
                self._keep(run)

    def events(self, service: str, release: str) -> tuple[str, ...]:
        """Return the lines of ``release``, run by run, in the order in which the runs began."""
        folder = _folder(service, release)
        with self._lock:
            own = {run.key: run.lines for run in self._runs_in(folder)}
        keys = sorted({*self.bucket.names(folder), *own})
        bodies = (own[key] if key in own else self._lines(key) for key in keys[:MOST_RUNS])
        left = (CUT,) if len(keys) > MOST_RUNS else ()
        return bounded(chain(chain.from_iterable(map(lines_in, bodies)), left))

    def forget(self, service: str, release: str) -> None:
        """Remove the events of ``release``, if there are any."""
        folder = _folder(service, release)
        with self._lock:
            self._runs.pop(folder, None)
        for key in self.bucket.names(folder):
            self.bucket.remove(key)

    def note(self, service: str, topic: str, text: str) -> None:
        """Keep ``text`` on a topic, in an object beside the releases' events; it is tried once."""
        self.bucket.put(_note(service, topic), text.encode(), _JSON, patience=0.0)

    def noted(self, service: str, topic: str) -> str | None:
        """Return what is kept on a topic; it is asked once."""
        try:
            body, _ = self.bucket.get(_note(service, topic), patience=0.0)
        except Missing:
            return None
        return body[: 4 * NOTE].decode(errors="replace")[:NOTE]

    def _lines(self, key: str) -> bytes:
        try:
            return self.bucket.get(key)[0]
        except Missing:
            return b""

    def _catch_up(self, service: str) -> None:
        """Keep the lines that wait, in one attempt; those that fail wait on."""
        with self._lock, contextlib.suppress(BluegreenError):
            for run in self._runs_in(_folder(service)):
                if not run.kept:
                    self._keep(run, patience=0.0)

    def _keep(self, run: Run, patience: float = PATIENCE) -> None:
        self.bucket.put(run.key, run.lines, _LINES, patience=patience)
        run.kept = True

    def _runs_in(self, folder: str) -> list[Run]:
        return [run for name, run in self._runs.items() if name.startswith(folder)]

    def _name(self) -> str:
        """Return a name that no other store gives, and that sorts by time (milliseconds)."""
        return f"{round(self.bucket.clock.now() * 1000):015d}-{uuid.uuid4().hex[:12]}.jsonl"


def _record(service: str) -> str:
    return quote(service, safe="") + _SUFFIX


def _note(service: str, topic: str) -> str:
    return f"{_folder(service)}{quote(topic, safe='')}.json"


def _folder(service: str, release: str | None = None) -> str:
    events = f"{quote(service, safe='')}.events/"
    return events if release is None else f"{events}{quote(release, safe='')}/"
