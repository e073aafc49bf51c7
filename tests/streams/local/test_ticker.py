"""The ticker: what it tells adds up to what the figures changed by, and it is bounded."""

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import pytest

from aggregates.catalogue.headline import Headline
from aggregates.explanation.happening import Happening
from aggregates.reading.reader import Reader
from aggregates.time.tile import TILE_MS
from events import parse_instant
from streams.local.embedded import Embedded
from streams.local.intake import Intake
from streams.local.ticker import CHOSEN_MAX, LATEST_MAX, TOLD_MAX, Ticker
from streams.simulator import Company
from streams.simulator.stamp import DAY_MS
from tests.exporters import simulated
from tests.exporters.fixed_catalogue import FixedCatalogue

LIVE_MS: Final = parse_instant("2026-02-25T08:00:00Z")
NOW_MS: Final = LIVE_MS + DAY_MS // 16
DAYS: Final = 60


@cache
def _lines() -> tuple[list[bytes], list[bytes]]:
    """Returns a company's history, and the hour and a half that follows, which is a lively one."""
    begin_ms = LIVE_MS - DAYS * DAY_MS
    company = Company(3, 100, begin_ms, horizon_days=DAYS, activity=0.2, lively_ms=LIVE_MS)
    past: list[bytes] = []
    live: list[bytes] = []
    for at_ms, line in company.events():
        if at_ms >= NOW_MS:
            return past, live
        (live if at_ms >= LIVE_MS else past).append(line)
    raise AssertionError("a company goes on for ever")


def _ticker() -> Ticker:
    return Ticker(FixedCatalogue(simulated.shipped()), simulated.PLAN.calendar, lambda: NOW_MS - 1)


def _embedded(past: Sequence[bytes]) -> Embedded:
    embedded = Embedded(simulated.PLAN)
    embedded.ticker = _ticker()
    embedded.take(past)
    embedded.publish()
    return embedded


