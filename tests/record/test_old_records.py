"""Records that earlier versions of the tool wrote, one of each kind kept as it was: they are read, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from bluegreen.errors import Refused
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.record.formats import FORMAT
from bluegreen.targets.pair.model.fleet import called
from tests.support.records import from_bytes

RECORDS = Path(__file__).parent / "records"
KEPT = sorted(RECORDS.glob("*/*.json"))
WHOLE = {f"{group} {balancer}": 2 for group in ("web-blue", "web-green") for balancer in ("web-0", "web-1")}
"""Two instances of each side in each of two balancers."""


def read(path: Path) -> Document:
    """Return the record that is kept in ``path``."""
    return from_bytes(path.read_bytes(), path.name)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_old_record_is_read_and_written_in_the_new_format(path: Path) -> None:
    """What an earlier version left is the same record here, and the next write has this version's format."""
    found = read(path)
    assert (FORMAT, found) == (found.format, from_bytes(to_bytes(found), "again"))
    assert FORMAT == json.loads(to_bytes(found))["format"]


def test_one_of_each_format_is_kept() -> None:
    """Whoever raises the format keeps a record of the one before."""
    assert [f"format-{number}" for number in range(1, FORMAT + 1)] == sorted({path.parent.name for path in KEPT})


def test_an_old_record_means_what_it_meant() -> None:
    """An old release is open at its milestone, held by nobody; a closed one is history."""
    open_one, closed = (read(RECORDS / "format-1" / f"{name}.json") for name in ("deploy-moving-moved", "closed"))
    assert (["moving", "moved"], None, None) == (
        list(open_one.release.milestones),
        open_one.release.hold,
        open_one.freeze,
    )
    assert ([("v2", "finished")], None) == ([(past.image, past.outcome) for past in closed.history], closed.release)


def test_a_release_of_the_formats_before_moves_no_settings() -> None:
    """What was begun before settings could move is carried on with those that both groups have."""
    ways = {path: (of.way, of.copied) for path in KEPT if (of := read(path).release) is not None}
    assert {path: ("twins", False) for path in ways if path.parent.name in ("format-1", "format-2")} == {
        path: way for path, way in ways.items() if path.parent.name in ("format-1", "format-2")
    }


@pytest.mark.parametrize(
    ("name", "best", "after_wave"),
    [
        ("format-1/deploy-begun", {"web-blue *": 2}, {}),
        ("format-1/deploy-moving-moved", {"web-blue *": 2, "web-green *": 2}, {}),
        ("format-1/rollback-back", {"web-blue *": 2, "web-green *": 2}, {}),
        ("format-3/deploy-moving-with-its-settings", {"web-green *": 2}, {"*": 2}),
        ("format-4/deploy-moving-between-two-balancers", WHOLE, {"web-0": 2, "web-1": 2}),
    ],
)
def test_what_was_counted_for_all_balancers_stands_for_each(name, best, after_wave) -> None:
    """Old has served with it, or the way back would have no floor; new has since the switch."""
    found = read(RECORDS / f"{name}.json").release
    assert found is not None
    assert (best, after_wave) == (_short(found.best), _short(found.after_wave))


def _short(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts by what people call the balancers."""
    return {" ".join(map(called, key.split(" "))): count for key, count in counts.items()}


def test_a_record_of_settings_that_move_is_whole() -> None:
    """The picture lists policies of all kinds, the owner's alarms with their tags, and when schedules are due."""
    release = read(RECORDS / "format-3" / "deploy-moving-with-its-settings.json").release
    assert release is not None
    old = release.picture.old
    assert ("move", True, 3, [{"team": "web"}] * 2, [datetime] * 2, ()) == (
        release.way,
        release.copied,
        len({policy["PolicyType"] for policy in old.policies}),
        [{tag["Key"]: tag["Value"] for tag in alarm["Tags"]} for alarm in old.alarms],
        [type(schedule["StartTime"]) for schedule in old.schedules],
        release.picture.new.policies,
    )


def test_a_newer_record_is_refused_by_name() -> None:
    """A record of a version to come says which way out there is."""
    newer = {**json.loads(KEPT[0].read_bytes()), "format": FORMAT + 1}
    with pytest.raises(Refused) as caught:
        from_bytes(json.dumps(newer).encode(), "web.json")
    assert (True, "upgrade bluegreen here") == ("a newer version" in caught.value.message, caught.value.hint)
