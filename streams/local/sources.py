"""NDJSON files and standard input as sources of event history."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from select import select
from typing import IO, Any, Final

from streams.source import SourceError

BATCH_BYTES: Final = 1 << 20
"""Bytes of a file that are read and decoded together: some thousand events."""


class FileSource:
    """The lines of an NDJSON file, or of standard input for ``-``; ``size`` is in bytes."""

    def __init__(self, name: str) -> None:
        """Takes a path or ``-``.

        Raises:
            SourceError: If there is no such file.
        """
        self.name = name
        self.done = 0
        self.topic: str | None = None
        self.belongs: Callable[[str], bool] | None = None
        try:
            self.size = None if name == "-" else Path(name).stat().st_size
        except OSError as error:
            raise SourceError(f"{name}: {error.strerror}") from error

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the lines, many at a time, without blank ones."""
        try:
            if self.name == "-":
                yield from self._read(sys.stdin.buffer)
            else:
                with Path(self.name).open("rb") as file:
                    yield from self._read(file)
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}") from error

    def account(self) -> dict[str, Any]:
        """Returns the bytes that were read."""
        return {"name": self.name, "bytes": self.done}

    def lines(self, pause_s: float) -> Iterator[list[bytes]]:
        """Yields the lines of standard input as a live stream brings them.

        Args:
            pause_s: After so long without a line it yields an empty list, so that the reader can do
                something else than wait.

        Raises:
            SourceError: If it cannot be read.
        """
        begun = b""
        try:
            descriptor = sys.stdin.fileno()
            while True:
                if not select([descriptor], [], [], pause_s)[0]:
                    yield []
                    continue
                read = os.read(descriptor, BATCH_BYTES)
                self.done += len(read)
                *lines, begun = (begun + read).split(b"\n") if read else (begun, b"")
                yield [line for line in lines if line.strip()]
                if not read:
                    return
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}") from error

    def _read(self, file: IO[bytes]) -> Iterator[list[bytes]]:
        while lines := file.readlines(BATCH_BYTES):
            self.done += sum(map(len, lines))
            yield [line for line in lines if not line.isspace()]
