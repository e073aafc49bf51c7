"""What an explorer says while it starts."""

import logging

import pytest
from faust.types import TP

from streams.explorer.course import Course
from streams.explorer.restoring import LOGGED_EACH_S, Restoring
from streams.worker.table_log import TableLog


def test_it_says_how_far_it_is_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    """On the page each second, in the log each ten; of what there was when it was asked."""
    caplog.set_level(logging.INFO)
    now_s, said = 0.0, list[str]()
    course = Course(TP("a", 0), TableLog(TP("b", 0)))
    restoring = Restoring([course], said.append, lambda: now_s)
    course.begin_at(100, 2_100)
    restoring.begin()
    now_s = 0.5
    restoring.note()
    assert said == ["the tables are looked for", "0 % of 2,000 records"]
    now_s, course.next = 2.0, 1_100
    restoring.note()
    assert said[-1] == "50 % of 2,000 records, 500 a second"
    now_s, course.next = LOGGED_EACH_S, 9_999
    restoring.note()
    assert caplog.messages == [
        "restoring: 2000 records of 1 changelogs",
        "restoring: 100 % of 2,000 records, 200 a second",
    ]


def test_nothing_to_read_is_read() -> None:
    """Empty changelogs are no division by 0."""
    assert Restoring([], lambda _: None, lambda: 0.0).text() == "100 % of 0 records"
