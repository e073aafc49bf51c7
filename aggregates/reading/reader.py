"""Readings: every KPI of a catalogue at given edges.

Inside, money is micro-units, durations are ms and all are integers; a result is in major units and
seconds, with NaN where a KPI has no value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import Headline
from aggregates.catalogue.kpi import Kpi, KpiUnit, Labels, Variant
from aggregates.formula.expression import OverKpis
from aggregates.formula.values import NEVER, Edges, Matrix, Values, aligned, combine
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.reading.evaluation import Evaluation, Scope
from aggregates.reading.layout import Scopes
from aggregates.reading.overview import is_about, overview
from aggregates.reading.stack import EDGE_MAX, Stacks
from aggregates.time.calendar import Calendar

Figures = NDArray[np.float64]

BLOCK_COLUMNS: Final = 1024
"""Edges, times segments, read together: bounds memory, wide enough to cost nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One series of a KPI: a value for each edge.

    Attributes:
        kpi: The KPI.
        labels: All labels but the segment.
        values: Values in the KPI's unit; NaN for none.
        numerator: What was divided, if the formula is a quotient or a mean.
        denominator: What it was divided by.
    """

    kpi: Kpi
    labels: Labels
    values: Figures
    numerator: Figures | None = None
    denominator: Figures | None = None


class Reader:
    """Reads a ledger; keeps what it laid out for the next reading."""

    def __init__(self, ledger: Ledger, calendar: Calendar) -> None:
        self._calendar = calendar
        self._stacks = Stacks(ledger)

    def evaluate(
        self,
        catalogue: Catalogue,
        edges: Sequence[int] | Edges,
        segment: Segment | None = None,
        currency: str = "USD",
    ) -> list[Result]:
        """Reads every KPI at each edge.

        Args:
            catalogue: The KPIs.
            edges: Tile edges, in any order.
            segment: The only segment to count, ``None`` for the whole.
            currency: The reporting currency, for the label of money.

        Raises:
            ValueError: If an edge is out of bounds.
        """
        self.refresh()
        return self._evaluate(catalogue, bounded(edges), (segment,), currency)[0]

    def evaluate_segments(
        self, catalogue: Catalogue, edges: Sequence[int] | Edges, currency: str = "USD"
    ) -> dict[Segment | None, list[Result]]:
        """Reads every KPI at each edge, for the whole (``None``) and each segment that has cells.

        Raises:
            ValueError: If an edge is out of bounds.
        """
        self.refresh()
        scopes = (None, *self.beginnings(catalogue))
        results = self._evaluate(catalogue, bounded(edges), scopes, currency)
        return dict(zip(scopes, results, strict=True))

    def beginnings(self, catalogue: Catalogue) -> dict[Segment, int]:
        """Returns the tile of the first cell of each segment, in the order of the segments."""
        found: dict[Segment, int] = {}
        for name in {name for kpi in catalogue for name in catalogue.measures_of(kpi)}:
            for segment, tile in self._stacks.of(catalogue.measures[name]).beginnings().items():
                found[segment] = min(tile, found.get(segment, NEVER))
        return dict(sorted(found.items()))

    def refresh(self) -> None:
        """Looks for changes of the ledger, so that what is read next is as it is now."""
        self._stacks.refresh()

    def evaluation(self, catalogue: Catalogue, edges: Edges, scopes: Scopes) -> Evaluation:
        """Returns an evaluation of formulas at some edges."""
        measures, policy = catalogue.measures, catalogue.policy
        return Evaluation(measures, self._calendar, self._stacks, edges, scopes, policy)

    def _evaluate(
        self, catalogue: Catalogue, edges: Edges, scopes: Scopes, currency: str
    ) -> list[list[Result]]:
        """Returns the results of each scope."""
        blocks = []
        step = max(BLOCK_COLUMNS // len(scopes), 1)
        for first in range(0, max(len(edges), 1), step):
            grid = _Grid(edges[first : first + step], len(scopes))
            evaluation = self.evaluation(catalogue, grid.edges, scopes)
            for kpi in catalogue:
                if isinstance(kpi.variants[0].formula, OverKpis):
                    _read_overview(kpi, catalogue, evaluation, grid)
                else:
                    _read(kpi, evaluation, grid, currency)
            blocks.append(grid.results)
        if len(blocks) == 1:
            return blocks[0]
        return [_joined([block[scope] for block in blocks]) for scope in range(len(scopes))]


class _Grid:
    """The edges of one block and the results of each scope at them."""

    def __init__(self, edges: Edges, scopes: int) -> None:
        self.edges = edges
        self.scopes = scopes
        self.results: list[list[Result]] = [[] for _ in range(scopes)]
        self._lowest = int(edges.min(initial=NEVER))

    def by_scope(self, matrix: Matrix, scale: float) -> Figures:
        """Returns figures in major units, rows by scopes by edges."""
        columns = (len(matrix), self.scopes * len(self.edges))
        figures: Figures = _spread(matrix, columns) / scale
        return figures.reshape(len(matrix), self.scopes, len(self.edges))

    def add(self, kpi: Kpi, labels: list[tuple[str, str]], figures: "_Figures") -> None:
        """Adds a result for each row and each scope in which the row exists."""
        values = figures.values
        since = _spread(values.since, (len(values.keys), self.scopes)).tolist()
        for row, key in enumerate(values.keys):
            every = tuple(sorted([*labels, *zip(values.labels, key, strict=True)]))
            for scope, first in enumerate(since[row]):
                if first == NEVER:
                    continue
                shown = [part[row, scope] for part in (figures.shown, *(figures.parts or ()))]
                if first >= self._lowest:  # what came to be later was not there to be shown
                    shown = [np.where(self.edges > first, part, np.nan) for part in shown]
                self.results[scope].append(Result(kpi, every, *shown))


class _Figures(NamedTuple):
    """Values of one formula, and the same in the units that they are shown in."""

    values: Values
    shown: Figures
    parts: tuple[Figures, Figures] | None


def evaluate(
    catalogue: Catalogue,
    ledger: Ledger,
    calendar: Calendar,
    edges: Sequence[int] | Edges,
    segment: Segment | None = None,
    currency: str = "USD",
) -> list[Result]:
    """Reads every KPI once; who reads again and again keeps a ``Reader``.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    return Reader(ledger, calendar).evaluate(catalogue, edges, segment, currency)


