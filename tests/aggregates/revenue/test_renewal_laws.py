"""Laws of renewals by new contracts, of ends told ahead, and of what lines and discounts change."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from tests.aggregates.revenue.subscription_story import (
    at,
    at_edge,
    deleted,
    edge,
    item,
    ledger_of,
    requested,
    state,
)
from tests.examples import examples

RENEWAL: Final = (
    *("renewals_due", "renewals", "renewals_open", "renewal_due_mrr", "renewed_mrr"),
    *("renewal_due_accounts", "renewed_accounts"),
)
TERM = 60
"""Days of a term in the stories."""
LAST = 400
"""Day after which nothing is read."""
PRICES = st.sampled_from([30, 60, 100, 150])


def figures(ledger: Ledger, names: Sequence[str], first: float = 0) -> dict[Any, dict[int, int]]:
    """Returns the changes of some measures from a day on, with what they were then."""
    found: dict[Any, dict[int, int]] = {}
    for series, segment in ledger.cells:
        if series[0] in names:
            cells = ledger.cells[series, segment]
            own = {tile: delta for tile, delta in cells.items() if tile >= edge(first)}
            before = at_edge(ledger, series, edge(first))
            found[series] = {tile: d for tile, d in {-1: before, **own}.items() if d}
    return {series: own for series, own in found.items() if own}


def others(ledger: Ledger, *left_out: str) -> dict[Any, dict[int, int]]:
    """Returns the changes of all measures but some."""
    return figures(ledger, {series[0] for series, _ in ledger.cells} - set(left_out))  # type: ignore[arg-type]


class Renewal:
    """How a term of a story is renewed: how many days before or after it is due, and for what."""

    def __init__(self, days: float, dollars: float) -> None:
        self.days = days
        self.dollars = dollars

    def __repr__(self) -> str:
        return f"Renewal({self.days}, {self.dollars})"


def _one_after_the_other(renewals: Sequence[Renewal]) -> bool:
    days = [number * TERM + renewal.days for number, renewal in enumerate(renewals)]
    return days == sorted(set(days))


RENEWALS = st.lists(
    st.builds(Renewal, st.sampled_from([-40, -20, -1, -0.5, 0, 0.5, 10, 29, 31, 50]), PRICES),
    min_size=1,
    max_size=4,
).filter(_one_after_the_other)


def contract(dollars: float) -> bytes:
    """Returns the first contract of a story."""
    return state("created", "c0", 1, dollars, sub="c0", term_end=at(TERM))


def by_event(renewals: Sequence[Renewal]) -> list[bytes]:
    """Tells renewals as such."""
    lines = []
    for number, renewal in enumerate(renewals, 1):
        due = number * TERM
        term = {"previous_term_end": at(due), "term_start": at(due), "term_end": at(due + TERM)}
        day = due + renewal.days
        lines.append(state("renewed", f"c{number}", day, renewal.dollars, sub="c0", **term))
    return lines


def by_contract(renewals: Sequence[Renewal], parts: int = 1, *, told: bool = True) -> list[bytes]:
    """Tells renewals as new contracts, each perhaps split; the end of the old ones may be told."""
    lines = []
    old = ["c0"]
    for number, renewal in enumerate(renewals, 1):
        due = number * TERM
        day = due + renewal.days
        new = [f"c{number}.{part}" for part in range(parts)]
        for sub in new:
            data: dict[str, Any] = {"term_start": at(due), "term_end": at(due + TERM)}
            data["start_date"] = at(due) if day < due else None
            one = {"replaces_subscription_id": old[0]}
            data |= one if len(old) == 1 else {"replaces_subscription_ids": old}
            lines.append(state("created", sub, day, renewal.dollars / parts, sub=sub, **data))
        if told:
            end = max(day, due)
            lines += [deleted(f"end.{number}.{sub}", end, sub=sub) for sub in old]
        old = new
    return lines


@given(PRICES, RENEWALS, st.booleans(), st.randoms(use_true_random=False))
@examples(60)
def test_law_a_new_contract_renews_as_a_renewal_does(
    dollars: float, renewals: list[Renewal], told: bool, random: Random
) -> None:
    """Told by new ids, ahead, in time or late, every figure of renewals is the same."""
    lines = [contract(dollars), *by_contract(renewals, told=told)]
    random.shuffle(lines)
    expected = figures(ledger_of(contract(dollars), *by_event(renewals)), RENEWAL)
    assert figures(ledger_of(*lines), RENEWAL) == expected
    assert expected


@given(PRICES, RENEWALS)
@examples(40)
def test_law_a_split_keeps_the_value(dollars: float, renewals: list[Renewal]) -> None:
    """A contract renewed as two, and those as two again, keeps what one would."""
    names = ("renewed_mrr", "renewal_due_mrr", "renewal_due_accounts", "renewed_accounts")
    whole = figures(ledger_of(contract(dollars), *by_contract(renewals)), names)
    assert figures(ledger_of(contract(dollars), *by_contract(renewals, 2)), names) == whole
    assert whole


@given(st.lists(PRICES, min_size=2, max_size=4), PRICES, st.sampled_from([-20, 0, 10]))
@examples(40)
def test_law_contracts_renewed_as_one(prices: list[float], dollars: float, days: float) -> None:
    """All of them are renewed, and keep together what the one comes to, at most what they were."""
    subs = [f"c{number}" for number in range(len(prices))]
    lines = [
        state("created", sub, 1, price, sub=sub, term_end=at(TERM))
        for sub, price in zip(subs, prices, strict=True)
    ]
    start = at(TERM) if days < 0 else None
    one: dict[str, Any] = {
        "replaces_subscription_ids": subs,
        "term_start": at(TERM),
        "start_date": start,
    }
    lines.append(state("created", "one", TERM + days, dollars, sub="one", **one))
    ledger = ledger_of(*lines)
    seen = edge(TERM + 20)
    assert at_edge(ledger, ("renewals", "90d"), seen) == len(prices)
    assert at_edge(ledger, ("renewal_due_mrr", "90d"), seen) == sum(prices) * 1_000_000
    kept = min(dollars, sum(prices)) * 1_000_000
    assert at_edge(ledger, ("renewed_mrr", "90d"), seen) == kept


@given(PRICES, RENEWALS, st.sampled_from(["incomplete", "withdrawn"]), st.integers(2, TERM - 5))
@examples(40)
def test_law_who_never_came_changes_nothing(
    dollars: float, renewals: list[Renewal], why: str, day: int
) -> None:
    """A successor that is never complete, or called off before it begins, leaves all as it was."""
    lines = [contract(dollars), *by_event(renewals)]
    never: dict[str, Any] = {"sub": "n", "replaces_subscription_id": "c0", "term_end": at(200)}
    if why == "incomplete":
        more = [state("created", "n1", day, dollars, status="incomplete", **never)]
    else:
        more = [state("created", "n1", day, dollars, start_date=at(TERM), **never)]
        more.append(deleted("n2", day + 3, sub="n"))
    left_out = "committed_mrr" if why == "withdrawn" else ""
    assert others(ledger_of(*lines, *more), left_out) == others(ledger_of(*lines), left_out)


@given(PRICES, st.integers(1, 30), st.integers(0, 20), st.booleans())
@examples(40)
def test_law_a_renewal_fails_with_the_subscription(
    dollars: float, ahead: int, later: int, scheduled: bool
) -> None:
    """Over at the due date, a term that was renewed ahead is as one that never was."""
    day = TERM - ahead
    end = min(day + later, TERM)
    renewed = by_event([Renewal(-ahead, dollars)])
    over = requested("x", day, cancel_at=at(end)) if scheduled else deleted("x", end)
    over = over.replace(b'"s1"', b'"c0"')
    lines = [contract(dollars), over]
    assert figures(ledger_of(*lines, *renewed), RENEWAL) == figures(ledger_of(*lines), RENEWAL)


@given(PRICES, PRICES, st.integers(2, 50), st.booleans())
@examples(40)
def test_law_one_of_two_contracts_is_committed(
    old: float, new: float, day: int, told: bool
) -> None:
    """From when a replacement is signed on it is committed and the old one is not, told or not."""
    signed = {"start_date": at(TERM), "replaces_subscription_id": "c0"}
    lines = [contract(old), state("created", "n", day, new, sub="n", **signed)]
    if told:
        lines.append(deleted("x", day, sub="c0", ended_at=at(TERM)))
    ledger = ledger_of(*lines)
    committed = [at_edge(ledger, ("committed_mrr",), edge(d)) for d in (day, day + 1, TERM + 1)]
    assert committed == [old * 1_000_000, new * 1_000_000, new * 1_000_000]


STATES = st.lists(
    st.tuples(
        st.sampled_from(["updated", "paused", "resumed", "renewed", "created"]),
        st.integers(0, 60),
        PRICES,
    ),
    max_size=4,
)


@given(STATES, st.integers(5, 30), st.integers(1, 30), st.integers(0, 29), PRICES)
@examples(60)
def test_law_a_later_state_replaces_an_end_told_ahead(
    told: list[tuple[str, int, float]], known: int, ahead: int, later: int, dollars: float
) -> None:
    """As if the end had never been told, but for committed MRR until it was taken back."""
    day = known + min(later, ahead - 1) + 0.5
    lines = [state("created", "e0", 1)]
    lines += [state(kind, f"e{n}", d + 0.25, p) for n, (kind, d, p) in enumerate(told, 1)]
    lines.append(state("updated", "back", day, dollars))
    end = deleted("end", known, ended_at=at(known + ahead))
    with_end, without = ledger_of(*lines, end), ledger_of(*lines)
    assert others(with_end, "committed_mrr") == others(without, "committed_mrr")
    committed = ("committed_mrr",)
    assert figures(with_end, committed, day + 0.5) == figures(without, committed, day + 0.5)


LINES = st.lists(
    st.builds(
        item, PRICES, st.sampled_from(["day", "week", "month", "year"]), plan_id=st.just("p")
    ),
    min_size=1,
    max_size=3,
)
IDLE = st.lists(
    st.builds(
        item,
        st.sampled_from([0, 7]),
        st.sampled_from(["day", "week", "month", "year"]),
        usage_type=st.just("metered"),
    ),
    max_size=2,
)
OFF = st.fixed_dictionaries(
    {"amount_off": st.integers(1, 500), "duration": st.sampled_from(["once", "forever"])}
)


@given(LINES, IDLE, OFF, st.randoms(use_true_random=False))
@examples(60)
def test_law_lines_in_any_order(
    lines: list[dict[str, Any]], idle: list[dict[str, Any]], off: dict[str, Any], random: Random
) -> None:
    """Neither the order of lines nor those that do not count change an amount off."""
    mixed = [*lines, *idle, item(0, "year")]
    random.shuffle(mixed)
    plain = ledger_of(state("created", "e1", 1, lines, discounts=[off]))
    assert ledger_of(state("created", "e1", 1, mixed, discounts=[off])).cells == plain.cells


@given(st.sampled_from(["trialing", "incomplete", "paused"]), st.integers(0, 60), st.booleans())
@examples(40)
def test_law_what_is_free_uses_no_discount_up(status: str, days: int, again: bool) -> None:
    """One for once begins with what is first paid, as if the time before had not been."""
    once = [{"id": "welcome", "percent_off": 50, "duration": "once"}]
    bare = {"items": None} if again else {}
    free = state("created", "e1", 1, status=status, discounts=once)
    if status == "paused":
        free = state("paused", "e1", 1, discounts=once)
    dollars = None if bare else 100
    paid = state("updated", "e2", 1.5 + days, dollars, discounts=None if bare else once)
    alone = ledger_of(state("created", "e2", 1.5 + days, 100, discounts=once))
    assert figures(ledger_of(free, paid), ("billed_mrr",)) == figures(alone, ("billed_mrr",))
