"""Laws of large amounts: every sum is exact, whatever its size, and every way to read it the same.

The second way to compute is Python's own integers.
"""

import operator
from collections.abc import Callable
from math import isinf
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.formula.expression import Operator
from aggregates.formula.values import combine, constant
from aggregates.ledger.ledger import CHUNK_TILES, Cells, Ledger
from aggregates.ledger.measure import Segment, Series
from aggregates.ledger.packed import pack_cells, pack_key, unpack_cells, unpack_key
from aggregates.reading.missing import Reason, missing
from aggregates.reading.reader import Reader
from aggregates.time.calendar import Calendar
from tests.aggregates.reading.kpi_ledger import BIG, DAY, FEBRUARY, JANUARY, MICROS, SMB, one
from tests.examples import examples

UTC: Final = Calendar()
INT64_MAX: Final = 2**63 - 1
NUMBERS: Final = (
    st.integers(-10, 10)
    | st.integers(-INT64_MAX - 1, INT64_MAX)
    | st.sampled_from([2**61, 2**62, INT64_MAX, 2**63, 2**64 - 1, 2**64])
    | st.integers(-(10**45), 10**45)
)
TILES: Final = st.integers(JANUARY - 40 * DAY, FEBRUARY + 5 * DAY)
SERIES: Final[tuple[Series, ...]] = (
    ("mrr",),
    ("new_mrr",),
    ("churned_mrr", "voluntary"),
    ("churned_mrr", "other"),
)
ADDED = st.lists(
    st.tuples(st.sampled_from(SERIES), st.sampled_from([SMB, BIG]), TILES, NUMBERS), max_size=20
)
EDGES = st.lists(TILES, min_size=1, max_size=5)
Added = list[tuple[Series, Segment, int, int]]


def ledger_of(added: Added) -> Ledger:
    """Returns a ledger of cells."""
    ledger = Ledger()
    for series, segment, tile, delta in added:
        ledger.add(series, segment, tile, delta)
    return ledger


def sum_of(added: Added, measure: str, begin: int, end: int, segment: Segment | None) -> int:
    """Adds up what was added to a measure in a span of tiles."""
    return sum(
        delta
        for series, own, tile, delta in added
        if series[0] == measure and begin <= tile < end and segment in (None, own)
    )


@examples(100)
@given(ADDED, EDGES)
def test_law_levels_are_exact(added: Added, edges: list[int]) -> None:
    """A level is the sum of its deltas, as integers, at every edge."""
    ledger = ledger_of(added)
    for series in SERIES:
        for edge in edges:
            mine = [each for each in added if each[0] == series]
            wanted = sum_of(mine, series[0], -(2**40), edge, SMB)
            assert ledger.level(series, SMB, edge) == wanted


@examples(100)
@given(ADDED)
def test_law_chunks_come_back(added: Added) -> None:
    """Packed chunks give the same ledger, whatever the size of their cells."""
    ledger, copy = ledger_of(added), Ledger()
    for key in ledger.chunks():
        packed = pack_key(key), pack_cells(ledger.chunk(key))
        copy.replace_chunk(unpack_key(packed[0]), {}, unpack_cells(packed[1]))
    assert copy == ledger


@examples(60)
@given(ADDED, EDGES, st.sampled_from([None, SMB]))
def test_law_any_sum_has_a_reading(added: Added, edges: list[int], segment: Segment | None) -> None:
    """Levels, flows and differences of them are the nearest float of the exact sum.

    Many edges are read like each alone.
    """
    catalogue = one("mrr - total(churned_mrr)", '["month"]', "money")
    reader = Reader(ledger_of(added), UTC)
    (grid,) = reader.evaluate(catalogue, edges, segment)
    month = UTC.windows["month"]
    for value, edge in zip(grid.values, edges, strict=True):
        mrr = sum_of(added, "mrr", -(2**40), edge, segment)
        churned = sum_of(added, "churned_mrr", month.start(edge), edge, segment)
        assert value == float(mrr - churned) / MICROS
        (alone,) = reader.evaluate(catalogue, [edge], segment)
        np.testing.assert_array_equal(alone.values, [value])


