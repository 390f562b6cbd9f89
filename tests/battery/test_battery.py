"""The fixed part of the battery: a few cases of each row; all of them are run by ``bin/battery``."""

from __future__ import annotations

import pytest

from tests.battery.rows import FEW, results, rows

PARTS = 2
NUMBERS = [pytest.param(number, marks=pytest.mark.xdist_group(f"row {number}")) for number in rows()]
"""Which cases a row has is found out once, by the worker that has all its parts."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("number", NUMBERS)
def test_a_few_cases_of_each_row_are_clean(number, part) -> None:
    """Whatever goes wrong, nothing is lost."""
    row = rows()[number]
    found = [result for key in row.cases(FEW)[part::PARTS] for result in results(row, key)]
    assert ({result.key: result.wrong for result in found if result.wrong}, bool(found)) == ({}, True)
