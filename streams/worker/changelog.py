"""The codec of changelog records: a small header before each row, and checkpoint markers.

Layout, big-endian: version (1 byte), epoch (8), source offset stamp (8), then the packed row. Rows
are never deleted, so there are no tombstones, which could not carry an epoch.

A marker has the empty key. It says: all rows changed by source offsets up to the stamp are stored
before me, the table then had so many rows, and the changelog's log then began there. So a restore
knows where to read on, and sees it when rows are missing.
"""

from struct import Struct
from typing import Final, NamedTuple

from streams.worker.error import WorkerError

VERSION: Final = 1
"""Of the header. Rows carry a version of their own."""

MARKER_KEY: Final = b""
"""Key of checkpoint markers; no row packs to an empty key."""

NO_STAMP: Final = -1
"""In the header of a record that no source offset goes with."""

_HEADER: Final = Struct(">BQq")
_MARKER: Final = Struct(">Qq")
HEADER_BYTES: Final = _HEADER.size


class Header(NamedTuple):
    """Attributes: the writer's epoch, and the last source offset it had folded."""

    epoch: int
    stamp: int


class Marker(NamedTuple):
    """Attributes: the stored stamp, the rows the table had, and where the changelog's log began."""

    stamp: int
    rows: int
    log_start: int


def pack_header(epoch: int, stamp: int) -> bytes:
    """Packs a header.

    >>> len(pack_header(1, -1))
    17
    """
    return _HEADER.pack(VERSION, epoch, stamp)


def unpack_header(value: bytes) -> Header:
    """Reads the header of a changelog record.

    Raises:
        WorkerError: If it is of another version, or too short: this program must not guess.
    """
    if len(value) < HEADER_BYTES or value[0] != VERSION:
        raise WorkerError("changelog-version", f"cannot read changelog record {value[:24]!r}")
    _, epoch, stamp = _HEADER.unpack_from(value)
    return Header(epoch, stamp)


def pack_marker(epoch: int, marker: Marker) -> bytes:
    """Packs a marker with its header."""
    return pack_header(epoch, marker.stamp) + _MARKER.pack(marker.rows, marker.log_start)


def unpack_marker(value: bytes) -> Marker:
    """Reads a marker.

    >>> unpack_marker(pack_marker(3, Marker(41, 2, 0)))
    Marker(stamp=41, rows=2, log_start=0)
    """
    rows, log_start = _MARKER.unpack_from(value, HEADER_BYTES)
    return Marker(unpack_header(value).stamp, rows, log_start)
