"""Records that earlier versions of the tool wrote, one of each kind kept as it was: they are read, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bluegreen.errors import Refused
from bluegreen.state.document import FORMAT, Document, from_bytes, to_bytes

RECORDS = Path(__file__).parent / "records"
KEPT = sorted(RECORDS.glob("*/*.json"))


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
    """An old release is open at its milestone, held by nobody; a closed one is history with what it retired."""
    open_one, closed = (read(RECORDS / "format-1" / f"{name}.json") for name in ("deploy-moving-moved", "closed"))
    assert (["moving", "moved"], None, None) == (
        list(open_one.release.milestones),
        open_one.release.held,
        open_one.freeze,
    )
    assert ([("v2", "finished", 2)], None) == (
        [(past.image, past.outcome, len(past.retired)) for past in closed.history],
        closed.release,
    )


def test_a_newer_record_is_refused_by_name() -> None:
    """A record of a version to come says which way out there is."""
    newer = {**json.loads(KEPT[0].read_bytes()), "format": FORMAT + 1}
    with pytest.raises(Refused) as caught:
        from_bytes(json.dumps(newer).encode(), "web.json")
    assert (True, "upgrade bluegreen here") == ("a newer version" in caught.value.message, caught.value.hint)
