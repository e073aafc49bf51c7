"""Subscriptions that move between two accounts, both of which go on."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    MONEY_FLOWS,
    at,
    at_edge,
    deleted,
    edge,
    invoice,
    ledger_of,
    level,
    line,
    merged,
    moved,
    mrr,
    state,
    transferred,
)
from tests.examples import examples

CREATED = state("created", "e1", 1)
MINUTE = 1 / 1440


MOVE = transferred("t1", 9, "a1", "a2")


def told(day: float = 9, event_id: str = "e2", **data: Any) -> bytes:
    """Returns the state of the subscription under the account that it came to."""
    return state("updated", event_id, day, account="a2", **data)


@pytest.mark.parametrize(
    "after",
    [
        [told()],
        [told(9 + 3)],
        [told(9 - 10 * MINUTE)],
        [told(), deleted("d1", 9, reason="transferred")],
        [told(), deleted("d1", 9 + 5 * MINUTE)],
        [told(), deleted("d1", 9 - 5 * MINUTE)],
        [told(sub="s2", replaces_subscription_id="s1"), deleted("d1", 9)],
        [told(9 - MINUTE, sub="s2", replaces_subscription_id="s1")],
        [told(9 + 2, sub="s2", replaces_subscription_id="s1")],
        [told(), state("updated", "z9", 9)],
    ],
)
def test_a_transfer_is_neither_churn_nor_new_business(after: list[bytes]) -> None:
    """However it is told, and in any order, nobody came and nobody left."""
    for lines in permutations([CREATED, MOVE, *after]):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 100}
        assert mrr(ledger, 8, 13) == [100, 100]
        assert level(ledger, 13, "churned_accounts", "30d") == 0
        assert level(ledger, 13, "churned_subscriptions") == 0
        assert level(ledger, 400, "new_accounts") == 1
        assert level(ledger, 13, "paying_accounts") == 1


def retention(ledger: Ledger, day: float) -> list[int]:
    """Returns MRR at the start of 30 days, what of it is retained, capped too, and accounts."""
    start = edge(day) - 30 * 96
    names = ("retained_mrr", "capped_mrr", "retained_accounts")
    kept = [at_edge(ledger, (name, "30d"), edge(day)) for name in names]
    paid = at_edge(ledger, ("mrr",), start), at_edge(ledger, ("paying_accounts",), start)
    return [paid[0] // DOLLAR, kept[0] // DOLLAR, kept[1] // DOLLAR, paid[1], kept[2]]


def test_retention_over_all_accounts_stays() -> None:
    """What left counts where it was paid before, and is no growth of the account it came to."""
    assert retention(ledger_of(CREATED, MOVE, told()), 35) == [100, 100, 100, 1, 1]
    own = state("created", "o1", 1, 40, account="a2", sub="s9")
    assert retention(ledger_of(CREATED, own, MOVE, told()), 35) == [140, 140, 140, 2, 2]
    more = state("updated", "e3", 20, 130, account="a2")
    assert retention(ledger_of(CREATED, own, MOVE, told(), more), 35) == [140, 170, 140, 2, 2]
    gone = deleted("d9", 20, account="a2")
    assert retention(ledger_of(CREATED, own, MOVE, told(), gone), 35) == [140, 40, 40, 2, 1]


@pytest.mark.parametrize("day", [5, 9, 9 + MINUTE])
@pytest.mark.parametrize("pays", [[], [state("created", "o1", 1, 40, account="a2", sub="s9")]])
@pytest.mark.parametrize("replaces", [None, "s1"])
def test_a_retention_offer_goes_along(day: float, pays: list[bytes], replaces: str | None) -> None:
    """It keeps what was paid where it was, whether the account that it comes to pays or not."""
    free: dict[str, Any] = {
        "status": "trialing",
        "trial_reason": "retention",
        "replaces_subscription_id": replaces,
    }
    account, sub = "a1" if day < 9 else "a2", "s2" if replaces else "s1"
    offer = state("updated", "e2", day, account=account, sub=sub, **free)
    again = state("updated", "e3", 20, account="a2", sub=sub)
    moves = [MOVE, *([transferred("t2", 9, "a1", "a2", "s2")] if replaces and day < 9 else [])]
    for lines in permutations([CREATED, offer, *moves, again]):
        ledger = ledger_of(*lines, *pays)
        assert mrr(ledger, 8, 13, 25) == [100 + 40 * len(pays)] * 3
        assert moved(ledger) == {"new": 100 + 40 * len(pays)}
        assert level(ledger, 400, "new_accounts") == 1 + len(pays)


def test_a_retention_offer_goes_without_what_it_replaced() -> None:
    """Of which nothing is known where it comes to."""
    free: dict[str, Any] = {
        "status": "trialing",
        "trial_reason": "retention",
        "replaces_subscription_id": "s1",
    }
    offer = state("updated", "e2", 5, sub="s2", **free)
    for lines in permutations([CREATED, offer, transferred("t2", 9, "a1", "a2", "s2")]):
        ledger = ledger_of(*lines)
        assert mrr(ledger, 8, 13) == [100, 100]
        assert moved(ledger) == {"new": 100}


def test_one_of_two_goes() -> None:
    """The account that it leaves goes on with the rest; what it loses besides is a downgrade."""
    other = state("created", "o1", 1, 50, sub="s2")
    assert moved(ledger_of(CREATED, other, MOVE, told())) == {"new": 150}
    less = state("updated", "o2", 9, 20, sub="s2")
    ledger = ledger_of(CREATED, other, less, MOVE, told())
    assert moved(ledger) == {"new": 150, "contraction:downgrade": 30}
    gone = deleted("o2", 9, sub="s2")
    ledger = ledger_of(CREATED, other, gone, MOVE, told())
    assert moved(ledger) == {"new": 150, "churned:voluntary": 50}


@pytest.mark.parametrize("after", [[], [told()], [told(9 + 2)]])
@pytest.mark.parametrize("on_day", [3, 20])
def test_between_accounts_that_are_one_nothing_went_over(after: list[bytes], on_day: float) -> None:
    """Whatever the other account told of it is the same subscription's, from the start."""
    for lines in permutations([CREATED, MOVE, *after, merged("m1", on_day, "a2", "a1")]):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 100}
        assert mrr(ledger, 8, 13, 25) == [100, 100, 100]
        assert retention(ledger, 35) == [100, 100, 100, 1, 1]


