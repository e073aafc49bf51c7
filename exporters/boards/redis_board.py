"""The shared board, on Redis 7.0 or later.

Each partition is a hash of chunks, a sorted set that scores each chunk with the sequence that last
changed it, and a hash with the fence and the status. Publishing and reading a partition are one Lua
script each, so neither is ever seen half done. All keys carry one hash tag: the board lives in one
slot, and scripts work on a cluster.

Redis may lose what it holds: by a flush, a restart or eviction. The recorded number of chunks shows
the loss of one of the keys; the partition is then unknown until its worker publishes it in full.
"""

import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    NoScriptError,
    RedisError,
)
from redis.retry import Retry

from aggregates.shard.board import (
    PARTITIONS_MAX,
    BoardTakenError,
    BoardUnavailableError,
    BoardView,
    PartitionView,
    Position,
    PublishResult,
    check_partition,
)
from exporters.boards.redis_scripts import CLAIM, PUBLISH, READ, RELEASE, Script

DEFAULT_PREFIX: Final = "tidemark:v1"
"""First part of every key: the application and the version of this layout."""

CONNECT_TIMEOUT_S: Final = 2.0
"""A Redis near enough to be a board connects in milliseconds; a worker's flush must not wait for a
dead one."""

SOCKET_TIMEOUT_S: Final = 3.0
"""Longest silence within a reply: above the time a full publish of 100,000 chunks blocks Redis."""

CONNECTIONS_MAX: Final = 64
"""Sockets of one process; a worker publishes its partitions one after the other, a scrape reads
with one."""

RETENTION_S: Final = 7 * 86_400
"""Time after the last publish at which keys expire, so that a dead deployment fades; longer than a
long weekend."""

LEASE_S: Final = 60
"""Time after its last publish for which a board is one installation's: well above what workers are
away for when they are restarted."""

AUDIT_KEPT_S: Final = 30 * 86_400
"""Time after which what an audit found is forgotten: it says nothing about a board of today."""

PARTITIONS_A_READ: Final = 32
"""Partitions asked for in one round trip: bounds the replies held at once, still two trips for most
boards."""


_NO_RIGHT: Final = ("ACL failure in script", "executing the script can't run this command")
"""Of an answer where a script's command is not allowed, by version of Redis."""


