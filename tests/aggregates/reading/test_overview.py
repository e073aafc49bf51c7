"""KPIs about KPIs: change over a week, targets, and whether they are met."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import CatalogueError, Source
from aggregates.catalogue.headline import Headline
from aggregates.ledger.ledger import Ledger
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_at
from events import parse_instant
from tests.aggregates.catalogue.kpi_files import kpi
from tests.aggregates.catalogue.kpi_measures import MEASURES
from tests.aggregates.reading.evaluated import evaluate_segments
from tests.aggregates.reading.kpi_ledger import (
    BIG,
    DAY,
    FEBRUARY,
    JANUARY,
    MICROS,
    SMB,
    UTC,
    ledger_of,
)
from tests.aggregates.reading.readings import evaluate
from tests.examples import examples

ABOUT = """
[[kpi]]
id = "{name}"
code = "W"
family = "targets"
title = "About"
description = "About KPIs."
source = "KPIs"
unit = "score"
formula = '''{formula}'''
"""
SHOWN = "dashboards = [1]"


def catalogue(*texts: str) -> Catalogue:
    """Returns KPIs with the three that are about them before, in between and after."""
    about = [
        ABOUT.format(name=name, formula=formula)
        for name, formula in (
            ("change", "kpi_change('7d')"),
            ("target", "kpi_target()"),
            ("met", "kpi_on_target()"),
        )
    ]
    return load(MEASURES, Source("kpis.toml", "".join([about[0], *texts, *about[1:]])))


def read(ledger: Ledger, edge: int, kpis: Catalogue, about: str) -> dict[str, float]:
    """Reads what one of the three says, by KPI; what has no value is left out."""
    found = {}
    for result in evaluate(kpis, ledger, UTC, [edge]):
        if result.kpi.id == about and not np.isnan(result.values[0]):
            ((name, about_kpi),) = result.labels
            assert name == "kpi"
            found[about_kpi] = float(result.values[0])
    return found


MRR = kpi(dashboards="[1]", targets='{ ours = ">= 50", other = "> 500" }')
SHARE = kpi(
    id='"share"',
    unit='"ratio"',
    formula='"past_due_mrr / mrr"',
    dashboards="[1]",
    targets='{ ours = "<= 0.5" }',
)
LEDGER = ledger_of(
    (("mrr",), JANUARY, 40 * MICROS),
    (("mrr",), JANUARY + 9 * DAY, 60 * MICROS),
    (("past_due_mrr",), JANUARY + 2 * DAY, 30 * MICROS),
)


@pytest.mark.parametrize(
    ("day", "change", "met"),
    [
        (0, {"one": 0.0}, {"one": 0.0}),
        (1, {"one": 40.0}, {"one": 0.0, "share": 1.0}),
        (3, {"one": 40.0}, {"one": 0.0, "share": 0.0}),
        (8, {"one": 0.0, "share": 0.75}, {"one": 0.0, "share": 0.0}),
        (10, {"one": 60.0, "share": -0.45}, {"one": 1.0, "share": 1.0}),
        (30, {"one": 0.0, "share": 0.0}, {"one": 1.0, "share": 1.0}),
    ],
)
def test_change_and_target(day: int, change: dict[str, float], met: dict[str, float]) -> None:
    """W4, W5: now less a week ago in the KPI's own unit; the first target; no value, no sample."""
    kpis = catalogue(MRR, SHARE)
    edge = JANUARY + day * DAY
    assert read(LEDGER, edge, kpis, "change") == pytest.approx(change)
    assert read(LEDGER, edge, kpis, "met") == met
    assert read(LEDGER, edge, kpis, "target") == {"one": 50.0, "share": 0.5}


def test_only_dashboards_change_and_only_targets_are_met() -> None:
    """A KPI on no dashboard has no trend, one without a target no state; neither is about these."""
    kpis = catalogue(kpi(targets='{ ours = "> 0" }'), kpi(id='"two"', dashboards="[1]"))
    assert set(read(LEDGER, FEBRUARY, kpis, "change")) == {"two"}
    assert set(read(LEDGER, FEBRUARY, kpis, "met")) == {"one"}


HEADLINES: list[tuple[dict[str, str], tuple[str | None, str | None, tuple[str, ...]] | None]] = [
    ({}, (None, None, ())),
    ({"formula": '"new_mrr"', "windows": '["month", "7d", "30d"]'}, ("30d", None, ())),
    ({"formula": '"new_mrr"', "windows": '["month", "365d", "90d"]'}, ("365d", None, ())),
    ({"formula": '"new_mrr"', "windows": '["month"]'}, ("month", None, ())),
    ({"formula": "", "variants": '{ label = "x", a = "mrr", b = "2 * mrr" }'}, (None, "a", ())),
    ({"formula": '"churned_mrr"', "windows": '["30d"]'}, None),
    (
        {"formula": '"churned_mrr"', "windows": '["30d"]', "values": '{ reason = ["a", "b"] }'},
        None,
    ),
    (
        {"formula": '"churned_mrr"', "windows": '["30d"]', "values": '{ reason = ["a"] }'},
        ("30d", None, ("a",)),
    ),
]


@pytest.mark.parametrize(("fields", "expected"), HEADLINES)
def test_headline(
    fields: dict[str, str], expected: tuple[str | None, str | None, tuple[str, ...]] | None
) -> None:
    """The first formula, over 30 days or the first window but the month; one declared label."""
    one = load(MEASURES, Source("one.toml", kpi(**fields)))["one"]
    headline = Headline.of(one)
    found = headline and (headline.window, headline.variant.value, headline.key)
    assert found == expected


