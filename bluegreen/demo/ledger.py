"""What became of the requests, act by act, and whether that is what was promised. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import field, frozen

from bluegreen.demo.story import Act, Times
from bluegreen.sandbox.traffic import Sent
from bluegreen.words import plural

ENOUGH = 5000
LONG = 1.0


@frozen
class Played:
    """One act as it went: POSIX seconds, and the exit status (``None``: it was ended because it took too long)."""

    act: Act
    began: float
    ended: float
    status: int | None = 0


@frozen(kw_only=True)
class Row:
    """A line of the table; a request belongs to the act in which it was sent. Seconds, and counts.

    ``cut`` are those that failed because their instance had died and its balancer did not know yet, as is expected of
    the version ``dies`` alone; ``lost`` are all others that failed, for ``reasons``. ``silent`` counts seconds in which
    requests were sent and none was answered. ``expected`` is ``None`` where no command was run.
    """

    name: str
    sent: int
    lost: int
    longest: float
    cut: int = 0
    silent: int = 0
    dies: str = ""
    versions: Counter[str] = field(factory=Counter)
    reasons: Counter[str] = field(factory=Counter)
    status: int | None = None
    expected: int | None = None
    took: float = 0.0
    least: float = 0.0

    @property
    def beyond(self) -> float:
        """The seconds that went to the tool itself (and to a busy machine)."""
        return self.took - self.least

    @property
    def as_expected(self) -> bool:
        """Whether the command ended as it should."""
        return self.status == self.expected


def rows(played: Sequence[Played], requests: Iterable[Sent], times: Times) -> list[Row]:
    """Return a row for each act."""
    shares = split([each.began for each in played], requests)
    return [row(each, share, times) for each, share in zip(played, shares, strict=True)]


def split(begins: Sequence[float], requests: Iterable[Sent]) -> list[list[Sent]]:
    """Return the requests sent from each beginning to the next; those before the first belong to it."""
    shares: list[list[Sent]] = [[] for _ in begins]
    for request in requests:
        number = sum(begin <= request.at for begin in begins)
        shares[max(0, number - 1)].append(request)
    return shares


def row(played: Played, requests: Sequence[Sent], times: Times) -> Row:
    """Return what became of the requests of one act."""
    lost = [request for request in requests if request.lost]
    return Row(
        name=played.act.name,
        sent=len(requests),
        lost=len(lost),
        cut=sum(request.cut for request in requests),
        silent=silent(requests, played.began),
        dies=played.act.dies,
        longest=max((request.took for request in requests), default=0.0),
        versions=Counter(request.version for request in requests if not request.reason),
        reasons=Counter(request.reason for request in lost),
        status=played.status if played.act.argv else None,
        expected=played.act.status if played.act.argv else None,
        took=played.ended - played.began,
        least=played.act.least(times),
    )


def silent(requests: Iterable[Sent], began: float) -> int:
    """Return how many of the seconds since ``began`` had requests and no answer; what counts is when they were sent."""
    answered: dict[int, bool] = {}
    for request in requests:
        second = int(request.at - began)
        answered[second] = answered.get(second, False) or not request.reason
    return list(answered.values()).count(False)


def total(rows: Sequence[Row]) -> Row:
    """Return the sum of all rows."""
    return Row(
        name="in all",
        sent=sum(row.sent for row in rows),
        lost=sum(row.lost for row in rows),
        cut=sum(row.cut for row in rows),
        silent=sum(row.silent for row in rows),
        longest=max((row.longest for row in rows), default=0.0),
        versions=sum((row.versions for row in rows), Counter()),
        took=sum(row.took for row in rows),
        least=sum(row.least for row in rows),
    )


def faults(rows: Sequence[Row], acts: Sequence[Act]) -> list[str]:
    """Return what did not go as promised, a sentence each; nothing when all did."""
    whole = total(rows)
    found = [fault for row in rows for fault in _faults_of(row)]
    found += [f"{act.name} was not played" for act in acts[len(rows) :]]
    if whole.sent < ENOUGH:
        found.append(f"only {whole.sent} requests were sent, too few to prove anything: {ENOUGH} are needed")
    if whole.longest < LONG:
        found.append(f"the longest request took {whole.longest:.2f} s: without long ones a missing drain stays hidden")
    return found


def _faults_of(row: Row) -> list[str]:
    found = [f"{row.name} lost {plural(count, 'request')}: {reason}" for reason, count in row.reasons.most_common()]
    if row.silent:
        found.append(f"{row.name} had {plural(row.silent, 'second')} in which nothing was answered")
    if row.cut and not row.dies:
        found.append(f"{row.name} had {plural(row.cut, 'request')} cut by an instance that died")
    if row.dies and not row.cut:
        found.append(f"{row.name} showed nothing: no instance of {row.dies} died under a request")
    if not row.as_expected:
        ended = "did not end" if row.status is None else f"ended with exit status {row.status}"
        found.append(f"{row.name} {ended}, not with {row.expected}")
    return found
