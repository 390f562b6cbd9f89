"""What somebody found who tried to get round the seal of a record, and what the seal must not cost, as stories."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from bluegreen.errors import BluegreenError, Status
from bluegreen.record.memory import MemoryStore
from bluegreen.simulator.build import tracking
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.errors import AwsError
from bluegreen.simulator.core.faults import throttled
from bluegreen.targets.pair.model.release import FINISH, ROLLBACK, Bounds, Release
from bluegreen.targets.pair.model.seal import SEAL, seal
from bluegreen.targets.pair.release_tags.written import KEYS, SIDE
from tests.scenarios.test_crowded_tags import crowd
from tests.scenarios.test_sealed import FORGED, cut_off, settings
from tests.scenarios.test_strange_records import forge, rewrite
from tests.support.hands import TYPED, asked, edit, tagged, type_in
from tests.support.moments import once
from tests.support.virtual import BLUE, GREEN, Pair, virtual

SERVED = {BLUE: (0, 0), GREEN: (1, 8)}
"""The sizes of both groups of :func:`cut` at the end of the release."""

Told = tuple[Status, str, str]
"""How a run ended or was refused: the exit status, the sentence and the hint."""


def told(act: Callable[[], Any]) -> Told | None:
    """Return how a run ended, for whoever does not see whether it returned or raised; ``None`` where it is silent."""
    try:
        end = act()
    except BluegreenError as error:
        return error.status, error.message, error.hint
    return None if end is None else (end.status, end.sentence, end.hint)


def blocked(end: Told | None) -> Told:
    """Return how a run ended, which is with 4."""
    assert end is not None
    assert Status.BLOCKED == end[0], end
    return end


def current(pair: Pair) -> Release:
    """Return the release on record."""
    assert pair.release is not None
    return pair.release


def cut(door: str, seconds: float = 0.0) -> Pair:
    """Return a pair whose release was cut off behind a milestone so many seconds ago."""
    pair = cut_off(door)
    random.seed(0)
    pair.run_for(seconds)
    return pair


def resting() -> Pair:
    """Return a pair on which v2 has been deployed for some minutes, the old instances parked."""
    return cut("deployed", 100.0)


def sicken(pair: Pair) -> None:
    """Let all of new die."""
    for one in list(pair.sim.states(GREEN)):
        pair.sim.sicken(one)


def sizes(pair: Pair) -> dict[str, tuple[int, int]]:
    """Return minimum and maximum of both groups, in truth."""
    return {name: (group.minimum, group.maximum) for name, group in pair.sim.groups.items()}


def policies(pair: Pair, group: str) -> list[str]:
    """Return the names of a group's scaling policies, in truth."""
    found = pair.sim.call("autoscaling", "DescribePolicies", {"AutoScalingGroupName": group})
    return [one["PolicyName"] for one in found["ScalingPolicies"]]


def seals(call: Call) -> bool:
    """Whether a call writes the seal's tag alone."""
    return call.operation == "CreateOrUpdateTags" and all(tag["Key"] == SEAL for tag in call.parameters["Tags"])


def release_tags(pair: Pair) -> dict[str, dict[str, Any]]:
    """Return the tags of both groups that tell of a release."""
    return {name: {k: v for k, v in g.tags.items() if k in KEYS} for name, g in pair.sim.groups.items()}


def from_the_tags(pair: Pair) -> None:
    """Move the record away and make one from the tags, as the hint says."""
    pair.store = MemoryStore()
    assert Status.OK == pair.service(bake=100.0).adopt().status


# ---- what a record may not say beside its seal ----


@pytest.mark.parametrize("forged", [False, True])
def test_that_the_settings_are_moved_is_not_the_records_word(forged: bool) -> None:
    """A rollback is cut off while the scaling policies move: forged to be done already, it takes none of old's away."""
    pair = resting()
    moving = lambda: 15 if pair.release and not pair.release.copied and not policies(pair, GREEN) else None  # noqa: E731
    pair.service(bake=100.0, stop=moving).rollback()
    assert (ROLLBACK, False, ["tracking"]) == (current(pair).goal, current(pair).copied, policies(pair, BLUE))
    if forged:
        forge(pair, sealed=True, copied=True, put_at=0.0)
    end = told(pair.service(bake=100.0).cleanup)
    assert (["tracking"], 2) == (policies(pair, BLUE), len(pair.sim.healthy(BLUE))), end
    assert end is not None
    assert (Status.BLOCKED if forged else Status.OK) == end[0], end


