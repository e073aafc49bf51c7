"""A data folder of Prometheus, running or stopped: making blocks inside it, and placing them.

Blocks are made in a folder inside it, whose name Prometheus ignores, and renamed into place:
they appear whole, and on the same file system. A running server finds them within a minute.

The folder mostly belongs to somebody else, and a backfill is often run by root. So the folder
inside is ours alone, and what is given away is reached through open folders, never through a path
that its owner could have replaced by a link.
"""

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Final, Self

from exporters.history.blocks import Block, blocks_in
from exporters.history.error import HistoryError

STAGING: Final = ".tidemark-backfill"
"""Begins the name of the folder that blocks are made in: of its own for each backfill, since the
promtool of one that was killed may still write into its."""

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
"""How folders are opened; ``path`` has been resolved before."""

_TRACES: Final = ("wal", "chunks_head", "lock", "queries.active")
"""What distinguishes a data folder from any other."""


class DataFolder:
    """The folder given to Prometheus as ``--storage.tsdb.path``; a context in which it is ours.

    Attributes:
        path: The folder.
        staging: An empty folder to make blocks in, on the same file system.
    """

    def __init__(self, path: Path) -> None:
        """Takes the folder.

        Raises:
            HistoryError: If it is no data folder; an empty one counts as one.
        """
        self.path = path.resolve()
        self.staging = self.path / f"{STAGING}-{token_hex(8)}"
        if not self.path.is_dir():
            raise HistoryError(f"{path} is no folder")
        known = any((self.path / name).exists() for name in _TRACES) or blocks_in(self.path)
        if not known and any(not each.name.startswith(STAGING) for each in self.path.iterdir()):
            raise HistoryError(f"{path} does not look like a data folder of Prometheus")
        self._folder = self._made = -1  # open folders: this one, which is locked, and the staging

    def __enter__(self) -> Self:
        """Keeps other backfills out, and removes what one that was killed has left.

        Raises:
            HistoryError: If another backfill is under way, or the folder cannot be written.
        """
        try:
            self._folder = os.open(self.path, _FOLDER)
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._folder)
            raise HistoryError(f"another backfill writes into {self.path}") from error
        except OSError as error:
            raise HistoryError(f"{self.path}: {error.strerror}") from error
        try:
            for left in self.path.glob(f"{STAGING}*"):
                shutil.rmtree(left, ignore_errors=True)
            self.staging.mkdir(mode=0o700)
            self._made = os.open(self.staging.name, _FOLDER, dir_fd=self._folder)
        except OSError as error:
            os.close(self._folder)
            raise HistoryError(f"{self.staging}: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Removes what was not placed."""
        shutil.rmtree(self.staging, ignore_errors=True)
        os.close(self._made)
        os.close(self._folder)

    def place(self, blocks: Sequence[Block]) -> None:
        """Moves blocks into place, and checks that they are there as they were made.

        Raises:
            HistoryError: If one cannot be moved; names those that were.
        """
        placed: list[str] = []
        try:
            for block in blocks:
                name = block.path.name
                self._give(name)
                os.rename(name, name, src_dir_fd=self._made, dst_dir_fd=self._folder)
                placed.append(name)
        except OSError as error:
            raise HistoryError(
                f"{block.path.name} was not placed: {error.strerror}; "
                f"placed before it: {', '.join(placed) or 'none'}"
            ) from error
        there = {block.path.name: block.samples for block in blocks_in(self.path)}
        missing = [each.path.name for each in blocks if there.get(each.path.name) != each.samples]
        if missing:
            raise HistoryError(f"placed, but not there any more: {', '.join(missing)}")

    def _give(self, block: str) -> None:
        """Makes a block the property of the folder's owner, who compacts and removes it one day.

        A folder is given after what is in it: until then nobody else can put anything there.

        Raises:
            OSError: If we are neither the owner nor root, or there is a link.
        """
        owner = os.fstat(self._folder)
        for _, _, files, folder in os.fwalk(block, topdown=False, dir_fd=self._made):
            for name in files:
                file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
                try:
                    _give_to(owner, file)
                finally:
                    os.close(file)
            _give_to(owner, folder)


def _give_to(owner: os.stat_result, descriptor: int) -> None:
    held = os.fstat(descriptor)
    if (held.st_uid, held.st_gid) != (owner.st_uid, owner.st_gid):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
