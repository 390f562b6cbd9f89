"""Which act a request belongs to, what each act costs in any case, and what counts as a failure."""

from __future__ import annotations

import pytest

from bluegreen.demo.ledger import ENOUGH, faults, rows, split, total
from bluegreen.demo.story import STORY, Act
from bluegreen.sandbox.traffic import Sent
from tests.demo.told import BEGAN, EACH, TIMES, played, sent


def test_a_request_belongs_to_the_act_in_which_it_was_sent() -> None:
    """It may be answered in the next one; what was sent before the first or after the last is not forgotten."""
    requests = [Sent(at, 1.2, "v1") for at in (9.0, 10.0, 19.9, 20.0, 99.0)]
    expected = [3, 2]
    assert expected == [len(share) for share in split([10.0, 20.0], requests)]


def test_every_request_is_counted_once() -> None:
    """The rows add up to what was sent."""
    found = rows(played(), sent(), TIMES)
    expected = (ENOUGH, 0, {"v1": ENOUGH})
    whole = total(found)
    assert expected == (whole.sent, whole.failed, dict(whole.versions))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("deploy v2", 3.5), ("rollback", 2.5), ("finish", 1.0), ("deploy bad-v4", 8.0), ("cleanup", 0.0)],
)
def test_what_an_act_needs_in_any_case(name: str, expected: float) -> None:
    """Boot, checks and bake; checks and drain; what is left of the drain; patience and drain; nothing."""
    act = next(act for act in STORY if act.name == name)
    assert expected == act.least(TIMES)


def test_beyond_is_what_remains() -> None:
    """Seconds taken less the seconds that it needs in any case."""
    expected = EACH - 3.5
    assert expected == pytest.approx(rows(played(), sent(), TIMES)[1].beyond)


def test_a_good_story_has_no_faults() -> None:
    """Enough requests, a long one among them, none lost, every exit status as it should be."""
    expected: list[str] = []
    assert expected == faults(rows(played(), sent(), TIMES), STORY)


def test_one_lost_request_is_a_fault() -> None:
    """It is named with its act and its reason."""
    expected = ["cleanup lost 1 request: 503 gone"]
    assert expected == faults(rows(played(), sent(lost=1), TIMES), STORY)


def test_too_few_requests_prove_nothing() -> None:
    """One less than enough is a fault."""
    expected = [f"only {ENOUGH - 1} requests were sent, too few to prove anything: {ENOUGH} are needed"]
    assert expected == faults(rows(played(), sent(ENOUGH - 1), TIMES), STORY)


def test_without_a_long_request_a_missing_drain_stays_hidden() -> None:
    """A second is long."""
    found = faults(rows(played(), sent(longest=0.99), TIMES), STORY)
    assert len(found) == 1
    expected = "the longest request took 0.99 s"
    assert expected in found[0]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0, "deploy bad-v4 ended with exit status 0, not with 3"),
        (1, "deploy bad-v4 ended with exit status 1, not with 3"),
        (None, "deploy bad-v4 did not end, not with 3"),
    ],
)
def test_another_exit_status_is_a_fault(status: int | None, expected: str) -> None:
    """A bad version must be rolled back, which is status 3 and no other."""
    assert [expected] == faults(rows(played(statuses={"deploy bad-v4": status}), sent(), TIMES), STORY)


def test_an_act_that_was_not_played_is_a_fault() -> None:
    """The story ends early when a command does not end as it should."""
    found = faults(rows(played(STORY[:5]), sent(), TIMES), STORY)
    expected = ["deploy bad-v4 was not played", "cleanup was not played"]
    assert expected == found


def test_what_was_sent_belongs_somewhere_in_a_short_story() -> None:
    """One act takes all requests."""
    expected = ENOUGH
    assert expected == rows(played([Act("all")]), sent(), TIMES)[0].sent
    assert rows(played([Act("all")]), sent(), TIMES)[0].took == pytest.approx(BEGAN + EACH - BEGAN)
