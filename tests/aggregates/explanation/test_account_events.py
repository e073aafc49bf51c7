"""The events of an account: each with what it changed then, in pages that make a whole."""

import json
import re
from typing import Any, Final

import pytest

from aggregates.explanation.account_events import AccountEvents
from aggregates.explanation.happening import Happening
from aggregates.time.tile import TILE_MS
from tests.aggregates.explanation.told import events_of
from tests.exporters import simulated

ALL: Final = 10_000
NONE: Final[dict[str, float]] = {}
_AHEAD: Final = re.compile(rb"cancel_at|resumes_at|\"end\"|discount_id|percent_off")
"""What says of a subscription that something is to come, which the clock brings."""
EDGE: Final = simulated.END_MS // TILE_MS


def _event(number: int, kind: str, time: str, **data: Any) -> bytes:
    event = {"specversion": "1.0", "id": f"e{number}", "source": "test", "type": kind}
    return json.dumps({**event, "time": time, "data": {"account_id": "a", **data}}).encode()


def _subscription(number: int, time: str, amount: int, status: str = "active") -> bytes:
    item = {"plan_id": "p", "amount": amount, "currency": "USD", "interval": "month"}
    kind = "subscription.created" if number == 1 else "subscription.updated"
    return _event(number, kind, time, subscription_id="s", status=status, items=[item])


def _use(number: int, time: str, feature: str = "search") -> bytes:
    return _event(number, "feature.used", time, user_id="u", feature=feature)


LINES: Final = (
    _subscription(3, "2026-02-20T00:00:00Z", 45_000, "canceled"),
    _subscription(1, "2026-01-05T00:00:00Z", 30_000),
    _subscription(2, "2026-01-09T10:00:00Z", 45_000),
    _event(4, "ticket.created", "2026-01-06T00:00:00Z", ticket_id="t"),
    _use(5, "2026-01-07T10:00:00Z"),
    _use(6, "2026-01-07T11:00:00Z", "export"),
    _use(7, "2026-01-08T11:00:00Z"),
)
"""A short story, told in another order than it happened in."""


def _told(first: int = 0, count: int = ALL, lines: tuple[bytes, ...] = LINES) -> list[Happening]:
    events = AccountEvents(simulated.PLAN, simulated.shipped())
    return list(events.page(events_of(lines), first, count).happenings)


def _changes(happening: Happening) -> dict[str, tuple[float, dict[str, float]]]:
    return {
        change.kpi.id: (
            change.amount / change.scale,
            {name: amount / change.scale for name, amount in change.movements.items()},
        )
        for change in happening.changes
    }


def test_each_event_says_what_it_changed_then() -> None:
    """MRR, customers, tickets and active users, as each changed them; uses of a day are one."""
    told = _told()
    assert [(each.id, each.count) for each in told] == [
        ("e3", 1),
        ("e2", 1),
        ("e7", 1),
        ("e5", 2),
        ("e4", 1),
        ("e1", 1),
    ]
    lost, grown, again, came, asked, bought = map(_changes, told)
    assert bought["mrr"] == (300.0, {"new": 300.0})
    assert bought["paying_accounts"] == (1.0, NONE)
    assert grown["mrr"] == (150.0, {"expansion": 150.0})
    assert lost["mrr"] == (-450.0, {"churn": -450.0})
    assert lost["churned_accounts"] == (1.0, NONE)
    assert asked["tickets_created"] == asked["ticket_backlog"] == (1.0, NONE)
    assert came["active_users"] == (1.0, NONE)
    windows = [
        c.window for each in (told[2], told[3]) for c in each.changes if c.kpi.id == "active_users"
    ]
    assert windows == ["1d", "30d"], "one who was active before is active today"
    assert again.keys() == {"active_users"}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_pages_make_a_whole(count: int) -> None:
    """However many are told together, each says the same."""
    pages = [_told(first, count) for first in range(0, len(_told()), count)]
    assert [each for page in pages for each in page] == _told()
    assert _told(first=100) == []


def test_an_event_that_came_twice_is_told_once() -> None:
    """Delivered again it has changed nothing, and has not happened again."""
    assert _told(lines=(*LINES, *LINES)) == _told()


def test_changes_of_mrr_add_up_to_it() -> None:
    """What all events of an account changed is what it has, unless the clock ended something."""
    checked = 0
    for number in range(1, simulated.ACCOUNTS):
        account = f"acct_{number}"
        view, lines = simulated.rows().account(account), simulated.lines_of(account)
        if view is None or any(_AHEAD.search(line) for line in lines):
            continue
        told = _told(lines=tuple(line for line in lines if b"subscription" in line))
        sums = [_changes(each).get("mrr", (0.0, {}))[0] for each in told]
        segments = [segment for _, segment in view.ledger.prefixes("mrr")[0]]
        held = sum(view.ledger.level(("mrr",), segment, EDGE) for segment in segments)
        assert sum(sums) == pytest.approx(held / 1e6), account
        checked += held > 0
    assert checked > 10
