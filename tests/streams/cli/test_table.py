"""Tables: aligned for people, folded to a terminal, whole in a pipe."""

import pytest
from rich.cells import cell_len

from streams.cli.table import LAST_MIN, Column, fitted, folded, row_lines, table_lines

COLUMNS = (Column("kpi"), Column("value", right=True), Column("labels"))
ROWS = (
    ("mrr", "66,258 USD", "plan=gold, region=emea, segment=enterprise"),
    ("nps", "7.0", ""),
    ("日本", "-1", "läuft"),
)


def test_columns_are_aligned() -> None:
    """Each begins where its title does, numbers end where theirs does, by cells and not letters."""
    head, *lines = table_lines(COLUMNS, ROWS)
    assert head == "KPI        VALUE  LABELS"
    assert lines[1] == "nps          7.0"
    assert lines[2] == "日本          -1  läuft"
    assert [cell_len(line[: line.index(text)]) for line, text in zip(
        (head, lines[0], lines[2]), ("LABELS", "plan", "läuft"), strict=True
    )] == [18, 18, 18]  # fmt: skip


@pytest.mark.parametrize("width", [42, 46, 50])
def test_the_last_column_gives_way(width: int) -> None:
    """No line is longer than the terminal, and nothing is cut off."""
    lines = list(table_lines(COLUMNS, ROWS, width))
    assert len(lines) > 1 + len(ROWS)
    assert max(map(cell_len, lines)) <= width
    whole = list(table_lines(COLUMNS, ROWS))
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(whole).split())


def test_a_narrow_terminal_does_not_cut_words_to_pieces() -> None:
    """The last column keeps its least width, though lines are longer than the terminal then."""
    lines = list(table_lines(COLUMNS, ROWS, 10))
    assert max(map(cell_len, lines)) <= 18 + LAST_MIN


def test_without_a_terminal_a_row_is_a_line() -> None:
    """So that it can be counted, searched and cut; line breaks of a text are spaces."""
    odd = [*ROWS, ("a\nb", "1", "c\td\n")]
    lines = list(table_lines(COLUMNS, odd))
    assert len(lines) == 1 + len(odd)
    assert lines[-1].split() == ["a", "b", "1", "c", "d"]


def test_a_terminal_is_told_nothing_by_a_text() -> None:
    """Escape sequences and marks of direction are shown, and columns stay aligned behind them."""
    head, line = table_lines(COLUMNS, [("a\x1b[2J\u202e\x07", "1", "end")])
    assert line.isprintable()
    assert line.split() == [r"a\x1b[2J\u202e\x07", "1", "end"]
    assert line.index("end") == head.index("LABELS")


def test_a_table_without_rows_is_its_header() -> None:
    """The header says what there would be."""
    assert list(table_lines(COLUMNS, [])) == ["KPI  VALUE  LABELS"]


def test_rows_may_come_one_by_one() -> None:
    """With widths that are known, each row is as it is in a whole table."""
    columns = fitted(COLUMNS, ROWS)
    one_by_one = [line for row in ROWS for line in row_lines(columns, row, 50)]
    assert one_by_one == list(table_lines(COLUMNS, ROWS, 50))[1:]


def test_a_line_is_folded_under_its_head() -> None:
    """As findings are: what goes on stands below what it belongs to."""
    lines = list(folded("one two three four five six seven", 30, "  "))
    assert lines == ["  one two three four five six", "  seven"]
    assert list(folded("one two", None)) == list(folded("one two", 7)) == ["one two"]
