"""Rows that are filed as another shard has stored them: the ledger goes on with them."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.shard.exchange import settle_together
from aggregates.shard.shard import Shard
from events import TOPICS
from streams.local.intake import Intake
from tests.aggregates.shard.test_merged_accounts import (
    PLAN,
    SEGMENTS,
    Told,
    histories,
    merges,
    record,
    segment_facts,
)
from tests.examples import examples

PARTITIONS = 4


def follow(intake: Intake, shards: Sequence[Shard], topics: Sequence[str]) -> None:
    """Files what changed of some topics since the last time."""
    for shard, follower in zip(intake.shards, shards, strict=True):
        for topic in topics:
            for key, row in list(shard.handover.dirty_rows(topic)):
                follower.handover.restore_row(topic, key, row)
            shard.handover.mark_clean(topic)


def cells(shards: Sequence[Shard]) -> list[dict[bytes, bytes]]:
    """All cells of each shard, packed."""
    return [shard.handover.all_chunks() for shard in shards]


@given(histories(), merges, st.integers(1, 9), st.randoms(use_true_random=False))
@examples(60)
def test_who_follows_rows_has_the_ledger_of_who_folds_events(
    told: list[Told], merged: list[tuple[str, str]], size: int, random: Any
) -> None:
    """Law: rows that are filed as they were stored, topic by topic and now and then, give the
    ledger of the shards that folded, cell for cell; rows of merged accounts find their place, and
    nothing is to be stored by who follows."""
    facts = [
        Told(account, random.randrange(100), "account.merged", {"into_account_id": into})
        for account, into in merged
    ]
    records = [record(n, each) for n, each in enumerate(segment_facts(SEGMENTS) + told + facts)]
    random.shuffle(records)
    intake = Intake(PLAN, PARTITIONS)

    def place(account: str) -> int:
        return next(shard.partition for shard in intake.shards if shard.holds(account))

    shards = [Shard(PLAN, shard.partition, bulk=True, holds=shard.holds) for shard in intake.shards]
    for first in range(0, len(records), size):
        intake.take(records[first : first + size])
        intake.settle()
        follow(intake, shards, random.sample(TOPICS, random.randint(1, len(TOPICS))))
        settle_together(shards, place)
    follow(intake, shards, TOPICS)
    settle_together(shards, place)
    assert cells(shards) == cells(intake.shards)
    assert not [row for topic in TOPICS for s in shards for row in s.handover.dirty_rows(topic)]
