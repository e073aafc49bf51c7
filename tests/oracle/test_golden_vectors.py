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
    """X13: ratings 5, 4, 3, 2 on a scale of five: 2 of 4 are positive, and their mean is 3.5."""
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
    assert found["csat_points", "30d"] == 4 * 35_000


def test_effort() -> None:
    """X14: CES 7, 6, 5, 4, 2: mean 4.8 is 24 points by 5; 3 of 5 are easy; 2 very easy, 1 hard."""
    teller = Teller()
    for number, score in enumerate((7, 6, 5, 4, 2)):
        teller.tell(
            1,
            "survey_response.created",
            response_id=f"r{number}",
            survey_type="ces",
            score=score,
        )
    found = teller.read(2)
    assert found["ces_points", "90d"] == 240_000
    groups = [found["ces_answers", group, "90d"] for group in ("very_easy", "easy", "hard")]
    assert groups == [2, 1, 1]


def test_backlog_growth() -> None:
    """X17: 40; created 25, reopened 3, solved 20, deleted 1, merged 1: 46, +6, ratio 0.8."""
    teller = Teller()
    for number in range(43):
        teller.tell(0, "ticket.created", ticket_id=f"old{number}")
    for number in range(40, 43):
        teller.tell(0.5, "ticket.status_changed", ticket_id=f"old{number}", current="solved")
        teller.tell(40, "ticket.status_changed", ticket_id=f"old{number}", current="open")
    for number in range(25):
        teller.tell(32, "ticket.created", ticket_id=f"new{number}")
    for number in range(20):
        teller.tell(35, "ticket.status_changed", ticket_id=f"old{number}", current="solved")
    teller.tell(36, "ticket.deleted", ticket_id="old30")
    teller.tell(36, "ticket.merged", ticket_id="old31", into_ticket_id="old32")
    assert teller.read(31)["ticket_backlog", "none"] == 40
    found = teller.read(45)
    assert found["ticket_backlog", "none"] == found["ticket_backlog_unblocked",] == 46
    moved = [found[f"tickets_{what}", "none", "month"] for what in ("solved", "opened")]
    assert moved == [20, 25]


def test_first_contact() -> None:
    """Ticketboard's guide: one reply and no reopening is a first contact; of three tickets one."""
    teller = Teller()
    for ticket, replies in (("one", 1), ("two", 2), ("back", 1)):
        teller.tell(1, "ticket.created", ticket_id=ticket, priority="urgent")
        for number in range(replies):
            teller.tell(
                1 + (number + 1) / 48,
                "ticket.comment_added",
                ticket_id=ticket,
                author_role="agent",
                is_public=True,
            )
        teller.tell(1.25, "ticket.status_changed", ticket_id=ticket, current="solved")
    teller.tell(4, "ticket.status_changed", ticket_id="back", current="open")
    found = teller.read(9)
    assert found["tickets_judged", "urgent", "30d"] == 3
    assert found["tickets_solved_at_first_contact", "urgent", "30d"] == 1
    assert (found["reopened_tickets", "30d"], found["solved_tickets", "30d"]) == (1, 3)
    assert found["sla_targets_met", "first_response", "urgent", "30d"] == 3
    assert found["sla_targets_met", "resolution", "urgent", "30d"] == 3
