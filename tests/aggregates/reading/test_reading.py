"""Readings of hand-made ledgers: golden figures, undefined cases, labels, segments, exports."""

from math import isnan

import numpy as np
import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.reading.prefix_sums import EDGE_MAX
from aggregates.reading.reader import BLOCK_COLUMNS, Reader
from aggregates.reading.sample import samples
from tests.aggregates.reading.evaluated import evaluate_segments
from tests.aggregates.reading.kpi_ledger import (
    BIG,
    DAY,
    FEBRUARY,
    JANUARY,
    MICROS,
    SHIPPED,
    SMB,
    UTC,
    ledger_of,
    one,
    read,
)
from tests.aggregates.reading.readings import evaluate

MID = JANUARY + 10 * DAY
BEFORE = JANUARY - 10 * DAY


def test_x7_churn_by_every_published_formula() -> None:
    """X7: of 100 at the start 10 churn, 5 join, 1 of those churns: 10 %, 10.48 %, 6 %, 11.70 %."""
    ledger = ledger_of(
        (("paying_accounts",), BEFORE, 100),
        (("paying_accounts",), MID, 5 - 11),
        (("new_accounts",), MID, 5),
        (("joined_accounts", "month"), MID, 5),
        (("churned_accounts", "month"), MID, 11),
        (("cohort_churned_accounts", "month"), MID, 10),
        (("retained_accounts", "month"), JANUARY, 100),
        (("retained_accounts", "month"), MID, -10),
    )
    values = read(ledger, FEBRUARY)
    assert values["customer_churn_ratio", "cohort", "month"] == 0.1
    assert values["customer_churn_ratio", "start_plus_new", "month"] == 11 / 105
    assert values["customer_churn_ratio", "net_count", "month"] == 0.06
    assert values["customer_churn_ratio", "still_using", "month"] == 11 / 94
    assert values["churned_accounts", "month"] == 11


def test_x8_the_mrr_bridge() -> None:
    """X8: start 10,000, new 2,000, react. 200, exp. 1,000, contr. 300, churn 500."""
    month = "month"
    ledger = ledger_of(
        (("mrr",), BEFORE, 10_000 * MICROS),
        (("mrr",), MID, 2_400 * MICROS),
        (("new_mrr",), MID, 2_000 * MICROS),
        (("reactivation_mrr",), MID, 200 * MICROS),
        (("expansion_mrr", "upgrade"), MID, 1_000 * MICROS),
        (("expansion_mrr", "resume"), MID, 77 * MICROS),
        (("contraction_mrr", "downgrade"), MID, 300 * MICROS),
        (("contraction_mrr", "pause"), MID, 77 * MICROS),
        (("churned_mrr", "voluntary"), MID, 400 * MICROS),
        (("churned_mrr", "involuntary"), MID, 100 * MICROS),
        (("retained_mrr", month), MID, 10_200 * MICROS),
        (("capped_mrr", month), MID, 9_200 * MICROS),
        (("cohort_churned_mrr", month), MID, 500 * MICROS),
        (("cohort_contraction_mrr", month), MID, 300 * MICROS),
        (("cohort_expansion_mrr", month), MID, 1_000 * MICROS),
    )
    values = read(ledger, FEBRUARY)
    assert values["mrr", "USD"] == 12_400
    assert values["arr", "USD"] == 148_800
    assert values["net_new_mrr", "USD", month] == 2_400
    assert values["mrr_growth_ratio", month] == 0.24
    assert values["gross_mrr_churn_ratio", month] == 0.08
    assert values["mrr_churn_ratio", month] == 0.05
    assert values["net_mrr_churn_ratio", month] == -0.02
    assert values["net_revenue_retention_ratio", month] == 1.02
    assert values["gross_revenue_retention_ratio", month] == 0.92
    assert values["quick_ratio", month] == 3.75
    assert values["expansion_mrr_ratio", month] == 0.1
    assert values["expansion_mrr", "USD", month] == 1_000
    assert values["contraction_arr", "USD", month] == 3_600
    assert values["churned_mrr", "USD", "voluntary", month] == 400
    assert values["churned_mrr", "USD", "involuntary", month] == 100


