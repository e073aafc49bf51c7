"""Contracts that are written as one, of which some came from other accounts."""

from collections.abc import Sequence
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at_edge,
    deleted,
    edge,
    invoice,
    ledger_of,
    moved,
    reader,
    state,
    transferred,
)
from tests.examples import examples

OF_X = state("created", "x1", 1, 100, account="x", sub="s1")
OF_Y = state("created", "y1", 1, 20, account="y", sub="y1")
GOES = transferred("t1", 32, "x", "y")
NOTHING = 100
"""Micro-units."""
LOST = ("cohort_churned_mrr", "cohort_contraction_mrr", "cohort_churned_accounts")


def anew(event_id: str, day: float, dollars: float, olds: Sequence[str], **data: Any) -> bytes:
    """Returns a contract in the place of others."""
    told = {"account": "y", "sub": event_id, "replaces_subscription_ids": olds, **data}
    return state("created", event_id, day, dollars, **told)


def retention(ledger: Ledger, day: float) -> list[int]:
    """Returns MRR and accounts that paid 30 days ago, and what is retained of both, MRR capped."""
    start = edge(day) - 30 * 96
    paid = at_edge(ledger, ("mrr",), start) // DOLLAR
    names = ("retained_mrr", "capped_mrr", "retained_accounts")
    mrr, capped, accounts = (at_edge(ledger, (name, "30d"), edge(day)) for name in names)
    payers = at_edge(ledger, ("paying_accounts",), start)
    return [paid, mrr // DOLLAR, capped // DOLLAR, payers, accounts]


def lost(ledger: Ledger, day: float) -> list[int]:
    """Returns what is lost of those that paid 30 days ago."""
    return [at_edge(ledger, (name, "30d"), edge(day)) for name in LOST]


@pytest.mark.parametrize("more", [[], [deleted("d1", 36, account="y")]])
@pytest.mark.parametrize("names", [["s1", "y1"], ["y1", "s1"]])
@pytest.mark.parametrize("day", [36, 32, 32.02])
def test_nothing_is_lost_by_it(more: list[bytes], names: list[str], day: float) -> None:
    """What came and what was there are each kept by those who had them."""
    for lines in permutations([OF_X, OF_Y, GOES, anew("s2", day, 120, names), *more]):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 120}
        assert retention(ledger, 40) == [120, 120, 120, 2, 2]
        assert lost(ledger, 40) == [0, 0, 0]
        assert retention(ledger, 70) == [120, 120, 120, 1, 1]


def test_of_two_who_went_over_each_keeps_a_share() -> None:
    """Nothing is counted for both of them."""
    other = state("created", "w1", 1, 50, account="w", sub="w1")
    lines = [OF_X, OF_Y, GOES, other, transferred("t2", 32, "w", "y", "w1")]
    ledger = ledger_of(*lines, anew("s2", 36, 150, ["s1", "w1"]))
    assert retention(ledger, 40) == [170, 170, 170, 3, 3]
    assert lost(ledger, 40) == [0, 0, 0]
    more = ledger_of(*lines, anew("s2", 36, 180, ["s1", "w1"]))
    assert retention(more, 40) == [170, 200, 170, 3, 3]
    less = ledger_of(
        *lines, anew("s2", 36, 90, ["s1", "w1"]), deleted("d9", 38, account="y", sub="y1")
    )
    assert retention(less, 40) == [170, 90, 90, 3, 2]
    assert lost(less, 40) == [20 * DOLLAR, 60 * DOLLAR, 1]


def test_it_comes_to_what_was_there() -> None:
    """The account from which it came goes on with what else it has."""
    rest = state("created", "y2", 1, 30, account="y", sub="y2")
    back = transferred("t1", 32, "y", "x", sub="y1")
    new = anew("s2", 36, 120, ["s1", "y1"], account="x")
    ledger = ledger_of(new, OF_X, OF_Y, rest, back)
    assert retention(ledger, 40) == [150, 150, 150, 2, 2]
    assert lost(ledger, 40) == [0, 0, 0]


