"""Who answered when, as a small SVG: requests by the time at which they were sent, a colour for each version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from attrs import frozen

from bluegreen.demo.ledger import Played
from bluegreen.sandbox.traffic import Sent

BIN = 0.5
WIDTH, HEIGHT, HEAD = 900.0, 130.0, 34.0
LOST, CUT = "lost", "cut"
COLOURS = ("#3b7dd8", "#3fa66a", "#8a63d2", "#c98a1b", "#4aa3b5")
RED, GREY = "#d03535", "#8c8c8c"


@frozen
class Scale:
    """From seconds and counts to pixels."""

    begin: float
    end: float
    most: int

    def x(self, at: float) -> float:
        """Return where a POSIX second stands."""
        return (at - self.begin) / max(self.end - self.begin, BIN) * WIDTH

    def height(self, count: int) -> float:
        """Return how high a count is."""
        return count / max(self.most, 1) * HEIGHT


def palette(requests: Sequence[Sent]) -> dict[str, str]:
    """Return a colour for each version, in the order in which they first answered; grey for cut, red for lost."""
    versions = dict.fromkeys(request.version for request in requests if not request.reason)
    return {version: COLOURS[n % len(COLOURS)] for n, version in enumerate(versions)} | {CUT: GREY, LOST: RED}


def bins(requests: Sequence[Sent], begin: float) -> dict[int, Counter[str]]:
    """Return for each half second who answered how many of the requests sent in it."""
    found: dict[int, Counter[str]] = {}
    for request in requests:
        number = max(0, int((request.at - begin) / BIN))
        found.setdefault(number, Counter())[_outcome(request)] += 1
    return found


def _outcome(request: Sent) -> str:
    return CUT if request.cut else LOST if request.lost else request.version


def chart(played: Sequence[Played], requests: Sequence[Sent]) -> str:
    """Return the drawing, or nothing where there is nothing to draw."""
    if not played or not requests:
        return ""
    begin, ended = played[0].began, played[-1].ended
    counted = bins([request for request in requests if begin <= request.at < ended], begin)
    scale = Scale(begin, ended, max((counts.total() for counts in counted.values()), default=1))
    colours = palette(requests)
    bars = [bar for number, counts in counted.items() for bar in _bars(number, counts, colours, scale)]
    marks = [_mark(each, number, scale) for number, each in enumerate(played)]
    size = f'viewBox="0 0 {WIDTH:g} {HEAD + HEIGHT:g}"'
    return f'<svg {size} role="img" aria-label="answers by version over time">{"".join(bars + marks)}</svg>'


def legend(requests: Sequence[Sent]) -> str:
    """Return what the colours mean."""
    colours = palette(requests)
    items = (f'<span><i style="background:{colour}"></i>{escape(name)}</span>' for name, colour in colours.items())
    return "".join(items)


def _bars(number: int, counts: Counter[str], colours: Mapping[str, str], scale: Scale) -> list[str]:
    left, right = scale.x(scale.begin + number * BIN), scale.x(min(scale.begin + (number + 1) * BIN, scale.end))
    top, found = HEAD + HEIGHT, []
    for version, colour in colours.items():
        if count := counts[version]:
            top -= scale.height(count)
            shape = f'x="{left:.1f}" y="{top:.1f}" width="{right - left + 0.3:.1f}" height="{scale.height(count):.1f}"'
            found.append(f'<rect {shape} fill="{colour}"/>')
    return found


def _mark(played: Played, number: int, scale: Scale) -> str:
    x = scale.x(played.began)
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{4 + 14 * (number % 2)}" y2="{HEAD + HEIGHT:g}"/>'
    beside = f'x="{x - 4:.1f}" text-anchor="end"' if x > 0.9 * WIDTH else f'x="{x + 4:.1f}"'
    return f'{line}<text {beside} y="{14 + 14 * (number % 2)}">{escape(played.act.name)}</text>'
