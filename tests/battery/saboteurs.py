"""For each guard a story that goes wrong without it: under a wrong plan, or under a right one that cannot know.

A saboteur is handed a watch and returns what was wrong; the plan that runs is the one in use. ``PLANS_OF`` has the
wrong plans; a guard without a row there needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from bluegreen.flow import guards as of_any_plan
from bluegreen.flow.answers import DONE, Answer, Waiting
from bluegreen.flow.plans import Milestone
from bluegreen.flow.plans import Stage as Marker
from bluegreen.record.book import SURE
from bluegreen.simulator.core.calls import Call
from bluegreen.targets.pair.model.actions import TagGroup, Terminate
from bluegreen.targets.pair.model.activities import members_told
from bluegreen.targets.pair.model.copies import copies
from bluegreen.targets.pair.model.fleet import ALARMS, AUTOSCALER
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.targets.pair.model.twins import Names
from bluegreen.targets.pair.plans.answers import Guard
from bluegreen.targets.pair.plans.asking import members_of_old, scaling_of, what_moves
from bluegreen.targets.pair.plans.deploy import arm_new, await_new, await_proof, disarm_old, grow_new
from bluegreen.targets.pair.plans.due import enter_standby, plainly, resize, resume
from bluegreen.targets.pair.plans.guards import at_all_times as guards
from bluegreen.targets.pair.plans.guards import claims
from bluegreen.targets.pair.plans.guards.in_charge import disowned
from bluegreen.targets.pair.plans.guards.vouching import agreeing_with_tags
from bluegreen.targets.pair.plans.moving import put_first, return_settings
from bluegreen.targets.pair.plans.parking import park_old
from bluegreen.targets.pair.plans.plan import PLANS, Plans
from bluegreen.targets.pair.plans.retiring import retire_or_keep
from bluegreen.targets.pair.plans.steps import Step
from bluegreen.targets.pair.release_tags.written import TERMS
from tests.battery.stage import MemoryWrite, Stage
from tests.battery.trials import _dies, at_door, begun, behind, deployed, ended, once
from tests.support.hands import asked, lone, marked, tagged, unseal
from tests.support.scaling import put_alarm
from tests.support.values import evolved
from tests.support.virtual import BLUE, GREEN

Story = Callable[[Any], list[str]]
Items = tuple[Step | Milestone | Marker, ...]


def quiet(watch: Any, **settings: Any) -> Stage:
    """Return a stage whose judge does not ask what the doors promise: the plans are wrong on purpose."""
    stage = begun(watch, **settings)
    stage.judge.doors = False
    return stage


def changed(items: Items, replaced: Mapping[Step, Items], number: int) -> Items:
    """Return a plan with steps replaced in its section ``number``."""
    found: list[Step | Milestone | Marker] = []
    section = 0
    for item in items:
        section += isinstance(item, Milestone)
        swap = replaced.get(item) if section == number and not isinstance(item, Milestone | Marker) else None
        found += [item] if swap is None else swap
    return tuple(found)


# ---- wrong steps ----


def park_unproven(look: Look) -> Answer:
    """Old goes on the account of whatever has passed a check."""
    enough = all(len(look.serving(look.new, one)) >= look.floor(one) for one in look.wanted)
    ids = tuple(i.id for i in look.old.in_service) if enough else ()
    return enter_standby(look, look.old.name, ids, "it has passed a check") if ids else DONE


def end_old(look: Look) -> Answer:
    """Old goes as soon as new is healthy somewhere, wherever else old may serve alone."""
    somewhere = any(look.well(look.new, balancer) for balancer in look.balancers)
    going = somewhere and look.old.max > 0
    return resize(look, look.old.name, "new serves somewhere", min=0, max=0) if going else DONE


STRANGERS: list[str] = []
"""Instances in no group that no release lists, though they were members of one."""


def terminate_strangers(look: Look) -> Answer:
    """What no release lists is terminated, once AWS has told that it was a member."""
    if unseen := members_of_old(look):
        return unseen
    told = bool(STRANGERS) and set(STRANGERS) <= members_told(look.fleet.told(look.old.name), look.old.name)
    return plainly(look, Terminate(tuple(STRANGERS)), "they are in no group") if told else DONE


def tag_old(look: Look) -> Answer:
    """Old's tag names the new image, too."""
    release = look.release
    wrong = look.old.tag(release.terms.image_tag_key) != release.image
    return (
        plainly(look, TagGroup(look.old.name, release.terms.image_tag_key, release.image), "both alike")
        if wrong
        else DONE
    )


