"""Laws of readings on random ledgers: grid = one by one = exact fractions; parts make the whole."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import chain, product
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import Source, shipped_source
from aggregates.catalogue.kpi import Kpi, Labels
from aggregates.formula.expression import OverKpis, Read
from aggregates.formula.values import Floats
from aggregates.ledger.buckets import ANCHORS, kept_as
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import REGROUPED, Kind, Series
from aggregates.reading.distribution import BOUNDS_S, Distribution, distributions, longest
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILES_A_DAY
from tests.aggregates.catalogue.kpi_files import kpi
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.reading.evaluated import evaluate_segments
from tests.aggregates.reading.kpi_ledger import BIG, DAY, FEBRUARY, JANUARY, SMB
from tests.aggregates.reading.kpi_oracle import exact
from tests.aggregates.reading.readings import evaluate
from tests.examples import examples

OWN = "".join(
    kpi(id=f'"{name}"', formula=f"'{formula}'", unit=f'"{unit}"', windows=windows)
    for name, formula, unit, windows in (
        ("urgent", 'ticket_backlog(priority="urgent") / ticket_backlog', "ratio", "[]"),
        ("waiting", 'tickets_waiting(priority="urgent")', "tickets", "[]"),
        ("new", 'tickets_created(priority="none")', "tickets", '["1d", "month"]'),
        ("response", 'p90(first_response(priority="urgent"))', "seconds", '["7d"]'),
    )
)
"""KPIs that select filters, which no shipped one does."""
SHIPPED = load(MEASURES, shipped_source(), Source("own.toml", OWN))
PRAGUE = Calendar("Europe/Prague")
LABELS = {
    "expansion_mrr": ("upgrade", "resume"),
    "contraction_mrr": ("downgrade", "pause"),
    "churned_mrr": ("voluntary", "involuntary", "other"),
    "feature_accounts": ("export", "search"),
    "other_feature_accounts": ("export", "search"),
    "ces_answers": ("very_easy", "easy", "neutral", "hard"),
    "rated_accounts": ("satisfied", "neutral", "dissatisfied"),
    "tickets_waiting": ("0h", "4h"),
    "work_time": ("support", "training"),
    "converted_visitors": ("demo", "signup"),
    "referred_accounts": ("acct_1", "acct_2"),
    "tasks_completed": ("ann", "bob"),
    "tasks_completed_due": ("ann", "bob"),
    "tasks_on_time": ("ann",),
    "tasks_overdue": ("ann", "unassigned"),
    "ticket_backlog_blocked": ("customer", "internal"),
    "sla_targets_met": ("first_response", "resolution"),
    "sla_targets_judged": ("first_response", "resolution"),
    "health_accounts": ("red", "green"),
    "health_mrr": ("red", "green"),
    "health_component_points": ("usage", "support"),
    "health_component_accounts": ("usage", "support"),
}
EDGES = st.lists(st.integers(JANUARY - 20 * DAY, FEBRUARY + 40 * DAY), min_size=1, max_size=6)
KPIS = st.integers(0, 3).map(lambda first: tuple(SHIPPED)[first::4])
"""A quarter of all KPIs: so a law sees four times as many ledgers and edges in the same time."""


def _joined(*parts: list[Series]) -> list[Series]:
    return [sum(each, ()) for each in product(*parts)]


def _all_series() -> list[Series]:
    series: list[Series] = []
    for measure in MEASURES:
        windows: list[Series] = [(w,) for w in measure.windows] or [()]
        labels: list[Series] = [
            (v,) for v in LABELS.get(measure.name.removesuffix(REGROUPED), ())
        ] or [()]
        filters: list[Series] = [("urgent",), ("none",)] if measure.filters else [()]
        if measure.kind is not Kind.DURATION:
            series += [(measure.name, *each) for each in _joined(windows, labels, filters)]
    return series


ALL_SERIES = _all_series()


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Returns a ledger of random cells, and durations that enter and leave their windows."""
    ledger = Ledger()
    tiles = st.integers(JANUARY - 40 * DAY, FEBRUARY + 30 * DAY)
    segments = st.sampled_from([SMB, BIG])
    deltas = st.integers(-3, 10)
    chosen = st.lists(st.sampled_from(ALL_SERIES), max_size=40)
    for series in draw(chosen):
        ledger.add(series, draw(segments), draw(tiles), draw(deltas) * 123_457)
    for ms in draw(st.lists(st.integers(0, 10**9), max_size=12)):
        segment, tile = draw(segments), draw(tiles)
        for name, window, labels, days in (
            ("first_response", "7d", ("calendar", ("urgent", "none")[ms % 2]), 7),
            ("resolution", "30d", ("calendar", "low"), 30),
            ("milestone_time", "90d", ("invited",), 90),
        ):
            for bucket, amount in kept_as(ms):
                series = (name, window, *labels, bucket)
                ledger.add(series, segment, tile, amount)
                ledger.add(series, segment, tile + days * DAY, -amount)
    return ledger


