"""The table at the end, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from bluegreen.demo.ledger import Row, total
from bluegreen.demo.words import HEADINGS, cells

_WORDS = ("act", "answered by")


def table(rows: Sequence[Row]) -> Table:
    """Return the table of all acts, with their sum."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in HEADINGS:
        made.add_column(heading, justify="left" if heading in _WORDS else "right", no_wrap=heading != "answered by")
    for row in rows:
        made.add_row(*_styled(row))
    made.add_section()
    whole = total(rows)
    made.add_row(*(Text(folded(cell), "bold") for cell in cells(whole)))
    return made


def folded(cell: str) -> str:
    """Return a cell with two versions on a line at most: all of them are too wide, and break anywhere."""
    parts = cell.split(", ")
    return ",\n".join(", ".join(parts[n : n + 2]) for n in range(0, len(parts), 2))


def _styled(row: Row) -> list[Text]:
    texts = [Text(cell) for cell in cells(row)]
    texts[2].stylize("bold red" if row.lost else "green")
    texts[3].stylize("" if not row.cut else "yellow" if row.dies else "bold red")
    texts[6].stylize("" if row.as_expected else "bold red")
    return texts
