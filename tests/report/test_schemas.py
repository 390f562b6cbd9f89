"""What is published of JSON: each line passes its schema, which says no less than what is written."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator, ValidationError

from bluegreen.errors import Status
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.report import json as made
from bluegreen.report.schemas import names, text
from tests.support.values import release

WRITTEN = {made.EVENT, made.RESULT, made.STATUS, made.CHECK, made.DIFF, made.HISTORY, made.IMAGE, made.WHY}


def test_each_that_is_written_is_published() -> None:
    """No other is."""
    assert WRITTEN == set(names())


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_schema_is_one(name: str) -> None:
    """It says its own name, and is right in itself."""
    schema = json.loads(text(name))
    Draft202012Validator.check_schema(schema)
    assert (name, {"const": name}) == (schema["title"], schema["properties"]["schema"])


def test_every_line_that_a_test_makes_is_held_to_its_schema() -> None:
    """What lacks a member is none."""
    with pytest.raises(ValidationError, match="'findings' is a required property"):
        made.dumps(made.CHECK, service="web")


@pytest.mark.parametrize(
    ("goal", "reason", "status", "told"),
    [
        (DEPLOY, "", Status.OK, ("deployed", "v2", None)),
        (ROLLBACK, "", Status.OK, ("rolled-back", "v1", None)),
        (FINISH, "", Status.OK, ("finished", "v2", None)),
        (ROLLBACK, "it broke", Status.ROLLED_BACK, ("failed", "v1", "it broke")),
        (DEPLOY, "", Status.BLOCKED, ("blocked", None, None)),
        (DEPLOY, "", Status.TERMINATED, ("interrupted", None, None)),
        (DEPLOY, "", Status.BUG, ("error", None, None)),
    ],
)
def test_a_result_says_what_has_become_of_it(goal: str, reason: str, status: Status, told: tuple[object, ...]) -> None:
    """In a word, which image serves where that is known, and why it was taken back."""
    line = json.loads(made.result_line("web", status, "so", "", release(goal=goal, reason=reason), 12.34))
    assert told == (line["outcome"], line["live"], line["cause"])
    assert ("v1", "v2", 12.3, None) == (line["from"], line["to"], line["seconds"], line["report"])


def test_a_result_without_a_release() -> None:
    """There was nothing to do."""
    line = json.loads(made.result_line("web", Status.OK, "nothing was interrupted", ""))
    assert ("nothing", None, None) == (line["outcome"], line["live"], line["release"])
