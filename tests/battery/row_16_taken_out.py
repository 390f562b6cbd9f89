"""each guard taken out in turn, under a wrong plan that needs it; each step taken out in turn

A case is clean when the battery notices: the story beside the guard or the step is clean with it, and wrong without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bluegreen.flow.plans import Milestone, Stage
from bluegreen.record.book import ServiceBook
from bluegreen.targets.pair.plans.answers import Guard, Plan
from bluegreen.targets.pair.plans.plan import ALL_GUARDS, PLANS, Plans, build_plan
from tests.battery.rows import Scale
from tests.battery.saboteurs import PLANS_OF, SABOTEURS, stopped_before_a_write
from tests.battery.stage import plan_in_use
from tests.battery.telling import Watching
from tests.battery.trials_apart import TRIALS

MUST = "the battery must fail, each time"
PLAIN = "a_plain_rollback"
FINISHED = "an_old_one_comes_back_before_a_finish"
MOVED_BACK = "a_rollback_of_settings"

NEEDED = {
    "deploy 0 accept_edits": "a_minimum_wished_before_the_switch",
    "deploy 0 accept_suspensions": "an_old_side_put_to_rest_before_the_switch",
    "deploy 0 write_release_tags": PLAIN,
    "deploy 0 disarm_coming_new": PLAIN,
    "deploy 0 copy_settings": MOVED_BACK,
    "deploy 0 hold_old": PLAIN,
    "deploy 0 set_image": PLAIN,
    "deploy 0 resume_while_empty": "an_idle_side_that_is_not_checked",
    "deploy 0 grow_new": PLAIN,
    "deploy 0 await_new": "a_launch_that_can_never_succeed",
    "deploy 0 require_no_alarm": "an_alarm_while_new_boots",
    "deploy 0 pass_dead_by": "a_balancer_in_which_nothing_gets_well",
    "deploy 0 await_proof": "a_first_deployment_that_dies_after_its_first_check",
    "deploy 1 accept_edits": "a_maximum_wished_while_the_traffic_moves",
    "deploy 1 accept_suspensions": "replacing_put_to_rest_while_the_traffic_moves",
    "deploy 1 keep_new_image": "a_tag_reset_while_the_traffic_moves",
    "deploy 1 require_no_alarm": "an_alarm_before_the_first_wave",
    "deploy 1 grow_new": "a_scale_out_while_the_traffic_moves",
    "deploy 1 require_launches": "a_later_wave_that_cannot_be_launched",
    "deploy 1 copy_settings": "a_policy_edited_while_the_traffic_moves",
    "deploy 1 await_quiet": "a_schedule_due_at_the_switch",
    "deploy 1 arm_new": PLAIN,
    "deploy 1 disarm_old": "a_deployment_that_dies_with_both_armed",
    "deploy 1 let_old_go": PLAIN,
    "deploy 1 park_old": PLAIN,
    "deploy 1 await_new": "a_first_deployment_that_falls_ill",
    "deploy 2 accept_edits": "a_maximum_wished_in_the_bake",
    "deploy 2 keep_new_image": "a_tag_reset_in_the_bake",
    "deploy 2 disarm_old": "an_old_side_armed_in_the_bake",
    "deploy 2 let_old_go": "a_minimum_of_old_raised_in_the_bake",
    "deploy 2 park_again": "an_old_one_comes_back_in_the_bake",
    "deploy 2 follow_demand": "a_load_that_rises_in_the_bake",
    "deploy 2 accept_suspensions": "a_new_side_put_to_rest_in_the_bake",
    "deploy 2 arm_new": "both_sides_set_back_in_the_bake",
    "deploy 2 require_no_alarm": "an_alarm_in_the_bake",
    "deploy 2 await_all": "a_slow_half",
    "deploy 2 await_bake": PLAIN,
    "deploy 2 hand_over": PLAIN,
    "rollback 0 accept_edits": "a_minimum_wished_during_a_rollback",
    "rollback 0 require_fit_to_return": "a_rollback_while_launches_rest",
    "rollback 0 return_old": PLAIN,
    "rollback 0 forget_what_stayed": "a_wave_that_never_arrived",
    "rollback 0 write_release_tags": PLAIN,
    "rollback 0 return_settings": "a_finish_of_settings_taken_back",
    "rollback 0 accept_suspensions": "a_new_side_put_to_rest_before_a_rollback",
    "rollback 0 arm_old": PLAIN,
    "rollback 0 disarm_new": "a_rollback_that_dies_with_both_armed",
    "rollback 0 unprotect_new": "a_protected_new_side",
    "rollback 0 shrink_new": PLAIN,
    "rollback 1 accept_edits": "a_maximum_wished_while_new_goes",
    "rollback 1 accept_suspensions": "an_old_side_put_to_rest_while_new_goes",
    "rollback 1 bring_settings": "a_schedule_put_onto_new_before_a_rollback",
    "rollback 1 keep_new_disarmed": "a_new_side_armed_while_it_goes",
    "rollback 1 unprotect_new": "a_protected_one_that_comes_late",
    "rollback 1 empty_new": "a_late_one_of_the_image_that_idle_had",
    "rollback 1 hold_demand": "a_load_that_rises_while_new_goes",
    "rollback 1 await_old": "an_old_side_that_falls_ill_on_its_way_back",
    "rollback 1 retire_or_keep": "a_finish_taken_back_behind_the_detaching",
    "rollback 1 unmark_returned": "a_finish_taken_back_behind_the_marking",
    "rollback 1 keep_old_image": "a_tag_reset_while_new_goes",
    "rollback 1 strip_new": MOVED_BACK,
    "rollback 1 restore_tag": PLAIN,
    "rollback 1 restore_new": PLAIN,
    "rollback 1 restore_old": PLAIN,
    "rollback 1 remove_release_tags": PLAIN,
    "finish 0 require_new_holds": "a_finish_under_a_sick_new_side",
    "finish 0 require_alarms_at_rest": "an_alarm_before_a_finish",
    "finish 0 let_old_go": "a_minimum_raised_before_a_finish",
    "finish 0 park_again": FINISHED,
    "finish 0 await_old_parked": "a_finish_while_old_still_drains",
    "finish 0 write_release_tags": FINISHED,
    "finish 0 follow_deletions": "a_schedule_deleted_before_a_finish",
    "finish 1 require_new_still_holds": "a_new_side_that_falls_ill_behind_the_door",
    "finish 1 keep_new_image": "a_tag_reset_while_old_is_retired",
    "finish 1 let_old_go": "a_minimum_raised_while_old_is_retired",
    "finish 1 park_again": "an_old_one_comes_back_while_old_is_retired",
    "finish 1 await_old_parked": "an_old_one_comes_back_while_old_is_retired",
    "finish 1 list_parked": FINISHED,
    "finish 1 mark_parked": FINISHED,
    "finish 1 detach_parked": FINISHED,
    "finish 1 retire_or_keep": FINISHED,
    "finish 1 follow_deletions": "a_schedule_deleted_in_the_middle_of_a_finish",
    "finish 1 strip_old": "a_finish_of_settings",
    "finish 1 accept_suspensions": "a_new_side_put_to_rest_before_a_finish",
    "finish 1 suspend_as_the_service": "a_service_with_processes_at_rest",
    "finish 1 leave_old_idle": FINISHED,
    "finish 1 remove_release_tags": FINISHED,
}
"""The trial beside each position: the plan, the section, the step. A step without a row makes its case fail."""


def cases(_: Scale) -> list[str]:
    """Return every guard and every position of every plan, as the product has them now."""
    return [f"guard {guard.__name__}" for guard in ALL_GUARDS] + ["lease assure"] + [key for key, _ in positions()]


def positions() -> Iterator[tuple[str, Plans]]:
    """Yield each position, with the plans as they are without it."""
    for goal, plan in PLANS.items():
        section = 0
        for number, item in enumerate(plan):
            if isinstance(item, Milestone):
                section += 1
            elif not isinstance(item, Stage):
                yield f"{goal} {section} {item.__name__}", {**PLANS, goal: plan[:number] + plan[number + 1 :]}


def run(key: str, watch: Watching = None) -> list[str]:
    """Return what went unnoticed, or was wrong without anything being taken out."""
    kind, _, name = key.partition(" ")
    if kind == "guard":
        return _guard(next(guard for guard in ALL_GUARDS if guard.__name__ == name), watch)
    if kind == "lease":
        return _lease(watch)
    if key not in NEEDED:
        return [f"no trial stands beside {key}"]
    story = TRIALS[NEEDED[key]]
    return _noticed(story, build_plan(), build_plan(dict(positions())[key]), watch)


def _guard(guard: Guard, watch: Watching) -> list[str]:
    if guard not in SABOTEURS:
        return [f"no saboteur stands beside {guard.__name__}"]
    plans = PLANS_OF.get(guard, lambda: PLANS)
    others = tuple(one for one in ALL_GUARDS if one is not guard)
    return _noticed(SABOTEURS[guard], build_plan(plans()), build_plan(plans(), others), watch)


def _lease(watch: Watching) -> list[str]:
    """Take out what asks for the lease right before each write."""
    wrong = [f"with everything in place: {sentence}" for sentence in stopped_before_a_write(watch)]
    kept, ServiceBook.assure = ServiceBook.assure, lambda _: None  # type: ignore[method-assign]
    try:
        noticed = stopped_before_a_write(watch)
    finally:
        ServiceBook.assure = kept  # type: ignore[method-assign]
    return wrong if wrong or noticed else ["nothing noticed that it was taken out"]


def _noticed(story: Callable[[Any], list[str]], whole: Plan, lacking: Plan, watch: Watching) -> list[str]:
    wrong = [f"with everything in place: {sentence}" for sentence in _under(whole, story, watch)]
    return wrong if wrong or _under(lacking, story, watch) else ["nothing noticed that it was taken out"]


def _under(plan: Plan, story: Callable[[Any], list[str]], watch: Watching) -> list[str]:
    token = plan_in_use.set(plan)
    try:
        return story(watch)
    finally:
        plan_in_use.reset(token)