OPERATIONS: Final[dict[Operator, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "min": min,
    "max": max,
}


@examples(200)
@given(st.sampled_from(sorted(OPERATIONS)), NUMBERS, NUMBERS, NUMBERS)
def test_law_operations_are_exact(name: Operator, first: int, second: int, third: int) -> None:
    """Whole numbers stay exact through two operations; a division rounds its two sides once."""
    inner = combine(name, constant(first), constant(second))
    outer = combine("-", inner, constant(third))
    wanted = OPERATIONS[name](first, second) - third
    assert int(outer.matrix[0, 0]) == wanted
    divided = combine("/", outer, constant(7))
    assert divided.matrix[0, 0] == float(wanted) / 7


def test_a_sum_of_ordinary_contracts_beyond_64_bits() -> None:
    """Ten contracts of 10^12 rupiah a month are 10^19 micro-units, as a number below 0 in 64 bits.

    Each fits, their sum does not; so do series that fit, of segments whose sum does not.
    """
    contract = 10**12 * MICROS
    added: Added = [(("mrr",), (f"s{i % 3}",), JANUARY + i, contract) for i in range(10)]
    (found,) = Reader(ledger_of(added), UTC).evaluate(one("mrr", unit="money"), [FEBRUARY])
    assert found.values.tolist() == [1e13]
    (earlier,) = Reader(ledger_of(added), UTC).evaluate(one("mrr", unit="money"), [JANUARY + 1])
    assert earlier.values.tolist() == [1e12]


@pytest.mark.parametrize(
    ("formula", "unit"),
    [
        ("mrr", "money"),
        ("mrr - 2 * mrr", "money"),
        ("new_mrr / mrr", "ratio"),  # what is computed of it is beyond them too, and not 0
        ("min(new_mrr / mrr, 0.5)", "ratio"),
    ],
)
def test_beyond_floats_there_is_no_value_but_a_reason(formula: str, unit: str) -> None:
    """A figure beyond 10^308 has no value, never a wrong one, and is counted as too large."""
    added: Added = [(("mrr",), SMB, JANUARY, 10**400), (("new_mrr",), SMB, JANUARY, 5)]
    ledger, catalogue = ledger_of(added), one(formula, '["month"]', unit)
    (found,) = Reader(ledger, UTC).evaluate(catalogue, [FEBRUARY, JANUARY])
    assert isinf(found.values[0])
    assert not isinf(found.values[1])
    assert missing([found])[Reason.TOO_LARGE] == {"one": 1}


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "min", "max"])
def test_what_left_the_range_of_floats_does_not_come_back(operator: Operator) -> None:
    """Among floats too: a result beyond the range stays beyond, whatever is done with it."""
    beyond = combine("*", constant(1e300), constant(1e300))
    for left, right in ((beyond, constant(0.5)), (constant(2), beyond), (beyond, beyond)):
        assert isinf(combine(operator, left, right).matrix[0, 0])


def test_nothing_to_divide_by_is_undefined() -> None:
    """A quotient over nothing has no value, and is counted as undefined."""
    (found,) = Reader(Ledger(), UTC).evaluate(one("mrr / new_mrr", '["month"]', "ratio"), [JANUARY])
    assert missing([found]) == {Reason.UNDEFINED: {"one": 1}, Reason.TOO_LARGE: {}}


def test_packed_form_of_usual_cells_is_as_ever() -> None:
    """Cells that fit into 64 bits are packed as a map, which every exporter reads."""
    cells: Cells = {CHUNK_TILES: -5, 3: INT64_MAX}
    assert pack_cells(cells) == b"\x82\x03\xcf" + INT64_MAX.to_bytes(8) + b"\xcd\x04\x00\xfb"
    assert unpack_cells(pack_cells({1: 10**30, 2: 5})) == {1: 10**30, 2: 5}
    assert unpack_cells(pack_cells({1: -(2**63)})) == {1: -(2**63)}