def arm_unpinned(look: Look) -> Answer:
    """New's minimum goes down before its alarms come on."""
    if look.new.min > 0 and ALARMS in look.new.suspended:
        return resize(look, look.new.name, "unpinned first", min=0)
    resting = AUTOSCALER & look.new.suspended
    return resume(look, look.new.name, resting, "then armed") if resting else DONE


def blinking() -> Step:
    """Return a step that is done at every other look."""
    looks = [0]

    def blink(_: Look) -> Answer:
        looks[0] += 1
        return DONE if looks[0] % 2 else Waiting("for the next look")

    return blink


def _then(items: Items, step: Step, wrong: Step) -> Items:
    return tuple(one for item in items for one in ((item, wrong) if item is step else (item,)))


def _wrong_deploy(replaced: Mapping[Step, Items], number: int, base: Items = PLANS[DEPLOY]) -> Plans:
    return {**PLANS, DEPLOY: changed(base, replaced, number)}


def _unproven() -> Plans:
    early = changed(PLANS[DEPLOY], {await_proof: ()}, 0)
    return _wrong_deploy({park_old: (park_unproven,)}, 1, early)


def _blinking_deploy() -> Plans:
    return _wrong_deploy({park_old: (blinking(),), await_new: ()}, 1)


# ---- their stories ----


def one_balancer_forgotten(watch: Any) -> list[str]:
    """A version that one of two balancers never calls healthy: old serves there alone."""
    stage = quiet(watch, balancers="pair", fails_in={"v2": ("web-1",)})
    stage.run("deploy", "v2")
    return stage.judge.wrong


def dead_behind_its_first_check(watch: Any) -> list[str]:
    """A version that dies five seconds after its first passed check: there is no second in which nothing answers."""
    stage = quiet(watch, interval=10.0, tool={"healthy_for": None})
    stage.run("deploy", "crash-2")
    silent = stage.judge.watch.users.silent
    return [f"nothing answered in {key} for {seconds:.0f} s" for key, seconds in silent.items() if seconds]


def not_told_in_the_boot(watch: Any) -> list[str]:
    """A balancer does not tell for longer than anybody waits: nothing has failed, and the run says who it is."""
    stage = quiet(watch, boot=(10.0, 12.0))

    def blur(one: Stage) -> None:
        one.pair.sim.blur("web-0", until=one.now + 900.0)

    behind(stage, "UpdateAutoScalingGroup", blur)
    return [*ended(stage.run("deploy", "v2"), 69, "web-0"), *stage.judge.wrong]


def ended_where_it_stands(watch: Any) -> list[str]:
    """A finish terminates what a person has taken out of the same group, and kept running."""
    stage = deployed(watch)
    parked = next(one for one, state in stage.pair.sim.states(BLUE).items() if state == "Standby")
    detached = {"AutoScalingGroupName": BLUE, "InstanceIds": [parked], "ShouldDecrementDesiredCapacity": False}
    stage.pair.sim.call("autoscaling", "DetachInstances", detached)
    stage.pair.run_for(30)
    STRANGERS[:] = [parked]
    try:
        stage.run("finish")
    finally:
        kept, STRANGERS[:] = tuple(STRANGERS), ()
    return [f"{one} was ended" for one in kept if one not in stage.pair.sim.orphans()]


def both_tagged(watch: Any) -> list[str]:
    """A group's tag names another image than its instances run."""
    stage, wrong = quiet(watch), []

    def compare(one: Stage, side: str, what: Any) -> None:
        sim = one.pair.sim
        if (
            isinstance(what, Call)
            and side == "after"
            and any(sim.image_of(i) != sim.image_of_group(BLUE) for i in sim.healthy(BLUE))
        ):
            wrong.append(f"{what.operation}: {BLUE} runs another image than its tag says")

    stage.strikes.append(compare)
    stage.run("deploy", "v2")
    return wrong