def test_one_that_was_there_takes_the_place_of_the_other() -> None:
    """What it came to itself is the share of those who had it."""
    new = state("updated", "y9", 36, 120, account="y", sub="y1", replaces_subscription_id="s1")
    for lines in permutations([OF_X, OF_Y, GOES, new]):
        ledger = ledger_of(*lines)
        assert retention(ledger, 40) == [120, 120, 120, 2, 2]
        assert lost(ledger, 40) == [0, 0, 0]


def test_a_contract_signed_ahead_is_shared_from_when_it_runs() -> None:
    """Windows that begin between see those in whose place it will be."""
    new = anew("s2", 9, 120, ["s1", "y1"], start_date="2026-02-06T00:00:00Z")
    ledger = ledger_of(OF_X, OF_Y, GOES, new)
    for day in (38, 42, 60):
        assert retention(ledger, day) == [120, 120, 120, 2, 2]
        assert lost(ledger, day) == [0, 0, 0]


def test_what_a_window_has_not_seen_has_no_share() -> None:
    """Of what ended long before, nothing is kept or lost by it, of what ended lately it is."""
    end = deleted("d1", 33, account="y")
    ledger = ledger_of(OF_X, OF_Y, GOES, end, anew("s2", 50, 20, ["s1", "y1"]))
    assert retention(ledger, 70) == [20, 20, 20, 1, 1]
    assert lost(ledger, 70) == [0, 0, 0]
    late = ledger_of(OF_X, OF_Y, GOES, end, anew("s2", 36, 120, ["s1", "y1"]))
    assert retention(late, 40) == [120, 120, 120, 2, 2]


@pytest.mark.parametrize("dollars", [100, 500])
def test_one_that_is_replaced_at_once_stands_for_those_before_it(dollars: float) -> None:
    """It counted for no time: what is in its place is shared by what those came to."""
    one, both = anew("a", 36, dollars, ["s1"]), anew("m", 36, 120, ["a", "y1"])
    ahead = anew("a", 33, dollars, ["s1"], start_date="2026-02-06T00:00:00Z")
    for told in ([one, both], [both, one], [ahead, both]):
        ledger = ledger_of(OF_X, OF_Y, GOES, *told)
        assert moved(ledger) == {"new": 120}
        assert retention(ledger, 40) == [120, 120, 120, 2, 2]
        assert lost(ledger, 40) == [0, 0, 0]


def test_what_is_split_and_put_together_at_once_counts_once() -> None:
    """Those that are in the place of several by two ways have one share."""
    parts = [anew(name, 36, 50, ["s1"]) for name in ("a", "z")]
    ledger = ledger_of(OF_X, OF_Y, GOES, *parts, anew("m", 36, 120, ["a", "y1", "z"]))
    assert retention(ledger, 40) == [120, 120, 120, 2, 2]
    assert lost(ledger, 40) == [0, 0, 0]


def test_one_that_goes_on_and_is_replaced_at_once_has_a_share() -> None:
    """What it came to itself counts beside what those came to whose place it took."""
    on = state("updated", "y9", 36, 120, account="y", sub="y1", replaces_subscription_id="s1")
    rest = state("created", "z1", 1, 30, account="y", sub="z1")
    ledger = ledger_of(OF_X, OF_Y, GOES, on, rest, anew("m", 36, 150, ["y1", "z1"]))
    assert retention(ledger, 40) == [150, 150, 150, 2, 2]
    assert lost(ledger, 40) == [0, 0, 0]


def test_one_that_is_replaced_before_it_runs_took_no_place() -> None:
    """What it was signed for goes on."""
    ahead = anew("a", 36, 100, ["s1"], start_date="2026-02-20T00:00:00Z")
    ledger = ledger_of(OF_X, OF_Y, GOES, ahead, anew("m", 36, 60, ["a", "y1"]))
    assert retention(ledger, 40) == [120, 160, 120, 2, 2]
    assert lost(ledger, 40) == [0, 0, 0]