@pytest.mark.parametrize("account", ["a2", "a3"])
@pytest.mark.parametrize("day", [9, 10])
def test_an_account_may_be_named_by_an_old_id(account: str, day: float) -> None:
    """What comes to an account that was merged comes to the one that is left of it."""
    told_there = state("updated", "e2", day, account=account)
    move = transferred("t1", 9, "a1", "a3")
    for lines in permutations([CREATED, move, told_there, merged("m1", 3, "a3", "a2")]):
        ledger = ledger_of(*lines)
        assert moved(ledger) == {"new": 100}
        assert mrr(ledger, 8, 13) == [100, 100]
        assert retention(ledger, 35) == [100, 100, 100, 1, 1]


def test_there_and_back_again() -> None:
    """A subscription may return; what happens to it elsewhere counts there."""
    lines = [
        CREATED,
        MOVE,
        told(),
        state("updated", "e3", 12, 130, account="a2"),
        transferred("t2", 15, "a2", "a1"),
        state("updated", "e4", 15, 130),
        deleted("d1", 20),
    ]
    for order in (lines, lines[::-1]):
        ledger = ledger_of(*order)
        assert moved(ledger) == {"new": 100, "expansion:upgrade": 30, "churned:voluntary": 130}
        assert mrr(ledger, 8, 11, 14, 16, 21) == [100, 100, 130, 130, 0]


