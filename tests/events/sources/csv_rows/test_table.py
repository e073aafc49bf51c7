"""Bytes as rows: however a file is written, each row is there once, whole or as a gap."""

import pytest

from events.sources.csv_rows.mapping import MappingError
from tests.events.sources.csv_rows.mapped import ANSWERS, told

HEADER = "Id,Score,Company,When\n"
AT = "2026-01-01T00:00:00Z"
ROW = f"r1,9,acme,{AT}\n"


@pytest.mark.parametrize(
    "file",
    [
        HEADER + ROW,
        (HEADER + ROW).replace("\n", "\r\n"),
        (HEADER + ROW).rstrip(),
        "\ufeff" + HEADER + ROW,
        (HEADER + ROW).replace(",", ";"),
        (HEADER + ROW).replace(",", "\t"),
        (HEADER + ROW).replace(",", "|"),
        "sep=;\n" + (HEADER + ROW).replace(",", ";"),
        "\n\n" + HEADER + "\n" + ROW + "\n  \n",
        f'"Id","Score","Company","When"\n"r1","9","acme","{AT}"\n',
        '\ufeff"Id","Score","Company","When"\n' + ROW,
        f"Comment, Id ,Score,Company,When\nx, r1 ,9, acme,{AT}\n",
    ],
)
def test_however_it_is_written(file: str) -> None:
    """Delimiter, quotes, byte-order mark, ends of lines, empty lines and blanks change nothing."""
    found = told(ANSWERS, file)
    assert found.data == [
        {"account_id": "acme", "response_id": "r1", "survey_type": "nps", "score": 9}
    ]
    assert found.gaps == []


def test_a_cell_may_have_lines_and_quotes() -> None:
    """A comment with line breaks, delimiters and doubled quotes is one cell; places go on."""
    why = '"so, ""good"",\r\n\r\nindeed"'
    file = f"Id,Score,Company,When,Why\nr1,9,acme,{AT},{why}\nr2,x,acme,{AT},\n"
    found = told(ANSWERS, file)
    assert len(found.lines) == 1
    assert [gap.record.place for gap in found.gaps] == ["file1:5"]
    assert found.gaps[0].record.raw == f"r2,x,acme,{AT},".encode()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("r2,9,acme\n", "wrong_cells"),
        (f"r2,9,acme,{AT},more\n", "wrong_cells"),
        (f'r2,9,"acme"s,{AT}\n', "unreadable_row"),
        (f"r2,9,ac\rme,{AT}\n", "unreadable_row"),
    ],
)
def test_a_broken_row_is_a_gap_and_the_next_is_read(row: str, reason: str) -> None:
    """Cells too many or too few, and quotes that are not closed, harm that row alone."""
    found = told(ANSWERS, HEADER + ROW + row + ROW.replace("r1", "r3"))
    assert [each["response_id"] for each in found.data] == ["r1", "r3"]
    assert found.reasons == [reason]
    assert found.gaps[0].record.raw == row.rstrip("\n").encode()
    assert found.gaps[0].record.place == "file1:3"


def test_a_quote_that_is_never_closed_is_a_gap_with_all_that_it_swallowed() -> None:
    """What cannot be told apart is in the report, line for line."""
    rest = f'r2,9,"acme,{AT}\n' + ROW * 3
    found = told(ANSWERS, HEADER + ROW + rest)
    assert (len(found.lines), found.reasons) == (1, ["unreadable_row"])
    assert found.gaps[0].record.raw == rest.rstrip("\n").encode()


def test_a_row_without_a_cell_says_nothing() -> None:
    """Spreadsheets end with such rows."""
    found = told(ANSWERS, HEADER + ROW + ",,,\n")
    assert (found.gaps, dict(found.out.passed)) == ([], {"a row without a cell": 1})


def test_an_encoding_is_named_and_never_guessed() -> None:
    """Windows-1252 read as UTF-8 is a gap that says so; with the encoding it is read."""
    file = (HEADER + ROW + f"r2,9,Müller,{AT}\n").encode("windows-1252")
    found = told(ANSWERS, file)
    assert (len(found.lines), found.reasons) == (1, ["not_text"])
    assert "windows-1252" in found.gaps[0].needs
    found = told('encoding = "windows-1252"\n' + ANSWERS, file)
    assert [each["account_id"] for each in found.data] == ["acme", "Müller"]


def test_a_header_that_is_no_text_is_refused() -> None:
    """No row can be read under it."""
    with pytest.raises(MappingError, match="windows-1252"):
        told(ANSWERS, "Id,Score,Company,When,Straße\n".encode("windows-1252"))


def test_an_empty_file_has_no_rows() -> None:
    """Nor has one of empty lines, or with a header alone."""
    for file in ("", "\n\n", HEADER):
        assert told(ANSWERS, file).records == 0
