"""The SQL itself against worked examples of the field, so that two errors cannot agree."""

import json
from typing import Any

from events import format_instant, parse_instant
from tests.oracle.recomputation import Cell, Recomputation

START_MS = parse_instant("2026-01-01T00:00:00Z")
DAY_MS = 86_400_000
DOLLAR = 1_000_000
"""Micro-units of a dollar."""


class Teller:
    """Tells facts of one account, numbered, at days after the start."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def tell(self, day: float, kind: str, account: str = "a", **data: Any) -> None:
        """Tells a fact."""
        event = {
            "specversion": "1.0",
            "id": f"e{len(self.lines)}",
            "source": "test",
            "type": kind,
            "time": format_instant(START_MS + round(day * DAY_MS)),
            "data": {"account_id": account, **data},
        }
        self.lines.append(json.dumps(event).encode())

    def subscribe(
        self, day: float, sub: str, dollars: int, interval: str, account: str = "a"
    ) -> None:
        """Tells that a subscription is bought."""
        item = {"amount": 100 * dollars, "currency": "USD", "interval": interval}
        self.tell(
            day,
            "subscription.created",
            account,
            subscription_id=sub,
            status="active",
            items=[item],
        )

    def read(self, day: float) -> dict[tuple[str, ...], int]:
        """Recomputes by measure, labels and window."""
        edge_ms = START_MS + round(day * DAY_MS)
        figures = Recomputation(self.lines, [edge_ms]).figures().get(edge_ms, {})
        return {_name(cell): value for cell, value in figures.items()}


def _name(cell: Cell) -> tuple[str, ...]:
    window = (cell.window,) if cell.window else ()
    return cell.measure, *cell.labels, *window


def test_intervals() -> None:
    """X1, X2: $1,200 a year is 100; $10 a week 43.33; $10 a day 304.17, rounded half up."""
    teller = Teller()
    teller.subscribe(1, "s1", 1_200, "year", "a")
    teller.subscribe(1, "s2", 10, "week", "b")
    teller.subscribe(1, "s3", 10, "day", "c")
    found = teller.read(2)
    assert found["mrr",] == 100 * DOLLAR + 43_333_333 + 304_166_667
    assert found["new_mrr", "month"] == found["mrr",]
    assert found["new_accounts", "month"] == 3


def test_tutorial_case() -> None:
    """X3: new 166.67, expansion 60, contraction 60, churn 166.67, reactivation 150."""
    teller = Teller()
    teller.subscribe(1, "s1", 2_000, "year")
    teller.subscribe(5, "s2", 60, "month")
    teller.tell(10, "subscription.deleted", subscription_id="s2")
    teller.tell(20, "subscription.deleted", subscription_id="s1")
    teller.subscribe(40, "s3", 150, "month")
    found = teller.read(50)
    moved = {
        ("new_mrr", "90d"): 166_666_667,
        ("expansion_mrr", "upgrade", "90d"): 60 * DOLLAR,
        ("contraction_mrr", "downgrade", "90d"): 60 * DOLLAR,
        ("churned_mrr", "voluntary", "90d"): 166_666_667,
        ("reactivation_mrr", "90d"): 150 * DOLLAR,
    }
    assert {name: found[name] for name in moved} == moved
    assert found["mrr",] == 150 * DOLLAR


def test_latest_answer_of_each_respondent() -> None:
    """X12: 9, 10, 9, 8, 7, 6, 3, one a 3 before its 9: 3 promoters and 2 detractors of 7."""
    teller = Teller()
    answers = [("u0", 3), *((f"u{n}", score) for n, score in enumerate((9, 10, 9, 8, 7, 6, 3)))]
    for number, (respondent, score) in enumerate(answers):
        teller.tell(
            1 + number,
            "survey_response.created",
            response_id=f"r{number}",
            survey_type="nps",
            score=score,
            respondent_id=respondent,
        )
    found = teller.read(20)
    assert found["nps_promoters", "90d"] == 3
    assert found["nps_passives", "90d"] == 2
    assert found["nps_detractors", "90d"] == 2
    teller.tell(21, "survey_response.deleted", response_id="r7")
    assert teller.read(22)["nps_detractors", "90d"] == 1


def test_top_two_box() -> None:
    """X13: ratings 5, 4, 3, 2 on a scale of five: 2 of 4 are positive."""
    teller = Teller()
    for number, score in enumerate((5, 4, 3, 2)):
        teller.tell(
            1,
            "survey_response.created",
            response_id=f"r{number}",
            survey_type="csat",
            score=score,
        )
    found = teller.read(2)
    assert (found["csat_positive", "30d"], found["csat_rated", "30d"]) == (2, 4)
