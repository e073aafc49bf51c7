"""``tidemark simulate --kafka --live``: all of history, then live, and no event twice."""

import json
from itertools import islice
from pathlib import Path

import pytest

from streams.simulator import Company
from streams.simulator.bookmark import Bookmark, read_bookmark
from tests.end_to_end.installation import Installation

pytestmark = [pytest.mark.broker, pytest.mark.slow]

ACCOUNTS, DAYS = 10, 40
COMPANY = ("--accounts", str(ACCOUNTS), "--days", str(DAYS))


def test_a_restarted_company_repeats_nothing(installation: Installation, tmp_path: Path) -> None:
    """It is ended and started again; the topics hold each event of its story once, up to the
    bookmark."""
    path = tmp_path / "position.json"
    arguments = ("simulate", "--kafka", "--live", "--position", path, *COMPANY)
    first = installation.commands.start("simulator", *arguments)
    assert "live now" in first.says("events of history published")
    assert first.end() == 0, first.tail()
    told = read_bookmark(path, Bookmark(1, ACCOUNTS, DAYS, 0))
    assert told.lines > 1_000
    assert installation.published().total() == told.lines

    again = installation.commands.start("simulator", *arguments)
    again.says("events of history published")
    assert again.end() == 0, again.tail()
    told = read_bookmark(path, told)
    company = Company(1, ACCOUNTS, told.start_ms, horizon_days=DAYS)
    story = [json.loads(line)["id"] for _, line in islice(company.events(), told.lines)]
    assert sorted(installation.event_ids()) == sorted(story)
