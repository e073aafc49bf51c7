"""Accounts merged over partitions, through kills, rebalances and zombies: figures as if in one."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Final

from aiokafka.errors import KafkaTimeoutError
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from events import TOPICS
from tests.aggregates.shard.test_merged_accounts import (
    PLAN,
    SEGMENTS,
    Told,
    figures,
    histories,
    joined_kinds,
    merges,
    record,
    segment_facts,
    taken_back,
)
from tests.examples import examples
from tests.streams.worker.memory_cluster import NAMES, PARTITIONS, MemoryCluster

CHANGELOGS: Final = frozenset(NAMES.changelog(name) for name in TOPICS)

_numbers = st.integers(0, PARTITIONS - 1)
_splits = st.integers(0, PARTITIONS)
_steps = st.one_of(
    st.tuples(st.just("fold"), _numbers, st.integers(1, 9)),
    st.tuples(st.just("store"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("hear"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("kill"), _splits, st.just(0)),
    st.tuples(st.just("kill half-way"), _splits, st.integers(0, 1)),
    st.tuples(st.just("rebalance"), _splits, st.just(0)),
    st.tuples(st.just("late"), _numbers, st.integers(0, 99)),
    st.tuples(st.just("compact"), _numbers, st.just(0)),
)
Step = tuple[str, int, int]


async def take(cluster: MemoryCluster, step: Step) -> None:
    """Does one thing to a cluster."""
    what, number, extent = step
    match what:
        case "turn":
            await cluster.turn()
        case "fold":
            cluster.owner(number).fold(number, extent)
        case "store":
            await cluster.workers[number].store()
        case "hear":
            cluster.workers[number].hear()
        case _:
            await disturb(cluster, step)


async def disturb(cluster: MemoryCluster, step: Step) -> None:
    """Does a cluster some harm."""
    what, number, extent = step
    match what:
        case "kill":
            await cluster.share(number)
        case "kill half-way":
            cluster.broker.failing = CHANGELOGS
            with contextlib.suppress(KafkaTimeoutError):
                await cluster.workers[extent].store()
            cluster.broker.failing = frozenset()
            await cluster.share(number)
        case "rebalance":
            await cluster.rebalance(number)
        case "late":
            cluster.late(number, extent)
        case "compact":
            cluster.broker.compact(TP(NAMES.moved, number))


async def run(records: Sequence[bytes], steps: Sequence[Step], random: Any) -> MemoryCluster:
    """Folds records in a cluster that suffers, until nothing is behind."""
    cluster = MemoryCluster(PLAN, records)
    await cluster.share(2)
    for step in steps:
        await take(cluster, step)
    await cluster.settle(7, random.shuffle)
    return cluster


def merged(told: Sequence[tuple[str, str]], random: Any) -> list[Told]:
    """The facts of merges, and of some that they are taken back, under each of the accounts."""
    return [
        Told(account, random.randrange(100), "account.merged", {"into_account_id": into})
        for account, into in told
    ]


def told_with_merges(told: list[Told], joined: list[tuple[str, str]], random: Any) -> list[bytes]:
    """Records of segments, of what is told, of merges, and of some that they are taken back."""
    facts = merged(joined, random)
    story = segment_facts(SEGMENTS) + told + facts
    for number, fact in list(enumerate(story))[len(story) - len(facts) :]:
        if random.random() < 0.4:
            story += taken_back(number, fact, 101)
    return [record(number, each) for number, each in enumerate(story)]


@given(histories(), merges, st.lists(_steps, max_size=12), st.randoms(use_true_random=False))
@examples(30)
def test_whatever_happens_to_workers_the_figures_are_those_of_one_partition(
    told: list[Told], joined: list[tuple[str, str]], steps: list[Step], random: Any
) -> None:
    """Law: as soon as nothing is behind, published sums are what one partition computes of the
    same events, however workers were killed, rebalanced, late or compacted."""
    records = told_with_merges(told, joined, random)
    expected = figures(records, 1, None)
    random.shuffle(records)
    cluster = asyncio.run(run(records, steps, random))
    assert cluster.figures() == expected


@given(
    histories(joined_kinds, least=12),
    merges,
    st.lists(_steps, max_size=4),
    st.randoms(use_true_random=False),
)
@examples(30)
def test_workers_that_restore_everything_show_what_was_shown(
    told: list[Told], joined: list[tuple[str, str]], steps: list[Step], random: Any
) -> None:
    """Law: new workers have the same figures, where rows of others decide how one is read."""
    story = segment_facts(SEGMENTS) + told + merged(joined, random)
    records = [record(number, each) for number, each in enumerate(story)]
    expected = figures(records, 1, None)

    async def and_once_more() -> MemoryCluster:
        cluster = await run(records, steps, random)
        assert cluster.figures() == expected
        await cluster.share(random.randrange(PARTITIONS + 1))
        await cluster.settle(7, random.shuffle)
        return cluster

    assert asyncio.run(and_once_more()).figures() == expected


seats = st.lists(
    st.builds(
        Told,
        st.sampled_from(["acct_1", "acct_2"]),
        st.integers(0, 90),
        st.just("seats.set"),
        st.fixed_dictionaries({"seats": st.integers(1, 9)}),
    ),
    min_size=2,
    max_size=6,
)
_hard_times = st.one_of(
    st.tuples(st.just("turn"), st.just(0), st.just(0)),
    st.tuples(st.just("kill"), _splits, st.just(0)),
    st.tuples(st.just("late"), st.just(3), st.integers(0, 9)),
    st.tuples(st.just("hear"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("compact"), st.just(3), st.just(0)),
)


@given(
    seats,
    st.booleans(),
    st.lists(_hard_times, min_size=4, max_size=14),
    st.randoms(use_true_random=False),
)
@examples(30)
def test_late_rows_of_former_owners_change_nothing(
    told: list[Told], is_taken_back: bool, steps: list[Step], random: Any
) -> None:
    """Law: an old row that is written once more, after a later owner's, is never read for good.

    The one account is of partition 3, and merged into the other from the start. Compaction may
    leave the old row only.
    """
    fact = Told("acct_1", 0, "account.merged", {"into_account_id": "acct_2"})
    story = [fact, *told]
    if is_taken_back:
        story[len(story) // 2 :] += taken_back(0, fact, 101)
    records = [record(number, each) for number, each in enumerate(story)]
    expected = figures(records, 1, None)
    cluster = asyncio.run(run(records, steps, random))
    assert cluster.figures() == expected
