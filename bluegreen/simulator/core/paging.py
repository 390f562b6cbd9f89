"""Answers in pages, with AWS's names for the token and the size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from .calls import Request
from .errors import AwsError, invalid

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    request: Request,
    *,
    most: int,
    usual: int = 50,
    names: tuple[str, str, str] = ("MaxRecords", "NextToken", "NextToken"),
) -> tuple[Sequence[Item], dict[str, Any]]:
    """Return one page of ``items`` and what the answer adds to lead to the next.

    ``names`` are the request's size, the request's token and the answer's token.
    """
    size_name, token_name, next_name = names
    size = request.get(size_name, usual)
    if not 1 <= size <= most:
        raise invalid(f"{size_name} must be between 1 and {most}.")
    start = _start(request.get(token_name))
    following = {next_name: f"page-{start + size}"} if start + size < len(items) else {}
    return items[start : start + size], following


def _start(token: str | None) -> int:
    if not token:
        return 0
    if not token.startswith("page-") or not token[5:].isdigit():
        raise AwsError("InvalidNextToken", "The token '" + token + "' is invalid.")
    return int(token[5:])


def limit(values: Sequence[Any], most: int, what: str) -> None:
    """Refuse more than ``most`` values: the sentence is a public report's for instance ids."""
    if len(values) > most:
        raise invalid(f"The number of {what} that may be passed in is limited to {most}")


def subset(wanted: Sequence[str] | None, known: dict[str, Item]) -> list[Item]:
    """Return what is known of the names ``wanted``; all of it if none are."""
    return [known[name] for name in dict.fromkeys(wanted) if name in known] if wanted else list(known.values())
