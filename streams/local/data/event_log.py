"""The log of events: SQLite, appended to, synced before it says so, each event once."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from events.errors import UNREADABLE
from events.log import Letter, LogError, Stored
from streams.local.data.content import is_same_content
from streams.local.data.database import naming, opened, transaction

VERSION: Final = 1

IDENTITY_BYTES: Final = 16
"""Of the digest of an event's source and id: two events of one digest are not to be met with."""

_NUMBER_MAX: Final = 2**63 - 1

CHECK_BYTES: Final = 65_536
"""What there must be room for: more than most requests bring, and written within milliseconds."""

READ_MAX: Final = 2_000
"""Events that are read together."""

_SCHEMA: Final = """
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    identity BLOB NOT NULL UNIQUE,
    event BLOB NOT NULL
);
CREATE TABLE letters (
    number INTEGER PRIMARY KEY,
    identity BLOB NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    origin TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    record BLOB NOT NULL
)
"""


class _Named(msgspec.Struct, frozen=True, gc=False):
    id: str
    source: str


_named = msgspec.json.Decoder(_Named).decode


def identity_of(event: bytes) -> bytes:
    """Returns the digest of what tells an event from others: its source and its id.

    One of a type that is not known may lack them, and is told by its bytes.
    """
    try:
        named = _named(event)
    except UNREADABLE:
        return _digest(b"", event)
    return _digest(named.source.encode(), named.id.encode())


def _digest(where: bytes, what: bytes) -> bytes:
    return blake2b(b"%d:%b%b" % (len(where), where, what), digest_size=IDENTITY_BYTES).digest()


Part = tuple[Sequence[bytes], Sequence[Letter]]
"""Events, and the letters that came with them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter, and when it came, in ms of the epoch."""

    at_ms: int
    letter: Letter