@pytest.mark.parametrize("forged", [False, True])
def test_a_forged_way_back_and_what_is_forged_in_the_middle_of_it_cost_no_policy(forged: bool) -> None:
    """Cron alone: the record is turned round, and beside that run it says that the settings are moved."""
    pair = resting()
    forge(pair, sealed=True, goal=ROLLBACK, progress=())
    back: list[float] = []

    def strike(_: Call) -> None:
        now, release = pair.clock.now(), pair.release
        if forged and not back and release and release.passed("back") and not release.copied:
            back.append(now)
        if len(back) == 1 and now > back[0] + 10:
            back.append(now)
            changed = attrs.evolve(current(pair), copied=True, put_at=0.0)
            rewrite(pair, sealed=True, lease=None, release=changed)

    pair.sim.faults.before.append(strike)
    ends = []
    for _ in range(2):
        ends.append(told(pair.service(bake=100.0).cleanup))
        pair.run_for(120)
    assert (["tracking"], 2, forged) == (policies(pair, BLUE), len(pair.sim.healthy(BLUE)), len(back) == 2), ends
    if forged:
        blocked(ends[-1])


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize("door", ["moving", "moved"])
def test_what_was_written_last_is_not_the_records_word(door: str, forged: bool) -> None:
    """With other values on record our own would be somebody's: the service keeps its sizes to the end."""
    pair = cut(door)
    if forged:
        before, ours = settings(pair), current(pair).written
        other = {key: (99999,) if key.startswith(BLUE) or key.endswith("min") else ours[key] for key in ours}
        forge(pair, sealed=True, written=other)
        for _ in range(2):
            blocked(told(pair.service(bake=100.0).cleanup))
        assert before == settings(pair)
        from_the_tags(pair)
    assert Status.OK == pair.service(bake=100.0).resume().status
    pair.run_for(60)
    ended = pair.service(bake=100.0).finish()
    assert (Status.OK, SERVED) == (ended.status, sizes(pair)), ended


@pytest.mark.parametrize("forged", [False, True])
def test_what_a_rollback_wrote_last_is_not_the_records_word(forged: bool) -> None:
    """Cut off while new shrinks, with other values on record: old has the service's sizes at the end."""
    requests = [tracking("requests", 3600.0)]
    pair = virtual(instances=6, minimum=2, maximum=12, policies=requests)
    pair.service(bake=0.0).deploy("v2")
    pair.run_for(60)
    pair.sim.call("ec2", "TerminateInstances", {"InstanceIds": list(pair.sim.states(BLUE))[:3]})
    pair.service(stop=lambda: 15 if 0 < pair.sim.groups[GREEN].maximum < 6 else None).rollback()
    if forged:
        before = settings(pair)
        written = {**current(pair).written, f"{GREEN} max": (99999,), f"{GREEN} min": (99999,)}
        forge(pair, sealed=True, written=written)
        blocked(told(pair.service().cleanup))
        assert before == settings(pair)
        from_the_tags(pair)
    ended = pair.service().rollback()
    assert (Status.OK, {BLUE: (2, 12), GREEN: (0, 0)}) == (ended.status, sizes(pair)), ended
    assert 6 == len(pair.sim.healthy(BLUE))


# ---- when the seal is looked for ----


@pytest.mark.parametrize("forged", [False, True])
@pytest.mark.parametrize("verb", ["cleanup", "resume"])
def test_what_is_forged_while_aws_is_silent_is_never_sealed(verb: str, forged: bool) -> None:
    """The look for the seal takes half a minute, and the lease is renewed: what the record says by then is nobody's."""
    pair = cut("moved")
    evil = attrs.evolve(current(pair), bounds=Bounds(0, 2))
    silent: list[float] = []
    struck: list[float] = []
    written: set[str] = set()

    def strike(call: Call) -> None:
        now, (document, _) = pair.clock.now(), pair.store.read("web")
        looks = call.operation == "DescribeAutoScalingGroups"
        if looks and not silent and document is not None and document.lease is not None:
            silent.append(now + 30)
            if forged:
                rewrite(pair, sealed=True, release=evil)
        if forged and silent and not struck and now > silent[0] + 60:
            struck.append(now)
            rewrite(pair, sealed=True, lease=None, release=evil)  # the run ends here, wherever it is
        if looks and silent and now < silent[0]:
            raise throttled(call)
        if call.operation == "CreateOrUpdateTags":
            written.update(w for tag in call.parameters["Tags"] if tag["Key"] == SEAL for w in tag["Value"].split())

    pair.sim.faults.before.append(strike)
    end = told(getattr(pair.service(bake=300.0), verb))
    pair.sim.faults.before.remove(strike)
    assert seal(evil) not in written
    if not forged:
        assert end is not None
        assert (Status.OK, 8) == (end[0], pair.sim.groups[GREEN].maximum), end
        return
    rewrite(pair, sealed=True, lease=None, release=evil)
    blocked(told(pair.service(bake=300.0).cleanup))
    pair.run_for(700)
    blocked(told(pair.service(bake=300.0).cleanup))
    assert (8, 2) == (pair.sim.groups[GREEN].maximum, len(pair.sim.states(BLUE)))


