"""Outlines written out all at once make the ledger that they make one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.contributions.cover import Column, Covered, cover
from aggregates.contributions.occurrence import FOREVER, Occurrence, windowed
from aggregates.ledger.gathered import Gathered
from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Contribution, Outline, written
from aggregates.policies.policy import Policy
from aggregates.rows.accounts import account_view
from aggregates.rows.family import Scope
from aggregates.shard.kept import Contributed
from aggregates.time.calendar import Calendar
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import DAY, START

CALENDARS = [Calendar(zone) for zone in ("UTC", "Europe/Berlin", "Pacific/Apia")]
NAMES = ("1d", "30d", "month", "quarter")
SEGMENTS = (("smb",), ("enterprise",))
PENDING = (0, 5, 1_000)
"""How many contributions wait at most before they are added up."""

SCOPE = Scope(CALENDARS[0], Policy(), account_view((), ()), {}, "a")

tiles = st.integers(START, START + 70 * DAY)
instants = tiles.map(lambda tile: tile * TILE_MS)
amounts = st.integers(-3, 3) | st.sampled_from([2**62, -(2**63), 2**63, 10**30])


def outlines(calendar: Calendar) -> st.SearchStrategy[Contribution | Outline]:
    """Returns outlines of every kind, and contributions."""
    windows = [calendar.windows[name] for name in NAMES]
    series = st.sampled_from([("active", "1d"), ("active", "30d"), ("created", "1d", "high")])
    occurrences = st.builds(Occurrence, instants, instants, instants | st.just(FOREVER))
    beginnings = st.lists(tiles, unique=True).map(sorted)
    return st.one_of(
        st.builds(
            lambda at, amount, label: windowed("created", windows, at, label, amount=amount),
            occurrences,
            amounts,
            st.sampled_from(["high", "low"]),
        ),
        st.builds(
            lambda own, days, begins, times: Covered(own, calendar, days, begins, times),
            series,
            st.sampled_from([1, 30]),
            beginnings,
            st.integers(1, 3),
        ),
        st.builds(Column, series, st.lists(tiles)),
        st.builds(
            lambda own, at: Column(own, np.array(at, dtype=np.int64), np.arange(len(at))),
            series,
            st.lists(tiles),
        ),
        st.tuples(series, tiles, amounts),
    )


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.timezone)
@given(st.data())
def test_gathered_as_written(calendar: Calendar, data: st.DataObject) -> None:
    """Whatever units of two segments say, and how often it is added up, the ledger is the same."""
    gathered, ledger = Gathered(), Ledger()
    units = st.tuples(st.sampled_from(SEGMENTS), st.lists(outlines(calendar), max_size=5))
    with pytest.MonkeyPatch.context() as patch:
        for most in ("PENDING_MAX", "BLOCK_MAX"):
            patch.setattr(f"aggregates.ledger.gathered.{most}", data.draw(st.sampled_from(PENDING)))
        for segment, said in data.draw(st.lists(units, max_size=6)):
            gathered.take(said, segment)
            ledger.apply(written(said), segment)
        cells = gathered.cells()
    assert Ledger(cells.prefixes()) == ledger
    assert {cells.tiles.dtype, cells.named(keeps_zeros=True).tiles.dtype} == {np.dtype(np.int64)}


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.timezone)
@given(st.lists(tiles, unique=True).map(sorted), st.sampled_from([1, 7, 30]), st.integers(1, 4))
def test_covered(calendar: Calendar, begins: list[int], days: int, times: int) -> None:
    """A cover of local days is the cover of spans that end where these do."""
    found = Covered(("active",), calendar, days, begins, times).contributions()
    assert found == list(cover(("active",), calendar.days_end(days), begins, times))


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.timezone)
@given(st.data())
def test_changes_from_what_was_kept(calendar: Calendar, data: st.DataObject) -> None:
    """Law: what a unit said, without what is no more and with what is new, is what it says."""
    parts = st.lists(st.lists(outlines(calendar), max_size=6), min_size=2, max_size=2)
    before = data.draw(parts)
    now = [
        data.draw(st.lists(outlines(calendar) | st.sampled_from(part), max_size=6)) if part else []
        for part in before
    ]
    old, new = Contributed(SCOPE, before), Contributed(SCOPE, now)
    less, more = new.changes_from(old)
    changed, whole = Ledger(), Ledger()
    for contributions, sign in ((old.all(), 1), (less, -1), (more, 1)):
        changed.apply(contributions, SEGMENTS[0], sign)
    whole.apply(new.all(), SEGMENTS[0], 1)
    assert changed == whole
    assert len(less) <= len(old.all())
    assert len(more) <= len(new.all())


def test_one_more_day_changes_little() -> None:
    """Of what was kept of a year, one more day gives what it changes, and no more."""
    days = [START + day * DAY for day in range(0, 365, 3)]
    series = ("active_users", "1d")
    before, now = (
        Contributed(SCOPE, [[Covered(series, CALENDARS[0], 1, tiles), Column(("days",), tiles)]])
        for tiles in (days, [*days[:51], days[50] + DAY, *days[51:]])
    )
    assert now.changes_from(before) == (
        [(series, days[50] + DAY, -1)],
        [(series, days[50] + 2 * DAY, -1), (("days",), days[50] + DAY, 1)],
    )
