"""Words for which there is a better one stand in no sentence of the tool, wherever it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "bluegreen"
FORBIDDEN = re.compile(
    r"\b(rests?|at work|(?:dis)?armed|silenced|bounds|wants|tells? of|told of|floor|the (?:idle|old|new) side"
    r"|old instances?|new instances?|in the way)\b"
)
"""For *suspended*, *resumed*, *minimum* and *maximum*, *desired*, *tag*, *needed*, and a group's own name."""
ELSEWHERE = ("simulator", "sandbox", "demo")
"""What is no part of the tool's own words."""
REFERENCE = frozenset({"terms.py", "phase.py"})
"""What is written for the pages of the documentation, which have a list of words; what no person reads."""

ALLOWED = {("why.py", "wants"), ("sizes.py", "bounds")}
"""A health check wants a status: there the word has its own meaning; a tag of the release has that key."""


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of what a module may say: everything but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value
            and id(node) not in said
        ):
            yield node.lineno, node.value


def test_no_sentence_has_a_word_for_which_there_is_a_better_one() -> None:
    """One word has one meaning, and AWS's own comes first."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0] not in ELSEWHERE]
    found = [
        f"{path.relative_to(PACKAGE)}:{line} {words}"
        for path in paths
        if path.name not in REFERENCE
        for line, text in literals(path)
        if (words := [word for word in FORBIDDEN.findall(text) if (path.name, word) not in ALLOWED])
    ]
    assert [] == found
