"""The backlog in the log: when it begins, now and then, and when it ends."""

import pytest

from streams.worker.backlog import EACH_S, RECORDS, Backlog


def test_a_backlog_is_told_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """A few records are no backlog; one that lasts is told each half a minute, its end once."""
    now_s = 0.0
    backlog = Backlog(lambda: now_s)
    with caplog.at_level("INFO"):
        for records in (0, RECORDS - 1, 50_000, 40_000):
            backlog.note(records)
        now_s += EACH_S
        for records in (30_000, 20_000, 10, 0, RECORDS):
            backlog.note(records)
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "behind: 50000 records",
        "behind: 30000 records",
        "caught up",
        f"behind: {RECORDS} records",
    ]
