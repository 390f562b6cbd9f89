"""``bin/battery``: run the rows on all cores, a line for each as it ends; or replay one case."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from attrs import frozen

from tests.battery.rows import ALL, FEW, Result, Row, Scale, results, rows
from tests.battery.telling import told

AT_A_TIME = 8


@frozen
class Summary:
    """How a row went."""

    row: Row
    found: Sequence[Result]
    seconds: float

    @property
    def unclean(self) -> list[Result]:
        """The cases in which something was wrong."""
        return [result for result in self.found if result.wrong]

    def line(self) -> str:
        """Return the row's line of the table."""
        count, clean = len(self.found), len(self.found) - len(self.unclean)
        share = 100 * clean / max(count, 1)
        shown = f"{share:.0f} %" if clean == count else f"{min(share, 99.9):.1f} %"
        spent = sum(result.seconds for result in self.found)
        fault = self.row.fault if len(self.row.fault) <= 64 else self.row.fault[:63] + "…"
        return (
            f"{self.row.number:3}  {fault:64}  {count:6}  {clean:6}  {shown:>7}  {self.seconds:6.0f} s  {spent:6.0f} s"
        )

    def failures(self, most: int = 1) -> Iterator[str]:
        """Yield the first failing case, and how to replay it."""
        for result in self.unclean[:most]:
            yield f"       {result.key}: {result.wrong[0].splitlines()[0]}"
            yield f"       bin/battery --row {self.row.number} --case {result.key}"


HEAD = f"{'row':>3}  {'fault':64}  {'cases':>6}  {'clean':>6}  {'':>7}  {'time':>8}  {'CPU':>8}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked; 1 if anything was wrong."""
    asked = _parser().parse_args(arguments)
    chosen = [row for number, row in rows().items() if not asked.row or number in asked.row]
    if asked.case:
        return _replay(chosen, asked.case)
    scale = FEW if asked.few else Scale(full=True, wanted=asked.seeds) if asked.seeds else ALL
    print(HEAD)
    return int(_all(chosen, scale, asked.workers, asked.failures))


def _all(chosen: Sequence[Row], scale: Scale, workers: int, failures: int) -> bool:
    """Run rows one after the other on all workers, and beside them the one whose cases mostly wait; any unclean?"""
    context = multiprocessing.get_context("spawn")
    beside = [row for row in chosen if row.waits]
    with (
        ProcessPoolExecutor(workers, context) as pool,
        ProcessPoolExecutor(1, context) as side,
        ThreadPoolExecutor(1) as thread,
    ):
        later = [thread.submit(_one, row, scale, side, failures) for row in beside]
        unclean = [_one(row, scale, pool, failures) for row in chosen if not row.waits]
        return True in unclean or True in [one.result() for one in later]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bin/battery", description="Run the battery: what is lost when things go wrong.")
    parser.add_argument("--seeds", type=int, help="how many seeds a row of seeds takes, instead of the table's")
    parser.add_argument("--row", type=int, action="append", help="only this row (may be given again)")
    parser.add_argument("--case", help="replay this case of the row: print what happened and what was wrong")
    parser.add_argument("--few", action="store_true", help="only the few cases of bin/test")
    parser.add_argument("--failures", type=int, default=1, help="how many failing cases of a row are named")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many processes")
    return parser


def _one(row: Row, scale: Scale, pool: ProcessPoolExecutor, failures: int) -> bool:
    began = time.monotonic()
    parts = _batches(row.cases(scale))
    found = [result for part in pool.map(_part, [row.number] * len(parts), parts) for result in part]
    summary = Summary(row, found, time.monotonic() - began)
    print(summary.line(), flush=True)
    for line in summary.failures(failures):
        print(line, flush=True)
    return bool(summary.unclean)


def _batches(keys: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(keys[first : first + AT_A_TIME]) for first in range(0, len(keys), AT_A_TIME)]


def _part(number: int, keys: Iterable[str]) -> list[Result]:
    """Run some cases, in a worker."""
    row = rows()[number]
    return [result for key in keys for result in results(row, key)]


def _replay(chosen: Sequence[Row], case: str) -> int:
    if len(chosen) != 1:
        print("--case goes with one --row")
        return 2
    wrong = chosen[0].run(case, told)
    print("\n".join(["", *wrong] if wrong else ["", "clean"]))
    return int(bool(wrong))
