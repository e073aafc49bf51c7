"""Values of an expression at many edges: one row for each combination of label values.

Whole numbers stay exact through sums, differences and products, whatever their size; a division
makes floats, in which NaN is "no value", and infinity a value beyond the range of floats, which
also has none to be shown: what is computed of it is beyond the range too. Rows missing on one side
of an operation count as 0.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import add, mul
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from aggregates.formula.expression import Operator
from aggregates.ledger.integers import as_floats, integers, is_narrow, largest_of

LabelKey = tuple[str, ...]
"""Label values of one row, in the order of the label names."""

Matrix = NDArray[Any]
"""Rows by columns: ``Integers``, or ``float64`` with NaN for "no value"."""

Floats = NDArray[np.float64]
"""Figures in the units that they are shown in; NaN for none."""

Edges = NDArray[np.int64]

ALWAYS: Final = -(2**31)
"""The tile of what needs no movement to have a value; below every edge."""

NEVER: Final = 2**63 - 1
"""The tile of what never moves; above every edge."""

_SINCE_ALWAYS: Final = np.full((1, 1), ALWAYS, dtype=np.int64)

NO_LABELS: Final[tuple[LabelKey, ...]] = ((),)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Figures by label values, segments and edges; the whole counts as a segment.

    Attributes:
        labels: Label names.
        keys: Label values of each row, ascending; a single empty key without labels.
        matrix: Rows by columns; the columns are the edges, once for each segment.
        since: The tile of each row's first movement in each segment: at edges up to it the row does
            not exist yet.
    """

    labels: tuple[str, ...]
    keys: tuple[LabelKey, ...]
    matrix: Matrix
    since: Edges

    def with_keys(self, keys: Iterable[LabelKey]) -> "Values":
        """Adds rows of zeros, which always exist, for label values that are declared."""
        declared = set(keys)
        every = tuple(sorted(declared.union(self.keys)))
        since = _spread(self.since, self.keys, every, ALWAYS)
        since[[key in declared for key in every]] = ALWAYS
        return Values(self.labels, every, _spread(self.matrix, self.keys, every, 0), since)


def constant(number: int | float) -> Values:
    """Returns a number at every edge."""
    matrix = integers([number]) if isinstance(number, int) else np.array([number])
    return Values((), NO_LABELS, matrix.reshape(1, 1), _SINCE_ALWAYS)


def unlabelled(row: Matrix) -> Values:
    """Returns one row, which always exists."""
    return Values((), NO_LABELS, row.reshape(1, -1), _SINCE_ALWAYS)


def negative(values: Values) -> Values:
    """Returns the negative of each figure."""
    return Values(values.labels, values.keys, -values.matrix, values.since)


def aligned(left: Values, right: Values) -> tuple[Values, Values]:
    """Returns both sides with the same rows; a side without labels keeps its one row for all."""
    if left.keys == right.keys or not left.labels or not right.labels:
        return left, right
    keys = tuple(sorted({*left.keys, *right.keys}))
    return _onto(keys, left), _onto(keys, right)


def combine(operator: Operator, left: Values, right: Values) -> Values:
    """Joins two sides row by row.

    >>> half = combine("/", constant(1), constant(2))
    >>> float(half.matrix[0, 0]), float(combine("/", half, constant(0)).matrix[0, 0])
    (0.5, nan)
    """
    left, right = aligned(left, right)
    matrix = computed(operator, left.matrix, right.matrix)
    if left.labels and right.labels:
        return Values(left.labels, left.keys, matrix, np.minimum(left.since, right.since))
    labelled = left if left.labels else right
    return Values(labelled.labels, labelled.keys, matrix, labelled.since)


def _onto(keys: tuple[LabelKey, ...], values: Values) -> Values:
    """Returns the values with these rows; rows that are new are zeros that never moved."""
    since = _spread(values.since, values.keys, keys, NEVER)
    return Values(values.labels, keys, _spread(values.matrix, values.keys, keys, 0), since)


def _spread(
    rows: Matrix, keys: tuple[LabelKey, ...], onto: tuple[LabelKey, ...], fill: int
) -> Matrix:
    spread = np.full((len(onto), *rows.shape[1:]), fill, dtype=rows.dtype)
    place = {key: index for index, key in enumerate(onto)}
    spread[[place[key] for key in keys]] = rows
    return spread


def computed(operator: Operator, left: Matrix, right: Matrix) -> Matrix:
    """Computes with figures of one shape, or of shapes that can be spread to one."""
    are_whole = np.float64 not in (left.dtype, right.dtype)
    if operator != "/":
        return _whole(operator, left, right) if are_whole else _floating(operator, left, right)
    if are_whole and object not in (left.dtype, right.dtype):
        return _quotient(left, right)  # of what floats can hold
    return _floating(operator, left, right)


def _quotient(left: Matrix, right: Matrix) -> Floats:
    """Divides; dividing by 0 has no value."""
    is_alike = left.shape == right.shape
    shape = left.shape if is_alike else np.broadcast_shapes(left.shape, right.shape)
    quotient = np.full(shape, np.nan)
    np.divide(left, right, out=quotient, where=right != 0)
    return quotient


def _floating(operator: Operator, left: Matrix, right: Matrix) -> Floats:
    """Computes with floats; what is computed of what is beyond their range is beyond it too."""
    left, right = as_floats(left), as_floats(right)
    with np.errstate(over="ignore", invalid="ignore"):
        if operator == "/":
            matrix = _quotient(left, right)
        else:
            matrix = _OPERATIONS[operator](left, right)
    beyond = np.isinf(left) | np.isinf(right)
    if beyond.any():
        matrix = np.where(beyond & ~np.isnan(left) & ~np.isnan(right), np.inf, matrix)
    return matrix


def _whole(operator: Operator, left: Matrix, right: Matrix) -> Matrix:
    """Computes with whole numbers; where a result might leave 64 bits, with Python's."""
    bound = _BOUNDS.get(operator)
    if bound is not None and left.dtype == right.dtype == np.int64:
        if not is_narrow(bound(largest_of(left), largest_of(right))):
            left = left.astype(object)
    return _OPERATIONS[operator](left, right)


_OPERATIONS: Final[dict[Operator, Callable[[Matrix, Matrix], Matrix]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "min": np.minimum,
    "max": np.maximum,
}

_BOUNDS: Final[dict[Operator, Callable[[int, int], int]]] = {"+": add, "-": add, "*": mul}
"""How large a result may be, from how large both sides are; others are one of the sides."""
