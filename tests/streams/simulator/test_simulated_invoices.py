"""Invoices of the made-up company: what accounts pay for terms and use, and get back."""

from typing import Any

import msgspec

from events import parse_instant
from streams.simulator import simulate

END_MS = parse_instant("2026-02-01T00:00:00Z")


def test_invoices_are_paid_and_seldom_given_back() -> None:
    """An invoice is paid once, for a term; some are for use too; refunds are of paid ones."""
    paid: dict[str, dict[str, Any]] = {}
    metered: set[str] = set()
    given_back: list[str] = []
    for line in simulate(seed=1, accounts=120, days=500, end_ms=END_MS):
        if b'"source":"billing"' not in line:
            continue
        event = msgspec.json.decode(line)
        data = event["data"]
        if event["type"] == "invoice.paid":
            assert data["invoice_id"] not in paid
            assert data["period_start"] < data["period_end"]
            paid[data["invoice_id"]] = data
        elif event["type"] == "charge.refunded":
            given_back.append(data["invoice_id"])
            assert data["amount"] <= paid[data["invoice_id"]]["amount_paid"]
        elif any(item.get("usage_type") == "metered" for item in data.get("items", ())):
            metered.add(data["subscription_id"])
    subscriptions = {data["subscription_id"] for data in paid.values()}
    assert 0.05 < len(metered & subscriptions) / len(subscriptions) < 0.3
    assert 0.005 < len(given_back) / len(paid) < 0.05