@pytest.mark.parametrize("is_churn", [True, False])
def test_who_had_a_free_plan_keeps_one(is_churn: bool) -> None:
    """Where free plans keep customers, one who shares what takes its place is kept too."""
    policy = Policy(free_is_churn=is_churn)
    free = state("updated", "x2", 5, 0, account="x", sub="s1")
    ledger = ledger_of(OF_X, free, OF_Y, GOES, anew("s2", 36, 20, ["s1", "y1"]), policy=policy)
    assert retention(ledger, 40) == [20, 20, 20, *([1, 1] if is_churn else [2, 2])]
    assert lost(ledger, 40) == [0, 0, 0]


def test_where_only_what_is_paid_for_counts() -> None:
    """It is shared from its first invoice on; those in whose place it is go on till then."""
    policy = Policy(require_paid_invoice=True)
    paid = [
        invoice("i1", 1, 100, account="x", name="i1"),
        invoice("i2", 1, 20, account="y", sub="y1", name="i2"),
        invoice("i3", 38, 120, account="y", sub="s2", name="i3"),
    ]
    ledger = ledger_of(OF_X, OF_Y, GOES, anew("s2", 36, 120, ["s1", "y1"]), *paid, policy=policy)
    for day in (37, 40, 61):
        assert retention(ledger, day) == [120, 120, 120, 2, 2]
        assert lost(ledger, day) == [0, 0, 0]


def story(random: Random, steps: int) -> tuple[list[bytes], list[bytes]]:
    """Returns what is told of contracts that go around, and become one, or several: same prices.

    Told of the accounts that have them, and with all of them in one from the start.
    """
    lines, held = [], {}
    for account in ("a1", "a2", "a3"):
        for number in range(random.randint(1, 2)):
            sub = f"{random.choice('hkz')}{account}.{number}"
            held[sub] = account, random.randint(1, 9_000)
            price = held[sub][1] / 100
            lines.append(state("created", f"e{sub}", 1, price, account=account, sub=sub))
    one = [line.replace(b'"a2"', b'"a1"').replace(b'"a3"', b'"a1"') for line in lines]
    day = 3.0
    for step in range(steps):
        day += random.choice([0.01, 0.25, 3.0, 11.0])
        sub = random.choice(sorted(held))
        account, cents = held[sub]
        if random.random() < 0.5:
            into = random.choice([each for each in ("a1", "a2", "a3") if each != account])
            lines.append(transferred(f"t{step}", day, account, into, sub=sub))
            held[sub] = into, cents
            day += 0.125
            continue
        beside = [each for each, (there, _) in held.items() if there == account]
        olds = random.sample(beside, random.randint(1, min(3, len(beside))))
        whole = sum(held.pop(old)[1] for old in olds)
        part = random.randint(0, whole)
        for number, own in enumerate(part for part in (part, whole - part) if part):
            new = f"{random.choice('ajz')}{step}.{number}"
            held[new] = account, own
            told: Any = {"sub": new, "replaces_subscription_ids": olds}
            lines.append(state("created", f"n{new}", day, own / 100, account=account, **told))
            one.append(state("created", f"n{new}", day, own / 100, **told))
    return lines, one


@given(st.integers(1, 10), st.randoms(use_true_random=False))
@examples(100)
def test_law_at_the_same_prices_everybody_keeps_all(steps: int, random: Random) -> None:
    """Whoever had what, however it is handed over, put together and split: nothing moves.

    But for a micro-unit where a share is none; all add up to what there is.
    """
    lines, one = story(random, steps)
    random.shuffle(lines)
    read, wanted = reader(ledger_of(*lines)), reader(ledger_of(*one))
    for tile in range(edge(2), edge(125), 24):
        for window in ("30d", "month"):
            kept = read(("retained_mrr", window), tile)
            assert kept == wanted(("retained_mrr", window), tile)
            assert kept - read(("capped_mrr", window), tile) < NOTHING
            for name in ("cohort_contraction_mrr", "cohort_expansion_mrr"):
                assert read((name, window), tile) < NOTHING
            for name in ("cohort_churned_mrr", "cohort_churned_accounts"):
                assert not read((name, window), tile)
        if tile > edge(32):
            payers = read(("paying_accounts",), tile - 30 * 96)
            assert read(("retained_accounts", "30d"), tile) == payers
