"""NDJSON files and standard input as sources of event history, compressed or not."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from select import select
from typing import Any, Final

from events.checking.form import HEAD_BYTES, Form, form_of
from streams.local.plain import PlainStream, opened_counted
from streams.source import HistorySource, SourceError

BATCH_BYTES: Final = 1 << 20
"""Bytes of a file that are read and decoded together: some thousand events."""


class FileSource:
    """The lines of an NDJSON file, or of standard input for ``-``.

    ``size`` and ``done`` are bytes as they lie on the disk, ``numbers`` are those of the lines.

    Attributes:
        form: What else than lines of JSON it looks like, once it is read.
    """

    def __init__(self, name: str) -> None:
        """Takes a path or ``-``.

        Raises:
            SourceError: If there is no such file.
        """
        self.name = name
        self.done = 0
        self.numbers: Sequence[int] = ()
        self.form: Form | None = None
        self.topic: str | None = None
        self.belongs: Callable[[str], bool] | None = None
        try:
            self.size = None if name == "-" else Path(name).stat().st_size
        except OSError as error:
            raise SourceError(f"{name}: {error.strerror}") from error

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the lines, many at a time, without blank ones."""
        with opened_counted(self.name) as (file, done):
            self.form = form_of(file.peek(HEAD_BYTES)[:HEAD_BYTES])
            read = 0
            while lines := file.readlines(BATCH_BYTES):
                self.done = done()
                yield self._kept(lines, read)
                read += len(lines)
            self.done = done()

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
        begun, count = b"", 0
        stream = PlainStream(self.name)
        try:
            descriptor = sys.stdin.fileno()
            while True:
                if not select([descriptor], [], [], pause_s)[0]:
                    yield []
                    continue
                read = os.read(descriptor, BATCH_BYTES)
                self.done += len(read)
                begun += stream.take(read)
                *lines, begun = begun.split(b"\n") if read else (*begun.split(b"\n"), b"")
                yield self._kept(lines, count)
                count += len(lines)
                if not read:
                    return
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}") from error

    def _kept(self, lines: list[bytes], read: int) -> list[bytes]:
        """Returns the lines but blank ones, of which so many were read before; numbers them."""
        kept = [line for line in lines if line and not line.isspace()]
        if len(kept) == len(lines):
            self.numbers = range(read + 1, read + 1 + len(lines))
        else:
            numbered = enumerate(lines, read + 1)
            self.numbers = [number for number, line in numbered if line and not line.isspace()]
        return kept


def other_form(source: HistorySource) -> str | None:
    """Says what a source is whose lines are no events; None if they may be, as far as was read."""
    if not isinstance(source, FileSource) or source.form is None:
        return None
    return f"{source.name}: it is {source.form.says}, and not one JSON object a line"