def test_x12_nps_before_and_after_a_retraction() -> None:
    """X12: latest of 9, 10, 9, 8, 7, 6, 3 gives 14.29; without the 3 it is 33.33."""
    ledger = ledger_of(
        (("nps_promoters", "90d"), MID, 3),
        (("nps_passives", "90d"), MID, 2),
        (("nps_detractors", "90d"), MID, 2),
    )
    assert read(ledger, FEBRUARY)["nps", "90d"] == 100 / 7
    ledger.add(("nps_detractors", "90d"), SMB, MID, -1)
    assert read(ledger, FEBRUARY)["nps", "90d"] == 200 / 6


def test_x17_backlog_growth_and_resolution() -> None:
    """X17: backlog 40, created 25, reopened 3, solved 20, deleted 1, merged 1: 46, +6, 0.8."""
    ledger = ledger_of(
        (("ticket_backlog",), BEFORE, 40),
        (("ticket_backlog",), MID, 25 + 3 - 20 - 1 - 1),
        (("tickets_opened",), MID, 25),
        (("tickets_solved",), MID, 20),
    )
    values = read(ledger, FEBRUARY)
    assert values["ticket_backlog",] == 46
    assert values["ticket_backlog_growth", "month"] == 6
    assert values["ticket_resolution_ratio", "month"] == 0.8


NO_SUMS = {
    "cac",
    "retention_cost_per_account",
    "tasks_completed",
    "tasks_overdue",
    "kpi_on_target",
}
"""More KPIs without a value while nothing is known: quotients, and sums by a label without values
that exist always."""


def test_empty_ledger_has_sums_and_no_ratios() -> None:
    """A sum over nothing is 0, also for declared label values; a quotient or mean has no value.

    Targets are there whatever the figures are.
    """
    values = read(Ledger(), FEBRUARY)
    assert {value for name, value in values.items() if name[0] != "kpi_target"} == {0.0}
    assert values["churned_mrr", "USD", "involuntary", "30d"] == 0
    assert values["tickets_waiting_first_response", "24h"] == 0
    absent = {kpi.id for kpi in SHIPPED} - {name for name, *_ in values}
    assert absent == {
        kpi.id
        for kpi in SHIPPED
        if kpi.id.endswith("_ratio") or "_seconds" in kpi.id or kpi.id in ("arpa", "nps")
    } | {"tickets_per_100_accounts", "ltv", "clv_net", "ces", "health_score", *NO_SUMS} | {
        "health_component_score"
    }


MOVED = ledger_of(
    (("mrr",), JANUARY, 100 * MICROS),
    (("mrr",), FEBRUARY, 999 * MICROS),
    (("users",), JANUARY, 8),
    (("active_users", "1d"), MID, 3),
    (("active_users", "30d"), MID, 6),
    (("new_mrr",), JANUARY - 1, 5 * MICROS),
    (("new_mrr",), JANUARY, 7 * MICROS),
    (("churned_mrr", "voluntary"), MID, 3 * MICROS),
    (("contraction_mrr", "downgrade"), MID, 2 * MICROS),
)


@pytest.mark.parametrize(
    ("formula", "unit", "windows", "value"),
    [
        ("mrr", "money", "[]", 100.0),
        ("-mrr", "money", "[]", -100.0),
        ("start(mrr)", "money", '["month"]', 0.0),
        ("start(mrr)", "money", '["1d"]', 100.0),
        ("mrr / start(mrr)", "ratio", '["month"]', None),
        ("new_mrr", "money", '["month"]', 7.0),
        ("new_mrr", "money", '["90d"]', 12.0),
        ("prior(new_mrr)", "money", '["month"]', 5.0),
        ("change(mrr) + prior(new_mrr)", "money", '["month"]', 105.0),
        ("prior(in_window(new_mrr, '1d'))", "money", '["month"]', 5.0),
        ("active_users / users", "ratio", '["1d"]', 0.375),
        ("active_users / in_window(active_users, '30d')", "ratio", '["1d"]', 0.5),
        ("min(active_users, users)", "users", '["1d"]', 3.0),
        ("max(active_users - users, 0)", "users", '["1d"]', 0.0),
        ("1 - active_users / users", "ratio", '["1d"]', 0.625),
        ("1 + users / (users - users)", "ratio", "[]", None),
        ("min(1, users / (users - users))", "ratio", "[]", None),
        ("(users - users) / users", "ratio", "[]", 0.0),
        ("total(churned_mrr) + new_mrr", "money", '["month"]', 10.0),
        ("churned_mrr(reason='voluntary') * 0.5", "money", '["month"]', 1.5),
        ("churned_mrr(reason='other')", "money", '["month"]', 0.0),
        ("7", "score", "[]", 7.0),
    ],
)
def test_value_of_formula(formula: str, unit: str, windows: str, value: float | None) -> None:
    """Each form of the language, read at the end of January."""
    values = list(read(MOVED, FEBRUARY, one(formula, windows, unit)).values())
    assert values == ([] if value is None else [value])


