"""Windows: where they start, what leaves them, what names there are, further ones by policy."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from aggregates.ledger.measure import Segment, Series
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_at
from aggregates.time.window import WINDOWS_SAID, is_window
from events import parse_instant
from streams.local.intake import Intake
from streams.simulator import Company

BERLIN: Final = Calendar("Europe/Berlin")
FIRST: Final = edge_at(parse_instant("2020-01-01T00:00:00Z"))
NAMES: Final = ("1d", "30d", "180d", "month", "quarter", "year")
FURTHER: Final = "45d"
START_MS: Final = parse_instant("2025-11-01T00:00:00Z")


@pytest.mark.parametrize(
    ("name", "at", "begins"),
    [
        ("month", "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        ("quarter", "2026-04-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("quarter", "2026-04-01T00:15:00Z", "2026-04-01T00:00:00Z"),
        ("quarter", "2026-12-31T00:00:00Z", "2026-10-01T00:00:00Z"),
        ("year", "2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("year", "2026-12-31T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("45d", "2026-02-15T00:00:00Z", "2026-01-01T00:00:00Z"),
    ],
)
def test_starts(name: str, at: str, begins: str) -> None:
    """A window to date begins with its period, a rolling one so many days before."""
    window = Calendar().windows[name]
    assert window.name == name
    assert window.start(edge_at(parse_instant(at))) == edge_at(parse_instant(begins))


@given(
    st.sampled_from(NAMES),
    st.integers(FIRST, FIRST + 96 * 3_000),
    st.integers(1, 96 * 400),
)
def test_start_and_end_are_inverse(name: str, tile: int, later: int) -> None:
    """A window read at T holds a tile exactly until the tile's end."""
    window, edge = BERLIN.windows[name], tile + later
    assert (window.start(edge) <= tile) == (edge <= window.end(tile))


@pytest.mark.parametrize("name", ["0d", "01d", "1000d", "week", "", "30", "30D", "-1d"])
def test_there_is_no_such_window(name: str) -> None:
    """Other names are none, and asking for them is an error."""
    assert not is_window(name)
    with pytest.raises(KeyError):
        Calendar().windows[name]


@pytest.mark.parametrize(
    ("further", "problem"),
    [
        ({"revenu": ["90d"]}, "no family 'revenu'"),
        ({"usage": ["90d"]}, "usage is counted over no further windows"),
        ({"seats": ["90d"]}, "seats is counted over no further windows"),
    ],
)
def test_further_windows_are_for_families_that_take_them(
    further: dict[str, list[str]], problem: str
) -> None:
    """A family that is not there, or is not counted over windows, is named."""
    with pytest.raises(ValueError, match=problem):
        Plan(Policy.model_validate({"further_windows": further}))


def test_the_longest_rolling_window_is_the_one_that_messages_name() -> None:
    """Three digits of days, and a refused name is answered with the right bound."""
    assert is_window("999d")
    assert not is_window("1000d")
    assert WINDOWS_SAID.endswith("days from 1d to 999d")


def test_further_windows_have_names_of_windows() -> None:
    """A name that is none is refused where the settings are read."""
    with pytest.raises(ValidationError, match="unknown window 'week'"):
        Policy.model_validate({"further_windows": {"nps": ["week"]}})


def _cells(plan: Plan, lines: list[bytes]) -> dict[tuple[Series, Segment], dict[int, int]]:
    intake = Intake(plan, 1)
    intake.take(lines)
    intake.settle()
    return {key: dict(cells) for key, cells in intake.shards[0].ledger.cells.items() if cells}


def test_further_windows_add_series_and_change_no_other() -> None:
    """Every measure of every family that takes them has the further window wherever it has others.

    What was there before is there still, cell for cell.
    """
    company = Company(4, 25, START_MS)
    lines = [line for _, day in zip(range(120), company.days(), strict=False) for _, line in day]
    usual = Plan()
    taking: dict[str, tuple[str, ...]] = {
        family.name: (FURTHER,)
        for families in usual.families.values()
        for family in families
        if not family.fixed_windows and any(measure.windows for measure in family.measures)
    }
    wide = Plan(Policy(further_windows=taking))
    before, after = _cells(usual, lines), _cells(wide, lines)
    added = {key: cells for key, cells in after.items() if FURTHER in key[0][1:2]}
    assert {key: cells for key, cells in after.items() if key not in added} == before
    widened = {name for name, measure in wide.measures.items() if FURTHER in measure.windows}
    assert widened
    assert {series[0] for series, _ in added} == {
        series[0] for series, _ in before if series[0] in widened
    }