def scale_of(result: Result) -> float:
    """Returns what exact figures are divided by."""
    return result.kpi.variants[0].dimension.scale


def formula_labels(result: Result) -> dict[str, str]:
    """Returns the labels that come from measures."""
    names = result.kpi.variants[0].labels
    return {name: value for name, value in result.labels if name in names}


def series_of(results: list[Result]) -> list[tuple[str, Labels, bool, bool]]:
    """Returns what series there are, and which of them have a numerator and a denominator."""
    return [
        (r.kpi.id, r.labels, r.numerator is not None, r.denominator is not None) for r in results
    ]


def figures_of(results: list[Result]) -> Floats:
    """Returns all figures of all series: a row each of values, numerators and denominators."""
    rows = [(r.values, r.numerator, r.denominator) for r in results]
    return np.stack([part for parts in rows for part in parts if part is not None])


@examples(120)
@given(ledgers(), EDGES, KPIS)
def test_segments_together_equal_segments_alone(
    ledger: Ledger, edges: list[int], kpis: tuple[Kpi, ...]
) -> None:
    """Reading the whole and all segments together gives what reading each alone gives."""
    together, alone = Reader(ledger, PRAGUE), Reader(ledger, PRAGUE)
    for segment, results in evaluate_segments(together, SHIPPED, edges, kpis=kpis).items():
        found = alone.evaluate(SHIPPED, edges, segment, kpis=kpis)
        assert series_of(results) == series_of(found)
        np.testing.assert_array_equal(figures_of(results), figures_of(found))


@examples(120)
@given(ledgers(), EDGES, KPIS)
def test_grid_equals_one_by_one(ledger: Ledger, edges: list[int], kpis: tuple[Kpi, ...]) -> None:
    """A grid gives, bit for bit, what each of its edges gives alone, with the same series."""
    grid = Reader(ledger, PRAGUE).evaluate(SHIPPED, edges, kpis=kpis)
    series, figures = series_of(grid), figures_of(grid)
    assert figures.shape[1] == len(edges)
    alone = Reader(ledger, PRAGUE)
    for index, edge in enumerate(edges):
        found = alone.evaluate(SHIPPED, [edge], kpis=kpis)
        assert series_of(found) == series
        np.testing.assert_array_equal(figures_of(found), figures[:, index : index + 1])


def _selected(formula: Any) -> Iterator[tuple[str, set[str]]]:
    """Yields the measures that a formula reads, with the label values that each is of."""
    if isinstance(formula, Read):
        yield formula.measure, {value for _, value in formula.where}
    for field in fields(formula):
        if is_dataclass(part := getattr(formula, field.name)):
            yield from _selected(part)


