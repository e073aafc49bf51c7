"""Laws of segments: accounts told with any attributes, at random, in any order, taken back."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import Source
from aggregates.formula.values import Floats
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Segment
from aggregates.policies.policy import Policy
from aggregates.reading.by_segment import BySegment, read_by_segment
from aggregates.reading.reader import Reader
from aggregates.reading.table import Result
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_at
from events import format_instant, parse_instant
from streams.local.intake import Intake
from tests.examples import examples

START_MS: Final = parse_instant("2026-03-01T00:00:00Z")
HOUR_MS: Final = 3_600_000
ACCOUNTS: Final = ("a1", "a2", "a3", "a4")
PLAN: Final = Plan(Policy(segments=("plan_tier", "region")))
ADDITIVE: Final = ("mrr", "paying_accounts", "users", "seats")
"""Measures that are sums over accounts."""

KPI: Final = """
[[kpi]]
id = "all_{id}"
code = "+"
family = "ours"
title = "{id}"
formula = '{formula}'
unit = "{unit}"
source = "ours"
description = "{id}"
"""

OWN: Final = "".join(
    KPI.format(id=name, formula=name, unit="money" if name == "mrr" else "count")
    for name in ADDITIVE
) + KPI.format(id="gold_mrr", formula='mrr(plan_tier="gold")', unit="money")

Fact = tuple[int, str, str, Mapping[str, Any]]
"""Hours after the start, account, type and data."""

TIERS: Final = st.sampled_from(("gold", "silver", "", None, 3, 3.0, True, ["gold"], "x" * 600))
ATTRIBUTES: Final = st.fixed_dictionaries(
    {}, optional={"plan_tier": TIERS, "region": st.sampled_from(("emea", "apac", None))}
)
FACTS: Final = st.one_of(
    st.tuples(st.just("account.created"), ATTRIBUTES),
    st.tuples(st.just("account.updated"), ATTRIBUTES),
    st.tuples(st.just("account.updated"), ATTRIBUTES),
    st.tuples(
        st.just("subscription.updated"),
        st.builds(lambda cents: {"cents": cents}, st.integers(0, 9)),
    ),
    st.tuples(st.just("seats.set"), st.builds(lambda seats: {"seats": seats}, st.integers(0, 9))),
    st.tuples(st.just("user.added"), st.just({"user_id": "u1"})),
)
HISTORIES: Final = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(ACCOUNTS), FACTS).map(
        lambda drawn: (drawn[0], drawn[1], *drawn[2])
    ),
    max_size=14,
)


def record(number: int, fact: Fact) -> bytes:
    """Writes a fact down; later numbers come later within an hour."""
    hours, account, kind, told = fact
    data = {"account_id": account, **told}
    if "cents" in told:
        price = {"plan_id": "p", "amount": data.pop("cents") * 100, "quantity": 1}
        each = {"item_id": "i", "currency": "USD", "interval": "month", "interval_count": 1}
        data |= {"subscription_id": "s", "status": "active", "items": [price | each]}
    event = {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "test",
        "type": kind,
        "time": format_instant(START_MS + hours * HOUR_MS),
        "sequence": number + 1,
        "data": data,
    }
    return json.dumps(event).encode()


def retraction(number: int, fact: Fact) -> bytes:
    """Takes a fact back."""
    data = {"account_id": fact[1], "retracts": f"e{number}", "retracts_type": fact[2]}
    event = {"specversion": "1.0", "id": f"r{number}", "source": "test", "type": "event.retracted"}
    return json.dumps(
        event | {"time": format_instant(START_MS + fact[0] * HOUR_MS), "data": data}
    ).encode()


def as_text(value: object) -> str:
    """The value of an attribute as a label, written down once more."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "3" if value in (3, 3.0) else str(value or "unknown")


def tiers(facts: Sequence[tuple[int, Fact]]) -> dict[str, str]:
    """The tier of each account, as last told by what stands."""
    found = dict.fromkeys(ACCOUNTS, "unknown")
    for _, (_, account, _, told) in sorted(facts, key=lambda fact: (fact[1][0], fact[0])):
        value = told.get("plan_tier", [])
        if not isinstance(value, list) and len(str(value)) <= 512:
            found[account] = as_text(value)
    return found


def ledger(lines: Sequence[bytes], partitions: int, *, bulk: bool) -> Ledger:
    """The ledger of a history, added up over partitions."""
    intake = Intake(PLAN, partitions, bulk=bulk)
    for first in range(0, len(lines), 3):
        intake.take(lines[first : first + 3])
        if not bulk:
            intake.settle()
    intake.settle()
    assert not intake.rejected
    whole = Ledger()
    for shard in intake.shards:
        whole.merge(shard.ledger)
    return whole


def catalogue(values_max: int) -> Catalogue:
    """Sums, and one that selects an attribute, with a bound on the values that are shown."""
    policy = PLAN.policy.model_copy(update={"segment_values_max": values_max})
    return load(PLAN.measures.values(), Source("own.toml", OWN), policy=policy)