def _headlines(records: Sequence[bytes]) -> dict[str, float]:
    """Returns the headlines that a replay of records has now, by KPI."""
    intake = Intake(simulated.PLAN, bulk=True)
    intake.take(records)
    ledger, edges = intake.history().ledger, np.array([NOW_MS // TILE_MS])
    found = {}
    reader = Reader(ledger, simulated.PLAN.calendar)
    for result in reader.evaluate(simulated.shipped(), edges, currency="USD"):
        headline, labels = Headline.of(result.kpi), dict(result.labels)
        if headline is None or labels.get("window") != headline.window:
            continue
        if labels.get(result.kpi.variant_label or "") == headline.variant.value:
            found[result.kpi.id] = float(result.values[0])
    return found


def _latest(embedded: Embedded) -> list[Happening]:
    assert embedded.ticker is not None
    return embedded.ticker.latest()


def test_what_is_told_adds_up_to_what_the_figures_changed_by() -> None:
    """Who sums up what all events changed has the difference of two replays, figure by figure."""
    past, live = _lines()
    embedded = _embedded(past)
    told: defaultdict[str, float] = defaultdict(float)
    moved: defaultdict[str, float] = defaultdict(float)
    for begin in range(0, len(live), TOLD_MAX):
        before = len(_latest(embedded))
        embedded.take(live[begin : begin + TOLD_MAX])
        assert _latest(embedded)[0].others == 0
        fresh = TOLD_MAX if before == LATEST_MAX else len(_latest(embedded)) - before
        for happening in _latest(embedded)[: min(fresh, len(live) - begin)]:
            for change in happening.changes:
                headline = Headline.of(change.kpi)
                assert headline is not None
                assert change.amount
                if change.window == headline.window:
                    told[change.kpi.id] += change.amount / change.scale
                if change.kpi.id == "mrr":
                    assert sum(change.movements.values()) == change.amount
                    for name, amount in change.movements.items():
                        moved[name] += amount / change.scale
        embedded.publish()
    before_live, now = _headlines(past), _headlines([*past, *live])
    assert {"mrr", "ticket_backlog", "active_users", "churned_accounts"} <= told.keys()
    assert {"expansion", "churn"} <= moved.keys()
    for kpi, sum_told in told.items():
        assert sum_told == pytest.approx(now[kpi] - before_live[kpi], abs=1e-6), kpi
    assert sum(moved.values()) == pytest.approx(now["mrr"] - before_live["mrr"])


def test_figures_are_those_without_a_ticker() -> None:
    """Who looks changes nothing: the cells are the same, and what became of records too."""
    past, live = _lines()
    plain, ticking = Embedded(simulated.PLAN), _embedded(past)
    plain.take(past)
    plain.publish()
    for begin in range(0, len(live), 40):
        for embedded in (plain, ticking):
            embedded.take(live[begin : begin + 40])
            embedded.publish()
    for one, other in zip(plain.intake.shards, ticking.intake.shards, strict=True):
        assert one.ledger == other.ledger
        assert one.counts.outcomes == other.counts.outcomes
    assert plain.intake.records == ticking.intake.records


def test_it_is_bounded() -> None:
    """Of many events in a flush few are told, what is no mere use first; the others are counted."""
    past, live = _lines()
    embedded = _embedded(past)
    embedded.take(live[:100])
    embedded.take(live[100:150])
    embedded.publish()
    latest = _latest(embedded)
    assert len(latest) == 2 * CHOSEN_MAX
    assert sum(each.others for each in latest) == latest[0].others == 150 - 2 * CHOSEN_MAX
    told = {each.id for each in latest}
    for part in (live[:100], live[100:150]):
        cold = [line for line in part if b"feature.used" not in line]
        assert len(cold) >= CHOSEN_MAX
        assert told >= {json.loads(line)["id"] for line in cold[-CHOSEN_MAX:]}
    for begin in range(150, 150 + LATEST_MAX, TOLD_MAX):
        embedded.take(live[begin : begin + TOLD_MAX])
        embedded.publish()
    assert len(_latest(embedded)) == LATEST_MAX


def test_what_is_known_or_refused_is_not_told() -> None:
    """An event that comes again has not happened again, and what is no event has not at all."""
    past, live = _lines()
    cold = next(line for line in live if b"ticket.created" in line)
    embedded = _embedded(past)
    for _ in range(2):
        embedded.take([cold, b"{", _use("someone", livemode=False)])
        embedded.publish()
    [happening] = _latest(embedded)
    assert happening.type == "ticket.created"
    assert happening.accounts == (json.loads(cold)["data"]["account_id"],)
    assert happening.others == 0
    assert {change.kpi.id for change in happening.changes} >= {"tickets_created", "ticket_backlog"}


def test_only_accounts_are_named() -> None:
    """What is of no account names none; what goes to another account names both."""
    past, _ = _lines()
    embedded = _embedded(past)
    merge = {"account_id": "acct_1", "into_account_id": "acct_2"}
    embedded.take(
        [
            _event("m", "account.merged", **merge),
            _event("v", "visitor.seen", visitor_id="someone"),
            _use("somebody"),
        ]
    )
    accounts = [each.accounts for each in reversed(_latest(embedded))]
    assert accounts == [("acct_1", "acct_2"), (), ("acct_1",)]


def test_history_is_not_told() -> None:
    """What is folded before the first publish is history, and costs nothing more."""
    past, _ = _lines()
    assert _latest(_embedded(past)) == []


def _use(user: str, **fields: Any) -> bytes:
    used = {"account_id": "acct_1", "user_id": user, "feature": "search"}
    return _event(user, "feature.used", **used, **fields)


def _event(name: str, kind: str, **data: Any) -> bytes:
    event = {"specversion": "1.0", "id": name, "source": "app", "type": kind}
    return json.dumps({**event, "time": "2026-02-25T09:00:00Z", "data": data}).encode()
