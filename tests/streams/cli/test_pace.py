"""Pace: how far, how fast and how long yet, in units that people read."""

import logging
import sys

import pytest

from streams.cli.pace import WINDOW_S, Pace
from streams.cli.progress import LOGGED_EACH_S, progress_bar


class Clock:
    """A clock that is moved by hand."""

    now_s = 100.0

    def __call__(self) -> float:
        """Returns its time."""
        return self.now_s


def test_bytes_with_their_records() -> None:
    """Both sizes in one unit, the share, the rate in events, and the time that is left."""
    clock = Clock()
    pace = Pace("bytes", 4_100_000_000, clock)
    for _ in range(6):
        clock.now_s += 1
        pace.advance(200_000_000, 210_000)
    assert pace.text() == "1.2 of 4.1 GB (29 %), 210,000 events/s, 14 s left"


@pytest.mark.parametrize(
    ("unit", "total", "done", "text"),
    [
        ("records", 1_000, 250, "250 of 1,000 records (25 %), 25 records/s, 30 s left"),
        ("records", None, 25_000, "25,000 records, 2,500 records/s"),
        ("times", 10, 10, "10 of 10 times (100 %), 1 times/s"),
        ("bytes", 5_000_000, 2_500_000, "2.5 of 5.0 MB (50 %), 250.0 kB/s, 10 s left"),
        ("bytes", None, 900, "900 bytes, 90 bytes/s"),
        ("records", 0, 0, "0 records, 0 records/s"),
        ("bytes", 100, 150, "150 of 100 bytes (100 %), 15 bytes/s"),
    ],
)
def test_each_unit(unit: str, total: int | None, done: int, text: str) -> None:
    """After ten seconds; what is not known is not told, and no share is above all of it."""
    clock = Clock()
    pace = Pace(unit, total, clock)
    clock.now_s += 10
    pace.advance(done)
    assert pace.text() == text


def test_a_total_may_be_known_later() -> None:
    """As that of a cluster, which is asked when reading begins."""
    clock, totals = Clock(), iter([None, 500])
    pace = Pace("events", lambda: next(totals), clock)
    assert pace.text() == "0 events"
    pace.advance(100)
    assert pace.text() == "100 of 500 events (20 %)"


def test_before_anything_is_done_there_is_no_rate() -> None:
    """Nothing is divided by no time."""
    assert Pace("records", 10, Clock()).text() == "0 of 10 records (0 %)"


def test_the_rate_is_that_of_late() -> None:
    """After a change of speed it is the new one, one window later."""
    clock = Clock()
    pace = Pace("records", None, clock)
    for rate in (1_000, 10):
        for _ in range(round(3 * WINDOW_S)):
            clock.now_s += 1
            pace.advance(rate)
    assert pace.text().endswith(" 10 records/s")


def test_a_log_has_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where there is no terminal, at the level of what is good to know only, and not each time."""
    clock = Clock()
    monkeypatch.setattr("streams.cli.progress.monotonic_s", clock)
    caplog.set_level(logging.INFO, "streams.cli.progress")
    with progress_bar("replaying f", "records", 100) as advance:
        for _ in range(25):
            clock.now_s += LOGGED_EACH_S / 10
            advance(1)
    messages = [record.getMessage() for record in caplog.records]
    assert [text.partition(" records")[0] for text in messages] == [
        "replaying f: 10 of 100",
        "replaying f: 20 of 100",
    ]


@pytest.mark.parametrize("shown", [True, False])
def test_a_terminal_has_one_line(
    shown: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With what is being done and how far it is; with --quiet there is nothing at all."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    assert sys.__stderr__ is not None
    monkeypatch.setattr(sys.__stderr__, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("streams.cli.progress._shown", shown)
    with progress_bar("replaying f", "records", 4) as advance:
        advance(3)
    said = capfd.readouterr().err
    assert ("replaying f: 3 of 4 records (75 %)" in said) is shown
    assert bool(said) is shown
