"""Files as plain bytes: decompressed, without a byte-order mark; what is no UTF-8 is named."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from events.dialect import BYTE_ORDER_MARK
from streams.source import SourceError

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
"""Byte-order marks of UTF-16 and UTF-32; both begin alike."""

_DAMAGED: Final = (EOFError, zlib.error, zstd.ZstdError)
"""What is raised of compressed bytes, beside an ``OSError`` that the system has no words for."""

_DAMAGED_SAYS: Final = "what is compressed is damaged or cut off"

_READ_BYTES: Final = 1 << 20
"""What is read ahead: a thousand records, so that lines are cut at little cost."""


@contextmanager
def opened_plain(name: str) -> Iterator[IO[bytes]]:
    """Opens a file, or standard input for ``-``, whether it is compressed or not.

    Raises:
        SourceError: If it cannot be read, or is written in UTF-16; while it is open too.
    """
    with opened_counted(name) as (file, _):
        yield file


@contextmanager
def opened_counted(name: str) -> Iterator[tuple[io.BufferedReader, Callable[[], int]]]:
    """Opens a file as ``opened_plain`` does; yields it with what says how much of it was read.

    That is in bytes as they lie on the disk, up to ``_READ_BYTES`` more than was asked for.
    """
    with ExitStack() as stack:
        try:
            raw = sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))
            ahead = _Ahead(raw)
            yield _plain(name, io.BufferedReader(ahead, _READ_BYTES)), lambda: ahead.done
        except (OSError, *_DAMAGED) as error:
            said = getattr(error, "strerror", None) or _DAMAGED_SAYS
            raise SourceError(f"{name}: {said}") from error


class _Ahead(io.RawIOBase):
    """A stream under a buffer of its own, which may be a pipe that is not to be closed.

    Attributes:
        done: Bytes read so far.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = cast(io.BufferedReader, raw)
        self.done = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        read = self._raw.readinto1(buffer)
        self.done += read
        return read


def _plain(name: str, file: io.BufferedReader) -> io.BufferedReader:
    head = file.peek(4)[:4]
    if head.startswith(_GZIP):
        return _plain(
            name, io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=file)), _READ_BYTES)
        )
    if head.startswith(_ZSTD):
        return _plain(name, io.BufferedReader(cast(io.RawIOBase, zstd.ZstdFile(file)), _READ_BYTES))
    if head.startswith(_WIDE):
        raise _wide(name)
    if head.startswith(BYTE_ORDER_MARK):
        file.read(len(BYTE_ORDER_MARK))
    return file


def _wide(name: str) -> SourceError:
    return SourceError(f"{name}: it is written in UTF-16; what is read here is UTF-8")


class PlainStream:
    """The same of bytes that come piece by piece, such as those of a pipe that stays open."""

    def __init__(self, name: str) -> None:
        """Takes what the stream is called in errors."""
        self._name = name
        self._head: bytes | None = b""
        self._unpack: Callable[[bytes], bytes] = lambda piece: piece

    def take(self, piece: bytes) -> bytes:
        """Returns what a piece has in plain bytes; an empty piece ends the stream.

        Raises:
            SourceError: If it is written in UTF-16, or what is compressed is damaged or cut off.
        """
        if self._head is not None:
            self._head += piece
            if piece and len(self._head) < len(_ZSTD):
                return b""  # too little to tell
            piece, self._head = self._head, None
            if piece.startswith(_WIDE):
                raise _wide(self._name)
            if piece.startswith((_GZIP, _ZSTD)):
                self._unpack = _Unpacking(piece.startswith(_GZIP)).take
            piece = piece.removeprefix(BYTE_ORDER_MARK)
        try:
            return self._unpack(piece)
        except _DAMAGED as error:
            raise SourceError(f"{self._name}: {_DAMAGED_SAYS}") from error


class _Unpacking:
    """Compressed members that follow each other, piece by piece."""

    def __init__(self, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._member: Any = None

    def take(self, piece: bytes) -> bytes:
        if not piece and self._member is not None:
            raise EOFError
        plain = b""
        while piece:
            if self._member is None:
                wbits = zlib.MAX_WBITS | 16  # with the header of gzip
                self._member = (
                    zlib.decompressobj(wbits) if self._is_gzip else zstd.ZstdDecompressor()
                )
            plain += self._member.decompress(piece)
            piece = b""
            if self._member.eof:
                piece, self._member = self._member.unused_data, None
        return plain
