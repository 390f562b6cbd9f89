"""Whoever is refused reads what to do next: no error is raised, and no plan blocks, without a second line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bluegreen

PACKAGE = Path(bluegreen.__file__).parent
ERRORS = frozenset({"Refused", "Misconfigured", "Unreachable", "Unrecorded", "Denied", "Blocked"})
"""What ends with a sentence and a hint; ``Usage`` has one from the command line, which is where it is typed."""
ANSWERED = frozenset({("cli/running.py", "nothing was done")})
"""Who has just said no needs no advice."""


def without_a_next_step(place: str, source: str) -> Iterator[str]:
    """Yield where an error is made with its sentence alone."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in ERRORS:
            continue
        given, named = node.args, {keyword.arg for keyword in node.keywords}
        if len(given) != 1 or isinstance(given[0], ast.Starred) or named & {"hint", None}:
            continue
        if not (isinstance(given[0], ast.Constant) and (place, given[0].value) in ANSWERED):
            yield f"{place}:{node.lineno} {ast.unparse(given[0])}"


def test_every_refusal_has_a_next_step() -> None:
    """The sentence says what is wrong; the line below it what helps, in a command where there is one."""
    modules = {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert [] == [where for place, source in sorted(modules.items()) for where in without_a_next_step(place, source)]


def test_one_without_is_seen() -> None:
    """In whatever module it is; a hint counts by its place or by its name."""
    source = 'Refused("no")\nRefused("no", "do")\nBlocked("no", hint="do")\nUsage("no")'
    assert ["x.py:1 'no'"] == list(without_a_next_step("x.py", source))
