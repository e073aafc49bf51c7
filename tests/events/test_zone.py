"""Time zones: those of the pinned package, whatever files the host has."""

import zoneinfo
from datetime import UTC, datetime
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILES_A_DAY, edge_at
from events.zone import UnknownZoneError, zone


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("America/Vancouver", "2026-11-27 00:30"),
        ("America/Edmonton", "2026-11-27 01:30"),
        ("Africa/Casablanca", "2026-11-27 07:30"),
    ],
)
def test_rules_of_autumn_2026(name: str, local: str) -> None:
    """An instant of that autumn is on the day on which people there have it; older files differ."""
    at = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)
    assert at.astimezone(zone(name)).strftime("%Y-%m-%d %H:%M") == local
    calendar, tile = Calendar(name), edge_at(int(at.timestamp() * 1000))
    [hour, minute] = map(int, local[-5:].split(":"))
    assert tile - calendar.day_start(calendar.day_of(tile)) == (hour * 60 + minute) // 15


def test_files_of_the_host_are_not_looked_at(tmp_path: Path) -> None:
    """A host whose files say otherwise has the same days."""
    folder = tmp_path / "Asia"
    folder.mkdir()
    lima = files("tzdata").joinpath("zoneinfo", "America", "Lima")
    (folder / "Tokyo").write_bytes(lima.read_bytes())
    try:
        zoneinfo.reset_tzpath([str(tmp_path)])
        zoneinfo.ZoneInfo.clear_cache()
        noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
        assert noon.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo")).hour == 7
        zone.cache_clear()
        assert noon.astimezone(zone("Asia/Tokyo")).hour == 21
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize(
    "name",
    ["", "Europe/Atlantis", "Europe", "../tzdata", "/etc/localtime", "zone.tab", "Mars/", "ü"],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    """A name that the package has no rules for, and a path, are named in the error."""
    with pytest.raises(UnknownZoneError, match="unknown time zone"):
        zone(name)
    with pytest.raises(ValueError, match="unknown time zone"):
        Calendar(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Berlin", "(meant: Europe/Berlin?)"),
        ("Europe/Berln", "(meant: Europe/Berlin?)"),
        ("america/new_york", "(meant: America/New_York?)"),
        ("My office", "; IANA names, such as Europe/Berlin"),
    ],
)
def test_a_misspelt_zone_says_what_may_be_meant(name: str, said: str) -> None:
    """People name the city alone, or in small letters."""
    with pytest.raises(UnknownZoneError) as caught:
        zone(name)
    assert (
        str(caught.value) == f"unknown time zone {name!r}{said if said[0] == ';' else ' ' + said}"
    )


def test_a_day_without_a_change_of_clocks_has_96_tiles() -> None:
    """British Columbia no longer changes its clocks: its days of November 2026 are whole."""
    calendar = Calendar("America/Vancouver")
    first = calendar.day_of(edge_at(1_793_520_000_000))  # 2026-11-01T08:00:00Z
    starts = [calendar.day_start(first + day) for day in range(30)]
    assert {after - before for before, after in pairwise(starts)} == {TILES_A_DAY}
