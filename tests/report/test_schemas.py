"""What is published of JSON: each line passes its schema, which says no less than what is written."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import resources

import pytest
from jsonschema import Draft202012Validator, ValidationError

from bluegreen.errors import Status
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK
from bluegreen.report import json as made
from bluegreen.report import schemas
from bluegreen.report.schemas import names, text
from tests.support.values import release

WRITTEN = {made.EVENT, made.RESULT, made.STATUS, made.CHECK, made.DIFF, made.HISTORY, made.IMAGE, made.WHY}


PINNED = {
    "check-1.json": "c382e9bf80a3fab3",
    "diff-1.json": "5d4bae6191dfc6f1",
    "event-1.json": "d88360cd90048eb6",
    "history-1.json": "44a16a6ccdb342a8",
    "image-1.json": "57f7c7eb1bfbcf66",
    "result-2.json": "1ca5db8d5c7d0616",
    "status-2.json": "6eed936e267af5f9",
    "why-1.json": "a8efa9231a059d8b",
}
"""The first digits of what each file hashes to (SHA-256). What others read by it stays: a field may be added, and is
written here then; one that goes, or changes its meaning, makes a file with the next number."""


def test_no_published_schema_is_changed_by_accident() -> None:
    """Whoever adds a field writes its file's new hash above; nothing else may change."""
    files = [one for one in resources.files(schemas).iterdir() if one.name.endswith(".json")]
    assert PINNED == {one.name: hashlib.sha256(one.read_bytes()).hexdigest()[:16] for one in files}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_words_may_come_that_no_reader_knows(name: str) -> None:
    """No schema lists all words that a member may have: its description names them, and says so."""
    lines = text(name).splitlines()
    listed = [line for line in lines if re.search(r'"description": "(\w[\w-]*, )*\w[\w-]* or \w[\w-]*[.;"]', line)]
    assert ([], []) == (
        [line for line in lines if '"enum"' in line],
        [line for line in listed if "others may come" not in line],
    )


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