THROUGH = (
    *("no balancer counts", "a rollback is over", "more than there is room for"),
    *("no patience", "fewer at most", "another image"),
)
"""Of what may be forged, what a rollback goes by."""


def busy_once(pair: Pair) -> list[float]:
    """Let AWS be too busy for one look at the groups, the next one."""

    def fail() -> None:
        raise throttled(looked[0])

    looked: list[Call] = []

    def looks(call: Call) -> bool:
        looked[:] = [call]
        return call.operation == "DescribeAutoScalingGroups"

    return once(pair, looks, fail)


@pytest.mark.parametrize("sick", [False, True])
@pytest.mark.parametrize("what", ["", *THROUGH])
def test_one_busy_answer_lets_no_forged_record_through(what: str, sick: bool) -> None:
    """A rollback looks again for the seal: what is parked comes back, and nothing is done on the record's word."""
    pair = resting()
    if what:
        forge(pair, sealed=True, **FORGED[what](pair))
    if sick:
        sicken(pair)
        pair.run_for(30)
    serving, busy = set(pair.sim.states(GREEN)), busy_once(pair)
    end = told(pair.service(bake=100.0).rollback)
    assert end is not None
    assert (2, 8, 1) == (len(pair.sim.healthy(BLUE)), pair.sim.groups[BLUE].maximum, len(busy)), end
    if what:
        blocked(end)
        assert serving == set(pair.sim.states(GREEN))
    else:
        assert (Status.OK, {}) == (end[0], pair.sim.states(GREEN)), end


# ---- which side is old, where neither record nor tags can be right ----


