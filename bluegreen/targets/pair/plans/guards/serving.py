"""What serves by AWS's own rows is not taken away on a record's word: of how many are needed, it has no say. Pure.

A release that this very run has begun is known; one that was read from a record, or made from tags, is a claim. How few
may serve is the groups' tags' to say, down to what the configuration allows; that a release is the first one, that a
balancer does not count, or that it must go at once, is a person's, who says it to this run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from attrs import frozen

from bluegreen.flow.answers import Due, Waiting
from bluegreen.flow.limits import Limits, Rolling
from bluegreen.flow.terms import limits_told
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.actions import Action, Detach, EnterStandby, Flip, Resize, Resume, Terminate
from bluegreen.targets.pair.model.fleet import ENDING, HEALTHY, UNKNOWN, Fleet, Group, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ROLLBACK
from bluegreen.targets.pair.plans.answers import Answer, Guard
from bluegreen.targets.pair.plans.guards.shortened import terms_told
from bluegreen.targets.pair.plans.guards.suspended import suspended_as_told
from bluegreen.targets.pair.plans.guards.switch import not_too_soon, switch_was
from bluegreen.targets.pair.sentences import claimed

ALL_STAY = Rolling()


@frozen
class Said:
    """What is said of how many must serve where a record has no say: by the configuration, and by a person to this run.

    ``limits`` are how few may serve; ``without`` are the ids of balancers that do not count; ``urgent`` says that new
    is to go at once; ``since`` is when this run began (POSIX seconds).
    """

    limits: Limits = ALL_STAY
    without: frozenset[str] = frozenset()
    urgent: bool = False
    since: float = 0.0


def when_carried_on(guards: Iterable[Guard], said: Said) -> tuple[Guard, ...]:
    """Return the guards of a release that another run has begun, beside all others.

    What waits lest capacity is lost is known before patience is measured, what blocks is decided at last.
    """
    carried = (not_too_soon, partial(switch_was, since=said.since), suspended_as_told)
    return (partial(serving_stays, said=said), *guards, *carried)


def serving_stays(answer: Answer, look: Look, said: Said) -> Answer:
    """No balancer loses what serves there by AWS's own answers, however the record tells of the release.

    As many as the larger side has healthy there must stay, as far as the limits ask for it that the tags tell (all
    where they tell none), but no more than either group wants.
    """
    if not isinstance(answer, Due) or _at_once(look, said):
        return answer
    fleet = look.fleet.as_shown
    attached = {one.id for group in fleet.groups.values() for one in group.balancers}
    for balancer in sorted(attached - fleet.out_of_use - said.without):
        if loss := taken_away(answer.action, fleet.groups, partial(_may_serve, fleet, balancer)):
            each = [_counted_on(fleet, group, balancer) for group in fleet.groups.values()]
            least = _least(look, said, max(each))
            needed = min(sum(each), least, max(group.desired for group in fleet.groups.values()))
            if (left := sum(each) - loss) < needed or left < 0:
                return Waiting(
                    claimed.enough_on_record_alone(answer.act, max(left, 0), sum(each), called(balancer)),
                    hint=_ways(look),
                )
    return answer


def _at_once(look: Look, said: Said) -> bool:
    """Whether a person said to this run that new is to go at once, and there is an old side that can do."""
    return said.urgent and look.release.goal == ROLLBACK and bool(look.old.staying)


def _ways(look: Look) -> str:
    """Return what a person can do who knows better."""
    release, new = look.release, look.new
    if release.goal != ROLLBACK:
        return ""
    if not release.first:
        return f"`bluegreen rollback --now {release.service}` takes {new.name} away all the same"
    return (
        f"{new.name} serves and stays: `bluegreen close --reason TEXT {release.service}` ends the release; "
        f"where it is to go: {hints.emptied(new)}, then `bluegreen resume {release.service}`"
    )


def taken_away(action: Action, groups: Mapping[str, Group], may_serve: Callable[[Group], tuple[str, ...]]) -> int:
    """How many an action takes away at most of those that ``may_serve`` tells of each group, in one balancer."""
    match action:
        case EnterStandby(_, ids) | Detach(_, ids) | Terminate(ids):
            return len({i for group in groups.values() for i in may_serve(group)} & set(ids))
        case Resume(name, processes) | Flip(Resume(name, processes)) if ENDING & set(processes):
            return len(may_serve(groups[name]))
        case Resize(name, _, top) if top is not None:
            return min(len(may_serve(groups[name])), max(0, groups[name].desired - top))
    return 0


def _may_serve(fleet: Fleet, balancer: str, group: Group) -> tuple[str, ...]:
    """Return the members that may serve in a balancer, by AWS's rows alone."""
    attached = any(one.id == balancer for one in group.balancers)
    hoped = (HEALTHY, UNKNOWN) if attached else (HEALTHY,)
    return tuple(i.id for i in group.in_service if fleet.state(balancer, i.id) in hoped)


def _counted_on(fleet: Fleet, group: Group, balancer: str) -> int:
    """How many of a group are known to be healthy, without those that it is about to take out of service anyway."""
    healthy = sum(fleet.state(balancer, i.id) == HEALTHY for i in group.in_service)
    return max(0, healthy - max(0, len(group.in_service) + len(group.arriving) - group.desired))


def _least(look: Look, said: Said, serving: int) -> int:
    """Return how many of those that serve are to stay: by what the tags tell, and no fewer than is configured."""
    told = max((_told(terms).least(serving) for terms in terms_told(look)), default=serving)
    return min(serving, max(told, said.limits.least(serving)))


def _told(terms: Mapping[str, str]) -> Limits:
    """Return the limits that a group's tag tells; all stay where it tells none that a release can have."""
    try:
        return limits_told(terms)
    except ValueError:
        return ALL_STAY
