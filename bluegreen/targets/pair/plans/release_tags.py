"""Tags of both groups that tell of the release while it lasts, and of none afterwards."""

from __future__ import annotations

from bluegreen.flow.answers import DONE
from bluegreen.targets.pair.model.actions import RemoveReleaseTags, WriteReleaseTags
from bluegreen.targets.pair.model.fleet import Fleet
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import ID, ROLLBACK, SEAL
from bluegreen.targets.pair.plans.answers import Answer
from bluegreen.targets.pair.plans.due import plainly
from bluegreen.targets.pair.release_tags.written import KEYS, tags_of, unsealed


def write_release_tags(look: Look) -> Answer:
    """The tags of both groups tell of the release, but for one that is taken back before it had any."""
    if look.release.goal == ROLLBACK and not look.release.launched_at and telling(look.fleet) is None:
        return DONE
    bare = any(one.tag(SEAL) is None or one.tag(ID) != look.release.id for one in (look.old, look.new))
    wanted = tags_of(look.release) if bare else unsealed(look.release)
    lacking = tuple(
        (name, key, value)
        for name, tags in wanted.items()
        for key, value in tags.items()
        if look.fleet.groups[name].tag(key) != value
    )
    return plainly(look, WriteReleaseTags(lacking)) if lacking else DONE


def remove_release_tags(look: Look) -> Answer:
    """No tag of either group tells of a release any more."""
    left = telling(look.fleet)
    return plainly(look, left) if left else DONE


def telling(fleet: Fleet) -> RemoveReleaseTags | None:
    """Return what takes all tags off that tell of a release, or ``None`` when there is none."""
    left = tuple((group.name, key) for group in fleet.groups.values() for key in KEYS if key in group.tags)
    return RemoveReleaseTags(left) if left else None
