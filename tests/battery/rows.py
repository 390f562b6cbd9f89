"""The rows, found by their files' names, and how many cases of each are run."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from attrs import frozen

from tests.battery.telling import Watching

FEW_SEEDS = 24


@frozen
class Scale:
    """How much is run: everything, with ``wanted`` seeds where a row takes seeds, or a few cases of each row."""

    full: bool = False
    wanted: int | None = None

    def seeds(self, most: int) -> range:
        """Return the seeds of a row that takes ``most`` of them by the table."""
        return range(self.wanted or most) if self.full else range(min(most, FEW_SEEDS))

    def some(self, keys: Sequence[str], few: int) -> list[str]:
        """Return all keys, or ``few`` of them, evenly spread."""
        if self.full or len(keys) <= few:
            return list(keys)
        return [keys[n * len(keys) // few] for n in range(few)]


FEW, ALL = Scale(), Scale(full=True)


@frozen
class Row:
    """One row of the table: ``number`` and ``name`` are its file's, which is read when it is needed."""

    number: int
    name: str

    @property
    def module(self) -> ModuleType:
        """The row's own module."""
        return importlib.import_module(f"tests.battery.row_{self.number:02}_{self.name}")

    @property
    def fault(self) -> str:
        """The fault, as the table says it."""
        return (self.module.__doc__ or self.name).splitlines()[0]

    @property
    def waits(self) -> bool:
        """Whether its cases mostly wait for other processes."""
        return bool(getattr(self.module, "WAITS", False))

    def cases(self, scale: Scale) -> list[str]:
        """Return the keys to hand to workers."""
        return list(self.module.cases(scale))

    def spread(self, key: str) -> list[str]:
        """Return the cases behind a key."""
        return list(self.module.spread(key)) if hasattr(self.module, "spread") else [key]

    def run(self, key: str, watch: Watching = None) -> list[str]:
        """Return what was wrong in one case; an error of ours is wrong as well."""
        try:
            return list(self.module.run(key, watch))
        except Exception as error:
            import traceback

            return [f"{type(error).__name__}: {error}", traceback.format_exc()]


@frozen
class Result:
    """How one case went."""

    row: int
    key: str
    wrong: tuple[str, ...]
    seconds: float


def rows() -> dict[int, Row]:
    """Return every row by its number."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("row_*.py")):
        _, number, name = path.stem.split("_", 2)
        found[int(number)] = Row(int(number), name)
    return found


def results(row: Row, key: str) -> Iterator[Result]:
    """Run every case behind ``key``."""
    for case in row.spread(key):
        began = time.process_time()
        wrong = tuple(row.run(case))
        yield Result(row.number, case, wrong, time.process_time() - began)
