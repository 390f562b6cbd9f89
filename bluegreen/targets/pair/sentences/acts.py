"""What each action does, told with the values that it changes: :func:`act` says it of any."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import both, change, counted, few, of
from bluegreen.targets.pair.model import actions
from bluegreen.targets.pair.model.actions import Action, Ids
from bluegreen.targets.pair.model.fleet import Fleet, Group, called
from bluegreen.targets.pair.model.release import ID
from bluegreen.targets.pair.model.twins import Settings
from bluegreen.words import fits

BLUE, GREEN = "web-blue", "web-green"
IDS = ("i-0b7130fd5c2c12e64", "i-0c19aa2f31c5577aa")


def act(action: Action, fleet: Fleet) -> str:
    """Return what an action does: as a sentence without a why, old values as ``fleet`` shows them."""
    group = fleet.groups.get(getattr(action, "group", ""))
    match action:
        case actions.Suspend(name, processes):
            return suspend(name, processes)
        case actions.Resume(name, processes):
            return resume(name, processes)
        case actions.Flip(on, off):
            return flip(on.group, on.processes, off.group, off.processes)
        case actions.Resize(name, low, top):
            return resize(name, _size(group, "min"), low, _size(group, "max"), top)
        case actions.TagGroup(name, key, value):
            return tag_group(name, key, None if group is None else group.tag(key), value)
        case actions.UntagGroup(name, key):
            return untag_group(name, key)
        case actions.WriteReleaseTags(tags):
            return write_release_tags({tag[0] for tag in tags}, _release(tags, fleet))
        case actions.RemoveReleaseTags(tags):
            return remove_release_tags({tag[0] for tag in tags})
        case actions.Register(balancer, ids):
            return register(ids, called(balancer.id))
    return _of_instances(action) if hasattr(action, "ids") else _of_settings(action)


def _of_instances(action: Action) -> str:
    match action:
        case actions.EnterStandby(group, ids):
            return enter_standby(group, ids)
        case actions.ExitStandby(group, ids):
            return exit_standby(group, ids)
        case actions.Detach(group, ids):
            return detach(group, ids)
        case actions.Unprotect(group, ids):
            return unprotect(group, ids)
        case actions.Terminate(ids):
            return terminate(ids)
        case actions.Mark(ids, key):
            return mark(ids, key)
        case actions.Unmark(ids, key):
            return unmark(ids, key)
    raise AssertionError(action)


def _of_settings(action: Action) -> str:
    match action:
        case actions.PutPolicies(group, settings):
            return put(group, "scaling policy", "scaling policies", _names(settings, "PolicyName"))
        case actions.PutAlarms(group, settings):
            return put(group, "alarm", "alarms", _names(settings, "AlarmName"))
        case actions.PutSchedules(group, settings):
            return put(group, "scheduled action", "scheduled actions", _names(settings, "ScheduledActionName"))
        case actions.RemovePolicies(group, names):
            return remove(group, "scaling policy", "scaling policies", names)
        case actions.RemoveAlarms(group, names):
            return remove(group, "alarm", "alarms", names)
        case actions.RemoveSchedules(group, names):
            return remove(group, "scheduled action", "scheduled actions", names)
    raise AssertionError(action)


def _size(group: Group | None, bound: str) -> int | None:
    return None if group is None else group.min if bound == "min" else group.max


def _release(tags: Collection[tuple[str, str, str]], fleet: Fleet) -> str:
    """Return the id of the release that tags are of: one of them is it, or it is on their groups already."""
    written = {value for _, key, value in tags if key == ID}
    there = {group.tag(ID) for name, group in fleet.groups.items() if name in {tag[0] for tag in tags}}
    return min(written or filter(None, there), default="")


def _names(settings: Settings, key: str) -> tuple[str, ...]:
    return tuple(str(one[key]) for one in settings)


# ---- groups ----


@example(GREEN, ("AZRebalance", "AlarmNotification", "ScheduledActions"))
def suspend(group: str, processes: Collection[str]) -> str:
    """Processes of a group are suspended."""
    return of(group, f"suspend {', '.join(sorted(processes))}")


@example(BLUE, ("AlarmNotification",))
def resume(group: str, processes: Collection[str]) -> str:
    """Processes of a group are resumed."""
    return of(group, f"resume {', '.join(sorted(processes))}")


@example(GREEN, ("AlarmNotification", "ScheduledActions"), BLUE, ("AlarmNotification", "ScheduledActions"))
@example(
    GREEN, ("AlarmNotification", "ScheduledActions"), BLUE, ("AZRebalance", "AlarmNotification", "ScheduledActions")
)
def flip(on: str, resumed: Collection[str], off: str, suspended: Collection[str]) -> str:
    """Processes are resumed in the one group, and suspended in the other right after."""
    more = sorted(set(suspended) - set(resumed))
    them = of(off, f"suspend {' and '.join(('them', *more))}") if set(resumed) <= set(suspended) else ""
    return f"{resume(on, resumed)}; {them or suspend(off, suspended)}"


@example(GREEN, 0, 2, 0, 4)
@example(BLUE, 2, 0, 4, None)
def resize(group: str, min_was: int | None, min_is: int | None, max_was: int | None, max_is: int | None) -> str:
    """Sizes of a group change, each from what it was; one that stays as it is is not told beside one that changes."""
    sizes = (("minimum", min_was, min_is), ("maximum", max_was, max_is))
    written = [(what, was, now) for what, was, now in sizes if now is not None]
    changed = [one for one in written if one[1] != one[2]]
    return of(group, ", ".join(change(*one) for one in changed or written))


@example(GREEN, "image", "v1", "v2")
def tag_group(group: str, key: str, was: str | None, now: str) -> str:
    """A group's tag, that instances read, gets another value."""
    return of(group, f"tag {change(key, was, now)}")


