"""The feed's ledger is the sum of the partitions, and the feed knows when it is not whole."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from aggregates.ledger.ledger import CHUNK_TILES, Ledger
from aggregates.ledger.packed import pack_cells, pack_key
from aggregates.policies.policy import Policy
from aggregates.shard.audit import AuditNote, Compared, encode_audit
from aggregates.shard.board import (
    BoardUnavailableError,
    BoardView,
    PartitionStatus,
    Position,
    PublishResult,
    encode_status,
)
from aggregates.shard.fingerprint import Fingerprint, fingerprint_of
from aggregates.shard.plan import Plan
from exporters.boards.memory_board import MemoryBoard
from exporters.feed import Feed
from tests.examples import examples
from tests.exporters import company

SERIES = (("mrr",), ("paying",))
SEGMENTS = (("smb",), ("enterprise",))

cells = st.lists(
    st.tuples(
        st.sampled_from(SERIES),
        st.sampled_from(SEGMENTS),
        st.integers(0, 3 * CHUNK_TILES),
        st.integers(-5, 5),
    ),
    max_size=4,
)


def feed(board: MemoryBoard, stale_after_s: float = 15.0) -> Feed:
    """Returns a feed whose clock stands still."""
    return Feed(board, stale_after_s, clock_s=lambda: 0.0)


def reason(source: Feed) -> str:
    """Refreshes and gives why the ledger is not whole."""
    source.refresh()
    return source.state().reason


@examples(60)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 1), cells, st.sampled_from(["add", "move", "lose", "none"])),
        max_size=8,
    ),
    reads=st.sets(st.integers(0, 8)),
)
def test_sum_of_partitions(
    steps: list[tuple[int, list[tuple[tuple[str, ...], tuple[str, ...], int, int]], str]],
    reads: set[int],
) -> None:
    """After increments, moves and losses the feed equals the sum of the partitions' ledgers."""
    board = MemoryBoard()
    source = feed(board)
    held = [Ledger(), Ledger()]
    generations = [company.publish(board, partition, 2, held[partition]) for partition in (0, 1)]
    sequences = [1, 1]
    for number, (partition, added, move) in enumerate(steps):
        mine = held[partition]
        mine.changed.clear()
        for series, segment, tile, delta in added:
            mine.add(series, segment, tile, delta)
        if move == "lose":
            board.flush()
            for other in (0, 1):
                sequences[other] += 1
                place = other, generations[other], sequences[other]
                board.publish(*place, company.chunks(held[other]), True, b"{}")
        elif move == "move":
            generations[partition] = company.publish(board, partition, 2, mine)
            sequences[partition] = 1
        else:
            sequences[partition] += 1
            place = partition, generations[partition], sequences[partition]
            changes = {pack_key(key): pack_cells(mine.chunk(key)) for key in mine.changed}
            assert board.publish(*place, changes, False, b"{}") is PublishResult.OK
        if number in reads:
            source.refresh()
    source.refresh()
    whole = Ledger()
    for one in held:
        whole.merge(one)
    assert source.ledger == whole


def test_nobody_there() -> None:
    """An empty board is stale, with the reason."""
    assert reason(feed(MemoryBoard())) == "no worker has claimed a partition yet"


def test_missing_partitions() -> None:
    """Some partitions are never taken for all."""
    board = MemoryBoard()
    company.publish(board, 1, 4)
    assert reason(feed(board)) == "partitions 0, 2, 3 of 4 not on the board"


def test_many_missing_partitions() -> None:
    """A reason stays a line, however many partitions are missing."""
    board = MemoryBoard()
    board.claim(0, 100)
    expected = "partitions 0, 1, 2, 3, 4, 5, 6, 7 and 92 more of 100 not on the board"
    assert reason(feed(board)) == expected


def test_complete() -> None:
    """All partitions, ready and fresh, are whole."""
    source = feed(company.board(3))
    source.refresh()
    state = source.state()
    assert (state.complete, state.expected, len(state.partitions)) == (True, 3, 3)


def test_late_partition() -> None:
    """A partition of exactly the limit's age is fresh, an older one makes the feed stale."""
    now_s = 0.0
    board = MemoryBoard(clock_s=lambda: now_s)
    for partition in (0, 1):
        company.publish(board, partition, 2)
    source = Feed(board, 15.0, clock_s=lambda: now_s)
    now_s = 15.0
    assert reason(source) == ""
    company.publish(board, 0, 2)
    now_s = 16.0
    assert reason(source) == "partition 1 last heard of 16 s ago, limit 15 s"


def test_a_partition_whose_worker_hears_nothing_of_kafka() -> None:
    """It publishes as ever, but what it shows may be of long ago."""
    board = MemoryBoard(lambda: 0.0)
    for partition, silent_s in enumerate((2.0, 31.0, None)):
        status = encode_status(PartitionStatus(ready=True, broker_age_s=silent_s))
        board.publish(partition, board.claim(partition, 3), 1, {}, True, status)
    assert reason(feed(board)) == "partition 1: Kafka last answered 31 s ago, limit 15 s"


def test_partitions_of_two_clusters_are_not_added_up() -> None:
    """A board that one installation took over from another holds both, for a moment."""
    board = MemoryBoard(lambda: 0.0)
    for partition, name in enumerate(("ours", "", "theirs", "ours")):
        status = encode_status(PartitionStatus(ready=True, installation=name))
        board.publish(partition, board.claim(partition, 4), 1, {}, True, status)
    assert reason(feed(board)) == "partition 2 of another Kafka cluster than the others"


