"""The audit: equal at any moment of a healthy service, and whatever is damaged is named."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.difference import Difference
from aggregates.ledger.packed import pack_cells, unpack_cells, unpack_key
from aggregates.rows.guest import path_of
from events import TOPICS, Decoder
from streams.kafka.placement import partition_of
from streams.source import SourceError
from streams.worker.audit import Audit, Audited, Published
from streams.worker.board_writer import status_of
from tests.aggregates.shard.test_merged_accounts import (
    PLAN,
    Told,
    histories,
    merges,
    record,
    segment_facts,
)
from tests.examples import examples
from tests.streams.worker.memory_cluster import NAMES, PARTITIONS, MemoryCluster
from tests.streams.worker.test_moved_rows import MERGE, seats, started
from tests.streams.worker.test_moved_rows_laws import Step, _steps, take, told_with_merges

DECODERS = {name: Decoder(topic=name) for name in TOPICS}

Board = dict[int, Published]


def shown(cluster: MemoryCluster, number: int, deferred_max: int | None = 16) -> Published:
    """A partition as its worker would publish it at this moment."""
    partition = cluster.owner(number).owned[number]
    partition.shard.settle(deferred_max)
    return Published(status_of(partition, "w"), partition.shard.handover.all_chunks())


def audited(
    cluster: MemoryCluster, board: Mapping[int, Published], **options: Any
) -> list[Audited]:
    """Audits a board against the logs of a cluster."""

    async def collect() -> list[Audited]:
        audit = Audit(PLAN, NAMES, DECODERS, **options)
        return [each async for each in audit.run(cluster.broker, board)]

    return asyncio.run(collect())


def mismatch(found: Sequence[Audited]) -> list[int]:
    """What differs, by partition."""
    return [each.compared.mismatch for each in found]


@given(histories(), merges, st.lists(_steps, max_size=12), st.randoms(use_true_random=False))
@examples(15)
def test_a_healthy_service_is_right_at_any_moment(
    told: list[Told], joined: list[tuple[str, str]], steps: list[Step], random: Any
) -> None:
    """Law: each partition is what the log says up to its offsets, in the midst of it all.

    Rows of merged accounts are on their way, units wait to be computed, workers were killed, and
    partitions are published at different moments.
    """
    records = told_with_merges(told, joined, random)
    random.shuffle(records)
    cluster = MemoryCluster(PLAN, records)
    board: Board = {}

    async def live() -> None:
        await cluster.share(2)
        for step in steps:
            await take(cluster, step)
            number = random.randrange(PARTITIONS)
            board[number] = shown(cluster, number, random.choice([0, 1, None]))
        for number in set(range(PARTITIONS)) - board.keys():
            board[number] = shown(cluster, number)

    asyncio.run(live())
    assert mismatch(audited(cluster, board)) == [0] * PARTITIONS


@pytest.mark.parametrize("apart", [0, 1, 2])
def test_what_came_since_is_not_counted(apart: int) -> None:
    """Each partition is compared as of its own moment, however much the log holds by now.

    So it is with the rows of merged accounts that one has heard of and another has sent on.
    """
    story = [MERGE, *(seats(step, step) for step in range(1, 7))]
    story += [Told(account, 8, "seats.set", {"seats": 1}) for account in ("acct_2", "acct_4")]
    cluster = MemoryCluster(PLAN, [record(number, told) for number, told in enumerate(story)])
    moments: list[Board] = []

    async def live() -> None:
        await cluster.share(2)
        for _ in range(8):
            moments.append({number: shown(cluster, number) for number in range(PARTITIONS)})
            await cluster.turn()
        await cluster.settle(7, lambda numbers: None)

    asyncio.run(live())
    assert moments[0] != moments[3] != board_of(cluster)
    for first in range(len(moments)):
        board = {n: moments[(first + n * apart) % len(moments)][n] for n in range(PARTITIONS)}
        assert mismatch(audited(cluster, board)) == [0] * PARTITIONS


STORY = [
    *segment_facts({"acct_4": "smb"}),
    Told("acct_4", 1, "seats.set", {"seats": 5}),
    Told("acct_4", 2, "seats.set", {"seats": 7}),
    Told("acct_4", 3, "feature.used", {"user_id": "x", "feature": "f"}),
    MERGE,
    seats(4, 3),
    seats(5, 4),
]
"""One account by itself, and one of partition 3 that is merged into one of partition 0."""

HOME = partition_of("acct_4", PARTITIONS)
"""Of the account by itself."""

TAKEN_FROM, READ_IN = 3, 0
"""Of the account that is merged, and of the one it is merged into."""


def settled(story: Sequence[Told] = STORY) -> MemoryCluster:
    """A cluster that has folded a story, and that nothing waits in."""

    async def live() -> MemoryCluster:
        cluster = MemoryCluster(PLAN, [record(number, told) for number, told in enumerate(story)])
        await cluster.share(2)
        while cluster.behind() or len(cluster.published) < PARTITIONS:
            await cluster.settle(1, lambda numbers: None)
        return cluster

    return asyncio.run(live())


def board_of(cluster: MemoryCluster) -> Board:
    """What a cluster shows, all of it computed."""
    return {number: shown(cluster, number, None) for number in range(PARTITIONS)}


def chunk_of(published: Published, measure: str) -> bytes:
    """The key of the first chunk of a measure."""
    return min(key for key in published.chunks if unpack_key(key)[0][0] == measure)


def with_chunk(board: Board, number: int, key: bytes, packed: bytes) -> Board:
    """A board on which one chunk is another."""
    one = board[number]
    return {**board, number: replace(one, chunks={**one.chunks, key: packed})}


def test_a_cell_that_is_off_by_one_is_named() -> None:
    """Partition, series, segment, tile, what is held and what the log says."""
    board = board_of(settled())
    key = chunk_of(board[HOME], "seats")
    series, segment, _ = unpack_key(key)
    cells = unpack_cells(board[HOME].chunks[key])
    tile, right = next(iter(cells.items()))
    found = audited(settled(), with_chunk(board, HOME, key, pack_cells({**cells, tile: right + 1})))
    assert mismatch(found) == [int(number == HOME) for number in range(PARTITIONS)]
    assert found[HOME].cells == [Difference(series, segment, tile, right + 1, right)]
    assert found[HOME].compared.cells > len(cells)
    assert found[HOME].compared.records == len(STORY) - 3


@pytest.mark.parametrize("kept", ["older", "none"])
def test_changes_that_the_board_has_lost_are_found(kept: str) -> None:
    """A publish that is lost leaves a chunk as it was before, or without it."""
    board, before = board_of(settled()), board_of(settled(STORY[:2]))
    key = chunk_of(board[HOME], "seats")
    old = before[HOME].chunks[key] if kept == "older" else b""
    assert old != board[HOME].chunks[key]
    found = audited(settled(), with_chunk(board, HOME, key, old))
    assert [bool(each) for each in mismatch(found)] == [n == HOME for n in range(PARTITIONS)]


def test_a_row_that_a_restore_has_as_it_was_before_is_found() -> None:
    """A changelog that lost the last record of a row has as many rows as its marker says."""
    cluster = settled()
    log = TP(NAMES.changelog("usage"), HOME)
    written = [each for each in cluster.broker.logs[log] if b"seats" in each.key]
    assert len(written) > 1
    cluster.broker.logs[log].remove(written[-1])
    asyncio.run(cluster.share(2))
    found = audited(cluster, board_of(cluster))
    assert [bool(each) for each in mismatch(found)] == [n == HOME for n in range(PARTITIONS)]
    assert {each.series[0] for each in found[HOME].cells} >= {"seats"}


def test_a_moved_row_that_is_not_what_its_home_says_is_named() -> None:
    """The partition that reads it is as it had heard; the one that sent it is wrong."""
    cluster = settled()
    log = cluster.broker.logs[TP(NAMES.moved, TAKEN_FROM)]
    sent = [each for each in log if b"seats" in each.key]
    board = board_of(cluster)
    assert mismatch(audited(cluster, board)) == [0] * PARTITIONS
    log[log.index(sent[-1])] = sent[-1]._replace(value=sent[0].value)
    found = audited(cluster, board)
    [row] = found[TAKEN_FROM].rows
    assert (row.account, path_of(row.entity)) == ("acct_2", ("acct_1",))
    assert found[TAKEN_FROM].compared.mismatch == 1
    assert found[TAKEN_FROM].compared.rows > 1
    assert found[READ_IN].compared.mismatch > 0


def test_rows_that_wait_to_be_sent_are_not_wrong() -> None:
    """What has changed since the last checkpoint is not in the topic of moved rows, and is said."""

    async def live() -> MemoryCluster:
        cluster = await started([MERGE, seats(1, 5), seats(2, 7)])
        for number in range(PARTITIONS):
            cluster.owner(number).fold(number, 9)
        return cluster

    cluster = asyncio.run(live())
    board = board_of(cluster)
    assert board[TAKEN_FROM].status.moved_waiting > 0
    assert mismatch(audited(cluster, board)) == [0] * PARTITIONS
    unsaid = msgspec.structs.replace(board[TAKEN_FROM].status, moved_waiting=0)
    board[TAKEN_FROM] = replace(board[TAKEN_FROM], status=unsaid)
    assert mismatch(audited(cluster, board))[TAKEN_FROM] > 0


def test_what_waits_to_be_computed_is_left_out_by_name() -> None:
    """Figures of health may be those of before while units wait; all others are compared."""
    board = board_of(settled())
    key = chunk_of(board[HOME], "licensed_seats")
    board = with_chunk(board, HOME, key, b"")
    [wrong] = [each for each in audited(settled(), board) if each.compared.mismatch]
    assert {each.series[0] for each in wrong.cells} == {"licensed_seats"}
    waits = msgspec.structs.replace(board[HOME].status, deferred=1)
    found = audited(settled(), {**board, HOME: replace(board[HOME], status=waits)})
    assert mismatch(found) == [0] * PARTITIONS
    assert "licensed_seats" in found[HOME].left_out
    assert "seats" not in found[HOME].left_out
    assert not found[READ_IN].left_out


def test_only_the_first_of_many_are_kept() -> None:
    """All are counted."""
    board = board_of(settled())
    empty = {**board, HOME: replace(board[HOME], chunks={})}
    found = audited(settled(), empty, shown_max=2)[HOME]
    assert len(found.cells) == 2
    assert found.compared.mismatch == found.compared.cells > 2


def test_a_log_that_ends_before_the_board_is_refused() -> None:
    """By the name of the topic: it is not the log that the board was computed from."""
    cluster = settled()
    board = board_of(cluster)
    source = TP(NAMES.source("usage"), HOME)
    cluster.broker.ends[source] -= 1
    with pytest.raises(SourceError, match=rf"tidemark\.usage\[{HOME}\] ends at"):
        audited(cluster, board)


def test_a_log_without_its_head_is_refused_unless_that_is_accepted() -> None:
    """What was computed of the records that are gone would look wrong."""
    cluster = settled()
    board = board_of(cluster)
    source = TP(NAMES.source("usage"), HOME)
    cluster.broker.starts[source] = 1
    with pytest.raises(SourceError, match=r"records are gone: tidemark\.usage\["):
        audited(cluster, board)
    assert mismatch(audited(cluster, board, accept_missing=True)) == [0] * PARTITIONS