def scaled_in_when_armed(watch: Any) -> list[str]:
    """An alarm in breach takes new in as soon as it is armed."""
    stage, seen = quiet(watch), []

    def scale_in(one: Stage) -> None:
        group, release = one.pair.sim.groups[GREEN], one.release
        if release is None or release.goal != DEPLOY:
            return
        asked(one.pair, "SetDesiredCapacity", GREEN, DesiredCapacity=group.minimum)
        seen.append(group.desired)

    behind(stage, "ResumeProcesses", scale_in)
    stage.run("deploy", "v2")
    return [f"new was scaled in to {desired} of 2" for desired in seen if desired < 2]


def neither_armed(watch: Any) -> list[str]:
    """Nobody follows the load for a while."""
    stage, wrong = quiet(watch), []

    def armed(one: Stage, side: str, what: Any) -> None:
        groups = one.pair.sim.groups
        if isinstance(what, Call) and side == "after" and all(groups[name].suspends(ALARMS) for name in (BLUE, GREEN)):
            wrong.append(f"{what.operation}: neither side is armed")

    stage.strikes.append(armed)
    stage.run("deploy", "v2")
    return wrong


def ill_in_the_bake(watch: Any) -> list[str]:
    """All of new fall ill while it bakes: old serves again within a minute."""
    stage = quiet(watch, tool={"bake": 90.0, "progress_deadline": 120.0})
    stage.judge.watch.floor = 0
    fell: list[float] = []

    def fall(one: Stage) -> None:
        fell.append(one.now)
        for instance in one.pair.sim.healthy(GREEN):
            one.pair.sim.sicken(instance)

    at_door(stage, "moved", fall)
    back: list[float] = []

    def recovered(one: Stage, _: str, __: Any) -> None:
        if fell and not back and len(one.pair.sim.healthy(BLUE)) == 2 and one.now > fell[0] + 5:
            back.append(one.now)

    stage.strikes.append(recovered)
    stage.run("deploy", "v2")
    took = (back[0] if back else stage.now + 1e6) - fell[0]
    return [f"old was back after {took:.0f} s"] if took > 60 else []


def always_one_more(watch: Any) -> list[str]:
    """There is room for one more instance every half minute: always progress, and never an end in time."""
    stage = quiet(watch, size=6, tool={"deadline": 100.0})
    began = stage.now
    stage.pair.sim.launches.capacity = lambda now: 6 + int((now - began) / 30)
    told = stage.run("deploy", "v2")
    return ended(told, 3, "deadline")


def an_old_look(watch: Any) -> list[str]:
    """A look takes nine seconds, in which all that it showed of new falls ill: nothing of old goes then."""
    stage, ill, wrong = quiet(watch), list[str](), list[str]()

    def opened_up(one: Stage) -> None:
        once(one, lambda side, what: side == "after" and _is(what, "DescribeTargetHealth"), slowly)

    def slowly(one: Stage) -> None:
        ill.extend(one.pair.sim.healthy(GREEN))
        for instance in ill:
            one.pair.sim.sicken(instance)
        one.pair.run_for(9)
        until = one.now + 20
        once(one, lambda *_: one.now > until, lambda _: [one.pair.sim.cure(i) for i in ill])

    lowered = {"AutoScalingGroupName": BLUE, "MinSize": 0}
    once(stage, lambda side, what: side == "after" and isinstance(what, Call) and what.parameters == lowered, opened_up)

    def parked(one: Stage, side: str, what: Any) -> None:
        if side == "before" and _is(what, "EnterStandby") and not one.pair.sim.healthy(GREEN):
            wrong.append("old was told to go while nothing of new was healthy")

    stage.strikes.append(parked)
    stage.run("deploy", "v2")
    return [*wrong, *([] if ill else ["nobody fell ill"])]


def _is(what: Any, operation: str) -> bool:
    return isinstance(what, Call) and what.operation == operation


