"""The course of a table: rows wait for the marker of their checkpoint."""

from collections.abc import Sequence
from typing import Final

from faust.types import TP

from aggregates.shard.board import TopicStatus
from streams.explorer.course import Course
from streams.worker.changelog import MARKER_KEY, NO_STAMP, Marker, pack_header, pack_marker
from streams.worker.table_log import TableLog
from tests.simulation.logs import Kept

SOURCE: Final = TP("tidemark.usage", 0)
CHANGELOG: Final = TP("tidemark-usage-rows-v1-changelog", 0)


def row(offset: int, key: str, stamp: int, epoch: int = 1) -> Kept:
    """A stored row."""
    return Kept(offset, key.encode(), pack_header(epoch, stamp) + b"row")


def marker(offset: int, stamp: int, rows: int = 1, epoch: int = 1, log_start: int = 0) -> Kept:
    """A marker, written in the second of its offset."""
    packed = pack_marker(epoch, Marker(stamp, rows, log_start))
    return Kept(offset, MARKER_KEY, packed, offset * 1_000)


def read(records: Sequence[Kept], begin: int = 0) -> Course:
    """A course that has read records one by one."""
    course = Course(SOURCE, TableLog(CHANGELOG))
    course.begin_at(begin, len(records))
    for record in records:
        course.apply([record])
    return course


def test_rows_wait_for_the_marker_of_their_checkpoint() -> None:
    """What follows the last marker is of a checkpoint that is not whole yet."""
    course = read([row(0, "a", 4), marker(1, 4), row(2, "b", 9)])
    assert course.rows.keys() == {b"a"}
    assert (course.done, course.next, course.written_ms) == (5, 3, 1_000)
    course.apply([marker(3, 9, rows=2)])
    assert course.rows.keys() == {b"a", b"b"}
    assert (course.done, course.written_ms) == (10, 3_000)


def test_records_that_come_together_are_taken_one_checkpoint_after_the_other() -> None:
    """It makes no difference how many are fetched at once."""
    records = [row(0, "a", 4), marker(1, 4), row(2, "b", 9)]
    at_once = Course(SOURCE, TableLog(CHANGELOG))
    at_once.apply(records)
    assert at_once.rows.keys() == read(records).rows.keys() == {b"a"}


def test_a_checkpoint_that_was_cut_short_waits_until_its_next_owner_has_come_as_far() -> None:
    """The marker of the next owner says where it reads on, which lies before what rows hold."""
    torn = [row(0, "a", 4), marker(1, 4), row(2, "a", 9), marker(3, 4, epoch=2)]
    course = read(torn)
    assert (len(course.rows), course.done) == (1, 5)
    course.apply([row(4, "b", 7, epoch=2), marker(5, 7, rows=2, epoch=2)])
    assert ({*course.rows}, course.done) == ({b"a"}, 5)
    course.apply([marker(6, 9, rows=2, epoch=2)])
    assert ({*course.rows}, course.done) == ({b"a", b"b"}, 10)


def test_a_zombie_is_passed_over() -> None:
    """Neither its rows nor its marker count, once there is a later owner."""
    course = read([marker(0, 4, rows=0, epoch=2), row(1, "a", 9), marker(2, 9)])
    assert (course.rows, course.done, course.next) == ({}, 5, 3)
    assert not course.log.stale


def test_a_table_says_what_it_waits_for() -> None:
    """Nothing stored, a first checkpoint cut short, rows missing, a head that is gone."""
    begun = Course(SOURCE, TableLog(CHANGELOG))
    assert begun.waits_for(0) == "tidemark.usage: no checkpoint yet"
    torn = read([row(0, "a", 4), marker(1, NO_STAMP, epoch=2)])
    assert torn.waits_for(0) == "tidemark.usage: a checkpoint was cut short"
    whole = read([row(0, "a", 4), marker(1, 4)])
    assert whole.waits_for(1) == ""
    assert whole.waits_for(0).startswith("tidemark.usage: 0 rows of 1; a worker that starts")
    cut = read([row(7, "a", 4), marker(8, 4)], begin=7)
    assert "a worker that starts" in cut.waits_for(1)
    cut.apply([marker(9, 4, epoch=2, log_start=7)])
    assert cut.waits_for(1) == ""


def test_how_far_it_is_behind() -> None:
    """The events by what markers say of them, the changelog by what was read; unknown is none."""
    course = read([row(0, "a", 4), marker(1, 4)])
    assert course.progress({}) == TopicStatus(5, None)
    assert course.unread({}) is None
    assert course.progress({SOURCE: 7}) == TopicStatus(5, 2)
    assert course.unread({CHANGELOG: 5}) == 3
    assert course.unread({CHANGELOG: 1}) == 0
