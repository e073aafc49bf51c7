"""The changelog: headers, markers, and the rule by which records are taken."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from faust.types import TP

from streams.kafka.topics import Topics
from streams.worker.changelog import MARKER_KEY, Marker, pack_header, pack_marker, unpack_header
from streams.worker.error import WorkerError
from streams.worker.table_log import TableLog


@dataclass(frozen=True)
class Stored:
    """A changelog record."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


def unread() -> TableLog:
    """A log that nothing was read of."""
    return TableLog(TP(Topics().changelog("usage"), 0))


def row(offset: int, key: bytes, epoch: int, payload: bytes = b"row") -> Stored:
    """A stored row."""
    return Stored(offset, key, pack_header(epoch, offset) + payload)


def test_a_header_is_read_as_written() -> None:
    """Epoch and stamp survive, also before the first source offset."""
    assert unpack_header(pack_header(2**40, -1) + b"row") == (2**40, -1)


@pytest.mark.parametrize("value", [b"", b"\x01short", b"\x02" + bytes(30)])
def test_a_record_of_another_version_is_refused_by_name(value: bytes) -> None:
    """A program must not guess at what it cannot read."""
    with pytest.raises(WorkerError, match="changelog-version"):
        unpack_header(value)


def test_the_latest_row_of_each_key_holds() -> None:
    """Later records replace earlier ones of the same key."""
    log = unread()
    log.apply([row(0, b"a", 3, b"1"), row(1, b"b", 3, b"2"), row(2, b"a", 4, b"3")])
    assert {key: value[17:] for key, value in log.rows.items()} == {b"a": b"3", b"b": b"2"}
    assert log.epoch == 4
    assert not log.stale


def test_a_record_after_a_later_owner_is_skipped_and_its_key_noted() -> None:
    """A marker is enough to fence: whatever comes after it with a lower epoch is a zombie's."""
    log = unread()
    marker = Stored(1, MARKER_KEY, pack_marker(5, Marker(7, 1, 0)))
    log.apply([row(0, b"a", 3, b"good"), marker, row(2, b"a", 4, b"late"), row(3, b"c", 4)])
    assert {key: value[17:] for key, value in log.rows.items()} == {b"a": b"good"}
    assert log.stale == {b"a", b"c"}
    assert log.marker == Marker(7, 1, 0)


def test_a_zombies_marker_vouches_for_nothing() -> None:
    """A marker of a lower epoch is skipped like any record."""
    log = unread()
    good, late = pack_marker(5, Marker(7, 1, 0)), pack_marker(4, Marker(99, 9, 0))
    log.apply([Stored(0, MARKER_KEY, good), Stored(1, MARKER_KEY, late)])
    assert log.marker == Marker(7, 1, 0)


def test_tombstones_are_not_ours() -> None:
    """Nothing here deletes rows, so a tombstone deletes none."""
    log = unread()
    log.apply([row(0, b"a", 1), Stored(1, b"a", None)])
    assert set(log.rows) == {b"a"}
