"""The rows that the log came to, stored at each flush: a restart goes on where they end."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.local.data.database import naming, opened, transaction

VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE rows (
    partition INTEGER NOT NULL,
    topic TEXT NOT NULL,
    key BLOB NOT NULL,
    row BLOB NOT NULL,
    PRIMARY KEY (partition, topic, key)
) WITHOUT ROWID;
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    identity BLOB NOT NULL,
    fingerprint TEXT NOT NULL
)
"""

Place = tuple[int, str]
"""Partition and topic of rows."""

Changes = Mapping[Place, Iterable[tuple[bytes, bytes]]]
"""Packed keys and rows, by where they lie."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What stored rows stand for.

    Attributes:
        number: The last event that was folded into them.
        identity: That event's digest in the log.
        fingerprint: Entries of what the rows depend on besides the events, as JSON.
    """

    number: int
    identity: bytes
    fingerprint: str


class StoredRows:
    """Rows of the partitions of one process, all of one moment."""

    def __init__(self, path: Path) -> None:
        """Opens the file, and makes it if there is none.

        Raises:
            DatabaseError: If it cannot be opened.
        """
        self.path = path
        self._database = opened(path, VERSION, _SCHEMA, "NORMAL")

    def close(self) -> None:
        """Closes it."""
        with suppress(sqlite3.Error):
            self._database.close()

    @property
    def stand(self) -> Stand | None:
        """What the rows stand for; None if there are none."""
        with naming(self.path):
            found = self._database.execute(
                "SELECT number, identity, fingerprint FROM state"
            ).fetchone()
        return None if found is None else Stand(*found)

    def read(self) -> Iterator[tuple[int, str, bytes, bytes]]:
        """Yields partition, topic, key and row of each."""
        with naming(self.path):
            yield from self._database.execute("SELECT partition, topic, key, row FROM rows")

    def write(self, changes: Changes, stand: Stand) -> None:
        """Stores rows that changed, and what all stand for now, as one.

        Raises:
            DatabaseError: If the disk does not take them: then all is as before.
        """
        with naming(self.path), transaction(self._database):
            for (partition, topic), rows in changes.items():
                self._database.executemany(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)",
                    [(partition, topic, key, row) for key, row in rows],
                )
            self._database.execute(
                "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)",
                (stand.number, stand.identity, stand.fingerprint),
            )
