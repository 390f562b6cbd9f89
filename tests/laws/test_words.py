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


ROOMS = ("flow", "service", "targets")
"""What decides, and hands on a sentence: none is worded there. The command line words its own usage."""
WORDED = {"Recorded": 1, "Finding": 1, "Ended": 1}
"""Where a sentence stands among what an answer, or an error, is made of; of all others it comes first."""
ANSWERS = frozenset(
    {"Blocked", "Failed", "Held", "Lack", "Paused", "Refused", "Unreachable", "Unsure", "Waiting", "Withheld", *WORDED}
)
AWS_WORDS = frozenset({"targets/pair/aws/errors.py"})
"""What AWS has refused is told in its own words, beside the error that it is made of."""


def worded(node: ast.AST) -> bool:
    """Whether an expression has words of its own, and not those of a function that says them."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value.strip()
    if isinstance(node, ast.BinOp):
        return worded(node.left) or worded(node.right)
    return isinstance(node, ast.JoinedStr) and any(worded(part) for part in node.values)


def worded_answers(place: str, source: str) -> Iterator[str]:
    """Yield where an answer or an error is worded on the spot."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ANSWERS:
            at = WORDED.get(node.func.id, 0)
            if len(node.args) > at and worded(node.args[at]):
                yield f"{place}:{node.lineno} {ast.unparse(node.args[at])}"


def test_no_answer_is_worded_where_it_is_decided() -> None:
    """Its sentence is a function of a room of sentences, so that somebody sees all of them side by side."""
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    places = {str(path.relative_to(PACKAGE)): path for path in paths}
    found = [worded_answers(name, path.read_text(encoding="utf-8")) for name, path in places.items()]
    assert [] == [one for some in found for one in some if one.partition(":")[0] not in AWS_WORDS]


def test_words_on_the_spot_are_seen() -> None:
    """A name before a sentence of a room is none."""
    source = 'Blocked(f"{group} is gone", way)\nEnded(status, "all is well")\nWaiting(f"{name}: {told()}")\nDue(act)'
    assert ["x.py:1 f'{group} is gone'", "x.py:2 'all is well'"] == list(worded_answers("x.py", source))