class RedisBoard:
    """A board on a Redis server; the client repeats nothing, as a repeat would look stale."""

    def __init__(self, url: str, prefix: str = DEFAULT_PREFIX, installation: str = "") -> None:
        """Prepares for ``redis://``, ``rediss://`` or ``unix://``; connects on first use.

        Args:
            url: Where the server is.
            prefix: First part of every key.
            installation: Whose claims these are, such as the id of a Kafka cluster: a board that
                is another's is not claimed. Empty for a reader.

        Raises:
            ValueError: If the URL is no Redis URL; its text is kept out of the message, for it may
            hold a password.
        """
        try:
            self._client = redis.Redis.from_url(
                url,
                protocol=2,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                socket_timeout=SOCKET_TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
                max_connections=CONNECTIONS_MAX,
            )
        except (ValueError, TypeError):
            raise ValueError("not a Redis URL (redis://[:password@]host:port/db)") from None
        self._execute: Callable[..., Any] = self._client.execute_command
        options = self._client.connection_pool.connection_kwargs
        self.location = str(options.get("path") or f"{options.get('host')}:{options.get('port')}")
        self._tag = f"{{{prefix}}}"
        self._holder = installation, LEASE_S
        self._partitions = 0

    def __repr__(self) -> str:
        """Names the server, without credentials."""
        return f"RedisBoard({self.location})"

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def claim(self, partition: int, partitions: int) -> int:
        """Opens a new generation; see ``Board.claim``."""
        check_partition(partition, partitions)
        keys = (self._count_key, self._keys(partition)[0], self._installation_key)
        generation = self._run(CLAIM, keys, (partitions, RETENTION_S, *self._holder))
        if generation is None:
            raise BoardTakenError(
                f"{self.location}: the board is another installation's, of another Kafka cluster: "
                "give each its own TIDEMARK_REDIS_PREFIX, for workers and exporters"
            )
        self._partitions = partitions
        return int(generation)

    def publish(
        self,
        partition: int,
        generation: int,
        sequence: int,
        changes: Mapping[bytes, bytes],
        full: bool,
        status: bytes,
    ) -> PublishResult:
        """Replaces chunks; see ``Board.publish``."""
        keys = (self._count_key, *self._keys(partition), self._installation_key)
        chunks = _pack(changes, full)
        about = self._partitions, RETENTION_S, *self._holder
        values = (generation, sequence, int(full), status, chunks, *about)
        return PublishResult(self._run(PUBLISH, keys, values).decode())

    def release(self, partition: int, generation: int) -> None:
        """Fences a generation off; see ``Board.release``."""
        self._run(RELEASE, (self._keys(partition)[0],), (generation,))

    def read(self, since: Mapping[int, Position]) -> BoardView:
        """Reads what changed; see ``Board.read``."""
        with self._reaching():
            count, audit = self._read_keys(self._count_key, self._audit_key)
            partitions = int(count or 0)
            if not 0 <= partitions <= PARTITIONS_MAX:
                raise BoardUnavailableError(f"{self.location}: not a board of this version")
            views: dict[int, PartitionView] = {}
            for first in range(0, partitions, PARTITIONS_A_READ):
                some = range(first, min(first + PARTITIONS_A_READ, partitions))
                for partition, reply in zip(some, self._read_some(some, since), strict=True):
                    if reply is not None:
                        views[partition] = _view(reply)
        return BoardView(partitions, views, audit or b"")

    def keep_audit(self, note: bytes) -> None:
        """Keeps what an audit found, for a while; see ``Board.keep_audit``."""
        with self._reaching():
            self._execute("SET", self._audit_key, note, "EX", AUDIT_KEPT_S)

    def clear(self) -> None:
        """Takes all that was published off the board; workers that claim it fill it again.

        Raises:
            BoardUnavailableError: If the server does not do it.
        """
        with self._reaching():
            partitions = range(int(self._execute("GET", self._count_key) or 0))
            keys = [key for partition in partitions for key in self._keys(partition)]
            self._execute("DEL", self._count_key, *keys)

    @property
    def _count_key(self) -> str:
        return f"{self._tag}:partitions"

    @property
    def _installation_key(self) -> str:
        return f"{self._tag}:installation"

    @property
    def _audit_key(self) -> str:
        return f"{self._tag}:audit"

    def _keys(self, partition: int) -> tuple[str, str, str]:
        stem = f"{self._tag}:{partition}"
        return f"{stem}:meta", f"{stem}:chunks", f"{stem}:order"

    def _run(self, script: Script, keys: tuple[str, ...], values: tuple[Any, ...]) -> Any:
        with self._reaching():
            try:
                return self._execute("EVALSHA", script.sha, len(keys), *keys, *values)
            except NoScriptError:
                return self._execute("EVAL", script.text, len(keys), *keys, *values)

    def _read_keys(self, *keys: str) -> list[Any]:
        pipe = self._client.pipeline(transaction=False)
        enqueue: Callable[..., Any] = pipe.execute_command
        for key in keys:
            enqueue("GET", key)
        return list(pipe.execute())

    def _read_some(self, partitions: range, since: Mapping[int, Position]) -> list[Any]:
        for last_try in (False, True):
            pipe = self._client.pipeline(transaction=False)
            enqueue: Callable[..., Any] = pipe.execute_command
            if last_try:
                enqueue("SCRIPT LOAD", READ.text)
            for partition in partitions:
                keys = self._keys(partition)
                position = since.get(partition, (0, 0))
                # As a script that only reads, a user needs no right to write for it.
                enqueue("EVALSHA_RO", READ.sha, len(keys), *keys, *position)
            try:
                replies: list[Any] = pipe.execute()
            except NoScriptError:
                continue
            return replies[1:] if last_try else replies
        raise BoardUnavailableError(f"{self.location}: the server does not keep scripts")

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Turns the client's errors into ``BoardUnavailableError``, without the URL."""
        try:
            yield
        except (RedisError, OSError) as error:
            raise BoardUnavailableError(f"{self.location}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Says what is wrong: a right by its name, all else by its kind."""
    said = str(error)
    if isinstance(error, NoPermissionError) or any(words in said for words in _NO_RIGHT):
        return f"{said.partition(' script: ')[0]}; docs/security.md lists the rights of each part"
    if isinstance(error, AuthenticationError):
        return "it refuses the user or the password of TIDEMARK_REDIS"
    if isinstance(error.__context__, ssl.SSLCertVerificationError):
        why = error.__context__.verify_message
        return f"its certificate is not trusted ({why}): add ?ssl_ca_certs=FILE to TIDEMARK_REDIS"
    return type(error).__name__


def _pack(changes: Mapping[bytes, bytes], full: bool) -> bytes:
    length = struct.Struct(">I").pack
    parts: list[bytes] = []
    for key, cells in changes.items():
        if cells or not full:
            parts += (length(len(key)), key, length(len(cells)), cells)
    return b"".join(parts)


def _view(reply: list[Any]) -> PartitionView:
    generation, sequence, age_ms, status, full, flat = reply
    pairs = zip(flat[::2], flat[1::2], strict=True)
    changes = {key: cells for key, cells in pairs if cells or not full}
    return PartitionView(int(generation), int(sequence), age_ms / 1000, status, bool(full), changes)
