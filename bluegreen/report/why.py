"""Why instances are not healthy, as text: what decides first, then each instance with what is seen of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from bluegreen.report.text import clean, clean_lines, duration, wrapped
from bluegreen.sentences.forms import clock
from bluegreen.words import plural

WIDEST, NARROWEST = 100, 40
"""Columns that are used at most, and at least."""
SHOWN = 3
"""Instances with the same cause that are shown with all that is seen of them; of others there are the ids."""
LABEL = 13
"""Columns of what stands before a fact."""


class Cause(Protocol):
    """One thing that decides."""

    @property
    def link(self) -> str:
        """What decides, in a word."""

    @property
    def sentence(self) -> str:
        """What it is."""

    @property
    def terminal(self) -> bool:
        """Whether waiting does not help."""


class Fact(Protocol):
    """One thing that is seen."""

    @property
    def label(self) -> str:
        """Where."""

    @property
    def text(self) -> str:
        """What, on one line or several."""


class Unwell(Protocol):
    """An instance that is not healthy."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def state(self) -> str:
        """Its state."""

    @property
    def since(self) -> float | None:
        """Since when that is known, in POSIX seconds."""

    @property
    def cause(self) -> Cause:
        """Why."""

    @property
    def facts(self) -> Sequence[Fact]:
        """What is seen of it."""


class Console(Protocol):
    """The end of what an instance has written to its console."""

    @property
    def instance(self) -> str:
        """Whose it is."""

    @property
    def lines(self) -> Sequence[str]:
        """Its last lines."""

    @property
    def untold(self) -> str:
        """Why it is not known, or nothing."""


class Why(Protocol):
    """Why instances are not healthy."""

    @property
    def service(self) -> str:
        """The service's name."""

    @property
    def release(self) -> str:
        """The release's id, or nothing."""

    @property
    def over(self) -> bool:
        """Whether it was kept of a release that is over."""

    @property
    def until(self) -> float | None:
        """When it was seen last, then, in POSIX seconds."""

    @property
    def heads(self) -> Sequence[str]:
        """How each side stands."""

    @property
    def cause(self) -> Cause:
        """What decides."""

    @property
    def count(self) -> int:
        """For how many instances."""

    @property
    def instances(self) -> Sequence[Unwell]:
        """Those that are not healthy."""

    @property
    def launches(self) -> Sequence[Fact]:
        """What AWS says of those that are not there."""

    @property
    def next(self) -> str:
        """What leads on, or nothing."""

    @property
    def console(self) -> Console | None:
        """The end of an instance's console, where it was asked for."""


def why_text(why: Why, now: float, columns: int = 80) -> str:
    """Return the answer for people: no line but one with a command in it reaches the last of ``columns``."""
    width = max(NARROWEST, min(columns, WIDEST)) - 1
    parts = ["\n".join(_head(why, width))]
    for cause, some in _by_cause(why.instances):
        parts += ["\n".join(_instance(one, why, now, width)) for one in some[:SHOWN]]
        if others := [one.id for one in some[SHOWN:]]:
            parts.append(
                "\n".join(_wrapped(f"and {len(others)} more: ", f"{', '.join(others)}: {cause.sentence}", width))
            )
    if why.launches:
        parts.append("\n".join(line for fact in why.launches for line in _wrapped(f"{fact.label}: ", fact.text, width)))
    if why.console is not None:
        parts.append("\n".join(_console(why.console, width)))
    if why.next:
        parts.append("\n".join(_wrapped("next: ", why.next, width)))
    return "\n\n".join(parts)


def why_value(why: Why) -> dict[str, Any]:
    """Return the answer as plain values; times in POSIX seconds."""
    return {
        "service": why.service,
        "release": why.release or None,
        "over": why.over,
        "until": why.until,
        "heads": list(why.heads),
        "cause": _cause_value(why.cause),
        "count": why.count,
        "instances": [
            {
                "id": one.id,
                "state": one.state,
                "since": one.since,
                "cause": _cause_value(one.cause),
                "facts": [_fact_value(fact) for fact in one.facts],
            }
            for one in why.instances
        ],
        "launches": [_fact_value(fact) for fact in why.launches],
        "next": why.next or None,
        "console": None if why.console is None else _console_value(why.console),
    }


def _cause_value(cause: Cause) -> dict[str, Any]:
    return {"link": str(cause.link), "sentence": cause.sentence, "terminal": cause.terminal}


def _fact_value(fact: Fact) -> dict[str, str]:
    return {"label": fact.label, "text": fact.text}


def _console_value(console: Console) -> dict[str, Any]:
    return {"instance": console.instance, "lines": list(console.lines), "untold": console.untold or None}


def _console(console: Console, width: int) -> Iterator[str]:
    """Yield its lines as they are: a log is read by its columns."""
    if console.untold:
        yield from _wrapped(f"console of {console.instance}: ", f"not known: {console.untold}", width)
    else:
        shown = f"the last {plural(len(console.lines), 'line')}:" if console.lines else "nothing written yet"
        yield f"console of {console.instance}, {shown}"
    yield from (f"  {clean(line)}" for line in console.lines)


def _head(why: Why, width: int) -> Iterator[str]:
    for head in why.heads:
        yield from _wrapped("", head, width)
    many = f" ({plural(why.count, 'instance')})" if why.count else ""
    yield from _wrapped("cause: ", f"{why.cause.sentence}{many}", width)


def _by_cause(instances: Iterable[Unwell]) -> list[tuple[Cause, list[Unwell]]]:
    found: dict[Cause, list[Unwell]] = {}
    for one in instances:
        found.setdefault(one.cause, []).append(one)
    return list(found.items())


def _instance(one: Unwell, why: Why, now: float, width: int) -> Iterator[str]:
    lasted = ""
    if one.since is not None:
        lasted = f" since {clock(one.since)}" if why.over else f" for {duration(now - one.since)}"
    yield from _wrapped("", f"{one.id}  {one.state}{lasted}", width)
    if one.cause != why.cause:
        yield from _fact("cause", one.cause.sentence, width)
    for fact in one.facts:
        yield from _fact(fact.label, fact.text, width)


def _fact(label: str, text: str, width: int) -> Iterator[str]:
    for number, line in enumerate(clean_lines(text).split("\n")):
        yield from _wrapped(f"  {clean(label) if not number else '':<{LABEL}}  ", line, width)


def _wrapped(label: str, text: str, width: int) -> list[str]:
    """Return ``text`` behind ``label``, further lines below it; a command is never broken: it is to be copied."""
    text = clean(text)
    if "`" in text:
        return [f"{label}{text}".rstrip()]
    return wrapped(text, width, label, " " * len(label)) or [label.rstrip()]
