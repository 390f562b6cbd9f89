"""Generated releases and documents, such as a run may write."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from typing import Any

import attrs
from hypothesis import strategies as st

from bluegreen.flow.limits import STRATEGIES, Pace, Share
from bluegreen.ranges import LATEST, LONGEST
from bluegreen.record.document import Document, Freeze, Lease
from bluegreen.record.sound import LONGEST_LEASE
from bluegreen.targets.pair.model.release import (
    DEPLOY,
    FINISH,
    MOVE,
    ROLLBACK,
    TWINS,
    Bounds,
    Hold,
    Past,
    Picture,
    Release,
    Side,
)
from bluegreen.targets.pair.model.sound import DOORS, FIGURES
from bluegreen.targets.pair.model.terms import Settled
from tests.support.values import release as small

BLUE, GREEN = "web-blue", "web-green"


def release(number: int = 1, **changes: Any) -> Release:
    """Return a small release whose id has our form, as one on record must have."""
    return small(**{"id": f"web:20260101-000000-{number:04x}", **changes})


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=12)
NAMES = st.text(string.ascii_letters + string.digits + "-_./", min_size=1, max_size=12)
IMAGES = st.from_regex("[A-Za-z0-9_][A-Za-z0-9_.-]{0,29}", fullmatch=True) | st.text(
    "0123456789abcdef", min_size=64, max_size=64
).map("sha256:{}".format)
COUNTS = st.integers(0, 1000)
TIMES = st.floats(0, LATEST)
SPANS = st.floats(0, LONGEST)
INSTANCES = st.text("0123456789abcdef", min_size=17, max_size=17).map("i-{}".format)
SOME = st.frozensets(INSTANCES, max_size=3)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
SETTINGS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"PolicyName": WORDS, "AlarmName": WORDS, "ScheduledActionName": WORDS},
    optional={
        "PolicyType": st.sampled_from(["StepScaling", "TargetTrackingScaling"]),
        "AutoScalingGroupName": st.sampled_from([BLUE, GREEN]),
        "StartTime": MOMENTS,
        "Enabled": st.booleans(),
        "Cooldown": COUNTS,
        "Threshold": st.floats(-1e9, 1e9),
        "Alarms": st.lists(st.fixed_dictionaries({"AlarmName": WORDS, "AlarmARN": WORDS}), max_size=2),
        "TargetTrackingConfiguration": st.fixed_dictionaries({"TargetValue": st.integers(1, 100)}),
    },
)
LISTS = st.lists(SETTINGS, max_size=1).map(tuple)
IDS = st.builds(
    "{}:{:%Y%m%d-%H%M%S}-{:04x}".format,
    st.just("web"),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    st.integers(0, 65535),
)
BOUNDS = st.tuples(COUNTS, COUNTS).map(lambda pair: Bounds(min(pair), max(pair)))


def _side(name: str) -> st.SearchStrategy[Side]:
    return st.builds(
        Side,
        name=st.just(name),
        min=st.integers(0, 9),
        max=st.integers(9, 1000),
        desired=COUNTS,
        suspended=st.frozensets(st.sampled_from(["AZRebalance", "Launch"])),
        image=st.none() | WORDS,
        propagate=st.booleans(),
        policies=LISTS,
        schedules=LISTS,
        alarms=LISTS,
    )


def _figures(keys: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(keys, COUNTS, max_size=2)


@st.composite
def _at_a_door(draw: st.DrawFn, made: Release) -> Release:
    """Return the release with a goal, milestones and figures that fit each other."""
    goal = draw(st.sampled_from([DEPLOY, ROLLBACK, FINISH]))
    needed = {"deployed"} if goal == FINISH else set()
    doors = draw(st.sets(st.sampled_from(list(DOORS)))) | needed
    passed = sorted(doors | {before for door in doors for before in DOORS[door]}, key=list(DOORS).index)
    progress = draw(
        st.just(()) | st.lists(st.integers(-9, 9), min_size=FIGURES[goal], max_size=FIGURES[goal]).map(tuple)
    )
    return attrs.evolve(made, goal=goal, milestones={door: draw(TIMES) for door in passed}, progress=progress)


SIZES = st.sampled_from([f"{group} {bound}" for group in (BLUE, GREEN) for bound in ("min", "max")])
RESTING = st.sampled_from(["AlarmNotification", f"{BLUE} Launch", f"{GREEN} HealthCheck"])
BEST = st.builds("{} {}".format, st.sampled_from([BLUE, GREEN]), NAMES)
LIMITS = st.builds(Share, st.integers(0, 100), st.booleans())
RELEASES = st.builds(
    Release,
    id=IDS,
    service=st.just("web"),
    image=IMAGES,
    old=st.just(BLUE),
    new=st.just(GREEN),
    picture=st.builds(Picture, _side(BLUE), _side(GREEN)),
    bounds=BOUNDS,
    idle=BOUNDS,
    capacity=st.integers(1, 1000),
    begun_at=TIMES,
    by=WORDS,
    first=st.booleans(),
    terms=st.builds(
        Settled,
        bake=SPANS,
        keep_parked=SPANS,
        deadline=SPANS | st.just(float("inf")),
        progress_deadline=SPANS,
        alarms=st.lists(NAMES, max_size=2).map(tuple),
        pace=st.builds(Pace, st.integers(0, 100), st.integers(100, 1000)),
        strategy=st.sampled_from(list(STRATEGIES)),
        max_surge=st.none() | LIMITS,
        max_unavailable=st.none() | LIMITS,
        stabilization=SPANS,
        healthy_for=SPANS,
    ),
    deadline_at=TIMES | st.just(float("inf")),
    written=st.dictionaries(SIZES, st.lists(COUNTS, max_size=3).map(tuple), max_size=2),
    edits=_figures(SIZES),
    processes=st.dictionaries(RESTING, st.booleans(), max_size=3),
    best=_figures(BEST),
    leaving=SOME,
    returning=SOME,
    reparked=SOME,
    retire=SOME.map(sorted).map(tuple),
    hold=st.none() | st.builds(Hold, WORDS, WORDS, TIMES),
    way=st.sampled_from([TWINS, MOVE]),
    copied=st.booleans(),
    returns=st.booleans(),
    needed=st.integers(0, 1000),
    members=SOME,
    after_wave=_figures(NAMES),
    under_shift=_figures(NAMES),
    without=st.lists(NAMES, max_size=2).map(tuple),
).flatmap(_at_a_door)
LEASES = st.builds(
    Lease,
    holder=WORDS,
    who=WORDS,
    host=WORDS,
    pid=st.integers(1, 1000),
    started=WORDS,
    why=WORDS,
    taken_at=TIMES,
    renewed_at=TIMES,
    length=st.floats(1, LONGEST_LEASE),
)
PASTS: st.SearchStrategy[Past] = st.builds(Release.as_past, RELEASES, st.sampled_from(["finished", "restored"]), TIMES)
DOCUMENTS = st.builds(
    Document,
    service=st.just("web"),
    release=st.none() | RELEASES,
    history=st.lists(PASTS, max_size=1).map(tuple),
    lease=st.none() | LEASES,
    epoch=COUNTS,
    freeze=st.none() | st.builds(Freeze, WORDS, WORDS, TIMES),
    account=st.just("123456789012"),
    region=st.just("us-gov-west-1"),
)
