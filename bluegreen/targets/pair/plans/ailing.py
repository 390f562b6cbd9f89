"""Why what a release waits for is not healthy, as one of its looks shows it: kept past a rollback. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from bluegreen.flow.causes import Ailment, Cause, Link
from bluegreen.targets.pair.model import activities
from bluegreen.targets.pair.model.fleet import LAUNCH_HELD, Activity, Fleet, Group
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import DEPLOY, ROLLBACK
from bluegreen.targets.pair.sentences import causes as sentences

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"


def ailing(look: Look) -> tuple[Ailment, ...] | None:
    """Return what keeps the side that is waited for from being healthy: new, or old in a rollback.

    ``None`` where a load balancer does not answer.
    """
    if look.fleet.silent:
        return None
    group = {DEPLOY: look.new, ROLLBACK: look.old}.get(look.release.goal)
    if group is None:
        return ()
    return (*_launches(look, group), *_held(look, group), *_mistagged(look, group), *_unhealthy(look, group))


def there(look: Look) -> frozenset[str]:
    """Return the instances of both groups but those that leave."""
    return frozenset(i.id for group in (look.old, look.new) for i in group.instances if not i.leaving)


def _launches(look: Look, group: Group) -> Iterator[Ailment]:
    known = look.fleet.known.since(group.name) != math.inf and look.release.launched_at
    if known and lacks(group):
        told = [one for one in look.fleet.told(group.name) if one.started >= look.release.launched_at]
        if (cause := of_launches(group, told)) is not None:
            yield Ailment(cause=cause)


def _held(look: Look, group: Group) -> Iterator[Ailment]:
    held = [one.id for one in group.instances if one.state == LAUNCH_HELD]
    if held:
        cause = of_hook(look.fleet, group)
        yield from (Ailment(cause=cause, instance=one, code=LAUNCH_HELD) for one in held)


def _mistagged(look: Look, group: Group) -> Iterator[Ailment]:
    """Yield that instances come up under a tag that somebody else has written: it is put right, and they run that."""
    key, release = look.release.terms.image_tag_key, look.release
    new = group.name == release.new
    image = release.image if new else release.picture.old.image
    on_its_way = (i.arriving or (i.in_service and not look.fleet.healthy(group, i.id)) for i in group.instances)
    coming = lacks(group) or any(on_its_way)
    if (release.launched_at or not new) and coming and image is not None and group.tag(key) != image:
        yield Ailment(cause=of_tag(group, key, image))


def _unhealthy(look: Look, group: Group) -> Iterator[Ailment]:
    for balancer in group.balancer_ids:
        for one, reason in look.fleet.ails(group, balancer).items():
            cause = Cause(link=Link.BALANCER, sentence=sentences.unhealthy(reason))
            yield Ailment(cause=cause, instance=one, code=reason.code, text=reason.text)


def lacks(group: Group) -> int:
    """Return how many instances a group lacks that are neither in service nor on their way."""
    return max(0, group.desired - sum(i.in_service or i.arriving for i in group.instances))


def of_launches(group: Group, told: Iterable[Activity]) -> Cause | None:
    """Return why a group's launches fail; ``None`` where none has failed since one succeeded, or it is tried again."""
    failed = activities.failed_launches(told)
    terminal = next((one for one in failed if activities.kind_of(one) == "never"), None)
    if hopeless := terminal or activities.again_and_again(failed):
        said = hopeless.message or hopeless.cause
        return Cause(link=Link.LAUNCH, sentence=sentences.cannot_launch(group.name, said), terminal=True)
    if failed and activities.lacks_space(failed[0]):
        return Cause(link=Link.ROOM, sentence=sentences.no_room(group.name, failed[0].message))
    return None


def of_hook(fleet: Fleet, group: Group) -> Cause:
    """Return that a launch hook of a group holds an instance."""
    return Cause(link=Link.HOOK, sentence=sentences.hook_waits(launch_hooks(fleet, group)))


def of_tag(group: Group, key: str, image: str) -> Cause:
    """Return that a group's tag names another image than the one that it is to run."""
    return Cause(link=Link.IMAGE, sentence=sentences.wrong_tag(group.name, key, group.tag(key), image))


def launch_hooks(fleet: Fleet, group: Group) -> dict[str, Mapping[str, object]]:
    """Return the launch hooks of a group by their names, as far as they are known."""
    rows = fleet.hooks.get(group.name, ())
    return {str(row["LifecycleHookName"]): row for row in rows if row.get("LifecycleTransition") == LAUNCHING}
