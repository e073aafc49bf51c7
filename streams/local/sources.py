"""Sources of event history: NDJSON files, standard input, and the topics of a Kafka cluster."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from select import select
from typing import IO, Final

from streams.kafka.source import KAFKA_SCHEME, KafkaSource, SourceError

BATCH_BYTES: Final = 1 << 20
"""Bytes of a file that are read and decoded together: some thousand events."""


class FileSource:
    """The lines of an NDJSON file, or of standard input for ``-``.

    Attributes:
        name: The file's name.
        size: Its bytes, or None if that is not known.
        done: Bytes read so far.
        topic: None, as its lines may be of any topic.
    """

    topic: None = None

    def __init__(self, name: str) -> None:
        """Takes a path or ``-``.

        Raises:
            SourceError: If there is no such file.
        """
        self.name = name
        self.done = 0
        try:
            self.size = None if name == "-" else Path(name).stat().st_size
        except OSError as error:
            raise SourceError(f"{name}: {error.strerror}") from error

    def batches(self) -> Iterator[list[bytes]]:
        """Yields the lines, many at a time, without blank ones.

        Raises:
            SourceError: If the file cannot be read.
        """
        try:
            if self.name == "-":
                yield from self._read(sys.stdin.buffer)
            else:
                with Path(self.name).open("rb") as file:
                    yield from self._read(file)
        except OSError as error:
            raise SourceError(f"{self.name}: {error.strerror}") from error

    def lines(self, pause_s: float) -> Iterator[list[bytes]]:
        """Yields the lines of standard input as a live stream brings them.

        Args:
            pause_s: After so long without a line comes an empty list, so that the reader can do
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


Source = FileSource | KafkaSource


def open_source(name: str) -> Source:
    """Opens a source by name: a file, ``-`` or ``kafka://HOST:PORT``.

    Raises:
        SourceError: If there is no such file.
    """
    return KafkaSource(name) if name.startswith(KAFKA_SCHEME) else FileSource(name)