def for_ever(watch: Any) -> list[str]:
    """An image that never becomes healthy is given up after the progress deadline."""
    stage = quiet(watch, tool={"deadline": 3000.0})
    began = stage.now
    told = stage.run("deploy", "bad-v2")
    return [*ended(told, 3, "no progress for"), *([] if stage.now - began < 300 else ["it took too long"])]


def seen_once(watch: Any) -> list[str]:
    """What holds at every other look is no milestone."""
    stage = begun(watch)
    stage.run("deploy", "v2")
    return stage.judge.wrong


def adopted_elsewhere(watch: Any) -> list[str]:
    """Another record takes the release over: nothing more is written here."""
    stage, wrong = quiet(watch), []

    def adopt(one: Stage) -> None:
        tags = one.pair.sim.groups[BLUE].tags
        terms = tags[TERMS][0].replace("take=0", "take=1")
        for group in (BLUE, GREEN):
            tagged(one.pair, group, terms, TERMS)
        one.strikes.append(written)

    def written(_: Stage, side: str, what: Any) -> None:
        if isinstance(what, Call) and side == "before" and not what.reads:
            wrong.append(f"{what.operation} was sent after the adoption")

    at_door(stage, "moving", adopt)
    return [*ended(stage.run("deploy", "v2"), 4, "is in charge"), *wrong]


def stopped_before_a_write(watch: Any) -> list[str]:
    """Between a dry run and the detaching the machine stops for seconds, and somebody takes the lease of it as dead."""
    stage = deployed(watch)

    def sleep(one: Stage) -> None:
        one.pair.run_for(2 * SURE)
        document, version = one.pair.store.read("web")
        assert document is not None
        other = attrs.evolve(document.lease, holder="somebody else", who="cron@server", renewed_at=one.now)
        MemoryWrite(one.ledger).put(attrs.evolve(document, lease=other), version)

    once(stage, lambda side, what: side == "after" and _is(what, "TerminateInstances") and what.dry, sleep)
    stage.run("finish")
    return [sentence for sentence in stage.judge.wrong if "without a lease" in sentence]


# ---- what a record claims ----

ELSEWHERE = "arn:aws:sns:us-east-1:123456789012:elsewhere"
"""What an alarm does that is none of ours."""


def put_from_record(look: Look) -> Answer:
    """Old gets what the record says that it had, whatever that is."""
    release = look.release
    if not release.passed("retiring"):
        return DONE
    if unseen := what_moves(look):
        return unseen
    there = look.fleet.scaling[release.old]
    wanted = copies(scaling_of(release.picture.old), there, Names(release.old, release.old), look.fleet.at)
    return put_first(look, release.old, wanted, there, there.alarms) or DONE


def changed_on_record(stage: Stage, **changes: Any) -> None:
    """Change the release on record behind the tool's back."""
    document, version = stage.pair.store.read("web")
    assert document is not None
    assert document.release is not None
    release = evolved(document.release, **changes)
    unseal(stage.pair)
    MemoryWrite(stage.ledger).put(attrs.evolve(document, release=release), version)


def pictured(stage: Stage, **changes: Any) -> dict[str, Any]:
    """Return what makes the picture of old another one."""
    assert stage.release is not None
    picture = stage.release.picture
    return {"picture": attrs.evolve(picture, old=attrs.evolve(picture.old, **changes))}


def a_pager_on_record(watch: Any) -> list[str]:
    """The record calls an alarm that is nobody's one of old's: a finish deletes it."""
    stage = deployed(watch, scaling=True)
    put_alarm(stage.pair.sim, BLUE, "pager", ELSEWHERE, "GreaterThanThreshold", 99.0)
    assert stage.release is not None
    old = stage.release.picture.old
    policy = {"PolicyName": "odd", "PolicyType": "SimpleScaling", "Alarms": [{"AlarmName": "pager"}]}
    rows = (*old.alarms, {**old.alarms[0], "AlarmName": "pager"})
    changed_on_record(stage, **pictured(stage, policies=(*old.policies, policy), alarms=rows))
    stage.run("finish")
    return [] if "pager" in stage.pair.sim.alarms else ["the pager is gone"]