def test_product_beyond_64_bits_becomes_a_float() -> None:
    """A product that does not fit into 64 bits never wraps around."""
    values = read(MOVED, FEBRUARY, one("1000000000 * mrr * -1000000", unit="money"))
    assert values == {("one", "USD"): pytest.approx(-1e17, rel=1e-15)}


def labelled(formula: str, more: str = "", unit: str = "money") -> dict[str, float]:
    """Returns values of a formula over a month by the label ``reason``."""
    values = read(MOVED, FEBRUARY, one(formula, '["month"]', unit, more))
    return {key[-2]: value for key, value in values.items()}


def test_labels_align_and_broadcast() -> None:
    """Rows are matched by label values; an absent row is 0, and nothing divides by it."""
    assert labelled("churned_mrr") == {"voluntary": 3}
    assert labelled("churned_mrr + contraction_mrr") == {"voluntary": 3, "downgrade": 2}
    assert labelled("contraction_mrr - churned_mrr") == {"voluntary": -3, "downgrade": 2}
    assert labelled("churned_mrr / mrr", unit="ratio") == {"voluntary": 0.03}
    assert labelled("mrr - churned_mrr") == {"voluntary": 97}
    both = "churned_mrr / (churned_mrr + contraction_mrr)"
    assert labelled(both, unit="ratio") == {"voluntary": 1, "downgrade": 0}
    assert labelled("churned_mrr / contraction_mrr", unit="ratio") == {"downgrade": 0}


def test_declared_label_values_exist_always() -> None:
    """Declared values are 0 until they move; others show up all the same."""
    more = 'values = { reason = ["involuntary", "payment"] }'
    assert labelled("churned_mrr", more) == {"involuntary": 0, "payment": 0, "voluntary": 3}
    assert labelled("churned_mrr / start(mrr)", more, "ratio") == {}


def test_label_value_exists_from_its_first_movement_on() -> None:
    """Replay shows a label value only where the live gauge did: after something had moved."""
    (result,) = evaluate(
        one("churned_mrr", '["30d"]', "money"), MOVED, UTC, [MID, MID + 1, MID * 2]
    )
    assert result.labels == (("currency", "USD"), ("reason", "voluntary"), ("window", "30d"))
    assert np.isnan(result.values).tolist() == [True, False, False]
    assert result.values[1:].tolist() == [3.0, 0.0]


def test_segments_are_parts_of_the_whole() -> None:
    """A segment reads its own cells only; the whole is their sum, and ratios are not averaged."""
    ledger = ledger_of((("users",), JANUARY, 10), (("active_users", "1d"), JANUARY, 1))
    ledger.merge(
        ledger_of((("users",), JANUARY, 2), (("active_users", "1d"), JANUARY, 2), segment=BIG)
    )
    ratio = ("daily_usage_ratio", "1d")
    assert read(ledger, FEBRUARY)[ratio] == 0.25
    assert read(ledger, FEBRUARY, segment=SMB)[ratio] == 0.1
    assert read(ledger, FEBRUARY, segment=BIG)[ratio] == 1
    assert ratio not in read(ledger, FEBRUARY, segment=("other",))
    by_segment = evaluate_segments(Reader(ledger, UTC), SHIPPED, [FEBRUARY])
    assert list(by_segment) == [None, BIG, SMB]
    assert [result.values.tolist() for result in by_segment[SMB] if result.kpi.id == ratio[0]] == [
        [0.1]
    ]