class EventLog:
    """Events in the order in which they were accepted, numbered from 1 on.

    Threads may share it.
    """

    def __init__(self, path: Path) -> None:
        """Opens a log, and makes it if there is none.

        Raises:
            DatabaseError: If it cannot be opened.
        """
        self.path = path
        self._database = opened(path, VERSION, _SCHEMA, "FULL")
        self._turn = threading.Lock()

    def close(self) -> None:
        """Closes it."""
        with self._turn, suppress(sqlite3.Error):
            self._database.close()

    @property
    def last(self) -> int:
        """The number of the last event; 0 if there is none."""
        with self._turn, naming(self.path):
            [last] = self._database.execute("SELECT max(number) FROM events").fetchone()
        return last or 0

    def identity(self, number: int) -> bytes | None:
        """Returns the digest of an event by its number; None if there is none of that number."""
        with self._turn, naming(self.path):
            found = self._database.execute(
                "SELECT identity FROM events WHERE number = ?", (number,)
            ).fetchone()
        return None if found is None else bytes(found[0])

    def append(self, parts: Iterable[Part], at_ms: int) -> list[Stored]:
        """Appends what came in several parts; all of it is on the disk when it returns.

        Args:
            parts: Well-formed events, and the letters that came with them.
            at_ms: When they came, in ms of the epoch.

        Returns:
            What became of the events of each part.

        Raises:
            LogError: If the disk does not take them: then none of them is in the log.
        """
        named = [([(identity_of(e), e) for e in events], letters) for events, letters in parts]
        found = []
        with self._turn:
            try:
                with transaction(self._database):
                    for events, letters in named:
                        stored = Stored()
                        for place, (identity, event) in enumerate(events):
                            self._append(stored, place, identity, event)
                        self._keep(letters, at_ms)
                        found.append(stored)
            except sqlite3.Error as error:
                raise LogError(f"{self.path}: {error}") from error
        return found

    def check(self) -> None:
        """Finds out whether the disk takes events: writes a large one, and takes it out again.

        Raises:
            LogError: If it does not.
        """
        with self._turn:
            try:
                with transaction(self._database):
                    self._database.execute(
                        "INSERT INTO letters (identity, at_ms, origin, reason, detail, record)"
                        " VALUES (x'', 0, '', '', '', zeroblob(?))",
                        (CHECK_BYTES,),
                    )
                    self._database.execute("DELETE FROM letters WHERE identity = x''")
            except sqlite3.Error as error:
                raise LogError(f"{self.path}: {error}") from error

    def _append(self, stored: Stored, place: int, identity: bytes, event: bytes) -> None:
        added = self._database.execute(
            "INSERT INTO events (identity, event) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (identity, event),
        )
        if added.rowcount:
            stored.new += 1
            return
        [known] = self._database.execute(
            "SELECT event FROM events WHERE identity = ?", (identity,)
        ).fetchone()
        if is_same_content(known, event):
            stored.known += 1
        else:
            stored.other.append(place)

    def _keep(self, letters: Sequence[Letter], at_ms: int) -> None:
        self._database.executemany(
            "INSERT INTO letters (identity, at_ms, origin, reason, detail, record)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                (
                    _digest(e.origin.encode(), e.record),
                    at_ms,
                    e.origin,
                    e.reason,
                    e.detail,
                    e.record,
                )
                for e in letters
            ],
        )

    def read(self, after: int, last: int | None = None) -> Iterator[tuple[int, list[bytes]]]:
        """Yields events, many at a time, with the number of the last of them.

        Args:
            after: The number that they follow.
            last: The number of the last one; left out, what is there when it is come to.
        """
        while True:
            with self._turn, naming(self.path):
                found = self._database.execute(
                    "SELECT number, event FROM events WHERE number > ? AND number <= ?"
                    " ORDER BY number LIMIT ?",
                    (after, _NUMBER_MAX if last is None else last, READ_MAX),
                ).fetchall()
            if not found:
                return
            after = found[-1][0]
            yield after, [event for _, event in found]

    def replace(
        self, rewrite: Callable[[bytes], bytes | None], is_gone: Callable[[bytes], bool]
    ) -> None:
        """Replaces events by what they are rewritten to, and leaves no trace of what they were.

        An event that is rewritten to nothing goes, and so do letters whose records are to go.
        It changes all of them or none. The file is written anew in the end; cut off before that,
        it has still what they were, and the same once more takes that out.

        Raises:
            LogError: If the disk does not take it.
        """
        with self._turn:
            database = self._database
            try:
                with transaction(database):
                    for number, event in database.execute("SELECT number, event FROM events"):
                        self._replace(number, event, rewrite(event))
                    gone = [
                        (number,)
                        for number, record in database.execute("SELECT number, record FROM letters")
                        if is_gone(record)
                    ]
                    database.executemany("DELETE FROM letters WHERE number = ?", gone)
                database.execute("VACUUM")
                [busy, *_] = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as error:
                raise LogError(f"{self.path}: {error}") from error
        if busy:  # which is no error of SQLite's: the file has what was there before
            raise LogError(
                f"{self.path}: another process reads it; once it has ended, run it again"
            )

    def _replace(self, number: int, event: bytes, new: bytes | None) -> None:
        if new is None:
            self._database.execute("DELETE FROM events WHERE number = ?", (number,))
        elif new != event:
            self._database.execute(
                "UPDATE events SET identity = ?, event = ? WHERE number = ?",
                (identity_of(new), new, number),
            )

    def letters(self) -> Iterator[Kept]:
        """Yields the letters, oldest first."""
        number = 0
        while True:
            with self._turn, naming(self.path):
                found = self._database.execute(
                    "SELECT number, at_ms, origin, reason, detail, record FROM letters"
                    " WHERE number > ? ORDER BY number LIMIT ?",
                    (number, READ_MAX),
                ).fetchall()
            if not found:
                return
            number = found[-1][0]
            for _, at_ms, *letter in found:
                yield Kept(at_ms, Letter(*letter))
