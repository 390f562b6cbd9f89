"""What a record says of alarms, policies, images and instances is a claim, which AWS's own rows must confirm. Pure.

A record can be written by whoever may write where it is kept; nothing is changed in AWS on its word alone. Each guard
here makes an answer more careful; what several looks do not confirm is ``Blocked``, with both facts. None of them
stands in the way of old instances that come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bluegreen.flow.answers import Blocked, Due, Waiting
from bluegreen.flow.guards import AGREEING
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import PutAlarms, PutPolicies, PutSchedules, RemoveAlarms, Terminate
from bluegreen.targets.pair.model.activities import members_told
from bluegreen.targets.pair.model.copies import copies, unlike
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.twins import (
    ACTIONS,
    ALARM,
    POLICY,
    SCHEDULE,
    Names,
    Setting,
    actions_of,
    is_policy,
    name_of,
)
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import members
from bluegreen.targets.pair.sentences import claimed
from bluegreen.words import fits

_GROUP = re.compile(r":autoScalingGroupName/([^:]+):policyName/")
"""Where a policy's ARN names its group (Auto Scaling user guide: actions, resources and condition keys)."""


# ---- alarms, policies, scheduled actions ----


def only_own_alarms_removed(answer: Answer, look: Look) -> Answer:
    """An alarm is deleted only where AWS shows that it acts through policies of that group, and of no other one."""
    match answer:
        case Due(RemoveAlarms(group, names)) if _strange(look, group, names):
            blocked = _not_its_alarm(look, group, names)
            return _blocked_if_steady(answer, look, lambda view: _strange(view, group, names), blocked, _settings(look))
    return answer


def only_seen_settings_put(answer: Answer, look: Look) -> Answer:
    """What is put onto one group is what AWS shows on the other one today; no alarm of anybody else's is put over."""
    match answer:
        case Due(PutPolicies(group, put)):
            return _put_as_seen(answer, look, group, POLICY, put)
        case Due(PutSchedules(group, put)):
            return _put_as_seen(answer, look, group, SCHEDULE, put)
        case Due(PutAlarms(group, put)):
            return _alarms_put_as_seen(answer, look, group, put)
    return answer


def _alarms_put_as_seen(answer: Answer, look: Look, group: str, put: tuple[Setting, ...]) -> Answer:
    names = tuple(name_of(one, ALARM) for one in put)
    there = tuple(name for name in names if name in _known(look))
    if unread := look.fleet.lacks(More(alarms=tuple(name for name in names if name not in there))).alarms:
        return Waiting(claimed.whose_is_not_read(unread))
    if not _strange(look, group, there):
        return _put_as_seen(answer, look, group, ALARM, put)
    blocked = _not_its_alarm(look, group, there)
    return _blocked_if_steady(answer, look, lambda view: _strange(view, group, there), blocked, _settings(look))


def _put_as_seen(answer: Answer, look: Look, group: str, key: str, put: tuple[Setting, ...]) -> Answer:
    lacking = _unseen(look, group, key, put)
    if not lacking:
        return answer
    other = _other(look, group)
    return _blocked_if_steady(
        answer,
        look,
        lambda view: _unseen(view, group, key, put),
        Blocked(
            claimed.not_on_the_other(group, lacking, other),
            f"put it onto {other} if it belongs to the service, then `bluegreen resume {look.release.service}`; "
            + _forged(look),
        ),
        _settings(look),
    )


def _unseen(look: Look, group: str, key: str, put: tuple[Setting, ...]) -> tuple[str, ...]:
    """Return the names of what is not to be seen on the other group, as it would be on this one."""
    scaling, other = look.fleet.scaling, _other(look, group)
    if look.fleet.lacks(_settings(look)):
        return tuple(name_of(one, key) for one in put)
    seen = copies(scaling[other], scaling[group], Names(other, group), look.fleet.at)
    kinds = {POLICY: seen.policies, ALARM: seen.alarms, SCHEDULE: seen.schedules}
    there = {name_of(one, key): one for one in kinds[key]}
    return tuple(name_of(one, key) for one in put if unlike(one, there.get(name_of(one, key))))


def _strange(look: Look, group: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not _is_of(look, group, name))


def _is_of(look: Look, group: str, name: str) -> bool:
    """Whether an alarm is of ``group``: it acts through policies of that group alone, and through one at least.

    Whose one is that acts through none (its policy was deleted, or it only sends notifications) is its owner's to say,
    whatever it is called.
    """
    policies = [arn for arn in _known(look).get(name, ()) if is_policy(arn)]
    return bool(policies) and all(group_of(arn) == group for arn in policies)


def _known(look: Look) -> Mapping[str, tuple[str, ...]]:
    """Return what each alarm that this look shows does in any of its states, by its name."""
    rows = {name_of(one, ALARM): one for scaling in look.fleet.scaling.values() for one in scaling.alarms}
    found = {name: tuple(arn for key in ACTIONS for arn in actions_of(one, key)) for name, one in rows.items()}
    return {**found, **look.fleet.acting}


def group_of(arn: str) -> str:
    """Return the group that a scaling policy is of, by its ARN; nothing for what is no such ARN."""
    found = _GROUP.search(arn)
    return found[1] if found else ""


def _not_its_alarm(look: Look, group: str, names: Iterable[str]) -> Blocked:
    strange = _strange(look, group, names)
    known, service = _known(look), look.release.service
    whose = sorted({arn for name in strange for arn in known.get(name, ())})
    through = dict.fromkeys(f"a policy of {group_of(arn)}" if group_of(arn) else arn for arn in whose)
    they_are = fits(strange, "it is", "they are")
    return Blocked(
        claimed.not_its_alarm(group, strange, through),
        f"if {they_are} to go: {hints.alarms_gone(strange)}, then `bluegreen resume {service}`; {_forged(look)}",
    )


# ---- instances ----


def only_former_members_terminated(answer: Answer, look: Look) -> Answer:
    """What is terminated was a member of the group that is retired, as AWS's own activities tell."""
    match answer:
        case Due(Terminate(ids)) if strange := _never_members(look, ids):
            theirs = f"see whose {fits(strange, 'it is', 'they are')}; {_forged(look)}"
            blocked = Blocked(claimed.were_no_members(strange, look.release.old), theirs)
            told = members(look.release)
            return _blocked_if_steady(answer, look, lambda view: _never_members(view, ids), blocked, told)
    return answer


def _never_members(look: Look, ids: tuple[str, ...]) -> tuple[str, ...]:
    told = members_told(look.fleet.activities, look.release.old)
    return tuple(one for one in ids if one not in told)


# ---- how an answer becomes more careful ----


def _other(look: Look, group: str) -> str:
    return look.release.new if group == look.release.old else look.release.old


def _settings(look: Look) -> More:
    return More(scaling=(look.release.old, look.release.new))


def _blocked_if_steady(
    answer: Answer, look: Look, strange: Callable[[Look], object], blocked: Blocked, read: More
) -> Answer:
    """Return ``blocked`` where several looks that have ``read`` what tells agree that ``strange`` holds.

    An answer of AWS's may be an old one. A guard asks nothing: what no step has asked for is not known, and waits.
    """
    if look.steady(AGREEING, lambda view: bool(strange(view)), read):
        return blocked
    return Waiting(claimed.again(blocked.reason))


def _forged(look: Look) -> str:
    service = look.release.service
    away = "a record that nobody here wrote is to be moved away, and looked into"
    return f"{away}; `bluegreen adopt {service}` makes one anew"


CLAIMS = (only_own_alarms_removed, only_seen_settings_put, only_former_members_terminated)