def _moved(ledger: Ledger, result: Result, edge: int) -> bool:
    """Returns whether the result's label values existed before the edge; without labels they do."""
    values = set(formula_labels(result).values())
    measures = SHIPPED.measures_of(result.kpi)
    selected = list(_selected(result.kpi.variants[0].formula))

    def is_read(series: Series) -> bool:
        chosen = [of for measure, of in selected if measure == series[0]] or [set()]
        return series[0] in measures and any(of <= set(series) for of in chosen)

    return (
        any(
            values <= set(series) and is_read(series) and min(cells) < edge
            for (series, _), cells in ledger.cells.items()
            if cells
            and (len(series) == 1 or series[1] in (*values, dict(result.labels).get("window")))
        )
        or not values
    )


@examples(60)
@given(ledgers(), st.integers(JANUARY, FEBRUARY))
def test_values_equal_exact_fractions(ledger: Ledger, edge: int) -> None:
    """Every KPI equals its formula on exact fractions, and has no value where that has none."""
    cells = ledger.cells
    for result in evaluate(SHIPPED, ledger, PRAGUE, [edge]):
        labels = dict(result.labels)
        variants = {variant.value: variant for variant in result.kpi.variants}
        variant = variants[labels.get(result.kpi.variant_label or "")]
        if isinstance(variant.formula, OverKpis):
            continue  # tests/aggregates/reading/test_overview.py
        wanted = exact(
            variant.formula, cells, PRAGUE, edge, labels.get("window"), formula_labels(result)
        )
        value = float(result.values[0])
        if wanted is None:
            assert isnan(value), result.kpi.id
        elif isnan(value):
            assert not _moved(ledger, result, edge), result.kpi.id
        else:
            assert value == pytest.approx(float(wanted) / scale_of(result), rel=1e-12, abs=1e-12)


@examples(40)
@given(ledgers(), EDGES)
def test_sums_over_segments_are_the_whole(ledger: Ledger, edges: list[int]) -> None:
    """Numerators and denominators add up over segments, so ratios can be put together again.

    But for a least or a largest value: that of a sum is another than the sum of those of its parts.
    """
    reader = Reader(ledger, PRAGUE)
    by_segment = evaluate_segments(reader, SHIPPED, edges)
    wholes = by_segment.pop(None)
    parts = defaultdict[tuple[str, Labels], list[Result]](list)
    for result in chain.from_iterable(by_segment.values()):
        parts[result.kpi.id, result.labels].append(result)
    found, wanted = [], []
    for whole in wholes:
        if whole.denominator is None or formula_labels(whole):
            continue  # by label, a segment has only the values that it has
        if any("min(" in each.text or "max(" in each.text for each in whole.kpi.variants):
            continue
        same = parts[whole.kpi.id, whole.labels]
        for name in ("numerator", "denominator"):
            found.append(sum((getattr(part, name) for part in same), np.zeros(len(edges))))
            wanted.append(getattr(whole, name))
    np.testing.assert_allclose(np.stack(found), np.stack(wanted), atol=1e-9)


def test_a_label_value_is_shown_once_what_is_read_of_it_has_moved() -> None:
    """A ticket that waits is none of the urgent ones, of which none has waited so long yet."""
    ledger = Ledger()
    for priority, tile in (("none", JANUARY), ("urgent", FEBRUARY)):
        ledger.add(("tickets_waiting", "0h", priority), SMB, tile, 1)
    for edge, wanted in ((FEBRUARY, []), (FEBRUARY + 1, [("0h", 1.0)])):
        found = [r for r in evaluate(SHIPPED, ledger, PRAGUE, [edge]) if r.kpi.id == "waiting"]
        shown = [(dict(r.labels)["over"], float(r.values[0])) for r in found]
        assert [(over, value) for over, value in shown if not isnan(value)] == wanted


