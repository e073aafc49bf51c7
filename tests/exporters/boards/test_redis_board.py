"""The Redis board keeps the contract, survives what Redis does, and keeps its password."""

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from redis.crc import key_slot

from aggregates.shard.board import Board, BoardTakenError, BoardUnavailableError, PublishResult
from exporters.boards.redis_board import RedisBoard
from tests.exporters.boards.board_contract import BoardContract, view_of
from tests.servers import RedisServer
from tests.servers.required import required


class RedisRig:
    """Boards on one Redis server, each under a prefix of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = redis.Redis.from_url(url)
        self.prefixes: dict[int, str] = {}
        self.boards: list[RedisBoard] = []

    def board(self, like: RedisBoard | None = None, installation: str = "") -> RedisBoard:
        """Returns a fresh board, or another one on the keys of a given one."""
        prefix = self.prefixes[id(like)] if like else f"test:{uuid4()}"
        board = RedisBoard(self.url, prefix, installation)
        self.boards.append(board)
        self.prefixes[id(board)] = prefix
        return board

    def keys(self, board: Board) -> list[bytes]:
        """Returns the keys of a board."""
        return list(self.client.scan_iter(f"{{{self.prefixes[id(board)]}}}*"))

    def lose(self, board: Board) -> None:
        """Deletes the keys of a board."""
        keys = self.keys(board)
        if keys:
            self.client.delete(*keys)

    def close(self) -> None:
        """Cleans up and closes all connections."""
        for board in self.boards:
            self.lose(board)
            board.close()
        self.client.close()


@pytest.fixture
def rig(redis_url: str) -> Iterator[RedisRig]:
    """The Redis backend."""
    rig = RedisRig(redis_url)
    yield rig
    rig.close()


@pytest.mark.broker
class TestRedisBoard(BoardContract):
    """The contract, on a real Redis."""

    def test_survives_forgotten_scripts(self, rig: RedisRig) -> None:
        """A server that has forgotten the scripts is taught them again."""
        board = rig.board()
        generation = board.claim(0, 1)
        for sequence in (1, 2):
            rig.client.script_flush()
            assert (
                board.publish(0, generation, sequence, {b"k": b"1"}, True, b"") is PublishResult.OK
            )
            rig.client.script_flush()
            assert view_of(board, 0).changes == {b"k": b"1"}

    @pytest.mark.parametrize("part", ["meta", "chunks", "order"])
    def test_eviction_of_one_key(self, rig: RedisRig, part: str) -> None:
        """A partition of which Redis evicted any one key is unknown, never shown in part."""
        board = rig.board()
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1", b"j": b"2"}, True, b"")
        (key,) = [key for key in rig.keys(board) if key.endswith(part.encode())]
        rig.client.delete(key)
        assert board.read({0: (generation, 1)}).views == {}
        assert board.publish(0, generation, 2, {b"k": b"3"}, False, b"") is PublishResult.UNKNOWN
        assert board.publish(0, generation, 2, {b"k": b"3"}, True, b"") is PublishResult.OK
        assert view_of(board, 0).changes == {b"k": b"3"}

    def test_an_older_dump(self, rig: RedisRig) -> None:
        """A server that came back from a dump takes no changes onto it, and shows nothing mixed."""
        board = rig.board()
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1", b"j": b"1"}, True, b"")
        dumped = {key: rig.client.dump(key) or b"" for key in rig.keys(board)}
        board.publish(0, generation, 2, {b"k": b"2"}, False, b"")
        for key, value in dumped.items():
            rig.client.restore(key, 60_000, value, replace=True)
        assert board.publish(0, generation, 3, {b"j": b"3"}, False, b"") is PublishResult.UNKNOWN
        again = board.claim(0, 1)
        assert again > generation
        everything = {b"k": b"2", b"j": b"3"}
        assert board.publish(0, again, 1, everything, True, b"") is PublishResult.OK
        for since in ((0, 0), (generation, 2)):
            assert view_of(board, 0, since).changes == everything

    def test_one_slot_and_expiry(self, rig: RedisRig) -> None:
        """All keys share a hash tag, for clusters, and expire, so that a dead deployment fades."""
        board = rig.board()
        board.publish(0, board.claim(0, 1), 1, {b"k": b"1"}, True, b"")
        keys = rig.keys(board)
        assert len(keys) == 4
        assert len({key_slot(key) for key in keys}) == 1
        assert all(0 < rig.client.ttl(key) <= 7 * 86_400 for key in keys)
        board.keep_audit(b"note")
        [kept] = set(rig.keys(board)) - set(keys)
        assert key_slot(kept) == key_slot(keys[0])
        assert 0 < rig.client.ttl(kept) <= 30 * 86_400

    def test_another_installation(self, rig: RedisRig) -> None:
        """A board is claimed by one installation at a time, until it has been silent for long."""
        ours = rig.board(installation="ours")
        theirs = rig.board(ours, "theirs")
        generation = ours.claim(0, 1)
        assert ours.publish(0, generation, 1, {b"k": b"1"}, True, b"") is PublishResult.OK
        with pytest.raises(BoardTakenError, match="TIDEMARK_REDIS_PREFIX"):
            theirs.claim(0, 1)
        assert theirs.publish(0, generation, 2, {}, False, b"") is PublishResult.STALE
        assert view_of(theirs, 0).changes == {b"k": b"1"}
        assert ours.publish(0, generation, 2, {}, False, b"") is PublishResult.OK
        [lease] = [key for key in rig.keys(ours) if key.endswith(b":installation")]
        assert 0 < rig.client.ttl(lease) <= 60
        rig.client.delete(lease)  # as it expires
        assert theirs.publish(0, theirs.claim(0, 1), 1, {}, True, b"") is PublishResult.OK
        assert ours.publish(0, generation, 3, {}, False, b"") is PublishResult.STALE

    def test_several_processes(self, rig: RedisRig) -> None:
        """Boards of two processes see one another's claims and chunks."""
        one = rig.board()
        other = rig.board(like=one)
        old = one.claim(0, 1)
        one.publish(0, old, 1, {b"k": b"1"}, True, b"")
        assert view_of(other, 0).changes == {b"k": b"1"}
        other.claim(0, 1)
        assert one.publish(0, old, 2, {}, False, b"") is PublishResult.STALE


