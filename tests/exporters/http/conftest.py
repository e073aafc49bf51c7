"""Fixtures: a board, and a server that shows it."""

from collections.abc import Iterator

import pytest

from exporters.boards.memory_board import MemoryBoard
from exporters.http import Server
from tests.exporters import company
from tests.exporters.http.served import application


@pytest.fixture
def board() -> MemoryBoard:
    """A board with all partitions."""
    return company.board(2)


@pytest.fixture
def server(board: MemoryBoard) -> Iterator[Server]:
    """A server on a free port."""
    server = Server(application(board), port=0)
    server.start()
    yield server
    server.stop()