def test_reader_sees_changes_of_the_ledger() -> None:
    """What is laid out for one reading is not used for the next if the ledger has changed."""
    ledger = ledger_of((("users",), JANUARY, 10))
    reader, catalogue = Reader(ledger, UTC), one("users", unit="users")
    assert reader.evaluate(catalogue, [FEBRUARY])[0].values.tolist() == [10]
    ledger.add(("users",), SMB, JANUARY + 1, -10)
    assert reader.evaluate(catalogue, [FEBRUARY])[0].values.tolist() == [0]
    ledger.add(("users",), BIG, JANUARY, 3)
    assert reader.evaluate(catalogue, [JANUARY + 1, FEBRUARY])[0].values.tolist() == [13, 3]
    ledger.add(("users",), BIG, JANUARY, -3)
    assert reader.evaluate(catalogue, [FEBRUARY])[0].values.tolist() == [0]


def test_no_edges_give_no_values() -> None:
    """An empty grid has every series that the ledger has, without values."""
    results = evaluate(SHIPPED, MOVED, UTC, [])
    assert {len(result.values) for result in results} == {0}


def test_long_grid_is_read_in_blocks() -> None:
    """Edges beyond one block go on where it ended, numerators too."""
    edges = np.arange(JANUARY - 5, JANUARY + BLOCK_COLUMNS + 5)
    (result,) = evaluate(one("users / 2", unit="users"), MOVED, UTC, edges)
    assert result.values.tolist() == [4.0 if edge > JANUARY else 0.0 for edge in edges.tolist()]
    assert result.numerator is not None
    assert result.denominator is not None
    assert result.numerator.tolist() == [value * 2 for value in result.values.tolist()]
    assert set(result.denominator.tolist()) == {2.0}


@pytest.mark.parametrize("edge", [EDGE_MAX + 1, -EDGE_MAX - 1])
def test_edges_out_of_bounds_are_refused(edge: int) -> None:
    """An edge that no calendar has is an error, never a wrong number."""
    with pytest.raises(ValueError, match="edges are tile numbers"):
        evaluate(SHIPPED, MOVED, UTC, [edge])


def test_currency_is_the_label_of_money() -> None:
    """Money carries the reporting currency, nothing else does."""
    for result in evaluate(SHIPPED, MOVED, UTC, [FEBRUARY], currency="EUR"):
        assert (("currency", "EUR") in result.labels) == (result.kpi.unit == "money")
        assert tuple(name for name, _ in result.labels) == result.kpi.label_names


def test_numerator_and_denominator_are_in_their_own_units() -> None:
    """Revenue by account is money by a count; a product and a sum have no parts."""
    ledger = ledger_of((("mrr",), JANUARY, 90 * MICROS), (("paying_accounts",), JANUARY, 4))
    results = {result.kpi.id: result for result in evaluate(SHIPPED, ledger, UTC, [FEBRUARY])}
    (sample,) = samples(results["arpa"], [FEBRUARY])
    assert (sample.value, sample.numerator, sample.denominator) == (22.5, 90, 4)
    assert results["arr"].numerator is None


def test_sample_is_a_line_of_replay() -> None:
    """A sample has time, KPI, labels, value, and parts if there are any; no value is no sample."""
    (result,) = evaluate(one("active_users / users", '["1d"]', "ratio"), MOVED, UTC, [0, FEBRUARY])
    assert isnan(result.values[0])
    (sample,) = samples(result, [0, FEBRUARY])
    assert sample.record() == {
        "at": "2026-02-01T00:00:00Z",
        "kpi": "one",
        "labels": {"window": "1d"},
        "value": 0.375,
        "numerator": 3.0,
        "denominator": 8.0,
    }
    (mrr,) = samples(evaluate(one("mrr", unit="money"), MOVED, UTC, [FEBRUARY])[0], [FEBRUARY])
    assert "numerator" not in mrr.record()