def actions_on_record(watch: Any) -> list[str]:
    """The record says that old's alarms do something else: a finish that is taken back puts them so."""
    stage = deployed(watch, scaling=True)
    once(stage, lambda side, what: side == "after" and _is(what, "BatchDeleteScheduledAction"), _dies)
    stage.run("finish")
    assert stage.release is not None
    rows = tuple({**one, "AlarmActions": [ELSEWHERE]} for one in stage.release.picture.old.alarms)
    changed_on_record(stage, **pictured(stage, alarms=rows))
    stage.patiently("rollback")
    acting = stage.pair.sim.alarms.items()
    return [f"{name} does something else" for name, alarm in acting if ELSEWHERE in alarm["AlarmActions"]]


def another_image_on_record(watch: Any) -> list[str]:
    """The record says that another image was deployed than the groups' tags do: a finish writes it."""
    stage = deployed(watch)
    changed_on_record(stage, image="v9")
    stage.run("finish")
    return [] if stage.pair.sim.image_of_group(GREEN) == "v2" else ["what is launched next is another image"]


def terminate_listed(look: Look) -> Answer:
    """What the record lists, and carries its mark, is terminated."""
    machines, release = look.fleet.machines, look.release
    wave = tuple(i for i in release.retire if i in machines and i not in look.old.ids and not machines[i].gone)
    return plainly(look, Terminate(wave), "they are on the list") if wave else DONE


def one_of_nobody_on_record(watch: Any) -> list[str]:
    """The record lists, and somebody has marked, an instance that was never in the group."""
    stage = deployed(watch)
    free = lone(stage.pair)
    assert stage.release is not None
    marked(stage.pair, [free], stage.release.id)
    changed_on_record(stage, retire=(free,))
    stage.run("finish")
    return [] if free in stage.pair.sim.orphans() else [f"{free} was terminated"]


SABOTEURS: dict[Guard, Story] = {
    of_any_plan.several_looks: seen_once,
    guards.floor_holds: one_balancer_forgotten,
    guards.proven_first: dead_behind_its_first_check,
    guards.unsure: not_told_in_the_boot,
    guards.only_listed_terminated: ended_where_it_stands,
    guards.tag_only_when_empty: both_tagged,
    guards.pinned_before_armed: scaled_in_when_armed,
    guards.one_side_armed: neither_armed,
    guards.sinking: ill_in_the_bake,
    guards.overdue: always_one_more,
    of_any_plan.fresh: an_old_look,
    of_any_plan.stalled: for_ever,
    disowned: adopted_elsewhere,
    claims.only_own_alarms_removed: a_pager_on_record,
    claims.only_seen_settings_put: actions_on_record,
    claims.only_former_members_terminated: one_of_nobody_on_record,
    agreeing_with_tags: another_image_on_record,
}

PLANS_OF: dict[Guard, Callable[[], Plans]] = {
    of_any_plan.several_looks: _blinking_deploy,
    guards.floor_holds: lambda: {**PLANS, DEPLOY: (end_old, *PLANS[DEPLOY])},
    guards.proven_first: _unproven,
    guards.only_listed_terminated: lambda: {**PLANS, FINISH: _then(PLANS[FINISH], retire_or_keep, terminate_strangers)},
    guards.tag_only_when_empty: lambda: {**PLANS, DEPLOY: (tag_old, *PLANS[DEPLOY])},
    guards.pinned_before_armed: lambda: _wrong_deploy({grow_new: (), arm_new: (arm_unpinned,)}, 1),
    claims.only_seen_settings_put: lambda: {
        **PLANS,
        ROLLBACK: changed(PLANS[ROLLBACK], {return_settings: (put_from_record,)}, 0),
    },
    claims.only_former_members_terminated: lambda: {
        **PLANS,
        FINISH: changed(PLANS[FINISH], {retire_or_keep: (terminate_listed,)}, 1),
    },
    guards.one_side_armed: lambda: _wrong_deploy({arm_new: (disarm_old, arm_new)}, 1),
}
"""The wrong plans; where there is none, the right one cannot know without its guard."""
