"""What every board must do: memory and Redis inherit this one suite."""

import threading
from collections.abc import Callable
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregates.shard.board import Board, PartitionView, Position, PublishResult

Changes = dict[bytes, bytes]
Publishes = list[tuple[Changes, bool]]

KEYS = [b"a", b"b", b"c", b"\x00\xff"]
CELLS = [b"", b"1", b"22", b"\x93\xc0\x00"]

publishes: st.SearchStrategy[Publishes] = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(KEYS), st.sampled_from(CELLS)),
        st.booleans(),
    ),
    max_size=8,
)


class Rig(Protocol):
    """A backend under test."""

    def board(self) -> Board:
        """Returns a fresh, empty board."""

    def lose(self, board: Board) -> None:
        """Makes the board forget everything, as a flushed or restarted cache does."""


def view_of(board: Board, partition: int, since: Position | None = None) -> PartitionView:
    """Reads one partition."""
    return board.read({} if since is None else {partition: since}).views[partition]


def applied(series: Publishes) -> Changes:
    """Folds a series of publishes in the dullest way."""
    held: Changes = {}
    for changes, full in series:
        held = dict(changes) if full else held | changes
    return {key: cells for key, cells in held.items() if cells}


class BoardContract:
    """The rules; a subclass provides the fixture ``rig``."""

    @pytest.fixture
    def board(self, rig: Rig) -> Board:
        """A fresh board."""
        return rig.board()

    def test_empty(self, board: Board) -> None:
        """A board that nobody has claimed has no partitions."""
        snapshot = board.read({})
        assert (snapshot.partitions, dict(snapshot.views)) == (0, {})

    def test_claimed_only(self, board: Board) -> None:
        """A claim tells how many partitions exist, and shows no chunks."""
        board.claim(2, 4)
        snapshot = board.read({2: (0, 0)})
        assert (snapshot.partitions, dict(snapshot.views)) == (4, {})

    @pytest.mark.parametrize(("partition", "partitions"), [(-1, 4), (4, 4), (0, 0), (0, 5000)])
    def test_senseless_claim(self, board: Board, partition: int, partitions: int) -> None:
        """A partition that cannot exist is refused."""
        with pytest.raises(ValueError, match="partition"):
            board.claim(partition, partitions)

    def test_round_trip(self, board: Board) -> None:
        """What is published is read back, byte for byte, with position, status and a small age."""
        generation = board.claim(0, 1)
        changes = {bytes(range(256)): bytes(reversed(range(256))), b"k": b""}
        assert board.publish(0, generation, 3, changes, True, b"{\xff}") is PublishResult.OK
        view = view_of(board, 0)
        assert view.changes == {bytes(range(256)): bytes(reversed(range(256)))}
        assert (view.position, view.full, view.status) == ((generation, 3), True, b"{\xff}")
        assert 0 <= view.age_s < 5

    def test_what_an_audit_found_is_kept(self, board: Board) -> None:
        """The last note is read with the board, whatever is published, until all is lost."""
        assert board.read({}).audit == b""
        generation = board.claim(0, 1)
        for note in (b"first", b"\x00second"):
            board.keep_audit(note)
        board.publish(0, generation, 1, {b"k": b"1"}, True, b"")
        assert board.read({}).audit == b"\x00second"
        assert board.read({0: (generation, 1)}).audit == b"\x00second"

    def test_claims_rise(self, board: Board) -> None:
        """Each claim of a partition opens a higher generation."""
        claims = [board.claim(0, 2) for _ in range(5)]
        assert claims == sorted(set(claims))

    def test_claim_fences(self, board: Board) -> None:
        """After a claim the former holder's publishes, even full ones, are refused."""
        old = board.claim(0, 1)
        board.publish(0, old, 1, {b"k": b"old"}, True, b"")
        new = board.claim(0, 1)
        for full in (False, True):
            assert board.publish(0, old, 2, {b"k": b"zombie"}, full, b"") is PublishResult.STALE
        assert view_of(board, 0).changes == {b"k": b"old"}
        assert board.publish(0, new, 1, {b"k": b"new"}, True, b"") is PublishResult.OK
        assert board.publish(0, old, 9, {b"k": b"zombie"}, True, b"") is PublishResult.STALE
        assert view_of(board, 0).changes == {b"k": b"new"}

    def test_new_generation_starts_full(self, board: Board) -> None:
        """A new holder may not add to chunks that it did not publish."""
        old = board.claim(0, 1)
        board.publish(0, old, 1, {b"k": b"old"}, True, b"")
        new = board.claim(0, 1)
        assert board.publish(0, new, 1, {b"j": b"1"}, False, b"") is PublishResult.UNKNOWN
        assert board.publish(0, new, 1, {b"j": b"1"}, True, b"") is PublishResult.OK
        assert view_of(board, 0, (old, 1)).changes == {b"j": b"1"}

    @pytest.mark.parametrize("full", [False, True])
    def test_sequence_is_idempotent(self, board: Board, full: bool) -> None:
        """A publish repeated, or an older one, is refused and changes nothing."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 4, {b"k": b"1"}, True, b"s")
        before = view_of(board, 0)
        for sequence in (4, 3):
            outcome = board.publish(0, generation, sequence, {b"k": b"2"}, full, b"t")
            assert outcome is PublishResult.STALE
        after = view_of(board, 0)
        assert (after.changes, after.position, after.status) == (
            before.changes,
            before.position,
            b"s",
        )

    def test_changes_must_follow(self, board: Board) -> None:
        """Changes onto anything but the publish before are refused: what is between was lost."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1"}, True, b"s")
        assert board.publish(0, generation, 3, {b"j": b"3"}, False, b"t") is PublishResult.UNKNOWN
        assert view_of(board, 0).changes == {b"k": b"1"}
        assert board.publish(0, generation, 3, {b"j": b"3"}, True, b"t") is PublishResult.OK
        assert board.publish(0, generation, 4, {b"k": b"4"}, False, b"u") is PublishResult.OK
        assert view_of(board, 0).changes == {b"j": b"3", b"k": b"4"}

    def test_nothing_new(self, board: Board) -> None:
        """A reader that is current gets no chunks, but still status, position and age."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1"}, True, b"s")
        view = view_of(board, 0, (generation, 1))
        assert (view.changes, view.full, view.status) == ({}, False, b"s")

    def test_heartbeat(self, board: Board) -> None:
        """A publish without changes moves the position and the status only."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1"}, True, b"s")
        assert board.publish(0, generation, 2, {}, False, b"t") is PublishResult.OK
        view = view_of(board, 0, (generation, 1))
        assert (view.changes, view.position, view.status) == ({}, (generation, 2), b"t")

    def test_emptied_chunk(self, board: Board) -> None:
        """An emptied chunk is told to a reader that follows, and left out of a full read."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1", b"j": b"2"}, True, b"")
        board.publish(0, generation, 2, {b"k": b""}, False, b"")
        assert view_of(board, 0, (generation, 1)).changes == {b"k": b""}
        assert view_of(board, 0).changes == {b"j": b"2"}

    def test_reset_is_read_in_full(self, board: Board) -> None:
        """A reader from before a full publish gets all chunks: some may be gone without trace."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1", b"j": b"2"}, True, b"")
        board.publish(0, generation, 2, {b"j": b"3"}, True, b"")
        view = view_of(board, 0, (generation, 1))
        assert (view.full, view.changes) == (True, {b"j": b"3"})

    def test_empty_partition(self, board: Board) -> None:
        """A partition without any cell is present all the same."""
        generation = board.claim(1, 2)
        board.publish(1, generation, 1, {}, True, b"s")
        assert view_of(board, 1).changes == {}
        assert board.publish(1, generation, 2, {b"k": b"1"}, False, b"s") is PublishResult.OK

    def test_partitions_are_apart(self, board: Board) -> None:
        """Fences, positions and chunks of partitions do not touch each other."""
        first, second = board.claim(0, 2), board.claim(1, 2)
        board.publish(0, first, 1, {b"k": b"0"}, True, b"")
        board.publish(1, second, 7, {b"k": b"1"}, True, b"")
        views = board.read({0: (first, 1)}).views
        assert [dict(views[p].changes) for p in (0, 1)] == [{}, {b"k": b"1"}]

    def test_fewer_partitions(self, board: Board) -> None:
        """The latest claim tells how many partitions there are; chunks beyond are not read."""
        for partition in range(4):
            board.publish(partition, board.claim(partition, 4), 1, {b"k": b"1"}, True, b"")
        board.claim(0, 2)
        snapshot = board.read({})
        assert (snapshot.partitions, sorted(snapshot.views)) == (2, [0, 1])

    def test_release(self, board: Board) -> None:
        """A released generation is fenced off but readable; a foreign release does nothing."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1"}, True, b"")
        board.release(0, generation - 1)
        assert board.publish(0, generation, 2, {}, False, b"") is PublishResult.OK
        board.release(0, generation)
        assert board.publish(0, generation, 3, {}, True, b"") is PublishResult.STALE
        assert view_of(board, 0).changes == {b"k": b"1"}
        assert board.claim(0, 1) > generation + 1

    def test_loss_and_refill(self, board: Board, rig: Rig) -> None:
        """A flushed board refuses changes as unknown until all chunks are published again."""
        generation = board.claim(0, 2)
        board.publish(0, generation, 1, {b"k": b"1", b"j": b"2"}, True, b"")
        rig.lose(board)
        assert board.read({0: (generation, 1)}).views == {}
        assert board.publish(0, generation, 2, {b"k": b"3"}, False, b"") is PublishResult.UNKNOWN
        assert board.read({}).views == {}
        refill = {b"k": b"3", b"j": b"2"}
        assert board.publish(0, generation, 3, refill, True, b"") is PublishResult.OK
        assert board.read({}).partitions == 2
        view = view_of(board, 0, (generation, 1))
        assert (view.full, view.changes) == (True, refill)

    def test_generations_rise_over_a_loss(self, board: Board, rig: Rig) -> None:
        """A claim after a flush is higher than those before: a zombie stays fenced off."""
        old = board.claim(0, 1)
        rig.lose(board)
        new = board.claim(0, 1)
        assert new > old
        assert board.publish(0, old, 9, {b"k": b"zombie"}, True, b"") is PublishResult.STALE

    def test_many_chunks(self, board: Board) -> None:
        """Thousands of chunks travel in one publish and one read."""
        generation = board.claim(0, 1)
        chunks = {b"chunk%d" % i: b"x" * 50 for i in range(12_000)}
        board.publish(0, generation, 1, {}, True, b"")
        assert board.publish(0, generation, 2, chunks, False, b"") is PublishResult.OK
        assert view_of(board, 0).changes == chunks
        assert view_of(board, 0, (generation, 1)).changes == chunks

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(series=publishes, reads=st.lists(st.integers(0, 8), max_size=4))
    def test_following_equals_reading_all(
        self, rig: Rig, series: Publishes, reads: list[int]
    ) -> None:
        """Readers that follow in any steps hold what a full read gives and what was published."""
        board = rig.board()
        generation = board.claim(0, 1)
        series = [({}, True), *series]
        held: Changes = {}
        since: dict[int, Position] = {}
        for sequence, (changes, full) in enumerate(series, start=1):
            assert board.publish(0, generation, sequence, changes, full, b"") is PublishResult.OK
            if sequence in reads or sequence == len(series):
                view = board.read(since).views[0]
                held = dict(view.changes) if view.full else {**held, **view.changes}
                since = {0: view.position}
                held = {key: cells for key, cells in held.items() if cells}
                assert held == applied(series[:sequence])
        assert view_of(board, 0).changes == held

    def test_writers_and_readers_at_once(self, board: Board) -> None:
        """Readers in several threads see each publish whole, and all end with the same chunks."""
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"x": b"1", b"y": b"1"}, True, b"")
        held: list[Changes] = [{} for _ in range(3)]

        def follow(mine: Changes) -> Callable[[], None]:
            def run() -> None:
                since: dict[int, Position] = {}
                for _ in range(10_000):
                    view = board.read(since).views[0]
                    mine.update(view.changes)
                    since = {0: view.position}
                    if mine[b"x"] != mine[b"y"] or mine[b"x"] == b"100":
                        return

            return run

        readers = [threading.Thread(target=follow(mine)) for mine in held]
        for reader in readers:
            reader.start()
        for sequence in range(2, 101):
            cells = b"%d" % sequence
            board.publish(0, generation, sequence, {b"x": cells, b"y": cells}, False, b"")
        for reader in readers:
            reader.join(timeout=30)
        assert held == [{b"x": b"100", b"y": b"100"}] * 3
