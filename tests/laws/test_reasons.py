"""Each reason is a clause that stands alone: it is read behind "waiting:", in a time-out and in a status."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "bluegreen"
FIRST = ("Waiting", "Failed", "Blocked", "Unsure")
ANSWERS = {**dict.fromkeys(FIRST, 0), "Recorded": 1, "draining": 1, "Milestone": 1}
"""What makes an answer, and where its reason stands; what is done is told otherwise: act first."""
VERBS = re.compile(
    r"\b(is|are|was|were|has|have|had|must|may|would|cannot|can|does|do|did|needs?|wants?|gets?|says?|serves?|fires?"
    r"|came|stay|shows?|launches|takes?|took|set|changed|rests?|holds|balances|differ|tells?|refuses|passed|left|runs?)\b"
)
FRAGMENT = re.compile("(to|until|whether|waiting) ")
"""What begins a part of another sentence: "waiting: waiting until ..."."""
BEGUN = re.compile(r"(are|too_few)\(")
"""What begins a sentence and has its verb in it."""


def reasons() -> Iterator[tuple[str, str]]:
    """Yield where an answer is made, and its reason as far as it is written out there; names stand as ``X``."""
    for path in sorted([*(PACKAGE / "targets").rglob("*.py"), *(PACKAGE / "flow").glob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ANSWERS:
                place = ANSWERS[getattr(node.func, "id", "")]
                text = _text(node.args[place]) if place < len(node.args) else ""
                if len(re.findall(r"[a-z]+", text)) > 2:  # fewer join sentences that are made elsewhere
                    yield f"{path.name}:{node.lineno}", text
            if isinstance(node, ast.Assign) and ["sentence"] == list(map(ast.unparse, node.targets)) and _said(node):
                yield f"{path.name}:{node.lineno}", _text(node.value)


def waits() -> Iterator[tuple[str, str]]:
    """Yield what is told of a wait outside the plans."""
    for path in sorted((PACKAGE / "service").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.search(r"\bwait\(|Kind.WAITING", ast.unparse(node)):
                for text in filter(None, map(_text, node.args)):
                    yield f"{path.name}:{node.lineno}", text


def _said(node: ast.Assign) -> bool:
    """Whether a sentence is written out there, and not joined of others."""
    return len(re.findall(r"[a-z]+", _text(node.value))) > 2


def _text(node: ast.AST) -> str:
    match node:
        case ast.JoinedStr(values):
            return "".join(map(_text, values))
        case ast.Constant(str(text)) if " " in text:
            return text
        case ast.FormattedValue(ast.IfExp(body=ast.Constant(str(text)))):
            return text
        case ast.FormattedValue(ast.Call(ast.Name("fits" | "they"), [_, ast.Constant(str(text)), _])):
            return text
        case ast.FormattedValue(value):
            return "X is" if BEGUN.match(ast.unparse(value)) else "X"
        case ast.BinOp(left, ast.Add(), right):
            return _text(left) + _text(right)
    return ""


FOUND = [*reasons(), *waits()]


def test_reasons_are_found() -> None:
    """The walk sees what the plans say."""
    assert len(FOUND) > 60


@pytest.mark.parametrize(("where", "text"), FOUND, ids=[where for where, _ in FOUND])
def test_a_reason_stands_alone(where: str, text: str) -> None:
    """It has a finite verb: "the alarms of X to see the load" is nonsense outside "waiting:"."""
    assert VERBS.search(text), f"{where}: {text}"
    assert not FRAGMENT.match(text), f"{where}: {text}"
