"""Publishing: a board that fails, hangs, forgets or belongs to somebody else holds up nothing."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, cast

import msgspec
import pytest

from aggregates.shard.board import (
    BoardUnavailableError,
    PublishResult,
    TopicStatus,
    decode_status,
    encode_status,
)
from streams.kafka.topics import Topics
from streams.worker.board_writer import BoardWriter, status_of
from streams.worker.partition import Partition, new_partition
from tests.streams.worker.fake_shard import FakeBatch, FakeShard, Use

Published = tuple[int, int, dict[bytes, bytes], bool]


class FakeBoard:
    """Keeps what is published and answers as it is told."""

    def __init__(self) -> None:
        self.published: list[Published] = []
        self.statuses: list[bytes] = []
        self.answer = PublishResult.OK
        self.claims = 0
        self.released: list[int] = []
        self.error: Exception | None = None
        self.takes_unheard = False
        self.gate: threading.Event | None = None

    def claim(self, partition: int, partitions: int) -> int:
        """A higher generation each time."""
        assert (partition, partitions) == (0, 4)
        self.claims += 1
        return self.claims

    def publish(
        self,
        partition: int,
        generation: int,
        sequence: int,
        changes: Mapping[bytes, bytes],
        full: bool,
        status: bytes,
    ) -> PublishResult:
        """Kept."""
        del partition
        assert b'"owner":"w"' in status
        if self.gate is not None:
            self.gate.wait(10)
        if self.error is not None and not self.takes_unheard:
            raise self.error
        self.published.append((generation, sequence, dict(changes), full))
        self.statuses.append(status)
        if self.error is not None:
            raise self.error
        return self.answer

    def release(self, partition: int, generation: int) -> None:
        """Kept."""
        del partition
        self.released.append(generation)


class Bench:
    """A writer with one partition."""

    def __init__(self, limit_s: float = 5.0) -> None:
        self.board = FakeBoard()
        self.writer = BoardWriter(cast(Any, lambda: self.board), "w", limit_s)
        self.partitions: dict[int, Partition] = {}
        self.shard = self.take_over()

    def take_over(self) -> FakeShard:
        """Restores the partition anew."""
        shard = FakeShard()
        self.partitions[0] = new_partition(0, cast(Any, shard), Topics())
        self.partitions[0].ready = True
        return shard

    def fold(self, name: str) -> None:
        """Folds one event."""
        self.shard.fold("usage", FakeBatch([Use(0, name, "u")]), 0)

    async def publish(self) -> None:
        """One round."""
        await self.writer.publish(self.partitions, 4)


async def test_the_first_publish_is_full_and_later_ones_hold_what_changed() -> None:
    """A new claim starts from all chunks; the sequence counts up."""
    bench = Bench()
    bench.fold("a")
    await bench.publish()
    await bench.publish()
    bench.fold("b")
    await bench.publish()
    assert bench.board.published == [
        (1, 1, {b"usage": b"1"}, True),
        (1, 2, {}, False),
        (1, 3, {b"usage": b"2"}, False),
    ]


async def test_far_behind_figures_stay_for_a_while_and_say_how_far_they_are() -> None:
    """What is folded meanwhile is shown with the next look; the board says of which offset its
    figures are, how much comes after it, and that its worker is well."""
    bench = Bench()
    lane = bench.partitions[0].lanes["usage"]
    bench.fold("a")
    lane.next, lane.log_end = 1, 50_000
    await bench.publish()
    bench.fold("b")
    lane.next, lane.log_end = 2, 60_000
    await bench.publish()
    assert bench.board.published[-1] == (1, 2, {}, False)
    shown = decode_status(bench.board.statuses[-1])
    assert shown is not None
    assert shown.topics["usage"] == TopicStatus(1, 59_999, None)
    lane.log_end = 1_000  # no longer behind: all of it is shown at once
    await bench.publish()
    assert bench.board.published[-1] == (1, 3, {b"usage": b"2"}, False)
    shown = decode_status(bench.board.statuses[-1])
    assert shown is not None
    assert shown.topics["usage"] == TopicStatus(2, 998, None)


async def test_an_open_transaction_keeps_no_figure_back() -> None:
    """What nobody can read yet, however much, is nothing that a worker is behind with."""
    bench = Bench()
    bench.partitions[0].lanes["usage"].log_end = 0
    bench.partitions[0].lanes["usage"].log_high = 50_000
    await bench.publish()
    bench.fold("a")
    await bench.publish()
    assert bench.board.published[-1] == (1, 2, {b"usage": b"1"}, False)


@pytest.mark.parametrize("takes_unheard", [False, True])
async def test_far_behind_a_board_is_not_told_of_cells_before_those_it_may_have(
    takes_unheard: bool,
) -> None:
    """Who cannot know whether it took what was published repeats nothing that was said before."""
    bench = Bench()
    lane = bench.partitions[0].lanes["usage"]
    await bench.publish()
    bench.fold("a")
    lane.next = 1
    bench.board.error, bench.board.takes_unheard = TimeoutError("slow"), takes_unheard
    await bench.publish()
    bench.board.error, lane.log_end = None, 50_000
    await bench.publish()
    assert bench.board.published[-1][2] == {b"usage": b"1"}
    shown = decode_status(bench.board.statuses[-1])
    assert shown is not None
    assert shown.topics["usage"].offset == 1


@pytest.mark.parametrize("error", [BoardUnavailableError("gone"), TimeoutError("slow")])
async def test_what_a_failing_board_did_not_take_is_published_later(error: Exception) -> None:
    """Changes go back to the shard; the next round has them, and nothing is raised."""
    bench = Bench()
    await bench.publish()
    bench.fold("a")
    bench.board.error = error
    await bench.publish()
    assert bench.writer.failing
    bench.board.error = None
    await bench.publish()
    assert bench.board.published[-1][2:] == ({b"usage": b"1"}, False)
    assert not bench.writer.failing


async def test_a_bug_is_raised_and_loses_no_changes() -> None:
    """Only what a board may raise is tried again in silence; anything else stops the worker."""
    bench = Bench()
    await bench.publish()
    bench.fold("a")
    bench.board.error = KeyError("a bug")
    with pytest.raises(KeyError, match="a bug"):
        await bench.publish()
    bench.board.error = None
    await bench.publish()
    assert bench.board.published[-1][2:] == ({b"usage": b"1"}, False)


async def test_a_board_that_lost_the_partition_gets_all_of_it_under_a_new_claim() -> None:
    """Unknown means that a cache was emptied: claim and publish in full."""
    bench = Bench()
    bench.fold("a")
    await bench.publish()
    bench.board.answer = PublishResult.UNKNOWN
    await bench.publish()
    bench.board.answer = PublishResult.OK
    await bench.publish()
    assert bench.board.published[-1] == (2, 1, {b"usage": b"1"}, True)


async def test_a_later_owner_silences_us() -> None:
    """Stale means that we are the zombie: nothing more of this state is published."""
    bench = Bench()
    bench.board.answer = PublishResult.STALE
    await bench.publish()
    bench.board.answer = PublishResult.OK
    bench.fold("a")
    await bench.publish()
    assert len(bench.board.published) == 1


async def test_a_partition_restored_anew_is_claimed_anew() -> None:
    """Increments of another state would not fit what the board has."""
    bench = Bench()
    await bench.publish()
    bench.shard = bench.take_over()
    bench.fold("b")
    await bench.publish()
    assert bench.board.published[-1] == (2, 1, {b"usage": b"1"}, True)


async def test_a_partition_that_is_not_restored_is_not_published() -> None:
    """Part of a state is a wrong number."""
    bench = Bench()
    bench.partitions[0].ready = False
    await bench.publish()
    assert not bench.board.published


async def test_a_call_that_hangs_is_left_and_no_second_one_is_begun() -> None:
    """One thread at most is lost to a board that hangs; it is used again once a call comes back."""
    bench = Bench(limit_s=0.05)
    bench.fold("a")
    bench.board.gate = threading.Event()
    await bench.publish()
    await bench.publish()
    assert bench.writer.failing
    bench.board.gate.set()
    for _ in range(500):
        await bench.publish()
        if len(bench.board.published) > 1:
            break
        await asyncio.sleep(0.01)
    assert bench.board.published[-1][2] == {b"usage": b"1"}


async def test_a_clean_stop_releases_the_claims() -> None:
    """The board need not wait for the next owner to know that this one is gone."""
    bench = Bench()
    await bench.publish()
    await bench.writer.close(bench.partitions)
    assert bench.board.released == [1]


def test_an_unknown_lag_is_reported_as_unknown() -> None:
    """Before the broker has said where the log ends nobody knows the lag: it is None, never 0."""
    partition = new_partition(0, cast(Any, FakeShard()), Topics())
    partition.lanes["usage"].log_end = 3
    status = status_of(partition, "w")
    assert (status.topics["usage"].lag, status.topics["ticket"].lag) == (3, None)
    assert decode_status(encode_status(status)) == status


def test_an_exporter_of_before_can_read_an_unknown_lag() -> None:
    """Its lag is a whole number: a null would cost it the whole status, so the field is absent."""

    class Former(msgspec.Struct):
        """The status of a topic as it was."""

        offset: int = 0
        lag: int = 0
        last_event_ms: int | None = None

    written = msgspec.json.encode(TopicStatus(offset=7, lag=None, last_event_ms=5))
    assert msgspec.json.decode(written, type=Former) == Former(7, 0, 5)
    assert msgspec.json.decode(b'{"lag":0}', type=TopicStatus).lag == 0


async def test_an_owner_beyond_doubt_claims_again_what_was_fenced_off() -> None:
    """A worker of tables that are no longer in force may have claimed it; all chunks follow."""
    bench = Bench()
    bench.fold("a")
    await bench.publish()
    bench.board.answer = PublishResult.STALE
    await bench.publish()
    bench.board.answer = PublishResult.OK
    before = len(bench.board.published)
    await bench.publish()
    assert len(bench.board.published) == before
    bench.writer.claim_again()
    await bench.publish()
    generation, sequence, chunks, full = bench.board.published[-1]
    assert (generation, sequence, chunks, full) == (2, 1, {b"usage": b"1"}, True)
    bench.writer.claim_again()
    await bench.publish()
    assert bench.board.published[-1][:2] == (2, 2)
