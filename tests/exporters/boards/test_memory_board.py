"""The memory board keeps the contract."""

import pytest

from aggregates.shard.board import Board
from exporters.boards.memory_board import MemoryBoard
from tests.exporters.boards.board_contract import BoardContract, view_of


class MemoryRig:
    """Boards in memory."""

    def board(self) -> MemoryBoard:
        """Returns a fresh board."""
        return MemoryBoard()

    def lose(self, board: Board) -> None:
        """Flushes a board."""
        assert isinstance(board, MemoryBoard)
        board.flush()


class TestMemoryBoard(BoardContract):
    """The contract, in memory."""

    @pytest.fixture
    def rig(self) -> MemoryRig:
        """The memory backend."""
        return MemoryRig()


def test_age() -> None:
    """The age of a partition is the time since its last publish that was taken."""
    now_s = 100.0
    board = MemoryBoard(clock_s=lambda: now_s)
    generation = board.claim(0, 1)
    board.publish(0, generation, 1, {}, True, b"")
    now_s = 107.5
    board.publish(0, generation, 1, {}, False, b"")
    assert view_of(board, 0).age_s == 7.5
