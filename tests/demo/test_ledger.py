"""Which act a request belongs to, what each act costs in any case, and what counts as a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from bluegreen.demo.ledger import ENOUGH, Played, faults, rows, silent, split, total
from bluegreen.demo.stage import Stage
from bluegreen.demo.story import STORY, USUAL, Act
from bluegreen.sandbox.traffic import Sent
from tests.demo.told import BEGAN, CRASH, CUT, EACH, TIMES, played, sent


def test_a_request_belongs_to_the_act_in_which_it_was_sent() -> None:
    """It may be answered in the next one; what was sent before the first or after the last is not forgotten."""
    requests = [Sent(at, 1.2, "v1") for at in (9.0, 10.0, 19.9, 20.0, 99.0)]
    expected = [3, 2]
    assert expected == [len(share) for share in split([10.0, 20.0], requests)]


def test_every_request_is_counted_once() -> None:
    """The rows add up to what was sent."""
    found = rows(played(), sent(), TIMES)
    expected = (ENOUGH, 0, CUT, {"v1": ENOUGH - CUT})
    whole = total(found)
    assert expected == (whole.sent, whole.lost, whole.cut, dict(whole.versions))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("deploy v2", 5.0),
        ("rollback", 2.5),
        ("finish", 1.0),
        ("deploy bad-v4", 7.0),
        ("deploy crash-v5", 9.5),
        ("cleanup", 0.0),
    ],
)
def test_what_an_act_needs_in_any_case(name: str, expected: float) -> None:
    """Boot, checks, proof and bake; checks and drain; what is left of the drain; patience and drain; nothing."""
    act = next(act for act in STORY if act.name == name)
    assert expected == act.least(TIMES)


def test_beyond_is_what_remains() -> None:
    """Seconds taken less the seconds that it needs in any case."""
    expected = EACH - 5.0
    assert expected == pytest.approx(rows(played(), sent(), TIMES)[1].beyond)


def test_a_good_story_has_no_faults() -> None:
    """Enough requests, a long one among them, none lost, every exit status as it should be."""
    expected: list[str] = []
    assert expected == faults(rows(played(), sent(), TIMES), STORY)


def test_one_lost_request_is_a_fault() -> None:
    """It is named with its act and its reason."""
    expected = ["cleanup lost 1 request: 503 gone"]
    assert expected == faults(rows(played(), sent(lost=1), TIMES), STORY)


def test_a_cut_request_is_no_lost_one() -> None:
    """It is counted by itself, in the act whose version dies, and only there is it as promised."""
    row = next(row for row in rows(played(), sent(), TIMES) if row.name == CRASH)
    expected = (0, CUT, {})
    assert expected == (row.lost, row.cut, dict(row.reasons))
    faulty = faults(rows(played(), sent(cut=1, during="rollback"), TIMES), STORY)
    told = ["rollback had 1 request cut by an instance that died"]
    nothing = [f"{CRASH} showed nothing: no instance of crash-v5 died under a request"]
    assert [*told, *nothing] == faulty


def test_a_second_without_an_answer_is_silent() -> None:
    """Requests that were sent in it and failed make it silent, however they failed; one without requests is not."""
    failed, died = Sent(10.2, 0.1, "", "503"), Sent(11.9, 0.1, "", "503", cut=True)
    expected = (1, 2, 0)
    found = (
        silent([failed, Sent(11.0, 0.1, "v1"), died], 10.0),
        silent([failed, died, Sent(13.0, 0.1, "v1")], 10.0),
        silent([], 10.0),
    )
    assert expected == found


def test_silent_seconds_are_a_fault() -> None:
    """Though each request was cut by a death: nothing served."""
    found = faults(rows(played(), sent(cut=ENOUGH // len(STORY) - 1), TIMES), STORY)
    expected = [f"{CRASH} had 9 seconds in which nothing was answered"]
    assert expected == found


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
    found = faults(rows(played(STORY[:5]), sent(cut=0), TIMES), STORY)
    expected = ["deploy bad-v4 was not played", f"{CRASH} was not played", "cleanup was not played"]
    assert expected == found


def test_what_was_sent_belongs_somewhere_in_a_short_story() -> None:
    """One act takes all requests."""
    expected = ENOUGH
    assert expected == rows(played([Act("all")]), sent(), TIMES)[0].sent
    assert rows(played([Act("all")]), sent(), TIMES)[0].took == pytest.approx(BEGAN + EACH - BEGAN)


def deployed(beyond: float) -> list[Played]:
    """Return two deployments, of which the quicker one took so long beyond what it needs in any case."""
    act, least = STORY[1], STORY[1].least(TIMES)
    return [Played(act, BEGAN, BEGAN + least + beyond), Played(act, BEGAN, BEGAN + least + beyond + 9.0)]


@pytest.mark.parametrize(("beyond", "expected"), [(0.5, 5.0), (USUAL, 5.0), (USUAL + 7.0, 12.0)])
def test_a_busy_machine_is_given_time(beyond: float, expected: float, tmp_path: Path) -> None:
    """As long as good deployments took longer than usual, a bad version is waited for longer; it must come to serve."""
    stage: Any = Stage(cast(Any, None), tmp_path, TIMES, cast(Any, None), cast(Any, None))
    assert expected == pytest.approx(stage.patience(deployed(beyond)))
    assert pytest.approx(TIMES.patience) == stage.patience([])


def test_patience_is_written_into_the_command() -> None:
    """In whole seconds, and only where it is asked for."""
    crash = next(act for act in STORY if act.name == CRASH)
    expected = ("deploy", "web", "crash-v5", "--progress-deadline", "12s")
    assert expected == crash.given(12.4).argv
    assert STORY[1] == STORY[1].given(12.4)
