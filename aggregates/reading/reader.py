"""Readings: every KPI of a catalogue at given edges.

Inside, money is micro-units, durations are ms and all are integers; a result is in major units and
seconds, with NaN where a KPI has no value.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.headline import Headline
from aggregates.catalogue.kpi import Kpi, KpiUnit, Variant
from aggregates.formula.expression import OverKpis
from aggregates.formula.values import ALWAYS, NEVER, Edges, Floats, Matrix, Values, aligned, combine
from aggregates.ledger.integers import as_floats
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.reading.context import Context
from aggregates.reading.evaluation import Evaluation
from aggregates.reading.layout import Segments
from aggregates.reading.overview import is_about, overview
from aggregates.reading.prefix_sums import LedgerSums, bounded
from aggregates.reading.read_measures import every_measure
from aggregates.reading.shown_segments import ShownSegments, shown_segments
from aggregates.reading.table import Result, Table, joined, results_of
from aggregates.reading.views import View, Views
from aggregates.time.calendar import Calendar

BLOCK_COLUMNS: Final = 1024
"""Edges, times segments, read together: bounds memory, wide enough to cost nothing."""


class Reader:
    """Reads a ledger; keeps what it laid out, and one that ``remembers`` also what it read.

    Attributes:
        calendar: Days and windows of the reporting time zone.
    """

    def __init__(self, ledger: Ledger, calendar: Calendar, *, remembers: bool = False) -> None:
        self.calendar = calendar
        self._sums = LedgerSums(ledger, remembers=remembers)
        self._views = Views(self._sums.changes if remembers else None)

    def evaluate(
        self,
        catalogue: Catalogue,
        edges: Sequence[int] | Edges,
        segment: Segment | frozenset[Segment] | None = None,
        currency: str = "USD",
        kpis: Iterable[Kpi] | None = None,
    ) -> list[Result]:
        """Reads every KPI at each edge.

        Args:
            catalogue: The KPIs.
            edges: Tile edges, in any order.
            segment: The only segment of the ledger to count, or several that are counted as one;
                ``None`` for the whole.
            currency: The reporting currency, for the label of money.
            kpis: Those to read, with fewer windows and variants if wanted; None for all.

        Raises:
            ValueError: If an edge is out of bounds.
        """
        only = frozenset({segment}) if isinstance(segment, tuple) else segment
        return results_of(self.tables(catalogue, edges, (only,), currency, kpis))

    def segments(self, catalogue: Catalogue) -> ShownSegments:
        """Returns the segments that are shown of those that have cells."""
        return shown_segments(self.beginnings(catalogue), catalogue.policy.segment_values_max)

    def beginnings(self, catalogue: Catalogue) -> dict[Segment, int]:
        """Returns the tile of the first cell of each segment of the ledger, in their order."""
        found: dict[Segment, int] = {}
        for name in every_measure(catalogue):
            for segment, tile in self._sums.of(catalogue.measures[name]).beginnings.items():
                found[segment] = min(tile, found.get(segment, NEVER))
        return dict(sorted(found.items()))

    def view(self, catalogue: Catalogue, *way: Hashable) -> View:
        """Returns what is kept of KPIs that are read in one way."""
        return self._views.of(catalogue, *way)

    def evaluation(self, catalogue: Catalogue, edges: Edges, segments: Segments) -> Evaluation:
        """Returns an evaluation of formulas at some edges."""
        measures, policy = catalogue.measures, catalogue.policy
        return Evaluation(measures, self.calendar, self._sums, edges, segments, policy)

    def tables(
        self,
        catalogue: Catalogue,
        edges: Sequence[int] | Edges,
        segments: Segments = (None,),
        currency: str = "USD",
        kpis: Iterable[Kpi] | None = None,
    ) -> list[Table]:
        """Reads KPIs, by default all, at each edge, with a column for each set of segments.

        A reader that remembers gives the same objects again for a KPI of which nothing changed; but
        what is more than one block, as a year of all segments, would displace all else.

        Raises:
            ValueError: If an edge is out of bounds.
        """
        edges = bounded(edges)
        asked = tuple(catalogue if kpis is None else kpis)
        blocks = []
        step = max(BLOCK_COLUMNS // len(segments), 1)
        views = self._views if len(edges) <= step else Views(None)
        for first in range(0, max(len(edges), 1), step):
            part = edges[first : first + step]
            evaluation = self.evaluation(catalogue, part, segments)
            way = part.tobytes(), segments
            headlines = partial(views.of, catalogue, "headlines", *way)
            block = _EdgeBlock(evaluation, part, len(segments), currency, headlines)
            view = views.of(catalogue, "tables", *way, currency)
            found = [view.of(kpi, partial(block.tables, kpi, catalogue)) for kpi in asked]
            blocks.append(list(chain.from_iterable(found)))
        if len(blocks) == 1:
            return blocks[0]
        return [joined(same) for same in zip(*blocks, strict=True)]


class _Shown(NamedTuple):
    """Values of one formula, and the same in the units that they are shown in."""

    values: Values
    shown: Floats
    parts: tuple[Floats, ...] = ()


class _EdgeBlock:
    """Edges that are read together, and the series of each segment at them."""

    def __init__(
        self,
        evaluation: Evaluation,
        edges: Edges,
        segments: int,
        currency: str,
        headlines: Callable[..., View],
    ) -> None:
        self._evaluation = evaluation
        self._edges = edges
        self._segments = segments
        self._currency = currency
        self._view_of = headlines
        self._lowest = int(edges.min(initial=NEVER))
        self._headlines: dict[tuple[str, ...], View] = {}
        self._shown: dict[tuple[str, str | None, str | None], _Shown] = {}

    def tables(self, kpi: Kpi, catalogue: Catalogue) -> list[Table]:
        """Reads all series of a KPI."""
        found: list[Table] = []
        for window in kpi.windows or (None,):
            for variant in kpi.variants:
                labels = fixed_labels(kpi, window, self._currency)
                if kpi.variant_label is not None and variant.value is not None:
                    labels.append((kpi.variant_label, variant.value))
                if isinstance(variant.formula, OverKpis):
                    found += self._overview(kpi, labels, variant.formula, catalogue)
                else:
                    found.append(self._table(kpi, labels, self._read(kpi, variant, window)))
        return found

    def _table(self, kpi: Kpi, labels: list[tuple[str, str]], found: _Shown) -> Table:
        """Returns a row for each combination of label values."""
        values = found.values
        since = _spread(values.since, (len(values.keys), self._segments))
        every = [
            tuple(sorted([*labels, *zip(values.labels, key, strict=True)])) for key in values.keys
        ]
        table = Table(kpi, every, since, found.shown, found.parts)
        if (since >= self._lowest).any():  # what came to be later was not there to be shown
            table = table.where(self._edges > since[:, :, None])
        return table

    def _overview(
        self, kpi: Kpi, fixed: list[tuple[str, str]], formula: OverKpis, catalogue: Catalogue
    ) -> Iterator[Table]:
        for other in catalogue:
            headline = Headline.of(other) if is_about(formula, other) else None
            if headline is None:
                continue
            now = before = self._headline(other, headline)
            if formula.window is not None:
                before = self._headline(other, headline, *self._evaluation.ago(formula.window))
            labels = tuple(sorted([*fixed, ("kpi", other.id)]))
            values = overview(formula, other, now, before)[None]
            since = np.full((1, self._segments), ALWAYS)
            yield Table(kpi, [labels], since, values)

    def _headline(self, kpi: Kpi, headline: Headline, *path: str) -> Floats:
        """Returns a headline, segments by edges; at others before them, if there is a path.

        Every overview is about the same ones, which are read once.
        """
        if path not in self._headlines:
            self._headlines[path] = self._view_of(*path)
        return self._headlines[path].of(kpi, partial(self._headline_at, kpi, headline, path))

    def _headline_at(self, kpi: Kpi, headline: Headline, path: tuple[str, ...]) -> Floats:
        variant, window = headline.variant, headline.window
        if path:
            values = self._evaluation.values(variant.formula, Context(window, kpi.values, path))
            shown = self._by_segment(values.matrix, variant.dimension.scale)
        else:
            values, shown, _ = self._read(kpi, variant, window)
        if headline.key not in values.keys:
            return np.full((self._segments, len(self._edges)), np.nan)
        row: Floats = shown[values.keys.index(headline.key)]
        return row

    def _read(self, kpi: Kpi, variant: Variant, window: str | None) -> _Shown:
        """Reads a formula of a KPI over a window, once: a headline is one of its KPI's series."""
        asked = kpi.id, variant.value, window
        found = self._shown.get(asked)
        if found is None:
            found = self._shown[asked] = self._read_anew(variant, Context(window, kpi.values))
        return found

    def _read_anew(self, variant: Variant, context: Context) -> _Shown:
        scale = variant.dimension.scale
        parts = self._evaluation.parts(variant.formula, context)
        if parts is None or variant.parts is None:
            values = self._evaluation.values(variant.formula, context)
            return _Shown(values, self._by_segment(values.matrix, scale))
        sides = aligned(*parts)
        values = combine("/", *sides)
        shown = tuple(
            self._by_segment(_spread(side.matrix, values.matrix.shape), dimension.scale)
            for side, dimension in zip(sides, variant.parts, strict=True)
        )
        return _Shown(values, self._by_segment(values.matrix, scale), shown)

    def _by_segment(self, matrix: Matrix, scale: float) -> Floats:
        """Returns figures in major units, rows by segments by edges."""
        columns = (len(matrix), self._segments * len(self._edges))
        figures: Floats = _spread(as_floats(matrix), columns) / scale
        return figures.reshape(len(matrix), self._segments, len(self._edges))


def fixed_labels(kpi: Kpi, window: str | None, currency: str) -> list[tuple[str, str]]:
    """Returns the labels that all series of a KPI over one window share."""
    labels = list(kpi.labels)
    if window is not None:
        labels.append(("window", window))
    if kpi.unit is KpiUnit.MONEY:
        labels.append(("currency", currency))
    return labels


def _spread(matrix: Matrix, shape: tuple[int, ...]) -> Matrix:
    """Repeats single rows and columns; numpy is slow to see that most need none."""
    return matrix if matrix.shape == shape else np.broadcast_to(matrix, shape)
