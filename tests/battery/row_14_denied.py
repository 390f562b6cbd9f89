"""access denied on each action, throughout or from some call on, in each verb

It must be found before the first write, or be a safe stop with exit status 77 that names the very permission; the
record keeps the release, and once the permission is given the release is carried on to a clean end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from attrs import define, field, frozen

from bluegreen.errors import Status
from bluegreen.simulator.core.calls import Call
from bluegreen.simulator.core.faults import denied
from bluegreen.targets.pair.model.release import MARK, ROLLBACK
from tests.battery.rows import Scale
from tests.battery.stage import KILLED, ROLLED_BACK, Crash, Stage, Told, opened, told_once
from tests.battery.telling import Watching
from tests.support.virtual import BLUE, GREEN

MUST = "found before the first write, or a safe stop with 77 that names the permission"
SPARED = (
    *("cloudwatch:GetMetricData", "autoscaling:DescribeNotificationConfigurations"),
    "ec2:DescribeInstanceStatus",
)
"""What is read for a warning alone."""
LOOKED_UP = "ec2:DescribeInstances"
"""Whether what is parked still runs, and has room for a mark, is only worth knowing, where no finish has listed it."""
TAGS = "autoscaling:CreateOrUpdateTags"
MEMBERS, BALANCERS = "autoscaling:DescribeAutoScalingInstances", "elasticloadbalancing:"
"""What is asked right before a termination; whose other balancers then, and before a detachment, is worth knowing."""
PAGED = {"Marker", "PageSize"}
"""Asked with nothing else, balancers are anybody's."""
SIZE, FEW = 3, 80
DENIED = int(Status.DENIED)
Verb = Callable[[Stage], Told]


@frozen
class Course:
    """A pair made ready by ``before``, and the ``verb`` in which a permission is missing.

    ``back`` is whether it ends with the old image; ``leaves`` whether it leaves instances running on purpose; ``ends``
    the exit status when nothing is denied.
    """

    before: Callable[[Stage], Any]
    verb: Verb
    back: bool = False
    leaves: bool = False
    ends: Status = Status.OK


@define
class Gate:
    """Lets calls through, counts them by IAM action, and denies one action from its ``number``-th call on.

    ``spared`` says that the denial must end nothing, ``needed`` that something was denied which must end the run.
    """

    action: str = ""
    number: int = 1
    spared: bool = False
    needed: bool = False
    others: bool = False
    met: Counter[str] = field(factory=Counter)
    writes: int = 0

    def __call__(self, call: Call) -> None:
        """Count a call, or deny it."""
        self.met[call.action] += 1
        marked, unnamed = bool(self.met["ec2:CreateTags"]), not call.parameters.keys() - PAGED
        of_others = call.action.startswith(BALANCERS) and (self.others or (marked and unnamed))
        self.others = of_others or call.action == MEMBERS
        if call.action == self.action and self.met[call.action] >= self.number:
            self.needed |= not (self.spared or of_others)
            raise denied(call)
        self.writes += not call.reads

    @property
    def struck(self) -> bool:
        """Whether anything was denied."""
        return bool(self.action) and self.met[self.action] >= self.number


def _deployed(stage: Stage) -> None:
    stage.run("deploy", "v2")


def _parked(stage: Stage) -> None:
    _deployed(stage)
    stage.pair.run_for(60)


def _kept_from_termination(stage: Stage) -> None:
    _parked(stage)
    one = {"InstanceId": next(iter(stage.pair.sim.states(BLUE)))}
    stage.pair.sim.call("ec2", "ModifyInstanceAttribute", {**one, "DisableApiTermination": {"Value": True}})


def _killed_when_marked(stage: Stage) -> None:
    _parked(stage)
    stage.strikes.append(_kill_before_detach)
    stage.lingers = False
    assert stage.run("finish").sentence == KILLED
    stage.strikes.clear()


def _kill_before_detach(stage: Stage, side: str, what: Any) -> None:
    if isinstance(what, Call) and what.operation == "DetachInstances":
        stage.dead = True
        raise Crash


def _outlived(stage: Stage) -> None:
    _deployed(stage)
    stage.pair.run_for(700)


def _left_behind(stage: Stage) -> None:
    _parked(stage)
    ids = sorted(stage.pair.sim.states(BLUE))
    stage.run("finish", keep=True)
    document, _ = stage.pair.store.read("web")
    mark = {"Key": MARK, "Value": document.history[-1].id}
    stage.pair.sim.call("ec2", "CreateTags", {"Resources": ids, "Tags": [mark]})


def _finish(stage: Stage) -> Told:
    return stage.run("finish")


def _rollback(stage: Stage) -> Told:
    return stage.run("rollback")


def _cleanup(stage: Stage) -> Told:
    return stage.run("cleanup")


