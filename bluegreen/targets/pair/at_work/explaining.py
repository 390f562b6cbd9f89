"""What is looked at to say why instances are not healthy: the groups, and more of those that are not well."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.errors import Denied, Refused, Unreachable
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.model.fleet import Fleet, Group, Question
from bluegreen.targets.pair.model.more import More
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.telling.why import Evidence, ails, recently, unwell, why
from bluegreen.targets.seam.why import CONSOLE_LINES, Console, Why, meant
from bluegreen.words import clean


def explained(looks: Looks, release: Release | None, instance: str, since: Mapping[str, float]) -> Why:
    """Return why instances are not healthy; of what is well no more is asked than of a status."""
    fleet = looks.cloud.ask(Question(looks.names, patchy=True, hooks=True))
    groups = [fleet.groups[name] for name in looks.names]
    asked = meant(instance, frozenset(i for group in groups for i in group.ids))
    ailing = [group for group in groups if ails(fleet, group) or asked in group.ids]
    ids = (asked,) if asked else tuple(i.id for group in ailing for i in unwell(fleet, group))
    seen = Evidence(
        fleet=_with_activities(looks, looks.cloud.closer(fleet, ids) if ids else fleet, release, ailing),
        names=looks.names,
        tag_key=looks.settings.image_tag_key,
        now=looks.session.clock.now(),
        release=release,
        checks=looks.cloud.checks({one for group in ailing for one in group.balancers}),
        since=since,
    )
    return why(looks.session.name, seen, asked or instance)


def console(looks: Looks, instance: str) -> Console:
    """Return the end of an instance's serial console; what is denied, or not answered, is not known."""
    try:
        return Console(instance=instance, lines=tuple(map(clean, looks.cloud.console(instance, CONSOLE_LINES))))
    except (Denied, Refused, Unreachable) as error:
        return Console(instance=instance, untold=error.message)


def _with_activities(looks: Looks, fleet: Fleet, release: Release | None, groups: list[Group]) -> Fleet:
    """Return the look with what happened to groups lately, where AWS tells: it is only worth knowing."""
    now = looks.session.clock.now()
    asked = More(activities=tuple((group.name, recently(release, group.name, now)) for group in groups))
    try:
        return looks.cloud.more(fleet, asked)
    except (Denied, Refused, Unreachable):
        return fleet
