"""Laws of movements: what any window sees of random histories, under several settings."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.measure import REGROUPED, Series
from aggregates.policies.policy import Policy
from aggregates.revenue.account import NOTHING, AccountRevenue
from aggregates.revenue.movement import Movements
from aggregates.rows.family import Account, Scope
from aggregates.time.tile import TILES_A_DAY
from aggregates.time.window import TO_DATE
from tests.aggregates.revenue.subscription_story import MONEY_FLOWS, PLAN, Read, reader, shard_of
from tests.aggregates.revenue.test_revenue_laws import ACCOUNTS, EDGES, MINUTES, record, stories
from tests.examples import examples

POLICIES = st.sampled_from(
    [
        Policy(),
        Policy(coalesce_minutes=0),
        Policy(coalesce_minutes=1440, free_is_churn=False),
        Policy(free_is_churn=False, reactivation_min_days=30),
        Policy(paused_policy="churn", churn_recognition="canceled"),
        Policy(past_due_churn_days=3, free_is_churn=False),
    ]
)
SIGNED = {"transferred", "fx", "moves"}
COUNTS = ("new_accounts", "upsells", "downgrades", "churned_subscriptions")
WINDOWS = ("1d", "30d", "month", "quarter")


@st.composite
def handed_over(draw: st.DrawFn) -> list[bytes]:
    """Returns a story of two accounts that hand their subscriptions to each other."""
    lines = [each.replace(b'"a1.s', b'"s').replace(b'"a2.s', b'"s') for each in draw(stories())]
    for number in range(draw(st.integers(1, 5))):
        leaving, taking = draw(st.permutations(ACCOUNTS))
        data = {"subscription_id": draw(st.sampled_from(["s1", "s2"])), "into_account_id": taking}
        kind, minute = "subscription.transferred", draw(MINUTES)
        lines.append(record(kind, f"t{number}", minute, leaving, data))
    return lines


STORIES = st.one_of(stories(), handed_over())


def states_of(lines: list[bytes], policy: Policy) -> list[list[AccountRevenue]]:
    """Returns what each account was in turn."""
    units = shard_of(lines, policy).store.units
    rows = {account: units.present("subscription", account) for account in ACCOUNTS}
    scopes = {a: Scope(PLAN.calendar, policy, Account(()), {}, a) for a in ACCOUNTS}
    steps = [own[""].steps(scopes[account]).steps for account, own in rows.items() if own]
    return [[NOTHING, *(state for _, state in each)] for each in steps]


def seen(start: AccountRevenue, now: AccountRevenue) -> Movements:
    """Returns the movements that a window saw that began at one state and ended at another."""
    return Movements(*now.course(tuple).since(start.course(tuple)))


@given(STORIES, POLICIES)
@examples(60)
def test_no_window_sees_a_movement_below_nothing(lines: list[bytes], policy: Policy) -> None:
    """From any state to any later one: movements are at least 0, and revenue + movements = revenue.

    Customers (who pay or are paused) become more by those that are new, return or move here, and
    fewer by those that churn.
    """
    for states in states_of(lines, policy):
        for start, now in combinations(states, 2):
            moved = seen(start, now)
            amounts = moved._asdict()
            assert all(amount >= 0 for name, amount in amounts.items() if name not in SIGNED)
            gained = moved.new + moved.reactivation + moved.upgrade + moved.resume
            lost = moved.downgrade + moved.pause + moved.voluntary + moved.involuntary
            change = gained - lost + moved.transferred + moved.fx
            assert start.levels.mrr + change == now.levels.mrr
            customers = moved.news + moved.returns - moved.churns + moved.moves
            before, after = start.levels, now.levels
            assert before.paying + before.paused + customers == after.paying + after.paused
            assert after.paying == 0 or after.paused == 0


def in_window(read: Read, series: Series, window: str, edge: int) -> int:
    """Returns what a window holds of a flow, over all segments."""
    start = PLAN.calendar.windows[window].start(edge)
    held = read(series, edge) - read(series, start)
    name, *labels = series
    if window in TO_DATE:
        return held + read((name + REGROUPED, window, *labels), edge)
    return held + read((name + REGROUPED, "1d", *labels), start + TILES_A_DAY)


@given(STORIES, POLICIES, st.lists(EDGES, max_size=5))
@examples(30)
def test_windows_of_the_ledger_keep_the_law(
    lines: list[bytes], policy: Policy, edges: list[int]
) -> None:
    """At every edge, of any window, no flow is below 0 and the bridge closes."""
    ledger = shard_of(lines, policy).ledger
    read = reader(ledger)
    tiles = {tile + 1 for cells in ledger.cells.values() for tile in cells}
    for edge in [*edges, *sorted(tiles)[:: 1 + len(tiles) // 40]]:
        for window in WINDOWS:
            moves = {series: in_window(read, series, window, edge) for series in MONEY_FLOWS}
            signed = {("transferred_mrr",), ("fx_mrr",)}
            assert all(amount >= 0 for series, amount in moves.items() if series not in signed)
            assert all(in_window(read, (name,), window, edge) >= 0 for name in COUNTS)
            start = PLAN.calendar.windows[window].start(edge)
            rise = read(("mrr",), edge) - read(("mrr",), start)
            assert sum(MONEY_FLOWS[series] * amount for series, amount in moves.items()) == rise
            churned = read(("churned_accounts", window), edge)
            joined = read(("joined_accounts", window), edge)
            there = read(("paying_accounts",), start) + joined
            assert 0 <= churned <= there or window not in ("month", "30d")