def test_restoring_partition() -> None:
    """A partition that is not ready makes the feed stale."""
    board = company.board(2)
    company.publish(board, 1, 2, said=company.status(ready=False))
    assert reason(feed(board)) == "partition 1 being restored"
    said = encode_status(PartitionStatus(waits_for="41 % of 7 records"))
    company.publish(board, 1, 2, said=said)
    assert reason(feed(board)) == "partition 1 being restored: 41 % of 7 records"


@pytest.mark.parametrize("said", [b"", b"{", b'{"ready": "yes"}', b'{"owner": "\xff"}'])
def test_unreadable_status(said: bytes) -> None:
    """A partition without a readable status makes the feed stale."""
    board = company.board(1)
    company.publish(board, 0, 1, said=said)
    assert reason(feed(board)) == "partition 0 without a readable status"


@pytest.mark.parametrize("key", [b"\xc1", b"\x93\x91\xa1\xff\x90\x00"])
def test_unreadable_chunk(key: bytes) -> None:
    """A chunk that does not decode takes its partition out whole, until it is published well."""
    board = company.board(2)
    source = feed(board)
    source.refresh()
    generation = board.claim(1, 2)
    board.publish(1, generation, 1, {key: b"\x80"}, True, company.status())
    assert reason(source) == "partition 1 cannot be decoded"
    assert source.ledger == company.ledger(0)
    company.publish(board, 1, 2)
    assert reason(source) == ""


def test_loss() -> None:
    """A board that was flushed leaves nothing behind, and is whole once refilled."""
    board = company.board(2)
    source = feed(board)
    source.refresh()
    board.flush()
    assert reason(source) == "no worker has claimed a partition yet"
    assert source.ledger == Ledger()
    for partition in (0, 1):
        company.publish(board, partition, 2)
    assert reason(source) == ""


def test_version() -> None:
    """The version tells whether the ledger changed; heartbeats and equal chunks do not count."""
    board = MemoryBoard()
    generation = company.publish(board, 0, 1)
    source = feed(board)
    source.refresh()
    before = source.version
    board.publish(0, generation, 2, {}, False, company.status())
    company.publish(board, 0, 1)
    source.refresh()
    assert source.version == before
    company.publish(board, 0, 1, company.ledger(1))
    source.refresh()
    assert source.version > before


class Unplugged(MemoryBoard):
    """A board that can be unplugged."""

    plugged = True

    def read(self, since: Mapping[int, Position]) -> BoardView:
        """Reads, or cannot."""
        if not self.plugged:
            raise BoardUnavailableError("host:6379: TimeoutError")
        return super().read(since)


def test_unreachable_board() -> None:
    """Figures outlive a short outage of the board, no longer than partitions are fresh."""
    now_s = 0.0
    board = Unplugged(clock_s=lambda: now_s)
    source = Feed(board, 15.0, clock_s=lambda: now_s)
    board.plugged = False
    assert reason(source) == "the board cannot be read (host:6379: TimeoutError)"
    board.plugged = True
    company.publish(board, 0, 1)
    assert reason(source) == ""
    board.plugged = False
    now_s = 14.0
    assert reason(source) == ""
    now_s = 16.0
    assert reason(source) == "the board cannot be read (host:6379: TimeoutError)"


def test_an_audit_is_shown_while_the_board_is_what_was_audited() -> None:
    """It says nothing about tables of other settings, or of another Kafka cluster."""
    board = MemoryBoard(clock_s=lambda: 0.0)
    company.publish(board, 0, 1)
    source = feed(board)
    own = AuditNote(7, "", "", {0: Compared(1, 1, 0, 1)})
    for note, shown in (
        (own, own),
        (replace(own, installation="other"), None),
        (replace(own, fingerprint="other"), None),
    ):
        board.keep_audit(encode_audit(note))
        source.refresh()
        assert source.state().audit == shown
    board.keep_audit(b"{")
    source.refresh()
    assert source.state().audit is None


def marked(zone: str) -> Fingerprint:
    """The fingerprint of a time zone."""
    return fingerprint_of(Plan(Policy(timezone=zone)))


def publish_as(board: MemoryBoard, partition: int, fingerprint: Fingerprint | None) -> None:
    """Publishes a partition without cells, of a worker of some settings."""
    generation = board.claim(partition, 2)
    status = PartitionStatus(ready=True)
    if fingerprint is not None:
        digest, told = fingerprint.digest, fingerprint.settings
        status = PartitionStatus(ready=True, fingerprint=digest, settings=told)
    board.publish(partition, generation, 1, {}, True, encode_status(status))


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        ((marked("UTC"), marked("UTC")), ""),
        (
            (marked("UTC"), marked("Asia/Tokyo")),
            "partition 1 computed under other settings: "
            'timezone is "Asia/Tokyo" there, the default here',
        ),
        ((marked("Asia/Tokyo"), marked("Asia/Tokyo")), "partitions 0, 1 computed under other"),
        ((None, marked("UTC")), "partition 0 computed under other settings: it does not say"),
    ],
)
def test_partitions_of_other_settings_are_not_added_up(
    theirs: tuple[Fingerprint | None, Fingerprint | None], said: str
) -> None:
    """Their cells mean something else: the ledger is not whole, and the reason names the setting. A
    feed that was given no fingerprint takes all."""
    board = MemoryBoard()
    for partition, fingerprint in enumerate(theirs):
        publish_as(board, partition, fingerprint)
    found = reason(Feed(board, clock_s=lambda: 0.0, fingerprint=marked("UTC")))
    assert found.startswith(said)
    assert bool(found) is bool(said)
    assert reason(feed(board)) == ""
