"""A data folder: the log, the rows, and the lock that keeps it to one process."""

import fcntl
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from aggregates.rows.store import StaleRowError
from aggregates.shard.fingerprint import Fingerprint, differences, told
from aggregates.shard.shard import Shard
from events import TOPICS
from events.errors import TidemarkError
from events.forgetting import Forgetting
from streams.local.data.database import DatabaseError, NoRoomError
from streams.local.data.event_log import EventLog
from streams.local.data.rows import Stand, StoredRows

LOG: Final = "events.sqlite"
"""The file of the log in a data folder."""

ROWS: Final = "rows.sqlite"

_LOCK: Final = "lock"
_PRIVATE: Final = 0o700
"""Events are about customers: the folder is its owner's alone."""


class FolderInUseError(TidemarkError):
    """Another process writes into the folder."""


class UnusableRowsError(TidemarkError):
    """The stored rows are not those of the log and the settings; all events are folded anew."""


def is_data_folder(path: Path) -> bool:
    """Returns whether a path is a data folder."""
    return (path / LOG).is_file()


class DataFolder:
    """What ``tidemark run --data`` keeps.

    Attributes:
        log: The events.
    """

    def __init__(self, path: Path) -> None:
        """Opens a folder, and makes it if there is none.

        Raises:
            FolderInUseError: If another process has it open.
            DatabaseError: If its files cannot be opened.
        """
        self._path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            self._lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseError(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.log = EventLog(path / LOG)
            self._rows: StoredRows | None = None
        except BlockingIOError as error:
            os.close(self._lock)
            raise FolderInUseError(f"{path}: another process writes into it") from error
        except BaseException:
            os.close(self._lock)
            raise

    def close(self) -> None:
        """Closes it; what was stored stays."""
        if self._rows is not None:
            self._rows.close()
        self.log.close()
        os.close(self._lock)

    def forget(self, run: Forgetting) -> None:
        """Replaces the events that tell of somebody, once the run has learned from all of them.

        The rows are taken away, to be folded anew, and first: rows of events that are gone would
        be gone on with if it is cut off in between.

        Raises:
            LogError: If the disk does not take it; it is to be done again.
        """
        self._discard()
        self.log.replace(run.rewrite, run.names_in)

    def restore(self, shards: Sequence[Shard], fingerprint: Fingerprint) -> int:
        """Files the stored rows into empty shards; ``rebuild`` must follow.

        Args:
            shards: By the numbers of their partitions.
            fingerprint: Of what they compute.

        Returns:
            The number of the last event that is in the rows; 0 if there are none.

        Raises:
            UnusableRowsError: If the rows are of other settings, of another log, or damaged; the
                shards are of no use then, and the rows are gone.
            NoRoomError: If the disk is too full to read them; they stay.
        """
        try:
            self._rows = StoredRows(self._path / ROWS)
            stand = self._rows.stand
            if stand is None:
                return 0
            self._check(stand, fingerprint)
            for partition, topic, key, row in self._rows.read():
                shards[partition].handover.restore_row(topic, key, row)
        except NoRoomError:
            raise
        except (DatabaseError, StaleRowError, msgspec.DecodeError, UnusableRowsError) as error:
            self._discard()
            raise UnusableRowsError(str(error)) from error
        return stand.number

    def _check(self, stand: Stand, fingerprint: Fingerprint) -> None:
        differing = differences(json.loads(stand.fingerprint), fingerprint.entries)
        if differing:
            raise UnusableRowsError(told(differing))
        if self.log.identity(stand.number) != stand.identity:
            raise UnusableRowsError(f"{ROWS} is ahead of {LOG}, or of another one")

    def _discard(self) -> None:
        """Takes the file of rows away, and begins an empty one."""
        if self._rows is not None:
            self._rows.close()
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                (self._path / f"{ROWS}{suffix}").unlink()
        self._rows = StoredRows(self._path / ROWS)

    def store(self, shards: Sequence[Shard], number: int, fingerprint: Fingerprint) -> None:
        """Stores the rows that changed since the last call.

        Args:
            shards: By the numbers of their partitions.
            number: The last event that was folded into them, at least 1.
            fingerprint: Of what they compute.

        Raises:
            DatabaseError: If the disk does not take them; the next call stores them then.
        """
        assert self._rows is not None, "restore comes first"
        identity = self.log.identity(number)
        assert identity is not None, "it was read from the log"
        stand = Stand(number, identity, json.dumps(dict(fingerprint.entries), sort_keys=True))
        places = [(shard, topic) for shard in shards for topic in TOPICS]
        try:
            self._rows.write(
                {(s.partition, topic): s.handover.dirty_rows(topic) for s, topic in places}, stand
            )
        except BaseException:
            for shard, topic in places:
                shard.handover.restore_dirty(topic)
            raise
        for shard, topic in places:
            shard.handover.mark_clean(topic)