def test_a_segment_is_shown_for_what_its_windows_alone_hold() -> None:
    """A change that only windows see which begin inside its group is of a segment as well."""
    ledger = Ledger()
    ledger.add(("churned_mrr_regrouped", "1d", "voluntary"), SMB, JANUARY, 1_000_000)
    edge = JANUARY + 30 * TILES_A_DAY - 95  # a window of 30 days begins 95 tiles before the change
    by_segment = evaluate_segments(Reader(ledger, PRAGUE), SHIPPED, [edge])
    lost = [r.denominator for r in by_segment[SMB] if r.kpi.id == "quick_ratio"]
    assert any(each is not None and each.tolist() == [1.0] for each in lost)


_DURATION = st.integers(0, 40 * 86_400_000)
DURATIONS = st.one_of(
    st.lists(_DURATION, min_size=1, max_size=60),
    _DURATION.flatmap(lambda ms: st.lists(st.integers(ms, ms + ms // 90), min_size=1, max_size=60)),
)
"""Durations far apart, or of one bucket or two."""


def _answered(durations: list[int]) -> Ledger:
    ledger = Ledger()
    for index, ms in enumerate(durations):
        segment = (SMB, BIG)[index % 2]
        for bucket, amount in kept_as(ms):
            series = ("resolution", "30d", "calendar", "none", bucket)
            ledger.add(series, segment, JANUARY, amount)
    return ledger


@examples(60)
@given(DURATIONS)
def test_quantiles_are_within_one_percent(durations: list[int]) -> None:
    """A quantile is within 1 % of the duration at its rank, and lies between those seen.

    So it is exact where all are equal. The mean is exact.
    """
    reader = Reader(_answered(durations), PRAGUE)
    kpis = [SHIPPED["resolution_seconds"]]
    values = {
        dict(result.labels)["stat"]: float(result.values[0]) * 1000
        for result in reader.evaluate(SHIPPED, [JANUARY + 1], kpis=kpis)
    }
    assert values["mean"] == pytest.approx(sum(durations) / len(durations), rel=1e-12)
    ordered, count = sorted(durations), len(durations)
    for stat, percent in (("p50", 50), ("p90", 90), ("p99", 99)):
        wanted = ordered[-(-count * percent // 100) - 1]
        assert values[stat] == pytest.approx(wanted, rel=0.01)
        assert min(durations) - 1e-6 <= values[stat] <= max(durations) + 1e-6


def _distributions(ledger: Ledger, edges: list[int]) -> dict[str, Distribution]:
    found = distributions(SHIPPED, Reader(ledger, PRAGUE), edges)
    return {distribution.kpi.id: distribution for distribution in found}


@examples(60)
@given(DURATIONS)
def test_distribution_counts_up_to_its_bounds_exactly(durations: list[int]) -> None:
    """Histogram bounds are bucket bounds, so cumulative counts are exact; the last counts all."""
    found = _distributions(_answered(durations), [JANUARY, JANUARY + 1])["resolution_seconds"]
    assert found.labels == (("clock", "calendar"), ("window", "30d"))
    wanted = [sum(ms <= anchor for ms in durations) for anchor in ANCHORS]
    assert found.counts[:, 1].tolist() == [*wanted, len(durations)]
    assert found.counts[:, 0].tolist() == [0] * (len(BOUNDS_S) + 1)
    assert found.sums_s.tolist() == [0.0, sum(durations) / 1000]


def test_distribution_of_nothing_is_zero() -> None:
    """Without durations a histogram has counts of 0; it is a flow, not a mean."""
    found = _distributions(Ledger(), [JANUARY])
    assert {"first_response_seconds", "reply_seconds", "resolution_seconds"} <= set(found)
    assert found["first_response_seconds"].counts.sum() == 0
    assert dict(found["first_response_seconds"].labels)["window"] == "30d"


@pytest.mark.parametrize(
    ("windows", "name"),
    [(["1d", "7d"], "7d"), (["month", "30d"], "month"), (["365d", "month"], "365d")],
)
def test_longest_window(windows: list[str], name: str) -> None:
    """A month counts as 31 days."""
    assert longest(windows) == name