@pytest.mark.parametrize("sick", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_what_is_parked_in_one_group_alone_makes_that_one_old(swapped: bool, sick: bool) -> None:
    """A wrong seal on both groups, and the tags of both sides the wrong way round: what is parked comes back."""
    pair = resting()
    for group in (BLUE, GREEN):
        tagged(pair, group, "0" * 32, SEAL)
    if swapped:
        old, new = (pair.sim.groups[group].tags[SIDE][0] for group in (BLUE, GREEN))
        tagged(pair, BLUE, new, SIDE)
        tagged(pair, GREEN, old, SIDE)
    if sick:
        sicken(pair)
        pair.run_for(30)
    end = blocked(told(pair.service(bake=100.0).rollback))
    assert 2 == len(pair.sim.healthy(BLUE)), end


# ---- what the seal must not cost ----


def refused(_: Call) -> AwsError:
    """Return what AWS says to a tag that it does not take."""
    return AwsError("ValidationError", "The tag is not valid.")


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize(("behind", "before"), [("moving", "moved"), ("moved", "deployed")])
def test_a_refusal_of_the_seal_behind_the_switch_ends_no_watch(behind: str, before: str, dies: bool) -> None:
    """The run goes on watching: where new is well it serves, and where it dies old is back by itself."""
    pair = virtual(instances=2, minimum=1, maximum=8, policies=[tracking("requests", 3600.0)])
    at: list[float] = []
    dead: list[float] = []

    def strike(call: Call) -> None:
        now, release = pair.clock.now(), pair.release
        if dies and at and not dead and now > at[0] + (10 if before == "moved" else 0):
            dead.append(now)
            sicken(pair)
        due = release is not None and release.passed(behind) and not release.passed(before)
        lasts = bool(dead) and before == "deployed" and now < dead[0] + 20
        if seals(call) and (lasts or (due and not at)):
            at.append(now)
            raise refused(call)

    pair.sim.faults.before.append(strike)
    end = told(lambda: pair.service(bake=100.0).deploy("v2"))
    assert (True, dies) == (bool(at), bool(dead)), end
    assert end is not None
    status, serving = (Status.ROLLED_BACK, BLUE) if dies else (Status.OK, GREEN)
    assert (status, 2) == (end[0], len(pair.sim.healthy(serving))), end


@pytest.mark.parametrize("room", [0, 1])
def test_a_seal_that_is_refused_for_good_behind_the_switch_ends_as_no_progress(room: int) -> None:
    """Somebody fills the groups' tags in the bake, the seal's place included: old serves again, a person is told."""
    pair = virtual(instances=2, minimum=1, maximum=8, policies=[tracking("requests", 3600.0)])

    def fill() -> None:
        for group in (BLUE, GREEN):
            pair.sim.groups[group].tags.pop(SEAL, None)
            crowd(pair, group, 50 - room)

    filled = once(pair, lambda _: bool(pair.release and pair.release.passed("moved")), fill)
    end = told(lambda: pair.service(bake=100.0).deploy("v2"))
    assert (1, True) == (len(filled), end is not None)
    assert end is not None
    status, serving = (Status.OK, GREEN) if room else (Status.BLOCKED, BLUE)
    assert (status, 2) == (end[0], len(pair.sim.healthy(serving))), end


@pytest.mark.parametrize("door", ["goal", FINISH, "retiring"])
def test_a_seal_that_is_refused_in_a_finish_is_a_persons_to_put_right(door: str) -> None:
    """It is tried again, then blocked, with the service's name and what to do; once AWS takes the tag it goes on."""
    pair = resting()
    tries: list[float] = []

    def refuse(call: Call) -> None:
        release = current(pair) if seals(call) else None
        if release is not None and (door == "goal" or release.passed(door) or release.goal == door):
            tries.append(pair.clock.now())
            raise refused(call)

    pair.sim.faults.before.append(refuse)
    _, sentence, hint = blocked(told(pair.service(bake=100.0).finish))
    assert (True, True) == (sentence.startswith("web: "), "`bluegreen " in hint), (sentence, hint)
    assert door == "goal" or len(tries) > 1
    pair.sim.faults.before.remove(refuse)
    assert Status.OK == pair.service(bake=100.0).finish().status
    assert ({}, SERVED) == (pair.sim.states(BLUE), sizes(pair))


@pytest.mark.parametrize("busy", [False, True])
def test_what_was_learned_while_aws_took_no_tag_is_kept_for_the_end(busy: bool) -> None:
    """The owner's maximum is seen, that run is cut off, and the next one brings the release to its end with it."""
    pair = cut("moved")
    before = len(pair.events)

    def throttle(call: Call) -> None:
        if busy and call.operation == "CreateOrUpdateTags":
            raise throttled(call)

    pair.sim.faults.before.append(throttle)
    pair.run_for(70)
    edit(pair, GREEN, MaxSize=20)
    until = pair.clock.now() + 60

    def stop() -> int | None:
        learned = any(one.reason.endswith("kept for the end of this release") for one in pair.events[before:])
        return 15 if learned or pair.clock.now() > until else None

    pair.service(bake=300.0, stop=stop).resume()
    pair.sim.faults.before.remove(throttle)
    ends = [told(pair.service(bake=300.0).cleanup)]
    pair.run_for(700)
    ends.append(told(pair.service(bake=300.0).cleanup))
    assert [Status.OK] * 2 == [end[0] for end in ends if end is not None]
    assert {BLUE: (0, 0), GREEN: (1, 20)} == sizes(pair)


# ---- the ways out ----


@pytest.mark.parametrize("forged", [False, True])
def test_a_forged_history_takes_no_tag_off_while_both_groups_serve(forged: bool) -> None:
    """Nothing is parked yet: a person is told, takes the release in again, and carries it on."""
    pair = cut("moving")
    if forged:
        document, version = pair.store.read("web")
        assert document is not None
        over = document.closed(current(pair).as_past("finished", pair.clock.now() - 100.0))
        pair.store.write("web", over, version)
        before = release_tags(pair)
        _, _, hint = blocked(told(pair.service(bake=100.0).cleanup))
        assert (True, before) == ("`bluegreen adopt web`" in hint, release_tags(pair))
        assert Status.OK == pair.service(bake=100.0).adopt().status
    assert Status.OK == pair.service(bake=100.0).resume().status
    assert (0, 2) == (len(pair.sim.healthy(BLUE)), len(pair.sim.healthy(GREEN)))


@pytest.mark.parametrize("process", ["", "Launch", "AddToLoadBalancer"])
def test_what_keeps_the_parked_ones_from_coming_back_is_named_with_its_command(process: str) -> None:
    """A record that does not fit, and a process of old's suspended: the hint resumes it, and then they come back."""
    pair = resting()
    forge(pair, sealed=True, bounds=Bounds(0, 2))
    sicken(pair)
    if process:
        asked(pair, "SuspendProcesses", BLUE, ScalingProcesses=[process])
    pair.run_for(30)
    _, _, hint = blocked(told(pair.service(bake=100.0).rollback))
    if process:
        resume = f"aws autoscaling resume-processes --auto-scaling-group-name {BLUE} --scaling-processes {process}"
        commands = [one for one in TYPED.findall(hint) if one.startswith("aws ") and "delete-tags" not in one]
        assert resume in commands, hint
        for command in commands:
            type_in(pair, command)
        pair.run_for(30)
        blocked(told(pair.service(bake=100.0).rollback))
    assert 2 == len(pair.sim.healthy(BLUE))