def fixed_labels(kpi: Kpi, window: str | None, currency: str) -> list[tuple[str, str]]:
    """Returns the labels that all series of a KPI over one window share."""
    labels = list(kpi.labels)
    if window is not None:
        labels.append(("window", window))
    if kpi.unit is KpiUnit.MONEY:
        labels.append(("currency", currency))
    return labels


def bounded(edges: Sequence[int] | Edges) -> Edges:
    """Returns edges as an array.

    Raises:
        ValueError: If an edge is out of bounds.
    """
    array = np.asarray(edges, dtype=np.int64).reshape(-1)
    if array.size and int(np.abs(array).max()) > EDGE_MAX:
        raise ValueError(f"edges are tile numbers between -{EDGE_MAX} and {EDGE_MAX}")
    return array


def _read(kpi: Kpi, evaluation: Evaluation, grid: _Grid, currency: str) -> None:
    windows: tuple[str | None, ...] = kpi.windows or (None,)
    for window in windows:
        scope = Scope(window, kpi.values)
        labels = fixed_labels(kpi, window, currency)
        for variant in kpi.variants:
            own = list(labels)
            if kpi.variant_label is not None and variant.value is not None:
                own.append((kpi.variant_label, variant.value))
            grid.add(kpi, own, _figures(variant, evaluation, scope, grid))


def _read_overview(kpi: Kpi, catalogue: Catalogue, evaluation: Evaluation, grid: _Grid) -> None:
    for variant in kpi.variants:
        formula = variant.formula
        assert isinstance(formula, OverKpis), "the catalogue does not mix them with others"
        own = list(kpi.labels)
        if kpi.variant_label is not None and variant.value is not None:
            own.append((kpi.variant_label, variant.value))
        for other in catalogue:
            headline = Headline.of(other)
            if headline is None or not is_about(formula, other):
                continue
            now = before = _headline(other, headline, evaluation, grid)
            if formula.window is not None:
                before = _headline(other, headline, evaluation, grid, formula.window)
            labels = tuple(sorted([*own, ("kpi", other.id)]))
            for scope, values in enumerate(overview(formula, other, now, before)):
                grid.results[scope].append(Result(kpi, labels, values))


def _headline(
    kpi: Kpi, headline: Headline, evaluation: Evaluation, grid: _Grid, *path: str
) -> Figures:
    """Returns a KPI's headline, scopes by edges; at the starts of windows, if there is a path."""
    variant = headline.variant
    values = evaluation.values(variant.formula, Scope(headline.window, kpi.values, path))
    if headline.key not in values.keys:
        return np.full((grid.scopes, len(grid.edges)), np.nan)
    row = values.keys.index(headline.key)
    found: Figures = grid.by_scope(values.matrix[row : row + 1], variant.dimension.scale)[0]
    return found


def _figures(variant: Variant, evaluation: Evaluation, scope: Scope, grid: _Grid) -> _Figures:
    scale = variant.dimension.scale
    parts = evaluation.parts(variant.formula, scope)
    if parts is None or variant.parts is None:
        values = evaluation.values(variant.formula, scope)
        return _Figures(values, grid.by_scope(values.matrix, scale), None)
    left, right = aligned(*parts)
    values = combine("/", left, right)
    above, below = (
        grid.by_scope(_spread(side.matrix, values.matrix.shape), dimension.scale)
        for side, dimension in zip((left, right), variant.parts, strict=True)
    )
    return _Figures(values, grid.by_scope(values.matrix, scale), (above, below))


def _spread(matrix: Matrix, shape: tuple[int, ...]) -> Matrix:
    """Repeats single rows and columns; numpy is slow to see that most need none."""
    return matrix if matrix.shape == shape else np.broadcast_to(matrix, shape)


def _joined(blocks: list[list[Result]]) -> list[Result]:
    """Joins blocks of edges; all blocks have the same series, since those are the ledger's."""
    return [
        Result(
            same[0].kpi,
            same[0].labels,
            np.concatenate([result.values for result in same]),
            _concatenated([result.numerator for result in same]),
            _concatenated([result.denominator for result in same]),
        )
        for same in zip(*blocks, strict=True)
    ]


def _concatenated(parts: Iterable[Figures | None]) -> Figures | None:
    present = [part for part in parts if part is not None]
    return np.concatenate(present) if present else None