def test_a_paused_one_moves() -> None:
    """A paused customer goes over as one: its resumption is none of new business."""
    paused = state("paused", "p1", 5)
    lines = [CREATED, paused, MOVE, state("paused", "p2", 9, account="a2")]
    back = state("resumed", "r1", 20, account="a2")
    expected = {"new": 100, "contraction:pause": 100}
    assert moved(ledger_of(*lines)) == expected
    assert level(ledger_of(*lines), 13, "churned_accounts", "30d") == 0
    assert moved(ledger_of(*lines, back)) == {**expected, "expansion:resume": 100}


def test_a_transfer_that_is_taken_back() -> None:
    """Retracted under each of the two accounts, it never was."""
    backs = [
        line("event.retracted", f"b-{account}", 10, account, retracts="t1", retracts_type=kind)
        for account in ("a1", "a2")
        for kind in ("subscription.transferred",)
    ]
    assert ledger_of(CREATED, MOVE, *backs) == ledger_of(CREATED)


STATES = st.tuples(
    st.sampled_from(["updated", "updated", "updated", "paused", "resumed"]),
    st.integers(1, 5).map(lambda tens: tens * 10),
)


@given(st.lists(STATES, min_size=1, max_size=8), st.data(), st.booleans())
@examples(60)
def test_a_transfer_changes_no_total(
    story: Sequence[tuple[str, int]], data: st.DataObject, ends: bool
) -> None:
    """Told under two accounts, one after the other, what happens is what happens under one."""
    at = data.draw(st.integers(0, len(story)))
    own, two = [CREATED], [CREATED]
    last: tuple[str, int] = ("created", 100)
    for place, (kind, dollars) in enumerate([*story, ("", 0)]):
        day = 5 + 3 * place
        if place == at:
            two.append(transferred("t1", day - 1, "a1", "a2"))
            again = "paused" if last[0] == "paused" else "updated"
            two.append(state(again, "again", day - 1, last[1], account="a2"))
        if kind:
            account = "a2" if place >= at else "a1"
            own.append(state(kind, f"u{place}", day, dollars))
            two.append(state(kind, f"u{place}", day, dollars, account=account))
            last = kind, dollars
    if ends:
        own.append(deleted("d1", 60))
        two.append(deleted("d1", 60, account="a2"))
    one, split = ledger_of(*own), ledger_of(*data.draw(st.permutations(two)))
    flows = [*MONEY_FLOWS, ("mrr",), ("paying_accounts",), ("new_accounts",)]
    flows += [("upsells",), ("downgrades",), ("churned_subscriptions",)]
    for day in (*range(1, 70), 400):
        read = [(at_edge(one, each, edge(day)), at_edge(split, each, edge(day))) for each in flows]
        assert all(before == after for before, after in read), day
        assert retention(split, day) == retention(one, day)


def test_what_was_handed_over_is_lost_once() -> None:
    """R12: an account that wins and loses again what it gave away lost none of what it had paid;
    the one that it gave it to loses it with its own."""
    lines = [
        CREATED,
        state("created", "o1", 1, 100, account="a2", sub="s9"),
        MOVE,
        told(),
        state("created", "n1", 12, 100, sub="s2"),
        deleted("d1", 15, sub="s2"),
        deleted("d2", 20, account="a2"),
        deleted("d3", 21, account="a2", sub="s9"),
    ]
    ledger = ledger_of(*lines)
    assert retention(ledger, 31.5)[:3] == [200, 0, 0]
    left, down, gained = (
        at_edge(ledger, (f"cohort_{name}_mrr", "30d"), edge(31.5)) // DOLLAR
        for name in ("churned", "contraction", "lost_gains")
    )
    assert (left, down, gained) == (200, 100, 100)


def figures(ledger: Ledger, day: float, window: str, *names: str) -> list[int]:
    """Returns windowed figures; money in dollars."""
    found = [at_edge(ledger, (name, window), edge(day)) for name in names]
    return [
        v // DOLLAR if name.endswith("mrr") else v for name, v in zip(names, found, strict=True)
    ]


