"""Laws of a record's formats: each step gives the next one, whole, and changes nothing in the one it was given."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from bluegreen.record.formats import FORMAT, NEXT, current, is_known

KEPT = sorted((Path(__file__).parent / "records").glob("*/*.json"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_kept_record_becomes_the_current_one_and_stays_as_it_was_handed(path: Path) -> None:
    """What is current already is what comes back."""
    kept = json.loads(path.read_bytes())
    handed = copy.deepcopy(kept)
    made = current(handed)
    assert (kept, FORMAT, made) == (handed, made["format"], current(made))


def test_each_format_has_a_step_to_the_next() -> None:
    """None is left out, and one of tomorrow, or of another kind, is not known."""
    assert list(range(1, FORMAT)) == sorted(NEXT)
    assert list(range(1, FORMAT + 1)) == [number for number in range(FORMAT + 2) if is_known(number)]
    assert [False] * 4 == [is_known(one) for one in (True, 1.0, "1", None)]


@pytest.mark.parametrize(
    ("number", "strange"), [(4, {"edits": {}}), (5, {"kind": "pair"}), (6, {"terms": {"bake": 0.0}})]
)
def test_what_a_format_added_is_in_none_before(number: int, strange: dict[str, object]) -> None:
    """Who has written it there is not this tool: it would take the place of what the record says."""
    with pytest.raises(ValueError, match=f"format {number} knows no {next(iter(strange))}"):
        current({"format": number, "release": strange})
