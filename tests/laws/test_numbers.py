"""A sentence about several says "are": a list of names is read, not put before a verb that fits one alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen.words import are, fits, plural

PACKAGE = Path(__file__).parents[2] / "bluegreen"
ROOMS = ("aws", "cli", "flow", "record", "registry", "report", "service", "targets")
SINGULAR = re.compile(
    r"LIST(?: (?:of|in) (?:X|LIST))? (?:is|was|has|does|says?|carries|fires|names|wants|goes|comes|serves|stays)\b"
    r"|LIST[^,;:]*, and (?:is|was|has|does)\b|\b(?:is|are) LIST|the (?:alarm|instance|group|balancer) LIST"
)
"""What fits one name alone, or several alone."""


def sentences() -> Iterator[tuple[str, str]]:
    """Yield where a sentence is made, and itself: ``LIST`` for names that are joined, ``X`` for all else."""
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if ".join(" not in source:
                continue
            tree = ast.parse(source)
            lists = set(_named(tree))
            for node in ast.walk(tree):
                if isinstance(node, ast.JoinedStr) and "LIST" in (text := _text(node, lists)):
                    yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


def _named(tree: ast.AST) -> Iterator[str]:
    """Yield what variables and functions of a module hold, or return, names that are joined."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], value) if _joins(value):
                yield name
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                yield from (n.id for n, v in zip(names, values, strict=True) if isinstance(n, ast.Name) and _joins(v))
            case ast.FunctionDef(name, body=[*_, ast.Return(ast.Call() as value)]) if _joins(value):
                yield name


def _joins(node: ast.AST) -> bool:
    match node:
        case ast.Call(ast.Attribute(ast.Constant(", " | " and " | " "), "join")):
            return True
    return False


def _text(node: ast.JoinedStr, lists: set[str]) -> str:
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "LIST" if _is_list(part, lists) else "X"
        for part in node.values
    )


def _is_list(part: ast.AST, lists: set[str]) -> bool:
    match part:
        case ast.FormattedValue(ast.Name(name) | ast.Call(ast.Name(name))) if name in lists:
            return True
        case ast.FormattedValue(value):
            return _joins(value)
    return False


FOUND = list(sentences())


def test_sentences_are_found() -> None:
    """The walk sees where names are joined."""
    assert len(FOUND) > 25


@pytest.mark.parametrize(("where", "text"), FOUND, ids=[where for where, _ in FOUND])
def test_a_list_is_not_one(where: str, text: str) -> None:
    """What stands behind a list fits one name as well as several: "i-1, i-2 was an instance" fits one."""
    assert None is SINGULAR.search(text), f"{where}: {text}"


def test_numbers() -> None:
    """One is, two are, none are."""
    told = [
        (plural(count, "wave"), are(count, "wave"), fits("x" * count, "goes", "go"), fits(count, "goes", "go"))
        for count in (0, 1, 2)
    ]
    assert [
        ("0 waves", "0 waves are", "go", "go"),
        ("1 wave", "1 wave is", "goes", "goes"),
        ("2 waves", "2 waves are", "go", "go"),
    ] == told