@pytest.mark.broker
def test_full_memory() -> None:
    """A server out of memory counts as unavailable; nothing of the publish is seen."""
    with required(RedisServer()) as server, redis.Redis.from_url(server.url) as client:
        board = RedisBoard(server.url)
        generation = board.claim(0, 1)
        board.publish(0, generation, 1, {b"k": b"1"}, True, b"")
        client.config_set("maxmemory", "1")
        with pytest.raises(BoardUnavailableError, match="OutOfMemory"):
            board.publish(0, generation, 2, {b"k": b"2"}, True, b"")
        assert view_of(board, 0).changes == {b"k": b"1"}
        board.close()


def test_unreachable_server() -> None:
    """No server means ``BoardUnavailableError``, which names the place but not the password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    board = RedisBoard(f"redis://user:hush-hush@127.0.0.1:{port}/0")
    with pytest.raises(BoardUnavailableError, match=f"127.0.0.1:{port}") as caught:
        board.read({})
    assert "hush" not in f"{caught.value!r} {board!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and says nothing is given up within the timeout."""
    monkeypatch.setattr("exporters.boards.redis_board.SOCKET_TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        board = RedisBoard(f"redis://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(BoardUnavailableError, match="Timeout"):
            board.claim(0, 1)
        board.close()


@pytest.mark.parametrize(
    "url", ["hush", "http://:hush@host:1", "redis://:hu/sh@host:6379", "redis://host:hush"]
)
def test_bad_url(url: str) -> None:
    """A URL that does not parse is refused without being quoted, for it may hold a password."""
    with pytest.raises(ValueError, match="not a Redis URL") as caught:
        RedisBoard(url)
    assert "hush" not in str(caught.value)
    assert "sh@" not in str(caught.value)


def test_a_board_is_cleared(rig: RedisRig) -> None:
    """Nothing that was published is left, and it is as one that nobody has filled."""
    board = rig.board()
    board.clear()
    generation = board.claim(1, 2)
    board.publish(1, generation, 1, {b"acct_19": b"cells"}, full=True, status=b"s")
    assert rig.keys(board)
    board.clear()
    assert not any(b":1:" in key for key in rig.keys(board))
    assert board.read({}).partitions == 0
    assert board.claim(1, 2) > 0
