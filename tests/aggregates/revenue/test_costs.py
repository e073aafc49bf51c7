"""Costs: spread over their period to the last micro-unit, by segment, in any currency."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy, Rate
from aggregates.revenue import costs
from aggregates.revenue.costs import COSTS
from aggregates.shard.plan import Plan
from aggregates.shard.shard import Shard
from aggregates.time.tile import TILE_MS, tile_of
from events import Decoder, format_instant, parse_instant
from events.zone import zone as rules
from tests.aggregates.folding import (
    DAY,
    START,
    START_MS,
    Told,
    flow,
    fold,
    is_consistent,
    readings,
    story,
)
from tests.aggregates.success.account_story import Shared, check_any_order, day, instant, shared
from tests.examples import examples

PLAN = Plan(families=[costs.FAMILY])
COST = "cost.recorded"
CENT = 10_000
"""Micro-units of a cent."""


def cost(cents: int, category: str = "acquisition", **more: Any) -> dict[str, Any]:
    """Returns the data of a cost in dollars."""
    return {"category": category, "amount": cents, "currency": "USD", **more}


def period(begin_day: float, end_day: float) -> dict[str, str]:
    """Returns a period by days after the start."""
    return {"period_start": instant(24 * begin_day), "period_end": instant(24 * end_day)}


def spent(shard: Shard, begin_day: float, end_day: float, name: str = "acquisition_cost") -> int:
    """Reads a cost between two days after the start."""
    return flow(shard, name, day(begin_day), day(end_day))


SPREAD: list[tuple[dict[str, str], list[tuple[float, float, int]]]] = [
    ({}, [(0, 1, 0), (1, 2, 1_000 * CENT), (2, 9, 0)]),
    (period(0, 10), [(0, 1, 100 * CENT), (0, 10, 1_000 * CENT), (-5, 0, 0), (10, 99, 0)]),
    (period(0, 3), [(0, 1, 3_333_333), (1, 2, 3_333_333), (2, 3, 3_333_334)]),
    (period(0.5, 2), [(0, 0.5, 0), (0.5, 1, 3_333_333), (1, 1.01, 6_666_667), (1.5, 9, 0)]),
    (period(40, 50), [(0, 40, 0), (40, 50, 1_000 * CENT), (44, 45, 100 * CENT)]),
]


@pytest.mark.parametrize(("dates", "expected"), SPREAD)
def test_spread(dates: dict[str, str], expected: list[tuple[float, float, int]]) -> None:
    """$10 posted on the second day: on its instant, or by days over its period, past or to come."""
    shard = fold(PLAN, "account", story([(24, COST, cost(1_000, **dates))]))
    for begin, end, micros in expected:
        assert spent(shard, begin, end) == micros, (begin, end)


def test_late_cost_restates_its_period() -> None:
    """A cost that is posted a month late changes what its period had cost, and nothing after it."""
    facts = story([(0, COST, cost(1_000, **period(0, 10))), (960, COST, cost(50, **period(0, 10)))])
    shard = fold(PLAN, "account", facts[:1])
    assert spent(shard, 0, 5) == 500 * CENT
    whole = fold(PLAN, "account", facts)
    assert (spent(whole, 0, 5), spent(whole, 10, 90)) == (525 * CENT, 0)


def test_categories() -> None:
    """Each category is its own measure; costs of service are not read."""
    data = [cost(1, "acquisition"), cost(2, "retention"), cost(4, "service")]
    shard = fold(PLAN, "account", story([(1, COST, each) for each in data]))
    assert spent(shard, 0, 1) == CENT
    assert spent(shard, 0, 1, "retention_cost") == 2 * CENT
    assert shard.counts.outcomes == {("account", "folded"): 2, ("account", "unread"): 1}


def test_segments() -> None:
    """The named segment comes before the account's; a cost with neither counts in the whole only.

    Costs of one subject may name different segments, and an account that moves takes its own along.
    """
    facts = [
        *story([(1, COST, cost(1)), (1, COST, cost(2, segment="big"))], prefix="own"),
        *shared([(1, COST, cost(4, segment="smb")), (1, COST, cost(8, segment="big"))], "c1"),
        *shared([(1, COST, cost(16))], "c2"),
        *story([(0, "account.created", {"segment": "smb"})], prefix="acct"),
    ]
    shard = fold(PLAN, "account", facts, batch=2)
    series = ("acquisition_cost",)

    def cents(name: str) -> int:
        return shard.ledger.level(series, (name,), day(1)) // CENT

    assert [cents(name) for name in ("smb", "big", "unknown")] == [1 + 4, 2 + 8, 16]
    moved = fold(PLAN, "account", [*facts, *story([(9, "account.updated", {"segment": "new"})])])
    assert moved.ledger.level(series, ("new",), day(1)) == CENT
    assert is_consistent(shard)
    assert is_consistent(moved)
    other = Plan(Policy(segments=("region",)), [costs.FAMILY])
    assert {key[1] for key in fold(other, "account", facts).ledger.cells} == {("unknown",)}


def test_internal_accounts_cost_nothing() -> None:
    """What is spent on an account of the company itself is out."""
    facts = [(1.0, COST, cost(1, segment="smb")), (0, "account.created", {"is_internal": True})]
    assert not readings(fold(PLAN, "account", story(facts)), day(9))


def test_currency() -> None:
    """A foreign amount counts at the rate of the beginning of its period, rounded half up."""
    rates = [
        Rate(rate=Fraction(2)),
        Rate(valid_from=instant(24), rate=Fraction(1, 3)),
    ]
    plan = Plan(Policy(exchange_rates={"EUR": rates}), [costs.FAMILY])
    euros = {"category": "acquisition", "amount": 100, "currency": "EUR"}
    facts = story([(48, COST, {**euros, **period(0, 10)}), (48, COST, euros)])
    shard = fold(plan, "account", facts)
    assert spent(shard, 0, 20) == 2_000_000 + 333_333


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (cost(1) | {"currency": "GBP"}, "no exchange rate from GBP to USD"),
        (cost(10**12), None),
        (cost(1, "service") | {"currency": "GBP"}, None),
    ],
)
def test_refused(data: dict[str, Any], reason: str | None) -> None:
    """A cost without a rate is refused with its reason; one that is not read needs none."""
    refusals = Shard(PLAN).fold(
        "account", Decoder().decode([Told(START_MS, 0, "e", COST, data).record()])
    )
    assert [refusal.detail for refusal in refusals] == ([reason] if reason else [])


def test_a_credit_note_takes_back_what_its_cost_was() -> None:
    """An amount below 0 lowers costs; of the same period it leaves nothing of them, on no day."""
    both = [cost(1_000, **period(0, 3)), cost(-1_000, **period(0, 3))]
    assert not fold(PLAN, "account", story([(1, COST, each) for each in both])).ledger.level(
        ("acquisition_cost",), ("unknown",), day(1)
    )
    later = [cost(1_000), cost(-200)]
    shard = fold(PLAN, "account", story([(24 * n, COST, each) for n, each in enumerate(later)]))
    assert (spent(shard, 0, 1), spent(shard, 0, 2), spent(shard, 1, 2)) == (
        1_000 * CENT,
        800 * CENT,
        -200 * CENT,
    )


@pytest.mark.parametrize(("lag", "expected"), [(0, (500, 500, 0)), (1, (0, 0, 500))])
def test_lag(lag: int, expected: tuple[int, int, int]) -> None:
    """Spending on acquisition counts so many calendar months later; on retention at once."""
    plan = Plan(Policy(cac_lag_months=lag), [costs.FAMILY])
    both = [cost(1_000, name, **period(0, 10)) for name in ("acquisition", "retention")]
    shard = fold(plan, "account", story([(1, COST, each) for each in both]))
    assert spent(shard, 0, 5, "retention_cost") == 500 * CENT
    found = spent(shard, 0, 5), spent(shard, 5, 10), spent(shard, 31, 36)
    assert found == tuple(cents * CENT for cents in expected)


def test_cac_of_a_quarter() -> None:
    """U2 by hand: of $900 over 90 days a window holds what falls into it, $10 a day."""
    shard = fold(PLAN, "account", story([(1, COST, cost(90_000, **period(0, 90)))]))
    assert flow(shard, "acquisition_cost", day(30), day(120)) == 60 * 1_000 * CENT
    assert flow(shard, "acquisition_cost", day(0), day(90)) == 90_000 * CENT


def test_local_days() -> None:
    """A cost of a calendar month in the reporting zone lies in that month to the last unit."""
    plan = Plan(Policy(timezone="America/New_York"), [costs.FAMILY])
    dates = {"period_start": "2026-03-01T05:00:00Z", "period_end": "2026-04-01T04:00:00Z"}
    shard = fold(plan, "account", story([(1, COST, cost(1_000, **dates))]))
    month = plan.calendar.windows["month"]
    april = START + 30 * DAY + 16
    assert flow(shard, "acquisition_cost", month.start(april), april) == 1_000 * CENT
    assert plan.calendar.day_start(plan.calendar.day_of(april)) == april


_DAYS = st.sampled_from([0, 0.3, 1, 2, 9, 30, 31, 90])


@st.composite
def histories(draw: st.DrawFn, signs: tuple[int, ...] = (1,)) -> list[Told]:
    """Costs of an account and of a subject, some with a period, some for a segment."""
    facts: list[Told] = []
    for number in range(draw(st.integers(0, 6))):
        data = cost(
            draw(st.sampled_from([0, 1, 7, 1_000, 10**12, 10**18])) * draw(st.sampled_from(signs)),
            draw(st.sampled_from(["acquisition", "retention", "service"])),
            segment=draw(st.sampled_from([None, "smb", "big"])),
        )
        if draw(st.booleans()):
            begin, length = draw(_DAYS), draw(st.sampled_from([1 / 96, 1, 2.7, 31, 90]))
            data |= period(begin, begin + length)
        told = Shared if draw(st.booleans()) else Told
        ms = START_MS + round(draw(_DAYS) * DAY) * TILE_MS
        facts.append(told(ms, 0, f"e{number}", COST, {**data, "subject": "c1"}))
    return facts


_SIGNS = (1, -1)


@examples(100)
@given(histories(_SIGNS), st.data(), st.integers(1, 4))
def test_any_order(facts: list[Told], data: st.DataObject, batch: int) -> None:
    """Order, repetition, batches and retractions change nothing."""
    check_any_order(PLAN, facts, data, batch)


@examples(100)
@given(histories())
def test_parts_add_up(facts: list[Told]) -> None:
    """All that was ever spent is the sum of the amounts, and no day is below 0."""
    shard = fold(PLAN, "account", facts)
    for category in ("acquisition", "retention"):
        amounts = [fact.data["amount"] for fact in facts if fact.data["category"] == category]
        assert spent(shard, -1, 400, f"{category}_cost") == CENT * sum(amounts)
    assert all(delta > 0 for cells in shard.ledger.cells.values() for delta in cells.values())


@examples(60)
@given(histories(_SIGNS))
def test_law_taking_all_back_leaves_nothing(facts: list[Told]) -> None:
    """Costs and the same below 0 are no costs at all, on no day: a credit note is exact."""
    back = [
        fact._replace(id=f"-{fact.id}", data={**fact.data, "amount": -fact.data["amount"]})
        for fact in facts
    ]
    assert not readings(fold(PLAN, "account", [*facts, *back]), day(200))
    assert not any(fold(PLAN, "account", [*facts, *back]).ledger.cells.values())


_ZONES = st.sampled_from(
    [("Etc/GMT+12", -48), ("Etc/GMT-14", 56), ("Etc/GMT-1", 4), ("Asia/Kathmandu", 23)]
)
"""Zones that are always so many quarters of an hour before Greenwich."""


@examples(60)
@given(histories(_SIGNS), _ZONES, st.integers(0, 5))
def test_law_shifting_zone_and_instants(facts: list[Told], zone: tuple[str, int], lag: int) -> None:
    """A company elsewhere, all of whose clocks say the same, has the same costs at each hour."""
    name, tiles = zone
    here = fold(_lagging("UTC", lag), "account", facts)
    elsewhere = fold(_lagging(name, lag), "account", [_shifted(fact, -tiles) for fact in facts])
    moved = {
        key: {tile - tiles: delta for tile, delta in cells.items()}
        for key, cells in here.ledger.cells.items()
    }
    assert elsewhere.ledger.cells == moved


@examples(60)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.integers(2020, 2030),
    st.integers(1, 12),
    st.integers(0, 6),
)
def test_law_a_months_cost_counts_in_one_month(zone: str, year: int, month: int, lag: int) -> None:
    """The cost of a local month counts, whole and alone, in the local month so much later."""
    plan = _lagging(zone, lag)
    dates = {"period_start": _midnight(zone, year, month), "period_end": ""}
    dates["period_end"] = _midnight(zone, year, month + 1)
    shard = fold(plan, "account", story([(1, COST, cost(1_000, **dates))]))
    begin, end = (
        tile_of(parse_instant(_midnight(zone, year, month + lag + more))) for more in (0, 1)
    )
    assert flow(shard, "acquisition_cost", begin, end) == 1_000 * CENT
    assert flow(shard, "acquisition_cost", begin - 400 * DAY, end + 400 * DAY) == 1_000 * CENT


def _lagging(zone: str, lag: int) -> Plan:
    return Plan(Policy(timezone=zone, cac_lag_months=lag), [costs.FAMILY])


def _shifted(fact: Told, tiles: int) -> Told:
    """Returns a cost that is told, and whose period is, so much later."""

    def later(text: str) -> str:
        return format_instant(parse_instant(text) + tiles * TILE_MS)

    names = fact.data.keys() & {"period_start", "period_end"}
    moved = {name: later(fact.data[name]) for name in names}
    return fact._replace(ms=fact.ms + tiles * TILE_MS, data={**fact.data, **moved})


def _midnight(zone: str, year: int, month: int) -> str:
    """Returns the beginning of a local month, counted on over the end of the year."""
    years, month = divmod(month - 1, 12)
    first = datetime(year + years, month + 1, 1, tzinfo=rules(zone))
    return first.astimezone(UTC).isoformat()


def test_packed_cost() -> None:
    """A row comes back from its bytes as it was, and takes at most 200 of them."""
    shard = fold(PLAN, "account", story([(1, COST, cost(1_000, **period(0, 31), segment="smb"))]))
    (row,) = shard.store.of(COSTS.name, "acct_1").values()
    assert COSTS.unpack(COSTS.pack(row)).facts == row.facts
    assert len(COSTS.pack(row)) <= 200
    assert format_instant(row.facts[0].effective_ms) == instant(0)
