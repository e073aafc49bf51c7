"""Laws of CSV files: every row is accounted for, twice is the same, what is told is accepted."""

import csv
import io
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.events.sources.csv_rows.mapped import told
from tests.events.sources.importing import assert_accepted

MAPPING = """
timezone = "America/New_York"
ignore = [{column = "kind", equals = "none"}]
[[rows]]
type = "time.logged"
time = "at"
when = {column = "kind", differs_from = "cost"}
fields = {account_id = "account", seconds = "number", category = "kind"}
[[rows]]
type = "cost.recorded"
time = "at"
id = "account"
when = {column = "kind", equals = "cost"}
subject = "account"
[rows.fields]
category = {value = "service"}
amount = {column = "number", unit = "major", strip = "$"}
currency = {column = "currency", map = {"" = "USD"}}
"""
HEADER = ["account", "kind", "number", "currency", "at"]

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
TIMES = st.datetimes().map(lambda at: at.isoformat(sep=" ", timespec="minutes"))
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["acme", "globex", ""]) | TEXT,
        st.sampled_from(["cost", "none", "calls"]),
        st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str) | TEXT,
        st.sampled_from(["", "EUR", "JPY", "eur"]),
        TIMES | TEXT,
    ),
    max_size=12,
)
HOW = 'repeated = "each"\n'


def written(rows: Sequence[tuple[str, ...]]) -> bytes:
    """Rows as Python's own writer has them."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADER)
    writer.writerows(rows)
    return file.getvalue().encode()


@given(ROWS)
def test_every_row_is_told_passed_over_or_a_gap(rows: list[tuple[str, ...]]) -> None:
    """Just once, whatever the cells are; and importing twice gives the same bytes."""
    file = written(rows)
    found = told(HOW + MAPPING, file)
    assert found.records == len(rows)
    assert len(found.lines) + len(found.gaps) + found.out.passed.total() == len(rows)
    assert told(HOW + MAPPING, file).lines == found.lines


@given(st.binary(max_size=200))
def test_any_bytes_under_the_header_are_accounted_for(content: bytes) -> None:
    """However broken: nothing raises, and no byte but the ends of lines is lost."""
    found = told(HOW + MAPPING, (",".join(HEADER) + "\n").encode() + content)
    assert found.records == len(found.lines) + len(found.gaps) + found.out.passed.total()


@given(st.lists(st.integers(1, 10**9), max_size=10))
def test_what_can_be_read_is_accepted(amounts: list[int]) -> None:
    """By our own decoder, without a field that it does not know; and no amount is another."""
    rows = [
        (f"a{number}", kind, f"{cents // 100}.{cents % 100:02}", "EUR", "2026-01-05 10:00")
        for number, cents in enumerate(amounts)
        for kind in ("cost", "calls")
    ]
    found = told(HOW + MAPPING, written(rows))
    assert [each["amount"] for each in found.data if "amount" in each] == amounts
    assert len(found.lines) == len(rows)
    assert_accepted(found.lines)