def test_declared_label_value() -> None:
    """Of a KPI with one declared label value the change is that series', others apart."""
    fields = {
        "formula": '"churned_mrr"',
        "windows": '["30d"]',
        "values": '{ reason = ["voluntary"] }',
        "dashboards": "[1]",
    }
    ledger = ledger_of(
        (("churned_mrr", "voluntary"), JANUARY, 3 * MICROS),
        (("churned_mrr", "involuntary"), JANUARY, 5 * MICROS),
    )
    assert read(ledger, JANUARY + DAY, catalogue(kpi(**fields)), "change") == {"one": 3.0}


@pytest.mark.parametrize(
    ("formula", "windows", "problem"),
    [
        ("kpi_change('0d')", "[]", "unknown window '0d'"),
        ("kpi_change()", "[]", "takes a window"),
        ("kpi_change(7)", "[]", "needs a text in quotes"),
        ("kpi_target(mrr)", "[]", "takes nothing"),
        ("1 - kpi_on_target()", "[]", "kpi_on_target"),
        ("kpi_target()", '["30d"]', "read over their own windows"),
    ],
)
def test_what_is_no_formula_about_kpis(formula: str, windows: str, problem: str) -> None:
    """Formulas about KPIs stand alone and have no windows; errors say where and what."""
    text = ABOUT.format(name="about", formula=formula) + f"windows = {windows}\n"
    with pytest.raises(CatalogueError, match="about") as raised:
        load(MEASURES, Source("about.toml", text))
    assert problem in str(raised.value)


def test_formulas_of_both_sorts_do_not_mix() -> None:
    """Variants are all about KPIs or none is."""
    text = ABOUT.format(name="about", formula="x").replace("formula = '''x'''", "")
    text += 'variants = { label = "x", a = "kpi_target()", b = "mrr / mrr" }\n'
    with pytest.raises(CatalogueError, match="different labels"):
        load(MEASURES, Source("about.toml", text))


def test_variants_about_kpis() -> None:
    """Changes over two windows may be variants of one KPI."""
    text = ABOUT.format(name="about", formula="x").replace("formula = '''x'''", "")
    text += (
        'variants = { label = "over", week = "kpi_change(\'7d\')", day = "kpi_change(\'1d\')" }\n'
    )
    kpis = load(MEASURES, Source("about.toml", text + MRR))
    results = evaluate(kpis, LEDGER, UTC, [JANUARY + 10 * DAY])
    found = {dict(r.labels)["over"]: float(r.values[0]) for r in results if r.kpi.id == "about"}
    assert found == {"week": 60.0, "day": 60.0}


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Random levels and flows of two segments."""
    ledger = Ledger()
    for _ in range(draw(st.integers(0, 10))):
        series = draw(st.sampled_from([("mrr",), ("past_due_mrr",), ("new_mrr",)]))
        tile = draw(st.integers(JANUARY - 40 * DAY, FEBRUARY))
        ledger.add(series, draw(st.sampled_from([SMB, BIG])), tile, draw(st.integers(1, 9)))
    return ledger


NEW = kpi(id='"new"', formula='"new_mrr"', windows='["month", "30d"]', dashboards="[1]")
EDGES = st.lists(st.integers(JANUARY - 20 * DAY, FEBRUARY + 20 * DAY), min_size=1, max_size=5)


def _of(results: list[Result], about: str, other: str) -> list[float]:
    (values,) = [
        result.values
        for result in results
        if result.kpi.id == about
        and dict(result.labels).get("kpi", other) == other
        and dict(result.labels).get("window") in (None, "30d")
    ]
    return [float(value) for value in values]


@examples(60)
@given(ledgers(), EDGES)
def test_change_is_the_difference_of_two_readings(ledger: Ledger, edges: list[int]) -> None:
    """At any edge, in any grid, by segment too: the value there less the one read a week before."""
    check_change(ledger, edges, [edge - 7 * DAY for edge in edges], UTC)


def check_change(ledger: Ledger, edges: list[int], week_ago: list[int], calendar: Calendar) -> None:
    """Checks the changes at some edges against what is read at others."""
    kpis = catalogue(MRR, SHARE, NEW)
    reader = Reader(ledger, calendar)
    now, before = evaluate_segments(reader, kpis, edges), evaluate_segments(reader, kpis, week_ago)
    for segment, results in now.items():
        for name in ("one", "share", "new"):
            expected = np.subtract(_of(results, name, name), _of(before[segment], name, name))
            np.testing.assert_array_equal(_of(results, "change", name), expected)


BERLIN = Calendar("Europe/Berlin")
CLOCKS_CHANGE = edge_at(parse_instant("2026-03-29T01:00:00Z"))


@examples(40)
@given(ledgers(), st.lists(st.integers(-15 * DAY, 15 * DAY), min_size=1, max_size=5))
def test_a_week_ago_is_the_same_local_time_of_day(ledger: Ledger, after: list[int]) -> None:
    """For a week after a change of clocks that is 167 hours before, else 168."""
    edges = [CLOCKS_CHANGE + each for each in after]
    spring = range(CLOCKS_CHANGE + 1, CLOCKS_CHANGE + 7 * DAY - 3)
    week_ago = [edge - 7 * DAY + 4 * (edge in spring) for edge in edges]
    moved = Ledger()
    for key, cells in ledger.cells.items():
        for tile, delta in cells.items():
            moved.add(*key, tile + CLOCKS_CHANGE - JANUARY, delta)
    check_change(moved, edges, week_ago, BERLIN)
