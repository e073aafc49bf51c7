"""Forgetting changes no figure: the ledger is the same, integer for integer."""

import json
from collections import Counter
from random import Random

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.revenue.life import is_payment_failure
from events.forgetting import Forgetting
from events.pseudonyms import Pseudonyms
from tests.oracle.batches import folded_in_batches
from tests.oracle.conftest import SEEDS
from tests.oracle.histories import PLAN, company_lines, folded
from tests.oracle.stories import stories
from tests.oracle.test_stories import merge

ACCOUNTS = 90
LINES = 8_000
DISTINCT = "referred_accounts"
"""The measure whose series are names of accounts: they are counted, and shown nowhere."""


def names(lines: list[bytes], *fields: str) -> list[str]:
    """All that stands in some fields of the data."""
    data = [json.loads(line)["data"] for line in lines]
    return sorted({each[field] for each in data for field in fields if each.get(field)})


def without(lines: list[bytes], run: Forgetting) -> list[bytes]:
    """The events after a run, which must have changed some, and dropped none."""
    told = sum(run.learn(line) for line in lines)
    assert told
    assert not run.partners
    found = [new for line in lines if (new := run.rewrite(line)) is not None]
    assert len(found) == len(lines)
    assert sum(new is not line for new, line in zip(found, lines, strict=True)) >= told
    return found


def forgetting(rng: Random, accounts: list[str], users: list[str] | None = None) -> Forgetting:
    """One run."""
    return Forgetting(
        accounts,
        users or [],
        Pseudonyms(rng.randbytes(16)),
        kept=PLAN.policy.segments,
        means=is_payment_failure,
    )


def figures(ledger: Ledger) -> Counter[tuple[object, ...]]:
    """What a ledger adds up to; of what is counted as distinct, the number and not the names."""
    return Counter(
        (series[:2] if series[0] == DISTINCT else series, segment, tuple(sorted(cells.items())))
        for (series, segment), cells in ledger.cells.items()
        if cells
    )


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_forgotten_accounts_count_as_before(seed: int) -> None:
    """Of stories with merges, retractions, and facts of one instant: a third of all accounts.

    Whoever was merged with one of them goes along.
    """
    rng = Random(f"{seed}-forgetting")
    lines = stories(seed, ACCOUNTS)
    accounts = names(lines, "account_id")
    leaving = rng.sample(accounts, len(accounts) // 6)
    pairs = [(account, rng.choice(accounts)) for account in leaving]
    lines += [merge(account, into, rng) for account, into in pairs]
    rng.shuffle(lines)
    chosen = set(rng.sample(accounts, len(accounts) // 3))
    while more := {name for pair in pairs if chosen & {*pair} for name in pair} - chosen:
        chosen |= more
    new = without(lines, forgetting(rng, sorted(chosen)))
    ids = {json.loads(line)["data"].get("account_id") for line in new}
    assert ids.isdisjoint(chosen)
    before = folded_in_batches(lines, PLAN, Random(1), partitions=2, batch_max=400)
    after = folded_in_batches(new, PLAN, Random(1), partitions=3, batch_max=400)
    assert figures(after) == figures(before)
    assert any(series[0] == DISTINCT for series, _ in before.cells)


def test_forgotten_people_count_as_before() -> None:
    """Of a company with users, sessions, answers and tickets: a few of all its people."""
    rng = Random("people")
    lines = company_lines(0)[:LINES]
    people = rng.sample(names(lines, "user_id", "respondent_id"), 40)
    new = without(lines, forgetting(rng, [], people))
    assert not any(f'"{name}"'.encode() in line for name in people for line in new)
    assert folded(new, 1) == folded(lines, 1)
