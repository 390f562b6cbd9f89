"""An apply gives the parked group its minimum while a release rests: v1 serves beside v2, and everybody is told."""

from __future__ import annotations

from bluegreen.errors import Status
from tests.scenarios.test_service import cut, parked, writes
from tests.support.hands import COMMAND, edit, type_in
from tests.support.virtual import BLUE, GREEN, Pair, virtual
from tests.support.watching import Watch

SENTENCE = "1 instance of web-blue serves, beside 2 of web-green: the minimum of web-blue is 1"


def both() -> Pair:
    """Return a pair at rest whose parked group was given a minimum."""
    pair = parked()
    edit(pair, BLUE, MinSize=1, MaxSize=4)
    pair.run_for(60)
    return pair


def test_status_and_check_tell_that_both_serve() -> None:
    """With the command that leaves new alone, and the way back, which is still warm."""
    pair = both()
    report, check = pair.service().status(), pair.service().check()
    assert (1, "serves", 2) == (len(report.troubles), report.rollback.kind, report.rollback.ready)
    assert report.troubles[0].startswith(SENTENCE)
    assert [SENTENCE] == [finding.sentence for finding in check[1:]]


def test_cron_tells_that_both_serve_and_parks_nothing_unasked() -> None:
    """It ends with 4 in each tick until a person has decided, and changes nothing."""
    pair = both()
    done = writes(pair)
    ended = [pair.service().cleanup() for _ in range(2)]
    assert [(Status.BLOCKED, f"web: {SENTENCE}")] * 2 == [(one and one.status, one and one.sentence) for one in ended]
    assert [] == done


def test_the_command_that_is_told_leaves_new_alone_and_what_is_parked() -> None:
    """Pasted, what serves beside goes, and the next look has nothing to tell."""
    pair = both()
    watch, ended = Watch(pair, 2), pair.service().cleanup()
    assert ended is not None
    (command,) = COMMAND.findall(ended.hint)
    type_in(pair, command)
    pair.run_for(60)
    assert (["Standby"] * 2, 2) == (list(pair.sim.states(BLUE).values()), len(pair.sim.healthy(GREEN)))
    assert ((), None, []) == (pair.service().status().troubles, pair.service().cleanup(), watch.broken)
    assert Status.OK == pair.service().rollback().status


def test_what_is_parked_just_now_is_no_trouble() -> None:
    """Members on their way to Standby serve nobody."""
    pair = parked()
    assert ((), None) == (pair.service().status().troubles, pair.service().cleanup())


def test_that_both_serve_in_the_middle_of_a_deployment_is_no_trouble() -> None:
    """They do until the switch; nothing is wrong with that."""
    pair = virtual(instances=2)
    cut(pair, lambda: pair.release is not None and pair.release.passed("moving"), "deploy", "v2")
    assert ((), 2, 2) == (pair.service().status().troubles, *(len(pair.sim.healthy(one)) for one in (BLUE, GREEN)))
    assert [] == list(pair.service().check()[1:])