def test_a_window_counts_what_it_found_where_it_found_it() -> None:
    """What was new inside a window and is lost under another account is lost to nobody's past."""
    own = state("created", "o1", 1, 50, account="a2", sub="s9")
    young = [own, state("created", "n1", 10), transferred("t1", 20, "a1", "a2")]
    assert retention(ledger_of(*young), 35) == [50, 50, 50, 1, 1]
    lost = deleted("d1", 25, account="a2")
    assert retention(ledger_of(*young, lost), 35) == [50, 50, 50, 1, 1]
    gone = [CREATED, MOVE, deleted("d1", 25, account="a2")]
    assert retention(ledger_of(*gone), 35) == [100, 0, 0, 1, 0]
    names = ("cohort_churned_mrr", "cohort_churned_gains_mrr", "cohort_churned_accounts")
    assert figures(ledger_of(*gone), 35, "30d", *names) == [100, 0, 1]
    heir = state("updated", "e2", 12, 130, account="a2", sub="s2", replaces_subscription_id="s1")
    assert retention(ledger_of(CREATED, MOVE, own, heir), 35) == [150, 180, 150, 2, 2]


def test_who_has_it_tells_of_it() -> None:
    """The account that it left is not listened to; what the other one told before counts later."""
    stray = [state("updated", "z1", 12, 999), deleted("z2", 13)]
    assert mrr(ledger_of(CREATED, MOVE, *stray), 8, 11, 14) == [100, 100, 100]
    ahead = state("created", "e2", 5, 120, account="a2")
    assert mrr(ledger_of(CREATED, MOVE, ahead), 4, 7, 10) == [100, 100, 120]
    assert moved(ledger_of(CREATED, MOVE, ahead)) == {"new": 100, "expansion:upgrade": 20}
    end = deleted("d1", 3, ended_at=at(20))
    assert mrr(ledger_of(CREATED, MOVE, end), 8, 11, 21) == [100, 100, 0]
    stays = deleted("d1", 3, ended_at=at(20)), told()
    assert mrr(ledger_of(CREATED, MOVE, *stays), 8, 11, 21) == [100, 100, 100]


def test_what_was_told_goes_along() -> None:
    """A term is due, a trial matures and a payment counts where the subscription is then."""
    term = state("created", "e1", 1, term_start=at(1), term_end=at(31))
    renewed = state("renewed", "r1", 31, term_end=at(61), account="a2")
    names = ("renewals_due", "renewals", "renewal_due_mrr")
    assert figures(ledger_of(term, MOVE), 40, "90d", *names) == [1, 0, 100]
    assert figures(ledger_of(term, MOVE, renewed), 40, "90d", *names) == [1, 1, 100]
    trial = state("created", "e1", 1, status="trialing", trial_end=at(15))
    trials = ("trials_matured", "trials_converted")
    assert figures(ledger_of(trial, MOVE, told(15)), 40, "90d", *trials) == [1, 1]
    paid = Policy(require_paid_invoice=True)
    lines = [CREATED, invoice("i1", 2, 100), MOVE]
    assert mrr(ledger_of(*lines, policy=paid), 1.5, 8, 11) == [0, 100, 100]


