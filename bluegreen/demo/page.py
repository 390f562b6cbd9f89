"""The table as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bluegreen.demo.chart import chart, legend
from bluegreen.demo.ledger import Played, Row, faults, total
from bluegreen.demo.words import HEADINGS, cells
from bluegreen.sandbox.traffic import Sent

STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #777; --bad: #d03535; --good: #2c8a55; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.3rem; margin: 0; }
p { margin: .4rem 0 1.4rem; max-width: 48rem; }
.verdict { font-size: 1.05rem; color: var(--good); }
.verdict.wrong { color: var(--bad); font-weight: 600; }
.note { color: var(--dim); font-size: .85rem; }
.legend span { margin-right: 1.2rem; font-size: .85rem; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
svg { width: 100%; margin: .3rem 0 1.6rem; }
svg rect { shape-rendering: crispEdges; }
svg text { font-size: 11px; fill: currentColor; }
svg line { stroke: currentColor; stroke-opacity: .35; stroke-dasharray: 2 3; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin-bottom: 1.2rem; }
th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: 500; font-size: .85rem; }
th:nth-child(1), td:nth-child(1), th:nth-child(6), td:nth-child(6) { text-align: left; }
td:nth-child(6) { white-space: normal; }
tr.all td { font-weight: 600; border-bottom: 0; }
td.bad { color: var(--bad); font-weight: 600; }
"""


def page(rows: Sequence[Row], played: Sequence[Played], requests: Sequence[Sent], sentence: str, note: str) -> str:
    """Return the page: the verdict, who answered when, the table, and what its columns mean."""
    wrong = bool(faults(rows, ()))
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>bluegreen in a sandbox</title>
<style>{STYLE}</style>
<h1>bluegreen in a sandbox</h1>
<p class="verdict{" wrong" if wrong else ""}">{escape(sentence)}</p>
<div class="legend">{legend(requests)}</div>
{chart(played, requests)}
{table(rows)}
<p class="note">{escape(note)}</p>
</html>
"""


def table(rows: Sequence[Row]) -> str:
    """Return the rows and their sum."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    whole = cells(total(rows))
    sums = "".join(f"<td>{_text(cell)}</td>" for cell in whole)
    return f'<table><tr>{head}</tr>{"".join(map(_line, rows))}<tr class="all">{sums}</tr></table>'


def _text(cell: str) -> str:
    """Return a cell in which no version is parted from its percents."""
    parts = escape(cell).split(", ")
    return ", ".join(part.replace(" ", "&nbsp;") if part.endswith("%") else part for part in parts)


def _line(row: Row) -> str:
    bad = {2: bool(row.lost), 3: bool(row.cut and not row.dies), 6: not row.as_expected}
    marked = (f"<td{' class=bad' if bad.get(n) else ''}>{_text(cell)}</td>" for n, cell in enumerate(cells(row)))
    return f"<tr>{''.join(marked)}</tr>"
