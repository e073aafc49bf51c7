"""An SQLite database of ours: opened, its version looked at, its errors in words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from events.errors import TidemarkError

_BUSY_S: Final = 10.0
"""For another process that reads or writes at the moment."""

_NO_ROOM: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""Of the latter SQLite says "disk I/O error"; to open a file takes 32 KiB beside it."""


class DatabaseError(TidemarkError):
    """A file of the data folder cannot be read or written."""


class NoRoomError(DatabaseError):
    """It cannot for now, since its disk is full; nothing is wrong with it."""


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turns an error of the database into one that names its file.

    Raises:
        DatabaseError: If the block fails with an error of SQLite, NoRoomError if the disk is full.
    """
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in _NO_ROOM:
            raise NoRoomError(f"{path}: no room is left on its disk") from error
        raise DatabaseError(f"{path}: {error}") from error


def opened(
    path: Path, version: int, schema: str, synchronous: Literal["FULL", "NORMAL"]
) -> sqlite3.Connection:
    """Opens a database, and makes it if there is none.

    Args:
        path: Its file.
        version: Of the schema; a file of another one is refused.
        schema: Statements that make the tables.
        synchronous: ``FULL`` syncs each commit to the disk. After ``NORMAL`` the last commits may
            be gone when the machine loses power, and what is left is whole.

    Raises:
        DatabaseError: If it cannot be opened, or is of another version.
    """
    _private(path)
    with naming(path):
        database = sqlite3.connect(
            path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(f"PRAGMA synchronous = {synchronous}")
            [found] = database.execute("PRAGMA user_version").fetchone()
            if found == 0:
                with transaction(database):
                    for statement in schema.split(";"):
                        database.execute(statement)
                    database.execute(f"PRAGMA user_version = {version}")
            elif found != version:
                raise DatabaseError(f"{path}: format {found}, this program reads {version}")
        except BaseException:
            database.close()
            raise
    return database


def _private(path: Path) -> None:
    """Makes the file its owner's alone if there is none; SQLite's own beside it are as it is."""
    with suppress(OSError):  # which SQLite has better words for, or none
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Makes what is done within it one: all of it, or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