CATALOGUES: Final = {values_max: catalogue(values_max) for values_max in (1, 2, 100)}
EDGES: Final = np.array(
    [edge_at(START_MS + hours * HOUR_MS) for hours in (0, 7, 20, 33, 61)], dtype=np.int64
)


def read(held: Ledger, values_max: int) -> BySegment:
    """Reads everything at all edges."""
    return read_by_segment(Reader(held, PLAN.calendar), CATALOGUES[values_max], EDGES, "USD")


def values_of(results: Iterable[Result], kpi: str) -> list[Floats]:
    """The values of a KPI, a row for each of its series."""
    return [result.values for result in results if result.kpi.id == f"all_{kpi}"]


def figures(found: BySegment) -> dict[tuple[object, ...], list[float | None]]:
    """All values of a reading, by segment, KPI and labels; None for none."""
    every: dict[Segment | None, Sequence[Result]] = {None: found.whole}
    every.update(found.segments.items())
    return {
        (segment, result.kpi.id, result.labels): [
            None if value != value else value for value in result.values.tolist()
        ]
        for segment, results in every.items()
        for result in results
    }


@given(HISTORIES, st.randoms(use_true_random=False), st.sampled_from((1, 2, 100)))
@examples(30)
def test_segments_add_up_to_the_whole(facts: list[Fact], rng: Random, values_max: int) -> None:
    """At every edge the segments that are shown add up to the whole, attributes changing at random.

    It is the same in any order, over any number of partitions, live and in bulk.
    """
    taken = [n for n, fact in enumerate(facts) if fact[2].startswith("acc") and rng.random() < 0.2]
    lines = [record(number, fact) for number, fact in enumerate(facts)]
    lines += [retraction(number, facts[number]) for number in taken]
    found = read(ledger(lines, 1, bulk=True), values_max)
    rng.shuffle(lines)
    assert figures(read(ledger(lines, 3, bulk=False), values_max)) == figures(found)
    for kpi in ADDITIVE:
        whole, *none = values_of(found.whole, kpi)
        assert not none
        parts = [row for results in found.segments.values() for row in values_of(results, kpi)]
        if parts:
            added = np.nansum(np.stack(parts), axis=0)
            some = np.isfinite(np.stack(parts)).any(axis=0)
            np.testing.assert_allclose(added[some], np.nan_to_num(whole)[some])
    for place in range(2):
        named = {segment[place] for segment in found.segments} - {"unknown", "other"}
        assert len(named) <= values_max


@given(HISTORIES, st.randoms(use_true_random=False))
@examples(30)
def test_an_account_is_where_it_was_last_told_to_be(facts: list[Fact], rng: Random) -> None:
    """MRR by tier, and of a formula that selects one, is that of the accounts last told so."""
    taken = [n for n, fact in enumerate(facts) if fact[2].startswith("acc") and rng.random() < 0.2]
    lines = [record(number, fact) for number, fact in enumerate(facts)]
    lines += [retraction(number, facts[number]) for number in taken]
    last: dict[str, int] = {}
    for _, fact in sorted(enumerate(facts), key=lambda fact: (fact[1][0], fact[0])):
        if "cents" in fact[3]:
            last[fact[1]] = fact[3]["cents"]
    expected: defaultdict[str, int] = defaultdict(int)
    standing = tiers([(n, fact) for n, fact in enumerate(facts) if n not in taken])
    for account, cents in last.items():
        expected[standing[account]] += cents
    held = ledger(lines, 1, bulk=True)
    reader = Reader(held, PLAN.calendar)
    shown: defaultdict[str, float] = defaultdict(float)
    for segment in {segment for _, segment in held.cells}:
        results = reader.evaluate(CATALOGUES[100], EDGES[-1:], segment)
        (of_all,), (of_gold,) = (values_of(results, kpi)[0] for kpi in ("mrr", "gold_mrr"))
        shown[segment[0]] += of_all
        assert of_gold == (of_all if segment[0] == "gold" else 0)
    assert {k: v for k, v in shown.items() if v} == {k: v for k, v in expected.items() if v}
    (of_gold,) = values_of(reader.evaluate(CATALOGUES[1], EDGES[-1:]), "gold_mrr")[0]
    assert of_gold == expected["gold"]


@pytest.mark.parametrize("values_max", [1, 2])
def test_the_values_that_came_first_keep_their_names(values_max: int) -> None:
    """What begins to be counted first is shown by name; of one quarter hour, the first by name."""
    facts: list[Fact] = []
    for hours, account, tier in ((5, "a1", "zinc"), (9, "a2", "iron"), (9, "a3", "copper")):
        facts += [(hours, account, "account.created", {"plan_tier": tier})]
        facts += [(hours, account, "subscription.updated", {"cents": 1})]
    facts += [(2, "a4", "subscription.updated", {"cents": 1})]
    lines = [record(number, fact) for number, fact in enumerate(facts)]
    found = read(ledger(lines, 1, bulk=True), values_max)
    named = {1: {"zinc"}, 2: {"zinc", "copper"}}[values_max]
    assert {segment[0] for segment in found.segments} == named | {"other", "unknown"}
    assert found.values == (3, 0)
