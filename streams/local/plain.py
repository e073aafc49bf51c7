"""Files as plain bytes: decompressed, without a byte-order mark; what is no UTF-8 is named."""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from streams.source import SourceError

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_MARK: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
"""Byte-order marks of UTF-16 and UTF-32; both begin alike."""

_READ_BYTES: Final = 1 << 20
"""What is read ahead: a thousand records, so that lines are cut at little cost."""


@contextmanager
def opened_plain(name: str) -> Iterator[IO[bytes]]:
    """Opens a file, or standard input for ``-``, whether it is compressed or not.

    Raises:
        SourceError: If it cannot be read, or is written in UTF-16; while it is open too.
    """
    with ExitStack() as stack:
        try:
            raw = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
            yield cast(IO[bytes], _plain(name, io.BufferedReader(_Ahead(raw), _READ_BYTES)))
        except (OSError, EOFError, zstd.ZstdError) as error:
            said = getattr(error, "strerror", None) or error
            raise SourceError(f"{name}: {said}") from error


class _Ahead(io.RawIOBase):
    """A stream under a buffer of its own, which may be a pipe that is not to be closed."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = cast(io.BufferedReader, raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        return self._raw.readinto1(buffer)


def _plain(name: str, file: io.BufferedReader) -> io.BufferedReader:
    head = file.peek(4)[:4]
    if head.startswith(_GZIP):
        return _plain(
            name, io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=file)), _READ_BYTES)
        )
    if head.startswith(_ZSTD):
        return _plain(name, io.BufferedReader(cast(io.RawIOBase, zstd.ZstdFile(file)), _READ_BYTES))
    if head.startswith(_WIDE):
        raise SourceError(f"{name}: it is written in UTF-16; what is read here is UTF-8")
    if head.startswith(_MARK):
        file.read(len(_MARK))
    return file