@example(GREEN, "image")
def untag_group(group: str, key: str) -> str:
    """A group's tag is removed."""
    return of(group, f"remove tag {key}")


@example((BLUE, GREEN), "web:20261129-211157-34bb")
def write_release_tags(groups: Collection[str], release: str) -> str:
    """The release that groups are in is written into their tags."""
    return f"tag {both(groups)} with release {release}" if release else f"tag {both(groups)} with the release"


@example((BLUE, GREEN))
def remove_release_tags(groups: Collection[str]) -> str:
    """The tags that told of a release are removed."""
    return f"remove the release's tags from {both(groups)}"


# ---- instances ----


@example(BLUE, IDS)
def enter_standby(group: str, ids: Ids) -> str:
    """Instances leave the load balancers, and run on in Standby."""
    return of(group, counted(ids, "instance", "to Standby"))


@example(BLUE, (*IDS, "i-03", "i-04", "i-05"))
def exit_standby(group: str, ids: Ids) -> str:
    """Instances in Standby come back into service."""
    return of(group, counted(ids, "instance", "back from Standby"))


@example(BLUE, IDS)
def detach(group: str, ids: Ids) -> str:
    """Instances in Standby leave their group."""
    return of(group, f"detach {counted(ids, 'instance')}")


@example(IDS)
def terminate(ids: Ids) -> str:
    """Detached instances are terminated."""
    return f"terminate {counted(ids, 'instance')}"


@example(IDS, "bluegreen:retire")
def mark(ids: Ids, key: str) -> str:
    """EC2 instances get a tag."""
    return f"tag {counted(ids, 'instance', key)}"


@example(IDS, "bluegreen:retire")
def unmark(ids: Ids, key: str) -> str:
    """EC2 instances lose a tag."""
    return f"remove tag {key} from {counted(ids, 'instance')}"


@example(IDS[:1], "web-tg")
def register(ids: Ids, balancer: str) -> str:
    """Instances get requests of a balancer again at once."""
    return f"register {few(ids)} again in {balancer}"


@example(GREEN, IDS)
def unprotect(group: str, ids: Ids) -> str:
    """Instances may be taken by their group's own scale-in again."""
    return of(group, f"remove scale-in protection from {counted(ids, 'instance')}")


# ---- scaling settings ----


@example(GREEN, "scaling policy", "scaling policies", ("cpu-out", "cpu-in"))
def put(group: str, one: str, many: str, names: Collection[str]) -> str:
    """Scaling settings are put onto a group."""
    return of(group, f"put {fits(names, one, many)} {few(names)}")


@example(GREEN, "alarm", "alarms", ("web-green-cpu-high",))
def remove(group: str, one: str, many: str, names: Collection[str]) -> str:
    """Scaling settings are taken off a group."""
    return of(group, f"remove {fits(names, one, many)} {few(names)}")
