"""What the owner puts onto new, or changes there, while that serves: a rollback brings it to old, as it does bounds."""

from __future__ import annotations

import attrs

from bluegreen.flow.answers import DONE, Recorded
from bluegreen.targets.pair.model.copies import Copies, Named, copies, lacking, named, only
from bluegreen.targets.pair.model.fleet import Scaling
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import MOVE, Release
from bluegreen.targets.pair.model.twins import ALARM, POLICY, SCHEDULE, Names, Settings, name_of
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.asking import scaling_of, what_moves
from bluegreen.targets.pair.plans.moving import as_on_old, put_first
from bluegreen.targets.pair.plans.owner import believed_in_time, has_none, has_served, put_by
from bluegreen.targets.pair.sentences import edits


def bring_settings(look: Look) -> Answer:
    """Old has what its owner put onto new, or changed there, while that served; what was changed on old since stays."""
    release, scaling = look.release, look.fleet.scaling
    if release.way != MOVE or not has_served(release):
        return DONE
    if unseen := what_moves(look):
        return unseen
    there = scaling[release.old]
    if bring := put_first(look, release.old, only(as_on_old(look), _added(look)), there, there.alarms):
        return bring
    if (changed := _changed(look)).all:
        sentence = edits.to_be_changed(release.old, changed.all, release.new)
        wait = believed_in_time(look, put_by(release), _changed, sentence)
        return wait or put_first(look, release.old, only(as_on_old(look), changed), there, there.alarms) or DONE
    if (learned := _with_added(look)) != release:
        return Recorded(learned, edits.has_what_was_put(release.old, release.new))
    nothing = attrs.evolve(release, copied=False)
    return Recorded(nothing, edits.nothing_was_put(release.new)) if has_none(release) else DONE


def _added(look: Look) -> Named:
    """Return what new has by its owner alone, and old has not: what old had, and lacks, its owner took off there."""
    release, scaling = look.release, look.fleet.scaling
    known = named(scaling_of(release.picture.old)) | named(scaling[release.old])
    return named(scaling[release.new], Names(release.new, release.old)) - known


def _changed(look: Look) -> Named:
    """Return what is not the same on new, and on old as it was."""
    release, there = look.release, look.fleet.scaling[look.release.old]
    before = scaling_of(release.picture.old)
    as_it_was = copies(before, there, Names(release.old, release.old), look.fleet.at)
    here = named(there) & named(before)
    return (_unlike(as_on_old(look), there) & here) - _unlike(as_it_was, there)


def _unlike(wanted: Copies, there: Scaling) -> Named:
    return Named(
        _names(lacking(wanted.policies, there.policies, POLICY), POLICY),
        _names(lacking(wanted.alarms, there.alarms, ALARM), ALARM),
        _names(lacking(wanted.schedules, there.schedules, SCHEDULE), SCHEDULE),
    )


def _names(settings: Settings, key: str) -> frozenset[str]:
    return frozenset(name_of(one, key) for one in settings)


def _with_added(look: Look) -> Release:
    """Return the release whose picture knows what both have by now and it had not: it moves like the rest."""
    release, scaling = look.release, look.fleet.scaling
    side, there = release.picture.old, scaling[release.old]
    more = named(scaling[release.new], Names(release.new, release.old)) - named(scaling_of(side))
    side = attrs.evolve(
        side,
        policies=(*side.policies, *(one for one in there.policies if name_of(one, POLICY) in more.policies)),
        alarms=(*side.alarms, *(one for one in there.alarms if name_of(one, ALARM) in more.alarms)),
        schedules=(*side.schedules, *(one for one in there.schedules if name_of(one, SCHEDULE) in more.schedules)),
    )
    return attrs.evolve(release, picture=attrs.evolve(release.picture, old=side))
