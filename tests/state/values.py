"""Generated releases and documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bluegreen.pair.release import MOVE, TWINS, Bounds, Pace, Picture, Release, Side
from bluegreen.state.document import Document, Lease, Past, past_of

WORDS = st.text(max_size=12)
COUNTS = st.integers(0, 1000)
TIMES = st.floats(allow_nan=False, width=64)
IDS = st.frozensets(WORDS, max_size=4)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
LEAVES = st.none() | st.booleans() | st.integers() | WORDS | st.floats(allow_nan=False, allow_infinity=False) | MOMENTS
KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key != "$time")
SETTINGS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
    max_size=3,
)
BOUNDS = st.builds(Bounds, COUNTS, COUNTS)
SIDES = st.builds(
    Side,
    name=WORDS,
    min=COUNTS,
    max=COUNTS,
    desired=COUNTS,
    suspended=IDS,
    image=st.none() | WORDS,
    propagate=st.booleans(),
    policies=st.lists(SETTINGS, max_size=2).map(tuple),
    schedules=st.lists(SETTINGS, max_size=2).map(tuple),
    alarms=st.lists(SETTINGS, max_size=2).map(tuple),
)
RELEASES = st.builds(
    Release,
    id=WORDS,
    service=WORDS,
    image=WORDS,
    old=WORDS,
    new=WORDS,
    picture=st.builds(Picture, SIDES, SIDES),
    bounds=BOUNDS,
    idle=BOUNDS,
    capacity=COUNTS,
    begun_at=TIMES,
    first=st.booleans(),
    goal=st.sampled_from(["deploy", "rollback", "finish"]),
    pace=st.builds(Pace, COUNTS, COUNTS),
    deadline_at=TIMES,
    milestones=st.dictionaries(WORDS, TIMES, max_size=3),
    written=st.dictionaries(WORDS, st.lists(COUNTS, max_size=3).map(tuple), max_size=3),
    wishes=st.dictionaries(WORDS, COUNTS, max_size=3),
    mark=st.lists(COUNTS, max_size=3).map(tuple),
    leaving=IDS,
    returning=IDS,
    reparked=IDS,
    retire=st.lists(WORDS, max_size=3).map(tuple),
    way=st.sampled_from([TWINS, MOVE]),
    copied=st.booleans(),
    settle=TIMES,
    members=IDS,
    best=st.dictionaries(WORDS, COUNTS, max_size=3),
    after_wave=st.dictionaries(WORDS, COUNTS, max_size=3),
    healthy_for=TIMES,
    check_time=TIMES,
    well_at=TIMES,
    without=st.lists(WORDS, max_size=2).map(tuple),
    passed_by=st.lists(WORDS, max_size=2).map(tuple),
    unsure_since=TIMES,
)
LEASES = st.builds(
    Lease,
    holder=WORDS,
    who=WORDS,
    host=WORDS,
    pid=COUNTS,
    started=WORDS,
    why=WORDS,
    taken_at=TIMES,
    renewed_at=TIMES,
    length=TIMES,
)
PASTS: st.SearchStrategy[Past] = st.builds(past_of, RELEASES, WORDS, TIMES)
DOCUMENTS = st.builds(
    Document,
    service=WORDS,
    release=st.none() | RELEASES,
    history=st.lists(PASTS, max_size=2).map(tuple),
    lease=st.none() | LEASES,
    epoch=COUNTS,
)