COURSES = {
    "deploy": Course(lambda _: None, lambda stage: stage.run("deploy", "v2")),
    "rollback-draining": Course(_deployed, _rollback, back=True),
    "rollback": Course(_parked, _rollback, back=True),
    "rollback-of-a-finish": Course(_killed_when_marked, _rollback, back=True),
    "finish": Course(_parked, _finish),
    "finish-keep": Course(_parked, lambda stage: stage.run("finish", keep=True), leaves=True),
    "finish-protected": Course(_kept_from_termination, _finish, ends=Status.BLOCKED),
    "cleanup": Course(_outlived, _cleanup),
    "cleanup-leftovers": Course(_left_behind, _cleanup, leaves=True, ends=Status.BLOCKED),
}


@told_once
def ready(name: str, watch: Watching = None) -> Stage:
    """Return a pair that needs every permission sooner or later.

    It has two kinds of balancers, protection, no idle tag, and settings that move.
    """
    tool, protected = {"bake": 0.0, "keep_parked": 600.0}, {"NewInstancesProtectedFromScaleIn": True}
    stage = opened(watch, size=SIZE, balancers="both", drain=20.0, tool=tool, scaling=True, **protected)
    if COURSES[name].back:
        tag = {"Key": "image", "ResourceId": GREEN, "ResourceType": "auto-scaling-group"}
        stage.pair.sim.call("autoscaling", "DeleteTags", {"Tags": [tag]})
        stage.judge.before = stage.pair.picture()
    COURSES[name].before(stage)
    return stage


def undisturbed(name: str) -> Counter[str]:
    """Return how often a course calls each IAM action when nothing is denied."""
    stage, gate = ready(name), Gate()
    stage.pair.sim.faults.before.append(gate)
    COURSES[name].verb(stage)
    return gate.met


def cases(scale: Scale) -> list[str]:
    """Each course with each action that it calls, denied from its first, second, middle and last call on, or each."""
    found = []
    for name in COURSES:
        for action, count in sorted(undisturbed(name).items()):
            numbers = range(1, count + 1) if scale.full else sorted({1, min(2, count), (count + 1) // 2, count})
            found += [f"{name}/{action}/{number}" for number in numbers]
    return scale.some(found, FEW)


def run(key: str, watch: Watching = None) -> list[str]:
    """Return everything that was wrong when an action was denied from some call on."""
    name, action, number = key.split("/")
    spared = action in SPARED or (action == LOOKED_UP and name in ("deploy", "rollback", "rollback-draining"))
    course, stage, gate = COURSES[name], ready(name, watch), Gate(action, int(number), spared)
    was_open, kept = stage.release is not None, stage.pair.sim.orphans()
    stage.pair.sim.faults.before.append(gate)
    told = course.verb(stage)
    if action == TAGS and told.status == course.ends and stage.release is None:
        gate.needed = False  # it was what nothing waits for: the seal alone, or when a release was taken up
    wrong = list(_stop(stage, gate, told, was_open, course.ends))
    if gate.number == 1 and action in ("ec2:TerminateInstances", "ec2:CreateTags"):
        wrong += _nothing_lost(stage, gate, kept, name)
    stage.calm()
    return wrong + list(_end(stage, course, gate.needed))


def _stop(stage: Stage, gate: Gate, told: Told, was_open: bool, ends: Status) -> Iterator[str]:
    if not gate.struck:
        return
    if not gate.needed:
        if told.status != ends:
            yield f"{gate.action} denied, which is only worth knowing, and it ended with {told.status}: {told.sentence}"
        return
    if told.status != DENIED or gate.action not in told.sentence:
        yield f"{gate.action} denied, and it ended with {told.status}: {told.sentence}"
    if stage.release is None and (was_open or (gate.writes and told.verb != "cleanup")):
        yield "the release is not on record any more"
    if stage.lease is not None:
        yield "the lease is not free"


def _nothing_lost(stage: Stage, gate: Gate, kept: list[str], name: str) -> Iterator[str]:
    """What a dry run can tell is told in time: nothing begun unmarkable, nothing detached that cannot be ended."""
    if stage.pair.sim.orphans() != kept:
        yield "detached, and not to be terminated"
    if name == "deploy" and (gate.writes or stage.release is not None):
        yield "begun without the permission to mark"


def _end(stage: Stage, course: Course, struck: bool) -> Iterator[str]:
    """Give the permission, carry on, and let whatever is parked then go."""
    for machine in stage.pair.sim.machines.values():
        machine.protected = False
    stage.pair.run_for(60)
    if struck:
        asked_again = stage.release is None or (course.back and stage.release.goal != ROLLBACK)
        told = course.verb(stage) if asked_again else stage.run("resume")  # what is denied puts no rollback on record
        if told.status == ROLLED_BACK and stage.release is None and "had changed nothing yet" in told.sentence:
            told = course.verb(stage)  # over with that, and begun anew, as the hint says
        if told.status not in (Status.OK, course.ends):
            yield f"{told.verb}: {told.sentence}"
    if stage.release is not None and stage.run("finish").status:
        yield f"{stage.told[-1].verb}: {stage.told[-1].sentence}"
    wrong = stage.verdict("v1" if course.back else "v2")
    yield from (one for one in wrong if not (course.leaves and one.startswith(("orphans", "marked"))))