def test_a_dealer_hands_over_hundreds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, beyond what is looked at: what went over is kept as it was worth then."""
    sold = [state("created", f"c{n}", 1, 100, sub=f"s{n}") for n in range(4)]
    given = [transferred(f"t{n}", 20 + n, "a1", f"b{n}", sub=f"s{n}") for n in range(3)]
    lost = deleted("d0", 25, account="b0", sub="s0")
    ledger = ledger_of(*sold, *given, lost)
    assert retention(ledger, 35) == [400, 300, 300, 1, 1]
    monkeypatch.setattr("aggregates.revenue.found._FOUND_MAX", 10)
    bounded = ledger_of(*sold, *given, lost)
    assert retention(bounded, 35) == [400, 400, 400, 1, 1]
    assert moved(bounded) == moved(ledger) == {"new": 400, "churned:voluntary": 100}


@pytest.mark.parametrize("accounts", [*permutations(["a1", "a2", "a3"])])
@pytest.mark.parametrize("ring", [False, True])
def test_it_may_go_on_at_the_instant_at_which_it_comes(accounts: Sequence[str], ring: bool) -> None:
    """Whatever the accounts are called, it goes from who has it to the next."""
    first, second, third = accounts
    moves = [transferred("t1", 9, first, second), transferred("t2", 9, second, third)]
    if ring:
        moves.append(transferred("t3", 9, third, first))
    owner = first if ring else third
    lines = [state("created", "e1", 1, account=first), *moves]
    lines.append(state("updated", "e2", 12, 130, account=owner))
    for order in permutations(lines):
        ledger = ledger_of(*order)
        assert moved(ledger) == {"new": 100, "expansion:upgrade": 30}
        assert mrr(ledger, 8, 10, 13) == [100, 100, 130]


def test_who_lends_says_what_comes_last_at_an_instant() -> None:
    """Both accounts read what was told under two ids of the one in the order of that one."""
    lines = [
        state("created", "e1", 1, 60, account="a3"),
        state("paused", "e2", 5, 60, account="a3"),
        state("updated", "e3", 5, 50, account="a1"),
        merged("m1", 3, "a3", "a1"),
        MOVE,
    ]
    for order in permutations(lines):
        ledger = ledger_of(*order)
        assert moved(ledger) == {"new": 60, "contraction:downgrade": 10}
        assert mrr(ledger, 4, 6, 10) == [60, 50, 50]


def test_what_it_lost_just_before_is_lost_where_it_was() -> None:
    """One that is paused, or free, by then goes over as what it is."""
    paused = state("paused", "p1", 9 - 5 * MINUTE)
    assert moved(ledger_of(CREATED, paused, MOVE)) == {"new": 100, "contraction:pause": 100}
    free = state("updated", "p1", 9 - 5 * MINUTE, 0)
    assert moved(ledger_of(CREATED, free, MOVE)) == {"new": 100, "churned:voluntary": 100}


@pytest.mark.parametrize("into", ["a1", "a3"])
def test_one_that_took_its_place_may_go_on(into: str) -> None:
    """The account in which a window found it knows what becomes of it, wherever that is told."""
    heir = state("created", "h1", 12, 120, account="a2", sub="s2", replaces_subscription_id="s1")
    lines = [CREATED, MOVE, heir, transferred("t2", 15, "a2", into, sub="s2")]
    lines.append(invoice("i1", 13, 5, account="a2", sub=None))
    more = state("updated", "h2", 20, 200, account=into, sub="s2")
    assert retention(ledger_of(*lines, more), 35) == [100, 200, 100, 1, 1]
    gone = deleted("h2", 20, account=into, sub="s2")
    assert retention(ledger_of(*lines, gone), 35) == [100, 0, 0, 1, 0]


def test_what_had_ended_long_before_is_back_when_it_is_told_again() -> None:
    """Nothing went over: it was lost where it was, and is no new business where it comes to."""
    lines = [CREATED, deleted("d1", 5), MOVE, told(12)]
    for order in permutations(lines):
        ledger = ledger_of(*order)
        assert moved(ledger) == {"new": 100, "churned:voluntary": 100, "reactivation": 100}
        assert level(ledger, 400, "new_accounts") == 1


def test_one_in_the_place_of_one_in_its_place() -> None:
    """Over four accounts, each of which wrote the contract anew before it handed it on."""
    lines = [CREATED, MOVE]
    for day, owner, into, old, sub in ((12, "a2", "a3", "s1", "s2"), (15, "a3", "a4", "s2", "s3")):
        new = {"account": owner, "sub": sub, "replaces_subscription_id": old}
        lines += [state("created", f"c{day}", day, 110 + day, **new)]
        lines += [transferred(f"t{day}", day + 1, owner, into, sub=sub)]
    more = state("updated", "u1", 20, 200, account="a4", sub="s3")
    gone = deleted("u1", 20, account="a4", sub="s3")
    for order in (lines, lines[::-1]):
        assert retention(ledger_of(*order), 35) == [100, 125, 100, 1, 1]
        assert retention(ledger_of(*order, more), 35) == [100, 200, 100, 1, 1]
        assert retention(ledger_of(*order, gone), 35) == [100, 0, 0, 1, 0]
